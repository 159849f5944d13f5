"""The page *Funnels* 漏斗: what its address asks, and what it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.http import QueryDict

from zhiyin.accounts.saved_views import LONGEST_NAME
from zhiyin.accounts.workspaces import Settings
from zhiyin.charts.axis import Axis
from zhiyin.journey.asking import (
    LONGEST_FUNNEL,
    ORDERS,
    Steps,
    read_steps,
    write_names,
    write_steps,
)
from zhiyin.journey.conversion import Began, Conversion, conversion
from zhiyin.journey.funnel import Funnel, FunnelAsked, Step, funnel
from zhiyin.journey.membership import MOST
from zhiyin.journey.waits import Waits, waits
from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.periods import GRAINS, Grain
from zhiyin.kernel.text import Text, _
from zhiyin.measure.asking import MISSING
from zhiyin.reports import journeys
from zhiyin.reports.blocks import FUNNELS
from zhiyin.reports.journeys import Address
from zhiyin.unify import segments
from zhiyin.warehouse.log import Log
from zhiyin.web import journeys_methods, personal
from zhiyin.web.journeys_asked import (
    EVERY,
    SPANS,
    Links,
    Shown,
    columns_of,
    events_of,
    names_offered,
    offered,
)
from zhiyin.web.menus import Choice, menu

FIELDS = journeys.FIELDS[FUNNELS]
ORDER_NAMES: dict[str, Text] = {
    "any": _("any first step"),
    "earliest": _("the earliest first step"),
    "strict": _("any, each step directly after the other"),
}
USUAL = ("Product Viewed", "Product Added", "Checkout Started", "Order Completed")
"""What the page opens on, as far as these have come in: the names of the public specification."""
MOST_GROUPS = 40
MOST_PERIODS = 60
"""More than these are in the files that the page gives, not on it."""


@dataclass(frozen=True, slots=True)
class Field:
    """One step of the form: the menu of names, further names, and what may not come before."""

    number: int
    names: tuple[Choice, ...]
    others: str = ""
    without: str = ""

    @property
    def is_new(self) -> bool:
        """Whether it is the empty one, by which a step is added."""
        return not any(one.is_chosen and one.value for one in self.names)


@dataclass(frozen=True, slots=True)
class Row:
    """A step as it is shown.

    Args:
        came: the address of those who came to it, or blank.
        stopped: how many came no further; None where that is not shown, or at the last step.
        stopped_at: the address of these, or blank.
    """

    step: Step
    came: str = ""
    stopped: int | None = None
    stopped_at: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A group or a period, with its row for each step."""

    name: str
    rows: tuple[Row, ...]
    is_final: bool = True

    @property
    def last(self) -> Step:
        """Who came to the end."""
        return self.rows[-1].step


@dataclass(frozen=True, slots=True)
class Page(Shown):
    """All that the page shows. With a `problem`, or nothing asked, there is a form alone.

    Args:
        compared: the segments that it may be broken down by, and which are.
        waits: how long until the step that is asked for; None where that step is not shown.
    """

    fields: tuple[Field, ...]
    names: tuple[str, ...]
    compared: tuple[Choice, ...]
    asked: FunnelAsked | None = None
    found: Funnel | None = None
    over_time: Conversion | None = None
    waits: Waits | None = None
    rows: tuple[Row, ...] = ()
    every_group: tuple[Group, ...] = ()
    every_period: tuple[Group, ...] = ()

    @property
    def view_name(self) -> str:
        """What a saved view of it may be called."""
        steps = self.asked.steps.labels if self.asked else ()
        return " → ".join((*steps[:1], *steps[-1:]))[:LONGEST_NAME]

    @property
    def groups(self) -> tuple[Group, ...]:
        """Those on the page."""
        return self.every_group[:MOST_GROUPS]

    @property
    def periods(self) -> tuple[Group, ...]:
        """Those on the page: the newest, in the order of time."""
        return self.every_period[-MOST_PERIODS:]

    @property
    def charts(self) -> tuple[str, ...]:
        """Those of `journeys_charts` that it has something for."""
        has = {
            "steps": self.found is not None,
            "waits": self.waits is not None and bool(self.waits.moments),
            "conversion": bool(self.periods),
        }
        return tuple(name for name, is_there in has.items() if is_there)

    @property
    def last(self) -> Step | None:
        """Who came to the end."""
        return self.found.steps[-1] if self.found else None

    @property
    def by_label(self) -> str:
        """The name of what the groups are of, or blank."""
        return journeys.label_of(self.given["by"])

    @property
    def axis(self) -> Axis | None:
        """One scale for the groups' shares."""
        ends = [e for g in self.groups for e in (g.last.share_of_first, g.last.low, g.last.high)]
        whole = self.last.share_of_first if self.last else None
        return Axis.of([None if e is None else 100 * e for e in (*ends, whole)], "percent")

    @property
    def hides(self) -> bool:
        """Whether anything is left out so that no small group can be calculated."""
        steps = [*(self.found.steps if self.found else ())]
        steps += [row.step for one in (*self.groups, *self.periods) for row in one.rows]
        return any(step.state != "ok" for step in steps)


