"""What the page of merge suggestions shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page as Part
from django.core.paginator import Paginator
from django.http import QueryDict

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.text import Text, _
from zhiyin.unify import suggestions
from zhiyin.unify.models import MatchRun, MatchSuggestion, SuggestionState

PER_PAGE = 10

STATES = {
    "pending": _("to decide"),
    "accepted": _("merged"),
    "rejected": _("two people"),
}

ORIGINS = {
    "model": _("The model finds them alike."),
    "disagreement": _("They share a value, and differ in another."),
    "unknown_caller": _("A link that came over the open network waits for a person."),
    "too_many": _("More customers would become one than the rules allow."),
}

FIELDS = {
    "name": _("name"),
    "given_name": _("given name"),
    "surname": _("family name"),
    "birth_date": _("date of birth"),
    "email": _("e-mail"),
    "phone": _("telephone"),
    "number": _("number"),
    "loyalty_number": _("loyalty number"),
    "city": _("city"),
    "postcode": _("postcode"),
    "street": _("street"),
}

LEVELS = {
    "same": _("same"),
    "similar": _("nearly the same"),
    "different": _("different"),
    "missing": _("unknown"),
}


@dataclass(frozen=True, slots=True)
class Compared:
    """One field of a pair, in words."""

    field: Text | str
    a: str
    b: str
    level: str
    says: Text | str
    weight: float | None


@dataclass(frozen=True, slots=True)
class Row:
    """One suggestion as the page shows it."""

    suggestion: MatchSuggestion
    origin: Text | str
    fields: tuple[Compared, ...]

    @property
    def a(self) -> str:
        """One id as a person writes it."""
        return _written(self.suggestion.kind_a, self.suggestion.id_a)

    @property
    def b(self) -> str:
        """The other id."""
        return _written(self.suggestion.kind_b, self.suggestion.id_b)


@dataclass(frozen=True, slots=True)
class Page:
    """The page.

    Args:
        state: what is listed.
        states: (value, words) of the choices.
        search: part of an id.
        part: the part of the list that is shown.
        rows: its rows.
        last: when the model last compared the customers, or None.
    """

    state: str
    states: tuple[tuple[str, Text], ...]
    search: str
    part: Part[MatchSuggestion]
    rows: tuple[Row, ...]
    last: MatchRun | None

    @property
    def previous(self) -> str:
        """The query of the page before, or ""."""
        return self._query(self.part.number - 1) if self.part.has_previous() else ""

    @property
    def next(self) -> str:
        """The query of the page after, or ""."""
        return self._query(self.part.number + 1) if self.part.has_next() else ""

    def _query(self, number: int) -> str:
        given: dict[str, Any] = {"state": self.state, "id": self.search, "page": number}
        return urlencode({name: value for name, value in given.items() if value})


def build(workspace: Settings, query: QueryDict) -> Page:
    """The page for a query string; what makes no sense there is passed over."""
    state = query.get("state", "")
    state = state if state in SuggestionState.values else SuggestionState.PENDING.value
    search = query.get("id", "").strip()[:200]
    rows = suggestions.listed(workspace.slug, state=state, search=search)
    part = Paginator(rows, PER_PAGE).get_page(query.get("page"))
    return Page(
        state=state,
        states=tuple(STATES.items()),
        search=search,
        part=part,
        rows=tuple(_row(one) for one in part.object_list),
        last=MatchRun.objects.filter(workspace__slug=workspace.slug, kind="model").first(),
    )


def _row(suggestion: MatchSuggestion) -> Row:
    fields = tuple(
        Compared(
            field=FIELDS.get(str(one.get("field")), str(one.get("field"))),
            a=one.get("a") or "",
            b=one.get("b") or "",
            level=str(one.get("level")),
            says=LEVELS.get(str(one.get("level")), ""),
            weight=one.get("weight"),
        )
        for one in suggestion.comparison
    )
    return Row(suggestion, ORIGINS.get(suggestion.origin, suggestion.origin), fields)


def _written(kind: str, id_: str) -> str:
    return id_ if kind == "customer" else f"{kind}:{id_}"
