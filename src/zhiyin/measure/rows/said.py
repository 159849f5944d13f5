"""Clauses of what customers wrote, by what they were found to mean."""

from __future__ import annotations

from zhiyin.measure.metric import Source
from zhiyin.warehouse import lang


def heard(source: Source) -> lang.Expression:
    """Every clause: +1 one that praises, -1 one that blames, 0 any other."""
    clauses = source.table("clauses")
    praises = clauses.polarity == source.code("polarity", "positive")
    blames = clauses.polarity == source.code("polarity", "negative")
    return clauses.mutate(num=lang.cases((praises, 1), (blames, -1), else_=0).cast("int8"))
