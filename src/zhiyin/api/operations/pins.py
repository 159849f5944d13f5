"""Marks on journey maps 问题点与改进建议: listed, made, changed, voted for, removed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

from django.db import transaction
from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import read, send, write
from zhiyin.api.callers import Asked, Caller, check_right, may
from zhiyin.api.documents.pins import (
    Kind,
    PinChanged,
    PinCommentGiven,
    PinDocument,
    PinEventDocument,
    PinGiven,
    PinRemovedDocument,
    PinsDocument,
    PinVoteGiven,
    PinWholeDocument,
    ProofGiven,
)
from zhiyin.api.once import once
from zhiyin.api.operations.parameters import ONCE, Paging, gives
from zhiyin.kernel.periods import read_day
from zhiyin.kernel.text import _
from zhiyin.maps import kept, pin_telling, pinning, pins
from zhiyin.maps.models import Pin
from zhiyin.maps.pin_wanted import Wanted, wanted_of
from zhiyin.maps.pinning import Proof

router = Router(tags=["journeys"], by_alias=True)


class PinsAsked(Paging):
    """Which marks."""

    map: str = Field(default="", max_length=40, description=str(_("Of this map alone.")))
    status: Literal["", "open", "planned", "doing", "done", "declined", "all"] = Field(
        default="", description=str(_("By default those that are not over."))
    )
    kind: Literal[""] | Kind = ""
    node: str = Field(default="", max_length=40, description=str(_("At this touchpoint alone.")))
    owner: str = Field(default="", max_length=254, description=str(_("Of this owner alone.")))
    of: str = Field(
        default="", max_length=254,
        description=str(_("Owned by this member, or contributed to.")),
    )  # fmt: skip
    overdue: bool = Field(default=False, description=str(_("Whose day has passed.")))
    text: str = Field(default="", max_length=200, description=str(_("With this in title or text.")))
    sort: Literal["votes", "due", "newest"] = "votes"


@router.get(
    "/journeys/marks", auth=may(Right.SEE_FIGURES), response=gives(PinsDocument),
    operation_id="pins", summary=str(_("Marks on journey maps")),
)  # fmt: skip
def listed(request: Asked, asked: Query[PinsAsked]) -> HttpResponse:
    """The document of `zhiyin journey mark list --json`, page by page."""
    caller = request.auth
    if asked.map:
        kept.get(caller.slug, asked.map)
    chosen = pins.Chosen(
        status=asked.status, kind=asked.kind, node=asked.node, owner=asked.owner, whose=asked.of,
        overdue=asked.overdue, text=asked.text, sort=asked.sort,
    )  # fmt: skip
    start = read(asked.cursor, int) or 0
    found = pins.chosen(caller.workspace, chosen, asked.map)
    rows = list(found[start : start + asked.limit + 1])
    following = write(start + asked.limit) if len(rows) > asked.limit else None
    return send({"marks": _told(caller, rows[: asked.limit]), "next": following})


@router.post(
    "/journeys/maps/{key}/marks", auth=may(Right.SEE_FIGURES), response=gives(PinDocument, 201),
    operation_id="make_pin", summary=str(_("Pin a problem or a suggestion to a touchpoint")),
    openapi_extra=ONCE,
)  # fmt: skip
def make(request: Asked, key: str, given: PinGiven) -> HttpResponse:
    """For keys that may define or set targets; for words, also see customers."""
    caller = request.auth

    def done() -> dict[str, Any]:
        kept.get(caller.slug, key)
        made = pinning.make(
            by=caller.by, workspace=caller.workspace, key=key, wanted=_wanted(None, given),
            log=caller.log, proofs=_proofs(caller, given.evidence), writes=_writes(caller),
        )  # fmt: skip
        return _told(caller, [made])[0]

    return once(request, done, status=201)


@router.get(
    "/journeys/maps/{key}/marks/{int:number}", auth=may(Right.SEE_FIGURES),
    response=gives(PinWholeDocument), operation_id="pin",
    summary=str(_("One mark with what it rests on")),
)  # fmt: skip
def shown(request: Asked, key: str, number: int) -> HttpResponse:
    """The document of `zhiyin journey mark show --json`: figures are those of what the key sees."""
    caller = request.auth
    pin = pins.get(caller.slug, key, number)
    return send(
        pin_telling.whole(
            pin, caller.log, caller.workspace, sees_it=caller.sees_personal_data
        )
    )  # fmt: skip


@router.put(
    "/journeys/maps/{key}/marks/{int:number}", auth=may(Right.SEE_FIGURES),
    response=gives(PinDocument), operation_id="change_pin", summary=str(_("Change a mark")),
    openapi_extra=ONCE,
)  # fmt: skip
def change(request: Asked, key: str, number: int, given: PinChanged) -> HttpResponse:
    """For keys that may define or set targets; moved to another touchpoint by its `node`."""
    caller = request.auth

    @transaction.atomic
    def done() -> dict[str, Any]:
        asked = _asked(caller, key, number)
        wanted = _wanted(wanted_of(pins.get(caller.slug, key, number)), given)
        pinning.change(revision=given.revision, wanted=wanted, writes=_writes(caller), **asked)
        for proof in given.drop_evidence:
            pinning.remove_evidence(proof=proof, writes=_writes(caller), **asked)
        if proofs := _proofs(caller, given.evidence):
            pinning.add_evidence(proofs=proofs, log=caller.log, writes=_writes(caller), **asked)
        return _told(caller, [pins.get(caller.slug, key, number)])[0]

    return once(request, done)


@router.post(
    "/journeys/maps/{key}/marks/{int:number}/comments", auth=may(Right.SEE_FIGURES),
    response=gives(PinEventDocument, 201), operation_id="comment_pin",
    summary=str(_("Comment on a mark")), openapi_extra=ONCE,
)  # fmt: skip
def comment(request: Asked, key: str, number: int, given: PinCommentGiven) -> HttpResponse:
    """In the name of the key."""
    caller = request.auth

    def done() -> dict[str, Any]:
        said = pinning.say(text=given.text, **_asked(caller, key, number))
        return pins.event_as_dict(said, sees_it=caller.sees_personal_data)

    return once(request, done, status=201)


@router.put(
    "/journeys/maps/{key}/marks/{int:number}/votes", auth=may(Right.SEE_FIGURES),
    response=gives(PinDocument), operation_id="vote_pin",
    summary=str(_("Give a member's vote for a mark, or take it back")), openapi_extra=ONCE,
)  # fmt: skip
def vote(request: Asked, key: str, number: int, given: PinVoteGiven) -> HttpResponse:
    """Each member has one; for keys that may define or set targets."""
    caller = request.auth

    def done() -> dict[str, Any]:
        pins.get(caller.slug, key, number)
        pinning.check_may_write(_writes(caller))
        pinning.vote(login=given.member, is_for=given.is_for, **_asked(caller, key, number))
        return _told(caller, [pins.get(caller.slug, key, number)])[0]

    return once(request, done)


@router.delete(
    "/journeys/maps/{key}/marks/{int:number}", auth=may(Right.SEE_FIGURES),
    response=gives(PinRemovedDocument), operation_id="remove_pin",
    summary=str(_("Remove a mark")), openapi_extra=ONCE,
)  # fmt: skip
def remove(request: Asked, key: str, number: int) -> HttpResponse:
    """With its votes, comments and evidence; for keys that may define or set targets."""
    caller = request.auth

    def done() -> dict[str, Any]:
        pinning.remove(writes=_writes(caller), **_asked(caller, key, number))
        return {"map": key, "number": number, "removed": True}

    return once(request, done)


def _writes(caller: Caller) -> bool:
    return bool({Right.DEFINE, Right.SET_TARGETS} & set(caller.key.rights))


def _asked(caller: Caller, key: str, number: int) -> dict[str, Any]:
    return {"by": caller.by, "workspace": caller.workspace, "key": key, "number": number}


def _told(caller: Caller, found: Sequence[Pin]) -> list[dict[str, Any]]:
    names = pins.names_of(found)
    return [
        pins.as_dict(
            pin, caller.workspace, names[pin.map.key], sees_it=caller.sees_personal_data
        )
        for pin in found
    ]  # fmt: skip


def _proofs(caller: Caller, given: Sequence[ProofGiven]) -> list[Proof]:
    if any(one.kind == "words" for one in given):
        check_right(caller.key, Right.SEE_CUSTOMERS)
    return [Proof(one.kind, one.says) for one in given]


def _wanted(stands: Wanted | None, given: PinGiven | PinChanged) -> Wanted:
    """What stands, with what is given in its place."""
    names = ("node", "title", "kind", "says", "status", "owner")
    changed = {name: held for name in names if (held := getattr(given, name)) is not None}
    if given.contributors is not None:
        changed["contributors"] = tuple(given.contributors)
    if given.due_on is not None:
        changed["due_on"] = read_day(given.due_on, _("The day"))
    return replace(stands, **changed) if stands is not None else Wanted(**changed)
