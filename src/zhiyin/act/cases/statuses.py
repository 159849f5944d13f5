"""How far a case is, and what may follow what."""

from __future__ import annotations

from collections.abc import Mapping

from zhiyin.act.cases.models import OVER, Severity, Status, SubjectKind
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _

STATUSES: Mapping[str, Text] = {
    Status.NEW: _("new case"),
    Status.TAKEN: _("taken"),
    Status.WAITING: _("waiting for the customer"),
    Status.DONE: _("case done"),
    Status.NOT_JUSTIFIED: _("not justified"),
}
SEVERITIES: Mapping[str, Text] = {
    Severity.HIGH: _("high severity"),
    Severity.NORMAL: _("normal severity"),
    Severity.LOW: _("low severity"),
}
KINDS: Mapping[str, Text] = {
    SubjectKind.ALERT: _("alert"),
    SubjectKind.VERBATIM: _("customer's words"),
    SubjectKind.MARK: _("mark on a journey map"),
}

STEPS: Mapping[str, tuple[str, ...]] = {
    Status.NEW: (Status.TAKEN, Status.NOT_JUSTIFIED),
    Status.TAKEN: (Status.WAITING, Status.DONE, Status.NOT_JUSTIFIED, Status.NEW),
    Status.WAITING: (Status.TAKEN, Status.DONE, Status.NOT_JUSTIFIED),
    Status.DONE: (Status.TAKEN,),
    Status.NOT_JUSTIFIED: (Status.TAKEN,),
}
"""What may follow each. What is over is opened again as taken; what is given back is new."""


def check(before: str, after: str) -> None:
    """Refuse a step that may not follow.

    Raises:
        Problem: ``cases.status``, ``cases.step``.
    """
    known(after)
    if after not in STEPS[before]:
        raise Problem(
            "cases.step",
            _("A case that is “{before}” cannot become “{after}”.",
              before=STATUSES[before], after=STATUSES[after]),
            _("It can become: {known}.", known=in_words(STEPS[before])),
        )  # fmt: skip


def known(text: str) -> str:
    """A status.

    Raises:
        Problem: ``cases.status``.
    """
    return _one_of(text, STATUSES, "cases.status")


def known_severity(text: str) -> str:
    """A severity.

    Raises:
        Problem: ``cases.severity``.
    """
    return _one_of(text, SEVERITIES, "cases.severity")


def known_kind(text: str) -> str:
    """A kind of subjects.

    Raises:
        Problem: ``cases.kind``.
    """
    return _one_of(text, KINDS, "cases.kind")


def is_over(status: str) -> bool:
    """Whether nothing is left to be done."""
    return status in OVER


def in_words(some: tuple[str, ...]) -> str:
    """Statuses one after the other, as they are read."""
    return ", ".join(str(STATUSES[one]) for one in some)


def _one_of(text: str, words: Mapping[str, Text], code: str) -> str:
    if text in words:
        return text
    raise Problem(
        code,
        _("Cases know no {text}.", text=text[:40] or "“”"),
        _("Use one of: {known}.", known=", ".join(map(str, words))),
    )
