"""What changed between two periods: among those who answered in both, and in the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from zhiyin.collect.surveys.definition import SCORED
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.figures import chance, count, figure, interval
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.periods import Period
from zhiyin.kernel.text import Text, _
from zhiyin.measure import target_periods
from zhiyin.measure.surveys import quality, said
from zhiyin.measure.surveys.quality import METRICS
from zhiyin.measure.surveys.rates import CONFIDENCE, state_column
from zhiyin.measure.surveys.reading import Ints, Reading
from zhiyin.measure.surveys.said import FACTORS, Values
from zhiyin.measure.surveys.sheets import Column, Lead, Sheet
from zhiyin.measure.words import NOT_SHOWN
from zhiyin.stats.totals import Cross, Totals
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

Whose = Literal["both", "all", "only"]
WHOSE: dict[Whose, Text] = {
    "both": _("those who answered in both"),
    "all": _("everybody"),
    "only": _("those who answered in one alone"),
}


@dataclass(frozen=True, slots=True)
class Side:
    """A figure in one period."""

    value: float
    low: float | None
    high: float | None
    n: int
    customers: int


@dataclass(frozen=True, slots=True)
class Shift:
    """How one group's figure changed.

    Args:
        difference: later less earlier; None where a side is not shown or not tested.
    """

    name: str
    metric: said.Measure
    whose: Whose
    state: Literal["ok", "too_few", "withheld"]
    before: Side | None = None
    after: Side | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What changed between two periods; days are local, the end not included."""

    key: str
    as_of: datetime
    minimum_base: int
    before: tuple[date, date]
    after: tuple[date, date]
    without: tuple[str, ...]
    customers: int
    rows: tuple[Shift, ...]

    @property
    def is_shown(self) -> bool:
        """Whether enough customers have answered in the two together."""
        return self.customers >= max(self.minimum_base, 1)

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {
            "key": self.key,
            "as_of": self.as_of.isoformat() + "Z",
            "confidence": CONFIDENCE,
            "minimum_base": self.minimum_base,
            "state": "ok" if self.is_shown else "too_few",
            "before": [day.isoformat() for day in self.before],
            "after": [day.isoformat() for day in self.after],
            "without": list(self.without),
            "rows": [asdict(one) for one in self.rows],
        }

    def lead(self) -> Lead | None:
        """The first question, among those who answered in both."""
        if not self.rows:
            return None
        first = self.rows[0]
        if first.difference is None or first.after is None:
            return Lead("–", "", _(
                "Too few customers answered {name} in both periods to say how they changed.",
                name=first.name,
            ))  # fmt: skip
        unit = "points" if first.metric == "nps" else "scale"
        return Lead(
            figure(first.difference, unit, signed=True),
            interval(first.low, first.high, unit, signed=True),
            _("{name} among the {customers} customers who answered in both periods, p {p}.",
              name=first.name, customers=count(first.after.customers), p=chance(first.p)),
        )  # fmt: skip

    def sheets(self) -> tuple[Sheet, ...]:
        """Every question, three rows each."""
        rows = []
        for one in self.rows:
            row: dict[str, Any] = {
                "item": one.name, "metric": METRICS[one.metric], "whose": WHOSE[one.whose],
                "difference": one.difference, "low": one.low, "high": one.high, "p": one.p,
                "state": NOT_SHOWN.get(one.state, ""),
            }  # fmt: skip
            for name, side in (("before", one.before), ("after", one.after)):
                if side is not None:
                    row |= {name: side.value, f"{name}_n": side.n, f"{name}_low": side.low,
                            f"{name}_high": side.high, "customers": side.customers}  # fmt: skip
            rows.append(row)
        return (
            Sheet(
                "change", _("Change from {before} to {after}", before=_days(self.before),
                            after=_days(self.after)),
                _("Later less earlier. Those who answered in both are compared with themselves (a"
                  " paired test); in the whole others came and went too. Where the two disagree,"
                  " who answered has changed, and not only what they say."),
                (Column("item", _("Question")), Column("metric", _("Figure"), is_minor=True),
                 Column("whose", _("Who")),
                 Column("before_n", _("n before"), "count", is_minor=True),
                 Column("before", _("Earlier period"), "factor"),
                 Column("after_n", _("n after"), "count", is_minor=True),
                 Column("after", _("Later period"), "factor"),
                 Column("difference", _("Difference"), "factor", is_signed=True),
                 Column("low", _("Interval"), "factor", upper="high", is_signed=True),
                 Column("p", "p", "chance"), *state_column(rows)),
                tuple(rows),
            ),
        )  # fmt: skip


def _days(days: tuple[date, date]) -> str:
    first, end = days
    return f"{first.isoformat()}–{date.fromordinal(end.toordinal() - 1).isoformat()}"


