"""Every write to a journey map: one transaction, with its audit entry."""

from __future__ import annotations

import secrets

from django.db import IntegrityError, transaction
from django.db.models import Max

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.workspaces import find
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.maps import document, kept, operations, telling
from zhiyin.maps.document import ID, Map
from zhiyin.maps.models import JourneyMap, MapVersion, Operation, Outcome, Persona
from zhiyin.maps.operations import Wanted

LONGEST_NOTES = 2_000

NO_KEYS = frozenset({"new"})
"""What stands in addresses where else a key does."""


@transaction.atomic
def create(*, by: Actor, workspace: str, key: str, map_: Map, keeps: bool = False) -> JourneyMap:
    """A map.

    Args:
        keeps: also as its first version.

    Raises:
        Problem: ``map.key``, ``map.key-taken``; what `document.check` refuses.
    """
    if not ID.fullmatch(key) or key in NO_KEYS:
        raise Problem(
            "map.key",
            _("{key} cannot be the key of a map.", key=key[:80] or "“”"),
            _("Use up to 40 small letters, digits, hyphens and underscores."),
        )
    document.check(map_)
    try:
        with transaction.atomic():
            made = JourneyMap.objects.create(
                workspace=find(workspace), key=key, draft=document.write(map_).decode(),
                created_by=by.name, changed_by=by.name,
            )  # fmt: skip
    except IntegrityError as error:
        raise Problem(
            "map.key-taken",
            _("There is a map {key} already.", key=key),
            _("Choose another key."),
        ) from error
    audit.record(
        by=by, action="map.created", subject=key, workspace=workspace,
        after={"touchpoints": len(map_.nodes)},
    )  # fmt: skip
    if keeps:
        keep(by=by, workspace=workspace, key=key)
    return made


@transaction.atomic
def put(*, by: Actor, workspace: str, key: str, map_: Map) -> JourneyMap:
    """Put another document in the place of the draft, as one import does; it can be taken back
    by importing the version before.

    Raises:
        Problem: ``map.none``; what `document.check` refuses.
    """
    held = _locked(workspace, key)
    document.check(map_)
    before = held.number
    held.number += 1
    held.touched = {}
    held.draft = document.write(map_).decode()
    _saved(by, held)
    done = Operation.objects.create(
        map=held, number=held.number, id_there=secrets.token_hex(16), does="put", part="map",
        value=None, seen=before, outcome=Outcome.DONE, by=by.name,
    )  # fmt: skip
    telling.of_operation(held, done)
    audit.record(
        by=by, action="map.changed", subject=key, workspace=workspace,
        before={"operation": before}, after={"operation": held.number},
    )  # fmt: skip
    return held


@transaction.atomic
def perform(*, by: Actor, workspace: str, key: str, wanted: Wanted) -> Operation:
    """Do one operation, or keep it beside what stands, where somebody else was first.

    One that was sent twice is done once.

    Raises:
        Problem: ``map.none``, ``map.operation``, ``map.no-such-part``, ``map.not-empty``; what
            `document.check` refuses.
    """
    held = _locked(workspace, key)
    known = held.operations.filter(id_there=wanted.id).first()
    return known or _performed(by, held, wanted, None)


@transaction.atomic
def undo(*, by: Actor, workspace: str, key: str, number: int, id_: str, seen: int) -> Operation:
    """Take an operation back, as one more operation.

    Args:
        id_: made by whoever asks: asked twice, it is done once.
        seen: number of the last operation that was seen.

    Raises:
        Problem: ``map.none``, ``map.no-operation``, and as `perform`.
    """
    held = _locked(workspace, key)
    known = held.operations.filter(id_there=id_).first()
    if known is not None:
        return known
    one = _operation(held, number)
    is_change = one.does not in ("put", "settle")
    if one.outcome not in (Outcome.DONE, Outcome.TAKEN) or not is_change:
        raise Problem(
            "map.not-undone",
            _("Operation {number} changed nothing that could be taken back.", number=number),
            _("Its history says what became of it."),
        )
    back = operations.turned(_wanted(one), one.before, id_=id_, seen=seen)
    return _performed(by, held, back, number)


@transaction.atomic
def settle(*, by: Actor, workspace: str, key: str, number: int, takes: bool) -> Operation:
    """Decide about an operation that met another's: let it hold, or leave what stands.

    Raises:
        Problem: ``map.none``, ``map.no-operation``, ``map.settled``, and as `perform`.
    """
    held = _locked(workspace, key)
    one = _operation(held, number)
    if one.outcome != Outcome.OPEN:
        raise Problem(
            "map.settled",
            _("Somebody has decided about operation {number} already.", number=number),
            _("Look at the map as it is now."),
        )
    one.outcome = Outcome.TAKEN if takes else Outcome.LEFT
    if takes:
        done = operations.applied(kept.draft(held), _wanted(one))
        one.before = done.before
        _put(by, held, done)
    else:
        held.number += 1
        _saved(by, held)
    one.save(update_fields=["outcome", "before"])
    decided = Operation.objects.create(
        map=held, number=held.number, id_there=secrets.token_hex(16), does="settle", part=one.part,
        target=one.target, field=one.field, value=takes, seen=held.number - 1, of=number,
        outcome=Outcome.DONE, by=by.name,
    )  # fmt: skip
    telling.of_operation(held, decided)
    return decided


