"""How alerts show and forget a customer: her names in the notes with which they were closed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from zhiyin.act.alerts.models import Alert
from zhiyin.kernel.text import _
from zhiyin.unify.places import Eraser, register
from zhiyin.unify.subjects import Her


def register_all() -> None:
    """Called when the room starts."""
    note = _("alerts stay; her names in what people wrote on them are hidden")
    register("model", "alerts.Alert", Eraser(show_alerts, erase_alerts, note))


def show_alerts(her: Her) -> list[dict[str, Any]]:
    """Alerts whose note names her."""
    return [{"alert": one.number, "note": one.note} for one in _naming(her)]


def erase_alerts(her: Her) -> int:
    """Put stars in the place of her names; returns how many alerts named her."""
    count = 0
    for one in _naming(her):
        one.note = her.hidden_in(one.note)
        one.save(update_fields=["note"])
        count += 1
    return count


def _naming(her: Her) -> Iterator[Alert]:
    held = Alert.objects.filter(workspace__slug=her.workspace).exclude(note="")
    return (one for one in held.iterator() if her.hidden_in(one.note) != one.note)
