"""Rules that say what a fact is of, and what they catch: of touchpoints, and of units.

A list of rules is put in the place of the one that was seen: that adds, changes, moves and removes.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.rules import (
    TouchpointRulePreviewDocument,
    TouchpointRulesDocument,
    TouchpointRulesGiven,
    TrafficsDocument,
    UnitRulePreviewDocument,
    UnitRulesDocument,
    UnitRulesGiven,
)
from zhiyin.api.once import once
from zhiyin.api.operations.parameters import ONCE, Asking, facts_filter, gives
from zhiyin.collect import caught, rules
from zhiyin.kernel.text import _
from zhiyin.warehouse.rules import Rule, Ruled, Rules
from zhiyin.web import personal

router = Router(tags=["organisation"], by_alias=True)


class TouchpointRuleTried(Asking):
    """A rule that is not kept."""

    where: str = Field(min_length=1, max_length=10_000)
    place: int | None = Field(
        default=None, ge=1, le=200, description=str(_("Its place in the list; else the last."))
    )
    instead: bool = Field(
        default=False, description=str(_("In the place of the rule that is there now."))
    )


class RuleTried(TouchpointRuleTried):
    """A rule that is not kept."""

    table: str = Field(default="", max_length=60)


@router.get(
    "/touchpoint-rules", auth=may(Right.SEE_DATA), response=gives(TouchpointRulesDocument),
    operation_id="touchpoint_rules",
    summary=str(_("At which touchpoint events were that came without one")),
)  # fmt: skip
def touchpoint_rules(request: Asked) -> HttpResponse:
    """In order: the first that holds decides."""
    return send(_shown(request, "touchpoint"))


@router.put(
    "/touchpoint-rules", auth=may(Right.CHANGE_DATA), response=gives(TouchpointRulesDocument),
    operation_id="set_touchpoint_rules",
    summary=str(_("Put touchpoint rules in the place of all")), openapi_extra=ONCE,
)  # fmt: skip
def set_touchpoint_rules(request: Asked, given: TouchpointRulesGiven) -> HttpResponse:
    """Refused where the rules are no longer those of `seen`. Every figure follows at once."""
    zone = request.auth.workspace.timezone
    listed = [Rule(one.where, one.touchpoint, zone) for one in given.rules]
    return _put(request, "touchpoint", Rules(tuple(listed), given.come_first), given.seen)


@router.get(
    "/touchpoint-rules/preview", auth=may(Right.SEE_DATA),
    response=gives(TouchpointRulePreviewDocument), operation_id="preview_touchpoint_rule",
    summary=str(_("What a touchpoint rule would catch")),
)  # fmt: skip
def preview_touchpoint_rule(request: Asked, asked: Query[TouchpointRuleTried]) -> HttpResponse:
    """Of the last 30 days of events; nothing changes."""
    return _previewed(request, "touchpoint", asked, table="")


@router.get(
    "/touchpoint-rules/caught", auth=may(Right.SEE_DATA), response=gives(TrafficsDocument),
    operation_id="touchpoint_traffic",
    summary=str(_("What touchpoint rules catch, and what nothing explains")),
)  # fmt: skip
def touchpoint_traffic(request: Asked) -> HttpResponse:
    """Of the last 30 days of events."""
    return _traffic(request, "touchpoint")


@router.get(
    "/unit-rules", auth=may(Right.SEE_DATA), response=gives(UnitRulesDocument),
    operation_id="unit_rules", summary=str(_("Which unit facts are of that came without one")),
)  # fmt: skip
def unit_rules(request: Asked) -> HttpResponse:
    """In order: the first that holds decides."""
    return send(_shown(request, "unit"))


@router.put(
    "/unit-rules", auth=may(Right.CHANGE_WORKSPACE), response=gives(UnitRulesDocument),
    operation_id="set_unit_rules", summary=str(_("Put unit rules in the place of all")),
    openapi_extra=ONCE,
)  # fmt: skip
def set_unit_rules(request: Asked, given: UnitRulesGiven) -> HttpResponse:
    """Refused where the rules are no longer those of `seen`. Every scope follows at once."""
    zone = request.auth.workspace.timezone
    listed = [Rule(one.where, one.unit, zone, one.table) for one in given.rules]
    return _put(request, "unit", Rules(tuple(listed), given.come_first), given.seen)


@router.get(
    "/unit-rules/preview", auth=may(Right.SEE_DATA),
    response=gives(UnitRulePreviewDocument), operation_id="preview_unit_rule",
    summary=str(_("What a unit rule would catch")),
)  # fmt: skip
def preview_unit_rule(request: Asked, asked: Query[RuleTried]) -> HttpResponse:
    """Of the last 30 days of each kind of facts; nothing changes."""
    return _previewed(request, "unit", asked, table=asked.table)


@router.get(
    "/unit-rules/caught", auth=may(Right.SEE_DATA), response=gives(TrafficsDocument),
    operation_id="unit_traffic", summary=str(_("What unit rules catch, and what nothing explains")),
)  # fmt: skip
def unit_traffic(request: Asked) -> HttpResponse:
    """Of the last 30 days of each kind of facts."""
    return _traffic(request, "unit")


def _put(request: Asked, column: Ruled, put: Rules, seen: str) -> HttpResponse:
    caller = request.auth
    for one in put:
        facts_filter(request, one.where)

    def done() -> dict[str, object]:
        edit = rules.Edit(caller.by, caller.log, caller.workspace, column, seen)
        rules.replace_all(edit, put)
        return _shown(request, column)

    return once(request, done, in_log=True)


def _previewed(
    request: Asked, column: Ruled, asked: TouchpointRuleTried, *, table: str
) -> HttpResponse:
    caller = request.auth
    facts_filter(request, asked.where)
    rule = Rule(asked.where, "", caller.workspace.timezone, table)
    place = None if asked.place is None else asked.place - 1
    found = caught.preview(
        caller.log, caller.slug, column, rule, place=place, instead=asked.instead
    )
    kinds = [one.as_dict(column) for one in found]
    for kind in kinds:
        _without_values(request, [*kind["before"], *kind["taken"]])
    return send({"kinds": kinds})


def _traffic(request: Asked, column: Ruled) -> HttpResponse:
    found = caught.all_traffic(request.auth.log, request.auth.slug, column)
    return send({"kinds": [one.as_dict() for one in found]})


def _shown(request: Asked, column: Ruled) -> dict[str, Any]:
    caller = request.auth
    document = rules.as_dict(caller.log.rules(caller.slug, column), column)
    _without_values(request, document["rules"])
    return document


def _without_values(request: Asked, listed: list[dict[str, Any]]) -> None:
    """A key that may not see who a customer is sees no value that says so."""
    for one in listed:
        one["where"] = personal.rule(one["where"], sees_it=request.auth.sees_personal_data)
