"""What leaves as a file says what the report says: the text of a PDF, the data of a chart."""

from __future__ import annotations

import io
from typing import Any

import pypdfium2
import pytest
from pptx import Presentation
from pptx.oxml.ns import qn

from zhiyin.reports import content, editions, printing, slides
from zhiyin.reports.models import Report
from zhiyin.warehouse.owner import Owner


@pytest.fixture
def made(log: Owner, monthly: Report) -> content.Content:
    return editions.draft(monthly, log)


def text_of(held: bytes) -> str:
    with pypdfium2.PdfDocument(held) as document:
        pages = [page.get_textpage().get_text_range() for page in document]
    return "\n".join(pages).replace("\r\n", "\n")


def test_a_pdf_holds_every_word_and_figure_in_chinese(made: content.Content) -> None:
    held = printing.pdf(made)
    text = text_of(held)
    for needed in (
        "三月体验",
        "要点",
        "登机口",
        "行李等了三周。",
        "−25.0",
        "+50.0",
        "▼",
        "n = 120",
    ):
        assert needed in text, needed
    assert "#let *x*" in text  # as it was written: never read as markup
    with pypdfium2.PdfDocument(held) as document:
        assert f"1 / {len(document)}" in text
        assert document.is_tagged()
        assert document.get_metadata_value("Title") == "三月体验"
        width, height = document[0].get_size()
        assert (round(width), round(height)) == (595, 842)
        names = {font for page in document for font in fonts(page)}
    assert any("NotoSans" in name for name in names), names


def fonts(page: Any) -> set[str]:
    return {
        one.get_font().get_base_name()
        for one in page.get_objects()
        if isinstance(one, pypdfium2.PdfTextObj)
    }


def test_a_chart_is_drawn_as_lines_not_as_a_picture(made: content.Content) -> None:
    """Vectors: sharp at every size. And it is drawn: ink stands where the first bead is."""
    with pypdfium2.PdfDocument(printing.pdf(made)) as document:
        kinds = [one.type for one in document[0].get_objects(max_depth=5)]
        assert kinds.count(pypdfium2.raw.FPDF_PAGEOBJ_IMAGE) == 0
        assert kinds.count(pypdfium2.raw.FPDF_PAGEOBJ_PATH) > 20
        picture = document[0].render(scale=1).to_pil().convert("RGB")
    colours = {colour for _n, colour in picture.getcolors(maxcolors=100_000)}
    assert (150, 64, 15) in colours  # bad-3, of the bead of the gates
    assert (9, 86, 111) in colours


def test_a_slide_a_figure_with_a_chart_that_can_be_edited(made: content.Content) -> None:
    presentation = Presentation(io.BytesIO(slides.pptx(made)))
    titles = [slide.shapes.title.text_frame.text for slide in presentation.slides]
    assert titles == ["三月体验", "要点", *["净推荐值（NPS）"] * 3, "客户原声"]
    first, trend = (presentation.slides[n] for n in (2, 3))
    chart = chart_of(first)
    figure = made.figures[0]
    assert list(chart.plots[0].categories) == ["登机口", "app"]
    assert list(chart.plots[0].series[0].values) == [row.value for row in figure.rows]
    assert chart.part.chart_workbook.xlsx_part is not None
    above, below = bars(chart)
    for at, row in enumerate(figure.rows):
        assert row.value is not None
        assert row.value + above[at] == pytest.approx(row.high)
        assert row.value - below[at] == pytest.approx(row.low)
    assert list(chart_of(trend).plots[0].categories) == ["2026-02", "2026-03"]
    notes = first.notes_slide.notes_text_frame.text
    assert figure.foot in notes
    assert all(text in notes for _term, text in figure.methods)


def chart_of(slide: Any) -> Any:
    return next(shape.chart for shape in slide.shapes if shape.has_chart)


def bars(chart: Any) -> tuple[list[float], list[float]]:
    """The sizes of the error bars above and below, as PowerPoint reads them."""
    (one,) = chart._chartSpace.iter(qn("c:errBars"))
    assert [kind.get("val") for kind in one.iter(qn("c:errValType"))] == ["cust"]
    # Where the schema wants it: before the categories, or PowerPoint calls the file broken.
    assert one.getnext().tag == qn("c:cat")
    above, below = (
        [float(value.text) for value in sizes.iter(qn("c:v"))] for sizes in one.iter(qn("c:numLit"))
    )
    return above, below


def test_a_point_without_a_value_has_no_bar() -> None:
    cell = content.Cell("a", None, None, None, None, None, None, why="too few")
    known = content.Cell("b", None, 50.0, 40.0, 70.0, 100, 90)
    found = slides.error_bars([cell, known, None])
    (above, below) = found.iter(qn("c:numLit"))
    assert [(one.get("idx"), one[0].text) for one in above.iter(qn("c:pt"))] == [("1", "20.0")]
    assert [(one.get("idx"), one[0].text) for one in below.iter(qn("c:pt"))] == [("1", "10.0")]
    assert [one.get("val") for one in below.iter(qn("c:ptCount"))] == ["3"]
