"""What is told of each theme: who spoke of it, how, and whether that changes by more than noise.

Everything counts customers, and is asked of the log for whoever looks: of the clauses that were put
into themes, those that she may see, that are still there, and that pass her filter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.filters import Filter
from zhiyin.listen.themes import heard, members
from zhiyin.listen.themes.heard import Heard, Numbers, Weeks
from zhiyin.listen.themes.models import Theme, ThemeFinding
from zhiyin.stats import families, growth, nps, proportion
from zhiyin.stats.estimate import Estimate, Estimates, Floats
from zhiyin.stats.totals import Totals
from zhiyin.warehouse.log import Log

NOW = 4
"""The weeks that are set against those before."""

LEAST_TESTED = 8
"""Customers of a theme from which its growth is tested."""

CENTRAL = 24
"""Clauses of a theme out of which examples are chosen."""

Place = tuple[int, int]
"""A verbatim's number, and where the clause begins in it."""

Q = 0.05
"""The share of marks that may be false, on average."""

Trend = Literal["few", "new", "growing", "shrinking", "steady"]


@dataclass(frozen=True, slots=True)
class Growth:
    """How often it is said now against before, with the interval of its family.

    Attributes:
        ratio: of the shares of customers; None where nobody had said it.
        high: None where there is no end.
    """

    ratio: float | None
    low: float
    high: float | None
    p: float
    q: float
    is_marked: bool


@dataclass(frozen=True, slots=True)
class Week:
    """One week of a theme.

    Attributes:
        customers: who spoke of it; all is None where too few spoke at all.
        spoke: who said anything.
    """

    first: date
    customers: int | None
    spoke: int | None
    share: Estimate | None


@dataclass(frozen=True, slots=True)
class Told:
    """One theme with its figures.

    Attributes:
        customers: who spoke of it in all weeks; None, as all else, where they are too few.
        clauses: how often.
        share: of those who said anything.
        sentiment: net, from -1 to 1.
        growth: None where there is nothing to compare.
        central: its clauses nearest to its middle, each of another customer.
    """

    theme: Theme
    trend: Trend
    customers: int | None
    clauses: int | None
    share: Estimate | None
    sentiment: Estimate | None
    growth: Growth | None
    weeks: tuple[Week, ...]
    central: tuple[Place, ...]

    @property
    def is_emerging(self) -> bool:
        """Whether it is more than noise that it is new or said by more."""
        return self.trend in ("new", "growing") and bool(self.growth and self.growth.is_marked)


@dataclass(frozen=True, slots=True)
class Found:
    """All themes, those first that came up or grew beyond noise, then by customers.

    Attributes:
        finding: what was looked at last; None where nothing was.
        spoke: customers who said anything.
        clauses: that were looked at, of those that the reader may see.
        in_themes: of them in some theme.
        tests: in the family.
    """

    finding: ThemeFinding | None
    weeks: Weeks | None
    now: int
    spoke: int
    clauses: int
    in_themes: int
    told: tuple[Told, ...]
    tests: int


def told(log: Log, settings: Settings, *, narrowed: Filter | None = None, now: int = NOW) -> Found:
    """The figures of every theme that somebody spoke of in the weeks that were looked at last.

    Args:
        log: reads no more than the reader may see.
        narrowed: over `clauses`; of whom nothing passes is in no figure.
        now: weeks that are set against those before.
    """
    finding = ThemeFinding.objects.filter(workspace__slug=settings.slug).first()
    if finding is None:
        return Found(None, None, now, 0, 0, 0, (), 0)
    weeks, said, theme, near, themes = placed(log, settings, finding, narrowed)
    numbers = sorted({int(one) for one in np.unique(theme)} - {0})
    held = [themes[one] for one in numbers]
    rows = _told(said, theme, held, weeks, settings, now, _central(said, theme, near))
    return Found(
        finding,
        weeks,
        now,
        len(np.unique(said.speaker)),
        int(said.counts.sum()),
        int((theme > 0).sum()),
        tuple(sorted(rows, key=lambda one: (not one.is_emerging, -(one.customers or 0)))),
        sum(one.growth is not None for one in rows),
    )


