"""Incentive arms of a survey compared: who answered, and what they said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.figures import chance
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.text import _
from zhiyin.measure.surveys import dispositions, quality, said
from zhiyin.measure.surveys.dispositions import CODES
from zhiyin.measure.surveys.quality import METRICS
from zhiyin.measure.surveys.rates import (
    CONFIDENCE,
    RULE,
    State,
    customers_by,
    hidden_groups,
    said_or_none,
    state_column,
)
from zhiyin.measure.surveys.reading import Ints, Reading
from zhiyin.measure.surveys.said import FACTORS, Values
from zhiyin.measure.surveys.sheets import Column, Lead, Sheet
from zhiyin.measure.words import NOT_SHOWN
from zhiyin.stats import families, proportion
from zhiyin.stats.difference import Differences
from zhiyin.stats.estimate import Estimate, Floats, number
from zhiyin.stats.totals import Cross, Totals
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

Q = 0.05
ANSWERED = ("1.1", "1.2")
NO_ARM = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure of one arm, beside that of the reference.

    Args:
        figure: ``response_rate`` (RR2), or the name of a question.
        difference: arm less reference; None for the reference itself, and where either is not
            shown or tested.
        q: the smallest false-discovery rate at which it would be marked.
    """

    figure: str
    metric: said.Measure
    arm: str
    state: State
    n: int | None = None
    customers: int | None = None
    value: float | None = None
    value_low: float | None = None
    value_high: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    q: float | None = None
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Arms:
    """The arms of a survey compared with one of them.

    Args:
        interval_confidence: of the differences, so that they agree with the marks.
    """

    key: str
    as_of: datetime
    minimum_base: int
    reference: str
    arms: tuple[str, ...]
    without: tuple[str, ...]
    customers: int
    tests: int
    interval_confidence: float
    rows: tuple[Compared, ...]

    @property
    def is_shown(self) -> bool:
        """Whether enough customers were asked."""
        return self.customers >= max(self.minimum_base, 1)

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        names = ("key", "minimum_base", "reference", "tests", "interval_confidence")
        return {
            **{name: getattr(self, name) for name in names},
            "as_of": self.as_of.isoformat() + "Z",
            "confidence": CONFIDENCE,
            "state": "ok" if self.is_shown else "too_few",
            "q": Q,
            "arms": list(self.arms),
            "without": list(self.without),
            "rows": [asdict(one) for one in self.rows],
        }

    def lead(self) -> Lead | None:
        """The difference in response that is marked and largest."""
        marked = [one for one in self.rows if one.marked]
        if not marked:
            return Lead("–", "", _(
                "No arm differs from “{reference}” by more than chance, in response or answers.",
                reference=_arm(self.reference),
            ))  # fmt: skip
        rates = [one for one in marked if one.figure == RESPONSE]
        top = max(rates or marked, key=lambda one: abs(one.difference or 0))
        unit = METRICS[top.metric]
        return Lead(
            f"{top.difference:+.1f}".replace("-", "−"), "",
            _("“{arm}” against “{reference}” in {figure} ({unit}), q {q}.", arm=_arm(top.arm),
              reference=_arm(self.reference), figure=_figure(top.figure), unit=unit,
              q=chance(top.q)),
        )  # fmt: skip

    def sheets(self) -> tuple[Sheet, ...]:
        """Response by arm, then answers by arm."""
        rows = [
            {**asdict(one), "figure_said": _figure(one.figure), "metric": METRICS[one.metric],
             "arm": _arm(one.arm), "state": NOT_SHOWN.get(one.state, ""),
             "verdict": _("more than chance") if one.marked else ""}
            for one in self.rows
        ]  # fmt: skip
        shared = (
            Column("n", "n", "count", is_minor=True),
            Column("value", _("Figure"), "factor"),
            Column("value_low", _("Interval"), "factor", upper="value_high", is_minor=True),
            Column("difference", _("Difference"), "factor", is_signed=True),
            Column("low", _("Interval"), "factor", upper="high", is_signed=True),
            Column("q", "q", "chance", is_minor=True), Column("verdict", _("Verdict")),
        )  # fmt: skip
        response = tuple(row for row in rows if row["figure"] == RESPONSE)
        answers = tuple(row for row in rows if row["figure"] != RESPONSE)
        says = _(
            "Against “{reference}”: {tests} comparisons in one family (Benjamini–Hochberg, 5%); the"
            " intervals of differences hold {level}% and agree with the marks.",
            reference=_arm(self.reference), tests=self.tests,
            level=f"{self.interval_confidence * 100:.3g}",
        )  # fmt: skip
        return (
            Sheet(
                "response", _("Response by arm, %"), says,
                (Column("arm", _("Incentive arm")), *shared, *state_column(rows)), response,
                bar="value", ends=("value_low", "value_high"), marked="marked",
            ),
            Sheet(
                "answers", _("Answers by arm"), says,
                (Column("figure_said", _("Question")), Column("metric", _("Figure"), is_minor=True),
                 Column("arm", _("Incentive arm")), *shared, *state_column(rows)), answers,
                marked="marked",
            ),
        )  # fmt: skip


RESPONSE = "response_rate"


def _figure(name: str) -> str:
    return str(_("response rate (RR2)")) if name == RESPONSE else name


def _arm(name: str) -> str:
    return said_or_none(name or None)


