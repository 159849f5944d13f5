"""The rows of a measure as an expression, written once: it has no dates and no reader in it.

To write it takes Ibis longer than the engine needs to count a month of it, and a page asks for the
same measure of many periods.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace

from zhiyin.measure.metric import Metric, Source
from zhiyin.measure.requests import ScoreRequest
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Schema

MOST = 256
"""Expressions; one has some ten kilobytes."""

Code = tuple[str, str]
"""A column and a word of it."""


@dataclass(frozen=True, slots=True)
class _Written:
    """An expression and the codes that stand in it: a word may come in, and get its code, later."""

    codes: dict[Code, int]
    rows: lang.Expression

    def holds(self, source: Source) -> bool:
        """Whether it would be written so again."""
        return all(source.code(*word) == code for word, code in self.codes.items())


_held: OrderedDict[Hashable, _Written] = OrderedDict()
_guard = threading.Lock()


def kept(key: Hashable, write: Callable[[], lang.Expression]) -> lang.Expression:
    """An expression in which no code of a word stands, written once under what it is made of."""
    with _guard:
        held = _held.get(key)
    if held is None:
        held = _keep(key, _Written({}, write()))
    return held.rows


def _keep(key: Hashable, written: _Written) -> _Written:
    with _guard:
        _held[key] = written
        _held.move_to_end(key)
        while len(_held) > MOST:
            _held.popitem(last=False)
    return written


def rows_of(metric: Metric, source: Source, request: ScoreRequest) -> lang.Expression:
    """The rows that count, of any time; of answers, those of the questions and kind asked for."""
    key = _key(metric, source, request)
    with _guard:
        held = _held.get(key)
    if held is not None and held.holds(source):
        return held.rows
    codes: dict[Code, int] = {}
    recording = replace(source, code=_recorded(source.code, codes))
    rows = chosen(metric.rows(recording), metric, recording, request)
    return _keep(key, _Written(codes, rows)).rows


def chosen(
    facts: lang.Expression, metric: Metric, source: Source, request: ScoreRequest
) -> lang.Expression:
    """Of answers, those of the measure's questions and the kind asked for."""
    if not metric.is_asked:
        return facts
    asked = [facts.metric.isin(source.codes("metric", *metric.taken(bool(request.questions))))]
    if request.questions:
        asked.append(facts.question.isin(source.codes("question", *request.questions)))
    if request.kind:
        asked.append(facts.kind == source.code("kind", request.kind))
    return facts.filter(*asked)


def _key(metric: Metric, source: Source, request: ScoreRequest) -> Hashable:
    return (
        metric.slug,
        columns_of(source.schema),
        # What is not asked may depend on how long ago a thing happened.
        None if metric.is_asked else source.until,
        source.scale,
        source.is_weighted,
        tuple(request.questions or ()),
        request.kind,
    )


def columns_of(schema: Schema) -> Hashable:
    """What tells the columns of one workspace from those of another."""
    dimensions = schema.dimensions
    return tuple((name, tuple(kinds.items())) for name, kinds in sorted(dimensions.items()))


def _recorded(code: Callable[[str, str], int], codes: dict[Code, int]) -> Callable[[str, str], int]:
    def recorded(column: str, word: str) -> int:
        found = codes[column, word] = code(column, word)
        return found

    return recorded
