"""What can be done to a draft, one operation at a time, and what stands in its way.

Operations of a map are ordered by the server. Each says what its editor had seen; where somebody
else has changed the same since, both are kept: what stands stays, the other waits to be decided.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.maps import document
from zhiyin.maps.document import Lane, Map, Node, Stage

Does = Literal["set", "add", "remove", "move"]
Part = Literal["map", "stage", "lane", "node"]

LISTS: Mapping[str, str] = {"stage": "stages", "lane": "lanes", "node": "nodes"}
KINDS: Mapping[str, type[Stage] | type[Lane] | type[Node]] = {
    "stage": Stage, "lane": Lane, "node": Node,
}  # fmt: skip
WHOLE = "*"
"""Stands for the part itself among its fields: it was added or removed."""
PLACE = "place"
"""Stands for where a part is in its list."""

LONGEST_ID = 64
LONGEST_NAME = 40
"""Of a part's id and of a field."""


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One operation as an editor sends it.

    Args:
        id: made by the editor; sent twice, it is done once.
        target: id of the part; of the map itself blank.
        field: what is set, ``name.en`` for a text in one language; ``place`` of a move.
        value: of ``set`` the new value; of ``add`` the whole part, with ``after`` beside it; of
            ``move`` the id after which it stands, blank for the first place, and of a node its
            stage and lane: ``{"after": …, "stage": …, "lane": …}``.
        seen: number of the last operation that the editor had seen.
    """

    id: str
    does: Does
    part: Part
    target: str = ""
    field: str = ""
    value: Any = None
    seen: int = 0


@dataclass(frozen=True, slots=True)
class Done:
    """What an operation made of a map.

    Args:
        before: what stood there, as plain values; of an added part None.
        fields: those that it touched, as ``node:refund:name``.
    """

    map: Map
    before: Any
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """A draft with what was last done to each of its fields.

    Args:
        number: of the last operation.
        touched: by field, the number of the last operation on it, and who did it.
    """

    map: Map
    number: int = 0
    touched: Mapping[str, tuple[int, str]] = field(default_factory=dict)


def clash(board: Board, wanted: Wanted, by: str) -> int | None:
    """The operation of somebody else that touched the same since it was seen; None: none.

    Who removes a part touches all of it; who adds anything to it clashes with that.
    """
    fields = fields_of(wanted)
    own = key(wanted.part, wanted.target)
    found = [
        number
        for name, (number, who) in board.touched.items()
        if number > wanted.seen
        and who != by
        and (
            any(_meet(name, one) for one in fields)
            or name == f"{own}:{WHOLE}"
            or (wanted.does == "remove" and name.startswith(f"{own}:"))
        )
    ]
    return max(found, default=None)


def applied(map_: Map, wanted: Wanted) -> Done:
    """The map with the operation done.

    Raises:
        Problem: ``map.operation``, ``map.no-such-part``; what `document.check` refuses.
    """
    _check(wanted)
    if wanted.does == "set":
        done = _set(map_, wanted)
    elif wanted.part == "map":
        raise _wrong(_("only parts of a map are added, removed and moved"))
    elif wanted.does == "add":
        done = _added(map_, wanted)
    elif wanted.does == "remove":
        done = _removed(map_, wanted)
    else:
        done = _moved(map_, wanted)
    document.check(done.map)
    return done


def turned(wanted: Wanted, before: Any, *, id_: str, seen: int) -> Wanted:
    """The operation that takes another one back.

    Args:
        before: what `Done.before` said of it.
    """
    does: Does = wanted.does
    value = before
    if does == "add":
        does, value = "remove", None
    elif does == "remove":
        does = "add"
    return Wanted(id_, does, wanted.part, wanted.target, wanted.field, value, seen)


def fields_of(wanted: Wanted) -> tuple[str, ...]:
    """The fields that an operation touches."""
    own = key(wanted.part, wanted.target)
    if wanted.does == "set":
        return (f"{own}:{wanted.field}",)
    return (f"{own}:{PLACE}",) if wanted.does == "move" else (f"{own}:{WHOLE}",)


def key(part: str, target: str) -> str:
    """A part among the touched fields."""
    return f"{part}:{target}"


def _check(wanted: Wanted) -> None:
    """Refuse what no store can keep."""
    if not wanted.id or len(wanted.id) > LONGEST_ID:
        raise _wrong(_("its id has 1 to {most} characters", most=LONGEST_ID))
    if max(len(wanted.target), len(wanted.field)) > LONGEST_NAME:
        raise _wrong(_("no part and no field has so long a name"))
    if "\\u0000" in json.dumps([wanted.id, wanted.target, wanted.field, wanted.value]):
        raise _wrong(_("it holds a character that no text can hold"))


def _set(map_: Map, wanted: Wanted) -> Done:
    fields = fields_of(wanted)
    if wanted.part == "map":
        field = wanted.field.partition(".")[0]
        if field in ("format", *LISTS.values()) or field not in Map.__struct_fields__:
            raise _no_such_field(wanted)
        changed, before = _changed(map_, Map, wanted)
        return Done(_with(map_, Map, changed), before, fields)
    kind, parts = KINDS[wanted.part], _parts(map_, wanted.part)
    place = _place(parts, wanted)
    field = wanted.field.partition(".")[0]
    if field not in kind.__struct_fields__ or field in ("id", "stage", "lane"):
        raise _no_such_field(wanted)
    changed, before = _changed(parts[place], kind, wanted)
    parts[place] = _with(parts[place], kind, changed)
    return Done(_of(map_, wanted.part, parts), before, fields)


def _changed(
    held: msgspec.Struct, kind: type[msgspec.Struct], wanted: Wanted
) -> tuple[dict[str, Any], Any]:
    """The field with its new value, and what stood there."""
    field, _dot, tongue = wanted.field.partition(".")
    before = document.builtins(held).get(field, _usual(kind, field))
    if not tongue:
        return {field: wanted.value}, before
    if not isinstance(before, Mapping) or tongue not in document.LANGUAGES:
        raise _no_such_field(wanted)
    texts = {**before, tongue: wanted.value}
    if wanted.value == "":
        del texts[tongue]
    return {field: texts}, before.get(tongue, "")


def _added(map_: Map, wanted: Wanted) -> Done:
    value = dict(wanted.value) if isinstance(wanted.value, Mapping) else {}
    after = value.pop("after", None)
    parts = _parts(map_, wanted.part)
    made = _converted(value, KINDS[wanted.part])
    if made.id != wanted.target:
        raise _wrong(_("the part has another id than the operation names"))
    parts.insert(_after(parts, after), made)
    return Done(_of(map_, wanted.part, parts), None, fields_of(wanted))


def _removed(map_: Map, wanted: Wanted) -> Done:
    parts = _parts(map_, wanted.part)
    place = _place(parts, wanted)
    holds = [one for one in map_.nodes if getattr(one, wanted.part, None) == wanted.target]
    if wanted.part != "node" and holds:
        raise Problem(
            "map.not-empty",
            _("There are still touchpoints there: {n}.", n=len(holds)),
            _("Move or remove them first."),
        )
    before = document.builtins(parts[place])
    before["after"] = parts[place - 1].id if place else ""
    del parts[place]
    return Done(_of(map_, wanted.part, parts), before, fields_of(wanted))


def _moved(map_: Map, wanted: Wanted) -> Done:
    parts = _parts(map_, wanted.part)
    place = _place(parts, wanted)
    value = wanted.value if isinstance(wanted.value, Mapping) else {}
    before: dict[str, Any] = {"after": parts[place - 1].id if place else ""}
    moved = parts.pop(place)
    if isinstance(moved, Node):
        before |= {"stage": moved.stage, "lane": moved.lane}
        cell = {name: value[name] for name in ("stage", "lane") if name in value}
        moved = _with(moved, Node, cell)
    parts.insert(_after(parts, value.get("after")), moved)
    return Done(_of(map_, wanted.part, parts), before, fields_of(wanted))


def _meet(one: str, other: str) -> bool:
    """Whether two are the same field, or one is the other in one language."""
    return one == other or one.startswith(f"{other}.") or other.startswith(f"{one}.")


def _parts(map_: Map, part: str) -> list[Any]:
    return list(getattr(map_, LISTS[part]))


def _of(map_: Map, part: str, parts: list[Any]) -> Map:
    found: Map = msgspec.structs.replace(map_, **{LISTS[part]: tuple(parts)})
    return found


def _with(held: Any, kind: type[Any], changed: Mapping[str, Any]) -> Any:
    return _converted({**document.builtins(held), **changed}, kind)


def _converted(value: Mapping[str, Any], kind: type[Any]) -> Any:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise _wrong(_("{error}", error=str(error))) from error


def _usual(kind: type[msgspec.Struct], name: str) -> Any:
    """What is meant where a field is not written."""
    held = {one.name: one.default for one in msgspec.structs.fields(kind)}
    usual = held[name]
    if usual is msgspec.NODEFAULT:
        return {}
    return list(usual) if isinstance(usual, tuple) else usual


def _place(parts: list[Any], wanted: Wanted) -> int:
    for place, one in enumerate(parts):
        if one.id == wanted.target:
            return place
    raise Problem(
        "map.no-such-part",
        _("The map has no {part} {id}.", part=wanted.part, id=wanted.target[:80] or "“”"),
        _("Somebody may have removed it; its history says who."),
    )


def _after(parts: list[Any], id_: object) -> int:
    """Where what stands after another is put; at the end where that is not told or gone."""
    if id_ == "":
        return 0
    for place, one in enumerate(parts):
        if one.id == id_:
            return place + 1
    return len(parts)


def _no_such_field(wanted: Wanted) -> Problem:
    return _wrong(_("a {part} has no field {field} to set", part=wanted.part, field=wanted.field))


def _wrong(why: object) -> Problem:
    return Problem(
        "map.operation",
        _("This cannot be done to a map: {why}.", why=why),
        _("docs/maps.md lists what can be done."),
    )
