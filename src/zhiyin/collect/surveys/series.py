"""Series: under which name a question's answers stand, over the versions of a survey.

Where a question is asked otherwise than before, its figures may move for that reason alone. So
whoever publishes it says whether it goes on with the series or begins a new one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from zhiyin.collect.surveys import wordings
from zhiyin.collect.surveys.definition import SCORED, Choice, Question, Survey, said
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

DECISIONS = ("same", "new")

Versions = Sequence[tuple[int, Survey]]
"""What was published, by number, the oldest first."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A question that is asked otherwise than it last was under its series.

    Args:
        version: in which it last was.
        what: of `type`, `wording`, `scale`, `choices`, `look`.
    """

    question: str
    series: str
    version: int
    what: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {
            "question": self.question,
            "series": self.series,
            "version": self.version,
            "what": list(self.what),
        }


def of(question: Question) -> str:
    """The series of a question; that of a matrix's row begins with it."""
    return question.series or question.name


def changed(survey: Survey, versions: Versions) -> list[Changed]:
    """The questions of a survey about which somebody has to decide."""
    last: dict[str, tuple[int, Survey, Question]] = {}
    for number, version in versions:
        for question in version.questions():
            last[of(question)] = (number, version, question)
    found = []
    for question in survey.questions():
        before = last.get(of(question))
        if before is None or question.type == "statement":
            continue
        number, version, old = before
        what = tuple(_differences(old, version, question, survey))
        if what:
            found.append(Changed(question.name, of(question), number, what))
    return found


def decided(survey: Survey, versions: Versions, decisions: Mapping[str, str]) -> Survey:
    """The survey, with new series where that was decided.

    Args:
        decisions: ``same`` or ``new`` by name of a question.

    Raises:
        Problem: ``survey.series-undecided``, ``survey.series-decision``.
    """
    known = {question.name: question for question in survey.questions()}
    wrong = [name for name, how in decisions.items() if name not in known or how not in DECISIONS]
    if wrong:
        raise Problem(
            "survey.series-decision",
            _("This decides nothing: {name}.", name=f"{wrong[0][:60]}={decisions[wrong[0]][:20]}"),
            _("Name a question of the survey, and write same or new."),
        )
    undecided = [one.question for one in changed(survey, versions) if one.question not in decisions]
    if undecided:
        raise Problem(
            "survey.series-undecided",
            _("Asked otherwise than before: {names}.", names=", ".join(undecided)),
            _("Say for each whether its figures go on (same) or begin anew (new)."),
        )
    taken = {of(one) for whole in (survey, *(v for _n, v in versions)) for one in whole.questions()}
    new: dict[str, str] = {}
    for name in (name for name, how in decisions.items() if how == "new"):
        new[name] = _next(of(known[name]), taken)
        taken.add(new[name])
    return with_series(survey, new) if new else survey


def with_series(survey: Survey, new: Mapping[str, str]) -> Survey:
    """The survey with other series, by name of the question."""
    pages = tuple(
        msgspec.structs.replace(
            page,
            questions=tuple(
                msgspec.structs.replace(one, series=new[one.name]) if one.name in new else one
                for one in page.questions
            ),
        )
        for page in survey.pages
    )
    return msgspec.structs.replace(survey, pages=pages)


def _differences(old: Question, before: Survey, new: Question, now: Survey) -> Iterable[str]:
    # The language in which it was written then: a translation may be mended at any time.
    language = before.language
    if old.type != new.type:
        yield "type"
    if _words(old, language, before) != _words(new, language, now) or _labels_differ(
        old, before, new, now, language
    ):
        yield "wording"
    is_scored = old.type in SCORED or new.type in SCORED
    if is_scored and (old.scale, old.better) != (new.scale, new.better):
        yield "scale"
    if _order(old, new.rows) != _order(new, old.rows):
        yield "choices"
    if is_scored and old.look != new.look:
        yield "look"


def _words(question: Question, language: str, survey: Survey) -> tuple[str, ...]:
    ends = wordings.ends(question, language, survey) if question.type in SCORED else ()
    return (wordings.title(question, language, survey), *ends)


def _labels_differ(
    old: Question, before: Survey, new: Question, now: Survey, language: str
) -> bool:
    """Whether a choice or row that is in both has another label."""
    earlier = {one.value: said(one.label, language, before) for one in _listed(old)}
    return any(
        earlier.get(one.value, label) != label
        for one in _listed(new)
        for label in (said(one.label, language, now),)
    )


def _listed(question: Question) -> tuple[Choice, ...]:
    return (*question.choices, *question.rows)


def _order(question: Question, others: tuple[Choice, ...]) -> tuple[object, ...]:
    """What is offered, in order; of a matrix the rows that both have, for each is a series."""
    both = {row.value for row in others}
    rows = tuple(row.value for row in question.rows if row.value in both)
    choices = tuple(choice.value for choice in question.choices)
    return (choices, question.has_other, rows, question.is_shuffled)


def _next(series: str, taken: set[str]) -> str:
    base = re.sub(r"-\d+$", "", series)
    return next(name for n in range(2, len(taken) + 3) if (name := f"{base}-{n}") not in taken)
