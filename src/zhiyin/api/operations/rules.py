"""Rules that say what a fact is of, and what they catch."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.rules import UnitRulePreviewDocument, UnitRulesDocument, UnitRulesGiven
from zhiyin.api.once import once
from zhiyin.api.operations.common import ONCE, Asking, facts_filter, gives
from zhiyin.collect import caught, rules
from zhiyin.kernel.text import _
from zhiyin.warehouse.rules import Rule, Rules
from zhiyin.web import personal

router = Router(tags=["organisation"])


class RuleTried(Asking):
    """A rule that is not kept."""

    where: str = Field(min_length=1, max_length=10_000)
    table: str = Field(default="", max_length=60)
    place: int | None = Field(
        default=None, ge=1, le=200, description=str(_("Its place in the list; else the last."))
    )


@router.get(
    "/unit-rules", auth=may(Right.SEE_DATA), response=gives(UnitRulesDocument),
    operation_id="unit_rules", summary=str(_("Which unit facts are of that came without one")),
)  # fmt: skip
def unit_rules(request: Asked) -> HttpResponse:
    """In order: the first that holds decides."""
    caller = request.auth
    return send(_as_shown(request, caller.log.rules(caller.slug, "unit")))


@router.put(
    "/unit-rules", auth=may(Right.CHANGE_WORKSPACE), response=gives(UnitRulesDocument),
    operation_id="set_unit_rules", summary=str(_("Put unit rules in the place of all")),
    openapi_extra=ONCE,
)  # fmt: skip
def set_unit_rules(request: Asked, given: UnitRulesGiven) -> HttpResponse:
    """Refused where the rules are no longer those of `seen`. Every scope follows at once."""
    caller = request.auth
    zone = caller.workspace.timezone
    for one in given.rules:
        facts_filter(request, one.where)
    listed = tuple(Rule(one.where, one.unit, zone, one.table) for one in given.rules)

    def done() -> dict[str, object]:
        edit = rules.Edit(caller.by, caller.log, caller.workspace, "unit", given.seen)
        rules.replace_all(edit, Rules(listed, given.come_first))
        return _as_shown(request, caller.log.rules(caller.slug, "unit"))

    return once(request, done, in_log=True)


@router.get(
    "/unit-rules/preview", auth=may(Right.SEE_DATA),
    response=gives(UnitRulePreviewDocument), operation_id="preview_unit_rule",
    summary=str(_("What a unit rule would catch")),
)  # fmt: skip
def preview_unit_rule(request: Asked, asked: Query[RuleTried]) -> HttpResponse:
    """Of the last 30 days of each kind of facts; nothing changes."""
    caller = request.auth
    facts_filter(request, asked.where)
    rule = Rule(asked.where, "", caller.workspace.timezone, asked.table)
    place = None if asked.place is None else asked.place - 1
    found = caught.preview(caller.log, caller.slug, "unit", rule, place=place, instead=False)
    return send({"kinds": [_counts_shown(request, one.as_dict()) for one in found]})


def _as_shown(request: Asked, held: Rules) -> dict[str, Any]:
    """The document, without values that say who a customer is for a key that may not see them."""
    document = rules.as_dict(held)
    for one in document["rules"]:
        one["where"] = personal.rule(one["where"], sees_it=request.auth.sees_personal_data)
    return document


def _counts_shown(request: Asked, document: dict[str, Any]) -> dict[str, Any]:
    for one in (*document["before"], *document["taken"]):
        one["where"] = personal.rule(one["where"], sees_it=request.auth.sees_personal_data)
    return document
