"""Surveys are sent to people, and what comes back is taken."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpResponse
from ninja import Router

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.sending import (
    AgainDocument,
    BounceGiven,
    BouncesDocument,
    DistributionDocument,
    DistributionGiven,
    DistributionsDocument,
    KeysGiven,
    KeysTakenDocument,
    NewDistributionGiven,
    PauseGiven,
    PeopleGiven,
    PlannedDocument,
    StopDocument,
    StopGiven,
)
from zhiyin.api.once import once
from zhiyin.api.operations.parameters import ONCE, gives
from zhiyin.collect.reaching import bounces, distributions, planning, standing, stopping
from zhiyin.collect.reaching.people import Person
from zhiyin.collect.surveys import pressing
from zhiyin.collect.surveys.pressing import Pressed
from zhiyin.kernel.text import _
from zhiyin.web.log import the_log

router = Router(tags=["surveys"], by_alias=True)


@router.get(
    "/distributions", auth=may(Right.SEE_FIGURES), response=gives(DistributionsDocument),
    operation_id="distributions", summary=str(_("How surveys are sent out")),
)  # fmt: skip
def listed(request: Asked) -> HttpResponse:
    """The document of `zhiyin reach list --json`."""
    caller = request.auth
    found = [
        standing.as_dict(one, standing.of(caller.log, one)) for one in distributions.of(caller.slug)
    ]
    return send({"distributions": found})


@router.post(
    "/distributions", auth=may(Right.PUBLISH), response=gives(DistributionDocument, 201),
    operation_id="create_distribution", summary=str(_("Make a distribution of a survey")),
    openapi_extra=ONCE,
)  # fmt: skip
def create(request: Asked, given: NewDistributionGiven) -> HttpResponse:
    """It asks nobody yet."""
    caller = request.auth

    def done() -> dict[str, object]:
        parts = given.model_dump()
        key, survey = parts.pop("key"), parts.pop("survey")
        distributions.create(
            by=caller.by, workspace=caller.slug, survey=survey, key=key,
            asked=distributions.read(parts),
        )  # fmt: skip
        return _told(request, key)

    return once(request, done, status=201)


@router.get(
    "/distributions/{key}", auth=may(Right.SEE_FIGURES), response=gives(DistributionDocument),
    operation_id="distribution", summary=str(_("What became of a distribution")),
)  # fmt: skip
def shown(request: Asked, key: str) -> HttpResponse:
    """The document of `zhiyin reach show --json`."""
    return send(_told(request, key))


@router.put(
    "/distributions/{key}", auth=may(Right.PUBLISH), response=gives(DistributionDocument),
    operation_id="change_distribution", summary=str(_("Change what a distribution says")),
    openapi_extra=ONCE,
)  # fmt: skip
def change(request: Asked, key: str, given: DistributionGiven) -> HttpResponse:
    """Letters that wait say it so; the channel stays."""
    caller = request.auth

    def done() -> dict[str, object]:
        channel = distributions.get(caller.slug, key).channel
        asked = distributions.read({**given.model_dump(), "channel": channel})
        distributions.change(by=caller.by, workspace=caller.slug, key=key, asked=asked)
        return _told(request, key)

    return once(request, done)


@router.put(
    "/distributions/{key}/pause", auth=may(Right.PUBLISH), response=gives(DistributionDocument),
    operation_id="pause_distribution", summary=str(_("Pause a distribution, or go on")),
    openapi_extra=ONCE,
)  # fmt: skip
def pause(request: Asked, key: str, given: PauseGiven) -> HttpResponse:
    """Nothing is sent while it is paused; what is planned waits."""
    caller = request.auth

    def done() -> dict[str, object]:
        distributions.pause(by=caller.by, workspace=caller.slug, key=key, is_paused=given.is_paused)
        return _told(request, key)

    return once(request, done)


@router.post(
    "/distributions/{key}/uncertain", auth=may(Right.PUBLISH), response=gives(AgainDocument),
    operation_id="send_uncertain",
    summary=str(_("Send again what may or may not have gone out")), openapi_extra=ONCE,
)  # fmt: skip
def again(request: Asked, key: str) -> HttpResponse:
    """Whoever got it gets it twice."""
    caller = request.auth

    def done() -> dict[str, object]:
        n = distributions.send_uncertain(by=caller.by, workspace=caller.slug, key=key)
        return {"key": key, "askings": n}

    return once(request, done)


@router.post(
    "/distributions/{key}/people", auth=may(Right.PUBLISH, personal=True),
    response=gives(PlannedDocument), operation_id="ask_people",
    summary=str(_("Ask a list of people")), openapi_extra=ONCE,
)  # fmt: skip
def ask_people(request: Asked, key: str, given: PeopleGiven) -> HttpResponse:
    """Whom the rules protect, and whoever was asked about the same before, is not asked."""
    caller = request.auth
    people = [
        Person(
            **one.model_dump(exclude={"experienced_at"}), experienced_at=_naive(one.experienced_at)
        )
        for one in given.people
    ]

    def done() -> dict[str, object]:
        held = distributions.get(caller.slug, key)
        # Whether somebody may be asked is judged by all that is known, whoever brings the list.
        planned = planning.plan(
            the_log(), by=caller.by, distribution=held, people=people,
            due_at=_naive(given.due_at),
        )  # fmt: skip
        return {"key": key, **planned.as_dict()}

    return once(request, done, in_log=True)


@router.post(
    "/stops", auth=may(Right.PUBLISH, personal=True), response=gives(StopDocument),
    operation_id="stop_address", summary=str(_("Ask nobody at an address any more")),
    openapi_extra=ONCE,
)  # fmt: skip
def stop(request: Asked, given: StopGiven) -> HttpResponse:
    """By any survey of the workspace; the address itself is not kept."""
    caller = request.auth

    def done() -> dict[str, object]:
        is_new = stopping.stop_by_hand(
            by=caller.by, workspace=caller.slug, channel=given.channel, address=given.address
        )
        return {"stopped": True, "is_new": is_new}

    return once(request, done)


@router.post(
    "/bounces", auth=may(Right.CHANGE_DATA, personal=True), response=gives(BouncesDocument),
    operation_id="take_bounce", summary=str(_("Take a letter that came back, or a complaint")),
    openapi_extra=ONCE,
)  # fmt: skip
def bounce(request: Asked, given: BounceGiven) -> HttpResponse:
    """A whole message as the mail server has it (RFC 3464, RFC 5965)."""
    caller = request.auth

    def done() -> dict[str, object]:
        raw = given.message.encode("utf-8", "surrogateescape")
        found = bounces.take_in(by=caller.by, raws=[raw], workspace=caller.slug)
        return {"messages": dict(found)}

    return once(request, done)


@router.post(
    "/surveys/{key}/keys", auth=may(Right.CHANGE_DATA, personal=True),
    response=gives(KeysTakenDocument), operation_id="take_keys",
    summary=str(_("Take answers by key after calls")), openapi_extra=ONCE,
)  # fmt: skip
def keys(request: Asked, key: str, given: KeysGiven) -> HttpResponse:
    """Each is a row of `answers`, with the mode and channel `phone`."""
    caller = request.auth
    pressed = [
        Pressed(**one.model_dump(exclude={"at"}), at=one.at.astimezone(UTC).replace(tzinfo=None))
        for one in given.pressed
    ]

    def done() -> dict[str, object]:
        found = pressing.take(
            caller.log, by=caller.by, workspace=caller.slug, key=key, pressed=pressed
        )
        wrong = [{"place": place, "message": str(why)} for place, why in found.wrong.items()]
        return {"key": key, "answers": found.answers, "repeated": found.repeated, "wrong": wrong}

    return once(request, done, in_log=True)


def _told(request: Asked, key: str) -> dict[str, object]:
    held = distributions.get(request.auth.slug, key)
    return standing.as_dict(held, standing.of(request.auth.log, held))


def _naive(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC).replace(tzinfo=None)
