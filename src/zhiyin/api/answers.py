"""How documents leave: as the command line writes them, and page by page."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from django.http import HttpResponse

from zhiyin.kernel.documents import as_json
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

Row = TypeVar("Row")

LIMIT = 50
MOST = 500


def send(document: Mapping[str, Any], status: int = 200) -> HttpResponse:
    """A document. Nobody on the way keeps it."""
    found = HttpResponse(as_json(document), status=status, content_type="application/json")
    found.headers["Cache-Control"] = "no-store"
    return found


def page(items: Sequence[Mapping[str, Any]], following: object | None) -> HttpResponse:
    """A page of a list, and the cursor of the next; null where this is the last."""
    return send({"items": list(items), "next": None if following is None else write(following)})


def page_of(
    rows: Iterable[Row],
    limit: int,
    as_dict: Callable[[Row], Mapping[str, Any]],
    place: Callable[[Row], object],
) -> HttpResponse:
    """A page of so many rows.

    Args:
        rows: what follows in the list: one more than `limit` where there is a next page.
        place: where the list goes on after a row.
    """
    some = list(rows)
    shown = some[:limit]
    return page([as_dict(row) for row in shown], place(shown[-1]) if len(some) > limit else None)


def write(place: object) -> str:
    """A place in a list as a cursor: opaque, so that it may change its form."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def read(cursor: str | None, form: type[int] | type[str]) -> Any:
    """The place that a cursor names; None for the first page.

    Raises:
        Problem: ``api.cursor``.
    """
    if not cursor:
        return None
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, UnicodeError):
        place = None
    if type(place) is not form or (isinstance(place, int) and not 0 <= place < 2**63):
        raise Problem(
            "api.cursor",
            _("The cursor is none that this list gave."),
            _("Leave it out for the first page, and send `next` of the last answer as it came."),
        )
    return place
