"""What was answered, item by item, as arrays: scores, and choices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from zhiyin.collect.surveys.definition import CHOSEN, OTHER, SCORED, Item, language_of
from zhiyin.kernel.text import _, language
from zhiyin.measure.rows import asked
from zhiyin.measure.surveys.reading import Fillings, Ints, Objects, Reading
from zhiyin.stats import mean, nps, proportion
from zhiyin.stats.difference import Difference, Differences
from zhiyin.stats.estimate import Estimate, Floats
from zhiyin.stats.totals import Cross, Totals

Measure = Literal["nps", "mean", "share"]
FACTORS: dict[Measure, float] = {"nps": 100.0, "mean": 1.0, "share": 100.0}


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """One figure's answers: a number each, whose mean is the figure.

    Args:
        measure: ``nps``: 1, 0 and −1; ``share``: 1 and 0; ``mean``: the answers themselves.
        choice: of a share, what was chosen.
        place: of each, its response.
        scale: of a mean.
    """

    item: Item
    measure: Measure
    choice: str
    place: Ints
    value: Floats
    scale: tuple[float, float] | None = None

    def at(self, keep: NDArray[np.bool_]) -> Values:
        """Only answers of responses that are kept."""
        here = keep[self.place]
        return Values(self.item, self.measure, self.choice, self.place[here], self.value[here],
                      self.scale)  # fmt: skip

    def totals(self, customer: Ints, weight: Floats | None = None) -> Totals:
        """Their sums over customers."""
        weights = None if weight is None else weight[self.place]
        return Totals.of(self.value, customer[self.place], weights)

    def estimate(self, totals: Totals, confidence: float = 0.95) -> Estimate | None:
        """The figure in its unit; None without answers."""
        if not totals.n:
            return None
        if self.measure == "nps":
            found = nps.estimate(totals, confidence=confidence)
        elif self.measure == "share":
            found = proportion.estimate(totals, confidence=confidence)
        else:
            found = mean.estimate(totals, confidence=confidence, scale=self.scale)
        return None if found is None else found.times(FACTORS[self.measure])

    def differences(self, here: Totals, there: Totals, cross: Cross) -> Differences:
        """The figure here less there, as the statistics have it (not in the unit)."""
        if self.measure == "nps":
            return nps.differences(here, there, cross)
        if self.measure == "share":
            return proportion.differences(here, there, cross)
        return mean.differences(here, there, cross)

    def difference(self, here: Totals, there: Totals, cross: Cross) -> Difference | None:
        """`differences` of one pair; None where a side has no answers."""
        return self.differences(here, there, cross).one()


def choice_of(item: Item, value: str) -> str:
    """What a choice is called, in the reader's language if the survey speaks that."""
    code = language_of(language())
    for choice in item.question.choices:
        if choice.value == value:
            return choice.label.get(code) or next(iter(choice.label.values()), value)
    return str(_("Other")) if value == OTHER else value


def values(
    reading: Reading, fillings: Fillings, items: Sequence[Item] | None = None
) -> list[Values]:
    """The figures of items (of all: each that has one), in their order."""
    wanted = list(reading.items().values()) if items is None else list(items)
    made: list[Values] = []
    scored = _scores(reading, fillings, [one for one in wanted if one.question.type in SCORED])
    chosen = choices(reading, fillings, [one for one in wanted if one.question.type in CHOSEN])
    for item in wanted:
        if item.series in scored:
            place, score = scored[item.series]
            made.append(_scored(item, place, score))
        if item.series in chosen:
            made += _shares(item, chosen[item.series])
    return made


def _scored(item: Item, place: Ints, score: Floats) -> Values:
    if item.question.type == "nps":
        return Values(item, "nps", "", place, asked.numbers(asked.nps, score, None))
    low, high = item.question.scale
    return Values(item, "mean", "", place, score, (float(low), float(high)))


def _shares(item: Item, chosen: Choices) -> list[Values]:
    answered = np.unique(chosen.place)
    known = [one.value for one in item.question.choices]
    more = sorted(set(chosen.choice) - set(known))
    found = []
    for value in [*known, *more]:
        has = np.isin(answered, chosen.place[chosen.choice == value])
        found.append(Values(item, "share", value, answered, has.astype(np.float64)))
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Choices:
    """What was chosen: a place and a value a choice."""

    place: Ints
    choice: Objects


def choices(reading: Reading, fillings: Fillings, items: Sequence[Item]) -> Mapping[str, Choices]:
    """What was chosen in these items, by series."""
    if not items:
        return {}
    rows = reading.answers("question", "answer_state", "choice")
    rows = rows.filter(
        rows.question.isin(reading.codes("question", [one.series for one in items])),
        rows.answer_state == reading.codes("answer_state", ["answered"])[0],
        rows.choice.notnull(),
    )
    found = reading.run(rows.select("filling", "question", "choice"), words=False)
    place = fillings.places(found["filling"])
    choice = found["choice"].to_numpy(zero_copy_only=False)
    question = found["question"].to_numpy()
    return {
        item.series: Choices(place[question == code], choice[question == code])
        for item, code in _coded(reading, items)
        if (question == code).any()
    }


def _scores(
    reading: Reading, fillings: Fillings, items: Sequence[Item]
) -> dict[str, tuple[Ints, Floats]]:
    if not items:
        return {}
    rows = reading.answers("question", "answer_state", "score")
    rows = rows.filter(
        rows.question.isin(reading.codes("question", [one.series for one in items])),
        rows.answer_state == reading.codes("answer_state", ["answered"])[0],
        rows.score.notnull(),
    )
    found = reading.run(rows.select("filling", "question", "score"), words=False)
    place = fillings.places(found["filling"])
    score = found["score"].to_numpy().astype(np.float64)
    question = found["question"].to_numpy()
    return {
        item.series: (place[question == code], score[question == code])
        for item, code in _coded(reading, items)
        if (question == code).any()
    }


def scores(reading: Reading, fillings: Fillings, item: Item) -> tuple[Ints, Floats]:
    """(place of the response, score) of each answer to a scored item."""
    nothing = np.zeros(0, dtype=np.int64), np.zeros(0)
    return _scores(reading, fillings, [item]).get(item.series, nothing)


def _coded(reading: Reading, items: Sequence[Item]) -> list[tuple[Item, int]]:
    return list(zip(items, reading.codes("question", [one.series for one in items]), strict=True))
