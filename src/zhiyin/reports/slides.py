"""A report as slides: a figure a slide, its chart native and editable, its methods in the notes.

Intervals are error bars of their own size above and below each point. python-pptx knows none, so
their XML is written here, where the schema of charts (ECMA-376, 21.2.2.55) has its place.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_MARKER_STYLE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.slide import Slide
from pptx.util import Emu, Inches, Pt

from zhiyin.kernel.text import _, in_language
from zhiyin.reports import content, printing, written
from zhiyin.reports.marks import Part, Run

WIDE, HIGH = Inches(13.333), Inches(7.5)
EDGE = Inches(0.6)
INNER = Emu(WIDE - 2 * EDGE)

INK, INK_2, INK_3 = (RGBColor.from_string(one) for one in ("15181C", "474D56", "676E78"))
TONES = {
    "better": RGBColor.from_string("09566F"),
    "worse": RGBColor.from_string("96400F"),
    "": INK,
}
SERIES = tuple(RGBColor.from_string(one) for one in ("474D56", "2383A3", "C8692A", "8A8C90"))

MOST_POINTS = 40
"""More groups than these are in the table of the PDF; a slide shows the first, the worst."""

MOST_LINES = 8
"""So many lines of words or rows of a table are on a slide; the rest goes to the next."""

MOST_ROWS = 14


@dataclass(slots=True)
class Pages:
    """Slides on their way, in the report's order.

    Args:
        font: of text in Chinese; blank is the presentation's own.
        slide: the one that is open for words; None: the next words begin one.
        used: how many lines of words are on it.
    """

    made: Any
    font: str
    slide: Slide | None = None
    used: int = 0

    def begin(self, title: str) -> Slide:
        """A new slide with a title."""
        layout = self.made.slide_layouts.get_by_name("Title Only")
        self.slide = slide = self.made.slides.add_slide(layout)
        self.used = 0
        held = slide.shapes.title
        held.left, held.top, held.width, held.height = EDGE, Inches(0.35), INNER, Inches(0.9)
        held.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
        first = held.text_frame.paragraphs[0]
        first.alignment = PP_ALIGN.LEFT
        self.write(first, (Run(title, is_strong=True),), 28)
        return slide

    def words(self) -> Any:
        """The box of words of the slide that is open."""
        assert self.slide is not None  # noqa: S101 - whoever asks has begun one
        if self.used:
            return self.slide.shapes[-1].text_frame
        frame = self.slide.shapes.add_textbox(EDGE, Inches(1.5), INNER, Inches(5.4)).text_frame
        frame.word_wrap = True
        return frame

    def write(
        self, paragraph: Any, runs: Sequence[Run], size: float, colour: RGBColor = INK
    ) -> None:
        """Words into a paragraph."""
        for run in runs:
            one = paragraph.add_run()
            one.text = run.text
            one.font.size, one.font.bold, one.font.color.rgb = Pt(size), run.is_strong, colour
            if self.font:
                _set_font(one, self.font)

    def text(
        self, slide: Slide, words: str, top: int, high: int, size: float, colour: RGBColor = INK
    ) -> None:
        """A box of words across the slide."""
        frame = slide.shapes.add_textbox(EDGE, top, INNER, high).text_frame
        frame.word_wrap = True
        self.write(frame.paragraphs[0], (Run(words),), size, colour)


def pptx(made: content.Content) -> bytes:
    """The report as a presentation."""
    with in_language(made.language):
        pages = Pages(_presentation(made), "微软雅黑" if made.language == "zh-hans" else "")
        _cover(pages, made)
        for block in made.blocks:
            _put(pages, block)
        held = io.BytesIO()
        pages.made.save(held)
    return held.getvalue()


def _presentation(made: content.Content) -> Any:
    found = Presentation()
    found.slide_width, found.slide_height = WIDE, HIGH
    found.core_properties.title = made.title
    found.core_properties.author = "Zhiyin 知音"
    found.core_properties.language = "zh-CN" if made.language == "zh-hans" else "en-US"
    return found


def _cover(pages: Pages, made: content.Content) -> None:
    slide = pages.begin(made.title)
    held = slide.shapes.title
    held.top, held.height = Inches(2.4), Inches(1.4)
    about = [made.workspace, made.scope, str(_("as of {at}", at=made.as_of))]
    pages.text(slide, " · ".join(p for p in about if p), Inches(3.9), Inches(0.5), 16, INK_2)
    if note := printing.erased(made):
        pages.text(slide, note, Inches(4.6), Inches(0.8), 14, TONES["worse"])
    # What follows without a heading of its own begins a slide of the report's name.
    pages.slide = None


def _put(pages: Pages, block: content.Block) -> None:
    if isinstance(block, content.Break):
        pages.slide = None
    elif isinstance(block, content.Words):
        for part in block.parts:
            _put_part(pages, part)
    elif isinstance(block, content.Said):
        if pages.slide is None:
            pages.begin(str(_("In their words")))
        for quote in block.quotes:
            _put_quote(pages, quote)
    elif isinstance(block, content.Fault):
        slide = pages.begin(block.title)
        pages.text(slide, block.message, Inches(1.6), Inches(1), 18, TONES["worse"])
        pages.slide = None
    else:
        _put_figure(pages, block)
        pages.slide = None


# Words


def _put_part(pages: Pages, part: Part) -> None:
    if part.form == "heading":
        pages.begin(part.text)
        return
    strong = part.form == "subheading"
    runs = tuple(Run(run.text, strong or run.is_strong) for run in part.runs)
    if part.form == "item":
        runs = (Run("• "), *runs)
    _line(pages, runs, 20 if strong else 18, INK)


def _put_quote(pages: Pages, quote: content.Quote) -> None:
    if quote.gone:
        _line(pages, (Run(str(written.GONE[quote.gone])),), 16, INK_3)
        return
    _line(pages, (Run(quote.text),), 18, INK)
    if quote.about:
        _line(pages, (Run(quote.about),), 12, INK_3)


def _line(pages: Pages, runs: Sequence[Run], size: float, colour: RGBColor) -> None:
    """A paragraph on the slide that is open; on the next where it is full."""
    if pages.slide is None or pages.used >= MOST_LINES:
        title = pages.slide.shapes.title.text_frame.text if pages.slide else ""
        pages.begin(title or pages.made.core_properties.title)
    frame = pages.words()
    paragraph = frame.add_paragraph() if pages.used else frame.paragraphs[0]
    paragraph.space_after = Pt(8)
    pages.write(paragraph, runs, size, colour)
    pages.used += 1


# Figures


def _put_figure(pages: Pages, figure: content.Figure) -> None:
    slide = pages.begin(figure.title)
    pages.text(slide, figure.asks, Inches(1.15), Inches(0.4), 14, INK_2)
    if figure.show == "number":
        _number(pages, slide, figure)
    elif figure.show == "table":
        _table(pages, slide, figure)
    else:
        _chart(slide, figure)
    pages.text(slide, figure.foot, Inches(6.75), Inches(0.5), 10, INK_3)
    methods = "\n".join(f"{term}: {words}" for term, words in figure.methods)
    slide.notes_slide.notes_text_frame.text = f"{figure.foot}\n\n{methods}"


def _number(pages: Pages, slide: Slide, figure: content.Figure) -> None:
    said = written.value(figure, figure.total)
    pages.text(slide, said, Inches(2.4), Inches(1.3), 66, TONES[figure.total.tone])
    pages.text(slide, written.headline(figure), Inches(3.8), Inches(0.6), 18, INK_2)


def _table(pages: Pages, slide: Slide, figure: content.Figure) -> None:
    names = [name for name in written.columns(figure) if name != "flags"]
    heads = [written.columns(figure)[name] for name in names]
    rows = [(written.cells(figure, row, names), row.tone) for row in figure.rows[:MOST_ROWS]]
    if written.has_total(figure):
        rows.append((written.total(figure, names), ""))
    high = Emu(min(Inches(5.1), Inches(0.33) * (len(rows) + 1)))
    held = slide.shapes.add_table(len(rows) + 1, len(names), EDGE, Inches(1.6), INNER, high)
    table = held.table
    _plain(held)
    for at, head in enumerate(heads):
        _cell(pages, table.cell(0, at), head, 11, INK_3, is_right=names[at] in written.RIGHT)
    for row, (cells, tone) in enumerate(rows, start=1):
        for at, said in enumerate(cells):
            colour = TONES[tone] if names[at] == "difference" else INK
            right = names[at] in written.RIGHT
            _cell(pages, table.cell(row, at), said, 12, colour, is_right=right)


def _cell(
    pages: Pages, cell: Any, words: str, size: float, colour: RGBColor, *, is_right: bool
) -> None:
    cell.margin_top = cell.margin_bottom = Pt(2)
    paragraph = cell.text_frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.RIGHT if is_right else PP_ALIGN.LEFT
    pages.write(paragraph, (Run(words),), size, colour)


def _plain(held: Any) -> None:
    """The table's style of lines between rows and nothing else, which PowerPoint has built in."""
    style = held._element.graphic.graphicData.tbl.tblPr.find(qn("a:tableStyleId"))
    style.text = "{9D7B26C5-4107-4FEC-AEDC-1716B250A1EF}"  # Light Style 1


