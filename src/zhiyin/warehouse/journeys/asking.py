"""Questions about journeys that are answered out of the index, by name.

They run beside the log, since the index is too large to travel. Each takes what it was asked as a
`msgspec.Struct` and answers with one Arrow table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.warehouse.journeys import counting
from zhiyin.warehouse.journeys.choosing import Chosen


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    Args:
        asked: the form of what is asked.
        answer: the passes, over the histories and which of their events are chosen.
    """

    asked: type[msgspec.Struct]
    answer: Callable[[Chosen, Any], pa.Table]


QUESTIONS: Mapping[str, Question] = {
    "names": Question(counting.NamesAsked, counting.names),
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
    """Compile every question's passes, or load them from disk, for the types of tuples' numbers
    that all but a few logs have."""
    for kind in (np.uint8, np.uint16):
        counting.warm(np.dtype(kind))
