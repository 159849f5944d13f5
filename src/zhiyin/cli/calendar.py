"""`zhiyin calendar`: what happened on which days, and to whom."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from zhiyin.cli import lists
from zhiyin.cli.columns import table
from zhiyin.cli.session import Session
from zhiyin.kernel.text import _

DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def command() -> None:
    """Mark days, list them, and choose whose holidays figures are read with."""


@command.command("list")
@click.option("--from", "start", type=DAY, metavar="DATE", help="The first day.")
@click.option("--to", "end", type=DAY, metavar="DATE", help="The day after the last day.")
@click.option("--text", default="", help="Only marks with this in their name or touchpoint.")
@click.option("--holidays", "has_holidays", is_flag=True,
              help="Public holidays and festivals too; needs --from and --to.")  # fmt: skip
@click.pass_obj
def list_command(
    session: Session,
    start: datetime | None,
    end: datetime | None,
    text: str,
    has_holidays: bool,
) -> None:
    """List what is marked, newest first."""
    settings = session.workspace
    from zhiyin.kernel.errors import Problem
    from zhiyin.measure import calendar

    first, until = (None if moment is None else moment.date() for moment in (start, end))
    found = calendar.of(settings, text=text, start=first, end=until)
    days: tuple[calendar.Dated, ...] = ()
    if has_holidays:
        if first is None or until is None:
            raise Problem(
                "calendar.which-days",
                _("Holidays are listed between two days."),
                _("Give --from and --to."),
            )
        days = calendar.holidays_within(settings, first, until)
    document = {
        "marks": [one.as_dict() for one in found],
        "holidays": [one.as_dict() for one in days],
    }
    rows = [
        [str(one.number), f"{one.first}", f"{one.last}", str(one.kind_words), one.name, one.made_by]
        for one in found
    ]
    rows += [["", f"{one.first}", f"{one.last}", "", one.name, ""] for one in days]
    heads = ["", _("The first day"), _("The last day"), _("Kind"), _("Name"), _("Marked by")]

    def human() -> str:
        if not rows:
            return str(_("Nothing is marked here; `zhiyin calendar add` marks days."))
        return table([str(head) for head in heads], rows, "0")

    session.say(document, human)


@command.command()
@click.argument("name")
@click.argument("kind")
@click.argument("first", type=DAY)
@click.argument("last", type=DAY, required=False)
@click.option("--unit", default="", metavar="KEY", help="It concerned a unit and all below it.")
@click.option("--touchpoint", default="", help="It concerned a touchpoint.")
@click.option(
    "--where", default="", metavar="EXPR", help="It concerned facts for which this holds."
)
@click.option("--about", multiple=True, metavar="ID", help="It concerned this order or flight.")
@click.option("--customer", "customers", multiple=True, metavar="ID",
              help="It concerned this customer.")  # fmt: skip
@click.pass_obj
def add(
    session: Session,
    name: str,
    kind: str,
    first: datetime,
    last: datetime | None,
    unit: str,
    touchpoint: str,
    where: str,
    about: tuple[str, ...],
    customers: tuple[str, ...],
) -> None:
    """Mark the days from FIRST to LAST, both included.

    KIND is incident, campaign, holiday, process, survey or gap.
    """
    settings = session.workspace
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.measure import actions, calendar

    asked = actions.MarkAsked(
        name=name,
        kind=kind,
        first=first.date(),
        last=(last or first).date(),
        unit=unit,
        touchpoint=touchpoint,
        where=where,
        about=about,
        customers=customers,
    )
    row = actions.add_mark(by=COMMAND_LINE, workspace=settings, asked=asked)
    (held,) = calendar.held(settings, [row])
    said = _("Mark {number} is in the calendar.", number=held.number)
    session.say(held.as_dict(), lambda: str(said))


@command.command()
@click.argument("number", type=int)
@click.pass_obj
def remove(session: Session, number: int) -> None:
    """Remove the mark of this number."""
    settings = session.workspace
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.measure import actions

    gone = actions.remove_mark(by=COMMAND_LINE, workspace=settings, number=number)
    said = _("“{name}” is out of the calendar.", name=gone.name)
    session.say({"number": number, "removed": True}, lambda: str(said))


@command.command("import")
@lists.FILE
@click.option("--dry-run", is_flag=True, help="Look at the list, and mark nothing.")
@click.pass_obj
def import_command(session: Session, file: Path, dry_run: bool) -> None:
    """Mark all days of a CSV list, or none where a line is wrong."""
    settings = session.workspace
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.measure import actions, mark_lists

    found = mark_lists.preview(file.read_bytes(), settings)

    def add_all() -> None:
        actions.add_marks(by=COMMAND_LINE, workspace=settings, asked=found.asked)

    said = _("{new} new, {same} are there already.", **found.counts)
    lists.bring_in(session, found.faults, None if dry_run else add_all, found.counts, said)


@command.command()
@lists.OUTPUT
@click.pass_obj
def export(session: Session, output: Path) -> None:
    """Write all marks to a CSV list that can be imported again."""
    settings = session.workspace
    from zhiyin.measure import calendar, mark_lists

    found = calendar.of(settings)
    lists.write(session, output, mark_lists.write(found, sees_it=True), len(found))


@command.command()
@click.argument("country", required=False)
@click.option("--lunar/--no-lunar", default=None,
              help="The festivals of the Chinese lunar calendar.")  # fmt: skip
@click.pass_obj
def holidays(session: Session, country: str | None, lunar: bool | None) -> None:
    """Say or choose whose holidays are shown: COUNTRY is two letters, or none."""
    settings = session.workspace
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.measure import actions, calendar

    chosen = calendar.holidays_of(settings)
    if country is not None or lunar is not None:
        wanted = chosen.country if country is None else country
        actions.choose_holidays(
            by=COMMAND_LINE,
            workspace=settings,
            country="" if wanted.casefold() == "none" else wanted,
            lunar=chosen.lunar if lunar is None else lunar,
        )
        chosen = calendar.holidays_of(settings)
    coming = calendar.holidays_coming(settings)
    document = chosen.as_dict(coming)
    said = _(
        "Public holidays: {country}. Festivals of the lunar calendar: {lunar}.",
        country=chosen.country or _("none"),
        lunar=_("yes") if chosen.lunar else _("no"),
    )
    rows = [[f"{one.first}", f"{one.last}", one.name] for one in coming]
    session.say(document, lambda: f"{said}\n{table(['', '', ''], rows) if rows else ''}")
