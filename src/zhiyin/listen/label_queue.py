"""Which clauses people are asked about: half drawn by lot, half those that would teach most.

Of those drawn by lot it is told how often readings are right; who labels is not shown how a clause
was read, or which it is. What teaches most is what the reader doubts, no two alike at a time.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from zhiyin.listen import labels
from zhiyin.listen.labels import Drawn, Place
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log

AT_ONCE = 10
"""Clauses on a page."""

LOOKED_AT = 1_500
"""Clauses, drawn by lot, among which what is asked is chosen."""

DOUBTED = 0.75
"""The probability from which a reading is not doubted."""


@dataclass(frozen=True, slots=True)
class Question:
    """A clause to be asked about, in its text.

    Attributes:
        starts: where it begins in `text`, in characters; `ends` is behind its last.
        at: when it was said (UTC, naive).
    """

    verbatim: int
    starts: int
    ends: int
    text: str
    language: str
    at: datetime
    touchpoint: str | None
    drawn: Drawn

    @property
    def place(self) -> Place:
        """As labels name it."""
        return self.verbatim, self.starts


@dataclass(frozen=True, slots=True)
class _Clause:
    """A clause that may be asked about, as it was read."""

    seq: int
    starts: int
    ends: int
    text: str
    language: str
    occurred_at: datetime
    touchpoint: str | None
    aspect: str | None
    polarity: str
    probability: float

    @property
    def words(self) -> str:
        """What it says, in small letters."""
        return self.text[self.starts : self.ends].strip().casefold()

    def asked(self, drawn: Drawn) -> Question:
        return Question(
            self.seq, self.starts, self.ends, self.text, self.language, self.occurred_at,
            self.touchpoint, drawn,
        )  # fmt: skip


def questions(
    log: Log, workspace: str, *, n: int = AT_ONCE, chance: random.Random
) -> list[Question]:
    """Clauses that nobody has said anything of, in the order in which they are asked.

    Fewer than `n` where there are no more; none where nothing is read.
    """
    found = _drawn(log, workspace, chance)
    by_lot, others = found[: (n + 1) // 2], found[(n + 1) // 2 :]
    doubted = [one for one in others if one.probability < DOUBTED]
    teach = _unlike(sorted(doubted, key=lambda one: one.probability), n - len(by_lot))
    asked = [one.asked("lot") for one in by_lot] + [one.asked("doubt") for one in teach]
    chance.shuffle(asked)
    return asked


def _drawn(log: Log, workspace: str, chance: random.Random) -> list[_Clause]:
    """Clauses without a label, in the order of the lot: each is as likely as any other."""
    clauses = lang.table(log.schema(workspace), "clauses")
    (counted,) = log.execute(workspace, clauses.aggregate(n=clauses.count())).to_pylist()
    # Verbatims whose number leaves one rest: a part of all is looked at, and none is likelier.
    parts = max(1, counted["n"] // LOOKED_AT)
    query = clauses.filter((clauses.seq % parts) == chance.randrange(parts))
    query = query.select(*_Clause.__dataclass_fields__).order_by("seq", "starts")
    rows = [_Clause(**row) for row in log.execute(workspace, query, words=True).to_pylist()]
    said = labels.of(workspace, {one.seq for one in rows})
    left = [one for one in rows if (one.seq, one.starts) not in said]
    chance.shuffle(left)
    return left


def _unlike(clauses: Sequence[_Clause], n: int) -> list[_Clause]:
    """The first of each aspect and polarity, then others; no words twice."""
    held: list[_Clause] = []
    kinds: set[tuple[str | None, str]] = set()
    words: set[str] = set()
    for is_of_any_kind in (False, True):
        for one in clauses:
            kind = (one.aspect, one.polarity)
            if len(held) < n and one.words not in words and (is_of_any_kind or kind not in kinds):
                held.append(one)
                kinds.add(kind)
                words.add(one.words)
    return held
