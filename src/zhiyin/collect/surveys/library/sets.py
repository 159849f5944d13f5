"""The ready sets, and how one is found."""

from __future__ import annotations

from zhiyin.collect.surveys.library.experience import FIVE_ELEMENTS, HAPPINESS, JOURNEY
from zhiyin.collect.surveys.library.ready import Ready
from zhiyin.collect.surveys.library.scores import (
    CES_1,
    CES_2,
    CSAT,
    ENPS,
    NPS_RELATIONSHIP,
    NPS_TOUCHPOINT,
)
from zhiyin.collect.surveys.library.servqual import SERVQUAL
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

SETS: tuple[Ready, ...] = (
    NPS_RELATIONSHIP, NPS_TOUCHPOINT, CSAT, CES_1, CES_2, SERVQUAL, FIVE_ELEMENTS, HAPPINESS,
    JOURNEY, ENPS,
)  # fmt: skip


def get(name: str) -> Ready:
    """The ready set of this name.

    Raises:
        Problem: ``survey.no-set``.
    """
    for one in SETS:
        if one.name == name:
            return one
    raise Problem(
        "survey.no-set",
        _("There is no ready set {name}.", name=name[:80] or "“”"),
        _("There are: {names}.", names=", ".join(one.name for one in SETS)),
    )
