"""What `zhiyin unit-rule` and `zhiyin touchpoint-rule` do alike."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import click

from zhiyin.cli.columns import table as in_columns
from zhiyin.cli.session import Session
from zhiyin.kernel.text import Text, _

if TYPE_CHECKING:
    from zhiyin.collect.rules import Edit
    from zhiyin.warehouse.rules import Rule, Ruled, Rules

PLACE = click.option("--place", type=click.IntRange(1), help="Where in the list (default: last).")

NONE: dict[Ruled, Text] = {
    "unit": _("There is no unit rule yet; `zhiyin unit-rule add` makes one."),
    "touchpoint": _("There is no touchpoint rule yet; `zhiyin touchpoint-rule add` makes one."),
}
FIRST: dict[Ruled, tuple[Text, Text]] = {
    "unit": (
        _("Facts that name a unit of their own keep it."),
        _("The rules hold for facts that name a unit of their own, too."),
    ),
    "touchpoint": (
        _("Events that name a touchpoint of their own keep it."),
        _("The rules hold for events that name a touchpoint of their own, too."),
    ),
}


def rule(session: Session, where: str, gives: str, table: str = "") -> Rule:
    """A rule as it was typed, in the workspace's time zone."""
    zone = session.workspace.timezone
    from zhiyin.warehouse.rules import Rule

    return Rule(where, gives, zone, table)


def edit(session: Session, column: Ruled) -> Edit:
    """An edit of the rules of a column as they are."""
    workspace = session.workspace
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.collect.rules import Edit

    return Edit(COMMAND_LINE, session.log, workspace, column)


def shown(session: Session, column: Ruled, found: Rules) -> None:
    """Say the rules in order."""
    session.start_django()
    from zhiyin.collect import rules

    session.say(rules.as_dict(found, column), lambda: human(column, found))


def added(session: Session, column: Ruled, asked: Rule, place: int | None) -> None:
    """Add a rule at a place (from 1; None: last), and say the rules."""
    change = edit(session, column)
    from zhiyin.collect import rules

    rules.add(change, asked, place=None if place is None else place - 1)
    shown(session, column, change.rules())


def moved(session: Session, column: Ruled, place: int, to: int) -> None:
    """Move the rule at a place (from 1) to another, and say the rules."""
    change = edit(session, column)
    from zhiyin.collect import rules

    rules.move(change, place - 1, to=to - 1)
    shown(session, column, change.rules())


def removed(session: Session, column: Ruled, place: int) -> None:
    """Remove the rule at a place (from 1), and say how to put it back."""
    asked = edit(session, column)
    from zhiyin.collect import rules

    gone = rules.remove(asked, place - 1)
    after = asked.rules()
    said = _(
        "The rule for {gives} is gone. To put it back: {command}",
        gives=gone.gives,
        command=_again(column, gone, place),
    )
    session.say(rules.as_dict(after, column), lambda: f"{said}\n{human(column, after)}")


def previewed(session: Session, column: Ruled, asked: Rule, place: int | None) -> None:
    """Say what a rule would catch of the last 30 days; nothing changes."""
    slug = session.workspace.slug
    from zhiyin.collect import caught

    at = None if place is None else place - 1
    previews = caught.preview(session.log, slug, column, asked, place=at, instead=False)
    found = [one.as_dict(column) for one in previews]
    heads = [_("kind"), _("facts"), _("customers"), _("with a word of their own")]
    named = ("table", "facts", "customers", "own")

    def said() -> str:
        if not found:
            return str(_("No fact of a kind that this rule is about has come yet."))
        rows = [[str(one[name]) for name in named] for one in found]
        return in_columns([str(head) for head in heads], rows)

    session.say({"kinds": found}, said)


def human(column: Ruled, found: Rules) -> str:
    """The rules as a table, and what comes first."""
    if not len(found):
        return str(NONE[column])
    heads = [_("place"), _("unit") if column == "unit" else _("touchpoint"), _("table"), _("where")]
    rows = [
        [str(place), one.gives, one.table or "*", one.where]
        for place, one in enumerate(found, start=1)
    ]
    return f"{in_columns([str(head) for head in heads], rows)}\n{FIRST[column][found.come_first]}"


def _again(column: Ruled, gone: Rule, place: int) -> str:
    words = ["zhiyin", f"{column}-rule", "add", gone.where, gone.gives, "--place", str(place)]
    return shlex.join([*words, *(["--table", gone.table] if gone.table else [])])
