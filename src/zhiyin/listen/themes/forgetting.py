"""How themes show and forget a customer.

Whose clause is of which theme the log alone tells, and it forgets her by itself. Points are kept by
the hash of a clause and nobody's name: the file goes whole, and is made again out of what is left.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from zhiyin.kernel.text import _
from zhiyin.listen.themes import points
from zhiyin.listen.themes.models import Theme
from zhiyin.unify.places import Eraser, register
from zhiyin.unify.subjects import Her


def register_all() -> None:
    """Called when the room starts."""
    register("folder", points.FOLDER, Eraser(_show_nothing, _remove_points, NOT_SEARCHED))
    register("model", "listen.Theme", Eraser(_show, _hide))


NOT_SEARCHED = _("Points of clauses were removed whole; they are made again of what is left.")


def _show_nothing(_her: Her) -> list[dict[str, Any]]:
    """What she said is shown with what the log holds; a point of it says nothing more."""
    return []


def _remove_points(her: Her) -> int:
    file = points.place_of(her.data, her.workspace)
    was_there = file.exists()
    file.unlink(missing_ok=True)
    return int(was_there)


def _show(her: Her) -> list[dict[str, Any]]:
    return [{"theme": one.number, "name": one.given_name} for one in _naming(her)]


def _hide(her: Her) -> int:
    count = 0
    for one in _naming(her):
        one.given_name = her.hidden_in(one.given_name)
        one.save(update_fields=["given_name"])
        count += 1
    return count


def _naming(her: Her) -> Iterator[Theme]:
    found = Theme.objects.filter(workspace__slug=her.workspace).exclude(given_name="")
    return (one for one in found if her.hidden_in(one.given_name) != one.given_name)
