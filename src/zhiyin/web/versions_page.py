"""Two versions of a reading side by side: what the address asks and the page shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import pyarrow as pa

from zhiyin.accounts.workspaces import Settings
from zhiyin.collect.exports.rows import Rows, rows_of
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _
from zhiyin.listen import subjects, versions
from zhiyin.listen.searching import Piece, pieces_of
from zhiyin.listen.versions import NO_ASPECT, By, Changed, Group, Move, Read, Versions
from zhiyin.listen.words import LANGUAGES, POLARITIES
from zhiyin.measure import asking
from zhiyin.warehouse.log import Log
from zhiyin.web.menus import Choice, menu

FIELDS = ("by", "language", "before", "now")
MOST = 30
"""Moves on a page; all are in the file."""
EXAMPLES = 20

BYS: dict[str, Text] = {
    "aspect": _("aspect"),
    "polarity": _("polarity"),
    "language": _("language"),
}


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One thing that clauses are read as, by its name."""

    group: Group
    name: str


@dataclass(frozen=True, slots=True)
class MoveRow:
    """One move, by the names of its ends, and the address of its examples."""

    move: Move
    before: str
    now: str
    query: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Example:
    """A clause that is not read as it was, in its text, and how it was read and is."""

    changed: Changed
    pieces: tuple[Piece, ...]
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class Page:
    """All that the page shows. With a `problem` there are menus and nothing else."""

    given: Mapping[str, str]
    menus: Mapping[str, tuple[Choice, ...]]
    found: Versions | None = None
    groups: tuple[GroupRow, ...] = ()
    moves: tuple[MoveRow, ...] = ()
    left_out: int = 0
    examples: tuple[Example, ...] = ()
    query: str = ""
    problem: Problem | None = None

    @property
    def is_asked(self) -> bool:
        """Whether anything but the usual is asked."""
        return self.given["by"] != "aspect" or bool(self.given["language"])

    @property
    def chosen(self) -> MoveRow | None:
        """The move whose examples are shown; None: those of all."""
        return next((one for one in self.moves if one.is_chosen), None)


def build(
    log: Log, settings: Settings, query: Mapping[str, str], *, sees_it: bool, sees_rows: bool
) -> Page:
    """The page for what the query string asks; a mistake in it is shown in its place.

    Args:
        sees_it: whether the reader sees personal data; else it is masked.
        sees_rows: whether she may read what single customers said; else the figures alone.
    """
    by, language = _chosen(query)
    given = {name: query.get(name, "").strip() for name in FIELDS} | {"by": by}
    codes = sorted(log.words(settings.slug, "language").values())
    languages = {"": _("all languages")} | {one: LANGUAGES.get(one, one) for one in codes}
    page = Page(
        given,
        {"by": menu(by, BYS), "language": menu(language, languages)},
    )
    try:
        move = versions.move_of(given["before"], given["now"])
    except Problem as problem:
        return replace(page, problem=problem)
    found = versions.compare(log, settings, by, language=language)
    names = _Names(subjects.named(settings.slug))
    shown = (
        versions.changed(log, settings, by, language=language, move=move, limit=EXAMPLES)
        if sees_rows
        else []
    )
    moves = tuple(_move(one, by, names, given) for one in found.moves)
    return replace(
        page,
        found=found,
        groups=tuple(GroupRow(one, names.of(by, one.name)) for one in found.groups),
        moves=tuple(one for at, one in enumerate(moves) if at < MOST or one.is_chosen),
        left_out=max(0, len(moves) - MOST),
        examples=tuple(
            Example(
                one,
                tuple(pieces_of(one.text, [one], sees_it=sees_it)),
                names.read(one.before, by),
                names.read(one.now, by),
            )
            for one in shown
        ),
        query=asking.query_of({name: given[name] for name in ("by", "language")}),
    )


def table(found: Versions) -> Rows:
    """Every pair of what a clause was read as and is, as a file; shares are not rounded.

    Where the two are the same it is what stayed.
    """
    columns: dict[str, pa.DataType] = {
        **dict.fromkeys(("by", "before", "now"), pa.string()),
        **dict.fromkeys(("clauses", "customers"), pa.int64()),
        **dict.fromkeys(("share", "share_low", "share_high"), pa.float64()),
        **dict.fromkeys(("n", "n_customers"), pa.int64()),
    }
    sizes = {one.name: one.before for one in found.groups}
    stayed = [Move(one.name, one.name, one.kept, one.stayed) for one in found.groups]
    return rows_of(
        columns,
        [
            {
                "by": found.by,
                "before": one.before,
                "now": one.now,
                "clauses": one.said.clauses,
                "customers": one.said.customers,
                "share": one.share.value if one.share else None,
                "share_low": one.share.low if one.share else None,
                "share_high": one.share.high if one.share else None,
                "n": sizes[one.before].clauses,
                "n_customers": sizes[one.before].customers,
            }
            for one in (*stayed, *found.moves)
        ],
    )


def compared(log: Log, settings: Settings, query: Mapping[str, str]) -> Versions:
    """What the file of an address holds."""
    by, language = _chosen(query)
    return versions.compare(log, settings, by, language=language)


def _chosen(query: Mapping[str, str]) -> tuple[By, str]:
    by = query.get("by", "")
    return cast("By", by if by in BYS else "aspect"), query.get("language", "").strip()


@dataclass(frozen=True, slots=True)
class _Names:
    """What aspects are called, beside polarities and languages."""

    aspects: Mapping[str, str]

    def of(self, by: By, name: str | None) -> str:
        if name is None:
            return str(_("about no single thing"))
        known: Mapping[str, Any] = {
            "aspect": self.aspects,
            "polarity": POLARITIES,
            "language": LANGUAGES,
        }[by]
        return str(known.get(name, name))

    def read(self, one: Read, by: By) -> str:
        said = f"{self.of('aspect', one.aspect)} · {self.of('polarity', one.polarity)}"
        return f"{said} · {self.of(by, one.language)}" if by == "language" else said


def _move(one: Move, by: By, names: _Names, given: Mapping[str, str]) -> MoveRow:
    ends = {"before": one.before or NO_ASPECT, "now": one.now or NO_ASPECT}
    return MoveRow(
        one,
        names.of(by, one.before),
        names.of(by, one.now),
        asking.query_of({**given, **ends}),
        all(given[name] == word for name, word in ends.items()),
    )
