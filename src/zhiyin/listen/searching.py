"""What customers said, found again: by words, by what says the same, by how it was read, by when.

What is looked for by its meaning is found the nearest first, everything else the newest first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel import masking, wordforms
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.periods import day_start
from zhiyin.kernel.wordforms import Sought
from zhiyin.listen import embedding, learned, meanings
from zhiyin.warehouse import lang
from zhiyin.warehouse.findings import Near
from zhiyin.warehouse.log import Log
from zhiyin.warehouse.newest import Place, newest_first
from zhiyin.warehouse.where import where

MOST_WORDS = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which verbatims.

    Args:
        text: words that must all stand in it, in any case and form; “in quotes” a phrase.
        like: in it is a clause that says what this says, in whatever words and language. What
            nobody has read yet has none.
        meaning: over `clauses`: for that clause, or one at all, this holds.
        start: the first local day, and `end` the day after the last.
    """

    text: str = ""
    like: str = ""
    meaning: Filter | None = None
    start: date | None = None
    end: date | None = None

    @property
    def words(self) -> tuple[Sought, ...]:
        """The words and phrases."""
        return wordforms.asked(self.text, most=MOST_WORDS)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Where a clause stands in its text, in characters, half-open."""

    starts: int
    ends: int


@dataclass(frozen=True, slots=True)
class Part(Stretch):
    """A clause of what was said, as it was read; see the columns of ``clauses``.

    Args:
        likeness: the cosine of what it means and what was looked for, where it is more than
            usual; None where it is not or nothing was looked for by its meaning.
    """

    aspect: str | None
    polarity: str
    probability: float
    emotion: str | None
    intent: str | None
    effort: str | None
    urgency: str | None
    likeness: float | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing that was said, with its clauses in their order; none where nobody has read it.

    Args:
        row: its number in the log.
        at: when it was said (UTC, naive).
        customer: the customer's key.
        language: as it was read, else as its source says.
    """

    row: int
    at: datetime
    text: str
    customer: int
    language: str | None
    touchpoint: str | None
    channel: str | None
    source: str | None
    clauses: tuple[Part, ...]

    @property
    def likeness(self) -> float | None:
        """That of its nearest clause."""
        return max((one.likeness for one in self.clauses if one.likeness is not None), default=None)

    @property
    def place(self) -> str:
        """Where a list goes on after it, for an address."""
        if self.likeness is not None:
            return Rank(self.likeness, self.row).written()
        return Place(self.at, self.row).written()

    def as_dict(self, customer_id: str | None, *, sees_it: bool) -> dict[str, Any]:
        """As the command line and the API write it.

        Args:
            customer_id: an id of the customer, where one is known.
            sees_it: whether who she is may be in it. Where it may not, the words of each clause
                stand with it, and places in the whole text are left out: they would be those of
                another text.
        """
        return {
            "row": self.row,
            "at": f"{self.at.isoformat()}Z",
            "text": self.text if sees_it else masking.in_text(self.text),
            "language": self.language,
            "touchpoint": self.touchpoint,
            "channel": self.channel,
            "source": self.source,
            "likeness": _rounded(self.likeness),
            "customer": customer_id if sees_it else None,
            "clauses": [self._clause(one, sees_it=sees_it) for one in self.clauses],
        }

    def _clause(self, one: Part, *, sees_it: bool) -> dict[str, Any]:
        pieces = pieces_of(self.text, [one], sees_it=sees_it)
        return {
            "start": one.starts if sees_it else None,
            "end": one.ends if sees_it else None,
            "text": "".join(piece.text for piece in pieces if piece.clause is one),
            "aspect": one.aspect,
            "polarity": one.polarity,
            "probability": round(one.probability, 4),
            "emotion": one.emotion,
            "intent": one.intent,
            "effort": one.effort,
            "urgency": one.urgency,
            "likeness": _rounded(one.likeness),
        }


def _rounded(likeness: float | None) -> float | None:
    return None if likeness is None else round(likeness, 4)


