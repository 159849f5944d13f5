"""Funnels: how many customers pass steps in their order, within a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from zhiyin.journey.asking import ALL, Chosen, Order, Steps
from zhiyin.journey.events import NOBODY, Events, microseconds, order_of, seconds
from zhiyin.journey.shares import interval
from zhiyin.kernel.filters import Filter
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
        confidence: of the intervals.
    """

    steps: Steps
    within: timedelta
    order: Order = "any"
    by: str | None = None
    chosen: Chosen = ALL
    confidence: float = 0.95


@dataclass(frozen=True, slots=True)
class Step:
    """Who came as far as this.

    Shares and the ends of the interval lie in 0…1; the interval (Wilson, over customers) is of
    the share of the first step, whose own is 1 and needs none. None where nobody took the first or
    the previous step.

    Args:
        median_seconds: from the start of the chain, when a customer first came as far; None
            where nobody did.
    """

    step: str
    customers: int
    share_of_first: float | None
    share_of_previous: float | None
    low: float | None
    high: float | None
    median_seconds: float | None

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Funnel:
    """A funnel, and one for each group: (its word or None, steps), the largest first."""

    steps: tuple[Step, ...]
    by: str | None = None
    groups: tuple[tuple[str | None, tuple[Step, ...]], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        found: dict[str, Any] = {"steps": [step.as_dict() for step in self.steps]}
        if self.by is not None:
            found["by"] = self.by
            found["groups"] = [
                {"group": word, "steps": [step.as_dict() for step in steps]}
                for word, steps in self.groups
            ]
        return found


def funnel(
    log: Log, settings: Settings, asked: FunnelAsked, *, scope: Filter | None = None
) -> Funnel:
    """Count who passes the steps, and how long it takes.

    Customers are counted, after merges, never events. The whole counts each once; with `by` a
    customer who started in two groups is in both.

    Raises:
        Problem: ``journey.no-such-event``, ``journey.no-such-column``, ``filter.…``.
    """
    events = Events.of(log, settings, asked.chosen, scope=scope)
    (whole,) = events.run(_counted(_chains(events, asked, None), asked.steps, ())).to_pylist()
    steps = _steps(whole, asked)
    if asked.by is None:
        return Funnel(steps)
    column = events.column(asked.by)
    query = _counted(_chains(events, asked, column), asked.steps, ("part",))
    words = events.words(column)
    groups = [(words[row["part"]], _steps(row, asked)) for row in events.run(query).to_pylist()]
    groups = [one for one in groups if one[1][0].customers]
    groups.sort(key=lambda one: (-one[1][0].customers, one[0] is None, one[0] or ""))
    return Funnel(steps, asked.by, tuple(groups))


def _chains(events: Events, asked: FunnelAsked, column: str | None) -> lang.Expression:
    """One row an event, with ``start0``, ``start1``…: when the latest chain that comes as far as
    this step with this very event began, null where none does."""
    keys = ["customer"] if column is None else ["customer", "part"]
    rows = _marked(events, asked, column)
    if asked.order == "earliest":
        number = rows.is0.cast("int64").sum().over(**_until(rows, ["customer"]))
        rows = rows.mutate(is0=rows.is0 & (number == 1))
    starts = rows.is0
    if column is not None:
        # Later steps may serve a chain of any group: they stand once for each that she starts in.
        started = rows.filter(rows.is0).select(whose="customer", part="own").distinct()
        rows = rows.join(started, rows.customer == started.whose).drop("whose")
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


def _marked(events: Events, asked: FunnelAsked, column: str | None) -> lang.Expression:
    """Events with ``is0``…: whether they serve a step; and ``out0``…: whether one breaks a gap.

    Where steps need not be consecutive, what is neither is left out before anything is ordered.
    """
    rows = events.rows() if column in (None, "name") else events.rows(str(column))
    steps = asked.steps
    marks = {f"is{k}": rows.name.isin(events.codes(step)) for k, step in enumerate(steps.names)}
    marks |= {
        f"out{k}": rows.name.isin(events.codes(names)).cast("int64")
        for k, names in enumerate(steps.between)
        if names
    }
    if column is not None:
        marks["own"] = lang.coalesce(rows[column], NOBODY)
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


def _counted(rows: lang.Expression, steps: Steps, parts: Sequence[str]) -> lang.Expression:
    """Customers a step, and the median of the microseconds from the start."""
    numbers = range(len(steps.names))
    took = {
        f"took{k}": (rows.us - rows[f"start{k}"]).argmin(
            rows.place, where=rows[f"start{k}"].notnull()
        )
        for k in numbers
    }
    each = rows.group_by([*parts, "customer"]).aggregate(**took)
    found = {f"n{k}": each[f"took{k}"].count() for k in numbers}
    found |= {f"median{k}": each[f"took{k}"].median() for k in numbers}
    return each.group_by(list(parts)).aggregate(**found) if parts else each.aggregate(**found)


def _steps(row: dict[str, Any], asked: FunnelAsked) -> tuple[Step, ...]:
    counts = [row[f"n{k}"] for k in range(len(asked.steps.names))]
    found = []
    for k, label in enumerate(asked.steps.labels):
        low, high = interval(counts[k], counts[0], asked.confidence, is_all=not k)
        previous = counts[k - 1] if k else counts[0]
        step = Step(
            step=label,
            customers=counts[k],
            share_of_first=counts[k] / counts[0] if counts[0] else None,
            share_of_previous=counts[k] / previous if previous else None,
            low=low,
            high=high,
            median_seconds=seconds(row[f"median{k}"]),
        )
        found.append(step)
    return tuple(found)
