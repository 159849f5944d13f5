"""The audit log: who did what, when and from where."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Literal

from django.http import FileResponse, HttpResponse
from ninja import Query, Router
from pydantic import Field

from zhiyin.accounts import trail
from zhiyin.accounts.rights import Right
from zhiyin.api.answers import page, read
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.workspace import AuditPage
from zhiyin.api.operations.files import files
from zhiyin.api.operations.parameters import Asking, Day, Paging, gives
from zhiyin.kernel.periods import day_start
from zhiyin.kernel.text import _
from zhiyin.web import audit_file

router = Router(tags=["organisation"], by_alias=True)


class EntriesAsked(Asking):
    """Which entries."""

    text: str = Field(default="", max_length=200)
    action: str = Field(default="", max_length=64)
    start: Day | None = Field(default=None, alias="from", description=str(_("The first day.")))
    end: Day | None = Field(
        default=None, alias="to", description=str(_("The day after the last day."))
    )


class AuditAsked(EntriesAsked, Paging):
    """Which entries, page by page."""


class AuditFileAsked(EntriesAsked):
    """Which entries, in what form."""

    format: Literal["csv", "xlsx"] = "csv"


@router.get(
    "/audit", auth=may(Right.SEE_AUDIT, personal=True), response=gives(AuditPage),
    operation_id="audit", summary=str(_("Who did what, newest first")),
)  # fmt: skip
def audit(request: Asked, asked: Query[AuditAsked]) -> HttpResponse:
    """What programs did is here too, under the name of their key."""
    found = trail.page(
        request.auth.slug,
        _asked(request, asked),
        before=read(asked.cursor, int),
        limit=asked.limit,
    )
    return page([trail.as_dict(one) for one in found.entries], found.older)


@router.get(
    "/audit/export", auth=may(Right.SEE_AUDIT, personal=True), response={200: None},
    operation_id="export_audit", openapi_extra=files("csv", "xlsx"),
    summary=str(_("The audit log as a file")),
)  # fmt: skip
def export(request: Asked, asked: Query[AuditFileAsked]) -> FileResponse:
    """The file of the page; that it was taken out is an entry, too."""
    caller = request.auth
    return audit_file.download(caller.workspace, _asked(request, asked), asked.format, by=caller.by)


def _asked(request: Asked, asked: EntriesAsked) -> trail.Asked:
    return trail.Asked(
        text=asked.text,
        action=asked.action,
        start=_midnight(request, asked.start),
        end=_midnight(request, asked.end),
    )


def _midnight(request: Asked, day: date | None) -> datetime | None:
    if day is None:
        return None
    return day_start(day, request.auth.workspace.timezone).replace(tzinfo=UTC)
