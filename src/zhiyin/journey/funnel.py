"""Funnels: how many customers pass steps in their order, within a time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from zhiyin.journey import membership
from zhiyin.journey.asking import ALL, Chosen, Order, Steps
from zhiyin.journey.events import NOBODY, Events, instants, microseconds, order_of, seconds
from zhiyin.journey.shares import interval
from zhiyin.journey.withholding import State, beside_whole, within
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.periods import Bucket
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings


@dataclass(frozen=True, slots=True)
class FunnelAsked:
    """One question to the funnel.

    Args:
        within: from the first step to the last, the end included.
        order: ``any`` of her first steps may start a chain; only the ``earliest`` may; or the
            steps are consecutive events (``strict``).
        by: break down by this column of the event that starts the chain.
        by_segments: break down by these segments, or rules over customers, in place of a column;
            a customer may be in several.
        confidence: of the intervals.
    """

    steps: Steps
    within: timedelta
    order: Order = "any"
    by: str | None = None
    by_segments: tuple[str, ...] = ()
    chosen: Chosen = ALL
    confidence: float = 0.95


@dataclass(frozen=True, slots=True)
class Step:
    """Who came as far as this.

    Shares and the ends of intervals lie in 0…1; intervals are Wilson's, over customers; the share
    of the first step is 1 by definition and needs none. None where nobody took the first or
    the previous step, and of what is not shown.

    Args:
        customers: None where they are not shown, as `state` says.
        low, high: the interval of the share of the first step.
        previous_low, previous_high: that of the share of the previous step.
        median_seconds: from the start of the chain, when a customer first came as far; None
            where nobody did.
    """

    step: str
    customers: int | None
    share_of_first: float | None
    share_of_previous: float | None
    low: float | None
    high: float | None
    previous_low: float | None
    previous_high: float | None
    median_seconds: float | None
    state: State = "ok"

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


Group = tuple[str | None, tuple[Step, ...]]
"""A group's word, or None for those without one or in no segment; and its steps."""


