"""`zhiyin touchpoint-rule`: at which touchpoint an event was that came without one."""

from __future__ import annotations

import click

from zhiyin.cli import rules as both
from zhiyin.cli.session import Session


@click.group()
def command() -> None:
    """List, add, move, remove and try touchpoint rules: filters that give events theirs."""


@command.command(name="list")
@click.pass_obj
def list_rules(session: Session) -> None:
    """List the touchpoint rules in order: the first that holds decides."""
    found = session.log.rules(session.workspace.slug, "touchpoint")
    both.shown(session, "touchpoint", found)


@command.command()
@click.argument("where")
@click.argument("touchpoint")
@both.PLACE
@click.pass_obj
def add(session: Session, where: str, touchpoint: str, place: int | None) -> None:
    """Add a rule: events for which WHERE holds were at TOUCHPOINT, where they name none."""
    both.added(session, "touchpoint", both.rule(session, where, touchpoint), place)


@command.command()
@click.argument("place", type=click.IntRange(1))
@click.argument("to", type=click.IntRange(1))
@click.pass_obj
def move(session: Session, place: int, to: int) -> None:
    """Move the rule at PLACE to the place TO."""
    both.moved(session, "touchpoint", place, to)


@command.command()
@click.argument("place", type=click.IntRange(1))
@click.pass_obj
def remove(session: Session, place: int) -> None:
    """Remove the rule at PLACE, and say how to put it back."""
    both.removed(session, "touchpoint", place)


@command.command()
@click.argument("where")
@both.PLACE
@click.pass_obj
def preview(session: Session, where: str, place: int | None) -> None:
    """Count what a rule would catch of the events of the last 30 days; change nothing."""
    both.previewed(session, "touchpoint", both.rule(session, where, ""), place)
