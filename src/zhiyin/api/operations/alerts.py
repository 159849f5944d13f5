"""Alerts 预警: what fired, and the rules; channels 通知渠道 with what went there."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from zhiyin.accounts import units
from zhiyin.accounts.rights import Right
from zhiyin.act import judged
from zhiyin.act.alerts import actions, conditions, documents, fired, rehearsing, rules
from zhiyin.act.alerts.parts import Part
from zhiyin.act.channels import actions as channel_actions
from zhiyin.act.channels import kept
from zhiyin.api.answers import read, send, write
from zhiyin.api.callers import Asked, Caller, may
from zhiyin.api.documents.alerts import (
    AlertDocument,
    AlertRuleDocument,
    AlertRuleGiven,
    AlertRulesDocument,
    AlertRuleSwitchGiven,
    AlertsDocument,
    AlertStepGiven,
    ChannelAddedDocument,
    ChannelChangeGiven,
    ChannelDocument,
    ChannelGiven,
    ChannelsDocument,
    ChannelStepGiven,
    DeliveriesDocument,
    DeliveryDocument,
    RehearsalDocument,
    RehearsalGiven,
    SettingRemovedDocument,
)
from zhiyin.api.once import once
from zhiyin.api.operations.parameters import ONCE, Paging, gives
from zhiyin.kernel.text import _
from zhiyin.web import personal

router = Router(tags=["alerts"], by_alias=True)


class AlertsAsked(Paging):
    """Which alerts."""

    status: Literal["", "open", "noted", "dismissed", "closed", "all"] = ""
    severity: Literal["", "info", "warning", "urgent"] = ""
    rule: int | None = Field(default=None, ge=1, lt=2**31)
    text: str = Field(default="", max_length=120, description=str(_("In the rule's name.")))


class DeliveriesAsked(Paging):
    """Which messages."""

    channel: str = Field(default="", max_length=40)
    state: Literal["", "waiting", "sent", "merged", "empty", "dead"] = ""


@router.get(
    "/alerts", auth=may(Right.SEE_FIGURES), response=gives(AlertsDocument),
    operation_id="alerts", summary=str(_("Alerts")),
)  # fmt: skip
def listed(request: Asked, asked: Query[AlertsAsked]) -> HttpResponse:
    """The document of `zhiyin alert list --json`, page by page."""
    caller = request.auth
    wanted = fired.Chosen(asked.status, asked.severity, asked.rule, asked.text)
    found = fired.seen_by(fired.chosen(caller.slug, wanted), _part(caller), caller.log)
    start = read(asked.cursor, int) or 0
    rows = list(found[start : start + asked.limit + 1])
    following = write(start + asked.limit) if len(rows) > asked.limit else None
    told = documents.listed(
        rows[: asked.limit], caller.log, caller.workspace, sees_it=_sees(caller)
    )
    share = judged.false_share(caller.slug) if caller.scope is None else None
    return send({"alerts": told, "not_justified": documents.share(share), "next": following})


@router.get(
    "/alerts/{int:number}", auth=may(Right.SEE_FIGURES), response=gives(AlertDocument),
    operation_id="alert", summary=str(_("One alert with why it fired")),
)  # fmt: skip
def one(request: Asked, number: int) -> HttpResponse:
    """The document of `zhiyin alert show --json`."""
    return send(_told(request.auth, number))


@router.post(
    "/alerts/{int:number}/steps", auth=may(Right.SEE_CUSTOMERS), response=gives(AlertDocument),
    operation_id="step_alert", summary=str(_("Say what becomes of an alert")),
    openapi_extra=ONCE,
)  # fmt: skip
def step(request: Asked, number: int, given: AlertStepGiven) -> HttpResponse:
    """Take note of it, dismiss it with a reason, or open it again."""
    caller = request.auth
    fired.get_for(_part(caller), caller.log, number)

    def done() -> dict[str, Any]:
        asked: dict[str, Any] = {"by": caller.by, "workspace": caller.slug, "number": number}
        match given.do:
            case "note":
                actions.note(**asked)
            case "dismiss":
                actions.dismiss(reason=given.reason or "", note=given.note, **asked)
            case "reopen":
                actions.reopen(**asked)
        return _told(caller, number)

    return once(request, done)


@router.get(
    "/alert-rules", auth=may(Right.DEFINE), response=gives(AlertRulesDocument),
    operation_id="alert_rules", summary=str(_("Alert rules")),
)  # fmt: skip
def told_rules(request: Asked) -> HttpResponse:
    """The document of `zhiyin alert rules --json`."""
    caller = request.auth
    found = rules.seen_by(rules.of(caller.slug), _part(caller))
    sees_it = caller.sees_personal_data
    return send({"rules": [rules.as_dict(one, sees_it=sees_it) for one in found]})


@router.post(
    "/alert-rules", auth=may(Right.DEFINE), response=gives(AlertRuleDocument, 201),
    operation_id="add_alert_rule", summary=str(_("Add an alert rule")), openapi_extra=ONCE,
)  # fmt: skip
def add(request: Asked, given: AlertRuleGiven) -> HttpResponse:
    """It watches what comes from now on."""
    caller = request.auth

    def done() -> dict[str, Any]:
        made = actions.add(
            by=caller.by, workspace=caller.slug, wanted=_wanted(caller, given), log=caller.log
        )
        return _rule(caller, made.number)

    return once(request, done, status=201)


@router.put(
    "/alert-rules/{int:number}", auth=may(Right.DEFINE), response=gives(AlertRuleDocument),
    operation_id="change_alert_rule", summary=str(_("Change an alert rule")),
    openapi_extra=ONCE,
)  # fmt: skip
def change(request: Asked, number: int, given: AlertRuleGiven) -> HttpResponse:
    """Where it watches something else it begins anew."""
    caller = request.auth
    rules.get_for(_part(caller), number)

    def done() -> dict[str, Any]:
        actions.change(
            by=caller.by, workspace=caller.slug, number=number, wanted=_wanted(caller, given),
            log=caller.log,
        )  # fmt: skip
        return _rule(caller, number)

    return once(request, done)


@router.post(
    "/alert-rules/{int:number}/switch", auth=may(Right.DEFINE), response=gives(AlertRuleDocument),
    operation_id="switch_alert_rule", summary=str(_("Switch an alert rule, or let it rest")),
    openapi_extra=ONCE,
)  # fmt: skip
def switch(request: Asked, number: int, given: AlertRuleSwitchGiven) -> HttpResponse:
    """On or off; and until when nobody is told."""
    caller = request.auth
    rules.get_for(_part(caller), number)

    def done() -> dict[str, Any]:
        asked: dict[str, Any] = {"by": caller.by, "workspace": caller.slug, "number": number}
        actions.switch(is_on=given.is_on, **asked)
        actions.snooze(until=given.snoozed_until, **asked)
        return _rule(caller, number)

    return once(request, done)


@router.delete(
    "/alert-rules/{int:number}", auth=may(Right.DEFINE), response=gives(SettingRemovedDocument),
    operation_id="remove_alert_rule", summary=str(_("Remove an alert rule")),
    openapi_extra=ONCE,
)  # fmt: skip
def remove(request: Asked, number: int) -> HttpResponse:
    """What it fired stays."""
    caller = request.auth
    rules.get_for(_part(caller), number)

    def done() -> dict[str, Any]:
        actions.remove(by=caller.by, workspace=caller.slug, number=number)
        return {"removed": number}

    return once(request, done)


@router.post(
    "/alert-rules/rehearsal", auth=may(Right.DEFINE), response=gives(RehearsalDocument),
    operation_id="rehearse_alert_rule", summary=str(_("Rehearse an alert rule")),
)  # fmt: skip
def rehearse(request: Asked, given: RehearsalGiven) -> HttpResponse:
    """On which days it would have fired; nothing is saved."""
    caller = request.auth
    _part(caller).check_unit(given.unit)
    branch = units.branch_filter(units.find(caller.slug, given.unit)) if given.unit else None
    found = rehearsing.rehearse(
        caller.log, caller.workspace, _condition(caller, given.condition), branch=branch,
        days=given.days,
    )  # fmt: skip
    return send(found.as_dict())


@router.get(
    "/channels", auth=may(Right.SEE_DATA), response=gives(ChannelsDocument),
    operation_id="channels", summary=str(_("Channels")),
)  # fmt: skip
def channels(request: Asked) -> HttpResponse:
    """The document of `zhiyin channel list --json`."""
    return send({"channels": [kept.as_dict(one) for one in kept.of(request.auth.slug)]})


@router.post(
    "/channels", auth=may(Right.CHANGE_DATA), response=gives(ChannelAddedDocument, 201),
    operation_id="add_channel", summary=str(_("Add a channel")), openapi_extra=ONCE,
)  # fmt: skip
def add_channel(request: Asked, given: ChannelGiven) -> HttpResponse:
    """The secret that is made for a webhook is told this once."""
    caller = request.auth

    def done() -> dict[str, Any]:
        wanted = channel_actions.Wanted(
            name=given.name, kind=given.kind, address=given.address, secret=given.secret,
            keyword=given.keyword, language=given.language,
        )  # fmt: skip
        made = channel_actions.add(
            by=caller.by, workspace=caller.slug, key=given.key, wanted=wanted
        )
        return {**kept.as_dict(made.channel), "secret": made.secret or None}

    return once(request, done, status=201)


@router.put(
    "/channels/{key}", auth=may(Right.CHANGE_DATA), response=gives(ChannelDocument),
    operation_id="change_channel", summary=str(_("Change a channel")), openapi_extra=ONCE,
)  # fmt: skip
def change_channel(request: Asked, key: str, given: ChannelChangeGiven) -> HttpResponse:
    """A webhook is signed with the secret before, too, for a day."""
    caller = request.auth

    def done() -> dict[str, Any]:
        wanted = channel_actions.Wanted(
            name=given.name, address=given.address, secret=given.secret, keyword=given.keyword,
            language=given.language,
        )  # fmt: skip
        channel_actions.change(by=caller.by, workspace=caller.slug, key=key, wanted=wanted)
        return kept.as_dict(kept.get(caller.slug, key))

    return once(request, done)


@router.post(
    "/channels/{key}/steps", auth=may(Right.CHANGE_DATA), response=gives(ChannelDocument),
    operation_id="step_channel", summary=str(_("Test a channel, switch it on or off")),
    openapi_extra=ONCE,
)  # fmt: skip
def step_channel(request: Asked, key: str, given: ChannelStepGiven) -> HttpResponse:
    """What became of a test stands among the deliveries."""
    caller = request.auth

    def done() -> dict[str, Any]:
        asked: dict[str, Any] = {"by": caller.by, "workspace": caller.slug, "key": key}
        if given.do == "test":
            channel_actions.test(**asked)
        else:
            channel_actions.switch(is_on=given.do == "on", **asked)
        return kept.as_dict(kept.get(caller.slug, key))

    return once(request, done)


@router.delete(
    "/channels/{key}", auth=may(Right.CHANGE_DATA), response=gives(SettingRemovedDocument),
    operation_id="remove_channel", summary=str(_("Remove a channel")), openapi_extra=ONCE,
)  # fmt: skip
def remove_channel(request: Asked, key: str) -> HttpResponse:
    """With what waits for it."""
    caller = request.auth

    def done() -> dict[str, Any]:
        channel_actions.remove(by=caller.by, workspace=caller.slug, key=key)
        return {"removed": key}

    return once(request, done)


@router.get(
    "/deliveries", auth=may(Right.SEE_DATA), response=gives(DeliveriesDocument),
    operation_id="deliveries", summary=str(_("Messages to channels")),
)  # fmt: skip
def deliveries(request: Asked, asked: Query[DeliveriesAsked]) -> HttpResponse:
    """The document of `zhiyin channel deliveries --json`, page by page."""
    start = read(asked.cursor, int) or 0
    found = kept.deliveries(request.auth.slug, channel=asked.channel, state=asked.state)
    rows = list(found[start : start + asked.limit + 1])
    following = write(start + asked.limit) if len(rows) > asked.limit else None
    told = [kept.delivery_as_dict(one, with_tries=True) for one in rows[: asked.limit]]
    return send({"deliveries": told, "next": following})


@router.post(
    "/deliveries/{int:number}/replay", auth=may(Right.CHANGE_DATA),
    response=gives(DeliveryDocument), operation_id="replay_delivery",
    summary=str(_("Send a message once more")), openapi_extra=ONCE,
)  # fmt: skip
def replay(request: Asked, number: int) -> HttpResponse:
    """With the same id."""
    caller = request.auth

    def done() -> dict[str, Any]:
        channel_actions.replay(by=caller.by, workspace=caller.slug, number=number)
        return kept.delivery_as_dict(kept.delivery(caller.slug, number), with_tries=True)

    return once(request, done)


def _part(caller: Caller) -> Part:
    return Part(caller.slug, caller.scope, caller.key.unit)


def _sees(caller: Caller) -> bool:
    return caller.sees_personal_data and Right.SEE_CUSTOMERS in caller.key.rights


def _told(caller: Caller, number: int) -> dict[str, Any]:
    alert = fired.get_for(_part(caller), caller.log, number)
    (told,) = documents.listed([alert], caller.log, caller.workspace, sees_it=_sees(caller))
    return told


def _rule(caller: Caller, number: int) -> dict[str, Any]:
    return rules.as_dict(rules.get_for(_part(caller), number), sees_it=caller.sees_personal_data)


def _condition(caller: Caller, given: dict[str, Any]) -> conditions.Condition:
    found = conditions.read(given)
    sees_it = caller.sees_personal_data
    personal.check_facts(conditions.columns_of(found), sees_it=sees_it)
    if isinstance(found, conditions.Verbatim):
        personal.check_search(found.text, sees_it=sees_it)
    return found


def _wanted(caller: Caller, given: AlertRuleGiven) -> actions.Wanted:
    _part(caller).check_unit(given.unit)
    return actions.Wanted(
        name=given.name, condition=_condition(caller, given.condition), severity=given.severity,
        unit=given.unit, people=given.people, roles=given.roles, channels=given.channels,
        to_owner=given.to_owner, pace=given.pace, hour=given.hour, weekday=given.weekday,
        quiet=given.quiet,
    )  # fmt: skip
