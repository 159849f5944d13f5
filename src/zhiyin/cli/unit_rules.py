"""`zhiyin unit-rule`: which unit a fact is of that came without one."""

from __future__ import annotations

import click

from zhiyin.cli import rules as both
from zhiyin.cli.session import Session

_kind = click.option(
    "--table", default="", help="Only facts of this table, e.g. answers (default: all that fit)."
)


@click.group()
def command() -> None:
    """List, add, move, remove and try unit rules: filters that give facts their unit."""


@command.command(name="list")
@click.pass_obj
def list_rules(session: Session) -> None:
    """List the unit rules in order: the first that holds decides."""
    both.shown(session, "unit", session.log.rules(session.workspace.slug, "unit"))


@command.command()
@click.argument("where")
@click.argument("unit")
@_kind
@both.PLACE
@click.pass_obj
def add(session: Session, where: str, unit: str, table: str, place: int | None) -> None:
    """Add a rule: facts for which WHERE holds are of UNIT, where they name none themselves."""
    both.added(session, "unit", both.rule(session, where, unit, table), place)


@command.command()
@click.argument("place", type=click.IntRange(1))
@click.argument("to", type=click.IntRange(1))
@click.pass_obj
def move(session: Session, place: int, to: int) -> None:
    """Move the rule at PLACE to the place TO."""
    both.moved(session, "unit", place, to)


@command.command()
@click.argument("place", type=click.IntRange(1))
@click.pass_obj
def remove(session: Session, place: int) -> None:
    """Remove the rule at PLACE, and say how to put it back."""
    both.removed(session, "unit", place)


@command.command()
@click.argument("which", type=click.Choice(["rules-first", "facts-first"]))
@click.pass_obj
def order(session: Session, which: str) -> None:
    """Say what decides where a fact names a unit of its own: facts-first keeps it."""
    edit = both.edit(session, "unit")
    from zhiyin.collect import rules

    rules.put_first(edit, come_first=which == "rules-first")
    both.shown(session, "unit", edit.rules())


@command.command()
@click.argument("where")
@_kind
@both.PLACE
@click.pass_obj
def preview(session: Session, where: str, table: str, place: int | None) -> None:
    """Count what a rule would catch of the last 30 days, by kind of facts; change nothing."""
    both.previewed(session, "unit", both.rule(session, where, "", table), place)
