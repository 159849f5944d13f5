"""`zhiyin target`: what measures should be, whether they are, and lists of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zhiyin.cli import lists
from zhiyin.cli.columns import table
from zhiyin.cli.session import Session
from zhiyin.kernel.figures import count, figure, interval
from zhiyin.kernel.text import _

if TYPE_CHECKING:
    from zhiyin.measure.targets import Verdict


@click.group()
def command() -> None:
    """Set targets and see which are reached, missed, or likely."""


@command.command("list")
@click.option("--period", metavar="P", help="A month, quarter or year: 2026-03, 2026-Q1, 2026.")
@click.option("--all", "is_all", is_flag=True, help="Of every period.")
@click.pass_obj
def list_command(session: Session, period: str | None, is_all: bool) -> None:
    """List the targets of today's periods, or of others, with their verdicts."""
    settings = session.workspace
    from zhiyin.measure import target_periods, targets

    if is_all:
        found = tuple(targets.verdict(session.log, settings, one) for one in targets.of(settings))
    else:
        days = target_periods.read(period, settings) if period else None
        found = targets.verdicts(session.log, settings, period=days)
    session.say({"targets": [one.as_dict() for one in found]}, lambda: _table(found))


@command.command("set")
@click.argument("metric")
@click.argument("period")
@click.argument("value", type=float)
@click.option("--unit", default="", metavar="KEY", help="A unit and all below it.")
@click.option("--kind", default="", metavar="K", help="Of answers.")
@click.option("--question", default="", metavar="Q", help="Only this question.")
@click.pass_obj
def set_command(session: Session, /, **asked: Any) -> None:
    """Set what METRIC should be in PERIOD: 2026-03, 2026-Q1, 2026 or two dates."""
    settings = session.workspace
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.measure import actions, targets

    wanted = actions.TargetAsked(**asked)
    row = actions.set_target(by=COMMAND_LINE, workspace=settings, asked=wanted)
    (held,) = targets.held(settings, [row])
    said = _("Target {number} is set.", number=held.number)
    session.say(held.as_dict(), lambda: str(said))


@command.command()
@click.argument("number", type=int)
@click.pass_obj
def remove(session: Session, number: int) -> None:
    """Remove the target of this number."""
    settings = session.workspace
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.measure import actions

    actions.remove_target(by=COMMAND_LINE, workspace=settings, number=number)
    said = _("Target {number} is removed.", number=number)
    session.say({"number": number, "removed": True}, lambda: str(said))


@command.command("import")
@lists.FILE
@click.option("--dry-run", is_flag=True, help="Look at the list, and set nothing.")
@click.pass_obj
def import_command(session: Session, file: Path, dry_run: bool) -> None:
    """Set all targets of a CSV list, or none where a line is wrong."""
    settings = session.workspace
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.measure import actions, target_lists

    found = target_lists.preview(file.read_bytes(), settings)

    def set_all() -> None:
        actions.set_targets(by=COMMAND_LINE, workspace=settings, asked=found.asked)

    said = _("{new} new, {changed} with another value, {same} as they are.", **found.counts)
    lists.bring_in(session, found.faults, None if dry_run else set_all, found.counts, said)


@command.command()
@lists.OUTPUT
@click.pass_obj
def export(session: Session, output: Path) -> None:
    """Write all targets to a CSV list that can be imported again."""
    settings = session.workspace
    from zhiyin.measure import target_lists, targets

    found = targets.of(settings)
    lists.write(session, output, target_lists.write(found), len(found))


def _table(found: tuple[Verdict, ...]) -> str:
    from zhiyin.measure.verdict_words import chance_words, verdict_words

    if not found:
        return str(_("There is no target for this period; `zhiyin target set` sets one."))
    heads = [
        "", _("Measure"), _("Unit"), _("Period"), _("Target"), _("Figure"), _("Interval"), "n",
        _("Verdict"), _("Chance"),
    ]  # fmt: skip
    rows = [
        [
            str(one.target.number),
            " ".join(
                p for p in (one.target.metric.slug, one.target.kind, one.target.question) if p
            ),
            one.target.unit_name or str(_("the whole company")),
            one.target.period,
            figure(one.target.value, one.target.metric.unit),
            figure(one.value, one.target.metric.unit),
            interval(one.low, one.high, one.target.metric.unit),
            count(one.n),
            str(one.problem.message if one.problem else verdict_words(one)),
            chance_words(one),
        ]
        for one in found
    ]
    return table([str(head) for head in heads], rows, "0457")
