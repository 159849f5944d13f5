"""What one map has otherwise than another: parts added, removed, moved, and changed by field."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from zhiyin.maps import document
from zhiyin.maps.document import Map, Node
from zhiyin.maps.operations import LISTS, Part

Did = Literal["added", "removed", "moved", "changed"]

PLACED = ("id", "stage", "lane")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is otherwise.

    Args:
        name: of the part, by language, as it is last known; of the map itself its name.
        field: of a change, as operations name it: ``name.en``.
        before, after: of a change, the values as plain ones; of a move of a touchpoint to
            another cell, ``{"stage": …, "lane": …}``; else None.
    """

    did: Did
    part: Part
    target: str
    name: Mapping[str, str]
    field: str = ""
    before: Any = None
    after: Any = None

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {
            "did": self.did, "part": self.part, "target": self.target, "name": dict(self.name),
            "field": self.field, "before": self.before, "after": self.after,
        }  # fmt: skip


def differences(before: Map, after: Map) -> tuple[Change, ...]:
    """What `after` has otherwise: the map itself, then stages, lanes and touchpoints."""
    found = _fields("map", "", after.name, before, after, tuple(LISTS.values()))
    parts: tuple[Part, ...] = ("stage", "lane", "node")
    for part in parts:
        found += _of_list(part, getattr(before, LISTS[part]), getattr(after, LISTS[part]))
    return tuple(found)


def _of_list(part: Part, before: Sequence[Any], after: Sequence[Any]) -> list[Change]:
    was, now = {one.id: one for one in before}, {one.id: one for one in after}
    found = [Change("removed", part, id_, one.name) for id_, one in was.items() if id_ not in now]
    moved = _moved(
        [one.id for one in before if one.id in now], [o.id for o in after if o.id in was]
    )
    for id_, one in now.items():
        if id_ not in was:
            found.append(Change("added", part, id_, one.name))
            continue
        if cells := _cells(was[id_], one):
            found.append(Change("moved", part, id_, one.name, before=cells[0], after=cells[1]))
        elif id_ in moved and _is_seen(was[id_], before, after):
            found.append(Change("moved", part, id_, one.name))
        found += _fields(part, id_, one.name, was[id_], one, PLACED)
    return found


def _fields(
    part: Part,
    target: str,
    name: Mapping[str, str],
    before: msgspec.Struct,
    after: msgspec.Struct,
    left_out: tuple[str, ...],
) -> list[Change]:
    found = []
    for field in before.__struct_fields__:
        was, now = getattr(before, field), getattr(after, field)
        if field in left_out or was == now:
            continue
        if not isinstance(was, dict):
            plain = (list(one) if isinstance(one, tuple) else one for one in (was, now))
            found.append(Change("changed", part, target, name, field, *plain))
            continue
        found += [
            Change("changed", part, target, name, f"{field}.{tongue}",
                   was.get(tongue, ""), now.get(tongue, ""))
            for tongue in document.LANGUAGES
            if was.get(tongue, "") != now.get(tongue, "")
        ]  # fmt: skip
    return found


def _cells(before: Any, after: Any) -> tuple[dict[str, str], dict[str, str]] | None:
    """Where a touchpoint was and is, where that is another cell."""
    if not isinstance(before, Node) or (before.stage, before.lane) == (after.stage, after.lane):
        return None
    was, now = ({"stage": one.stage, "lane": one.lane} for one in (before, after))
    return was, now


def _is_seen(one: Any, before: Sequence[Any], after: Sequence[Any]) -> bool:
    """Whether another order is drawn: touchpoints of different cells have none among them."""
    if not isinstance(one, Node):
        return True
    orders = [
        [other.id for other in listed if (other.stage, other.lane) == (one.stage, one.lane)]
        for listed in (before, after)
    ]
    both = set(orders[0]) & set(orders[1])
    was, now = ([id_ for id_ in order if id_ in both] for order in orders)
    return was != now


def _moved(before: Sequence[str], after: Sequence[str]) -> set[str]:
    """The fewest of the same things that change places to make one order of the other.

    >>> sorted(_moved(["a", "b", "c", "d"], ["d", "a", "b", "c"]))
    ['d']
    """
    place = {id_: number for number, id_ in enumerate(before)}
    ends: list[int] = []
    chains: list[list[str]] = []
    # The longest run that keeps its order, by patience sorting.
    for id_ in after:
        at = bisect_left(ends, place[id_])
        chain = [*(chains[at - 1] if at else []), id_]
        if at == len(ends):
            ends.append(place[id_])
            chains.append(chain)
        else:
            ends[at], chains[at] = place[id_], chain
    return set(after) - set(chains[-1] if chains else [])
