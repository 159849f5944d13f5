"""Rules by which companies' own sites show surveys."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.widgets import (
    RemovedWidgetRuleDocument,
    WidgetRuleDocument,
    WidgetRuleGiven,
    WidgetRulesDocument,
)
from zhiyin.api.once import once
from zhiyin.api.operations.parameters import ONCE, Asking, gives
from zhiyin.collect.widgets import actions, kept
from zhiyin.kernel.text import _

router = Router(tags=["surveys"], by_alias=True)


class WidgetRulesAsked(Asking):
    """Which rules."""

    survey: str = Field(
        default="", max_length=60, description=str(_("Only the rules of this survey."))
    )


@router.get(
    "/widget-rules", auth=may(Right.SEE_FIGURES), response=gives(WidgetRulesDocument),
    operation_id="widget_rules", summary=str(_("The rules of the website widget")),
)  # fmt: skip
def listed(request: Asked, asked: Query[WidgetRulesAsked]) -> HttpResponse:
    """The document of `zhiyin widget list --json`."""
    found = kept.of(request.auth.slug, asked.survey)
    return send({"widget_rules": [kept.as_dict(one) for one in found]})


@router.get(
    "/widget-rules/{name}", auth=may(Right.SEE_FIGURES), response=gives(WidgetRuleDocument),
    operation_id="widget_rule", summary=str(_("One rule of the website widget")),
)  # fmt: skip
def one(request: Asked, name: str) -> HttpResponse:
    """The document of `zhiyin widget show --json`."""
    return send(kept.as_dict(kept.get(request.auth.slug, name)))


@router.put(
    "/widget-rules/{name}", auth=may(Right.PUBLISH), response=gives(WidgetRuleDocument),
    operation_id="put_widget_rule", summary=str(_("Make or change a rule of the website widget")),
    openapi_extra=ONCE,
)  # fmt: skip
def put(request: Asked, name: str, given: WidgetRuleGiven) -> HttpResponse:
    """A new rule is off unless `is_on` says otherwise."""
    caller = request.auth

    @transaction.atomic
    def done() -> dict[str, object]:
        actions.put(
            by=caller.by, workspace=caller.slug, survey=given.survey, name=name, says=given.rule
        )
        if given.is_on is not None:
            actions.switch(by=caller.by, workspace=caller.slug, name=name, is_on=given.is_on)
        return kept.as_dict(kept.get(caller.slug, name))

    return once(request, done)


@router.delete(
    "/widget-rules/{name}", auth=may(Right.PUBLISH), response=gives(RemovedWidgetRuleDocument),
    operation_id="remove_widget_rule", summary=str(_("Remove a rule of the website widget")),
    openapi_extra=ONCE,
)  # fmt: skip
def remove(request: Asked, name: str) -> HttpResponse:
    """It asks nobody any more; what it asked stays in the log."""
    caller = request.auth

    def done() -> dict[str, object]:
        actions.remove(by=caller.by, workspace=caller.slug, name=name)
        return {"name": name, "removed": True}

    return once(request, done)
