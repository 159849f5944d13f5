"""The page *Voice* 客户之声: aspects by touchpoint, and what customers said, clause by clause.

All that is chosen stands in the query string; each figure leads to the verbatims behind it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from zhiyin.accounts.workspaces import Settings
from zhiyin.collect import tail
from zhiyin.collect.sources import voices
from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Compare, Filter, both, parse, write_node
from zhiyin.kernel.text import _
from zhiyin.listen import keeping, subjects
from zhiyin.listen.keeping import State
from zhiyin.listen.searching import Heard, Part, Piece, Search, Wanted, pieces_of
from zhiyin.listen.words import MARKS, POLARITIES
from zhiyin.measure import asking, comparisons
from zhiyin.measure.asking import PRESETS
from zhiyin.measure.comparisons import Comparison, Comparisons
from zhiyin.measure.requests import ScoreRequest
from zhiyin.warehouse.log import Log
from zhiyin.warehouse.tables import DIMENSION_PREFIX
from zhiyin.web import personal
from zhiyin.web.menus import Choice, menu

ROWS = 20
MOST_ASPECTS = 14
MOST_TOUCHPOINTS = 10
FIELDS = (
    "period", "from", "until", "text", "by", "aspect", "touchpoint", "polarity", voices.DIMENSION,
    "where",
)  # fmt: skip

MEANING = "meaning"
"""How *by* says that what is looked for is a meaning, not words."""

Tone = Literal["bad", "good", "mid", "few"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One aspect at one touchpoint.

    Args:
        share: of the touchpoint's clauses in cells that are shown; None where this one is not.
            Of all its clauses it would tell what is withheld.
        tone: ``bad`` or ``good`` where it differs from the rest after control of false discoveries.
        query: of the address of the verbatims behind it.
    """

    found: Comparison
    share: float | None
    tone: Tone
    query: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Heat:
    """Net sentiment by aspect and touchpoint; the aspects and touchpoints most spoken of.

    Args:
        rows: aspects with a cell, or None, for each of `columns`.
        left_out: how many aspects and touchpoints are not on the page.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell | None, ...]], ...]
    left_out: int
    compared: Comparisons


@dataclass(frozen=True, slots=True)
class Line:
    """One verbatim, in pieces, with what its clauses say in words."""

    heard: Heard
    pieces: tuple[Piece, ...]
    says: tuple[tuple[str, str], ...]
    customer_id: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """All that the page shows. With a `problem` there are menus and nothing else."""

    given: Mapping[str, str]
    menus: Mapping[str, tuple[Choice, ...]]
    state: State
    problem: Problem | None = None
    heat: Heat | None = None
    lines: tuple[Line, ...] = ()
    n: int = 0
    customers: int = 0
    older: str = ""
    is_first: bool = True
    query: str = ""

    @property
    def is_asked(self) -> bool:
        """Whether anything narrows the list."""
        return any(word for name, word in self.given.items() if name != "by")

    @property
    def is_by_meaning(self) -> bool:
        """Whether what is looked for is a meaning."""
        return bool(self.given["text"]) and self.given["by"] == MEANING

    @property
    def is_catching_up(self) -> bool:
        """Whether some texts are not read yet, or were read by an earlier version."""
        return self.state.up_to_date < self.state.verbatims


def build(
    log: Log, settings: Settings, query: Mapping[str, str], *, sees_it: bool, sees_rows: bool
) -> Page:
    """The page for what the query string asks; a mistake in it is shown in its place.

    Args:
        sees_it: whether the reader sees personal data; else she neither filters by it nor
            searches what was written.
        sees_rows: whether she may read what single customers said; else the figures alone.
    """
    given = given_of(query)
    names = subjects.named(settings.slug)
    page = Page(given, _menus(log, settings, given, names), keeping.state(log, settings.slug))
    try:
        wanted = wanted_of(given, settings, sees_it=sees_it)
        start, end = wanted.start, wanted.end
        # The table is that of all aspects and touchpoints, whichever cell of it is chosen.
        outside = _where({**given, "aspect": "", "touchpoint": "", "polarity": ""})
        request = ScoreRequest(
            "sentiment", by=("aspect", "touchpoint"), start=start, end=end, where=outside
        )
        heat = _heat(comparisons.compare(log, settings, request), names, given)
        page = replace(
            page,
            heat=heat,
            query=asking.query_of(given),
        )
        if not sees_rows:
            return page
        search = Search(log, settings, wanted)
        place = query.get("after", "")
        found = search.page(limit=ROWS + 1, after=place)
        n, customers = search.count()
    except Problem as problem:
        return replace(page, problem=problem)
    shown = found[:ROWS]
    ids = tail.ids_of(log, settings.slug, (one.customer for one in shown))
    older = ""
    if len(found) > ROWS:
        older = asking.query_of(given, after=shown[-1].place)
    return replace(
        page,
        lines=tuple(
            Line(
                one,
                tuple(pieces_of(one.text, one.clauses, wanted.words, sees_it=sees_it)),
                _says(one.clauses, names),
                ids.get(one.customer),
            )
            for one in shown
        ),
        n=n,
        customers=customers,
        older=older,
        is_first=not place,
    )


def wanted_of(given: Mapping[str, str], settings: Settings, *, sees_it: bool) -> Wanted:
    """Which verbatims an address asks for.

    Raises:
        Problem: a mistake in it, or something that the reader may not ask.
    """
    where = _where(given)
    personal.check_facts(where.columns() if where else (), sees_it=sees_it)
    personal.check_search(given["text"], sees_it=sees_it)
    start, end = asking.dates(given, settings, clock.now())
    words, like = (given["text"], "") if given["by"] != MEANING else ("", given["text"])
    return Wanted(words, like, where, start, end)


def given_of(query: Mapping[str, str]) -> dict[str, str]:
    """What an address says, blank where it says nothing."""
    return {name: query.get(name, "").strip() for name in FIELDS}


def _where(given: Mapping[str, str]) -> Filter | None:
    """What must hold of a clause.

    Raises:
        Problem: a filter that cannot be read.
    """
    found = parse(given["where"]) if given["where"] else None
    for name in ("aspect", "touchpoint", "polarity", voices.DIMENSION):
        if given[name]:
            node = Compare(name, "=", given[name])
            found = both(found, Filter(node, write_node(node)))
    return found


def _menus(
    log: Log, settings: Settings, given: Mapping[str, str], names: Mapping[str, str]
) -> dict[str, tuple[Choice, ...]]:
    aspects = sorted(
        log.words(settings.slug, "aspect").values(), key=lambda one: names.get(one, one)
    )
    touchpoints = sorted(log.words(settings.slug, "touchpoint").values())
    kinds = log.words(settings.slug, DIMENSION_PREFIX + voices.DIMENSION).values()
    known = {one: voices.called(one) for one in kinds}
    return {
        "period": menu(given["period"], {"": _("dates of your own"), **PRESETS}),
        "aspect": menu(
            given["aspect"], {"": _("all aspects")} | {one: names.get(one, one) for one in aspects}
        ),
        "touchpoint": menu(
            given["touchpoint"], {"": _("all touchpoints")} | {one: one for one in touchpoints}
        ),
        "by": menu(given["by"], {"": _("by its words"), MEANING: _("by its meaning")}),
        "polarity": menu(given["polarity"], {"": _("praise and blame"), **POLARITIES}),
        # None where nothing says of which kind it is.
        "kind": menu(given[voices.DIMENSION], {"": _("everything"), **known}) if known else (),
    }


def _heat(compared: Comparisons, names: Mapping[str, str], given: Mapping[str, str]) -> Heat | None:
    """The table, the most spoken of first; None where nothing of it can be shown."""
    cells = {
        (str(one.group["aspect"]), str(one.group["touchpoint"])): one
        for one in compared.rows
        if one.group["aspect"] is not None and one.group["touchpoint"] is not None
    }
    whole: Counter[str] = Counter()
    for one in compared.rows:
        if one.group["touchpoint"] is not None:
            whole[str(one.group["touchpoint"])] += one.n or 0
    spoken: Counter[str] = Counter()
    for (aspect, _touchpoint), one in cells.items():
        spoken[aspect] += one.n or 0
    aspects = [aspect for aspect, n in spoken.most_common() if n]
    touchpoints = [touchpoint for touchpoint, n in whole.most_common() if n]
    if not aspects or not touchpoints:
        return None
    columns = touchpoints[:MOST_TOUCHPOINTS]

    def cell(aspect: str, touchpoint: str) -> Cell | None:
        one = cells.get((aspect, touchpoint))
        if one is None:
            return None
        chosen = {"aspect": aspect, "touchpoint": touchpoint}
        return Cell(
            one,
            None if one.n is None else one.n / whole[touchpoint],
            _tone(one),
            asking.query_of({**given, **chosen}),
            all(given[name] == word for name, word in chosen.items()),
        )

    rows = tuple(
        (names.get(aspect, aspect), tuple(cell(aspect, touchpoint) for touchpoint in columns))
        for aspect in aspects[:MOST_ASPECTS]
    )
    left_out = len(aspects) - len(rows) + len(touchpoints) - len(columns)
    return Heat(tuple(columns), rows, left_out, compared)


def _tone(one: Comparison) -> Tone:
    if one.value is None:
        return "few"
    if not one.marked or one.difference is None:
        return "mid"
    return "good" if one.difference > 0 else "bad"


def _says(clauses: Sequence[Part], names: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """What clauses say, each once: the words, and their tone."""
    signs = {"negative": ("−", "bad"), "positive": ("+", "good"), "mixed": ("±", "")}
    found: dict[str, str] = {}
    for one in clauses:
        sign, tone = signs.get(one.polarity, ("", ""))
        if one.aspect is not None:
            found.setdefault(f"{names.get(one.aspect, one.aspect)} {sign}".strip(), tone)
    for one in clauses:
        for mark in (one.emotion, one.intent, one.effort, one.urgency):
            if mark in MARKS:
                found.setdefault(str(MARKS[mark]), "")
    return tuple(found.items())
