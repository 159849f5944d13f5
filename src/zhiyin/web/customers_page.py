"""The pages *Customers* 客户 and *segments* 客群: what their addresses ask, and what they show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter, both, parse
from zhiyin.kernel.text import Text
from zhiyin.unify import people, segments
from zhiyin.unify.models import Segment
from zhiyin.unify.people import Count, Listed, Person
from zhiyin.warehouse.log import Log
from zhiyin.web import personal
from zhiyin.web.menus import Choice, menu

MOST_PAGES = 200
"""Whoever wants more of them exports them."""


@dataclass(frozen=True, slots=True)
class Page:
    """All that the list shows. With a `problem` there is no list."""

    given: Mapping[str, str]
    sorts: tuple[Choice, ...]
    segments: tuple[Segment, ...]
    segment: Segment | None
    problem: Problem | None = None
    found: tuple[Person, ...] | None = None
    listed: Listed | None = None
    count: Count | None = None
    number: int = 1
    older: str = ""
    newer: str = ""
    query: str = ""


def build(log: Log, settings: Settings, query: Mapping[str, str], *, sees_it: bool) -> Page:
    """The list for what the query string asks; a mistake in it is shown in its place.

    Args:
        sees_it: whether the reader sees personal data; else she does not filter by it either.
    """
    names = ("q", "where", "sort", "segment", "page")
    given = {name: query.get(name, "").strip() for name in names}
    given["sort"] = given["sort"] if given["sort"] in people.SORTS else "last_at"
    mine = tuple(segments.of(settings.slug))
    segment = next((one for one in mine if one.slug == given["segment"]), None)
    kept = {name: given[name] for name in ("where", "sort", "segment") if given[name]}
    number = min(max(int(given["page"]), 1), MOST_PAGES) if given["page"].isdecimal() else 1
    bare = Page(
        given=given,
        sorts=menu(given["sort"], people.SORTS),
        segments=mine,
        segment=segment,
        number=number,
        query=urlencode({n: given[n] for n in ("where", "segment") if given[n]}),
    )
    try:
        if given["q"]:
            return _searched(log, settings, bare)
        chosen = rule(log, segment, given["where"], sees_it=sees_it)
        listed = people.page(log, settings, chosen, sort=given["sort"], number=number)
        count = people.count(log, settings, chosen)
    except Problem as problem:
        return Page(bare.given, bare.sorts, bare.segments, bare.segment, problem)
    return Page(
        given=bare.given,
        sorts=bare.sorts,
        segments=bare.segments,
        segment=segment,
        listed=listed,
        count=count,
        number=number,
        query=bare.query,
        older=urlencode({**kept, "page": number + 1})
        if listed.has_more and number < MOST_PAGES
        else "",
        newer=urlencode({**kept, "page": number - 1}) if number > 1 else "",
    )


def rule(log: Log, segment: Segment | None, where: str, *, sees_it: bool) -> Filter | None:
    """What chooses the customers: the segment and the filter, both.

    Raises:
        Problem: a filter that cannot be read; ``personal.filter``.
    """
    filter_ = parse(where) if where.strip() else None
    personal.check_customers(filter_, sees_it=sees_it)
    return both(in_segment(log, segment, sees_it=sees_it) if segment else None, filter_)


def in_segment(log: Log, segment: Segment, *, sees_it: bool) -> Filter:
    """Who is in a segment, for whoever may see what its rule compares with; of a kept list nothing
    is compared.

    Raises:
        Problem: ``personal.filter``.
    """
    chosen = segments.chosen(log, segment)
    if not segment.is_kept:
        personal.check_customers(chosen, sees_it=sees_it)
    return chosen


def _searched(log: Log, settings: Settings, bare: Page) -> Page:
    found = log.find_customers(settings.slug, bare.given["q"], limit=people.PAGE)
    keys = [one.customer for one in found]
    return Page(
        given=bare.given,
        sorts=bare.sorts,
        segments=bare.segments,
        segment=bare.segment,
        found=people.of_keys(log, settings, keys),
    )


@dataclass(frozen=True, slots=True)
class Draft:
    """A segment while it is edited."""

    name: str
    rule: str
    says: Text | None = None
    segment: Segment | None = None
    problem: Problem | None = None
    count: Count | None = None
    listed: Listed | None = None


def counted(
    log: Log, settings: Settings, text: str, *, sees_it: bool
) -> tuple[Problem | None, Count | None]:
    """How many customers a rule chooses, or what is wrong with it."""
    try:
        return None, people.count(log, settings, rule(log, None, text, sees_it=sees_it))
    except Problem as problem:
        return problem, None


def draft(
    log: Log,
    settings: Settings,
    *,
    name: str,
    rule: str,
    segment: Segment | None,
    sees_it: bool,
    problem: Problem | None = None,
) -> Draft:
    """A segment as it stands in the form, with its count."""
    if segment is not None and segment.is_kept:
        held = people.count(log, settings, in_segment(log, segment, sees_it=sees_it))
        return Draft(name, "", None, segment, problem, held)
    wrong, count = counted(log, settings, rule, sees_it=sees_it)
    return Draft(name, rule, None, segment, problem or wrong, count)