@dataclass(frozen=True, slots=True)
class Funnel:
    """A funnel, and one for each group, the largest first.

    Args:
        minimum_base: a count of fewer customers is not shown.
    """

    steps: tuple[Step, ...]
    minimum_base: int
    by: str | None = None
    groups: tuple[Group, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        found: dict[str, Any] = {
            "steps": [step.as_dict() for step in self.steps],
            "minimum_base": self.minimum_base,
        }
        if self.by is not None:
            found["by"] = self.by
            found["groups"] = [
                {"group": word, "steps": [step.as_dict() for step in steps]}
                for word, steps in self.groups
            ]
        return found


@dataclass(frozen=True, slots=True)
class Part:
    """What chains are grouped by: a column of the event that starts one, or the period of it."""

    column: str
    periods: tuple[Bucket, ...] = ()

    def of(self, rows: lang.Expression) -> lang.Value:
        """The number of each event's group."""
        at = rows[self.column]
        return lang.period_number(at, self.periods) if self.periods else lang.coalesce(at, NOBODY)

    def reach(self, within: timedelta) -> int:
        """How many periods after its own a chain may end in, at most."""
        starts = [period.start for period in self.periods]
        return max(
            bisect_right(starts, period.end + within) - 1 - place
            for place, period in enumerate(self.periods)
        )


def funnel(
    log: Log, settings: Settings, asked: FunnelAsked, *, scope: Filter | None = None
) -> Funnel:
    """Count who passes the steps, and how long it takes.

    Customers are counted, after merges, never events. The whole counts each once; with `by` a
    customer who started in two groups is in both.

    Raises:
        Problem: ``journey.no-such-event``, ``journey.no-such-column``, ``filter.…``; with segments
            as `membership.read`.
    """
    events = Events.of(log, settings, asked.chosen, scope=scope)
    minimum = settings.minimum_base
    if asked.by_segments:
        return _by_segments(events, asked, minimum)
    part = None if asked.by is None else Part(events.column(asked.by))
    steps, by_code = counted(events, asked, part)
    shown = _shown(steps, within([step.customers or 0 for step in steps], minimum))
    if asked.by is None:
        return Funnel(shown, minimum)
    words = events.words(events.column(asked.by))
    groups = [(words[code], group) for code, group in by_code.items()]
    groups.sort(key=lambda one: (-(one[1][0].customers or 0), one[0] is None, one[0] or ""))
    return Funnel(shown, minimum, asked.by, withheld(groups, steps, minimum))


def _by_segments(events: Events, asked: FunnelAsked, minimum: int) -> Funnel:
    members = membership.read(events, asked.by, asked.by_segments)
    whole, _parts = counted(events, asked, None)
    groups = [(one.word, counted(one.events, asked, None)[0]) for one in members.groups]
    rows = [[step.customers or 0 for step in steps] for _word, steps in groups]
    wholes = [step.customers or 0 for step in whole]
    states = members.states(rows, wholes, minimum)
    shown = tuple(
        (word, _shown(steps, row))
        for (word, steps), row in zip(groups, states, strict=True)
        if steps[0].customers
    )
    return Funnel(_shown(whole, within(wholes, minimum)), minimum, membership.SEGMENTS, shown)


Parts = dict[int, tuple[Step, ...]]
"""The steps of each group that somebody started in, by its number; nothing is withheld."""


def counted(
    events: Events, asked: FunnelAsked, part: Part | None
) -> tuple[tuple[Step, ...], Parts]:
    """The steps of all, each customer once, and those of each group; nothing is withheld."""
    rows = _out_of_index(events, asked, part) or _by_sql(events, asked, part)
    whole = _steps(rows.pop(None), asked)
    groups = {number: _steps(row, asked) for number, row in rows.items()}
    return whole, {number: steps for number, steps in groups.items() if steps[0].customers}


def _by_sql(events: Events, asked: FunnelAsked, part: Part | None) -> dict[Any, dict[str, Any]]:
    """As `_out_of_index`."""
    (whole,) = events.run(_counted(chains(events, asked, None), asked.steps, ())).to_pylist()
    if part is None:
        return {None: whole}
    query = _counted(chains(events, asked, part), asked.steps, ("part",))
    return {None: whole, **{row["part"]: row for row in events.run(query).to_pylist()}}


def _out_of_index(
    events: Events, asked: FunnelAsked, part: Part | None
) -> dict[Any, dict[str, Any]] | None:
    """The counts of all under None, and of each group under its number; None where SQL must."""
    question = question_of(events, asked, part)
    is_by_column = part is not None and not part.periods
    found = events.ask("funnel", question, asked.by if is_by_column else None)
    return None if found is None else {row["part"]: row for row in found.to_pylist()}


def question_of(events: Events, asked: FunnelAsked, part: Part | None) -> dict[str, Any]:
    """What the journey index is asked; a break-down by a column stands beside it.

    Raises:
        Problem: ``journey.no-such-event``.
    """
    question: dict[str, Any] = {
        "names": [events.codes(step) for step in asked.steps.names],
        "between": [events.codes(names) for names in asked.steps.between],
        "within": microseconds(asked.within),
        "order": asked.order,
    }
    if part is not None and part.periods:
        question["periods"] = instants(part.periods)
    return question


def withheld(groups: Sequence[Group], whole: Sequence[Step], minimum: int) -> tuple[Group, ...]:
    """The groups as they are shown beside the whole, which is given with nothing withheld."""
    counts = [[step.customers or 0 for step in steps] for _word, steps in groups]
    states = [within(row, minimum) for row in counts]
    wholes = [step.customers or 0 for step in whole]
    for place, state in enumerate(within(wholes, minimum)):
        column = beside_whole(
            [row[place] for row in counts], [row[place] for row in states], wholes[place], minimum,
            is_shown=state == "ok",
        )  # fmt: skip
        for row, found in zip(states, column, strict=True):
            row[place] = found
    return tuple(
        (word, _shown(steps, row)) for (word, steps), row in zip(groups, states, strict=True)
    )


def _shown(steps: Sequence[Step], states: Sequence[State]) -> tuple[Step, ...]:
    """The steps without what is withheld, and without the shares that it could be told by."""
    found = []
    for place, (step, state) in enumerate(zip(steps, states, strict=True)):
        if state != "ok":
            step = Step(step.step, None, None, None, None, None, None, None, None, state)
        elif states[0] != "ok":
            step = replace(step, share_of_first=None, low=None, high=None)
        if state == "ok" and place and states[place - 1] != "ok":
            step = replace(step, share_of_previous=None, previous_low=None, previous_high=None)
        found.append(step)
    return tuple(found)


def chains(events: Events, asked: FunnelAsked, part: Part | None) -> lang.Expression:
    """One row an event, with ``start0``, ``start1``…: when the latest chain that comes as far as
    this step with this very event began, null where none does."""
    keys = ["customer"] if part is None else ["customer", "part"]
    rows = _marked(events, asked, part)
    if asked.order == "earliest":
        number = rows.is0.cast("int64").sum().over(**_until(rows, ["customer"]))
        rows = rows.mutate(is0=rows.is0 & (number == 1))
    starts = rows.is0
    if part is not None:
        # Later steps may serve a chain of any group: they stand once for each that she starts in.
        started = rows.filter(rows.is0).select(whose="customer", part="own").distinct()
        rows = rows.join(started, rows.customer == started.whose).drop("whose")
        if part.periods:
            # What is too late for a period serves none of its chains.
            after = rows.own - rows.part
            rows = rows.filter((after >= 0) & (after <= part.reach(asked.within)))
        starts = rows.is0 & (rows.own == rows.part)
    rows = rows.mutate(start0=lang.ifelse(starts, rows.us, lang.null("int64")))
    within = microseconds(asked.within)
    for number in range(1, len(asked.steps.names)):
        rows = _with_before(rows, keys, asked, number - 1)
        continues = rows[f"is{number}"] & rows.before.notnull() & (rows.us - rows.before <= within)
        start = lang.ifelse(continues, rows.before, lang.null("int64"))
        rows = rows.mutate(**{f"start{number}": start}).drop("before")
    place = lang.row_number().over(group_by=keys, order_by=order_of(rows))
    return rows.mutate(place=place)


def _marked(events: Events, asked: FunnelAsked, part: Part | None) -> lang.Expression:
    """Events with ``is0``…: whether they serve a step; and ``out0``…: whether one breaks a gap.

    Where steps need not be consecutive, what is neither is left out before anything is ordered.
    """
    rows = events.rows() if part is None or part.column == "name" else events.rows(part.column)
    steps = asked.steps
    marks = {f"is{k}": rows.name.isin(events.codes(step)) for k, step in enumerate(steps.names)}
    marks |= {
        f"out{k}": rows.name.isin(events.codes(names)).cast("int64")
        for k, names in enumerate(steps.between)
        if names
    }
    if part is not None:
        marks["own"] = part.of(rows)
    rows = rows.mutate(**marks)
    if asked.order == "strict":
        return rows
    return rows.filter(rows.name.isin(events.codes(steps.words)))


def _with_before(
    rows: lang.Expression, keys: Sequence[str], asked: FunnelAsked, number: int
) -> lang.Expression:
    """The rows with ``before``: the start of the chain that stands at a step just before each."""
    start = f"start{number}"
    if asked.order == "strict":
        rows = rows.mutate(state=rows[start])
    else:
        # What breaks the gap begins a new stretch, in which earlier chains are forgotten.
        is_breakable = f"out{number}" in rows.columns
        broken = rows[f"out{number}"].sum().over(**_until(rows, keys)) if is_breakable else 0
        rows = rows.mutate(stretch=broken)
        # A later start has more of its time left than any other: it is the only one to be kept.
        rows = rows.mutate(state=rows[start].max().over(**_until(rows, [*keys, "stretch"])))
        rows = rows.drop("stretch")
    before = rows.state.lag().over(group_by=list(keys), order_by=order_of(rows))
    return rows.mutate(before=before).drop("state")


def _until(rows: lang.Expression, keys: Sequence[str]) -> dict[str, Any]:
    """The window of a customer's rows up to this one."""
    return {"group_by": list(keys), "order_by": order_of(rows), "rows": (None, 0)}


def each_customer(
    rows: lang.Expression, steps: Steps, parts: Sequence[str], **more: lang.Value
) -> lang.Expression:
    """One row a customer and part, with ``took0``, ``took1``…: the microseconds from the start of
    her chain when she first came so far, null where she never did; and what else is named."""
    took = {
        f"took{k}": (rows.us - rows[f"start{k}"]).argmin(
            rows.place, where=rows[f"start{k}"].notnull()
        )
        for k in range(len(steps.names))
    }
    return rows.group_by([*parts, "customer"]).aggregate(**took, **more)


def _counted(rows: lang.Expression, steps: Steps, parts: Sequence[str]) -> lang.Expression:
    """Customers a step, and the median of the microseconds from the start."""
    numbers = range(len(steps.names))
    each = each_customer(rows, steps, parts)
    found = {f"n{k}": each[f"took{k}"].count() for k in numbers}
    found |= {f"median{k}": each[f"took{k}"].median() for k in numbers}
    return each.group_by(list(parts)).aggregate(**found) if parts else each.aggregate(**found)


def _steps(row: dict[str, Any], asked: FunnelAsked) -> tuple[Step, ...]:
    counts = [row[f"n{k}"] for k in range(len(asked.steps.names))]
    found = []
    for k, label in enumerate(asked.steps.labels):
        low, high = interval(counts[k], counts[0], asked.confidence, is_all=not k)
        previous = counts[k - 1] if k else counts[0]
        of_previous = interval(counts[k], previous, asked.confidence, is_all=not k)
        step = Step(
            step=label,
            customers=counts[k],
            share_of_first=counts[k] / counts[0] if counts[0] else None,
            share_of_previous=counts[k] / previous if previous else None,
            low=low,
            high=high,
            previous_low=of_previous[0],
            previous_high=of_previous[1],
            median_seconds=seconds(row[f"median{k}"]),
        )
        found.append(step)
    return tuple(found)
