"""The page *Targets* 目标: which period its address asks for, and what it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from zhiyin.accounts.units import Place, tree
from zhiyin.accounts.workspaces import Settings
from zhiyin.charts.axis import Axis
from zhiyin.charts.markup import Tone
from zhiyin.charts.strings import Estimate
from zhiyin.kernel import clock
from zhiyin.kernel.filters import Filter, render
from zhiyin.kernel.periods import local_day, step_label
from zhiyin.kernel.text import Text
from zhiyin.measure import asking, branches, registry, target_periods, targets
from zhiyin.measure.asked import asked
from zhiyin.measure.metric import Metric
from zhiyin.measure.targets import Held, Verdict
from zhiyin.measure.verdict_words import chance_words, needed_words, verdict_words
from zhiyin.measure.words import KINDS, UNITS
from zhiyin.warehouse.log import Log

_TONES: dict[str, Tone] = {"reached": "good", "missed": "bad"}


@dataclass(frozen=True, slots=True)
class Row:
    """A target as the table shows it.

    Args:
        unit_of_measure: blank where the figure says it by itself.
        query: of the figure beside the target, as the page *Scores* reads it.
    """

    verdict: Verdict
    words: Text
    chance: str
    needed: str
    asks_of: str
    unit_of_measure: str
    query: str

    @property
    def tone(self) -> Tone:
        """``good`` and ``bad`` only where the interval leaves the target out."""
        return _TONES.get(self.verdict.state, "mid")

    @property
    def estimate(self) -> Estimate:
        """The figure beside its target, as a string shows it."""
        one = self.verdict
        return Estimate(one.value, one.low, one.high, one.target.value, self.tone)


@dataclass(frozen=True, slots=True)
class Group:
    """Targets of one measure, on one scale."""

    metric: Metric
    rows: tuple[Row, ...]
    axis: Axis | None


@dataclass(frozen=True, slots=True)
class Page:
    """All that the list shows.

    Args:
        periods: the periods that have targets, and whether they are shown.
        chosen: the names of those that are.
    """

    periods: tuple[tuple[str, bool], ...]
    chosen: str
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Choices:
    """What the form offers."""

    metrics: tuple[Metric, ...]
    kinds: Mapping[str, Text]
    questions: tuple[str, ...]
    places: tuple[Place, ...]
    offers_whole: bool
    this_month: str


def build(log: Log, settings: Settings, period: str, *, scope: Filter | None) -> Page:
    """The list for the period that the address names; else for today, else for the last one.

    Raises:
        Problem: ``target.period``.
    """
    known = targets.of(settings, scope=scope)
    periods = {one.period: (one.first, one.end) for one in known}
    today = local_day(clock.now(), settings.timezone)
    running = [name for name, (first, end) in periods.items() if first <= today < end]
    past = [name for name, (first, _end) in periods.items() if first <= today]
    chosen = [period] if period else running or past[:1] or list(periods)[-1:]
    if period:
        target_periods.read(period, settings)
    asked = [one for one in known if one.period in chosen]
    found = targets.verdicts_on(log, settings, asked, clock.minute())
    return Page(
        periods=tuple((name, name in chosen) for name in periods),
        chosen=", ".join(chosen),
        groups=groups(found, settings),
    )


def groups(verdicts: Sequence[Verdict], settings: Settings) -> tuple[Group, ...]:
    """Verdicts by measure, in the order of the registry."""
    found = []
    for metric in registry.METRICS.values():
        mine = [one for one in verdicts if one.target.metric.slug == metric.slug]
        if mine:
            rows = tuple(row(one, settings) for one in mine)
            found.append(Group(metric, rows, Axis.of(_ends(mine), metric.unit)))
    return tuple(found)


def row(one: Verdict, settings: Settings) -> Row:
    """One verdict in words."""
    target = one.target
    said = (KINDS[target.kind] if target.kind else "", target.question)
    return Row(
        verdict=one,
        words=verdict_words(one),
        chance=chance_words(one),
        needed=str(needed_words(one)),
        asks_of=" · ".join(str(part) for part in said if part),
        unit_of_measure=str(UNITS[target.metric.unit]),
        query=_query(settings, target),
    )


def _query(settings: Settings, target: Held) -> str:
    request = targets.request_of(settings, target)
    given = {
        "metric": target.metric.slug,
        "by": "",
        "kind": target.kind,
        "question": target.question,
        "from": target.first.isoformat(),
        "until": (target.end - timedelta(days=1)).isoformat(),
        "where": render(request.where) if request.where else "",
        "against": f"{target.value:.12g}",
    }
    return asking.query_of(given, {})


def choices(log: Log, settings: Settings, *, scope: Filter | None) -> Choices:
    """What the form for a target offers to this reader."""
    own = branches.own_units(scope)
    today = local_day(clock.now(), settings.timezone)
    return Choices(
        metrics=tuple(registry.METRICS.values()),
        kinds=KINDS,
        questions=tuple(sorted({one.question for one in asked(log, settings.slug)})),
        places=tuple(p for p in tree(settings.slug) if branches.is_hers(p.unit.key, own)),
        offers_whole=own is None,
        this_month=step_label(today.replace(day=1), "month"),
    )


def as_given(target: Held) -> dict[str, str]:
    """A target as its form is filled in."""
    return {
        "metric": target.metric.slug,
        "kind": target.kind,
        "question": target.question,
        "unit": target.unit,
        "period": target.period,
        "value": f"{target.value:.12g}",
    }


def _ends(verdicts: Sequence[Verdict]) -> list[float | None]:
    return [end for one in verdicts for end in (one.value, one.low, one.high, one.target.value)]
