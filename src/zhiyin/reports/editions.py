"""Published reports 已发布的报告: frozen when they are published, read by whom they may be read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.workspaces import of as settings_of
from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter, render
from zhiyin.kernel.text import _
from zhiyin.reports import blocks, content, files, making
from zhiyin.reports.making import Maker
from zhiyin.reports.models import Edition, Report, Sending
from zhiyin.warehouse.log import Log
from zhiyin.warehouse.scoped import scoped


def maker(report: Report, log: Log, scope: Filter | None) -> Maker:
    """For readers of a scope, now.

    Args:
        log: of the whole workspace, or narrowed to `scope` already.
    """
    said = "" if scope is None else render(scope)
    return Maker(scoped(log, scope), settings_of(report.workspace), clock.now(), said)


def draft(report: Report, log: Log, scope: Filter | None = None) -> content.Content:
    """A report as it would be published now."""
    return making.make(
        maker(report, log, scope),
        title=report.title,
        language=report.language,
        given=blocks.read(report.blocks),
    )


def publish(
    *,
    by: Actor,
    report: Report,
    log: Log,
    data: Path,
    scope: Filter | None = None,
    sending: Sending | None = None,
) -> Edition:
    """Freeze a report as it is now, with its files.

    The figures are asked outside of the transaction that stores them.

    Args:
        scope: of what its readers may see; None is everything.
        sending: for which time of a schedule, at which each scope is published once.

    Raises:
        Problem: ``reports.empty``; the log is away.
    """
    if not report.blocks:
        raise Problem(
            "reports.empty",
            _("There is nothing in this report yet."),
            _("Put a figure or words into it first."),
        )
    asked = maker(report, log, scope)
    made = making.make(
        asked, title=report.title, language=report.language, given=blocks.read(report.blocks)
    )
    with transaction.atomic():
        # Two who publish at the same moment take two numbers.
        held = Report.objects.select_for_update().get(pk=report.pk)
        last = held.editions.aggregate(last=Max("number"))["last"] or 0
        edition = Edition.objects.create(
            report=held,
            number=last + 1,
            scope=asked.scope,
            as_of=asked.at.replace(tzinfo=UTC),
            published_by=by.name,
            published_at=timezone.now(),
            content=content.write(made),
            sending=sending,
        )
        audit.record(
            by=by, action="report.published", subject=held.title,
            workspace=held.workspace.slug,
            after={"number": edition.number, "scope": asked.scope},
        )  # fmt: skip
    _leave_out_the_erased(edition, asked, made)
    for kind in files.MAKERS:
        for sees_personal_data in (True, False):
            files.of(edition, kind, data, sees_personal_data=sees_personal_data)
    return edition


def _leave_out_the_erased(edition: Edition, asked: Maker, made: content.Content) -> None:
    """Take out what was erased while this was made: the walk of places may have been here before.

    An erasure makes rows unreadable first and walks the places after, so what is read once more
    now was either not erased, or is found by a walk that is still to come.
    """
    rows = tuple(quote.row for quote in made.quotes() if not quote.gone)
    unreadable = set(rows) - making.readable(asked, rows)
    if unreadable:
        edition.content = content.write(content.without(made, unreadable))
        edition.save(update_fields=["content"])


def of(report: Report, scope: Filter | None) -> list[Edition]:
    """What was published for readers of a scope, the newest first."""
    said = "" if scope is None else render(scope)
    return list(report.editions.filter(scope=said).select_related("report__workspace"))


def get(workspace: str, report: int, number: int, scope: Filter | None) -> Edition:
    """A published report, if it was published for readers of this scope.

    Raises:
        Problem: ``reports.no-edition``.
    """
    said = "" if scope is None else render(scope)
    found = Edition.objects.filter(
        report__workspace__slug=workspace, report__id=report, number=number, scope=said
    )
    edition = found.select_related("report__workspace").first()
    if edition is None:
        raise Problem(
            "reports.no-edition",
            _("Nothing was published under this number for what you may see."),
            _("The page of the report lists what was."),
        )
    return edition


def shown(edition: Edition, *, sees_personal_data: bool) -> content.Content:
    """What a reader is shown of it."""
    held = content.read(edition.content)
    return held if sees_personal_data else content.masked(held)


def sweep(workspace: str, editions: Iterable[int], data: Path) -> None:
    """Remove the files of editions that were removed."""
    gone = {str(number) for number in editions}
    for place in files.folders(workspace, data):
        if place.name in gone:
            files.clear(place)


def report_as_dict(report: Report, published: Iterable[Edition]) -> dict[str, Any]:
    """A report as the command line and the API write it."""
    return {
        "number": report.pk,
        "title": report.title,
        "language": report.language,
        "blocks": len(report.blocks),
        "made_by": report.made_by,
        "changed_at": report.changed_at,
        "editions": [as_dict(edition) for edition in published],
    }


def draft_as_dict(report: Report) -> dict[str, Any]:
    """A report that is being made as the API writes it: references and words, no values."""
    return {
        "number": report.pk,
        "title": report.title,
        "language": report.language,
        "blocks": blocks.write(blocks.read(report.blocks)),
        "can_put_back": bool(report.removed),
    }


def as_dict(edition: Edition) -> dict[str, Any]:
    """A published report, without what it says."""
    return {
        "number": edition.number,
        "published_at": edition.published_at,
        "published_by": edition.published_by,
        "as_of": edition.as_of,
        "scope": edition.scope or None,
    }
