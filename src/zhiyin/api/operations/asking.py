"""Who may be asked, and when an event asks."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.asking import (
    ContactRulesDocument,
    ContactRulesGiven,
    DrawnDocument,
    RehearsedDocument,
    RemovedDocument,
    TriggerDocument,
    TriggerGiven,
    TriggersDocument,
)
from zhiyin.api.once import once
from zhiyin.api.operations.parameters import ONCE, Asking, facts_filter, gives
from zhiyin.collect.reaching import distributions, rules, triggering, triggers
from zhiyin.collect.reaching.triggering import Listed
from zhiyin.kernel.text import _
from zhiyin.web import personal

router = Router(tags=["surveys"], by_alias=True)


class TryingAsked(Asking):
    """How a dry run looks back."""

    days: int = Field(default=7, ge=1, le=90, description=str(_("How many days back.")))
    as_if_live: bool = Field(
        default=False,
        description=str(_("Count imported events, as if each had arrived when it happened.")),
    )


class EventAsked(Asking):
    """Which event."""

    source: str = Field(max_length=200)
    id: str = Field(max_length=300)


@router.get(
    "/contact-rules", auth=may(Right.SEE_DATA), response=gives(ContactRulesDocument),
    operation_id="contact_rules", summary=str(_("Who may be asked, and when")),
)  # fmt: skip
def contact_rules(request: Asked) -> HttpResponse:
    """The document of `zhiyin reach rules --json`."""
    return send(rules.of(request.auth.slug).as_dict())


@router.patch(
    "/contact-rules", auth=may(Right.CHANGE_WORKSPACE), response=gives(ContactRulesDocument),
    operation_id="change_contact_rules", summary=str(_("Change who may be asked, and when")),
    openapi_extra=ONCE,
)  # fmt: skip
def change_rules(request: Asked, given: ContactRulesGiven) -> HttpResponse:
    """They hold for whoever is judged next; what is not named stays."""
    caller = request.auth

    def done() -> dict[str, object]:
        changes = given.model_dump(exclude_none=True)
        return rules.change(by=caller.by, workspace=caller.slug, **changes).as_dict()

    return once(request, done)


@router.get(
    "/triggers", auth=may(Right.SEE_DATA), response=gives(TriggersDocument),
    operation_id="triggers", summary=str(_("Which events ask for which survey")),
)  # fmt: skip
def listed(request: Asked) -> HttpResponse:
    """The document of `zhiyin reach triggers --json`."""
    return send({"triggers": [_told(request, one) for one in triggering.of(request.auth.slug)]})


@router.get(
    "/triggers/{key}", auth=may(Right.SEE_DATA), response=gives(TriggerDocument),
    operation_id="trigger", summary=str(_("Which event asks for a distribution")),
)  # fmt: skip
def trigger(request: Asked, key: str) -> HttpResponse:
    """With how many were asked or withheld so far, by reason."""
    return send(_told(request, triggering.get(request.auth.slug, key)))


@router.put(
    "/triggers/{key}", auth=may(Right.CHANGE_DATA), response=gives(TriggerDocument),
    operation_id="set_trigger", summary=str(_("Let an event ask for a distribution")),
    openapi_extra=ONCE,
)  # fmt: skip
def set_trigger(request: Asked, key: str, given: TriggerGiven) -> HttpResponse:
    """What arrived before asks for nothing."""
    caller = request.auth
    facts_filter(request, given.where)

    def done() -> dict[str, object]:
        parts = given.model_dump()
        share = parts.pop("sample_share")
        made = triggering.put(
            caller.log, by=caller.by, workspace=caller.slug, key=key,
            trigger=triggers.read(parts), share=share,
        )  # fmt: skip
        return _told(request, made)

    return once(request, done)


@router.delete(
    "/triggers/{key}", auth=may(Right.CHANGE_DATA), response=gives(RemovedDocument),
    operation_id="remove_trigger", summary=str(_("Let no event ask for it any more")),
    openapi_extra=ONCE,
)  # fmt: skip
def remove_trigger(request: Asked, key: str) -> HttpResponse:
    """What waits to be sent is sent."""
    caller = request.auth

    def done() -> dict[str, object]:
        triggering.remove(by=caller.by, workspace=caller.slug, key=key)
        return {"key": key, "removed": True}

    return once(request, done)


@router.get(
    "/triggers/{key}/dry-run", auth=may(Right.SEE_DATA), response=gives(RehearsedDocument),
    operation_id="try_trigger", summary=str(_("Whom a trigger would have asked")),
)  # fmt: skip
def try_trigger(request: Asked, key: str, asked: Query[TryingAsked]) -> HttpResponse:
    """What `zhiyin reach triggers --dry-run` says; nobody is asked."""
    caller = request.auth
    held = triggering.get(caller.slug, key)
    done = triggering.rehearsed(
        caller.log, held.held, held.trigger, days=asked.days, as_if_live=asked.as_if_live
    )
    return send(done.as_dict())


@router.get(
    "/triggers/{key}/draw", auth=may(Right.SEE_DATA), response=gives(DrawnDocument),
    operation_id="draw_again", summary=str(_("What is drawn for an event")),
)  # fmt: skip
def draw_again(request: Asked, key: str, asked: Query[EventAsked]) -> HttpResponse:
    """Whether it is in the sample, and the incentive's arm: the same as was drawn."""
    held = distributions.get(request.auth.slug, key)
    return send(triggering.drawn(held, asked.source, asked.id))


def _told(request: Asked, one: Listed) -> dict[str, object]:
    """A trigger, its filter without values that say who a customer is where the key hides them."""
    shown = personal.rule(one.trigger.where, sees_it=request.auth.sees_personal_data)
    return {**one.as_dict(), "where": shown}
