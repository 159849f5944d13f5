"""Reports: which there are, what was published of them, and its files."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Router

from zhiyin.accounts import units
from zhiyin.accounts.rights import Right
from zhiyin.api.answers import send
from zhiyin.api.callers import Asked, Caller, may
from zhiyin.api.documents.reports import ChangesDocument, EditionDocument, ReportsDocument
from zhiyin.api.operations.common import gives
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.text import _
from zhiyin.reports import changes, editions, files
from zhiyin.reports.models import Edition, Report

router = Router(tags=["reports"])

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
    """Those of which something was published for what the key may see."""
    caller = request.auth
    found = [
        editions.report_as_dict(one, published)
        for one in Report.objects.filter(workspace__slug=caller.slug)
        if (published := editions.of(one, _scope(caller)))
    ]
    return send({"reports": found})


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
    return editions.get(caller.slug, number, edition, _scope(caller))


def _scope(caller: Caller) -> Filter | None:
    """The filter of the key's branch, which editions are published for."""
    return units.branch_filter(caller.key.unit) if caller.key.unit else None
