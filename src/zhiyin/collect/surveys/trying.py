"""A survey tried out: simulated responses through its real logic, kept nowhere.

Answers are drawn at random, and where conditions name a number, a date, a text or a field of the
link, from around what they name, so that rare paths are walked too. What is counted says which
paths there are and how they end; how often real customers go them it does not say.
"""

from __future__ import annotations

import random
import statistics
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from zhiyin.collect.surveys import answering, lasting, logic, validating
from zhiyin.collect.surveys.conditions import FIELD, as_day, places
from zhiyin.collect.surveys.definition import CHOSEN, MANY, OTHER, SCORED, Item, Question, Survey
from zhiyin.collect.surveys.logic import SKIPPED, Answer, Asked, Step
from zhiyin.collect.surveys.reaching import read
from zhiyin.kernel.clock import now
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import And, Compare, Contains, FilterProblem, In, Not, Or, Value, walk
from zhiyin.kernel.text import _

MOST = 1_000
_TRIES = 30
"""So often an answer is drawn until one is taken."""

_BLANK, _NO_SCORE = 0.15, 0.05
_JUDGED = SCORED | CHOSEN | {"number", "date", "consent"}
"""Types whose answers can be drawn so that they are taken where any is."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of simulated responses.

    Args:
        shown: how many of them saw each page, question, choice and ending, by place; all places
            are there. An ending of nobody's own writing is ``/endings``.
        stuck: how many found no answer that is taken, by place of the question.
        seconds: at the median, the tenth and the ninetieth of a hundred.
    """

    n: int
    seed: int
    shown: Mapping[str, int]
    stuck: Mapping[str, int]
    seconds: tuple[float, float, float]

    def as_dict(self) -> dict[str, Any]:
        """As a page gets it."""
        middle, low, high = self.seconds
        return {
            "n": self.n, "seed": self.seed, "shown": dict(self.shown), "stuck": dict(self.stuck),
            "seconds": {"median": middle, "low": low, "high": high},
        }  # fmt: skip


def tried(survey: Survey, *, n: int, seed: int) -> Tried:
    """Let `n` simulated responses go through a survey.

    Args:
        seed: the same one gives the same answers.

    Raises:
        Problem: ``survey.trial-size``; ``survey.trial-conditions``: one cannot be read.
    """
    if not 1 <= n <= MOST:
        raise Problem(
            "survey.trial-size",
            _("{n} responses cannot be simulated at once.", n=n),
            _("Simulate 1 to {most}.", most=MOST),
        )
    named = _named(survey)
    shown: Counter[str] = Counter(dict.fromkeys(_places(survey), 0))
    stuck: Counter[str] = Counter()
    lasted: list[float] = []
    for number in range(n):
        one = _Response(survey, named, random.Random(f"{seed} {number}"))  # noqa: S311 - no secret
        one.answer(stuck)
        one.count(shown)
        lasted.append(lasting.of_steps(survey, one.steps(), survey.language).seconds)
    tenths = statistics.quantiles(lasted, n=10, method="inclusive") if n > 1 else lasted * 9
    return Tried(n, seed, shown, stuck, (statistics.median(lasted), tenths[0], tenths[-1]))


Named = Mapping[str, list[Value]]
"""What conditions compare each column with."""


def _named(survey: Survey) -> Named:
    found: dict[str, list[Value]] = {}
    for place in places(survey):
        try:
            nodes = list(walk(read(place.says).root))
        except FilterProblem as problem:
            raise Problem(
                "survey.trial-conditions",
                _("A condition cannot be read: {place}", place=place.pointer),
                problem.hint or _("Correct it first."),
            ) from problem
        for node in nodes:
            if isinstance(node, And | Or | Not):
                continue
            values = found.setdefault(node.column, [])
            if isinstance(node, Compare):
                values.append(node.value)
            elif isinstance(node, In):
                values += node.values
            elif isinstance(node, Contains):
                values.append(node.text)
    return found


