"""The page of unit rules 组织单元规则: which unit a fact is of that came without one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from zhiyin.accounts import units
from zhiyin.accounts.rights import Right
from zhiyin.collect import caught
from zhiyin.collect.caught import Traffic
from zhiyin.collect.rules import unknown_units
from zhiyin.warehouse.rules import Rule
from zhiyin.warehouse.ruling import TABLES
from zhiyin.web.kinds import KINDS
from zhiyin.web.views.reading import Here, needs
from zhiyin.web.views.rules import Page, changed, form


@dataclass(frozen=True, slots=True)
class Row:
    """A rule as the list shows it.

    Args:
        name: of its unit; blank where the tree lacks it.
        caught: facts by kind, the most first.
    """

    rule: Rule
    name: str
    caught: tuple[tuple[str, int], ...]

    @property
    def facts(self) -> int:
        """How many of all kinds."""
        return sum(n for _table, n in self.caught)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_DATA, to_write=Right.CHANGE_WORKSPACE)
def rules(request: HttpRequest, here: Here) -> HttpResponse:
    """The rules in order, what facts are of no unit, and a form for a new one with its preview."""
    return form(request, here, PAGE, place=None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_DATA, to_write=Right.CHANGE_WORKSPACE)
def rule(request: HttpRequest, here: Here, place: int) -> HttpResponse:
    """One rule: edited, with a preview."""
    return form(request, here, PAGE, place=place)


@require_POST
@needs(Right.CHANGE_WORKSPACE)
def change_rules(request: HttpRequest, here: Here) -> HttpResponse:
    """Move a rule, take one out, put one back, or say whether rules come first."""
    return changed(request, here, PAGE)


def _more(here: Here) -> dict[str, Any]:
    traffic = caught.all_traffic(here.log, here.slug, "unit")
    places = units.tree(here.slug)
    names = {place.unit.key: place.unit.name for place in places}
    known = here.log.rules(here.slug, "unit")
    return {
        "traffic": traffic,
        "rows": [
            Row(rule, names.get(rule.gives, ""), _by_kind(place, traffic))
            for place, rule in enumerate(known)
        ],
        "lost": unknown_units(here.slug, known),
        "places": places,
        "tables": [(table, KINDS[table]) for table in TABLES["unit"]],
    }


def _by_kind(place: int, traffic: list[Traffic]) -> tuple[tuple[str, int], ...]:
    counts = [(one.table, one.rules[place].facts) for one in traffic]
    return tuple(sorted((pair for pair in counts if pair[1]), key=lambda pair: -pair[1]))


PAGE = Page("unit", "unit", "unit-rules", "web/unit_rules.html", _more)
