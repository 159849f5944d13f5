"""Sites of a competitor audit side by side: what people achieved on each, and what is more than
chance beside our own.

Who does the task is counted, not how often: runs of one person are no news of their own, and who
did it on both sites is compared with herself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from zhiyin.kernel.text import Text, _
from zhiyin.maps import audits
from zhiyin.maps.models import Audit, AuditRun
from zhiyin.stats import families, mean, proportion, task_times
from zhiyin.stats.difference import Differences
from zhiyin.stats.estimate import Estimate, Floats
from zhiyin.stats.families import Family
from zhiyin.stats.task_times import LEAST
from zhiyin.stats.totals import Cross, Totals

Q = 0.05
"""The share of marks that may be false."""

State = Literal["ok", "too_few", "no_spread"]
"""Of a comparison: tested; too few people on a side; on neither side do runs differ."""

Room = Literal["shares", "means", "log_times", "scale"]


@dataclass(frozen=True, slots=True)
class Measure:
    """What is compared.

    Args:
        unit: ``share`` (0…1), ``seconds``, ``count`` or ``scale``.
        better: the good direction.
        of: a run's value; None where it has none and is not counted.
    """

    slug: str
    label: Text
    says: Text
    unit: Literal["share", "seconds", "count", "scale"]
    better: Literal["up", "down"]
    room: Room
    of: Callable[[AuditRun], float | None]


def _done_only(value: Callable[[AuditRun], float | None]) -> Callable[[AuditRun], float | None]:
    return lambda run: value(run) if run.is_done else None


MEASURES: tuple[Measure, ...] = (
    Measure(
        "completion", _("Completed"), _("runs in which the task was completed"),
        "share", "up", "shares", lambda run: float(run.is_done),
    ),
    Measure(
        "steps", _("Steps until done"), _("of runs that were completed"),
        "count", "down", "means", _done_only(lambda run: float(len(run.steps.all()))),
    ),
    Measure(
        "seconds", _("Time until done"),
        _("of runs that were completed and timed at every step; the geometric mean"),
        "seconds", "down", "log_times", _done_only(audits.seconds_of),
    ),
    Measure(
        "failures", _("Failures a run"), _("steps at which something went wrong"),
        "count", "down", "means",
        lambda run: float(sum(bool(one.failed) for one in run.steps.all())),
    ),
    Measure(
        "ease", _("Ease"), _("how easy it was, from 1 to 7 (SEQ); 7 is very easy"),
        "scale", "up", "scale", lambda run: None if run.ease is None else float(run.ease),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figure:
    """A measure on a site.

    Args:
        value: None where no run tells it.
        low: of its 95 % interval; None of one person, and where no run differs.
        n: runs that tell it.
        people: who did them.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    people: int

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Beside:
    """A measure on a site beside that on ours.

    Args:
        difference: here less ours; of times None.
        ratio: of times: here ÷ ours.
        low: of the interval of the difference, or of the ratio; it agrees with the mark.
        p: of the single test.
        q: the smallest rate of false discoveries at which it would be marked.
        marked: whether it is more than chance, within the whole table.
        state: why nothing is said, where nothing is.
    """

    difference: float | None
    ratio: float | None
    low: float | None
    high: float | None
    p: float | None
    q: float | None
    marked: bool
    state: State

    @property
    def is_higher(self) -> bool:
        """Whether the site has more than ours."""
        return (self.difference or 0) > 0 or (self.ratio or 0) > 1

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Site:
    """A site with all its figures.

    Args:
        figures: by the slug of the measure.
        beside: the same beside ours; empty for our own.
    """

    name: str
    is_ours: bool
    runs: int
    people: int
    figures: Mapping[str, Figure]
    beside: Mapping[str, Beside]

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {
            "name": self.name,
            "is_ours": self.is_ours,
            "runs": self.runs,
            "people": self.people,
            "figures": {slug: one.as_dict() for slug, one in self.figures.items()},
            "beside_ours": {slug: one.as_dict() for slug, one in self.beside.items()},
        }


@dataclass(frozen=True, slots=True)
class Compared:
    """The whole table, one family of tests.

    Args:
        tests: how many were tested.
        interval_confidence: the level of the intervals of differences.
    """

    sites: tuple[Site, ...]
    tests: int
    interval_confidence: float

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {
            "sites": [one.as_dict() for one in self.sites],
            "tests": self.tests,
            "interval_confidence": self.interval_confidence,
            "q": Q,
            "least_people": LEAST,
        }


@dataclass(frozen=True, slots=True)
class _Told:
    """What the runs of a site tell of a measure: values, and who did each."""

    values: Floats
    people: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(set(self.people))

    @property
    def totals(self) -> Totals:
        return Totals.of(self.values, self.people)