def arms(
    log: Log,
    settings: Settings,
    key: str,
    *,
    reference: str | None = None,
    without: Sequence[str] = (),
    where: Filter | None = None,
    now: datetime | None = None,
) -> Arms:
    """Response rate and answers by incentive arm, each compared with one arm.

    Args:
        reference: the arm that the others are compared with; None: those without one, and where
            there are none the arm of whom most were asked.
        where: of exposures and of responses.

    Raises:
        Problem: ``survey.none``, ``survey.not-published``, ``survey.no-arm``,
            ``survey.without-few``.
    """
    reading = Reading.of(log, settings, key, where=where, now=now)
    settings = reading.settings
    # Whatever they filter by, askings are judged by all that came back, as `rates` does.
    asked = dispositions.of(replace(reading, where=None), RULE, where=where, by=("arm",))
    of_asked = np.array([one or NO_ARM for one in asked.by["arm"]], dtype=np.object_)
    names = sorted(set(of_asked))
    customers = len(np.unique(asked.customer))
    chosen = _reference(names, of_asked, reference)
    made = Arms(key, reading.as_of, settings.minimum_base, chosen, tuple(names), tuple(without),
                customers, 0, CONFIDENCE, ())  # fmt: skip
    if not made.is_shown or len(names) < 2:
        return made
    came = np.isin(asked.code, [list(CODES).index(code) for code in ANSWERED])
    fillings, keep = quality.keep(reading, without)
    column = reading.column("responses", "arm")
    of_filling = np.array(
        [one or NO_ARM for one in reading.fillings([column]).more["arm"]], dtype=np.object_
    )
    # Whoever came without an invitation was offered nothing.
    keep = keep & np.array([arm in names for arm in of_filling], dtype=np.bool_)
    keep &= np.array([token is not None for token in fillings.invitation], dtype=np.bool_)
    everyone = np.arange(len(asked))
    parts = [_Part(RESPONSE, "share", None, everyone, came.astype(np.float64), of_asked,
                   asked.customer)]  # fmt: skip
    for one in said.values(reading, fillings):
        if one.measure != "share":
            kept = one.at(keep)
            parts.append(
                _Part(one.item.name, one.measure, one, kept.place, kept.value,
                      of_filling[kept.place], fillings.customer[kept.place])
            )  # fmt: skip
    return _compared(made, parts, names, settings)


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """The rows of one figure: their values, arms and customers."""

    name: str
    measure: said.Measure
    values: Values | None
    place: Ints
    value: NDArray[np.float64]
    arm: NDArray[np.object_]
    customer: Ints

    def totals(self, arm: str) -> Totals:
        here = self.arm == arm
        return Totals.of(self.value[here], self.customer[here])

    def estimate(self, totals: Totals) -> Estimate | None:
        if self.values is not None:
            return self.values.estimate(totals)
        found = proportion.estimate(totals, confidence=CONFIDENCE)
        return None if found is None else found.times(100)

    def differences(self, arm: str, other: str) -> Differences:
        here, there = self.arm == arm, self.arm == other
        one, two = self.totals(arm), self.totals(other)
        cross = Cross.of(self.value[here], self.customer[here], self.value[there],
                         self.customer[there])  # fmt: skip
        if self.values is not None:
            return self.values.differences(one, two, cross)
        return proportion.differences(one, two, cross)


def _reference(names: list[str], arm: NDArray[np.object_], wanted: str | None) -> str:
    if wanted is not None:
        if wanted not in names:
            raise Problem(
                "survey.no-arm",
                _("Nobody was asked in an arm called {name}.", name=wanted[:80]),
                _("Arms: {known}.", known=", ".join(name for name in names if name) or "–"),
            )
        return wanted
    if NO_ARM in names:
        return NO_ARM
    return max(names, key=lambda name: int((arm == name).sum()), default=NO_ARM)


def _compared(made: Arms, parts: list[_Part], names: list[str], settings: Settings) -> Arms:
    minimum, least = max(settings.minimum_base, 1), max(settings.test_base, 2)
    rows: list[Compared] = []
    tested: dict[int, Differences] = {}
    for part in parts:
        code = np.array([names.index(arm) for arm in part.arm], dtype=np.int64)
        counts = customers_by(part.customer, code, len(names))
        states = hidden_groups(counts, len(np.unique(part.customer)), minimum)
        at_reference = names.index(made.reference)
        for at, arm in enumerate(names):
            if states[at] != "ok" or not counts[at]:
                rows.append(Compared(part.name, part.measure, arm, states[at]))
                continue
            found = part.estimate(part.totals(arm))
            if found is None:
                rows.append(Compared(part.name, part.measure, arm, "too_few"))
                continue
            rows.append(
                Compared(part.name, part.measure, arm, "ok", found.n, found.customers, found.value,
                         found.low, found.high)
            )  # fmt: skip
            is_tested = (
                arm != made.reference
                and states[at_reference] == "ok"
                and min(counts[at], counts[at_reference]) >= least
            )
            difference = part.differences(arm, made.reference) if is_tested else None
            if difference is not None and np.isfinite(difference.p):
                tested[len(rows) - 1] = difference
    return _judged(made, rows, tested)


def _judged(made: Arms, rows: list[Compared], tested: dict[int, Differences]) -> Arms:
    """The rows with the verdict on those that are tested, by their places: one family."""
    each = list(tested.values())
    family = families.mark([float(one.p) for one in each], Q)

    def ends(confidence: float) -> tuple[Floats, Floats]:
        found = np.array([one.interval(confidence) for one in each]).reshape(-1, 2)
        return found[:, 0], found[:, 1]

    low, high = families.intervals(family, ends)
    for at, (place, one) in enumerate(tested.items()):
        factor = FACTORS[rows[place].metric]
        rows[place] = replace(
            rows[place], difference=float(one.difference) * factor, low=number(low[at] * factor),
            high=number(high[at] * factor), p=float(one.p), q=float(family.q_values[at]),
            marked=bool(family.marked[at]),
        )  # fmt: skip
    return replace(
        made, tests=family.tests, interval_confidence=family.confidence, rows=tuple(rows)
    )