def _chart(slide: Slide, figure: content.Figure) -> None:
    """Points with error bars: joined where they are periods, apart where they are groups."""
    categories, lines = _lines(figure)
    data = CategoryChartData(number_format="0.0" if figure.unit != "scale" else "0.00")
    data.categories = categories
    for name, cells in lines.items():
        data.add_series(name, [cell.value if cell else None for cell in cells])
    frame = slide.shapes.add_chart(
        XL_CHART_TYPE.LINE_MARKERS, EDGE, Inches(1.6), INNER, Inches(5.1), data
    )
    frame._element.nvGraphicFramePr.cNvPr.set("descr", f"{figure.title}. {figure.foot}")
    chart = frame.chart
    chart.font.size, chart.font.color.rgb = Pt(12), INK_2
    chart.has_title = False
    chart.has_legend = len(lines) > 1
    if chart.has_legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    chart.value_axis.major_gridlines.format.line.color.rgb = RGBColor.from_string("E4E6E9")
    chart.value_axis.format.line.fill.background()
    chart.category_axis.format.line.color.rgb = RGBColor.from_string("868D97")
    for at, (series, cells) in enumerate(zip(chart.plots[0].series, lines.values(), strict=True)):
        _draw(series, cells, SERIES[at % len(SERIES)], is_joined=figure.is_series)


