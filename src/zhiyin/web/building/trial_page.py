"""What came of simulated responses, as a table says it."""

from __future__ import annotations

from dataclasses import dataclass

from zhiyin.collect.surveys import definition, wordings
from zhiyin.collect.surveys.definition import Question, Survey
from zhiyin.collect.surveys.trying import Tried
from zhiyin.kernel.text import _, language


@dataclass(frozen=True, slots=True)
class Row:
    """One place of the survey.

    Args:
        depth: of pages and endings 0, of questions 1, of choices 2.
        n: how many simulated responses saw it.
        stuck: how many of them found no answer that is taken.
    """

    place: str
    name: str
    depth: int
    condition: str
    n: int
    stuck: int


def rows(survey: Survey, tried: Tried) -> list[Row]:
    """Pages with their questions, choices that have a condition, and endings."""
    found: list[Row] = []

    def add(place: str, name: str, depth: int, condition: str) -> None:
        n, stuck = tried.shown.get(place, 0), tried.stuck.get(place, 0)
        found.append(Row(place, name, depth, condition, n, stuck))

    code = definition.language_of(language())
    for number, page in enumerate(survey.pages):
        at = f"/pages/{number}"
        add(at, str(_("Page {name}", name=page.name)), 0, page.shown_if)
        for count, question in enumerate(page.questions):
            place = f"{at}/questions/{count}"
            title = wordings.title(question, code, survey)
            add(place, f"{question.name} · {title}", 1, question.shown_if)
            for pointer, name, condition in _conditional(place, question, code, survey):
                add(pointer, name, 2, condition)
    for number, ending in enumerate(survey.endings):
        said = definition.said(ending.title or ending.text, code, survey)
        name = f"{_('Ending {n}', n=number + 1)} · {said}"
        add(f"/endings/{number}", name, 0, ending.shown_if)
    if tried.shown.get("/endings"):
        add("/endings", str(_("No ending of its own: “Thank you.”")), 0, "")
    return found


def _conditional(
    place: str, question: Question, code: str, survey: Survey
) -> list[tuple[str, str, str]]:
    return [
        (f"{place}/{part}/{number}", definition.said(one.label, code, survey) or one.value,
         one.shown_if)
        for part, listed in (("choices", question.choices), ("rows", question.rows))
        for number, one in enumerate(listed)
        if one.shown_if
    ]  # fmt: skip
