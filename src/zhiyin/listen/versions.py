"""Two versions of a reading side by side: what the one before said, what is said now, what moved.

When aspects change, or something was learned, all history is read anew; the log keeps what the
last version that had read everything said of each clause (``earlier_clauses``). Compared are the
clauses that both read and cut alike, each with itself, so that nothing but the reading differs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.listen import keeping
from zhiyin.listen.rightness import written
from zhiyin.listen.searching import Stretch, pieces_of
from zhiyin.stats import proportion
from zhiyin.stats.estimate import Estimate
from zhiyin.stats.totals import Totals
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log

By = Literal["aspect", "polarity", "language"]

BYS: tuple[By, ...] = ("aspect", "polarity", "language")

NO_ASPECT = "-"
"""How an address says that a clause is about no single thing; no aspect has that key."""

_NONE = -1
"""Stands for no aspect among the codes of aspects."""


@dataclass(frozen=True, slots=True)
class Said:
    """Clauses that a version said were so, and of how many customers."""

    clauses: int
    customers: int


@dataclass(frozen=True, slots=True)
class Group:
    """One thing that clauses are read as, before and now.

    Attributes:
        name: as the log calls it; None: about no single thing.
        kept: read so by both.
        stayed: their share of those that were read so before; None where there are none, or too
            few customers.
    """

    name: str | None
    before: Said
    now: Said
    kept: Said
    stayed: Estimate | None


@dataclass(frozen=True, slots=True)
class Move:
    """Clauses that were read as one thing before and are as another now.

    Attributes:
        share: of all that were read as `before`; None for too few customers.
    """

    before: str | None
    now: str | None
    said: Said
    share: Estimate | None


@dataclass(frozen=True, slots=True)
class Versions:
    """What changed between two versions.

    Attributes:
        by: what is compared.
        language: of the clauses, as they are read now; blank: all.
        version: that reads now.
        earlier: the one before; blank where nothing is kept of one.
        verbatims: that have a text; `both` of them were read by both versions.
        compared: the clauses that both cut alike.
        only_before: clauses of the verbatims read by both that were cut otherwise before, and
            `only_now` those that are now.
        same: the share of clauses that are read as they were; None for too few customers.
        groups: the largest first.
        moves: the largest first.
    """

    by: By
    language: str
    version: str
    earlier: str
    verbatims: int
    both: int
    compared: Said
    only_before: int
    only_now: int
    same: Estimate | None
    groups: tuple[Group, ...]
    moves: tuple[Move, ...]

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {
            "by": self.by,
            "language": self.language or None,
            "version": self.version,
            "earlier": self.earlier or None,
            "verbatims": self.verbatims,
            "both": self.both,
            "clauses": self.compared.clauses,
            "customers": self.compared.customers,
            "only_before": self.only_before,
            "only_now": self.only_now,
            "same": written(self.same),
            "groups": [
                {
                    "name": one.name,
                    "before": _said(one.before),
                    "now": _said(one.now),
                    "kept": _said(one.kept),
                    "stayed": written(one.stayed),
                }
                for one in self.groups
            ],
            "moves": [
                {
                    "before": one.before,
                    "now": one.now,
                    **_said(one.said),
                    "share": written(one.share),
                }
                for one in self.moves
            ],
        }


@dataclass(frozen=True, slots=True)
class Read:
    """How a version read a clause."""

    aspect: str | None
    polarity: str
    language: str


@dataclass(frozen=True, slots=True)
class Changed(Stretch):
    """A clause that is not read as it was, in its text.

    Attributes:
        row: the verbatim's number in the log.
        at: when it was said (UTC, naive).
        customer: the customer's key.
    """

    row: int
    at: datetime
    text: str
    customer: int
    before: Read
    now: Read

    def as_dict(self, *, sees_it: bool) -> dict[str, Any]:
        """As the command line and the API write it.

        Args:
            sees_it: whether who the customer is may be in it; else her words are masked, and the
                clause's places in the whole text are left out.
        """
        pieces = pieces_of(self.text, [self], sees_it=sees_it)
        return {
            "row": self.row,
            "at": f"{self.at.isoformat()}Z",
            "start": self.starts if sees_it else None,
            "end": self.ends if sees_it else None,
            "text": "".join(one.text for one in pieces if one.clause is self),
            "before": _read(self.before),
            "now": _read(self.now),
        }


def compare(log: Log, settings: Settings, by: By, *, language: str = "") -> Versions:
    """What the version before and the present one say, over the clauses that both read."""
    pair = _Pair(log, settings.slug)
    state = keeping.state(log, settings.slug)
    pairs = pair.clauses(language)
    cells = pairs.group_by(
        "customer", before=_known(pairs[f"{by}_before"]), now=_known(pairs[by])
    ).aggregate(clauses=pairs.count())
    found = log.execute(settings.slug, cells.select("customer", "before", "now", "clauses"))
    held = {
        name: found.column(name).to_numpy(zero_copy_only=False).astype(np.int64)
        for name in found.column_names
    }
    words = {code: word or None for code, word in log.words(settings.slug, by).items()}
    groups, moves, same = _counted(held, {**words, _NONE: None}, minimum=settings.minimum_base)
    clauses = int(held["clauses"].sum())
    sizes = pair.sizes(language)
    return Versions(
        by=by,
        language=language,
        version=state.version,
        earlier=pair.earlier(),
        verbatims=state.verbatims,
        both=sizes["both"],
        compared=Said(clauses, len(np.unique(held["customer"]))),
        only_before=sizes["before"] - clauses,
        only_now=sizes["now"] - clauses,
        same=same,
        groups=groups,
        moves=moves,
    )


def changed(
    log: Log,
    settings: Settings,
    by: By,
    *,
    language: str = "",
    move: tuple[str | None, str | None] | None = None,
    limit: int,
) -> list[Changed]:
    """Clauses that are not read as they were, the newest first.

    Args:
        move: only those that were the first and are the second.
    """
    pairs = _Pair(log, settings.slug).clauses(language)
    before, now = _known(pairs[f"{by}_before"]), _known(pairs[by])
    if move is None:
        pairs = pairs.filter(before != now)
    else:
        codes = {word: code for code, word in log.words(settings.slug, by).items()}
        # What no text was ever read as is not among the words, and no clause is.
        first, last = (_NONE if word is None else codes.get(word, _NONE - 1) for word in move)
        pairs = pairs.filter(before == first, now == last)
    query = pairs.order_by(lang.desc("occurred_at"), lang.desc("seq"), "starts").limit(limit)
    rows = log.execute(settings.slug, query).to_pylist()
    words = {name: log.words(settings.slug, name) for name in BYS}

    def read(row: Mapping[str, Any], end: str) -> Read:
        told = {name: words[name].get(row[f"{name}{end}"]) for name in BYS}
        return Read(told["aspect"], told["polarity"] or "", told["language"] or "")

    return [
        Changed(
            starts=row["starts"],
            ends=row["ends"],
            row=row["seq"],
            at=row["occurred_at"],
            text=row["text"],
            customer=row["customer"],
            before=read(row, "_before"),
            now=read(row, ""),
        )
        for row in rows
    ]


def move_of(before: str | None, now: str | None) -> tuple[str | None, str | None] | None:
    """A move as an address or a command names it, where `NO_ASPECT` is about no single thing; None
    where it names none.

    Raises:
        Problem: ``versions.move``: one end alone.
    """
    if not before and not now:
        return None
    if not before or not now:
        raise Problem(
            "versions.move",
            _("Only one end of a move is given."),
            _("Give both: how a clause was read before, and how it is now."),
        )
    return (
        None if before == NO_ASPECT else before,
        None if now == NO_ASPECT else now,
    )


def document(found: Versions, shown: Sequence[Changed], *, sees_it: bool) -> dict[str, Any]:
    """As the command line and the API write it; see `Changed.as_dict`."""
    return {**found.as_dict(), "changed": [one.as_dict(sees_it=sees_it) for one in shown]}


@dataclass(frozen=True, slots=True)
class _Pair:
    """What the present version and the one before found in the same verbatims."""

    log: Log
    workspace: str

    def clauses(self, language: str) -> lang.Expression:
        """Clauses that both cut alike, with what each read them as."""
        now, before = self._now(language), self._before()
        earlier = before.select(
            "seq", "starts", "ends", **{f"{name}_before": before[name] for name in BYS}
        )
        return now.select("seq", "occurred_at", "text", "customer", "starts", "ends", *BYS).join(
            earlier, ["seq", "starts", "ends"]
        )

    def sizes(self, language: str) -> dict[str, int]:
        """How many verbatims both read, and how many clauses each found in them."""
        now, before = self._now(language), self._before()
        here = now.semi_join(before, "seq")
        there = before.semi_join(now, "seq")
        (said,) = self._rows(here.aggregate(both=here.seq.nunique(), now=here.count()))
        (was,) = self._rows(there.aggregate(before=there.count()))
        return {**said, **was}

    def earlier(self) -> str:
        """The version before; blank where nothing of one is kept."""
        before = self._before()
        (row,) = self._rows(before.aggregate(code=before.read_by.max()))
        found = self.log.words(self.workspace, "read_by").get(row["code"], "")
        # Where a change was taken back, what is kept goes with the first text that is read.
        return "" if found == keeping.version(self.workspace) else found

    def _before(self) -> lang.Expression:
        return lang.table(self.log.schema(self.workspace), "earlier_clauses")

    def _now(self, language: str) -> lang.Expression:
        """What the present version found: not what stands until a text's turn comes."""
        clauses = lang.table(self.log.schema(self.workspace), "clauses")
        reads = self._code("read_by", keeping.version(self.workspace))
        kept = [clauses.read_by == reads]
        if language:
            kept.append(clauses.language == self._code("language", language))
        return clauses.filter(*kept)

    def _code(self, domain: str, word: str) -> int:
        words = self.log.words(self.workspace, domain)
        return next((code for code, held in words.items() if held == word), _NONE)

    def _rows(self, query: lang.Expression) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.log.execute(self.workspace, query).to_pylist()
        return rows