def build(
    log: Log,
    settings: Settings,
    query: QueryDict,
    *,
    sees_it: bool,
    sees_rows: bool,
    answers: bool = True,
    now: datetime | None = None,
) -> Page:
    """The page for what the query string asks; a mistake in it is shown in its place.

    Args:
        answers: whether the figures are asked for, which takes its time; else the form alone.
        sees_it: whether the reader sees personal data; else she does not ask by it either.
        sees_rows: whether she may open the customers behind a figure.
    """
    instant = now or clock.now()
    names = names_offered(log, settings)
    address = Address.of(query, FIELDS)
    given = dict(address.given)
    given["within"] = given["within"] or "7d"
    given["order"] = given["order"] if given["order"] in ORDERS else "any"
    given["every"] = given["every"] if given["every"] in EVERY else "week"
    given["steps"] = _written(query) if "step" in query else given["steps"]
    if not given["steps"] and "step" not in query:
        given["steps"] = _usual(names)
    address = replace(address, given=given)
    more: dict[str, Mapping[str, object]] = {
        "within": SPANS,
        "order": ORDER_NAMES,
        "by": {"": _("nothing"), **_segments(settings), **columns_of(log, settings)},
        "every": EVERY,
    }
    choices = offered(log, settings, address, more=more)
    compared = _compared(settings, query)
    is_by_segments = given["by"] == journeys.SEGMENTS
    chosen = [one.value for one in compared if one.is_chosen]
    given["segments"] = ",".join(chosen) if is_by_segments else ""
    address = replace(address, given=given)
    steps, problem = _read(given["steps"])
    fields = _fields(steps, query, names)
    page = Page(
        address, choices.menus, choices.filters, fields, names, compared,
        has_events=bool(names), problem=problem,
    )  # fmt: skip
    if steps is None:
        return page
    last = str(_last(given["last"], steps))
    given = {**given, "steps": write_steps(steps), "last": last}
    ends = {str(n): label for n, label in enumerate(steps.labels[1:], start=2)}
    page = replace(
        page,
        address=replace(address, given=given),
        menus={**choices.menus, "last": menu(last, ends)},
    )
    if not answers:
        return replace(page, is_waiting=True)
    try:
        return _answered(log, settings, page, steps, instant, sees_it=sees_it, sees_rows=sees_rows)
    except Problem as wrong:
        return replace(page, problem=wrong)


def asked_of(
    settings: Settings, address: Address, steps: Steps, now: datetime, *, sees_it: bool
) -> FunnelAsked:
    """What an address asks of the funnel.

    Raises:
        Problem: ``journey.span``, ``period.bad-date``, ``personal.filter``; a filter that cannot
            be read.
    """
    by = journeys.column_of(address)
    chosen = events_of(address, settings, now, sees_it=sees_it, by=by)
    for name in journeys.segments_of(address):
        personal.check_segment(settings.slug, name, sees_it=sees_it)
    return journeys.funnel_of(address, steps, chosen)


# What is asked


def _segments(settings: Settings) -> dict[str, object]:
    """The choice to break down by segments, where there are any."""
    has_any = bool(segments.of(settings.slug))
    return {journeys.SEGMENTS: journeys.label_of(journeys.SEGMENTS)} if has_any else {}


def _compared(settings: Settings, query: QueryDict) -> tuple[Choice, ...]:
    """Each segment, and whether it is compared: the first ones where the address says nothing."""
    known = {one.slug: one.name for one in segments.of(settings.slug)}
    said = ",".join(query.getlist("segments")).split(",")
    named = [name for name in said if name] if "segments" in query else list(known)[:MOST]
    known |= {name: name for name in named if name not in known}
    return tuple(Choice(slug, name, slug in named) for slug, name in known.items())


