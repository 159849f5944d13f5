"""A survey weighted to declared margins: what weights do and cost, with every figure beside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from zhiyin.collect.surveys import kept
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.figures import count, figure
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.text import Text, _
from zhiyin.measure.surveys import quality, said, targeting, variables
from zhiyin.measure.surveys.quality import METRICS
from zhiyin.measure.surveys.rates import CONFIDENCE, State, hidden_groups, state_column
from zhiyin.measure.surveys.reading import Fillings, Ints, Objects, Reading
from zhiyin.measure.surveys.said import FACTORS, Values
from zhiyin.measure.surveys.sheets import Column, Lead, Sheet
from zhiyin.measure.surveys.targeting import Margin, Targets
from zhiyin.measure.words import NOT_SHOWN
from zhiyin.stats import raking
from zhiyin.stats.estimate import Floats
from zhiyin.stats.raking import Raked
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

KINDS: dict[said.Measure, raking.Kind] = {"nps": "points", "mean": "mean", "share": "share"}


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """Weights of responses with what they were fitted to.

    Args:
        place: the responses that are weighted, by their places.
        margins: of each margin their categories; −1 where nobody knows.
        targets: of each margin the share of each value.
    """

    place: Ints
    start: Floats
    raked: Raked
    margins: tuple[Ints, ...]
    targets: tuple[dict[str, float], ...]
    declared: Targets


@dataclass(frozen=True, slots=True)
class Category:
    """One value of a margin: per cent, before and after; None where it is not shown."""

    margin: str
    value: str
    target: float
    state: State
    n: int | None
    before: float | None
    after: float


@dataclass(frozen=True, slots=True)
class Beside:
    """One figure without and with weights."""

    name: str
    metric: said.Measure
    choice: str
    label: str
    state: Literal["ok", "too_few"]
    n: int | None = None
    customers: int | None = None
    unweighted: float | None = None
    unweighted_low: float | None = None
    unweighted_high: float | None = None
    weighted: float | None = None
    low: float | None = None
    high: float | None = None
    design_effect: float | None = None
    effective_n: float | None = None


@dataclass(frozen=True, slots=True)
class Weights:
    """A survey weighted.

    Args:
        unknown: responses whose value of a margin is not known or has no target, by margin: they
            keep their weight in it.
    """

    key: str
    as_of: datetime
    minimum_base: int
    targets: dict[str, Any]
    without: tuple[str, ...]
    responses: int
    customers: int
    has_converged: bool | None = None
    rounds: int | None = None
    gap: float | None = None
    trimmed: int | None = None
    least: float | None = None
    most: float | None = None
    design_effect: float | None = None
    effective_n: float | None = None
    unknown: dict[str, int] | None = None
    margins: tuple[Category, ...] = ()
    figures: tuple[Beside, ...] = ()

    @property
    def is_shown(self) -> bool:
        """Whether enough customers have a response."""
        return self.customers >= max(self.minimum_base, 1)

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        names = (
            "key", "minimum_base", "targets", "has_converged", "rounds", "gap", "trimmed", "least",
            "most", "design_effect", "effective_n", "unknown",
        )  # fmt: skip
        return {
            **{name: getattr(self, name) for name in names},
            "as_of": self.as_of.isoformat() + "Z",
            "confidence": CONFIDENCE,
            "state": "ok" if self.is_shown else "too_few",
            "without": list(self.without),
            "responses": self.responses if self.is_shown else None,
            "customers": self.customers if self.is_shown else None,
            "margins": [asdict(one) for one in self.margins],
            "figures": [asdict(one) for one in self.figures],
        }

    def lead(self) -> Lead | None:
        """What the weights cost."""
        if self.effective_n is None or self.design_effect is None:
            return None
        more: list[Text] = []
        if not self.has_converged:
            more.append(
                _("The weights do not fit: after {rounds} rounds a margin is {gap} points from its"
                  " target. Loosen the limit, or put values together.",
                  rounds=self.rounds, gap=figure(100 * (self.gap or 0), "percent"))
            )  # fmt: skip
        more.append(
            _("Weights from {least} to {most} times the mean; {trimmed} stand at the limit.",
              least=figure(self.least, "scale"), most=figure(self.most, "scale"),
              trimmed=count(self.trimmed))
        )  # fmt: skip
        source, date = self.targets.get("source"), self.targets.get("date")
        if source:
            more.append(_("Source of the margins: {source}, {date}.", source=source, date=date))
        return Lead(
            count(round(self.effective_n)), "",
            _("Effective sample size of {n} responses: unequal weights make the variance {effect}"
              " times as large (Kish's design effect).",
              n=count(self.responses), effect=figure(self.design_effect, "scale")),
            tuple(more),
        )  # fmt: skip

    def sheets(self) -> tuple[Sheet, ...]:
        """Margins, and figures without and with weights."""
        margins = [{**asdict(one), "state": NOT_SHOWN.get(one.state, "")} for one in self.margins]
        rows = [
            {**asdict(one), "item": f"{one.name}: {one.label}" if one.choice else one.name,
             "metric": METRICS[one.metric], "state": NOT_SHOWN.get(one.state, "")}
            for one in self.figures
        ]  # fmt: skip
        return (
            Sheet(
                "figures", _("Figures without and with weights"),
                _("The interval of a weighted figure counts customers and that the margins were"
                  " fitted (linearised variance). Design effect: its variance against that of as"
                  " many unweighted answers."),
                (Column("item", _("Question")), Column("metric", _("Figure"), is_minor=True),
                 Column("n", "n", "count"), Column("unweighted", _("Unweighted"), "factor"),
                 Column("unweighted_low", _("Interval"), "factor", upper="unweighted_high",
                        is_minor=True),
                 Column("weighted", _("Weighted"), "factor"),
                 Column("low", _("Interval"), "factor", upper="high"),
                 Column("design_effect", _("Design effect"), "factor", is_minor=True),
                 Column("effective_n", _("Effective n"), "count", is_minor=True),
                 *state_column(rows)),
                tuple(rows),
            ),
            Sheet(
                "margins", _("Margins"),
                _("Of each value: its target, and its share of the responses before and after"
                  " weighting. Responses of which a value is not known keep their weight."),
                (Column("margin", _("Margin")), Column("value", _("Value")),
                 Column("n", "n", "count", is_minor=True),
                 Column("before", _("Before, %"), "percent"),
                 Column("target", _("Target, %"), "percent"),
                 Column("after", _("After, %"), "percent"), *state_column(margins)),
                tuple(margins), bar="after",
            ),
        )  # fmt: skip


def weights(
    log: Log,
    settings: Settings,
    key: str,
    *,
    without: Sequence[str] = (),
    version: int | None = None,
    where: Filter | None = None,
    now: datetime | None = None,
) -> Weights:
    """The survey weighted to its declared margins, with every figure without weights beside.

    Args:
        without: signs of carelessness whose responses are left out.
        where: of responses.

    Raises:
        Problem: ``survey.none``, ``survey.not-published``, ``survey.no-targets``,
            ``survey.no-variable``, ``survey.empty-category``, ``survey.without-few``.
    """
    reading = Reading.of(log, settings, key, version=version, where=where, now=now)
    settings = reading.settings
    targets = declared(reading)
    fillings, keep = quality.keep(reading, without)
    customers = len(np.unique(fillings.customer[keep]))
    made = Weights(key, reading.as_of, settings.minimum_base, targeting.as_dict(targets),
                   tuple(without), int(keep.sum()), customers)  # fmt: skip
    if not made.is_shown:
        return made
    fitted = fit(reading, fillings, keep)
    raked = fitted.raked
    figures = [
        _beside(one.at(keep), fillings, fitted, reading.minimum)
        for one in said.values(reading, fillings)
    ]
    return Weights(
        key, reading.as_of, settings.minimum_base, targeting.as_dict(targets), tuple(without),
        int(keep.sum()), customers, raked.has_converged, raked.rounds, raked.gap, raked.trimmed,
        float(raked.weight.min()), float(raked.weight.max()), raked.design_effect,
        raked.effective_n,
        {one.by: int((code < 0).sum())
         for one, code in zip(targets.margins, fitted.margins, strict=True)},
        tuple(_categories(fitted, fillings, reading.minimum)), tuple(figures),
    )  # fmt: skip


def declared(reading: Reading) -> Targets:
    """The margins of the survey.

    Raises:
        Problem: ``survey.no-targets``.
    """
    found = targeting.of(kept.get(reading.settings.slug, reading.key))
    if found is None:
        raise targeting.none_declared(reading.key)
    return found


def fit(reading: Reading, fillings: Fillings, keep: NDArray[np.bool_]) -> Fitted:
    """Weights of the responses that are kept.

    Raises:
        Problem: ``survey.no-targets``, ``survey.no-variable``, ``survey.empty-category``.
    """
    targets = declared(reading)
    place = np.flatnonzero(keep)
    start = np.ones(len(place))
    if targets.per == "customer":
        _known, code, times = np.unique(
            fillings.customer[place], return_inverse=True, return_counts=True
        )
        start = 1.0 / times[code]
    margins, shares = [], []
    for one in targets.margins:
        values = _of_each(reading, fillings, one)[place]
        target = one.shares or _counted(reading, one)
        names = list(target)
        of = {value: at for at, value in enumerate(names)}
        code = np.array([of.get(value, -1) for value in values], dtype=np.int64)
        missing = [name for at, name in enumerate(names) if not (code == at).any()]
        if one.counted and missing:
            # What is counted has values that nobody who answered has; a declared one is a wish.
            target = {name: share for name, share in target.items() if name not in missing}
            total = sum(target.values()) or 1.0
            target = {name: share / total for name, share in target.items()}
            kept_at = {of[name]: at for at, name in enumerate(target)}
            code = np.array([kept_at.get(int(at), -1) for at in code], dtype=np.int64)
        elif missing:
            raise Problem(
                "survey.empty-category",
                _("No response has the value {value} of {name}.", value=missing[0], name=one.by),
                _("Put it together with another value in the margins, or leave the margin out."),
            )
        margins.append(code)
        shares.append(target)
    usable = [at for at, target in enumerate(shares) if len(target) > 1]
    raked = raking.rake(
        [margins[at] for at in usable], [np.array(list(shares[at].values())) for at in usable],
        start=start, trim=targets.trim,
    )  # fmt: skip
    return Fitted(place, start, raked, tuple(margins), tuple(shares), targets)


def _of_each(reading: Reading, fillings: Fillings, one: Margin) -> Objects:
    """The value of each response, None where nobody knows.

    Raises:
        Problem: ``survey.no-variable``.
    """
    told = variables.variable(reading, fillings, one.by)
    if told.is_several:
        raise Problem(
            "survey.no-variable",
            _("A response may have several values of {name}: it makes no margin.", name=one.by),
            _("Name a question with one answer, a column of responses, or trait.NAME."),
        )
    found = np.empty(len(fillings), dtype=np.object_)
    names = np.array([*told.values, ""], dtype=np.object_)
    found[told.place] = names[told.category]
    found[found == variables.NONE] = None
    return found


def _counted(reading: Reading, one: Margin) -> dict[str, float]:
    """The shares of a margin's values among all customers, or among all who were asked."""
    if one.counted == "asked":
        values = asked_values(reading, one.by)
    else:
        rows = lang.table(reading.schema, "traits")
        name = one.by.removeprefix(variables.TRAIT)
        rows = rows.filter(rows.name == reading.codes("name", [name])[0])
        values = variables.newest(reading, rows)["value"].to_pylist()
    every = Counter(value for value in values if value is not None)
    # A target of so few would tell of them; they keep their weight.
    counted = {value: n for value, n in every.items() if n >= reading.minimum}
    total = sum(counted.values())
    if not total:
        raise Problem(
            "survey.empty-category",
            _("Nothing is known of {name} to weight to.", name=one.by),
            _("Declare its shares, or leave the margin out."),
        )
    return {str(value): n / total for value, n in sorted(counted.items())}


