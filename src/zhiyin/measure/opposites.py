"""The two sides of each comparison: sums here, sums there, and sums over those on both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pyarrow as pa

from zhiyin.kernel.filters import Filter
from zhiyin.kernel.periods import Bucket
from zhiyin.measure import figures, withholding
from zhiyin.measure.cells import PERIOD, SIDE, Cells, Window
from zhiyin.measure.references import Span
from zhiyin.measure.requests import ScoreRequest
from zhiyin.measure.scores import Group, groups_of
from zhiyin.stats.totals import Cross, Totals
from zhiyin.stats.totals import rest as rest_of
from zhiyin.stats.withheld import Mask, Wholes, beside
from zhiyin.warehouse import lang

HERE, THERE = 0, 1


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """One entry a row of the table.

    Args:
        here: the groups' sums.
        there: what they are compared with; None for a fixed value.
        cross: sums over the customers on both sides.
        all_here: the sums of all groups together.
        withheld: whether the figure here would give away another group's (see `withholding`).
        there_withheld: the same of what it is compared with.
    """

    groups: list[Group]
    periods: list[str | None]
    reference_periods: list[str | None]
    here: Totals
    there: Totals | None
    cross: Cross | None
    all_here: Totals
    withheld: Mask
    there_withheld: Mask

    def __len__(self) -> int:
        return len(self.groups)


def alone(cells: Cells, buckets: Sequence[Bucket], tables: Sequence[pa.Table]) -> Pairs:
    """Groups to be compared with a fixed value.

    Args:
        tables: the sums of each of `withholding.levels`.
    """
    levels = withholding.levels(cells, is_series=bool(buckets))
    return Pairs(
        groups=groups_of(cells, tables[0]),
        periods=_labels(tables[0], buckets),
        reference_periods=[None] * tables[0].num_rows,
        here=figures.totals_of(tables[0], cells.metric),
        there=None,
        cross=None,
        all_here=figures.totals_of(tables[levels.index([])], cells.metric),
        withheld=withholding.of_table(cells, tables),
        there_withheld=np.zeros(tables[0].num_rows, dtype=np.bool_),
    )


def rest(
    cells: Cells, window: Window, buckets: Sequence[Bucket], tables: Sequence[pa.Table]
) -> Pairs:
    """Each group and everybody else of the same period.

    Args:
        tables: the sums of each of `withholding.levels`.
    """
    if not cells.is_additive:
        return _rest_one_by_one(cells, window, buckets, tables)
    # The last level is the one whose products with each group the rest is made of.
    first, last = tables[0], tables[-1]
    here = figures.totals_of(first, cells.metric)
    rows = withholding.rows_of(first, last, [PERIOD]) if buckets else [0] * first.num_rows
    whole = figures.at_rows(figures.totals_of(last, cells.metric), rows)
    there, cross = rest_of(here, whole, figures.cross_of(first, "m"))
    withheld = withholding.of_table(cells, tables)
    return Pairs(
        groups=groups_of(cells, first),
        periods=_labels(first, buckets),
        reference_periods=[None] * first.num_rows,
        here=here,
        there=there,
        cross=cross,
        all_here=figures.totals_of(tables[1], cells.metric),
        withheld=withheld,
        there_withheld=_without(cells, here, withheld),
    )


def _without(cells: Cells, here: Totals, withheld: Mask) -> Mask:
    """Where the rest is withheld: the whole less the rest is a group that is not shown."""
    return withheld | (np.asarray(here.customers) < cells.settings.minimum_base)


def _rest_one_by_one(
    cells: Cells, window: Window, buckets: Sequence[Bucket], tables: Sequence[pa.Table]
) -> Pairs:
    # A customer's latest answer outside a group is not the whole's sums less the group's, so
    # each group is set against all other rows in a query of its own.
    rows = cells.rows(window, buckets=buckets)
    levels = withholding.levels(cells, is_series=bool(buckets))
    members = rows.select(*cells.levels).distinct()
    found = cells.log.execute(cells.settings.slug, members, reader=cells.reader)
    level = [PERIOD] if buckets else []
    parts = []
    for place, group in enumerate(groups_of(cells, found)):
        codes = {name: found[name][place].as_py() for name in cells.levels}
        side = lang.ifelse(_is_group(rows, codes), HERE, THERE)
        sided = rows.mutate(**{SIDE: side}).drop(*cells.levels)
        table = cells.totals(sided, [level], side=SIDE)[0]
        parts.append(_sides(cells, table, [group] * table.num_rows, _labels(table, buckets)))
    total = figures.totals_of(tables[levels.index([])], cells.metric)
    pairs = _joined(parts, total, keep_empty=False)
    known = _withheld_by_name(cells, tables, buckets)
    withheld = _named(known, pairs.groups, pairs.periods)
    return replace(pairs, withheld=withheld, there_withheld=_without(cells, pairs.here, withheld))


def _withheld_by_name(
    cells: Cells, tables: Sequence[pa.Table], buckets: Sequence[Bucket]
) -> dict[str, bool]:
    """For each group and period of a table, whether it is withheld."""
    names = zip(groups_of(cells, tables[0]), _labels(tables[0], buckets), strict=True)
    withheld = withholding.of_table(cells, tables).tolist()
    return {_name(*name): own for name, own in zip(names, withheld, strict=True)}


def _named(known: dict[str, bool], groups: list[Group], periods: list[str | None]) -> Mask:
    names = zip(groups, periods, strict=True)
    return np.array([known.get(_name(*name), False) for name in names], dtype=np.bool_)


def _name(group: Group, period: str | None) -> str:
    # In writing, because a value that is not a number does not equal itself.
    return repr((*group.values(), period))


def _is_group(rows: lang.Expression, codes: dict[str, Any]) -> lang.Value:
    found = lang.literal(True)
    for name, code in codes.items():
        found = found & (rows[name].isnull() if code is None else rows[name] == code)
    # Three-valued logic: a missing value equals nothing, and is then on the other side.
    return lang.coalesce(found, False)


def groups(cells: Cells, window: Window, other: Filter) -> Pairs:
    """What the request's filter chooses, and what another one does; some may be in both."""
    there = replace(cells, request=replace(cells.request, where=other))
    rows = lang.union(
        cells.rows(window, side=lang.literal(HERE)), there.rows(window, side=lang.literal(THERE))
    )
    table = cells.totals(rows, [[]], side=SIDE)[0]
    none: list[Group] = [{} for _row in range(table.num_rows)]
    part = _sides(cells, table, none, [None] * table.num_rows)
    return _joined([part], part.here, keep_empty=True)


