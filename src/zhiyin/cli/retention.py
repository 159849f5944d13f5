"""`zhiyin retention`: how long each kind of data is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from zhiyin.cli.columns import table
from zhiyin.cli.session import Session
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.figures import count
from zhiyin.kernel.text import _


@click.group()
def command() -> None:
    """Show and say how long each kind of data is kept."""


@command.command()
@click.pass_obj
def show(session: Session) -> None:
    """Show how many months each kind is kept; what is not listed is kept for good."""
    slug = session.workspace.slug
    from zhiyin.unify import documents, rules

    kept = documents.retention(rules.retention(slug))
    session.say({"kept": kept}, lambda: _human(kept))


@command.command("set")
@click.argument("kinds", nargs=-1, metavar="[KIND=MONTHS]...")
@click.option("--dry-run", is_flag=True, help="Count what would go, and change nothing.")
@click.pass_obj
def set_command(session: Session, kinds: tuple[str, ...], dry_run: bool) -> None:
    """Say what is kept how long, in the place of all that was said before.

    KIND is a table of the log, such as orders, or events: and a pattern of event names, such as
    events:Page*. It takes effect in the coming night; without any KIND all is kept for good.
    """
    slug, months = session.workspace.slug, dict(map(_read, kinds))
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.unify import documents, rules

    kept = documents.retention(months)
    if dry_run:
        going = rules.going(session.log, slug, months)
        rows = [[name, count(n)] for name, n in sorted(going.items())]
        heads = [str(_("table")), str(_("rows that would go"))]
        session.say({"kept": kept, "going": going}, lambda: table(heads, rows, "1"))
        return
    rules.keep(by=COMMAND_LINE, workspace=slug, months=months)
    session.say({"kept": kept}, lambda: _human(kept))


def _read(text: str) -> tuple[tuple[str, str], int]:
    kind, _equals, number = text.rpartition("=")
    name, _colon, pattern = kind.partition(":")
    if not name or not number.isdecimal() or len(number) > 5:
        raise Problem(
            "rights.retention",
            _("“{text}” does not say what is kept how long.", text=text),
            _("Write a table and months, such as orders=36 or events:Page*=12."),
        )
    return (name, pattern), int(number)


def _human(kept: Sequence[Mapping[str, Any]]) -> str:
    if not kept:
        return str(_("Everything is kept for good."))
    heads = [str(head) for head in (_("table"), _("event names"), _("months"))]
    return table(heads, [[one["table"], one["pattern"], str(one["months"])] for one in kept], "2")
