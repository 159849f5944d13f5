"""A theme that comes up or grows: the evidence of a window, theme by theme, and which it is.

Of the customers who said anything on a day and on the earlier days beside it, the share that spoke
of a theme is the same if nothing has changed: so a rule does not fire because more people write.
The capital of a rule over all themes is split in equal parts, one a theme; the strongest part alone
fires, and names its theme. So the rule is one hypothesis among those of the workspace, and naming a
theme that did not grow counts among what is false (Bonferroni for e-values: Vovk & Wang, Annals of
Statistics 49 (2021) 1736–1754).

When it misleads: clauses are put into themes anew every day, over all weeks as one and without
looking at when they were said. Figures of yesterday are those of today's themes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from zhiyin.accounts.workspaces import Settings
from zhiyin.act.alerts import conditions
from zhiyin.act.alerts.conditions import EARLIER_OF_THEMES, Growing
from zhiyin.act.alerts.seen import Seen, beside, so_far
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.listen.themes import daily
from zhiyin.listen.themes.daily import Daily
from zhiyin.listen.themes.heard import Numbers
from zhiyin.stats import proportion, watching
from zhiyin.stats.estimate import Floats
from zhiyin.stats.totals import Totals
from zhiyin.stats.watching import Evidence
from zhiyin.warehouse.log import Log

PARTS = 64
"""Into so many parts, and not fewer, the capital is split: more themes change it, a few do not."""

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class Spoken:
    """Who spoke of themes.

    Args:
        least: customers who must have spoken of a theme before it fires.
    """

    daily: Daily
    least: int


def first_day(condition: Growing, starts_on: date) -> date:
    """The first day that a window that starts then is set against."""
    return starts_on - timedelta(days=EARLIER_OF_THEMES * condition.days)


def read(log: Log, settings: Settings, condition: Growing) -> Spoken:
    """Who spoke of themes in the weeks in which they were looked for last.

    Raises:
        Problem: ``alerts.no-themes``.
    """
    found = daily.read(log, settings, narrowed=conditions.filter_of(condition))
    if found is None:
        raise Problem(
            "alerts.no-themes",
            _("Themes have not been looked for here yet."),
            _("They are once a day, as soon as something that customers wrote was read."),
        )
    return Spoken(found, conditions.least_of(condition, settings))


def look(spoken: Spoken, condition: Growing, *, starts_on: date, until: date) -> Seen:
    """The evidence of a window, and the theme whose part of it is strongest on its last day."""
    begins = first_day(condition, starts_on)
    ends = starts_on + timedelta(days=condition.days)
    counted = spoken.daily.customers(begins, ends)
    of, spoke = (one.astype(np.float64) for one in counted)
    is_over = np.arange(of.shape[1]) < (until - begins).days
    of, spoke = np.where(is_over, of, 0.0), np.where(is_over, spoke, 0.0)
    first = (starts_on - begins).days
    watched = [
        place
        for place, number in enumerate(spoken.daily.numbers)
        if condition.theme in (None, number)
    ]
    each = [
        evidence_of(of[place, first:], spoke[first:], of[place, :first], spoke[:first])
        for place in watched
    ]
    parts = 1 if condition.theme is not None else max(PARTS, len(watched))
    evidence, strongest = _strongest(each, condition.days, parts, spoken.least)
    last = (until - starts_on).days - 1
    told: dict[str, Any] = {"theme": None, "unit": "percent", "method": evidence.method}
    if watched and last >= 0:
        place = watched[int(strongest[last])]
        told |= _told(spoken.daily, place, begins, starts_on, until)
    return Seen(so_far(evidence, until - starts_on), told)


def evidence_of(now: Floats, spoke: Floats, before: Floats, spoke_before: Floats) -> Evidence:
    """Evidence that a larger share speaks of one theme than did before.

    Args:
        now: customers who spoke of it on each day of the window; `spoke`: who said anything.
        before, spoke_before: of the earlier days, whole windows.

    >>> usual, many = np.full(14, 1.0), np.full(14, 50.0)
    >>> evidence_of(usual[:7] * 4, many[:7], usual, many).e_values.round(1).tolist()[-1]
    1157.5
    """
    days = now.size
    there = beside(spoke_before, days)
    # So many times as many people were heard on the days beside it; 0: the day says nothing.
    each = np.divide(there, spoke, out=np.zeros(days), where=spoke > 0)
    dispersion = watching.dispersion_of(before, np.arange(before.size) % 7)
    return watching.counts(now, beside(before, days), each, dispersion=dispersion)


def _strongest(each: list[Evidence], days: int, parts: int, least: int) -> tuple[Evidence, Numbers]:
    """After each day the strongest part of the capital, of the themes of which enough spoke where
    there are any; and whose it is."""
    if not each:
        nothing = np.zeros(days, np.int64)
        return Evidence(np.ones(days) / parts, nothing, "split-counts"), nothing
    capital = np.stack([one.e_values for one in each])
    n = np.stack([one.n for one in each])
    # Those of whom too few spoke come after all others, and among themselves in their order.
    at = np.where(n >= least, capital, -1.0 / np.maximum(capital, 1e-300)).argmax(axis=0)
    day = np.arange(days)
    return Evidence(capital[at, day] / parts, n[at, day], "split-counts"), at


def _told(found: Daily, place: int, begins: date, starts_on: date, until: date) -> dict[str, Any]:
    k, spoke = found.spoke_of(place, starts_on, until)
    before, spoke_before = found.spoke_of(place, begins, starts_on)
    low, high = watching.interval(_marks(k, spoke), confidence=CONFIDENCE) if spoke else (0.0, 1.0)
    reference = proportion.estimate(Totals.of(_marks(before, spoke_before), range(spoke_before)))
    shown = reference.times(100.0) if reference else None
    return {
        "theme": found.numbers[place],
        "value": 100.0 * k / spoke if spoke else None,
        "low": 100.0 * low,
        "high": 100.0 * high,
        "customers": k,
        "n": spoke,
        "reference_is": "earlier",
        "reference": shown and shown.value,
        "reference_low": shown and shown.low,
        "reference_high": shown and shown.high,
        "reference_customers": before,
        "reference_n": spoke_before,
        "reference_from": max(begins, found.first).isoformat(),
        "reference_to": starts_on.isoformat(),
    }


def _marks(of: int, among: int) -> Floats:
    """Customers as 1 and 0, spread evenly: what is said of them does not hang on their order."""
    made = np.floor(np.arange(1, among + 1) * of / max(among, 1) + 1e-9)
    found: Floats = np.diff(made, prepend=0.0)
    return found