def compared(audit: Audit, runs: Sequence[AuditRun]) -> Compared:
    """All sites of a walkthrough, each measure beside ours.

    Completion has Wilson's interval and Newcombe's difference; steps, failures and ease are means
    with Student's interval and Welch's test; times are geometric means with the log-t interval, and
    their ratio Welch's of the logs (`stats.task_times`). Of fewer than `LEAST` people on a side
    nothing is tested.

    Args:
        runs: of `audits.runs`.
    """
    by_site = {site: [run for run in runs if run.site_id == site.pk] for site in audit.sites.all()}
    told = {
        (site.pk, one.slug): _told(one, mine) for site, mine in by_site.items() for one in MEASURES
    }
    ours = next((site.pk for site in by_site if site.is_ours), None)
    pairs = [
        (site.pk, one, *_difference(one, told[site.pk, one.slug], told[ours, one.slug]))
        for site in by_site
        for one in MEASURES
        if ours is not None and site.pk != ours
    ]
    family = families.mark([_p(found) for _site, _one, found, _state in pairs], Q)
    besides = _besides(pairs, family)
    sites = tuple(
        Site(
            name=site.name,
            is_ours=site.is_ours,
            runs=len(mine),
            people=len({audits.person(run) for run in mine}),
            figures={one.slug: _figure(one, told[site.pk, one.slug]) for one in MEASURES},
            beside=besides.get(site.pk, {}),
        )
        for site, mine in by_site.items()
    )
    return Compared(sites, family.tests, family.confidence)


def _told(measure: Measure, runs: Sequence[AuditRun]) -> _Told:
    found = [(value, audits.person(run)) for run in runs if (value := measure.of(run)) is not None]
    values = np.array([value for value, _who in found], dtype=np.float64)
    if measure.room == "log_times":
        values = np.log(values)
    return _Told(values, tuple(who for _value, who in found))


def _figure(measure: Measure, told: _Told) -> Figure:
    found = _estimate(measure, told.totals)
    if found is None:
        return Figure(None, None, None, 0, 0)
    low = found.low
    if measure.unit == "count" and low is not None:
        low = max(low, 0.0)  # of counts of few the interval would reach below what can be
    return Figure(found.value, low, found.high, found.n, found.customers)


def _estimate(measure: Measure, totals: Totals) -> Estimate | None:
    if measure.room == "shares":
        return proportion.estimate(totals)
    if measure.room == "log_times":
        return task_times.estimate(totals)
    return mean.estimate(totals, scale=(1.0, 7.0) if measure.room == "scale" else None)


def _difference(measure: Measure, here: _Told, ours: _Told) -> tuple[Differences | None, State]:
    """The comparison of two sites; None where too few people tell it."""
    if min(here.count, ours.count) < LEAST:
        return None, "too_few"
    cross = Cross.of(here.values, here.people, ours.values, ours.people)
    if measure.room == "shares":
        found = proportion.differences(here.totals, ours.totals, cross)
    elif measure.room == "log_times":
        found = task_times.log_ratios(here.totals, ours.totals, cross)
    else:
        found = mean.differences(here.totals, ours.totals, cross)
    return found, "ok" if np.isfinite(found.p) else "no_spread"


def _p(found: Differences | None) -> float:
    return float("nan") if found is None else float(found.p)


_Pair = tuple[int, Measure, Differences | None, State]


def _besides(pairs: Sequence[_Pair], family: Family) -> dict[int, dict[str, Beside]]:
    """Every comparison, by site and measure, its interval at the family's level."""
    made = [found for _site, _one, found, _state in pairs]

    def interval(confidence: float) -> tuple[Floats, Floats]:
        nothing = (np.nan, np.nan)
        ends = [nothing if one is None else one.interval(confidence) for one in made]
        table = np.array(ends, dtype=np.float64).reshape(len(ends), 2)
        return table[:, 0], table[:, 1]

    low, high = families.intervals(family, interval)
    besides: dict[int, dict[str, Beside]] = {}
    for at, (site, measure, found, state) in enumerate(pairs):
        ends = (low[at], high[at])
        besides.setdefault(site, {})[measure.slug] = (
            Beside(None, None, None, None, None, None, marked=False, state=state)
            if found is None
            else _beside(measure, found, ends, family, at, state)
        )
    return besides


def _beside(
    measure: Measure,
    found: Differences,
    ends: tuple[float, float],
    family: Family,
    at: int,
    state: State,
) -> Beside:
    is_ratio = measure.room == "log_times"
    value = float(np.exp(found.difference) if is_ratio else found.difference)
    low, high = (None if np.isnan(end) else float(np.exp(end) if is_ratio else end) for end in ends)
    p, q = (None if np.isnan(one) else float(one) for one in (found.p, family.q_values[at]))
    return Beside(
        difference=None if is_ratio else value,
        ratio=value if is_ratio else None,
        low=low, high=high, p=p, q=q, marked=bool(family.marked[at]), state=state,
    )  # fmt: skip