def change(
    log: Log,
    settings: Settings,
    key: str,
    before: str,
    after: str,
    *,
    question: str = "",
    without: Sequence[str] = (),
    version: int | None = None,
    where: Filter | None = None,
    now: datetime | None = None,
) -> Change:
    """How answers changed between two periods, by when a response began.

    Args:
        before, after: as `target_periods.read` takes them: 2026-03, 2026-Q1, or two dates.
        question: blank: every question with a score.

    Raises:
        Problem: ``survey.none``, ``survey.not-published``, ``survey.no-question``,
            ``target.period``, ``survey.periods``, ``survey.without-few``.
    """
    first, second = (target_periods.read(text, settings) for text in (before, after))
    if first[0] < second[1] and second[0] < first[1]:
        raise Problem(
            "survey.periods",
            _("The two periods overlap."),
            _("Give two that have no day in common, the earlier first."),
        )
    reading = Reading.of(log, settings, key, version=version, where=where, now=now)
    settings = reading.settings
    items = [reading.item(question)] if question else list(reading.items().values())
    items = [one for one in items if one.question.type in SCORED]
    if question and not items:
        raise Problem(
            "survey.no-question",
            _("The answers to {name} are no scores.", name=question[:80]),
            _("Name a question of a scale."),
        )
    fillings, keep = quality.keep(reading, without)
    began = np.where(np.isnat(fillings.started), fillings.last, fillings.started)
    here = [keep & _within(began, days, settings) for days in (first, second)]
    in_either = fillings.customer[here[0] | here[1]]
    made = Change(key, reading.as_of, settings.minimum_base, first, second, tuple(without),
                  len(np.unique(in_either)), ())  # fmt: skip
    if not made.is_shown:
        return made
    rows: list[Shift] = []
    for one in said.values(reading, fillings, items):
        rows += _shifts(one, here[0], here[1], fillings.customer, settings)
    return Change(key, reading.as_of, settings.minimum_base, first, second, tuple(without),
                  made.customers, tuple(rows))  # fmt: skip


def _within(
    began: NDArray[np.datetime64], days: tuple[date, date], settings: Settings
) -> NDArray[np.bool_]:
    period = Period.of_days(days[0], days[1], settings.timezone)
    found: NDArray[np.bool_] = (began >= np.datetime64(period.start)) & (
        began < np.datetime64(period.end)
    )
    return found


def _shifts(
    one: Values, before: NDArray[np.bool_], after: NDArray[np.bool_], customer: Ints,
    settings: Settings,
) -> list[Shift]:  # fmt: skip
    """Of those in both, of everybody, and of those in one alone."""
    sides = one.at(before), one.at(after)
    known = [np.unique(customer[side.place]) for side in sides]
    in_both = np.intersect1d(known[0], known[1])
    minimum = max(settings.minimum_base, 1)
    whole = [len(who) for who in known]
    alone = [n - len(in_both) for n in whole]
    groups: list[tuple[Whose, list[Values]]] = [
        ("both", [_of(side, customer, in_both, inside=True) for side in sides]),
        ("all", list(sides)),
        ("only", [_of(side, customer, in_both, inside=False) for side in sides]),
    ]
    made = []
    # Everybody is those in both and those in one alone: where either are too few, the other is
    # not told, as it would tell of them beside the whole.
    few_alone = any(0 < n < minimum for n in alone)
    few_both = 0 < len(in_both) < minimum
    for whose, (early, late) in groups:
        name, metric = one.item.name, one.measure
        if whose == "only" and not len(in_both):
            continue  # They are everybody.
        if (whose == "both" and few_alone and not few_both) or (
            whose == "only" and few_both and not few_alone
        ):
            made.append(Shift(name, metric, whose, "withheld"))
            continue
        early_totals, late_totals = early.totals(customer), late.totals(customer)
        if min(early_totals.customers, late_totals.customers) < minimum:
            made.append(Shift(name, metric, whose, "too_few"))
            continue
        made.append(_shift(one, whose, (early, late), (early_totals, late_totals), customer,
                           settings.test_base))  # fmt: skip
    return made


def _of(side: Values, customer: Ints, who: Ints, *, inside: bool) -> Values:
    has = np.isin(customer[side.place], who)
    mask = has if inside else ~has
    return Values(side.item, side.measure, side.choice, side.place[mask], side.value[mask],
                  side.scale)  # fmt: skip


def _shift(
    one: Values, whose: Whose, values: tuple[Values, Values], totals: tuple[Totals, Totals],
    customer: Ints, test_base: int,
) -> Shift:  # fmt: skip
    early, late = values
    before, after = (_side(one, part) for part in totals)
    cross = Cross.of(late.value, customer[late.place], early.value, customer[early.place])
    found = one.difference(totals[1], totals[0], cross)
    few = min(totals[0].customers, totals[1].customers) < max(test_base, 2)
    if found is None:
        return Shift(one.item.name, one.measure, whose, "ok", before, after)
    factor = FACTORS[one.measure]
    low, high = (None if end is None else end * factor for end in (found.low, found.high))
    return Shift(
        one.item.name, one.measure, whose, "ok", before, after, found.difference * factor, low,
        high, None if few else found.p,
    )  # fmt: skip


def _side(one: Values, totals: Totals) -> Side | None:
    found = one.estimate(totals)
    if found is None:
        return None
    return Side(found.value, found.low, found.high, found.n, found.customers)