def placed(
    log: Log, settings: Settings, finding: ThemeFinding, narrowed: Filter | None
) -> tuple[Weeks, Heard, Numbers, Floats, dict[int, Theme]]:
    """The clauses that a reader may see, of each the number of its theme (0: none) and how near it
    lies to its middle; and the themes of which somebody speaks."""
    weeks = Weeks(finding.until, (finding.until - finding.first).days // 7)
    said = heard.clauses(log, settings, weeks, narrowed)
    kept, keys = members.read(bytes(finding.content)), members.key_of(said.verbatim, said.starts)
    theme, near = kept.themes_of(keys), kept.near_of(keys)
    themes = {
        one.number: one
        for one in Theme.objects.filter(workspace__slug=settings.slug, is_silent=False)
    }
    theme = np.where(np.isin(theme, list(themes)), theme, 0)
    return weeks, said, theme, near, themes


def nothing(theme: Theme) -> Told:
    """A theme of which nobody speaks, of those whom the reader may see."""
    return Told(theme, "few", None, None, None, None, None, (), ())


def _told(
    said: Heard,
    theme: Numbers,
    themes: Sequence[Theme],
    weeks: Weeks,
    settings: Settings,
    now: int,
    central: Mapping[int, tuple[Place, ...]],
) -> list[Told]:
    if not themes:
        return []
    place = np.searchsorted([one.number for one in themes], theme)
    inside = theme > 0
    counts, spoke = _by_week(said, place, inside, len(themes), weeks.count)
    cells = Totals.by(said.sign[inside], said.speaker[inside], place[inside], len(themes))
    customers = np.asarray(cells.customers)
    shares = proportion.estimates(_shares(customers, np.array(len(np.unique(said.speaker)))))
    sentiments = nps.estimates(cells)
    is_enough = customers >= settings.minimum_base
    weekly = proportion.estimates(_shares(counts, spoke))
    growing = _growths(counts, spoke, now, customers >= max(settings.minimum_base, LEAST_TESTED))
    is_first = counts[:, : weeks.count - now].sum(axis=1) == 0
    return [
        Told(
            theme=one,
            trend=_trend(growing[at], is_first=bool(is_first[at])) if is_enough[at] else "few",
            customers=int(customers[at]) if is_enough[at] else None,
            clauses=int(np.asarray(cells.n)[at]) if is_enough[at] else None,
            share=shares[at] if is_enough[at] else None,
            sentiment=sentiments[at] if is_enough[at] else None,
            growth=growing[at],
            weeks=_weeks(counts[at], spoke, weekly, at, weeks, settings) if is_enough[at] else (),
            central=central.get(one.number, ()),
        )
        for at, one in enumerate(themes)
    ]


def _central(said: Heard, theme: Numbers, near: Floats) -> dict[int, tuple[Place, ...]]:
    found: dict[int, dict[int, Place]] = {}
    for at in np.argsort(-near, kind="stable").tolist():
        if theme[at]:
            held = found.setdefault(int(theme[at]), {})
            if len(held) < CENTRAL:
                place = (int(said.verbatim[at]), int(said.starts[at]))
                held.setdefault(int(said.speaker[at]), place)
    return {number: tuple(held.values()) for number, held in found.items()}


def _by_week(
    said: Heard, place: Numbers, inside: NDArray[np.bool_], themes: int, weeks: int
) -> tuple[Floats, Floats]:
    """Customers of each theme in each week, and those who said anything in it."""
    cell = place[inside] * weeks + said.week[inside]
    pairs = np.unique(np.stack([cell, said.speaker[inside]]), axis=1)
    counts = np.bincount(pairs[0], minlength=themes * weeks).reshape(themes, weeks)
    everybody = np.unique(np.stack([said.week, said.speaker]), axis=1)
    spoke = np.bincount(everybody[0], minlength=weeks)
    return counts.astype(float), spoke.astype(float)


def _shares(customers: Floats, spoke: Floats) -> Totals:
    """Of those who spoke, each once, who spoke of it; cell by cell."""
    whole = np.broadcast_to(spoke, customers.shape).astype(float)
    return Totals(
        n=whole, customers=whole, num=customers, den=whole, yy=customers, den2=whole,
        tt=customers, tn=customers, nn=whole,
    )  # fmt: skip


def _growths(
    counts: Floats, spoke: Floats, now: int, is_tested: NDArray[np.bool_]
) -> list[Growth | None]:
    """How each grew, tested as one family."""
    weeks = counts.shape[1]
    first = weeks - now
    found = growth.growths(
        counts[:, first:].sum(axis=1), spoke[first:].sum(), counts[:, :first], spoke[:first]
    )
    family = families.mark(np.where(is_tested, found.p, np.nan), Q)
    low, high = families.intervals(family, found.interval)
    return [
        Growth(
            _end(found.ratio[at]),
            float(np.exp(low[at])),
            _end(np.exp(high[at])),
            float(found.p[at]),
            float(family.q_values[at]),
            bool(family.marked[at]),
        )
        if np.isfinite(family.q_values[at])
        else None
        for at in range(len(counts))
    ]


def _end(value: np.float64) -> float | None:
    """None where there is no end: nobody had said it."""
    return float(value) if np.isfinite(value) else None


def _trend(grown: Growth | None, *, is_first: bool) -> Trend:
    if grown is None:
        return "few"
    if not grown.is_marked:
        return "steady"
    if is_first:
        return "new"
    return "growing" if grown.low > 1 else "shrinking"


def _weeks(
    counts: Floats, spoke: Floats, shares: Estimates, one: int, weeks: Weeks, settings: Settings
) -> tuple[Week, ...]:
    return tuple(
        Week(first, int(counts[at]), int(spoke[at]), shares[one, at])
        if spoke[at] >= settings.minimum_base
        else Week(first, None, None, None)
        for at, first in enumerate(weeks.starts)
    )
