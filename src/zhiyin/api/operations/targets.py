"""What figures should be: targets."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.targets import TargetDocument, TargetGiven, TargetsDocument
from zhiyin.api.once import once
from zhiyin.api.operations.common import ONCE, Asking, gives
from zhiyin.kernel.text import _
from zhiyin.measure import actions, target_periods, targets
from zhiyin.measure.actions import TargetAsked

router = Router(tags=["figures"])


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
