"""Reports: which there are, begun and removed; what was published of them, and its files."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Router

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.reports import (
    ChangesDocument,
    DraftDocument,
    EditionDocument,
    ReportDocument,
    ReportGiven,
    ReportsDocument,
)
from zhiyin.api.once import once
from zhiyin.api.operations.parameters import ONCE, gives
from zhiyin.kernel.text import _
from zhiyin.reports import actions, changes, editions, files
from zhiyin.reports.models import Edition, Report

router = Router(tags=["reports"], by_alias=True)

FILES: dict[str, Any] = {
    "responses": {
        200: {
            "content": {
                kind: {"schema": {"type": "string", "format": "binary"}}
                for kind in files.TYPES.values()
            }
        }
    }
}
"""A file is none of the documents."""


@router.get(
    "/reports", auth=may(Right.SEE_FIGURES), response=gives(ReportsDocument),
    operation_id="reports", summary=str(_("Reports, and what was published of them")),
)  # fmt: skip
def reports(request: Asked) -> HttpResponse:
    """Those of which something was published for what the key may see.

    A key that may make reports finds those, too, of which nothing was published yet.
    """
    caller = request.auth
    makes = Right.MAKE_REPORTS in caller.key.rights
    found = [
        editions.report_as_dict(one, published)
        for one in Report.objects.filter(workspace__slug=caller.slug)
        if (published := editions.of(one, caller.scope)) or makes
    ]
    return send({"reports": found})


@router.get(
    "/reports/{int:number}", auth=may(Right.SEE_FIGURES), response=gives(ReportDocument),
    operation_id="report", summary=str(_("One report, and what was published of it")),
)  # fmt: skip
def report(request: Asked, number: int) -> HttpResponse:
    """As it stands in the list."""
    caller = request.auth
    held = actions.get(caller.slug, number)
    published = editions.of(held, caller.scope)
    if not published and Right.MAKE_REPORTS not in caller.key.rights:
        raise actions.none(str(number))
    return send(editions.report_as_dict(held, published))


@router.post(
    "/reports", auth=may(Right.MAKE_REPORTS), response=gives(DraftDocument, 201),
    operation_id="create_report", summary=str(_("Begin a report")), openapi_extra=ONCE,
)  # fmt: skip
def create_report(request: Asked, given: ReportGiven) -> HttpResponse:
    """It is empty, and read by nobody until it is published."""
    caller = request.auth

    def done() -> dict[str, object]:
        made = actions.create(
            by=caller.by, workspace=caller.slug, title=given.title, language=given.language
        )
        return editions.draft_as_dict(made)

    return once(request, done, status=201)


@router.patch(
    "/reports/{int:number}", auth=may(Right.MAKE_REPORTS), response=gives(DraftDocument),
    operation_id="rename_report", summary=str(_("Give a report another title and language")),
    openapi_extra=ONCE,
)  # fmt: skip
def rename_report(request: Asked, number: int, given: ReportGiven) -> HttpResponse:
    """What was published keeps its own."""
    caller = request.auth

    def done() -> dict[str, object]:
        held = actions.rename(
            by=caller.by, workspace=caller.slug, number=number, title=given.title,
            language=given.language,
        )  # fmt: skip
        return editions.draft_as_dict(held)

    return once(request, done)


@router.delete(
    "/reports/{int:number}", auth=may(Right.MAKE_REPORTS), response=gives(DraftDocument),
    operation_id="remove_report",
    summary=str(_("Remove a report and all that was published of it")), openapi_extra=ONCE,
)  # fmt: skip
def remove_report(request: Asked, number: int) -> HttpResponse:
    """The answer is what it was."""
    caller = request.auth
    gone: list[int] = []

    def done() -> dict[str, object]:
        was = editions.draft_as_dict(actions.get(caller.slug, number))
        gone.extend(actions.remove(by=caller.by, workspace=caller.slug, number=number))
        return was

    answer = once(request, done)
    editions.sweep(caller.slug, gone, settings.ZHIYIN_DATA)
    return answer


@router.get(
    "/reports/{int:number}/editions/{int:edition}", auth=may(Right.SEE_FIGURES),
    response=gives(EditionDocument), operation_id="edition",
    summary=str(_("A published report, as it was")),
)  # fmt: skip
def edition(request: Asked, number: int, edition: int) -> HttpResponse:
    """Its words, figures and their methods; without personal data for a key that sees none."""
    found = _edition(request, number, edition)
    shown = editions.shown(found, sees_personal_data=request.auth.sees_personal_data)
    return send({**editions.as_dict(found), "content": shown.as_dict()})


@router.get(
    "/reports/{int:number}/editions/{int:edition}/changes", auth=may(Right.SEE_FIGURES),
    response=gives(ChangesDocument), operation_id="edition_changes",
    summary=str(_("What has changed since a report was published, and why")),
)  # fmt: skip
def edition_changes(request: Asked, number: int, edition: int) -> HttpResponse:
    """Its figures, asked again: as of then, and now."""
    found = _edition(request, number, edition)
    return send(changes.since(found, request.auth.log).as_dict())


@router.get(
    "/reports/{int:number}/editions/{int:edition}/files/{kind}", auth=may(Right.SEE_FIGURES),
    response=gives(dict[str, Any]), operation_id="edition_file", openapi_extra=FILES,
    summary=str(_("A published report as a file, pdf or pptx")),
)  # fmt: skip
def edition_file(request: Asked, number: int, edition: int, kind: str) -> HttpResponseBase:
    """As the pages give it, and as it was sent."""
    known = files.kind_of(kind)
    found = _edition(request, number, edition)
    path = files.of(
        found, known, settings.ZHIYIN_DATA, sees_personal_data=request.auth.sees_personal_data
    )
    answer = FileResponse(path.open("rb"), content_type=files.TYPES[known])
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _edition(request: Asked, number: int, edition: int) -> Edition:
    """What was published of a report, for what the key may see."""
    caller = request.auth
    return editions.get(caller.slug, number, edition, caller.scope)
