"""Single rows that a rule fires for: answers within limits, and words by what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from zhiyin.accounts.workspaces import Settings
from zhiyin.act.alerts import conditions
from zhiyin.act.alerts.conditions import Answer, Verbatim
from zhiyin.kernel.filters import Compare, Filter, write_node
from zhiyin.kernel.periods import day_start, local_day
from zhiyin.listen.searching import Wanted
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log
from zhiyin.warehouse.scoped import scoped
from zhiyin.warehouse.where import where as where_of

OLDEST = timedelta(days=7)
"""What was said longer ago when it came in is history: it fires nothing, and nobody can help."""

LOOKED_BACK = timedelta(days=3)
"""Rows are looked for among those that came in so lately: words are read some time after they
came, and a server may have stood still."""

MOST = 200
"""Rows that one look takes; the next takes more."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row that a rule fires for.

    Args:
        row: its number in the log.
        at: when it happened (UTC, naive).
    """

    table: str
    row: int
    at: datetime
    touchpoint: str
    unit: str

    @property
    def key(self) -> str:
        """The same for the same row, whoever looks."""
        return f"{self.table}:{self.row}"


def fresh(
    log: Log,
    settings: Settings,
    condition: Answer | Verbatim,
    *,
    since: datetime,
    now: datetime,
    branch: Filter | None = None,
    after: int = -1,
) -> list[Row]:
    """Rows that came in since a moment, the first first.

    Args:
        since: not before (UTC, naive); and no longer ago than `LOOKED_BACK`.
        branch: only of this part of the organisation.
        after: only rows that arrived later than this number.
    """
    log = scoped(log, branch)
    found = _chosen(log, settings, condition)
    came = lang.timestamp(max(since, now - LOOKED_BACK))
    found = found.filter(
        found.received_at >= came,
        found.occurred_at >= lang.timestamp(max(since, now - LOOKED_BACK) - OLDEST),
        found.seq > after,
    )
    query = found.order_by("seq").limit(MOST)
    rows = log.execute(settings.slug, query.select(*_COLUMNS), words=True).to_pylist()
    return [_row(condition, one) for one in rows]


def by_day(
    log: Log,
    settings: Settings,
    condition: Answer | Verbatim,
    *,
    start: date,
    end: date,
    branch: Filter | None = None,
) -> dict[date, int]:
    """How often it would have fired on each local day from `start` up to, not including, `end`."""
    log = scoped(log, branch)
    found, zone = _chosen(log, settings, condition), settings.timezone
    found = found.filter(
        found.occurred_at >= lang.timestamp(day_start(start, zone)),
        found.occurred_at < lang.timestamp(day_start(end, zone)),
    )
    rows = log.execute(settings.slug, found.select("occurred_at")).to_pylist()
    counted: dict[date, int] = {}
    for one in rows:
        day = local_day(one["occurred_at"], zone)
        counted[day] = counted.get(day, 0) + 1
    return dict(sorted(counted.items()))


_COLUMNS = ("seq", "occurred_at", "touchpoint", "unit")


def _row(condition: Answer | Verbatim, one: Mapping[str, Any]) -> Row:
    table = "answers" if isinstance(condition, Answer) else "verbatims"
    return Row(table, one["seq"], one["occurred_at"], one["touchpoint"] or "", one["unit"] or "")


def _chosen(log: Log, settings: Settings, condition: Answer | Verbatim) -> lang.Expression:
    schema, zone = log.schema(settings.slug), settings.timezone
    chosen = conditions.filter_of(condition)
    if isinstance(condition, Answer):
        answers = lang.table(schema, "answers")
        found = answers.filter(
            answers.score >= condition.low,
            answers.score <= condition.high,
            where_of(_is("metric", condition.metric), answers, schema, table_name="answers",
                     zone=zone),
            where_of(_is("answer_state", "answered"), answers, schema, table_name="answers",
                     zone=zone),
        )  # fmt: skip
        if chosen is not None:
            found = found.filter(where_of(chosen, found, schema, table_name="answers", zone=zone))
        if condition.has_words:
            said = lang.table(schema, "verbatims")
            said = said.filter(said.text.notnull(), said.response.notnull())
            found = found.semi_join(said.select("source", "response"), ["source", "response"])
        return found
    said = lang.table(schema, "verbatims")
    words = Wanted(condition.text).words
    found = said.filter(said.text.notnull(), *(lang.stands_in(one, said.text) for one in words))
    if chosen is None:
        return found
    clauses = lang.table(schema, "clauses")
    meant = clauses.filter(where_of(chosen, clauses, schema, table_name="clauses", zone=zone))
    return found.semi_join(meant.select("seq"), "seq")


def _is(column: str, word: str) -> Filter:
    node = Compare(column, "=", word)
    return Filter(node, write_node(node))
