"""Who answered beside who was asked: what is known of all of them, compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from zhiyin.kernel.figures import count, figure, interval
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.text import Text, _
from zhiyin.measure.surveys import dispositions, variables
from zhiyin.measure.surveys.arms import ANSWERED
from zhiyin.measure.surveys.dispositions import CODES, Askings
from zhiyin.measure.surveys.rates import (
    CONFIDENCE,
    RULE,
    Share,
    State,
    customers_by,
    hidden_groups,
    said_or_none,
    share_of,
    state_column,
)
from zhiyin.measure.surveys.reading import Ints, Objects, Reading
from zhiyin.measure.surveys.sheets import Column, Lead, Sheet
from zhiyin.measure.words import NOT_SHOWN
from zhiyin.stats import families, propensity, proportion
from zhiyin.stats.propensity import Representativeness
from zhiyin.stats.totals import Cross, Totals
from zhiyin.unify import names
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

Q = 0.05
MOST_VALUES = 12
"""A trait with more values is no group of customers."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value of what is known: per cent of those asked, of those who answered and of the others.

    Args:
        standardised: answered less not, in standard deviations.
        rate: of those with this value, who answered.
        marked: whether more than chance, in the family of the whole table.
    """

    variable: str
    value: str
    state: State
    asked: int | None = None
    of_asked: float | None = None
    of_answered: float | None = None
    of_others: float | None = None
    standardised: float | None = None
    rate: Share | None = None
    p: float | None = None
    q: float | None = None
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Answering:
    """Who answered beside who was asked.

    Args:
        indicator: the R-indicator; None where no model fits, or nothing is known.
        left_out: what was asked for and tells nobody apart, or too many.
    """

    key: str
    as_of: datetime
    minimum_base: int
    variables: tuple[str, ...]
    left_out: tuple[str, ...]
    asked: int
    answered: int
    customers: int
    indicator: Representativeness | None
    tests: int
    rows: tuple[Value, ...]

    @property
    def is_shown(self) -> bool:
        """Whether enough customers were asked."""
        return self.customers >= max(self.minimum_base, 1)

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {
            "key": self.key,
            "as_of": self.as_of.isoformat() + "Z",
            "confidence": CONFIDENCE,
            "minimum_base": self.minimum_base,
            "state": "ok" if self.is_shown else "too_few",
            "variables": list(self.variables),
            "left_out": list(self.left_out),
            "asked": self.asked if self.is_shown else None,
            "answered": self.answered if self.is_shown else None,
            "customers": self.customers if self.is_shown else None,
            "indicator": None if self.indicator is None else asdict(self.indicator),
            "q": Q,
            "tests": self.tests,
            "rows": [asdict(one) for one in self.rows],
        }

    def lead(self) -> Lead | None:
        """The R-indicator."""
        one = self.indicator
        if one is None:
            return Lead("–", "", _(
                "No R-indicator: nothing that tells customers apart is known of all who were"
                " asked, or no model fits."
            ))  # fmt: skip
        more: list[Text] = [
            _("The mean of any answer can be off by {bias} standard deviations at most, as far as"
              " these columns know; by {high} at the low end of the interval.",
              bias=figure(one.greatest_bias, "scale"),
              high=figure(one.greatest_bias_high, "scale")),
            _("Columns: {names}. Compare surveys by the same columns only.",
              names=", ".join(self.variables)),
        ]  # fmt: skip
        return Lead(
            figure(one.value, "scale"), interval(one.low, one.high, "scale"),
            _("R-indicator: 1 where everybody is as likely to answer; {answered} of {asked} askings"
              " were answered.", answered=count(self.answered), asked=count(self.asked)),
            tuple(more),
        )  # fmt: skip

    def sheets(self) -> tuple[Sheet, ...]:
        """Every value of every column."""
        rows = [
            {**asdict(one), "value": one.value or said_or_none(None),
             "share": None if one.rate is None else one.rate.value,
             "low": None if one.rate is None else one.rate.low,
             "high": None if one.rate is None else one.rate.high,
             "state": NOT_SHOWN.get(one.state, ""),
             "verdict": _("more than chance") if one.marked else ""}
            for one in self.rows
        ]  # fmt: skip
        return (
            Sheet(
                "who", _("Who answered, who was asked"),
                _("Per cent of those who were asked, of those who answered completely or in part,"
                  " and of the others. Standardised difference: answered less others in standard"
                  " deviations; under 0.1 is called small. {tests} comparisons are one family"
                  " (Benjamini–Hochberg, 5%).", tests=self.tests),
                (Column("variable", _("What is known")), Column("value", _("Value")),
                 Column("asked", _("Asked"), "count", is_minor=True),
                 Column("of_asked", _("Of asked, %"), "percent"),
                 Column("of_answered", _("Of answered, %"), "percent"),
                 Column("standardised", _("Standardised difference"), "factor", is_signed=True),
                 Column("share", _("Answered, %"), "percent"),
                 Column("low", _("Interval"), "percent", upper="high", is_minor=True),
                 Column("q", "q", "chance", is_minor=True), Column("verdict", _("Verdict")),
                 *state_column(rows)),
                tuple(rows), bar="share", marked="marked",
            ),
        )  # fmt: skip


def representativeness(
    log: Log,
    settings: Settings,
    key: str,
    *,
    by: Sequence[str] = (),
    where: Filter | None = None,
    now: datetime | None = None,
) -> Answering:
    """Compare those who answered with those who did not, of all who were asked.

    Args:
        by: columns of exposures, and ``trait.NAME``, each of twelve values at most; none: the
            channel, and the traits that are nobody's personal data (`unify.names.is_plain`).
        where: of exposures.

    Raises:
        Problem: ``survey.none``, ``survey.not-published``, ``survey.no-column``.
    """
    reading = Reading.of(log, settings, key, now=now)
    settings = reading.settings
    columns = [name for name in by if not name.startswith(variables.TRAIT)]
    asked = dispositions.of(reading, RULE, where=where, by=columns if by else ("channel",))
    customers = len(np.unique(asked.customer))
    came = np.isin(asked.code, [list(CODES).index(code) for code in ANSWERED])
    made = Answering(key, reading.as_of, settings.minimum_base, (), (), len(asked),
                     int(came.sum()), customers, None, 0, ())  # fmt: skip
    if not made.is_shown:
        return made
    known, left_out = _known(reading, asked, by)
    rows, tests = _rows(known, came, asked.customer, settings)
    indicator = _indicator(known, came, asked.customer, reading.minimum)
    return Answering(
        key, reading.as_of, settings.minimum_base, tuple(known), tuple(left_out), len(asked),
        int(came.sum()), customers, indicator, tests, tuple(rows),
    )  # fmt: skip


def _known(
    reading: Reading, asked: Askings, by: Sequence[str]
) -> tuple[dict[str, Objects], list[str]]:
    """(what is known of each asking by name, what tells nobody apart or too many)."""
    found: dict[str, Objects] = dict(asked.by)
    traits = [name.removeprefix(variables.TRAIT) for name in by if name.startswith("trait.")]
    wanted = traits if by else _traits_of(reading, asked.customer)
    if wanted:
        told = variables.traits(reading, asked.customer, wanted)
        found |= {f"{variables.TRAIT}{name}": told[name] for name in wanted}
    usable, left_out = {}, []
    for name, values in found.items():
        kinds = {value for value in values if value is not None}
        if len(kinds) + (None in set(values)) > 1 and len(kinds) <= MOST_VALUES:
            usable[name] = values
        elif by:
            left_out.append(name)
    return usable, left_out


def _traits_of(reading: Reading, customer: Ints) -> list[str]:
    """Names of the traits of these customers that are not personal, the most known first."""
    rows = lang.table(reading.schema, "traits")
    exposures = reading.table("exposures").select("customer").distinct()
    counted = rows.semi_join(exposures, "customer").select("name", "customer").distinct()
    query = counted.group_by("name").aggregate(n=counted.count())
    found = reading.run(query).to_pylist()
    least = max(reading.minimum, len(np.unique(customer)) // 10)
    known = [row for row in found if row["n"] >= least and not names.says_who(row["name"])]
    known.sort(key=lambda row: (-row["n"], row["name"]))
    return [row["name"] for row in known[:10]]


def _rows(
    known: dict[str, Objects], came: NDArray[np.bool_], customer: Ints, settings: Settings
) -> tuple[list[Value], int]:
    minimum, least = max(settings.minimum_base, 1), max(settings.test_base, 2)
    made: list[Value] = []
    p_values: list[float] = []
    for name, values in known.items():
        kinds = _kinds(values)
        code = np.array([kinds.index(value) for value in values], dtype=np.int64)
        counts = customers_by(customer, code, len(kinds))
        answering = customers_by(customer[came], code[came], len(kinds))
        states = hidden_groups(counts, len(np.unique(customer)), minimum)
        for at, value in enumerate(kinds):
            if states[at] != "ok":
                made.append(Value(name, value or "", states[at]))
                p_values.append(np.nan)
                continue
            has = (code == at).astype(np.float64)
            here, there = (Totals.of(has[side], customer[side]) for side in (came, ~came))
            cross = Cross.of(has[came], customer[came], has[~came], customer[~came])
            found = proportion.difference(here, there, cross)
            one, two = (
                float(side.num) / float(side.den) if side.den else 0.0 for side in (here, there)
            )
            is_tested = found is not None and min(here.customers, there.customers) >= least
            p_values.append(found.p if is_tested and found and found.p is not None else np.nan)
            is_told = answering[at] >= minimum or answering[at] == 0
            made.append(
                Value(
                    name, value or "", "ok", int(has.sum()), 100 * float(has.mean()),
                    100 * one if is_told else None, 100 * two if is_told else None,
                    float(propensity.standardised(one, two)) if is_told else None,
                    share_of(came[code == at], customer[code == at]) if is_told else None,
                )
            )  # fmt: skip
    family = families.mark(np.array(p_values, dtype=np.float64), Q)
    rows = []
    for at, row in enumerate(made):
        if np.isnan(p_values[at]) or row.standardised is None:
            rows.append(row)
            continue
        rows.append(
            Value(
                row.variable, row.value, row.state, row.asked, row.of_asked, row.of_answered,
                row.of_others, row.standardised, row.rate, p_values[at],
                float(family.q_values[at]), bool(family.marked[at]),
            )
        )  # fmt: skip
    return rows, family.tests


def _kinds(values: Objects) -> list[str | None]:
    some = sorted({value for value in values if value is not None})
    return [*some, *([None] if any(value is None for value in values) else [])]


def _indicator(
    known: dict[str, Objects], came: NDArray[np.bool_], customer: Ints, minimum: int
) -> Representativeness | None:
    """Of a logistic model with a column a value; the commonest of each is what they differ from."""
    columns = []
    for values in known.values():
        counted = Counter(values)
        # Values of a few are put together: alone they would tell for certain who answered.
        few = {value for value, n in counted.items() if n < max(minimum, 10)}
        kinds = [value for value, _n in counted.most_common() if value not in few]
        columns += [np.array([one == value for one in values]) for value in kinds[1:]]
        if few and kinds:
            columns.append(np.array([value in few for value in values], dtype=np.bool_))
    if not columns:
        return None
    design = np.column_stack([np.asarray(one, dtype=np.float64) for one in columns])
    fitted = propensity.fit(came.astype(np.float64), design, customer)
    if fitted is None:
        return None
    return propensity.representativeness(fitted, design, customer, confidence=CONFIDENCE)
