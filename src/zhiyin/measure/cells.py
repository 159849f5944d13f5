"""From a request to the rows that count: filtered, dated, and put into the cells of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import pyarrow as pa

from zhiyin.kernel.filters import Filter
from zhiyin.kernel.periods import Bucket, Period
from zhiyin.measure import written
from zhiyin.measure.left_out import LeftOut
from zhiyin.measure.metric import NO_CODE, Metric, Source
from zhiyin.measure.parts import Parts
from zhiyin.measure.questions import Asked
from zhiyin.measure.requests import PART, BreakColumn, ScoreRequest, break_columns
from zhiyin.unify import people
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log, Reader, Schema
from zhiyin.warehouse.where import where

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

PERIOD = "period"
"""The column that holds the number of a row's period."""
SIDE = "side"
AT = "at"

Window = tuple[datetime | None, datetime | None]
"""From, up to and not including; None is open. UTC, naive."""


@dataclass(frozen=True, slots=True)
class Cells:
    """A request, ready to be counted in one workspace's log.

    Args:
        latest: each customer's latest row of a cell counts, and no other.
    """

    log: Log
    settings: Settings
    request: ScoreRequest
    metric: Metric
    schema: Schema
    by: tuple[BreakColumn, ...]
    reader: Reader
    now: datetime
    source: Source
    latest: bool = False

    @classmethod
    def of(
        cls,
        log: Log,
        settings: Settings,
        request: ScoreRequest,
        metric: Metric,
        *,
        now: datetime,
        scope: Filter | None = None,
    ) -> Cells:
        """Look up what the request names.

        Raises:
            Problem: a column that is not there or cannot be broken down by.
        """
        schema = log.schema(settings.slug)
        known: dict[str, dict[str, int]] = {}

        def code(domain: str, word: str) -> int:
            if domain not in known:
                words = log.words(settings.slug, domain)
                known[domain] = {said: number for number, said in words.items()}
            return known[domain].get(word, NO_CODE)

        return cls(
            log=log,
            settings=settings,
            request=request,
            metric=metric,
            schema=schema,
            by=break_columns(request, metric, schema),
            reader=Reader(scope=scope, as_of=request.as_of),
            now=now,
            source=Source(schema, code, until=now),
        )

    @property
    def is_additive(self) -> bool:
        """Whether a cell's sums are the sums of its parts: whole minus group is the rest."""
        return not self.latest and self.metric.of_customer is None

    @property
    def levels(self) -> list[str]:
        """The physical columns of a cell, without period and side."""
        return [column.physical for column in self.by]

    # Rows

    def rows(
        self,
        window: Window,
        *,
        buckets: Sequence[Bucket] = (),
        divided: Mapping[str, Sequence[Bucket]] | None = None,
        side: lang.Value | None = None,
        extra: Filter | None = None,
        leaves_out: bool = False,
    ) -> lang.Expression:
        """One row per answer (order, session…) in the window, with its cell.

        Args:
            window: which rows.
            buckets: where there is a series, its periods; they cover the window.
            divided: further columns, by name, with a row's number in another division of it.
            side: 0 or 1, or an expression of the raw columns.
            extra: a further filter.
            leaves_out: instead of the rows that count, those that the request leaves out.
        """
        facts = written.rows_of(self.metric, self.source, self.request)
        at = self.moment(facts)
        asked = self.conditions(facts, at, window, extra, is_whole=leaves_out)
        if leaves_out:
            asked.append(_any([self.is_left_out(facts, one) for one in self.request.without]))
        if asked:
            facts = facts.filter(*asked)
        if self.request.parts:
            facts = facts.mutate(**{PART: self._parts.number(facts)})
        columns = {name: facts[name] for name in (*self.levels, "customer", "num")}
        if "den" in facts.columns:
            columns["den"] = facts.den
        if buckets:
            columns[PERIOD] = lang.period_number(self.moment(facts), buckets)
        for name, parts in (divided or {}).items():
            columns[name] = lang.period_number(self.moment(facts), parts)
        if side is not None:
            columns[SIDE] = side
        if self.latest:
            columns |= {AT: self.moment(facts), "seq": facts.seq}
        return facts.select(**columns)

    def chosen(self, facts: lang.Expression) -> lang.Expression:
        """Of answers, those of the measure's questions and the kind asked for."""
        return written.chosen(facts, self.metric, self.source, self.request)

    def chosen_within(
        self, windows: Sequence[Window], facts: lang.Expression | None = None
    ) -> lang.Expression:
        """Rows (of `facts`, else those that count) in any of the windows, as the asker filters."""
        if facts is None:
            facts = written.rows_of(self.metric, self.source, self.request)
        else:
            facts = self.chosen(facts)
        return self._within(windows, facts)

    def _within(self, windows: Sequence[Window], facts: lang.Expression) -> lang.Expression:
        at = self.moment(facts)
        inside = [_all(self.conditions(facts, at, window)) for window in windows]
        return facts.filter(_any(inside))

    def moment(self, facts: lang.Expression) -> lang.Value:
        """The time that puts a row into a period."""
        if self.request.date_of == "experience":
            # What has no experience of its own is dated by the answer.
            return lang.coalesce(facts.experienced_at, facts.occurred_at)
        return facts.occurred_at

    def conditions(
        self,
        facts: lang.Expression,
        at: lang.Value,
        window: Window,
        extra: Filter | None = None,
        *,
        is_whole: bool = False,
    ) -> list[lang.Value]:
        """What the asker's filter, window and what she leaves out ask of a row.

        Args:
            is_whole: nothing is left out.
        """
        found: list[lang.Value] = []
        start, end = window
        if start is not None:
            found.append(at >= lang.timestamp(start))
        if end is not None:
            found.append(at < lang.timestamp(end))
        for filter_ in (self.request.where, extra):
            if filter_ is not None:
                zone = self.settings.timezone
                name = self.metric.table
                found.append(where(filter_, facts, self.schema, table_name=name, zone=zone))
        if self.request.parts:
            found.append(self._parts.holds(facts))
        if self.request.whose is not None:
            hers = self._customers(self.request.whose)
            found.append(lang.coalesce(facts.customer.isin(hers.customer), False))
        if not is_whole:
            found += [~self.is_left_out(facts, one) for one in self.request.without]
        return found

    @property
    def _parts(self) -> Parts:
        request, table = self.request, self.metric.table
        slug, zone = self.settings.slug, self.settings.timezone
        return Parts(self.log, slug, self.schema, table, zone, request.parts)

    def _customers(self, rule: Filter) -> lang.Expression:
        table, holds = people.chosen_by(self.log, self.settings, [rule], at=self.now)
        return table.filter(*holds).select("customer")

    def is_left_out(self, facts: lang.Expression, one: LeftOut) -> lang.Value:
        """Whether a row, or whoever it is of, is what the request leaves out; never null."""
        own = self._is_named(facts, one, self.metric.table)
        if one.drops == "facts":
            return own
        hers = [self._named_customers(self.metric.table, one)]
        if self.metric.table != "events" and self._can_name("events", one):
            hers.append(self._named_customers("events", one))
        named = [lang.coalesce(facts.customer.isin(table.customer), False) for table in hers]
        return _any([own, *named])

    def _named_customers(self, table: str, one: LeftOut) -> lang.Expression:
        facts = self.source.table(table)
        known = facts.customer.notnull()
        return facts.filter(self._is_named(facts, one, table), known).select("customer").distinct()

    def _is_named(self, facts: lang.Expression, one: LeftOut, table: str) -> lang.Value:
        happened = lang.coalesce(facts.experienced_at, facts.occurred_at)
        inside = (happened >= lang.timestamp(one.start)) & (happened < lang.timestamp(one.end))
        if one.where is None:
            return inside
        zone = self.settings.timezone
        held = where(one.where, facts, self.schema, table_name=table, zone=zone)
        return inside & lang.coalesce(held, False)

    def _can_name(self, table: str, one: LeftOut) -> bool:
        """Whether a table has all columns that the filter names."""
        known = set(self.schema.columns(table))
        named = one.where.columns() if one.where else frozenset()
        return all(name in known or name.startswith("properties.") for name in named)

    # Totals

    def totals(
        self, rows: lang.Expression, levels: Sequence[Sequence[str]], *, side: str | None = None
    ) -> list[pa.Table]:
        """Sums per cell of each level (see `Log.totals`)."""
        if self.metric.of_customer is None:
            return self._sum(rows, levels, side)
        # A figure of customers is not the sum of its parts: one query a level.
        found = []
        for place, level in enumerate(levels):
            own_side = [side] if side and not place else []
            counted = rows.group_by([*level, *own_side, "customer"]).aggregate(count=rows.count())
            one = counted.mutate(num=self.metric.of_customer(counted["count"])).drop("count")
            found += self._sum(one, [level], side if not place else None)
        return found

    def _sum(
        self, rows: lang.Expression, levels: Sequence[Sequence[str]], side: str | None
    ) -> list[pa.Table]:
        return self.log.totals(
            self.settings.slug,
            rows,
            levels=levels,
            side=side,
            latest=AT if self.latest else None,
            reader=self.reader,
        )

    # What was asked

    def asked(self, windows: Sequence[Window]) -> list[Asked]:
        """The answers that the figure would take, by all that must not be mixed."""
        request = self.request
        key = (
            "asked", written.columns_of(self.schema), tuple(windows), request.where,
            request.without, request.date_of, request.parts, request.whose,
            self.settings.timezone,
        )  # fmt: skip
        found = written.kept(key, lambda: self._all_asked(windows))
        table = self.log.execute(self.settings.slug, found, reader=self.reader, words=True)
        return [
            Asked(
                question=row["question"] or "",
                metric=row["metric"] or "",
                kind=row["kind"],
                low=row["scale_min"],
                high=row["scale_max"],
                direction=row["direction"],
                state=row["answer_state"] or "",
                n=row["n"],
                weighted=row["weighted"],
                first=row["first"],
                last=row["last"],
            )
            for row in table.to_pylist()
            if self._takes(row)
        ]

    def _all_asked(self, windows: Sequence[Window]) -> lang.Expression:
        """The same of all measures at once: the log counts it once for the many of a page."""
        facts = self._within(windows, self.source.table("answers"))
        at = self.moment(facts)
        traits = ["question", "metric", "kind", "scale_min", "scale_max", "direction"]
        return facts.group_by([*traits, "answer_state"]).aggregate(
            n=facts.count(), weighted=facts.weight.count(), first=at.min(), last=at.max()
        )

    def _takes(self, row: Mapping[str, object]) -> bool:
        """Whether answers like these are of the measure's questions and the kind asked for."""
        request = self.request
        return (
            row["metric"] in self.metric.taken(bool(request.questions))
            and (not request.questions or row["question"] in request.questions)
            and (not request.kind or row["kind"] == request.kind)
        )

    def reach(self) -> tuple[datetime | None, datetime | None]:
        """When the first and the last of the measure's answers were given."""
        found = [one for one in self.asked([(None, None)]) if one.state == "answered"]
        firsts = [one.first for one in found if one.first]
        lasts = [one.last for one in found if one.last]
        return min(firsts, default=None), max(lasts, default=None)

    def extent(self) -> tuple[datetime | None, datetime | None]:
        """When the first and the last row of the measure's table happened."""
        facts = self.source.table(self.metric.table)
        found = facts.aggregate(first=facts.occurred_at.min(), last=facts.occurred_at.max())
        row = self.log.execute(self.settings.slug, found, reader=self.reader).to_pylist()[0]
        return row["first"], row["last"]


def window_of(request: ScoreRequest, zone: str) -> Window:
    """The request's window as instants."""
    from zhiyin.kernel.periods import day_start

    if request.start is not None and request.end is not None:
        period = Period.of_days(request.start, request.end, zone)
        return period.start, period.end
    return (
        None if request.start is None else day_start(request.start, zone),
        None if request.end is None else day_start(request.end, zone),
    )


def _all(conditions: Sequence[lang.Value]) -> lang.Value:
    found = lang.literal(True)
    for condition in conditions:
        found = found & condition
    return found


def _any(conditions: Sequence[lang.Value]) -> lang.Value:
    found = conditions[0]
    for condition in conditions[1:]:
        found = found | condition
    return found
