"""What an anonymous survey may not ask, and what its publication promises."""

from __future__ import annotations

from collections.abc import Iterator

from zhiyin.collect.surveys.conditions import FIELD, places
from zhiyin.collect.surveys.definition import Survey, Type
from zhiyin.collect.surveys.fault import Fault
from zhiyin.collect.surveys.reaching import read
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import FilterProblem
from zhiyin.kernel.text import _

GROUP = 5
"""Of fewer anonymous responses nothing goes into the log, and nothing is shown."""

TELLS_WHO: frozenset[Type] = frozenset({"email", "phone", "file"})
"""An answer says who gave it."""


def of_anonymous(survey: Survey) -> Iterator[Fault]:
    """What would tell whose the answers are; nothing of a survey that is not anonymous."""
    if not survey.is_anonymous:
        return
    for number, page in enumerate(survey.pages):
        for count, question in enumerate(page.questions):
            if question.type in TELLS_WHO:
                yield Fault(
                    f"/pages/{number}/questions/{count}/type", "survey.tells-who",
                    _("{name}: the survey is anonymous, and this asks who answers.",
                      name=question.name[:60]),
                    _("Take the question out, or ask for it in a survey of its own."),
                )  # fmt: skip
    for place in places(survey):
        if _names_a_field(place.says):
            yield Fault(
                place.pointer, "survey.field-of-anonymous",
                _("The survey is anonymous: what the link brings is not looked at."),
                _("Let the condition ask for answers alone."),
            )  # fmt: skip


def must_keep(survey: Survey, last: Survey | None) -> None:
    """What was promised to those who answered the version before goes on.

    Raises:
        Problem: ``survey.promise``.
    """
    if last is not None and last.is_anonymous != survey.is_anonymous:
        raise Problem(
            "survey.promise",
            _("A survey that was published stays anonymous, or not, as it was."),
            _("Copy the survey and publish the copy."),
        )


def _names_a_field(says: str) -> bool:
    try:
        columns = read(says).columns()
    except FilterProblem:
        return False
    return any(name.partition(".")[0] == FIELD for name in columns)
