"""What comes out of a file: a survey, and what became of each element of the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from zhiyin.collect.surveys.conditions import shown_ifs
from zhiyin.collect.surveys.definition import SCORED, Question, Survey
from zhiyin.collect.surveys.formats.translating import Target
from zhiyin.kernel.text import Text, _

Outcome = Literal["kept", "changed", "lost"]


OUTCOMES: dict[str, Text] = {
    "kept": _("came over"),
    "changed": _("is otherwise here"),
    "lost": _("is lost"),
}


@dataclass(frozen=True, slots=True)
class Fidelity:
    """What became of one element.

    Args:
        element: as the file calls it.
        note: what was changed, or why it was lost; None where it was kept.
    """

    element: str
    outcome: Outcome
    note: Text | None = None

    def as_dict(self) -> dict[str, str]:
        """As the command line and the API write it, in the current language."""
        note = "" if self.note is None else str(self.note)
        return {"element": self.element, "outcome": self.outcome, "note": note}


@dataclass(frozen=True, slots=True)
class Brought:
    """A survey that was read from a file.

    Args:
        names: how the file, and files of answers to it, name each thing that has an answer.
    """

    survey: Survey
    fidelity: tuple[Fidelity, ...]
    names: Mapping[str, Target] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Its questions, and what became of each element of the file."""
        logic = shown_ifs(self.survey)
        return {
            "questions": [_question(one, logic[one.name]) for one in self.survey.questions()],
            "fidelity": [one.as_dict() for one in self.fidelity],
        }


def _question(question: Question, conditions: tuple[str, ...]) -> dict[str, Any]:
    many = len(conditions) > 1
    return {
        "name": question.name,
        "type": question.type,
        "scale": list(question.scale) if question.type in SCORED else None,
        "logic": " and ".join(f"({one})" if many else one for one in conditions) or None,
    }