def requests(cells: Cells, window: Window, other: ScoreRequest, other_window: Window) -> Pairs:
    """Each group of the request beside the same group of another one; some may be in both.

    Args:
        other: of the same measure, broken down alike; of other rows, customers or days.
    """
    opposite = replace(cells, request=other)
    rows = lang.union(
        cells.rows(window, side=lang.literal(HERE)),
        opposite.rows(other_window, side=lang.literal(THERE)),
    )
    table, whole = _sided(cells, rows)
    part = _sides(cells, table, groups_of(cells, table), [None] * table.num_rows)
    return _joined([_withheld_within(cells, part, whole)], whole[:1], keep_empty=True)


def periods(
    cells: Cells, spans: Sequence[Span], window: Window, buckets: Sequence[Bucket]
) -> Pairs:
    """Each group in a period and in the period that it is compared with.

    Args:
        window: what the scores of the same question cover.
        buckets: their periods; what is withheld among them is withheld here.
    """
    parts, totals = [], []
    for span in spans:
        sides = [
            cells.rows((part.start, part.end), side=lang.literal(number))
            for number, part in ((HERE, span.here), (THERE, span.there))
        ]
        rows = lang.union(*sides)
        table, whole = _sided(cells, rows)
        labels: list[str | None] = [span.bucket.label] * table.num_rows
        part = _sides(cells, table, groups_of(cells, table), labels, span.reference_label)
        parts.append(_withheld_within(cells, part, whole))
        totals.append(whole[:1])
    pairs = _joined(parts, totals[0] if totals else figures.nothing(), keep_empty=True)
    if not buckets:
        return pairs
    levels = withholding.levels(cells, is_series=True)
    tables = cells.totals(cells.rows(window, buckets=buckets), levels)
    known = _withheld_by_name(cells, tables, buckets)
    return replace(
        pairs,
        withheld=pairs.withheld | _named(known, pairs.groups, pairs.periods),
        there_withheld=pairs.there_withheld | _named(known, pairs.groups, pairs.reference_periods),
    )


