"""A report as PDF: A4, tagged for readers of screens, numbered, English or Chinese.

The layout is ``report.typ``. What a report says goes there as data and is never read as markup.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

import typst

from zhiyin.charts.markup import FILE
from zhiyin.kernel.text import _, in_language
from zhiyin.reports import content, drawing, written
from zhiyin.reports.marks import Part

LAYOUT = Path(__file__).with_name("report.typ")
FONTS = Path(__file__).with_name("fonts")
"""Filled when the package is built; see ``package.json``."""

FAMILY = "Noto Sans SC"
STANDARD: Final = "ua-1"
"""PDF/UA: every part is tagged, pictures have words, headings skip no level."""

_LEVELS = {"heading": 2, "subheading": 3}


def pdf(made: content.Content) -> bytes:
    """The report as a PDF."""
    with in_language(made.language):
        said = json.dumps(_document(made), ensure_ascii=False)
    printed = typst.compile(
        LAYOUT,
        root=LAYOUT.parent,
        format="pdf",
        font_paths=fonts(),
        sys_inputs={"report": said},
        pdf_standards=STANDARD,
    )
    if not isinstance(printed, bytes):
        raise TypeError("a PDF is one file")
    return printed


@cache
def fonts() -> typst.Fonts:
    """The fonts of the package; the machine's own where a source tree was not built."""
    own = sorted(FONTS.glob("*.ttf"))
    return typst.Fonts(
        include_system_fonts=not own,
        include_embedded_fonts=False,
        font_paths=[FONTS] if own else [],
    )


def has_chinese() -> bool:
    """Whether a font for Chinese is there."""
    return any("CJK" in family or family.endswith(" SC") for family in fonts().families())


def _document(made: content.Content) -> dict[str, Any]:
    """What the layout is given: words alone, in their order."""
    blocks: list[dict[str, Any]] = []
    level = 1
    for block in made.blocks:
        for one in _blocks(block):
            if "level" in one:
                # A heading goes at most one level deeper than the one before.
                one["level"] = level = min(one["level"], level + 1)
            blocks.append(one)
    about = [made.workspace, made.scope, str(_("as of {at}", at=made.as_of))]
    return {
        "lang": "zh" if made.language == "zh-hans" else "en",
        "region": "cn" if made.language == "zh-hans" else "us",
        "family": FAMILY,
        "title": made.title,
        "about": " · ".join(part for part in about if part),
        "note": erased(made),
        "blocks": blocks,
        "methods_title": str(_("Methods")),
        "methods": [
            {"title": figure.title, "foot": figure.foot, "lines": list(figure.methods)}
            for figure in made.figures
        ],
    }


def erased(made: content.Content) -> str:
    """What a report says of verbatims that were taken out of it; blank where none was."""
    if not made.erased:
        return ""
    return str(
        _("{count} customers' words were taken out after this was published, since those who said"
          " them were erased.", count=made.erased)
    )  # fmt: skip


def _blocks(block: content.Block) -> list[dict[str, Any]]:
    if isinstance(block, content.Break):
        return [{"kind": "break"}]
    if isinstance(block, content.Words):
        return [_part(part) for part in block.parts]
    if isinstance(block, content.Said):
        return [{"kind": "said", "quotes": [_quote(quote) for quote in block.quotes]}]
    head = {"kind": "heading", "level": 2, "text": block.title}
    if isinstance(block, content.Fault):
        return [head, {"kind": "fault", "text": f"{block.message} {block.hint}".strip()}]
    return [head, _figure(block)]


def _part(part: Part) -> dict[str, Any]:
    if part.form in _LEVELS:
        return {"kind": "heading", "level": _LEVELS[part.form], "text": part.text}
    runs = [{"text": run.text, "strong": run.is_strong} for run in part.runs]
    return {"kind": part.form, "runs": runs}


def _quote(quote: content.Quote) -> dict[str, str]:
    said = {"text": quote.text, "about": quote.about, "gone": ""}
    return {**said, "gone": str(written.GONE[quote.gone])} if quote.gone else said


def _figure(figure: content.Figure) -> dict[str, Any]:
    names = written.columns(figure)
    rows = [(written.cells(figure, row, list(names)), row.tone) for row in figure.rows]
    return {
        "kind": "figure",
        "show": figure.show,
        "chart": drawing.chart(figure, FILE) if figure.show == "chart" else "",
        "chart_says": drawing.says(figure),
        "asks": figure.asks,
        "value": written.value(figure, figure.total),
        "beside": written.headline(figure),
        "columns": list(names.values()),
        "right": [name in written.RIGHT for name in names],
        "difference": list(names).index("difference") if "difference" in names else -1,
        "rows": [{"cells": cells, "tone": tone} for cells, tone in rows],
        "total": written.total(figure, list(names)) if written.has_total(figure) else [],
        "foot": figure.foot,
    }
