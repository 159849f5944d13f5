"""Cases 工单: listed, opened, worked on; their rules and figures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from zhiyin.accounts.rights import Right
from zhiyin.act import documents, subjects
from zhiyin.act.cases import actions, figures, hours, kept, rules
from zhiyin.api.answers import read, send, write
from zhiyin.api.callers import Asked, Caller, may
from zhiyin.api.documents.cases import (
    CaseFiguresDocument,
    CaseGiven,
    CaseOpened,
    CaseRulesDocument,
    CaseRulesGiven,
    CasesDocument,
    CaseStepGiven,
    CaseWholeDocument,
)
from zhiyin.api.once import once
from zhiyin.api.operations.parameters import ONCE, Paging, gives
from zhiyin.kernel.text import _
from zhiyin.web import personal

router = Router(tags=["cases"], by_alias=True)


class CasesAsked(Paging):
    """Which cases."""

    status: Literal["", "open", "new", "taken", "waiting", "done", "not_justified"] = ""
    owner: str = Field(default="", max_length=254, description=str(_("Of this owner alone.")))
    touchpoint: str = Field(default="", max_length=200)
    reason: str = Field(default="", max_length=40)
    due: Literal["", "overdue", "today", "week"] = ""
    text: str = Field(default="", max_length=200)
    sort: Literal["due", "newest", "severity"] = "due"


@router.get(
    "/cases", auth=may(Right.SEE_CUSTOMERS), response=gives(CasesDocument),
    operation_id="cases", summary=str(_("Cases")),
)  # fmt: skip
def listed(request: Asked, asked: Query[CasesAsked]) -> HttpResponse:
    """The document of `zhiyin case list --json`, page by page."""
    caller = request.auth
    personal.check_search(asked.text, sees_it=caller.sees_personal_data)
    chosen = kept.Chosen(
        status=asked.status, owner=asked.owner, touchpoint=asked.touchpoint, reason=asked.reason,
        due=asked.due, text=asked.text, sort=asked.sort,
    )  # fmt: skip
    start = read(asked.cursor, int) or 0
    found = kept.chosen(caller.workspace, chosen, _own(caller))
    rows = list(found[start : start + asked.limit + 1])
    following = write(start + asked.limit) if len(rows) > asked.limit else None
    sees_it = caller.sees_personal_data
    told = [kept.as_dict(one, sees_it=sees_it) for one in rows[: asked.limit]]
    return send({"cases": told, "next": following})


@router.post(
    "/cases", auth=may(Right.WORK_CASES), response=gives(CaseOpened, 201),
    operation_id="open_case", summary=str(_("Open a case")), openapi_extra=ONCE,
)  # fmt: skip
def open_case(request: Asked, given: CaseGiven) -> HttpResponse:
    """About an alert, a customer's words or a mark; where one is open, that one is told."""
    caller = request.auth

    def done() -> dict[str, Any]:
        subject = subjects.find(
            given.kind, given.key, log=caller.log, settings=caller.workspace, scope=caller.scope
        )
        case, is_new = actions.open(
            by=caller.by, workspace=caller.workspace, subject=subject,
            owner=actions.owner_of(caller.slug, given.owner), own=_own(caller),
        )  # fmt: skip
        return {**kept.as_dict(case, sees_it=caller.sees_personal_data), "is_new": is_new}

    return once(request, done, status=201)


@router.get(
    "/cases/figures", auth=may(Right.SEE_CUSTOMERS), response=gives(CaseFiguresDocument),
    operation_id="case_figures", summary=str(_("How long cases take")),
)  # fmt: skip
def told_figures(request: Asked) -> HttpResponse:
    """The document of `zhiyin case figures --json`, of the cases that the key sees."""
    caller = request.auth
    return send(figures.of(caller.workspace, _own(caller)).as_dict())


@router.get(
    "/cases/rules", auth=may(Right.SEE_CUSTOMERS), response=gives(CaseRulesDocument),
    operation_id="case_rules", summary=str(_("Rules of cases")),
)  # fmt: skip
def told_rules(request: Asked) -> HttpResponse:
    """Business hours, hours by severity, and reasons."""
    return send(rules.of(request.auth.slug).as_dict())


@router.put(
    "/cases/rules", auth=may(Right.CHANGE_WORKSPACE), response=gives(CaseRulesDocument),
    operation_id="set_case_rules", summary=str(_("Change the rules of cases")),
    openapi_extra=ONCE,
)  # fmt: skip
def set_rules(request: Asked, given: CaseRulesGiven) -> HttpResponse:
    """All of them at once."""
    caller = request.auth

    def done() -> dict[str, Any]:
        held = rules.of(caller.slug)
        named = [rules.Reason(one.key, one.en, one.zh, one.is_retired) for one in given.reasons]
        keys = {one.key for one in named}
        left_out = [replace(one, is_retired=True) for one in held.reasons if one.key not in keys]
        wanted = rules.Rules(
            week=tuple(hours.read(one) for one in given.week),
            has_holidays=given.has_holidays,
            hours=given.hours.model_dump(),
            reasons=(*named, *left_out),
        )
        return rules.change(by=caller.by, workspace=caller.slug, rules=wanted).as_dict()

    return once(request, done)


@router.get(
    "/cases/{int:number}", auth=may(Right.SEE_CUSTOMERS), response=gives(CaseWholeDocument),
    operation_id="case", summary=str(_("One case with its history")),
)  # fmt: skip
def shown(request: Asked, number: int) -> HttpResponse:
    """The document of `zhiyin case show --json`."""
    return send(_whole(request.auth, number))


@router.post(
    "/cases/{int:number}/steps", auth=may(Right.WORK_CASES), response=gives(CaseWholeDocument),
    operation_id="step_case", summary=str(_("Do something to a case")), openapi_extra=ONCE,
)  # fmt: skip
def step(request: Asked, number: int, given: CaseStepGiven) -> HttpResponse:
    """Give it to somebody, say how far it is, note, write to the customer, or change it."""
    caller = request.auth

    def done() -> dict[str, Any]:
        _do(caller, number, given)
        return _whole(caller, number)

    return once(request, done)


def _do(caller: Caller, number: int, given: CaseStepGiven) -> None:
    asked: dict[str, Any] = {
        "by": caller.by, "workspace": caller.workspace, "number": number, "own": _own(caller),
    }  # fmt: skip
    match given.do:
        case "assign":
            owner = actions.owner_of(caller.slug, given.owner)
            actions.assign(owner=owner, version=given.version, **asked)
        case "move":
            actions.move(
                status=given.status or "", reason=given.reason, note=given.note,
                version=given.version, **asked,
            )  # fmt: skip
        case "note":
            actions.note(text=given.text, **asked)
        case "write":
            actions.write(text=given.text, channel=given.channel, log=caller.log, **asked)
        case "change":
            actions.change(
                title=given.title, severity=given.severity, version=given.version, **asked
            )


def _whole(caller: Caller, number: int) -> dict[str, Any]:
    case = kept.get(caller.slug, number, _own(caller))
    sees_it = caller.sees_personal_data
    return documents.whole_case(case, caller.log, caller.workspace, sees_it=sees_it)


def _own(caller: Caller) -> kept.Own:
    return kept.own_of(caller.scope)