class _Response:
    """One simulated response."""

    def __init__(self, survey: Survey, named: Named, chance: random.Random) -> None:
        self._survey, self._named, self._chance = survey, named, chance
        self._seed = f"trial-{chance.random()}"
        self._answers: dict[str, Answer] = {}
        self._fields = {
            name.partition(".")[2]: str(value)
            for name, values in named.items()
            if name.startswith(f"{FIELD}.")
            and (value := chance.choice([*values, "-", None])) is not None
        }

    def steps(self) -> tuple[Step, ...]:
        """Its pages."""
        return logic.steps(self._survey, self._answers, self._fields, seed=self._seed)

    def answer(self, stuck: Counter[str]) -> None:
        """Go through the pages; an answer may open a question on the page where it stands."""
        at = {
            question.name: f"/pages/{number}/questions/{count}"
            for number, page in enumerate(self._survey.pages)
            for count, question in enumerate(page.questions)
        }
        while True:
            left = [
                (asked, item)
                for step in self.steps()
                for asked in step.asked
                for item in asked.items()
                if item.name not in self._answers
            ]
            if not left:
                return
            asked, item = left[0]
            # All that is left on its page is answered at one look.
            for asked, item in self._of_one_page(left):
                found = self._one(asked, item)
                if found is None:
                    stuck[at[asked.question.name]] += 1
                self._answers[item.name] = found or SKIPPED

    def count(self, shown: Counter[str]) -> None:
        """Add what it saw."""
        pages = {step.page.name: step for step in self.steps()}
        for number, page in enumerate(self._survey.pages):
            step = pages.get(page.name)
            if step is None:
                continue
            shown[f"/pages/{number}"] += 1
            seen = {asked.question.name: asked for asked in step.asked}
            for count, question in enumerate(page.questions):
                if question.name not in seen:
                    continue
                place, asked = f"/pages/{number}/questions/{count}", seen[question.name]
                shown[place] += 1
                for part, listed, offered in (
                    ("choices", question.choices, asked.choices),
                    ("rows", question.rows, asked.rows),
                ):
                    values = {one.value for one in offered}
                    for index, choice in enumerate(listed):
                        if choice.shown_if and choice.value in values:
                            shown[f"{place}/{part}/{index}"] += 1
        ending = logic.ending(self._survey, self._answers, self._fields, seed=self._seed)
        number_of = next((n for n, one in enumerate(self._survey.endings) if one is ending), None)
        shown["/endings" if number_of is None else f"/endings/{number_of}"] += 1

    def _of_one_page(self, left: list[tuple[Asked, Item]]) -> list[tuple[Asked, Item]]:
        first = left[0][0].question
        page = next(one for one in self._survey.pages if first in one.questions)
        return [(asked, item) for asked, item in left if asked.question in page.questions]

    def _one(self, asked: Asked, item: Item) -> Answer | None:
        """An answer that the page would take; None where none of many tries is."""
        question = asked.question
        for _try in range(_TRIES):
            said = answering.one(asked, item, self._form(asked, item), today=now().date())
            is_skipped = said == SKIPPED and question.is_required
            if isinstance(said, Answer) and not is_skipped:
                return said
        if question.type in _JUDGED:
            return None
        return Answer("answered", text="-") if question.is_required else SKIPPED

    def _form(self, asked: Asked, item: Item) -> dict[str, list[str]]:
        """The fields of a form, drawn at random."""
        question, draw = asked.question, self._chance
        field = f"a.{item.name}"
        if not question.is_required and draw.random() < _BLANK:
            return {}
        if question.has_not_applicable and draw.random() < _NO_SCORE:
            return {field: [answering.NOT_APPLICABLE]}
        if question.has_dont_know and draw.random() < _NO_SCORE:
            return {field: [answering.DONT_KNOW]}
        if question.type == "ranking":
            order = draw.sample(asked.choices, len(asked.choices))
            return {
                f"k.{item.name}.{one.value}": [str(place)] for place, one in enumerate(order, 1)
            }
        if question.type in SCORED:
            return {field: [str(draw.randint(*question.scale))]}
        if question.type in CHOSEN:
            return {field: self._chosen(asked), f"t.{item.name}": ["-"]}
        match question.type:
            case "number":
                return {field: [self._number(asked, item)]}
            case "date":
                return {field: [self._day(question, item).isoformat()]}
            case "consent":
                return {field: ["yes"]}
            case "email":
                return {field: ["somebody@example.org"]}
            case "phone":
                return {field: ["+00 000 000 000"]}
        named = [str(value) for value in self._named.get(item.name, ())]
        return {field: [draw.choice([*named, "-" * max(int(question.at_least or 1), 1)])]}

    def _chosen(self, asked: Asked) -> list[str]:
        question, draw = asked.question, self._chance
        values = [one.value for one in asked.choices] + [OTHER] * question.has_other
        alone = [one.value for one in asked.choices if one.is_exclusive]
        if question.type not in MANY or not values:
            return [draw.choice(values)] if values else []
        others = [value for value in values if value not in alone]
        if alone and (not others or draw.random() < 1 / (len(values) + 1)):
            return [draw.choice(alone)]
        most = len(others) if question.at_most is None else min(int(question.at_most), len(others))
        least = min(max(int(question.at_least or 1), 1), most)
        return draw.sample(others, draw.randint(least, most)) if most else []

    def _number(self, asked: Asked, item: Item) -> str:
        low, high = asked.question.at_least, asked.question.at_most
        floor = low if low is not None else min(0.0, (high or 0.0) - 100)
        ceiling = high if high is not None else floor + 100
        near = [
            value + step
            for value in self._named.get(item.name, ())
            if isinstance(value, int | float) and not isinstance(value, bool)
            for step in (-1, 0, 1)
            if floor <= value + step <= ceiling
        ]
        spread = round(self._chance.uniform(floor, ceiling))
        drawn = self._chance.choice([*near, min(max(spread, floor), ceiling)])
        if asked.question.step is not None:
            # From the least on, as the page counts them.
            step, base = asked.question.step, low or 0.0
            drawn = base + round((drawn - base) / step) * step
        return f"{drawn:.6f}".rstrip("0").rstrip(".")

    def _day(self, question: Question, item: Item) -> date:
        today = now().date()
        first, last = (validating.day(one, today) for one in (question.earliest, question.latest))
        usual = first or last or date(2000, 1, 1)
        named = [day for value in self._named.get(item.name, ()) if (day := as_day(value))]
        drawn = self._chance.choice([*named, usual]) + timedelta(self._chance.choice([-1, 0, 1]))
        return min(max(drawn, first or drawn), last or date.max)


def _places(survey: Survey) -> list[str]:
    found: list[str] = []
    for number, page in enumerate(survey.pages):
        found.append(f"/pages/{number}")
        for count, question in enumerate(page.questions):
            place = f"/pages/{number}/questions/{count}"
            found.append(place)
            for part, listed in (("choices", question.choices), ("rows", question.rows)):
                found += [
                    f"{place}/{part}/{index}" for index, one in enumerate(listed) if one.shown_if
                ]
    return [*found, *(f"/endings/{number}" for number in range(len(survey.endings)))]
