"""Measures read from what customers wrote in their own words."""

from __future__ import annotations

from zhiyin.kernel.text import _
from zhiyin.measure.metric import Metric
from zhiyin.measure.rows import said

SENTIMENT = Metric(
    slug="sentiment",
    label=_("Net sentiment"),
    asks=_("Do customers praise more than they blame, in their own words?"),
    unit="points",
    better="up",
    population=_("Clauses of verbatims that were read"),
    numerator=_("clauses that praise minus clauses that blame"),
    denominator=_("clauses, those that do neither or both among them"),
    window=_("the date on which it was said"),
    definition=_(
        "Clauses that praise minus clauses that blame, divided by all clauses, times 100. A clause"
        " is what Zhiyin's reading of verbatims found it to be: how rightly it reads is measured"
        " apart. What nobody has read yet does not count."
    ),
    table="clauses",
    estimator="nps",
    rows=said.heard,
    factor=100.0,
)

ALL = (SENTIMENT,)