@dataclass(frozen=True, slots=True)
class Rank:
    """Where a list goes on whose nearest come first: after the row of this likeness and number."""

    likeness: float
    seq: int

    def written(self) -> str:
        """For an address."""
        return f"{self.likeness!r}~{self.seq}"

    @classmethod
    def read(cls, text: str) -> Rank | None:
        """From an address; None where it is none."""
        likeness, tilde, seq = text.partition("~")
        try:
            return cls(float(likeness), int(seq)) if tilde else None
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text in which nothing changes: the clause that it stands in, and whether it is
    of the words that were looked for."""

    text: str
    clause: Stretch | None
    is_hit: bool


def pieces_of(
    text: str, clauses: Sequence[Stretch], words: Sequence[Sought] = (), *, sees_it: bool
) -> list[Piece]:
    """A text in pieces, in order; for whom `sees_it` is not, what says who she is is masked.

    What is masked is one piece, and of the clause in which it begins.
    """
    hits = [span for word in words for span in wordforms.spans(text, word)]
    hidden = {one.start: one.end for one in ([] if sees_it else masking.find(text))}
    cuts = {0, len(text), *hidden, *hidden.values()}
    cuts.update(at for span in hits for at in span)
    cuts.update(at for one in clauses for at in (one.starts, one.ends) if at <= len(text))
    inside = {at for start, end in hidden.items() for at in range(start + 1, end)}
    places = sorted(cuts - inside)
    return [
        Piece(
            masking.masked(text[start:end]) if start in hidden else text[start:end],
            next((one for one in clauses if one.starts <= start < one.ends), None),
            any(first <= start < last for first, last in hits),
        )
        for start, end in pairwise(places)
    ]


class Search:
    """Verbatims that are wanted.

    Raises:
        Problem: ``voice.meaning``: this machine does not look for meanings.
    """

    def __init__(self, log: Log, settings: Settings, wanted: Wanted) -> None:
        self._log = log
        self._settings = settings
        self._wanted = wanted
        self._schema = log.schema(settings.slug)
        self._near: Near | None = None
        if wanted.like.strip():
            self._near = meanings.near(wanted.like, learned.space(), embedding.default())

    def count(self) -> tuple[int, int]:
        """How many there are, and of how many customers."""
        found = self._found()
        query = found.aggregate(n=found.count(), customers=found.customer.nunique())
        (row,) = self._log.execute(self._settings.slug, query, near=self._near).to_pylist()
        return row["n"], row["customers"]

    def page(self, *, limit: int, after: str = "") -> list[Heard]:
        """The first of them, or those after the `place` of one."""
        found = self._found()
        if self._near is None:
            return self._heard(newest_first(found, limit=limit, after=Place.read(after)))
        rank = Rank.read(after)
        if rank is not None:
            found = found.filter(
                (found.likeness < rank.likeness)
                | ((found.likeness == rank.likeness) & (found.seq < rank.seq))
            )
        return self._heard(found.order_by(lang.desc("likeness"), lang.desc("seq")).limit(limit))

    def one(self, row: int) -> Heard | None:
        """The verbatim of this number; None where it is none of them."""
        found = self._found()
        return next(iter(self._heard(found.filter(found.seq == row))), None)

    def _heard(self, found: lang.Expression) -> list[Heard]:
        query = found.select(
            "seq", "occurred_at", "text", "customer", "language", "touchpoint", "channel", "source"
        )
        rows = self._rows(query, near=self._near)
        parts = self._parts([row["seq"] for row in rows])
        return [
            Heard(
                row=row["seq"],
                at=row["occurred_at"],
                text=row["text"],
                customer=row["customer"],
                language=next(
                    (lang_ for lang_, _part in parts.get(row["seq"], ())), row["language"]
                ),
                touchpoint=row["touchpoint"],
                channel=row["channel"],
                source=row["source"],
                clauses=tuple(part for _language, part in parts.get(row["seq"], ())),
            )
            for row in rows
        ]

    def _found(self) -> lang.Expression:
        wanted, zone = self._wanted, self._settings.timezone
        said = lang.table(self._schema, "verbatims")
        holds = [said.text.notnull()]
        if wanted.start is not None:
            holds.append(said.occurred_at >= lang.timestamp(day_start(wanted.start, zone)))
        if wanted.end is not None:
            holds.append(said.occurred_at < lang.timestamp(day_start(wanted.end, zone)))
        holds += [lang.stands_in(word, said.text) for word in wanted.words]
        found = said.filter(*holds)
        if wanted.meaning is None and self._near is None:
            return found
        clauses = lang.table(self._schema, "clauses", has_likeness=self._near is not None)
        if wanted.meaning is not None:
            clauses = clauses.filter(
                where(wanted.meaning, clauses, self._schema, table_name="clauses", zone=zone)
            )
        if self._near is None:
            return found.semi_join(clauses.select("seq"), "seq")
        nearest = clauses.group_by("seq").aggregate(likeness=clauses.likeness.max())
        return found.join(nearest, "seq")

    def _parts(self, seqs: Sequence[int]) -> dict[int, list[tuple[str, Part]]]:
        if not seqs:
            return {}
        near = self._near
        clauses = lang.table(self._schema, "clauses", has_point=near is not None)
        query = (
            clauses.semi_join(lang.given_numbers(seqs, "seq"), "seq")
            .order_by("seq", "place")
            .select("seq", "language", *_READ, *([] if near is None else ["point"]))
        )
        found: dict[int, list[tuple[str, Part]]] = {}
        for row in self._rows(query):
            seq, language, point = row.pop("seq"), row.pop("language"), row.pop("point", None)
            likeness = None if near is None else meanings.likeness(near, point)
            found.setdefault(seq, []).append((language, Part(**row, likeness=likeness)))
        return found

    def _rows(self, query: lang.Expression, *, near: Near | None = None) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._log.execute(
            self._settings.slug, query, words=True, near=near
        ).to_pylist()
        return rows


_READ = tuple(name for name in Part.__dataclass_fields__ if name != "likeness")
"""The columns of ``clauses`` that a part has."""