def asked_values(reading: Reading, by: str) -> list[str | None]:
    """The value of everybody who was asked: of a trait, or of a column of exposures."""
    rows = reading.table("exposures")
    invited = rows.filter(rows.action == reading.codes("action", ["invited"])[0])
    if by.startswith(variables.TRAIT):
        name = by.removeprefix(variables.TRAIT)
        found = reading.run(invited.select("customer"), words=False)
        customer = found["customer"].to_numpy().astype(np.int64)
        return list(variables.traits(reading, customer, [name])[name])
    column = reading.column("exposures", by)
    found = reading.run(invited.select(value=invited[column.physical]), words=False)
    return list(reading.words_of(column, found["value"]))


def _categories(fitted: Fitted, fillings: Fillings, minimum: int) -> list[Category]:
    made = []
    customer = fillings.customer[fitted.place]
    w = fitted.raked.weight
    for one, code, target in zip(
        fitted.declared.margins, fitted.margins, fitted.targets, strict=True
    ):
        known = code >= 0
        n = np.bincount(code[known], minlength=len(target))
        held = np.bincount(code[known], weights=w[known], minlength=len(target))
        customers = np.array([len(np.unique(customer[code == at])) for at in range(len(target))])
        states = hidden_groups(customers, len(np.unique(customer[known])), minimum)
        for at, (value, share) in enumerate(target.items()):
            is_shown = states[at] == "ok"
            made.append(
                Category(
                    one.by, value, share * 100, states[at], int(n[at]) if is_shown else None,
                    float(100 * n[at] / max(n.sum(), 1)) if is_shown else None,
                    float(100 * held[at] / held.sum()),
                )
            )  # fmt: skip
    return made


def _beside(one: Values, fillings: Fillings, fitted: Fitted, minimum: int) -> Beside:
    label = said.choice_of(one.item, one.choice) if one.choice else ""
    totals = one.totals(fillings.customer)
    name, measure = one.item.name, one.measure
    if totals.customers < minimum:
        return Beside(name, measure, one.choice, label, "too_few")
    plain = one.estimate(totals)
    row_of = np.full(len(fillings), -1, dtype=np.int64)
    row_of[fitted.place] = np.arange(len(fitted.place))
    margins = fitted.margins if fitted.raked.has_converged else ()
    found = raking.estimate(
        one.value, row_of[one.place], fitted.raked.weight, fillings.customer[fitted.place],
        margins, start=fitted.start, kind=KINDS[measure], scale=one.scale, confidence=CONFIDENCE,
    )  # fmt: skip
    if plain is None or found is None:
        return Beside(name, measure, one.choice, label, "too_few")
    factor = FACTORS[measure]
    low, high = (None if end is None else end * factor for end in (found.low, found.high))
    return Beside(
        name, measure, one.choice, label, "ok", found.n, found.customers, plain.value, plain.low,
        plain.high, found.value * factor, low, high, found.design_effect, found.effective_n,
    )  # fmt: skip
