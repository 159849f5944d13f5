"""`zhiyin unit-rule`: which unit a fact is of that came without one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from zhiyin.cli.columns import table as in_columns
from zhiyin.cli.session import Session
from zhiyin.kernel.text import _

if TYPE_CHECKING:
    from zhiyin.collect.rules import Edit
    from zhiyin.warehouse.rules import Rule, Rules

_kind = click.option(
    "--table", default="", help="Only facts of this table, e.g. answers (default: all that fit)."
)
_place = click.option("--place", type=click.IntRange(1), help="Where in the list (default: last).")


@click.group()
def command() -> None:
    """List, add, move, remove and try unit rules: filters that give facts their unit."""


@command.command(name="list")
@click.pass_obj
def list_rules(session: Session) -> None:
    """List the unit rules in order: the first that holds decides."""
    _shown(session, session.log.rules(session.workspace.slug, "unit"))


@command.command()
@click.argument("where")
@click.argument("unit")
@_kind
@_place
@click.pass_obj
def add(session: Session, where: str, unit: str, table: str, place: int | None) -> None:
    """Add a rule: facts for which WHERE holds are of UNIT, where they name none themselves."""
    edit = _edit(session)
    from zhiyin.collect import rules

    rule = _rule(session, where, unit, table)
    rules.add(edit, rule, place=None if place is None else place - 1)
    _shown(session, edit.rules())


@command.command()
@click.argument("place", type=click.IntRange(1))
@click.argument("to", type=click.IntRange(1))
@click.pass_obj
def move(session: Session, place: int, to: int) -> None:
    """Move the rule at PLACE to the place TO."""
    edit = _edit(session)
    from zhiyin.collect import rules

    rules.move(edit, place - 1, to=to - 1)
    _shown(session, edit.rules())


@command.command()
@click.argument("place", type=click.IntRange(1))
@click.pass_obj
def remove(session: Session, place: int) -> None:
    """Remove the rule at PLACE, and say how to put it back."""
    edit = _edit(session)
    from zhiyin.collect import rules

    gone = rules.remove(edit, place - 1)
    after = edit.rules()

    def human() -> str:
        said = _(
            "The rule for {unit} is gone. To put it back: {command}",
            unit=gone.gives,
            command=_again(gone, place),
        )
        return f"{said}\n{_human(after)}"

    session.say(rules.as_dict(after, "unit"), human)


@command.command()
@click.argument("which", type=click.Choice(["rules-first", "facts-first"]))
@click.pass_obj
def order(session: Session, which: str) -> None:
    """Say what decides where a fact names a unit of its own: facts-first keeps it."""
    edit = _edit(session)
    from zhiyin.collect import rules

    rules.put_first(edit, come_first=which == "rules-first")
    _shown(session, edit.rules())


@command.command()
@click.argument("where")
@_kind
@_place
@click.pass_obj
def preview(session: Session, where: str, table: str, place: int | None) -> None:
    """Count what a rule would catch of the last 30 days, by kind of facts; change nothing."""
    slug, rule = session.workspace.slug, _rule(session, where, "", table)
    from zhiyin.collect import caught

    at = None if place is None else place - 1
    found = [
        one.as_dict("unit")
        for one in caught.preview(session.log, slug, "unit", rule, place=at, instead=False)
    ]
    heads = [_("kind"), _("facts"), _("customers"), _("with a unit of their own")]
    named = ("table", "facts", "customers", "own")

    def human() -> str:
        if not found:
            return str(_("No fact of a kind that this rule is about has come yet."))
        rows = [[str(one[name]) for name in named] for one in found]
        return in_columns([str(head) for head in heads], rows)

    session.say({"kinds": found}, human)


def _rule(session: Session, where: str, unit: str, table: str) -> Rule:
    zone = session.workspace.timezone
    from zhiyin.warehouse.rules import Rule

    return Rule(where, unit, zone, table)


def _edit(session: Session) -> Edit:
    workspace = session.workspace
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.collect.rules import Edit

    return Edit(COMMAND_LINE, session.log, workspace, "unit")


def _shown(session: Session, found: Rules) -> None:
    session.start_django()
    from zhiyin.collect import rules

    session.say(rules.as_dict(found, "unit"), lambda: _human(found))


def _human(found: Rules) -> str:
    if not len(found):
        return str(_("There is no unit rule yet; `zhiyin unit-rule add` makes one."))
    heads = [_("place"), _("unit"), _("table"), _("where")]
    rows: list[list[Any]] = [
        [str(place), one.gives, one.table or "*", one.where]
        for place, one in enumerate(found, start=1)
    ]
    first = (
        _("The rules hold for facts that name a unit of their own, too.")
        if found.come_first
        else _("Facts that name a unit of their own keep it.")
    )
    return f"{in_columns([str(head) for head in heads], rows)}\n{first}"


def _again(gone: Rule, place: int) -> str:
    import shlex

    words = ["zhiyin", "unit-rule", "add", gone.where, gone.gives, "--place", str(place)]
    return shlex.join([*words, *(["--table", gone.table] if gone.table else [])])
