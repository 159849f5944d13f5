"""Figures of the last so many days, at the end of each step: windows that overlap.

They are smooth because each answer is in many of them; for the same reason neighbours are not
independent, so they are never compared with one another.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.periods import Bucket, day_start, local_day
from zhiyin.kernel.text import _
from zhiyin.measure import withholding
from zhiyin.measure.cells import PERIOD, Cells
from zhiyin.measure.requests import ScoreRequest
from zhiyin.measure.scores import (
    Ready,
    Scores,
    flags_of,
    period_flags,
    prepared,
    rows_of,
    series,
    several_questions,
    sorted_scores,
    with_total,
)
from zhiyin.stats.withheld import Mask, Wholes, beside
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

DAYS = 90
MOST_DAYS = 730
MOST_WINDOWS = 53
"""Each is a scan of its own: the ends of a year's weeks."""


def score(
    log: Log,
    settings: Settings,
    request: ScoreRequest,
    *,
    days: int = DAYS,
    scope: Filter | None = None,
    now: datetime | None = None,
) -> Scores:
    """The figures of the `days` up to each step's end, and in total over all asked for.

    A period is called by its last day. Windows that begin before the log does are left out, and
    of more than `MOST_WINDOWS` the first ones.

    Args:
        request: its `every` is the step; its dates bound the ends of the windows.

    Raises:
        Problem: as `scores.score`; ``score.rolling``.
    """
    if request.every is None or not 2 <= days <= MOST_DAYS:
        raise Problem(
            "score.rolling",
            _("A rolling figure takes 2 to {most} days, at the end of each step.", most=MOST_DAYS),
            _("Choose a step, and another number of days."),
        )
    wide = request
    if request.start is not None:
        wide = replace(request, start=request.start - timedelta(days=days))
    ready = prepared(log, settings, wide, scope=scope, now=now)
    windows = _windows(ready, request.start, days)
    if not windows:
        raise Problem(
            "score.rolling",
            _("The log holds no {days} days up to the end of a step.", days=days),
            _("Choose fewer days, or a longer period."),
        )
    cells = ready.cells
    covered = windows[0].start, windows[-1].end
    rows = _in_windows(cells, windows)
    tables = cells.totals(rows, [[*cells.levels, PERIOD], [PERIOD]])
    own = several_questions(ready, flags_of(ready), [column.name for column in cells.by])
    withheld = _withheld(cells, tables)
    late = period_flags(ready, windows)
    found = sorted_scores(rows_of(ready, tables[0], windows, own, late, withheld))
    zone = settings.timezone
    asked = replace(request, start=local_day(covered[0], zone), end=local_day(covered[1], zone))
    # What is said of the whole, states and questions, is of the days that the windows cover.
    whole = prepared(log, settings, asked, scope=scope, now=now)
    return with_total(whole, cells.totals(cells.rows(covered), [[]])[0], found, windows)


def _windows(ready: Ready, start: date | None, days: int) -> list[Bucket]:
    """From the first that the log fills, each called by its last day."""
    zone = ready.cells.settings.timezone
    first = ready.basis.first
    if first is None:
        return []
    found = []
    for step in series(ready, ready.cells.request):
        last = local_day(step.end - timedelta(microseconds=1), zone)
        begins = day_start(last - timedelta(days=days - 1), zone)
        is_filled = local_day(begins, zone) >= local_day(first, zone)
        if is_filled and (start is None or last >= start):
            found.append(Bucket(last.isoformat(), begins, step.end))
    return found[-MOST_WINDOWS:]


def _in_windows(cells: Cells, windows: list[Bucket]) -> lang.Expression:
    """Each row once for each window that it is in.

    Windows begin and end in the same order, so these follow one another: from the first that has
    not ended to the last that has begun.
    """
    begun = windows[0].start
    ended = [Bucket("", start, start) for start in (begun, *(one.end for one in windows[:-1]))]
    rows = cells.rows((begun, windows[-1].end), divided={"first": ended, "last": windows})
    return lang.each(rows, PERIOD, rows["first"], rows["last"]).drop("first", "last")


def _withheld(cells: Cells, tables: list[pa.Table]) -> Mask:
    """Within each window, as if it were a table of its own."""
    first, whole = tables
    if not cells.levels:
        return np.zeros(first.num_rows, dtype=np.bool_)
    of = np.array(withholding.rows_of(first, whole, [PERIOD]), dtype=np.int64)
    sums = Wholes(of, whole["customers"].to_numpy().astype(np.float64))
    return beside(first["customers"].to_numpy(), cells.settings.minimum_base, [sums])
