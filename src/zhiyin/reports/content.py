"""What a report says when it is made: values, words and what they rest on, in its language.

This is what is frozen when a report is published: pages, PDF and slides are drawn from it and
from nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import Any, Literal

import msgspec

from zhiyin.kernel import masking
from zhiyin.reports import marks
from zhiyin.reports.blocks import SCORES, Show

Tone = Literal["better", "worse", ""]
Gone = Literal["erased", "missing", ""]


class Cell(msgspec.Struct, frozen=True):
    """One figure: of a group, in a period, or of all; None where it is not shown.

    Args:
        why: why there is no value, in words.
        is_final: False while its period runs, or answers are still to come.
        reference: what it is compared with; `difference` and its interval follow.
        tone: ``better`` or ``worse`` where the difference is more than chance.
    """

    name: str
    period: str | None
    value: float | None
    low: float | None
    high: float | None
    n: int | None
    customers: int | None
    why: str = ""
    flags: tuple[str, ...] = ()
    is_final: bool = True
    reference: float | None = None
    difference: float | None = None
    difference_low: float | None = None
    difference_high: float | None = None
    tone: Tone = ""


class Figure(msgspec.Struct, frozen=True, tag="figure"):
    """A measure, or a question about journeys, as it was found.

    Args:
        asks: the question that it answers.
        by: the name of the column of its groups; blank where there are none.
        against: what it is compared with, in words; blank where it is not.
        start: first local day, and `end`, the day after the last; blank where there is none.
        foot: base, dates, wording, weighting, method and as-of, in one line.
        methods: terms and texts.
        query: with `start` and `end` what was asked.
        metric: blank where it is no measure, with `version` 0.
        version: of the measure's definition.
        page: which page it is of; see `zhiyin.reports.blocks`.
        has_total: whether `total` is more than one of the rows.
        periods: of a series, in order; one without answers has no row. Blank in what was published
            before they were kept.
        read_by: which version read the words that it counts; blank where it counts none.
    """

    id: str
    title: str
    asks: str
    show: Show
    metric: str
    version: int
    query: str
    unit: str
    by: str
    against: str
    start: str
    end: str
    rows: tuple[Cell, ...]
    total: Cell
    foot: str
    methods: tuple[tuple[str, str], ...]
    periods: tuple[str, ...] = ()
    page: str = SCORES
    has_total: bool = True
    read_by: str = ""

    @property
    def is_series(self) -> bool:
        """Whether its rows are periods."""
        return any(row.period is not None for row in self.rows)


class Fault(msgspec.Struct, frozen=True, tag="fault"):
    """A figure that could not be made, and why."""

    id: str
    title: str
    message: str
    hint: str


class Quote(msgspec.Struct, frozen=True):
    """One verbatim.

    Args:
        row: its place in the log's order of arrival.
        key: the log's key of the id that said it; 0 where nobody did. It is never shown.
        about: where and when it was said, in words.
        gone: why it says nothing any more: its customer was ``erased``, or it was ``missing`` when
            the report was made: kept no longer, taken back, or outside of what its readers see.
    """

    row: int
    key: int
    text: str
    about: str
    gone: Gone = ""


class Said(msgspec.Struct, frozen=True, tag="said"):
    """Verbatims."""

    id: str
    quotes: tuple[Quote, ...]


class Words(msgspec.Struct, frozen=True, tag="words"):
    """Own words, with their marks read."""

    id: str
    parts: tuple[marks.Part, ...]


class Break(msgspec.Struct, frozen=True, tag="break"):
    """A new page."""

    id: str


Block = Figure | Fault | Said | Words | Break


class Content(msgspec.Struct, frozen=True):
    """A whole report.

    Args:
        workspace: its name.
        scope: which part of the workspace it is about, in words; blank: all of it.
        as_of: what the log knew then, as it is written.
    """

    title: str
    language: str
    workspace: str
    scope: str
    as_of: str
    blocks: tuple[Block, ...]

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Its figures, in order."""
        return tuple(block for block in self.blocks if isinstance(block, Figure))

    @property
    def erased(self) -> int:
        """How many verbatims were taken out of it, since their customers were erased."""
        return sum(quote.gone == "erased" for quote in self.quotes())

    def quotes(self) -> Iterable[Quote]:
        """Its verbatims, in order."""
        for block in self.blocks:
            if isinstance(block, Said):
                yield from block.quotes

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it: without keys of the log."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        for block in found["blocks"]:
            for quote in block.get("quotes", ()):
                del quote["key"]
        return found


def read(stored: Any) -> Content:
    """Content as the store keeps it."""
    return msgspec.convert(stored, Content)


def write(content: Content) -> dict[str, Any]:
    """Content as the store keeps it."""
    found: dict[str, Any] = msgspec.to_builtins(content)
    return found


def without(content: Content, rows: Set[int]) -> Content:
    """The same without the verbatims of these rows, which were erased."""
    blocks = tuple(
        msgspec.structs.replace(
            block, quotes=tuple(erased(one) if one.row in rows else one for one in block.quotes)
        )
        if isinstance(block, Said)
        else block
        for block in content.blocks
    )
    return msgspec.structs.replace(content, blocks=blocks)


def erased(quote: Quote) -> Quote:
    """What is left of a verbatim whose customer was erased."""
    return Quote(quote.row, 0, "", "", gone="erased")


def masked(content: Content) -> Content:
    """The same for readers who may not see who customers are."""
    blocks = tuple(_masked(block) for block in content.blocks)
    return msgspec.structs.replace(content, blocks=blocks)


def _masked(block: Block) -> Block:
    hide, put = masking.in_text, msgspec.structs.replace
    if isinstance(block, Said):
        return put(block, quotes=tuple(put(one, text=hide(one.text)) for one in block.quotes))
    if isinstance(block, Words):
        parts = tuple(
            put(part, runs=tuple(put(run, text=hide(run.text)) for run in part.runs))
            for part in block.parts
        )
        return put(block, parts=parts)
    if isinstance(block, Figure):
        return put(block, rows=tuple(put(row, name=hide(row.name)) for row in block.rows))
    return block