@transaction.atomic
def keep(*, by: Actor, workspace: str, key: str, notes: str = "") -> MapVersion:
    """Keep the draft as a version, which pages show from now on.

    Raises:
        Problem: ``map.none``, ``map.nothing-new``, ``map.undecided``, ``map.notes``.
    """
    held = _locked(workspace, key)
    if len(notes) > LONGEST_NOTES:
        raise Problem(
            "map.notes",
            _("The notes are longer than {most} characters.", most=LONGEST_NOTES),
            _("Shorten them."),
        )
    if not kept.has_changes(held):
        raise Problem(
            "map.nothing-new",
            _("This is what was kept last."),
            _("Change the map first."),
        )
    waiting = kept.undecided(held)
    if waiting:
        raise Problem(
            "map.undecided",
            _("Of {n} changes nobody has decided which holds.", n=len(waiting)),
            _("Decide in the workshop, where both are shown."),
        )
    number = (held.versions.aggregate(n=Max("number"))["n"] or 0) + 1
    made = MapVersion.objects.create(
        map=held, number=number, document=held.draft, operation=held.number, kept_by=by.name,
        notes=notes.strip(),
    )  # fmt: skip
    audit.record(
        by=by, action="map.kept", subject=key, workspace=workspace,
        after={"version": number, "notes": made.notes},
    )  # fmt: skip
    telling.of_version(held, number, by.name)
    return made


@transaction.atomic
def remove(*, by: Actor, workspace: str, key: str) -> None:
    """Remove a map with its versions, operations and what is pinned on it.

    Raises:
        Problem: ``map.none``.
    """
    held = _locked(workspace, key)
    audit.record(
        by=by, action="map.removed", subject=key, workspace=workspace,
        before={"versions": held.versions.count(), "pins": held.pins.count()},
    )  # fmt: skip
    telling.of_removal(held)
    held.delete()


@transaction.atomic
def put_persona(
    *,
    by: Actor,
    workspace: str,
    key: str,
    name_en: str,
    name_zh: str,
    says_en: str = "",
    says_zh: str = "",
    customers: str = "",
) -> Persona:
    """Make a persona, or change the one of this key.

    Args:
        customers: short name of a segment, or a rule over customers; blank: everybody.

    Raises:
        Problem: ``map.persona``.
    """
    if not ID.fullmatch(key) or not name_en.strip() or not name_zh.strip():
        raise Problem(
            "map.persona",
            _("A persona needs a key and a name in both languages."),
            _("Keys have up to 40 small letters, digits, hyphens and underscores."),
        )
    place = Persona.objects.filter(workspace__slug=workspace).count()
    made, is_new = Persona.objects.update_or_create(
        workspace=find(workspace),
        key=key,
        defaults={
            "name_en": name_en.strip(), "name_zh": name_zh.strip(), "says_en": says_en.strip(),
            "says_zh": says_zh.strip(), "customers": customers.strip(),
        },
        create_defaults={
            "name_en": name_en.strip(), "name_zh": name_zh.strip(), "says_en": says_en.strip(),
            "says_zh": says_zh.strip(), "customers": customers.strip(), "place": place,
        },
    )  # fmt: skip
    audit.record(
        by=by, action="persona.created" if is_new else "persona.changed", subject=key,
        workspace=workspace, after={"customers": made.customers},
    )  # fmt: skip
    return made


@transaction.atomic
def remove_persona(*, by: Actor, workspace: str, key: str) -> None:
    """Take a persona out; a map of it is everybody's from then on.

    Raises:
        Problem: ``map.no-persona``, ``map.persona-used``.
    """
    held = kept.persona(workspace, key)
    using = [one.key for one in kept.of(workspace) if kept.draft(one).persona == key]
    if using:
        raise Problem(
            "map.persona-used",
            _("Maps are of this persona: {maps}.", maps=", ".join(using)),
            _("Give them another persona first."),
        )
    audit.record(
        by=by, action="persona.removed", subject=key, workspace=workspace,
        before={"customers": held.customers},
    )  # fmt: skip
    held.delete()


def _performed(by: Actor, held: JourneyMap, wanted: Wanted, of: int | None) -> Operation:
    board = kept.board(held)
    done = operations.applied(board.map, wanted)
    before = done.before
    if operations.clash(board, wanted, by.name) is not None and done.map != board.map:
        outcome = Outcome.OPEN
        held.number += 1
        _saved(by, held)
    else:
        outcome = Outcome.DONE
        _put(by, held, done)
    made = Operation.objects.create(
        map=held, number=held.number, id_there=wanted.id, does=wanted.does, part=wanted.part,
        target=wanted.target, field=wanted.field, value=wanted.value, before=before,
        seen=wanted.seen, of=of, outcome=outcome, by=by.name,
    )  # fmt: skip
    telling.of_operation(held, made)
    return made


def _put(by: Actor, held: JourneyMap, done: operations.Done) -> None:
    held.number += 1
    held.draft = document.write(done.map).decode()
    held.touched = {**held.touched, **{name: [held.number, by.name] for name in done.fields}}
    _saved(by, held)


def _saved(by: Actor, held: JourneyMap) -> None:
    held.changed_by = by.name
    held.save(update_fields=["draft", "number", "touched", "changed_by", "changed_at"])


def _wanted(one: Operation) -> Wanted:
    # The names of what is done and to which part were checked when it came.
    return Wanted(
        one.id_there, one.does, one.part, one.target, one.field, one.value, one.seen  # type: ignore[arg-type]
    )  # fmt: skip


def _operation(held: JourneyMap, number: int) -> Operation:
    found = held.operations.filter(number=number).first()
    if found is None:
        raise Problem(
            "map.no-operation",
            _("The map {key} has no operation {number}.", key=held.key, number=number),
            _("Its history lists them."),
        )
    return found


def _locked(workspace: str, key: str) -> JourneyMap:
    """The map, which nobody else changes until the transaction ends."""
    mine = JourneyMap.objects.select_related("workspace").select_for_update(of=("self",))
    held = mine.filter(workspace__slug=workspace, key=key).first()
    if held is None:
        raise kept.none_such(key)
    return held
