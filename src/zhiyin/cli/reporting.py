"""`zhiyin report`: reports listed, made into files, published."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zhiyin.cli.columns import table
from zhiyin.cli.session import Session
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

if TYPE_CHECKING:
    from zhiyin.reports.models import Report

FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def command() -> None:
    """List reports, make PDF and slides of them, publish them."""


@command.command(name="list")
@click.pass_obj
def list_reports(session: Session) -> None:
    """List the reports of the workspace, and what was published of them."""
    slug = session.workspace.slug
    from zhiyin.reports import editions
    from zhiyin.reports.models import Report

    found = [
        editions.report_as_dict(one, editions.of(one, None))
        for one in Report.objects.filter(workspace__slug=slug)
    ]
    heads = [str(head) for head in (_("number"), _("title"), _("blocks"), _("published"))]

    def human() -> str:
        if not found:
            return str(_("There is no report yet; the page of reports begins one."))
        rows = [
            [str(one["number"]), one["title"], str(one["blocks"]), str(len(one["editions"]))]
            for one in found
        ]
        return table(heads, rows, "023")

    session.say({"reports": found}, human)


@command.command()
@click.argument("report", metavar="REPORT")
@click.option("--pdf", type=FILE, metavar="FILE", help="Where the PDF goes.")
@click.option("--pptx", type=FILE, metavar="FILE", help="Where the slides go.")
@click.pass_obj
def make(session: Session, report: str, pdf: Path | None, pptx: Path | None) -> None:
    """Make a report as it is now; nothing is kept of it.

    REPORT is its number or its title.
    """
    held = _named(session, report)
    if pdf is None and pptx is None and not session.is_json:
        raise Problem(
            "reports.where",
            _("It is not said where the report goes."),
            _("Add --pdf FILE or --pptx FILE, or --json for what it says."),
        )
    from zhiyin.reports import editions, files

    made = editions.draft(held, session.log)
    wanted = {"pdf": pdf, "pptx": pptx}
    written = {
        kind: _written(wanted[kind], maker(made))
        for kind, maker in files.MAKERS.items()
        if wanted[kind] is not None
    }
    session.say({"report": made.as_dict(), "files": written}, lambda: _said(written.values()))


@command.command()
@click.argument("report", metavar="REPORT")
@click.option("--pdf", type=FILE, metavar="FILE", help="Where a copy of the PDF goes.")
@click.option("--pptx", type=FILE, metavar="FILE", help="Where a copy of the slides goes.")
@click.pass_obj
def publish(session: Session, report: str, pdf: Path | None, pptx: Path | None) -> None:
    """Publish a report: what it says now stays, and is read on its page.

    REPORT is its number or its title.
    """
    held = _named(session, report)
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.reports import editions, files

    edition = editions.publish(by=COMMAND_LINE, report=held, log=session.log, data=session.data)
    wanted = {"pdf": pdf, "pptx": pptx}
    written = {
        kind: _written(
            wanted[kind],
            files.of(edition, kind, session.data, sees_personal_data=True).read_bytes(),
        )
        for kind in files.MAKERS
        if wanted[kind] is not None
    }
    said = _("{title} is published, number {number}.", title=held.title, number=edition.number)
    session.say(
        {**editions.as_dict(edition), "files": written},
        lambda: "\n".join([str(said), *([_said(written.values())] if written else [])]),
    )


def _named(session: Session, report: str) -> Report:
    slug = session.workspace.slug
    from zhiyin.reports import actions

    return actions.named(slug, report)


def _written(place: Path | None, held: bytes) -> str:
    """Write a file; the path as it was given."""
    assert place is not None  # noqa: S101 - asked for only where it was given
    try:
        place.write_bytes(held)
    except OSError as error:
        raise Problem(
            "reports.cannot-write",
            _("{file} cannot be written: {why}.", file=place, why=error.strerror or error),
            _("Name a file in a folder that is there and that you may write to."),
        ) from error
    return str(place)


def _said(written: Iterable[str]) -> str:
    return "\n".join(str(_("Written: {file}", file=file)) for file in written)