def _usual(names: Sequence[str]) -> str:
    found = [frozenset({name}) for name in USUAL if name in names]
    if len(found) < 2:
        return ""
    return write_steps(Steps(tuple(found), (frozenset(),) * (len(found) - 1)))


def _written(query: QueryDict) -> str:
    """The steps that the form's fields say, as the address and the command line write them."""
    parts: list[str] = []
    rows = zip(query.getlist("step"), query.getlist("or"), query.getlist("without"), strict=False)
    for name, others, without in rows:
        if not name.strip():
            continue
        if without.strip() and parts:
            parts.append(f"!{without.strip().lstrip('!')}")
        parts.append(write_names([name]) + (f" | {others.strip()}" if others.strip() else ""))
    return " > ".join(parts)


def _last(text: str, steps: Steps) -> int:
    """Until which step the time is asked for: the last, where the address names none."""
    last = len(steps.names)
    return next((n for n in range(2, last) if str(n) == text), last)


def _read(text: str) -> tuple[Steps | None, Problem | None]:
    if not text:
        return None, None
    try:
        return read_steps(text), None
    except Problem as problem:
        return None, problem


def _fields(steps: Steps | None, query: QueryDict, names: Sequence[str]) -> tuple[Field, ...]:
    """The form's fields: a step each, and an empty one to add a step by."""
    if steps is None:
        said = zip(
            query.getlist("step"), query.getlist("or"), query.getlist("without"), strict=False
        )
        rows = [(name, others, without) for name, others, without in said if name.strip()]
    else:
        rows = []
        for names_of, without in zip(steps.names, (frozenset[str](), *steps.between), strict=True):
            first, *others = sorted(names_of, key=lambda name: (name not in names, name))
            rows.append((first, write_names(others), write_names(without)))
    if len(rows) < LONGEST_FUNNEL:
        rows.append(("", "", ""))
    options = {name: name for name in names}
    return tuple(
        Field(number, menu(name, {"": _blank(name, number), **options}), others, without)
        for number, (name, others, without) in enumerate(rows, start=1)
    )


def _blank(name: str, number: int) -> Text:
    if name:
        return _("leave this step out")
    return _("choose an event") if number < 3 else _("add a step")


# What is found


def _answered(
    log: Log,
    settings: Settings,
    page: Page,
    steps: Steps,
    now: datetime,
    *,
    sees_it: bool,
    sees_rows: bool,
) -> Page:
    asked = asked_of(settings, page.address, steps, now, sees_it=sees_it)
    found = funnel(log, settings, asked)
    every: Grain = next(one for one in GRAINS if one == page.given["every"])
    over_time = conversion(log, settings, asked, every=every, now=now)
    last = int(page.given["last"])
    is_told = found.steps[last - 1].state == "ok"
    links = Links.of(settings, page.address, sees_rows=sees_rows)
    called = journeys.group_names(settings, asked)
    groups = [
        Group(
            called.get(word, personal.words(MISSING if word is None else word, sees_it=sees_it)),
            _rows(links, steps_of, {"group": word or "", "grouped": "1"}),
        )
        for word, steps_of in found.groups
    ]
    return replace(
        page,
        asked=asked,
        found=found,
        over_time=over_time,
        waits=waits(log, settings, asked, last=last) if is_told else None,
        rows=_rows(links, found.steps, {}),
        every_group=tuple(groups),
        every_period=tuple(_period(one, links) for one in over_time.periods if one.steps),
        methods=journeys_methods.of_funnel(settings, asked, now),
    )


def _period(one: Began, links: Links) -> Group:
    return Group(one.period, _rows(links, one.steps, {"in": one.period}), one.is_final)


def _rows(links: Links, steps: Sequence[Step], more: Mapping[str, str]) -> tuple[Row, ...]:
    """The steps with the addresses of their customers, blank where nobody is."""
    found = []
    for place, step in enumerate(steps):
        following = steps[place + 1] if place + 1 < len(steps) else None
        stopped = None
        if following and step.customers is not None and following.customers is not None:
            stopped = step.customers - following.customers
        asked = {"step": str(place + 1), **more}
        found.append(
            Row(
                step,
                links.to(of="step", **asked) if step.customers else "",
                stopped,
                links.to(of="step", **asked, stopped="1") if stopped else "",
            )
        )
    return tuple(found)
