"""How merge suggestions show and forget a customer: her side of each pair, never the other's."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from zhiyin.kernel.text import _
from zhiyin.unify.models import MatchSuggestion
from zhiyin.unify.places import Eraser, register
from zhiyin.unify.subjects import Her


def _of(her: Her) -> QuerySet[MatchSuggestion]:
    mine = Q(key_a__in=her.keys) | Q(key_b__in=her.keys)
    for one in her.ids:
        mine |= Q(kind_a=one.kind, id_a=one.id) | Q(kind_b=one.kind, id_b=one.id)
    return MatchSuggestion.objects.filter(mine, workspace__slug=her.workspace)


def _show(her: Her) -> list[dict[str, Any]]:
    ids = {(one.kind, one.id) for one in her.ids}
    found = []
    for row in _of(her):
        is_a = row.key_a in her.keys or (row.kind_a, row.id_a) in ids
        side = "a" if is_a else "b"
        found.append(
            {
                "id": row.id_a if is_a else row.id_b,
                "found_at": row.found_at.isoformat(),
                "state": row.state,
                "compared": {str(one.get("field")): one.get(side) for one in row.comparison},
            }
        )
    return found


def _erase(her: Her) -> int:
    count, _by_model = _of(her).delete()
    return count


def register_all() -> None:
    """Called when the room starts."""
    register(
        "model",
        "unify.MatchSuggestion",
        Eraser(_show, _erase, _("pairs of ids that may be one customer go with her")),
    )