def _known(code: lang.Value) -> lang.Value:
    return lang.coalesce(code, lang.literal(_NONE))


@dataclass(frozen=True, slots=True)
class _Side:
    """What one version read things as: of each thing, clauses, customers and Σ N_c²."""

    clauses: NDArray[np.float64]
    customers: NDArray[np.float64]
    squares: NDArray[np.float64]

    def said(self, thing: int) -> Said:
        return Said(int(self.clauses[thing]), int(self.customers[thing]))


def _counted(
    held: Mapping[str, NDArray[np.int64]], words: Mapping[int, str | None], *, minimum: int
) -> tuple[tuple[Group, ...], tuple[Move, ...], Estimate | None]:
    """Groups, moves and what is read as before, from clauses by customer, before and now."""
    clauses = held["clauses"].astype(float)
    if not len(clauses):
        return (), (), None
    things, at = np.unique(np.concatenate([held["before"], held["now"]]), return_inverse=True)
    k = len(things)
    before, now = at[: len(clauses)], at[len(clauses) :]
    _who, customer = np.unique(held["customer"], return_inverse=True)
    was, of_was = _side(customer, before, clauses, k)
    is_now, _of_now = _side(customer, now, clauses, k)
    moved = before * k + now

    def by_move(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return _sums(moved, values, k * k)

    num, from_ = by_move(clauses), np.arange(k * k) // k
    shares = proportion.estimates(
        Totals(
            n=was.clauses[from_],
            customers=was.customers[from_],
            num=num,
            den=was.clauses[from_],
            yy=num,
            den2=was.clauses[from_],
            tt=by_move(clauses**2),
            tn=by_move(clauses * of_was),
            nn=was.squares[from_],
        )
    )
    customers = np.bincount(moved, minlength=k * k)

    def share(cell: int) -> Estimate | None:
        return shares[cell] if was.customers[cell // k] >= minimum else None

    names = [words.get(int(code)) for code in things]

    def said(cell: int) -> Said:
        return Said(int(num[cell]), int(customers[cell]))

    groups = [
        Group(names[n], was.said(n), is_now.said(n), said(n * (k + 1)), share(n * (k + 1)))
        for n in range(k)
    ]
    moves = [
        Move(names[n // k], names[n % k], said(n), share(n))
        for n in np.flatnonzero(num).tolist()
        if n // k != n % k
    ]
    groups.sort(key=lambda one: (-max(one.before.clauses, one.now.clauses), one.name or ""))
    moves.sort(key=lambda one: (-one.said.clauses, one.before or "", one.now or ""))
    return tuple(groups), tuple(moves), _same(customer, before == now, clauses, minimum=minimum)


def _sums(
    place: NDArray[np.int64], values: NDArray[np.float64], places: int
) -> NDArray[np.float64]:
    made: NDArray[np.float64] = np.bincount(place, values, places).astype(float)
    return made


def _side(
    customer: NDArray[np.int64], thing: NDArray[np.int64], clauses: NDArray[np.float64], k: int
) -> tuple[_Side, NDArray[np.float64]]:
    """What was read as each thing, and of each row how many clauses of its customer and thing."""
    held, at = np.unique(customer * k + thing, return_inverse=True)
    of_customer = _sums(at, clauses, len(held))
    things = held % k
    side = _Side(
        _sums(things, of_customer, k),
        np.bincount(things, minlength=k).astype(float),
        _sums(things, of_customer**2, k),
    )
    return side, of_customer[at]


def _same(
    customer: NDArray[np.int64],
    is_same: NDArray[np.bool_],
    clauses: NDArray[np.float64],
    *,
    minimum: int,
) -> Estimate | None:
    every = np.bincount(customer, weights=clauses)
    if len(every) < minimum:
        return None
    same = np.bincount(customer, weights=clauses * is_same)
    num, den = float(same.sum()), float(every.sum())
    return proportion.estimate(
        Totals(
            n=den, customers=float(len(every)), num=num, den=den, yy=num, den2=den,
            tt=float((same**2).sum()), tn=float((same * every).sum()),
            nn=float((every**2).sum()),
        )
    )  # fmt: skip


def _said(one: Said) -> dict[str, int]:
    return {"clauses": one.clauses, "customers": one.customers}


def _read(one: Read) -> dict[str, str | None]:
    return {"aspect": one.aspect, "polarity": one.polarity, "language": one.language}
