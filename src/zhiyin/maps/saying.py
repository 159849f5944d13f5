"""What was done to a map, in words: operations, conflicts and what two versions differ in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zhiyin.kernel.text import Text, _
from zhiyin.maps.differing import Change
from zhiyin.maps.document import WISHES, Lane, Map, Stage, Texts, said
from zhiyin.maps.models import Operation
from zhiyin.maps.operations import LISTS

FIELDS: Mapping[str, Text] = {
    "name": _("Name"),
    "about": _("What it is about"),
    "persona": _("Persona"),
    "goal": _("Goal"),
    "pause": _("Pause that ends a journey"),
    "whole": _("Question about the whole journey"),
    "metric": _("Measure of the touchpoints"),
    "begins": _("Begins another journey"),
    "wish": _("What customers come for"),
    "wants": _("What they want, in words"),
    "promise": _("Brand promise"),
    "promise_question": _("Question that asks whether the promise is kept"),
    "channels": _("Channels"),
    "owner": _("Owner"),
    "events": _("Events that are here"),
    "answers": _("Answers that are about it"),
    "done": _("Events that complete it"),
    "within": _("Completed within"),
    "bad": _("Events that are a bad experience"),
    "is_required": _("Required on the drawn way"),
    "is_help": _("A place of asking for help"),
    "cause": _("Why it hurts"),
}
"""Each field of the map and its parts, as editors and the history name it."""

TONGUES: Mapping[str, Text] = {"en": _("{field} in English"), "zh-Hans": _("{field} in Chinese")}

PARTS: Mapping[str, Text] = {
    "map": _("the map"),
    "stage": _("stage {name}"),
    "lane": _("lane {name}"),
    "node": _("touchpoint {name}"),
}

OUTCOMES: Mapping[str, Text] = {
    "done": _("done"),
    "open": _("undecided"),
    "taken": _("decided for"),
    "left": _("decided against"),
}


def field(name: str) -> Text | str:
    """A field as it is named, ``name.en`` with its language."""
    own, _dot, tongue = name.partition(".")
    label = FIELDS.get(own)
    if label is None:
        return name
    return _(TONGUES[tongue].sentence, field=label) if tongue in TONGUES else label


def part(kind: str, target: str, map_: Map, name: Mapping[str, str] | None = None) -> Text:
    """A part as it is named: by its name on the map, else by that which is given, else its id."""
    parts: tuple[Any, ...] = getattr(map_, LISTS.get(kind, ""), ())
    known: dict[str, Texts] = {one.id: one.name for one in parts}
    shown = said(known.get(target, {}))
    return _(PARTS[kind].sentence, name=shown or said(dict(name or {})) or target)


def value(held: Any, name: str = "") -> str | Text:
    """A value as it is shown: texts in the reader's language, a list with commas."""
    if name == "wish" and held in WISHES:
        return WISHES[held]
    if isinstance(held, bool):
        return _("yes") if held else _("no")
    if isinstance(held, Mapping):
        return said(dict(held)) or "–"
    if isinstance(held, list | tuple):
        return ", ".join(map(str, held)) or "–"
    return str(held) if held not in (None, "") else "–"


def cell(held: object, map_: Map) -> Text | str:
    """Where a touchpoint stands."""
    if not isinstance(held, Mapping) or "stage" not in held:
        return ""
    places: tuple[Stage | Lane, ...] = (*map_.stages, *map_.lanes)
    names = {one.id: said(one.name) or one.id for one in places}
    stage, lane = (str(held.get(kind, "")) for kind in ("stage", "lane"))
    return _("{stage} · {lane}", stage=names.get(stage, stage), lane=names.get(lane, lane))


def operation(one: Operation, map_: Map) -> Text:
    """What somebody did, in one sentence.

    Args:
        map_: as it is now, for the names of its parts.
    """
    if one.does == "put":
        return _("put another document in the place of the map")
    if one.does == "settle":
        word = (
            _("decided for change {number}") if one.value else _("decided against change {number}")
        )
        return _(word.sentence, number=one.of)
    given = one.value if one.does == "add" else one.before if one.does == "remove" else None
    name = given.get("name") if isinstance(given, Mapping) else None
    did = _did(one, part(one.part, one.target, map_, name), map_)
    return _("took change {number} back: {did}", number=one.of, did=did) if one.of else did


def _did(one: Operation, what: Text, map_: Map) -> Text:
    if one.does == "add":
        return _("added {what}", what=what)
    if one.does == "remove":
        return _("removed {what}", what=what)
    if one.does == "move":
        place = cell(one.value, map_)
        if place and place != cell(one.before, map_):
            return _("moved {what} to {place}", what=what, place=place)
        return _("moved {what} to another place in its list", what=what)
    return _(
        "{what}: {field} from “{before}” to “{after}”",
        what=what, field=field(one.field), before=value(one.before, one.field),
        after=value(one.value, one.field),
    )  # fmt: skip


def change(one: Change, before: Map, after: Map) -> Text:
    """What one version has otherwise than another, in one sentence."""
    what = part(one.part, one.target, before if one.did == "removed" else after, one.name)
    if one.did == "added":
        return _("added {what}", what=what)
    if one.did == "removed":
        return _("removed {what}", what=what)
    if one.did == "moved" and one.after is not None:
        return _(
            "{what}: from {before} to {after}",
            what=what, before=cell(one.before, before), after=cell(one.after, after),
        )  # fmt: skip
    if one.did == "moved":
        return _("moved {what} to another place in its list", what=what)
    return _(
        "{what}: {field} from “{before}” to “{after}”",
        what=what, field=field(one.field), before=value(one.before, one.field),
        after=value(one.after, one.field),
    )  # fmt: skip
