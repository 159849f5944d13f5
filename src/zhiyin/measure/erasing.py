"""How marks of the calendar show and forget a customer whom somebody listed in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from zhiyin.kernel.text import _
from zhiyin.measure.models import Mark
from zhiyin.unify.places import Eraser, register
from zhiyin.unify.subjects import Her


def register_all() -> None:
    """Called when the room starts."""
    register(
        "model",
        "measure.Mark",
        Eraser(_show, _erase, _("the mark stays; her id in its list becomes a keyed hash")),
    )


def _of(her: Her) -> Iterator[Mark]:
    marks = Mark.objects.filter(workspace__slug=her.workspace).exclude(customers=[])
    return (mark for mark in marks if not her.names.isdisjoint(mark.customers))


def _show(her: Her) -> list[dict[str, Any]]:
    return [
        {"name": mark.name, "first": mark.first.isoformat(), "last": mark.last.isoformat()}
        for mark in _of(her)
    ]


def _erase(her: Her) -> int:
    count = 0
    for mark in _of(her):
        # The place of her id is kept: a mark without any list would concern everybody.
        mark.customers = [
            f"erased {her.pseudonym[:16]}" if one in her.names else one for one in mark.customers
        ]
        mark.save()
        count += 1
    return count
