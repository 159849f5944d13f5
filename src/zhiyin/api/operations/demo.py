"""What a workspace is shown with before its own data is there: the demo company, and a sample."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from ninja import Router

from zhiyin.accounts import audit, jobs, work
from zhiyin.accounts.rights import Right
from zhiyin.api.answers import send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.demo import DemoDocument
from zhiyin.api.documents.imports import ImportedDocument
from zhiyin.api.documents.jobs import JobDocument
from zhiyin.api.once import once
from zhiyin.api.operations.imports import as_answered
from zhiyin.api.operations.parameters import ONCE, gives
from zhiyin.demo import company, filling
from zhiyin.kernel.text import _
from zhiyin.web import sample

router = Router(tags=["data"], by_alias=True)


@router.get(
    "/demo", auth=may(Right.SEE_DATA), response=gives(DemoDocument), operation_id="demo",
    summary=str(_("Whether the workspace shows the demo company, and how far that is")),
)  # fmt: skip
def demo(request: Asked) -> HttpResponse:
    """The last work of each kind; null where there was none."""
    slug = request.auth.slug
    last = {kind: jobs.last_of(slug, f"{kind}-demo") for kind in ("fill", "remove")}
    said = {kind: job and job.as_dict() for kind, job in last.items()}
    return send({"is_demo": filling.is_demo(request.auth.log, slug), **said})


@router.post(
    "/demo", auth=may(Right.CHANGE_WORKSPACE), response=gives(JobDocument, 201),
    operation_id="fill_demo", summary=str(_("Put the demo company in")), openapi_extra=ONCE,
)  # fmt: skip
def fill_demo(request: Asked) -> HttpResponse:
    """Background work, for a workspace that is empty."""
    caller = request.auth

    def done() -> dict[str, object]:
        plan = company.of_today()
        filling.check(caller.log, caller.slug, plan)
        asked = work.ask(
            by=caller.by, kind="fill-demo", workspace=caller.slug,
            arguments=company.as_arguments(plan),
        )  # fmt: skip
        return jobs.seen(asked).as_dict()

    return once(request, done, status=201)


@router.delete(
    "/demo", auth=may(Right.CHANGE_DATA), response=gives(JobDocument),
    operation_id="remove_demo", summary=str(_("Take the demo company out")), openapi_extra=ONCE,
)  # fmt: skip
def remove_demo(request: Asked) -> HttpResponse:
    """Whole, as background work."""
    caller = request.auth

    def done() -> dict[str, object]:
        filling.there(caller.log, caller.slug)
        asked = work.ask(by=caller.by, kind="remove-demo", workspace=caller.slug)
        return jobs.seen(asked).as_dict()

    return once(request, done)


@router.post(
    "/sample", auth=may(Right.CHANGE_DATA), response=gives(ImportedDocument, 201),
    operation_id="load_sample", summary=str(_("Import a small sample")), openapi_extra=ONCE,
)  # fmt: skip
def load_sample(request: Asked) -> HttpResponse:
    """A tea shop's answers; however often it is asked for, they are in once."""
    caller = request.auth

    def done() -> dict[str, object]:
        found = sample.load(caller.log, caller.workspace, settings.ZHIYIN_DATA)
        audit.record(
            by=caller.by, action="import.asked", workspace=caller.slug, subject=sample.FILE.name,
            after={"facts": found.facts_added},
        )  # fmt: skip
        return as_answered(found)

    return once(request, done, status=201, in_log=True)
