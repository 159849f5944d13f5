"""Competitor walkthroughs: the same task on our site and on others, and what it comes to."""

from __future__ import annotations

from typing import Literal

from django.http import FileResponse, HttpResponse
from ninja import File, Form, Query, Router, UploadedFile
from pydantic import Field

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.walkthroughs import (
    RemovedWalkedDocument,
    RunsBroughtDocument,
    WalkthroughChangeGiven,
    WalkthroughDocument,
    WalkthroughGiven,
    WalkthroughsDocument,
    WholeWalkthroughDocument,
)
from zhiyin.api.once import once
from zhiyin.api.operations.files import files
from zhiyin.api.operations.parameters import ONCE, Asking, ListFilled, gives
from zhiyin.kernel.text import _
from zhiyin.maps import audit_lists, audit_steps, auditing, audits
from zhiyin.maps.audit_asked import AuditAsked, SiteAsked
from zhiyin.measure import lists
from zhiyin.web import audits_export, downloads

router = Router(tags=["journeys"], by_alias=True)


class WalkthroughFileAsked(Asking):
    """Which table, in what form."""

    table: Literal["figures", "steps", "runs"] = Field(
        default="figures", description=str(_("Runs as CSV can be brought in elsewhere."))
    )
    format: Literal["csv", "xlsx"] = "csv"


@router.get(
    "/walkthroughs", auth=may(Right.SEE_FIGURES), response=gives(WalkthroughsDocument),
    operation_id="walkthroughs", summary=str(_("Competitor walkthroughs")),
)  # fmt: skip
def listed(request: Asked) -> HttpResponse:
    """The document of `zhiyin journey audit list --json`."""
    return send({"walkthroughs": [audits.as_dict(one) for one in audits.of(request.auth.slug)]})


@router.post(
    "/walkthroughs", auth=may(Right.DEFINE), response=gives(WalkthroughDocument, 201),
    operation_id="create_walkthrough", summary=str(_("Make a walkthrough with its sites")),
    openapi_extra=ONCE,
)  # fmt: skip
def create(request: Asked, given: WalkthroughGiven) -> HttpResponse:
    """One of the sites is ours; the others are compared with it."""
    caller = request.auth

    def done() -> dict[str, object]:
        made = auditing.create(by=caller.by, workspace=caller.slug, asked=_asked(given))
        return audits.as_dict(made)

    return once(request, done, status=201)


@router.get(
    "/walkthroughs/{int:number}", auth=may(Right.SEE_FIGURES),
    response=gives(WholeWalkthroughDocument), operation_id="walkthrough",
    summary=str(_("One walkthrough: sites side by side, steps and runs")),
)  # fmt: skip
def one(request: Asked, number: int) -> HttpResponse:
    """The document of `zhiyin journey audit show --json`."""
    return send(audit_steps.whole(audits.get(request.auth.slug, number)))


@router.put(
    "/walkthroughs/{int:number}", auth=may(Right.DEFINE), response=gives(WalkthroughDocument),
    operation_id="change_walkthrough", summary=str(_("Change a walkthrough and its sites")),
    openapi_extra=ONCE,
)  # fmt: skip
def change(request: Asked, number: int, given: WalkthroughChangeGiven) -> HttpResponse:
    """Refused where somebody else has changed it since the revision that was looked at."""
    caller = request.auth

    def done() -> dict[str, object]:
        held = auditing.change(
            by=caller.by, workspace=caller.slug, number=number, asked=_asked(given),
            revision=given.revision,
        )  # fmt: skip
        return audits.as_dict(held)

    return once(request, done)


@router.delete(
    "/walkthroughs/{int:number}", auth=may(Right.DEFINE), response=gives(RemovedWalkedDocument),
    operation_id="remove_walkthrough", summary=str(_("Remove a walkthrough")), openapi_extra=ONCE,
)  # fmt: skip
def remove(request: Asked, number: int) -> HttpResponse:
    """With its runs and their pictures."""
    caller = request.auth

    def done() -> dict[str, object]:
        auditing.remove(by=caller.by, workspace=caller.slug, number=number)
        return {"number": number, "removed": True}

    return once(request, done)


@router.get(
    "/walkthroughs/{int:number}/export", auth=may(Right.SEE_FIGURES),
    response={200: None}, operation_id="export_walkthrough",
    openapi_extra=files("csv", "xlsx"),
    summary=str(_("Figures, steps or runs of a walkthrough as a file")),
)  # fmt: skip
def export(request: Asked, number: int, asked: Query[WalkthroughFileAsked]) -> FileResponse:
    """The file of the page."""
    caller = request.auth
    held = audits.get(caller.slug, number)
    return downloads.download(
        audits_export.TABLES[asked.table](held),
        name=f"{caller.slug}-walkthrough-{number}-{asked.table}",
        kind=asked.format,
        timezone=caller.workspace.timezone,
    )


@router.post(
    "/walkthroughs/{int:number}/import", auth=may(Right.DEFINE),
    response=gives(RunsBroughtDocument), operation_id="import_walkthrough_runs",
    summary=str(_("Bring a list of runs in")), openapi_extra=ONCE,
)  # fmt: skip
def bring_in(
    request: Asked, number: int, given: Form[ListFilled], file: File[UploadedFile]
) -> HttpResponse:
    """The document of `zhiyin journey audit import --json`: all runs, or none."""
    caller = request.auth

    def done() -> dict[str, object]:
        held = audits.get(caller.slug, number)
        found = audit_lists.preview(b"".join(file.chunks()), held)
        lists.check(found.faults)
        if not given.dry_run:
            auditing.add_runs(by=caller.by, workspace=caller.slug, number=number, asked=found.asked)
        return lists.brought(found.counts, is_dry_run=given.dry_run)

    return once(request, done)


def _asked(given: WalkthroughGiven) -> AuditAsked:
    sites = tuple(SiteAsked(one.name, one.is_ours, one.number) for one in given.sites)
    return AuditAsked(given.title, given.task, given.map, sites)
