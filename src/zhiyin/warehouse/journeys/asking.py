"""Questions about journeys that are answered out of the index, by name.

They run beside the log, since the index is too large to travel. Each takes what it was asked as a
`msgspec.Struct` and answers with one Arrow table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import pyarrow as pa

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.warehouse.journeys import (
    behind_asked,
    conformance_asked,
    leading,
    losing,
    mapped_asked,
    questions,
    tasks_asked,
)
from zhiyin.warehouse.journeys.choosing import Chosen
from zhiyin.warehouse.journeys.passes import locating, warming


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    Args:
        asked: the form of what is asked.
        answer: the passes, over the histories and which of their events are chosen.
    """

    asked: type[msgspec.Struct]
    answer: Callable[[Chosen, Any], pa.Table]


def _behind(
    asked: type[msgspec.Struct], located: Callable[[Chosen, Any], locating.Located]
) -> Question:
    return Question(asked, lambda chosen, one: behind_asked.listed(located(chosen, one)))


QUESTIONS: Mapping[str, Question] = {
    "funnel": Question(questions.FunnelAsked, questions.passed),
    "waits": Question(questions.WaitsAsked, questions.waited),
    "paths": Question(questions.PathsAsked, questions.followed),
    "sessions": Question(questions.SessionsAsked, questions.visited),
    "retention": Question(questions.RetentionAsked, questions.returned),
    "adoption": Question(questions.AdoptionAsked, questions.adopted),
    "engagement": Question(questions.EngagementAsked, questions.engaged),
    "visits": Question(losing.VisitsAsked, losing.visited),
    "attempts": Question(tasks_asked.TaskAsked, tasks_asked.attempted),
    "gaps": Question(tasks_asked.GapsAsked, tasks_asked.awaited),
    "variants": Question(questions.VariantsAsked, questions.told),
    "repeats": Question(questions.RepeatsAsked, questions.repeated),
    "extent": Question(questions.ExtentAsked, questions.lasted),
    "before": Question(leading.BeforeAsked, leading.before_moments),
    "parting": Question(leading.PartingAsked, leading.parted),
    "map-traffic": Question(mapped_asked.TrafficAsked, mapped_asked.mapped_traffic),
    "map-instances": Question(conformance_asked.InstancesAsked, conformance_asked.listed),
    "map-conformance": Question(conformance_asked.ConformanceAsked, conformance_asked.conforming),
    "behind-step": _behind(behind_asked.StepListed, behind_asked.step),
    "behind-edge": _behind(behind_asked.EdgeListed, behind_asked.edge),
    "behind-repeat": _behind(behind_asked.RepeatListed, behind_asked.repeat),
    "behind-variant": _behind(behind_asked.VariantListed, behind_asked.variant),
    "behind-cohort": _behind(behind_asked.CohortListed, behind_asked.cohort),
    "behind-moment": _behind(behind_asked.BeforeListed, behind_asked.moment),
    "behind-adoption": _behind(behind_asked.AdoptionListed, behind_asked.new),
    "behind-engagement": _behind(behind_asked.EngagedListed, behind_asked.engaged),
    "behind-parting": _behind(behind_asked.PartingListed, behind_asked.parted),
}


def answer(question: str, chosen: Chosen, asked: Mapping[str, Any]) -> pa.Table:
    """The answer to a question.

    Args:
        asked: its parameters as plain values.

    Raises:
        Problem: ``journey.no-such-question``.
    """
    known = QUESTIONS.get(question)
    if known is None:
        raise Problem(
            "journey.no-such-question",
            _("The journey index has no question {question}.", question=question),
            _("It answers: {known}.", known=", ".join(QUESTIONS)),
        )
    return known.answer(chosen, msgspec.convert(asked, known.asked))


def warm() -> None:
    """Compile every question's passes, or load them from disk.

    For indexes with one byte beside a word, as nearly all logs have; for others when somebody asks
    of one.
    """
    warming.warm()
