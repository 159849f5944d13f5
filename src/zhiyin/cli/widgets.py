"""`zhiyin widget`: rules by which companies' own sites show surveys."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from zhiyin.cli.columns import table
from zhiyin.cli.session import Session
from zhiyin.kernel.text import Text, _

if TYPE_CHECKING:
    from zhiyin.collect.widgets.models import WidgetRule


@click.group()
def command() -> None:
    """Show surveys on companies' own sites, by rules: page, event, segment, share, delay."""


@command.command("list")
@click.option("--survey", default="", metavar="KEY", help="Only the rules of this survey.")
@click.pass_obj
def list_command(session: Session, survey: str) -> None:
    """List the rules of the widget."""
    slug = session.workspace.slug
    from zhiyin.collect.widgets import kept

    found = [kept.as_dict(one) for one in kept.of(slug, survey)]
    session.say({"widget_rules": found}, lambda: _table(found))


@command.command()
@click.argument("name")
@click.pass_obj
def show(session: Session, name: str) -> None:
    """Show the rule NAME with all its parts."""
    slug = session.workspace.slug
    from zhiyin.collect.widgets import kept

    document = kept.as_dict(kept.get(slug, name))
    session.say(document, lambda: json.dumps(document["rule"], ensure_ascii=False, indent=2))


@command.command("set")
@click.argument("name")
@click.argument("parts", nargs=-1, metavar="[PART=VALUE]...")
@click.option("--survey", default="", metavar="KEY", help="Which one a new rule shows.")
@click.option("--on", "is_on", is_flag=True, help="Let it ask at once.")
@click.pass_obj
def set_command(
    session: Session, name: str, parts: tuple[str, ...], survey: str, is_on: bool
) -> None:
    """Make the rule NAME, or change parts of it, such as pages=/checkout/* percent=20.

    Lists have commas; a part without a value is as usual again. A new rule is off.
    """
    slug = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.collect.widgets import actions, definition, kept

    held = kept.of(slug).filter(name=name).first()
    if held is None and not survey:
        raise click.UsageError(str(_("A new rule needs --survey: which one it shows.")))
    before = {} if held is None else kept.rule(held).as_dict()
    says = {**before, **definition.from_words(parts)}
    key = survey or (held.survey.key if held else "")
    made = actions.put(by=COMMAND_LINE, workspace=slug, survey=key, name=name, says=says)
    if is_on:
        made = actions.switch(by=COMMAND_LINE, workspace=slug, name=name, is_on=True)
    _say(session, made, _("The rule {name} is kept.", name=name))


@command.command()
@click.argument("name")
@click.pass_obj
def on(session: Session, name: str) -> None:
    """Let the rule NAME ask visitors, within a minute."""
    _switch(session, name, is_on=True)


@command.command()
@click.argument("name")
@click.pass_obj
def off(session: Session, name: str) -> None:
    """Let the rule NAME ask nobody any more."""
    _switch(session, name, is_on=False)


@command.command()
@click.argument("name")
@click.pass_obj
def remove(session: Session, name: str) -> None:
    """Take the rule NAME out; what it asked stays in the log."""
    slug = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.collect.widgets import actions

    actions.remove(by=COMMAND_LINE, workspace=slug, name=name)
    said = _("The rule {name} is removed.", name=name)
    session.say({"name": name, "removed": True}, lambda: str(said))


@command.command()
@click.pass_obj
def snippet(session: Session) -> None:
    """Give the line that a site puts into its pages, and what its content policy must allow.

    It begins with ZHIYIN_PUBLIC_URL, which must be the server's.
    """
    slug = session.workspace.slug
    from zhiyin.collect.widgets import placing

    document = placing.snippet(slug)
    session.say(document, lambda: "\n".join((document["line"], document["policy"])))


@command.command("proof-key")
@click.pass_obj
def proof_key(session: Session) -> None:
    """Give the secret with which the site's server says who its customer is.

    The proof is HMAC-SHA256 of her id under this key, in hexadecimal. Rules with a segment need it.
    """
    slug = session.workspace.slug
    from zhiyin.collect.widgets import placing

    key = placing.proof_key(slug)
    session.say({"proof_key": key}, lambda: key)


def _switch(session: Session, name: str, *, is_on: bool) -> None:
    slug = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.collect.widgets import actions

    held = actions.switch(by=COMMAND_LINE, workspace=slug, name=name, is_on=is_on)
    said = _("The rule {name} is on.", name=name) if is_on else _(
        "The rule {name} is off.", name=name
    )  # fmt: skip
    _say(session, held, said)


def _say(session: Session, held: WidgetRule, said: Text) -> None:
    from zhiyin.collect.widgets import kept

    session.say(kept.as_dict(held), lambda: str(said))


def _table(found: list[dict[str, Any]]) -> str:
    if not found:
        return str(_("The widget has no rule yet; `zhiyin widget set` makes one."))
    heads = [_("rule"), _("survey"), _("state"), _("place"), _("sites")]
    rows = [
        [
            one["name"],
            one["survey"],
            str(_("switched on") if one["is_on"] else _("switched off")),
            one["rule"]["place"],
            ", ".join(one["rule"]["origins"]),
        ]
        for one in found
    ]
    return table([str(head) for head in heads], rows)