def _lines(figure: content.Figure) -> tuple[list[str], dict[str, list[content.Cell | None]]]:
    """Categories, and per series a cell each; None where a group has none in a period."""
    if not figure.is_series:
        rows = figure.rows[:MOST_POINTS]
        return [row.name or figure.title for row in rows], {figure.title: list(rows)}
    periods, groups = written.series(figure)
    return periods, {name or figure.title: cells for name, cells in groups.items()}


def _draw(
    series: Any, cells: Sequence[content.Cell | None], colour: RGBColor, *, is_joined: bool
) -> None:
    series.smooth = False
    if is_joined:
        series.format.line.color.rgb, series.format.line.width = colour, Pt(2)
    else:
        series.format.line.fill.background()
    series.marker.style, series.marker.size = XL_MARKER_STYLE.CIRCLE, 9
    series.marker.format.fill.solid()
    series.marker.format.fill.fore_color.rgb = colour
    series.marker.format.line.color.rgb = colour
    for at, cell in enumerate(cells):
        if cell is not None and cell.tone:
            fill = series.points[at].marker.format.fill
            fill.solid()
            fill.fore_color.rgb = TONES[cell.tone]
    series._element.insert_element_before(
        error_bars(cells), "c:cat", "c:val", "c:smooth", "c:extLst"
    )


def error_bars(cells: Sequence[content.Cell | None]) -> Any:
    """The interval of each point as error bars; nothing where a point has none."""
    above = "".join(_size(at, cell, upwards=True) for at, cell in enumerate(cells))
    below = "".join(_size(at, cell, upwards=False) for at, cell in enumerate(cells))
    return parse_xml(_BARS.format(spaces=nsdecls("c", "a"), count=len(cells), above=above,
                                  below=below))  # fmt: skip


def _size(at: int, cell: content.Cell | None, *, upwards: bool) -> str:
    if cell is None or cell.value is None or cell.low is None or cell.high is None:
        return ""
    size = cell.high - cell.value if upwards else cell.value - cell.low
    return f'<c:pt idx="{at}"><c:v>{size!r}</c:v></c:pt>'


_BARS = (
    '<c:errBars {spaces}><c:errDir val="y"/><c:errBarType val="both"/><c:errValType val="cust"/>'
    '<c:noEndCap val="1"/><c:plus><c:numLit><c:formatCode>General</c:formatCode>'
    '<c:ptCount val="{count}"/>{above}</c:numLit></c:plus><c:minus><c:numLit>'
    '<c:formatCode>General</c:formatCode><c:ptCount val="{count}"/>{below}</c:numLit></c:minus>'
    '<c:spPr><a:ln w="57150" cap="rnd"><a:solidFill><a:srgbClr val="8A8C90">'
    '<a:alpha val="42000"/></a:srgbClr></a:solidFill></a:ln></c:spPr></c:errBars>'
)


def _set_font(run: Any, name: str) -> None:
    """A font for Latin and for Chinese alike."""
    run.font.name = name
    run._r.get_or_add_rPr().append(parse_xml(f'<a:ea {nsdecls("a")} typeface="{name}"/>'))
