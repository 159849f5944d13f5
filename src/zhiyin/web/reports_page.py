"""The pages of *Reports* 报告: a report's content as a page shows it, in the report's language."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.safestring import mark_safe

from zhiyin.accounts.workspaces import Settings
from zhiyin.charts.markup import PAGE
from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _, in_language
from zhiyin.measure import asking
from zhiyin.measure.words import COLUMNS, KINDS
from zhiyin.reports import blocks, content, drawing, journeys, making, questions, written
from zhiyin.reports.printing import erased
from zhiyin.warehouse.log import Log
from zhiyin.web import personal

WIDE = frozenset({"n", "customers", "reference", "difference_interval", "flags"})
"""Columns that a phone has no room for; the PDF has them."""

TONES = {"better": "good", "worse": "bad", "": "mid"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a figure's table."""

    label: str
    kind: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a figure's table.

    Args:
        kind: the classes of its column.
        tone: of a difference; blank elsewhere.
    """

    text: str
    kind: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A block as the page shows it; what it has none of is blank."""

    kind: str
    block: content.Block
    chart: str = ""
    value: str = ""
    beside: str = ""
    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    total: tuple[Cell, ...] = ()
    quotes: tuple[tuple[content.Quote, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A report's content.

    Args:
        lang: of the report, as HTML names it.
        note: what was taken out of it.
    """

    content: content.Content
    lang: str
    note: str
    blocks: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Edited:
    """A block as it is edited.

    Args:
        says: what it is, in words.
        problem: why its figure cannot be asked.
        quotes: its verbatims.
    """

    block: blocks.Block
    kind: str
    says: str
    problem: Problem | None = None
    quotes: tuple[content.Quote, ...] = ()


def page(made: content.Content) -> Page:
    """A report as it is read."""
    with in_language(made.language):
        return Page(
            content=made,
            lang="zh-CN" if made.language == "zh-hans" else "en",
            note=erased(made),
            blocks=tuple(_shown(block) for block in made.blocks),
        )


def _shown(block: content.Block) -> Shown:
    kind = str(type(block).__struct_config__.tag)
    if isinstance(block, content.Said):
        quotes = tuple(
            (one, str(written.GONE[one.gone]) if one.gone else "") for one in block.quotes
        )
        return Shown(kind, block, quotes=quotes)
    if not isinstance(block, content.Figure):
        return Shown(kind, block)
    if block.show == "number":
        value, beside = written.value(block, block.total), written.headline(block)
        return Shown(kind, block, value=value, beside=beside)
    names = written.columns(block)
    kinds = {name: _classes(name) for name in names}
    listed = list(names)
    return Shown(
        kind,
        block,
        chart=mark_safe(drawing.chart(block, PAGE)) if block.show == "chart" else "",  # noqa: S308 - charts escape
        columns=tuple(Column(label, kinds[name]) for name, label in names.items()),
        rows=tuple(
            _cells(written.cells(block, row, listed), kinds, TONES[row.tone]) for row in block.rows
        ),
        total=_cells(written.total(block, listed), kinds, "mid")
        if written.has_total(block)
        else (),
    )


def _classes(name: str) -> str:
    return " ".join(
        word
        for word, holds in (("r nw", name in written.RIGHT), ("only-wide", name in WIDE))
        if holds
    )


def _cells(texts: list[str], kinds: dict[str, str], tone: str) -> tuple[Cell, ...]:
    return tuple(
        Cell(text, kind, tone if name == "difference" else "")
        for text, (name, kind) in zip(texts, kinds.items(), strict=True)
    )


def masked(quote: content.Quote, sees_it: bool) -> content.Quote:
    """Customers' words as this reader may read them."""
    text = personal.words(quote.text, sees_it=sees_it)
    return content.Quote(quote.row, quote.key, text, quote.about, quote.gone)


# Edited


def edited(
    given: blocks.Blocks, quotes: dict[int, content.Quote], log: Log, settings: Settings
) -> tuple[Edited, ...]:
    """The blocks of a report as they are edited.

    Args:
        quotes: of its verbatims, those that this reader may read, by row.
    """
    return tuple(_edited(block, quotes, log, settings) for block in given)


def _edited(
    block: blocks.Block, quotes: dict[int, content.Quote], log: Log, settings: Settings
) -> Edited:
    kind = blocks.kind_of(block)
    label = str(blocks.KINDS[kind])
    if isinstance(block, blocks.Said):
        held = tuple(
            quotes.get(row) or content.Quote(row, 0, "", "", gone="missing") for row in block.rows
        )
        return Edited(block, kind, label, quotes=held)
    if not isinstance(block, blocks.Figure):
        return Edited(block, kind, label)
    try:
        named = questions.Named(block.page, block.query)
        return Edited(block, kind, sentence(named, log, settings))
    except Problem as problem:
        return Edited(block, kind, label, problem)


def sentence(figure: questions.Named, log: Log, settings: Settings) -> str:
    """What a figure asks, in one line: measure, groups, dates, filter, what it is compared with.

    Raises:
        Problem: as `questions.read`.
    """
    now = clock.now()
    if figure.page != blocks.SCORES:
        return journeys.sentence(journeys.read(figure.page, figure.query, settings, now))
    asked = questions.read(figure.query, log, settings, now)
    request, given = asked.request, asked.given
    said = [str(asked.metric.label)]
    said += [str(_("by {column}", column=COLUMNS.get(name, name))) for name in request.by]
    if request.every:
        said.append(str(asking.EVERY[request.every]))
    if asked.rolling:
        said.append(str(_("of the last {n} days", n=asked.rolling)))
    said += [str(KINDS.get(request.kind, request.kind))] if request.kind else []
    said += request.questions
    if given["period"] in asking.PRESETS:
        said.append(str(asking.PRESETS[given["period"]]))
    elif given["from"] or given["until"]:
        said.append(f"{given['from'] or '…'} – {given['until'] or '…'}")
    if asked.against is not None or asked.pair is not None:
        reference = making.against_words(asked)
        said.append(str(_("compared with {reference}", reference=reference)))
    if request.where:
        said.append(str(request.where))
    return " · ".join(said)