def _sided(cells: Cells, rows: lang.Expression) -> tuple[pa.Table, Totals]:
    """The sums of each group on both sides, and those of the whole here and there."""
    levels = [cells.levels, [SIDE]] if cells.levels else [[]]
    tables = cells.totals(rows, levels, side=SIDE)
    row_of = {side: row for row, side in enumerate(tables[-1][SIDE].to_pylist())}
    whole = figures.totals_of(tables[-1], cells.metric)
    return tables[0], figures.at_rows(whole, [row_of.get(side, -1) for side in (HERE, THERE)])


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    groups: list[Group]
    periods: list[str | None]
    reference_periods: list[str | None]
    here: Totals
    there: Totals
    cross: Cross
    withheld: Mask
    there_withheld: Mask


def _withheld_within(cells: Cells, part: _Part, whole: Totals) -> _Part:
    """Both sides of a period as a table each, with its whole."""
    if not cells.levels:
        return part
    minimum = cells.settings.minimum_base
    withheld = [
        beside(side.customers, minimum, [Wholes.one(len(part.groups), float(customers))])
        for side, customers in zip(
            (part.here, part.there), np.asarray(whole.customers), strict=True
        )
    ]
    return replace(part, withheld=withheld[HERE], there_withheld=withheld[THERE])


def _sides(
    cells: Cells,
    table: pa.Table,
    groups: list[Group],
    labels: list[str | None],
    reference_label: str | None = None,
) -> _Part:
    """Put the two sides of a totals table beside each other."""
    sides: list[Any] = table[SIDE].to_pylist()
    at: dict[tuple[Any, ...], list[int]] = {}
    for row, (group, label) in enumerate(zip(groups, labels, strict=True)):
        found = at.setdefault((*group.values(), label), [-1, -1])
        found[sides[row]] = row
    pairs = list(at.values())
    totals = figures.totals_of(table, cells.metric)
    shown = [here if here >= 0 else there for here, there in pairs]
    here = figures.at_rows(totals, [pair[HERE] for pair in pairs])
    there = figures.at_rows(totals, [pair[THERE] for pair in pairs])
    cross = figures.cross_of(table, "p")
    rows = np.array([pair[HERE] for pair in pairs], dtype=np.int64)
    padded = Cross(
        *(np.append(np.asarray(getattr(cross, f.name)), 0.0)[rows] for f in fields(Cross))
    )
    return _Part(
        groups=[groups[row] for row in shown],
        periods=[labels[row] for row in shown],
        reference_periods=[reference_label] * len(pairs),
        here=here,
        there=there,
        cross=padded,
        withheld=np.zeros(len(pairs), dtype=np.bool_),
        there_withheld=np.zeros(len(pairs), dtype=np.bool_),
    )


def _joined(parts: Sequence[_Part], all_here: Totals, *, keep_empty: bool) -> Pairs:
    """One list of pairs; without `keep_empty` those with nothing on this side are left out."""
    parts = [part for part in parts if part.groups]
    if not parts:
        none = figures.nothing()
        cross = Cross(*(np.zeros(0) for _f in fields(Cross)))
        nobody = np.zeros(0, dtype=np.bool_)
        return Pairs([], [], [], none, none, cross, all_here, nobody, nobody)
    joined: dict[str, Any] = {}
    for side, kind in (("here", Totals), ("there", Totals), ("cross", Cross)):
        joined[side] = {
            f.name: np.concatenate([np.asarray(getattr(getattr(p, side), f.name)) for p in parts])
            for f in fields(kind)
        }
    keep = np.flatnonzero((joined["here"]["n"] > 0) | keep_empty)
    kept = {
        side: {name: column[keep] for name, column in sums.items()} for side, sums in joined.items()
    }
    return Pairs(
        groups=_chosen(parts, "groups", keep),
        periods=_chosen(parts, "periods", keep),
        reference_periods=_chosen(parts, "reference_periods", keep),
        here=Totals(**kept["here"]),
        there=Totals(**kept["there"]),
        cross=Cross(**kept["cross"]),
        all_here=all_here,
        withheld=np.concatenate([part.withheld for part in parts])[keep],
        there_withheld=np.concatenate([part.there_withheld for part in parts])[keep],
    )


def _chosen(parts: Sequence[_Part], name: str, keep: Any) -> list[Any]:
    everything = [entry for part in parts for entry in getattr(part, name)]
    return [everything[row] for row in keep]


def _labels(table: pa.Table, buckets: Sequence[Bucket]) -> list[str | None]:
    if not buckets:
        return [None] * table.num_rows
    numbers: list[Any] = table[PERIOD].to_pylist()
    return [buckets[number].label for number in numbers]
