"""The clauses in which themes are looked for, and out of which their figures are made.

What praises, blames or wants something counts; what merely tells a story does not. A day's clauses
are those of its verbatims, so what is replaced, taken back or erased is out at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.clock import microseconds
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.periods import day_start
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log
from zhiyin.warehouse.where import where

WEEKS = 12
"""Weeks that are looked at, each of seven whole days; the last ends with yesterday."""

WANTS = ("complain", "ask", "suggest", "leave")
"""Intents of clauses that count though they judge nothing."""

SIGNS = {"positive": 1.0, "negative": -1.0}

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Weeks:
    """Whole weeks up to a day.

    Attributes:
        until: the day after the last.
    """

    until: date
    count: int = WEEKS

    @property
    def first(self) -> date:
        """The first day."""
        return self.until - timedelta(weeks=self.count)

    @property
    def starts(self) -> tuple[date, ...]:
        """The first day of each, the oldest first."""
        return tuple(self.first + timedelta(weeks=one) for one in range(self.count))


@dataclass(frozen=True, slots=True)
class Heard:
    """Clauses, one a place of each array.

    Attributes:
        verbatim: its number in the log.
        starts: where the clause begins in it.
        speaker: the customer's key; of an unknown one, who is nobody else, less than 0.
        day: of the workspace's days, from 0.
        sign: 1 praises, -1 blames, 0 does neither or both.
        counts: whether themes are looked for in it; the others tell who spoke at all.
    """

    verbatim: Numbers
    starts: Numbers
    speaker: Numbers
    day: Numbers
    sign: NDArray[np.float64]
    counts: NDArray[np.bool_]

    @property
    def week(self) -> Numbers:
        """Of each, from 0."""
        made: Numbers = self.day // 7
        return made


def clauses(log: Log, settings: Settings, weeks: Weeks, narrowed: Filter | None = None) -> Heard:
    """Every clause of these weeks that the reader of this log may see.

    Args:
        narrowed: over `clauses`.
    """
    schema = log.schema(settings.slug)
    found = _of(log, settings, weeks)
    if narrowed is not None:
        zone = settings.timezone
        found = found.filter(where(narrowed, found, schema, table_name="clauses", zone=zone))
    table = log.execute(
        settings.slug,
        found.select("seq", "starts", "customer", "occurred_at", "polarity", "intent"),
    )
    words = {name: log.words(settings.slug, name) for name in ("polarity", "intent")}
    signs = {code: SIGNS[word] for code, word in words["polarity"].items() if word in SIGNS}
    neutral = [code for code, word in words["polarity"].items() if word == "neutral"]
    wants = [code for code, word in words["intent"].items() if word in WANTS]
    seq, polarity = _ints(table, "seq"), _ints(table, "polarity")
    return Heard(
        verbatim=seq,
        starts=_ints(table, "starts"),
        speaker=_speakers(table, seq),
        day=_days(table, weeks, settings.timezone),
        sign=np.array([signs.get(one, 0.0) for one in range(int(polarity.max(initial=0)) + 1)])[
            np.maximum(polarity, 0)
        ],
        counts=~np.isin(polarity, neutral) | np.isin(_ints(table, "intent"), wants),
    )


@dataclass(frozen=True, slots=True)
class Text:
    """A clause in words."""

    verbatim: int
    starts: int
    speaker: int
    week: int
    text: str
    language: str
    aspect: str


def texts(log: Log, settings: Settings, weeks: Weeks) -> list[Text]:
    """The clauses of these weeks in which themes are looked for, in words, in the log's order."""
    found = _of(log, settings, weeks).order_by("seq", "place")
    found = found.select(
        "seq", "starts", "ends", "customer", "occurred_at", "text", "language", "aspect",
        "polarity", "intent",
    )  # fmt: skip
    table = log.execute(settings.slug, found, words=True, seconds=300.0)
    seq = _ints(table, "seq")
    speakers, week = _speakers(table, seq), _days(table, weeks, settings.timezone) // 7
    made: list[Text] = []
    columns = ("seq", "starts", "ends", "text", "language", "aspect", "polarity", "intent")
    for place, row in enumerate(table.select(columns).to_pylist()):
        if row["polarity"] == "neutral" and row["intent"] not in WANTS:
            continue
        made.append(
            Text(
                row["seq"], row["starts"], int(speakers[place]), int(week[place]),
                row["text"][row["starts"] : row["ends"]], row["language"] or "",
                row["aspect"] or "",
            )
        )  # fmt: skip
    return made


def _of(log: Log, settings: Settings, weeks: Weeks) -> lang.Expression:
    table = lang.table(log.schema(settings.slug), "clauses")
    zone = settings.timezone
    return table.filter(
        table.occurred_at >= lang.timestamp(day_start(weeks.first, zone)),
        table.occurred_at < lang.timestamp(day_start(weeks.until, zone)),
    )


def _ints(table: pa.Table, name: str) -> Numbers:
    found: Numbers = _whole(table[name].cast(pa.int64()), -1)
    return found


def _whole(column: Any, where_null: int) -> Numbers:
    found: Numbers = pc.fill_null(column, where_null).to_numpy()
    return found


def _speakers(table: pa.Table, seq: Numbers) -> Numbers:
    customer = table["customer"].cast(pa.int64())
    known = customer.is_valid().to_numpy()
    found: Numbers = np.where(known, _whole(customer, 0), -1 - seq)
    return found


def _days(table: pa.Table, weeks: Weeks, zone: str) -> Numbers:
    days = (weeks.first + timedelta(days=one) for one in range(7 * weeks.count))
    edges = [microseconds(day_start(day, zone)) for day in days]
    at = table["occurred_at"].cast(pa.int64()).to_numpy()
    found: Numbers = np.searchsorted(np.array(edges, np.int64), at, side="right") - 1
    return found
