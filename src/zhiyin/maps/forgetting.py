"""How marks on journey maps show and forget a customer: her names in what people wrote.

What she said herself is not kept with a mark; see `zhiyin.maps.evidence`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from zhiyin.kernel.text import _
from zhiyin.maps.models import Evidence, Pin, PinEvent
from zhiyin.unify.places import Eraser, register
from zhiyin.unify.subjects import Her

WRITTEN = frozenset({"title", "says", "url"})
"""What people write, in the history of a mark and in what it rests on."""


def register_all() -> None:
    """Called when the room starts."""
    note = _("marks on journey maps stay; her names in what people wrote are hidden")
    register("model", "maps.Pin", Eraser(show_pins, erase_pins, note))
    register("model", "maps.PinEvent", Eraser(show_events, erase_events))
    register("model", "maps.Evidence", Eraser(show_links, erase_links))


def show_pins(her: Her) -> list[dict[str, Any]]:
    """Marks that name her."""
    return [
        {"mark": f"{pin.map.key} {pin.number}", "title": pin.title, "says": pin.says}
        for pin in _pins(her)
    ]


def erase_pins(her: Her) -> int:
    """Put stars in the place of her names; returns how many marks named her."""
    count = 0
    for pin in _pins(her):
        pin.title, pin.says = her.hidden_in(pin.title), her.hidden_in(pin.says)
        pin.save(update_fields=["title", "says"])
        count += 1
    return count


def show_events(her: Her) -> list[dict[str, Any]]:
    """Comments, and what marks said before, that name her."""
    return [
        {
            "mark": f"{one.pin.map.key} {one.pin.number}",
            "text": one.says,
            "before": one.before,
            "after": one.after,
        }
        for one in _events(her)
    ]


def erase_events(her: Her) -> int:
    """The same in the history of marks; returns how many entries named her."""
    count = 0
    for one in _events(her):
        one.says, one.before, one.after = _hidden(one, her)
        one.save(update_fields=["says", "before", "after"])
        count += 1
    return count


def show_links(her: Her) -> list[dict[str, Any]]:
    """Links of marks that name her."""
    return [{"mark": f"{one.pin.map.key} {one.pin.number}", **one.says} for one in _links(her)]


def erase_links(her: Her) -> int:
    """The same in links; returns how many named her."""
    count = 0
    for one in _links(her):
        one.says = her.hidden_in_fields(one.says, WRITTEN)
        one.save(update_fields=["says"])
        count += 1
    return count


def _pins(her: Her) -> Iterator[Pin]:
    held = Pin.objects.filter(map__workspace__slug=her.workspace).select_related("map")
    for pin in held.iterator():
        if (her.hidden_in(pin.title), her.hidden_in(pin.says)) != (pin.title, pin.says):
            yield pin


def _links(her: Her) -> Iterator[Evidence]:
    held = Evidence.objects.filter(pin__map__workspace__slug=her.workspace, kind="link")
    for one in held.select_related("pin__map").iterator():
        if her.hidden_in_fields(one.says, WRITTEN) != one.says:
            yield one


def _events(her: Her) -> Iterator[PinEvent]:
    held = PinEvent.objects.filter(pin__map__workspace__slug=her.workspace)
    for one in held.select_related("pin__map").iterator():
        if _hidden(one, her) != (one.says, one.before, one.after):
            yield one


def _hidden(one: PinEvent, her: Her) -> tuple[str, Any, Any]:
    """What an entry says, and what was before and after it, with her names hidden."""
    return (
        her.hidden_in(one.says),
        her.hidden_in_fields(one.before, WRITTEN),
        her.hidden_in_fields(one.after, WRITTEN),
    )
