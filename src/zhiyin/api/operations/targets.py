"""What figures should be: targets."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import File, Form, Query, Router, UploadedFile
from pydantic import Field

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.targets import (
    TargetDocument,
    TargetGiven,
    TargetHistoryDocument,
    TargetsBroughtDocument,
    TargetsDocument,
)
from zhiyin.api.once import once
from zhiyin.api.operations.files import files
from zhiyin.api.operations.parameters import ONCE, Asking, ListFilled, gives
from zhiyin.kernel.text import _
from zhiyin.measure import actions, lists, target_lists, target_periods, targets
from zhiyin.measure.actions import TargetAsked
from zhiyin.web import downloads

router = Router(tags=["figures"], by_alias=True)


class TargetsAsked(Asking):
    """Which targets."""

    period: str | None = Field(
        default=None, max_length=30,
        description=str(_("A month, quarter or year; by default those of today.")),
    )  # fmt: skip


@router.get(
    "/targets", auth=may(Right.SEE_FIGURES), response=gives(TargetsDocument),
    operation_id="targets", summary=str(_("Targets with their verdicts")),
)  # fmt: skip
def listed(request: Asked, asked: Query[TargetsAsked]) -> HttpResponse:
    """The document of `zhiyin target list --json`; a key with a unit sees its branch."""
    caller = request.auth
    days = target_periods.read(asked.period, caller.workspace) if asked.period else None
    found = targets.verdicts(caller.log, caller.workspace, scope=caller.scope, period=days)
    return send({"targets": [one.as_dict() for one in found]})


@router.post(
    "/targets", auth=may(Right.SET_TARGETS), response=gives(TargetDocument),
    operation_id="set_target", summary=str(_("Set a target")), openapi_extra=ONCE,
)  # fmt: skip
def set_target(request: Asked, given: TargetGiven) -> HttpResponse:
    """One that is there for the same measure, unit and period gets this value."""
    caller = request.auth

    def done() -> dict[str, object]:
        row = actions.set_target(
            by=caller.by,
            workspace=caller.workspace,
            asked=TargetAsked(**given.model_dump()),
            scope=caller.scope,
        )
        (held,) = targets.held(caller.workspace, [row])
        return held.as_dict()

    return once(request, done)


@router.get(
    "/targets/export", auth=may(Right.SEE_FIGURES), response={200: None},
    operation_id="export_targets", openapi_extra=files("csv"),
    summary=str(_("Targets as a list that can be brought in again")),
)  # fmt: skip
def export(request: Asked) -> HttpResponse:
    """The file of `zhiyin target export`."""
    caller = request.auth
    found = targets.of(caller.workspace, scope=caller.scope)
    return downloads.of_list(target_lists.write(found), name=f"{caller.slug}-targets")


@router.post(
    "/targets/import", auth=may(Right.SET_TARGETS), response=gives(TargetsBroughtDocument),
    operation_id="import_targets", summary=str(_("Bring a list of targets in")),
    openapi_extra=ONCE,
)  # fmt: skip
def bring_in(request: Asked, given: Form[ListFilled], file: File[UploadedFile]) -> HttpResponse:
    """The document of `zhiyin target import --json`: all lines, or none where one is wrong."""
    caller = request.auth

    def done() -> dict[str, object]:
        found = target_lists.preview(b"".join(file.chunks()), caller.workspace, scope=caller.scope)
        lists.check(found.faults)
        if not given.dry_run:
            actions.set_targets(
                by=caller.by, workspace=caller.workspace, asked=found.asked, scope=caller.scope
            )
        return lists.brought(found.counts, is_dry_run=given.dry_run)

    return once(request, done)


@router.get(
    "/targets/{int:number}", auth=may(Right.SEE_FIGURES), response=gives(TargetHistoryDocument),
    operation_id="target", summary=str(_("One target, against the figure period by period")),
)  # fmt: skip
def target(request: Asked, number: int) -> HttpResponse:
    """The newest period first."""
    caller = request.auth
    row = actions.get_target(caller.slug, number, scope=caller.scope)
    (held,) = targets.held(caller.workspace, [row])
    history = targets.history(caller.log, caller.workspace, held)
    return send({"target": held.as_dict(), "history": [one.as_dict() for one in history]})


@router.put(
    "/targets/{int:number}", auth=may(Right.SET_TARGETS), response=gives(TargetDocument),
    operation_id="change_target", summary=str(_("Change a target")), openapi_extra=ONCE,
)  # fmt: skip
def change_target(request: Asked, number: int, given: TargetGiven) -> HttpResponse:
    """Its measure, unit and period too."""
    caller = request.auth

    def done() -> dict[str, object]:
        row = actions.change_target(
            by=caller.by, workspace=caller.workspace, number=number,
            asked=TargetAsked(**given.model_dump()), scope=caller.scope,
        )  # fmt: skip
        (held,) = targets.held(caller.workspace, [row])
        return held.as_dict()

    return once(request, done)


@router.delete(
    "/targets/{int:number}", auth=may(Right.SET_TARGETS),
    response=gives(TargetDocument), operation_id="remove_target",
    summary=str(_("Remove a target")), openapi_extra=ONCE,
)  # fmt: skip
def remove_target(request: Asked, number: int) -> HttpResponse:
    """The answer is what it was."""
    caller = request.auth

    def done() -> dict[str, object]:
        row = actions.get_target(caller.slug, number, scope=caller.scope)
        (held,) = targets.held(caller.workspace, [row])
        actions.remove_target(
            by=caller.by, workspace=caller.workspace, number=number, scope=caller.scope
        )
        return held.as_dict()

    return once(request, done)
