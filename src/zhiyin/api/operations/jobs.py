"""Background work."""

from __future__ import annotations

from typing import Literal

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from zhiyin.accounts import jobs as all_jobs
from zhiyin.accounts import work
from zhiyin.accounts.rights import Right
from zhiyin.api.answers import page_of, read, send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.jobs import JobDocument, JobsPage, SchedulesDocument
from zhiyin.api.once import once
from zhiyin.api.operations.parameters import ONCE, Paging, gives
from zhiyin.kernel.text import _

router = Router(tags=["organisation"], by_alias=True)


class JobsAsked(Paging):
    """Which work."""

    state: Literal["waiting", "running", "done", "failed", "cancelled"] | None = None
    kind: str | None = Field(default=None, max_length=60)


@router.get(
    "/jobs", auth=may(Right.CHANGE_WORKSPACE), response=gives(JobsPage),
    operation_id="jobs", summary=str(_("Background work, newest first")),
)  # fmt: skip
def jobs(request: Asked, asked: Query[JobsAsked]) -> HttpResponse:
    """What waits, runs and is over; what the clock asked for, too."""
    held = all_jobs.of(request.auth.slug).order_by("-pk")
    if asked.state:
        held = held.filter(state=asked.state)
    if asked.kind:
        held = held.filter(kind=asked.kind)
    before = read(asked.cursor, int)
    if before is not None:
        held = held.filter(pk__lt=before)
    return page_of(
        held[: asked.limit + 1],
        asked.limit,
        lambda one: all_jobs.seen(one).as_dict(),
        lambda one: one.pk,
    )


@router.post(
    "/jobs/{int:number}/cancel", auth=may(Right.CHANGE_WORKSPACE),
    response=gives(JobDocument), operation_id="cancel_job",
    summary=str(_("Cancel background work")), openapi_extra=ONCE,
)  # fmt: skip
def cancel_job(request: Asked, number: int) -> HttpResponse:
    """What waits never begins, what runs stops at its next piece."""
    caller = request.auth

    def done() -> dict[str, object]:
        held = work.cancel(by=caller.by, number=number, workspace=caller.slug)
        return all_jobs.seen(held).as_dict()

    return once(request, done)


@router.post(
    "/jobs/{int:number}/again", auth=may(Right.CHANGE_WORKSPACE),
    response=gives(JobDocument, 201), operation_id="run_job_again",
    summary=str(_("Have background work done again that failed or was cancelled")),
    openapi_extra=ONCE,
)  # fmt: skip
def run_job_again(request: Asked, number: int) -> HttpResponse:
    """The answer is the new piece of work."""
    caller = request.auth

    def done() -> dict[str, object]:
        held = work.again(by=caller.by, number=number, workspace=caller.slug)
        return all_jobs.seen(held).as_dict()

    return once(request, done, status=201)


@router.get(
    "/jobs/schedules", auth=may(Right.CHANGE_WORKSPACE), response=gives(SchedulesDocument),
    operation_id="job_schedules", summary=str(_("What the clock asks for, and when next")),
)  # fmt: skip
def schedules(request: Asked) -> HttpResponse:
    """With the last run of each, and how long it usually takes."""
    found = all_jobs.schedules(request.auth.slug)
    return send({"schedules": [one.as_dict() for one in found]})
