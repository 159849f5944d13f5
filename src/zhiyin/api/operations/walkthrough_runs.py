"""Runs of competitor walkthroughs, and the pictures that prove what failed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import FileResponse, HttpResponse
from ninja import File, Router, UploadedFile

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.walkthroughs import (
    RemovedWalkedDocument,
    RunChangeGiven,
    RunGiven,
    WalkedRunDocument,
)
from zhiyin.api.once import once
from zhiyin.api.operations.parameters import ONCE, gives
from zhiyin.kernel.text import _
from zhiyin.maps import audit_pictures, auditing, audits
from zhiyin.maps.audit_asked import RunAsked, StepAsked
from zhiyin.measure import mark_lists

router = Router(tags=["journeys"], by_alias=True)

PICTURE = "/walkthroughs/{int:number}/runs/{int:run}/steps/{int:place}/picture"
SHOWN: dict[str, Any] = {
    "responses": {
        200: {
            "content": {
                kind: {"schema": {"type": "string", "format": "binary"}}
                for kind in audit_pictures.TYPES.values()
            }
        }
    }
}


@router.post(
    "/walkthroughs/{int:number}/runs", auth=may(Right.DEFINE),
    response=gives(WalkedRunDocument, 201), operation_id="add_walkthrough_run",
    summary=str(_("Write down a run of a walkthrough")), openapi_extra=ONCE,
)  # fmt: skip
def add(request: Asked, number: int, given: RunGiven) -> HttpResponse:
    """One person doing the task once."""
    caller = request.auth

    def done() -> dict[str, object]:
        made = auditing.add_run(
            by=caller.by, workspace=caller.slug, number=number, asked=_asked(given)
        )
        return audits.run_as_dict(audits.run(audits.get(caller.slug, number), made.pk))

    return once(request, done, status=201)


@router.get(
    "/walkthroughs/{int:number}/runs/{int:run}", auth=may(Right.SEE_FIGURES),
    response=gives(WalkedRunDocument), operation_id="walkthrough_run",
    summary=str(_("One run of a walkthrough")),
)  # fmt: skip
def one(request: Asked, number: int, run: int) -> HttpResponse:
    """Step by step."""
    return send(audits.run_as_dict(audits.run(audits.get(request.auth.slug, number), run)))


@router.put(
    "/walkthroughs/{int:number}/runs/{int:run}", auth=may(Right.DEFINE),
    response=gives(WalkedRunDocument), operation_id="change_walkthrough_run",
    summary=str(_("Change a run of a walkthrough")), openapi_extra=ONCE,
)  # fmt: skip
def change(request: Asked, number: int, run: int, given: RunChangeGiven) -> HttpResponse:
    """A picture stays with the step that names its place; the other pictures go."""
    caller = request.auth

    def done() -> dict[str, object]:
        held = auditing.change_run(
            by=caller.by, workspace=caller.slug, number=number, run=run, asked=_asked(given),
            revision=given.revision,
        )  # fmt: skip
        return audits.run_as_dict(held)

    return once(request, done)


@router.delete(
    "/walkthroughs/{int:number}/runs/{int:run}", auth=may(Right.DEFINE),
    response=gives(RemovedWalkedDocument), operation_id="remove_walkthrough_run",
    summary=str(_("Remove a run of a walkthrough")), openapi_extra=ONCE,
)  # fmt: skip
def remove(request: Asked, number: int, run: int) -> HttpResponse:
    """With its steps and their pictures."""
    caller = request.auth

    def done() -> dict[str, object]:
        auditing.remove_run(by=caller.by, workspace=caller.slug, number=number, run=run)
        return {"number": run, "removed": True}

    return once(request, done)


@router.get(
    PICTURE, auth=may(Right.SEE_FIGURES), response={200: None},
    operation_id="walkthrough_picture", openapi_extra=SHOWN,
    summary=str(_("The picture of a step")),
)  # fmt: skip
def picture(request: Asked, number: int, run: int, place: int) -> FileResponse:
    """A JPEG or a PNG that was drawn anew."""
    slug = request.auth.slug
    step = audits.step(audits.get(slug, number), run, place)
    path = audit_pictures.path_of(Path(settings.ZHIYIN_DATA), slug, number, step.picture)
    if path is None:
        raise auditing.no_picture(place)
    answer = FileResponse(path.open("rb"), content_type=audit_pictures.TYPES[path.suffix])
    answer["Cache-Control"] = "no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@router.api_operation(["HEAD"], PICTURE, auth=may(Right.DEFINE), include_in_schema=False)
def may_send(request: Asked, number: int, run: int, place: int) -> HttpResponse:
    """Whether this key may send a picture: the edge asks so before it takes a large one."""
    audits.step(audits.get(request.auth.slug, number), run, place)
    return HttpResponse()


@router.post(
    PICTURE, auth=may(Right.DEFINE), response=gives(WalkedRunDocument),
    operation_id="set_walkthrough_picture", summary=str(_("Give a step its picture")),
    openapi_extra=ONCE,
)  # fmt: skip
def set_picture(
    request: Asked, number: int, run: int, place: int, file: File[UploadedFile]
) -> HttpResponse:
    """A PNG, JPEG or WebP of at most 5 MB, in the place of the one that it has."""
    caller = request.auth

    def done() -> dict[str, object]:
        auditing.set_picture(
            by=caller.by, workspace=caller.slug, number=number, run=run, place=place,
            content=file.read(audit_pictures.MOST_BYTES + 1),
        )  # fmt: skip
        return audits.run_as_dict(audits.run(audits.get(caller.slug, number), run))

    return once(request, done)


@router.delete(
    PICTURE, auth=may(Right.DEFINE), response=gives(WalkedRunDocument),
    operation_id="remove_walkthrough_picture",
    summary=str(_("Take the picture of a step away")), openapi_extra=ONCE,
)  # fmt: skip
def remove_picture(request: Asked, number: int, run: int, place: int) -> HttpResponse:
    """Its words stay."""
    caller = request.auth

    def done() -> dict[str, object]:
        auditing.remove_picture(
            by=caller.by, workspace=caller.slug, number=number, run=run, place=place
        )
        return audits.run_as_dict(audits.run(audits.get(caller.slug, number), run))

    return once(request, done)


def _asked(given: RunGiven) -> RunAsked:
    return RunAsked(
        site=given.site,
        done_on=mark_lists.day(given.done_on),
        who=given.who,
        is_done=given.is_done,
        steps=tuple(StepAsked(**one.model_dump()) for one in given.steps),
        device=given.device,
        ease=given.ease,
    )
