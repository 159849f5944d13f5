"""Every write to the marks on journey maps: one transaction, with history and audit entry."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from django.db import transaction
from django.db.models import Max

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.maps import evidence, kept, pin_letters, pins
from zhiyin.maps.models import Evidence, JourneyMap, Pin, PinEvent, Vote
from zhiyin.maps.pin_wanted import (
    LONGEST_TEXT,
    MOST,
    Wanted,
    audited,
    checked,
    differing,
    member,
    members,
    no_member,
    plain,
    wanted_of,
)
from zhiyin.warehouse.log import Log

ProofKind = Literal["figure", "words", "link"]


@dataclass(frozen=True, slots=True)
class Proof:
    """What a mark is to rest on.

    Args:
        says: the address of a figure, the number of words in the log, an address elsewhere.
    """

    kind: ProofKind
    says: str


def make(
    *,
    by: Actor,
    workspace: Settings,
    key: str,
    wanted: Wanted,
    log: Log | None = None,
    proofs: Collection[Proof] = (),
    writes: bool = True,
) -> Pin:
    """Pin a problem or a suggestion to a touchpoint.

    Args:
        log: as whoever acts may read it; needed for `proofs`.
        writes: whether whoever acts may make marks.

    Raises:
        Problem: ``map.none``, ``pins.not-yours``, ``pins.title``, ``pins.text``, ``pins.kind``,
            ``pins.status``, ``pins.node``, ``pins.member``, ``pins.too-many``; as `add_evidence`.
    """
    check_may_write(writes)
    kept_of = [(one.kind, _kept(one, log, workspace)) for one in proofs]
    with transaction.atomic():
        held = JourneyMap.objects.select_for_update().filter(
            workspace__slug=workspace.slug, key=key
        )
        map_ = held.first()
        if map_ is None:
            raise kept.none_such(key)
        found = checked(wanted, map_, None)
        number = (map_.pins.aggregate(n=Max("number"))["n"] or 0) + 1
        pin = Pin.objects.create(
            map=map_, number=number, node=found.node, kind=found.kind, title=found.title,
            says=found.says, status=found.status, owner=member(workspace.slug, found.owner),
            due_on=found.due_on, made_by=by.name,
        )  # fmt: skip
        pin.contributors.set(members(workspace.slug, found.contributors))
        _note(by, pin, "made", after=plain(found))
        for kind, says in kept_of:
            _put_evidence(by, pin, kind, says)
        pin_letters.named(pin, by)
        _record(by, pin, "pin.made", after=audited(found))
    return pins.get(workspace.slug, key, number)


@transaction.atomic
def change(
    *,
    by: Actor,
    workspace: Settings,
    key: str,
    number: int,
    revision: int | None,
    wanted: Wanted,
    writes: bool = True,
) -> Pin:
    """Change what a mark says, where it is pinned, how far it is and who answers for it.

    Args:
        revision: that was looked at: of two who change the same, the second is told; None changes
            whatever stands.
        writes: whether whoever acts may make marks; who only owns one or contributes to it says
            how far it is.

    Raises:
        Problem: ``pins.none``, ``pins.changed``; as `make`.
    """
    pin = _locked(workspace.slug, key, number)
    _is_newest(pin, revision)
    was = wanted_of(pin)
    found = checked(wanted, pin.map, was)
    if found == was:
        return pins.get(workspace.slug, key, number)
    if not writes:
        is_hers = pins.may_progress(pin, by.person, writes=False)
        check_may_write(is_hers and replace(found, status=was.status) == was)
    pin.node, pin.kind, pin.title, pin.says = found.node, found.kind, found.title, found.says
    pin.status, pin.due_on = found.status, found.due_on
    pin.owner = member(workspace.slug, found.owner, known=was.owner)
    pin.contributors.set(members(workspace.slug, found.contributors, known=was.contributors))
    pin.revision += 1
    pin.save()
    _note(by, pin, "changed", *differing(plain(was), plain(found)))
    if found.owner != was.owner:
        pin_letters.named(pin, by)
    _record(by, pin, "pin.changed", *differing(audited(was), audited(found)))
    return pins.get(workspace.slug, key, number)


@transaction.atomic
def say(*, by: Actor, workspace: Settings, key: str, number: int, text: str) -> PinEvent:
    """Comment on a mark.

    Raises:
        Problem: ``pins.none``, ``pins.comment``.
    """
    pin = _locked(workspace.slug, key, number)
    said = text.replace("\r\n", "\n").strip()
    if not said or len(said) > LONGEST_TEXT:
        raise Problem(
            "pins.comment",
            _("A comment has 1 to {most} characters.", most=LONGEST_TEXT),
            _("Write something, or shorten it."),
        )
    done = PinEvent.objects.create(pin=pin, what=pins.SAID, says=said, by=by.name)
    _record(by, pin, "pin.said")
    return done


@transaction.atomic
def vote(
    *, by: Actor, workspace: Settings, key: str, number: int, login: str, is_for: bool = True
) -> bool:
    """Give a member's vote for a mark, which she has once, or take it back.

    Args:
        login: of the member.

    Returns:
        Whether that changed anything.

    Raises:
        Problem: ``pins.none``, ``pins.member``.
    """
    pin = _locked(workspace.slug, key, number)
    person = member(workspace.slug, login)
    if person is None:
        raise no_member(login)
    held = Vote.objects.filter(pin=pin, person=person)
    if held.exists() == is_for:
        return False
    if is_for:
        Vote.objects.create(pin=pin, person=person)
    else:
        held.delete()
    was, becomes = {"votes": not is_for}, {"votes": is_for}
    _note(by, pin, "voted", before=was, after={**becomes, "who": person.login})
    _record(by, pin, "pin.voted", before=was, after={**becomes, "who": person.login})
    return True


def add_evidence(
    *,
    by: Actor,
    workspace: Settings,
    key: str,
    number: int,
    proofs: Collection[Proof],
    log: Log,
    writes: bool = True,
) -> list[Evidence]:
    """Let a mark rest on more: all of it, or nothing where one is refused.

    Args:
        log: as whoever acts may read it.

    Raises:
        Problem: ``pins.none``, ``pins.not-yours``, ``pins.too-many``, ``pins.twice``;
            ``pins.no-figure``, ``pins.personal``, ``pins.words-gone``, ``pins.link``; whatever a
            figure is refused for.
    """
    kept_of = [(one.kind, _kept(one, log, workspace)) for one in proofs]
    with transaction.atomic():
        pin = _locked(workspace.slug, key, number)
        check_may_write(pins.may_progress(pin, by.person, writes=writes))
        made = [_put_evidence(by, pin, kind, says) for kind, says in kept_of]
        for one in made:
            _record(by, pin, "pin.evidence_added", after={"kind": one.kind, "number": one.pk})
    return made


@transaction.atomic
def remove_evidence(
    *, by: Actor, workspace: Settings, key: str, number: int, proof: int, writes: bool = True
) -> None:
    """Let a mark rest on one thing less.

    Raises:
        Problem: ``pins.none``, ``pins.not-yours``, ``pins.no-evidence``.
    """
    pin = _locked(workspace.slug, key, number)
    check_may_write(pins.may_progress(pin, by.person, writes=writes))
    held = pin.evidence.filter(pk=proof).first()
    if held is None:
        raise Problem(
            "pins.no-evidence",
            _("The mark rests on nothing of the number {number}.", number=proof),
            _("Load the page again."),
        )
    _note(by, pin, "evidence", before={"kind": held.kind, **held.says})
    pin.save(update_fields=["changed_at"])
    _record(by, pin, "pin.evidence_removed", before={"kind": held.kind, "number": held.pk})
    held.delete()


@transaction.atomic
def remove(*, by: Actor, workspace: Settings, key: str, number: int, writes: bool = True) -> None:
    """Take a mark off the map, with its votes, comments and evidence.

    Raises:
        Problem: ``pins.none``, ``pins.not-yours``.
    """
    pin = _locked(workspace.slug, key, number)
    check_may_write(writes)
    _record(by, pin, "pin.removed", before=audited(wanted_of(pin)))
    pin.delete()


# What is refused


def check_may_write(may: bool) -> None:
    """Refuse who makes no marks.

    Raises:
        Problem: ``pins.not-yours``.
    """
    if not may:
        raise Problem(
            "pins.not-yours",
            _("You may read marks, vote and comment, and not change this one."),
            _("Its owner says how far it is; analysts, unit managers and administrators write"
              " marks."),
        )  # fmt: skip


def _is_newest(pin: Pin, revision: int | None) -> None:
    if revision is None or revision == pin.revision:
        return
    last = pin.events.filter(what="changed").last()
    raise Problem(
        "pins.changed",
        _("{who} has changed this mark since you opened it.", who=last.by if last else "–"),
        _("Look at it as it is now, and change it again."),
    )


# What is kept


def _kept(proof: Proof, log: Log | None, workspace: Settings) -> dict[str, Any]:
    if proof.kind == "link":
        return dict(evidence.link_of(proof.says))
    if log is None:
        raise TypeError("figures and words are looked up in the log")
    if proof.kind == "words":
        return dict(evidence.words_of(proof.says, log, workspace))
    return dict(evidence.figure_of(proof.says, log, workspace, clock.now()))


def _put_evidence(by: Actor, pin: Pin, kind: ProofKind, says: dict[str, Any]) -> Evidence:
    held = list(pin.evidence.all())
    if len(held) >= MOST:
        raise Problem(
            "pins.too-many",
            _("A mark has at most {most} of these.", most=MOST),
            _("Leave some out."),
        )
    if any((one.kind, one.says) == (kind, says) for one in held):
        raise Problem(
            "pins.twice",
            _("The mark rests on this already."),
            _("Choose something else."),
        )
    made = Evidence.objects.create(pin=pin, kind=kind, says=says, added_by=by.name)
    _note(by, pin, "evidence", after={"kind": kind, **says})
    pin.save(update_fields=["changed_at"])
    return made


def _note(
    by: Actor,
    pin: Pin,
    what: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    PinEvent.objects.create(pin=pin, what=what, before=before, after=after, by=by.name)


def _record(
    by: Actor,
    pin: Pin,
    action: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    audit.record(
        by=by, action=action, subject=f"{pin.map.key} {pin.number}",
        workspace=pin.map.workspace.slug, before=before, after=after,
    )  # fmt: skip


def _locked(workspace: str, key: str, number: int) -> Pin:
    """The mark, which nobody else changes until the transaction ends."""
    found = Pin.objects.select_for_update(of=("self",)).filter(
        map__workspace__slug=workspace, map__key=key, number=number
    )
    held = found.select_related("map__workspace").first()
    if held is None:
        raise pins.none_such(key, number)
    return held
