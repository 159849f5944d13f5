"""Charts hold what they draw, break where there is nothing to draw, and are well-formed."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhiyin.charts import bars
from zhiyin.charts.axis import MOST_TICKS, Axis
from zhiyin.charts.dots import Row, dots
from zhiyin.charts.markup import FILE, PAGE, lines_of, shortened, width_of
from zhiyin.charts.series import Line, Mark, Point, Reference, step_of
from zhiyin.charts.strings import Estimate, string
from zhiyin.charts.trends import axis_of, small, trend

SVG = "{http://www.w3.org/2000/svg}"


def parsed(markup: str) -> ET.Element:
    return ET.fromstring(markup)  # noqa: S314 - written by ourselves


def found(markup: str, part: str) -> list[ET.Element]:
    """Every element of a class."""
    root = parsed(markup)
    return [one for one in root.iter() if one.get("class") == part]


def corners(element: ET.Element) -> list[tuple[float, float]]:
    pairs = (element.get("points") or "").split()
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in pairs)]


def points(*values: float | None, half: float = 5.0) -> tuple[Point, ...]:
    return tuple(
        Point(f"2026-{number:02d}", None, note="not enough answers")
        if value is None
        else Point(f"2026-{number:02d}", value, value - half, value + half, 100)
        for number, value in enumerate(values, 1)
    )


def drawn(*lines: Line, unit: str = "percent", **others: object) -> str:
    axis = axis_of(lines, unit)
    assert axis is not None
    return trend(lines, axis=axis, unit=unit, words="CSAT", **others)  # type: ignore[arg-type]


# The axis


@given(st.lists(st.floats(-1e6, 1e6).map(lambda v: round(v, 3)), min_size=1, max_size=20))
def test_an_axis_holds_every_value_with_few_round_ticks(values: list[float]) -> None:
    axis = Axis.of(values, "scale")
    assert axis is not None
    assert axis.low <= min(values)
    assert axis.high >= max(values)
    assert 2 <= len(axis.ticks) <= MOST_TICKS
    assert axis.low <= axis.ticks[0]
    assert axis.ticks[-1] <= axis.high
    steps = {round(b - a, 9) for a, b in pairwise(axis.ticks)}
    assert len(steps) == 1 or max(steps) - min(steps) < 1e-6 * max(steps)


@pytest.mark.parametrize(("unit", "limits"), [("percent", (0, 100)), ("points", (-100, 100))])
def test_an_axis_stays_within_what_can_be(unit: str, limits: tuple[float, float]) -> None:
    axis = Axis.of([limits[1], limits[0], None], unit)
    assert axis is not None
    assert (axis.low, axis.high) == limits


def test_nothing_to_show_has_no_axis() -> None:
    assert Axis.of([None, math.nan], "points") is None
    assert axis_of([Line("a", points(None, None))], "points", Reference("all", 3.0)) is None


# Lines


def test_a_line_goes_through_its_points_and_its_band_around_them() -> None:
    markup = drawn(Line("all", points(40.0, 60.0, 50.0)))
    (line,) = found(markup, "line first")
    (band,) = found(markup, "band")
    first, second, third = corners(line)
    assert first[0] < second[0] < third[0]
    assert second[0] - first[0] == pytest.approx(third[0] - second[0], abs=0.2)
    # Up is more: 60 above 50 above 40, and 50 half-way.
    assert second[1] < third[1] < first[1]
    assert third[1] == pytest.approx((first[1] + second[1]) / 2, abs=0.2)
    around = corners(band)
    assert len(around) == 6
    assert around[0][1] < first[1] < around[-1][1]


def test_a_line_breaks_where_a_period_has_too_few_answers() -> None:
    markup = drawn(Line("all", points(40.0, 42.0, None, 50.0, 51.0)))
    lines = found(markup, "line first")
    assert [len(corners(line)) for line in lines] == [2, 2]
    assert [len(corners(band)) for band in found(markup, "band")] == [4, 4]
    (gap,) = found(markup, "few")
    assert gap.findtext(f"{SVG}title") == "2026-03: not enough answers"
    x1, x2 = float(gap.get("x1") or 0), float(gap.get("x2") or 0)
    assert corners(lines[0])[-1][0] < x1 < x2 < corners(lines[1])[0][0]


def test_a_period_alone_is_a_bar_and_a_bead() -> None:
    markup = drawn(Line("all", points(None, 42.0, None)))
    assert found(markup, "line first") == []
    assert len(found(markup, "ci mid")) == 1
    assert len(found(markup, "point")) == 1


def test_the_second_line_has_dashed_edges_and_the_third_its_half_width() -> None:
    markup = drawn(*(Line(name, points(40.0, v)) for name, v in [("a", 41), ("b", 50), ("c", 60)]))
    assert len(found(markup, "band")) == 1
    assert len(found(markup, "edge")) == 2
    names = [one.text for one in found(markup, "name")]
    # From the top down, and none over another.
    assert names == ["c 60.0 ±5.0", "b 50.0", "a 41.0"]


def test_names_at_the_ends_of_lines_do_not_touch() -> None:
    markup = drawn(*(Line(f"line {number}", points(40.0, 50.0)) for number in range(6)))
    heights = [float(one.get("y") or 0) for one in found(markup, "name")]
    assert len(heights) == 6
    assert all(b - a > 14.8 for a, b in pairwise(heights))


def test_a_point_that_is_not_final_is_hollow_and_says_its_figures() -> None:
    open_ = Point("2026-03", 50.0, 45.0, 55.0, 1482, is_final=False, note="unfinished")
    markup = drawn(Line("App", (*points(40.0, 42.0), open_)))
    (hollow,) = found(markup, "point open")
    said = hollow.findtext(f"{SVG}title")
    assert said == "App · 2026-03: 50.0  [45.0, 55.0]  n = 1,482  unfinished"
    assert len(found(markup, "point")) == 2


def test_marks_and_the_average_stand_where_they_belong() -> None:
    marks = [Mark("Spring Festival", 0.5, 1.5), Mark("New app", 2.0)]
    axis = Axis(0.0, 100.0, (0.0, 50.0, 100.0))
    average = Reference("all 50.0", 50.0)
    line = Line("all", points(40.0, 60.0, 50.0))
    markup = trend([line], axis=axis, unit="percent", words="CSAT", marks=marks, reference=average)
    xs = [x for x, _y in corners(found(markup, "line first")[0])]
    (season,) = found(markup, "season")
    begins, width = float(season.get("x") or 0), float(season.get("width") or 0)
    assert begins == pytest.approx((xs[0] + xs[1]) / 2, abs=0.2)
    assert width == pytest.approx(xs[1] - xs[0], abs=0.2)
    (event,) = found(markup, "event")
    assert float(event.get("x1") or 0) == pytest.approx(xs[2], abs=0.2)
    (across,) = found(markup, "all")
    middle_tick = found(markup, "grid")[1]
    assert across.get("y1") == middle_tick.get("y1")
    texts = {one.text for one in parsed(markup).iter(f"{SVG}text")}
    assert {"Spring Festival", "New app", "all 50.0", "0%", "50%", "100%"} <= texts


def test_names_of_marks_are_never_written_over_one_another() -> None:
    marks = [
        *(Mark(f"A festival of number {n}", n / 10, n / 10 + 0.05, rank=2) for n in range(20)),
        *(Mark(f"Something at {n}", n / 10 + 0.02, rank=1) for n in range(20)),
        Mark("The typhoon", 1.0, 1.1),
        Mark("New app", 1.03),
    ]
    axis = Axis(0.0, 100.0, (0.0, 50.0, 100.0))
    line = Line("all", points(40.0, 60.0, 50.0))
    markup = trend([line], axis=axis, unit="percent", words="CSAT", marks=marks)
    assert (len(found(markup, "season")), len(found(markup, "event"))) == (21, 21)
    names = {mark.label for mark in marks}
    written = [one for one in parsed(markup).iter(f"{SVG}text") if one.text in names]
    assert {"The typhoon", "New app"} <= {one.text for one in written}
    by_line: dict[str, list[tuple[float, float]]] = {}
    for one in written:
        x, width = float(one.get("x") or 0), width_of(one.text or "", 12)
        ends = (x - width, x) if one.get("text-anchor") == "end" else (x, x + width)
        by_line.setdefault(one.get("y") or "", []).append(ends)
    for places in by_line.values():
        places.sort()
        assert all(a[1] <= b[0] for a, b in pairwise(places))


@pytest.mark.parametrize("width", [860.0, 358.0])
def test_a_season_at_the_end_is_named_within_the_picture(width: float) -> None:
    marks = [
        Mark("The national holiday and the week after it", 1.9, 2.0),
        Mark(
            "An autumn so long that its name is longer than the whole of a telephone", 0.1, 0.6, 1
        ),
    ]
    line = Line("", points(40.0, 60.0, 50.0))
    markup = drawn(line, marks=marks, width=width)
    names = [
        (one, words)
        for one in parsed(markup).iter(f"{SVG}text")
        if (words := one.text or "").startswith(("The national", "An autumn"))
    ]
    assert names
    for one, words in names:
        x, length = float(one.get("x") or 0), width_of(words, 12)
        begins = x - length if one.get("text-anchor") == "end" else x
        assert begins >= 0
        assert begins + length <= width


def test_a_day_lies_among_periods_by_its_share_of_its_own() -> None:
    starts = [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]
    end = date(2026, 4, 1)
    assert step_of(date(2026, 1, 1), starts, end) == -0.5
    assert step_of(date(2026, 2, 15), starts, end) == 1.0
    assert step_of(date(2026, 3, 31), starts, end) == pytest.approx(2 + 30 / 31 - 0.5)


def test_a_long_series_has_four_names_of_periods_and_no_dots() -> None:
    many = tuple(Point(f"day {n}", 50.0 + n % 7, 40.0, 60.0, 9) for n in range(300))
    markup = drawn(Line("", many))
    ticks = [one.text for one in found(markup, "tick")]
    assert [tick for tick in ticks if tick and tick.startswith("day")] == [
        "day 0", "day 100", "day 199", "day 299",
    ]  # fmt: skip
    assert len(found(markup, "point")) == 1


def test_a_small_multiple_ends_in_a_bead_and_has_no_words() -> None:
    line = Line("Refund", points(40.0, 60.0))
    axis = axis_of([line], "percent")
    assert axis is not None
    markup = small(line, axis=axis, unit="percent", words="Refund")
    beads = found(markup, "point")
    assert [bead.get("r") for bead in beads] == ["1.8", "4"]
    assert list(parsed(markup).iter(f"{SVG}text")) == []


# Dots and strings

AXIS = Axis(0.0, 100.0, (0.0, 50.0, 100.0))


def test_dots_stand_in_the_order_given_on_one_scale() -> None:
    rows = [
        Row("Refund", Estimate(20.0, 10.0, 30.0, was=50.0, tone="bad"), "▼ −30.0"),
        Row("Boarding", Estimate(50.0, 40.0, 60.0)),
        Row("Social", Estimate(None), why="not enough answers"),
    ]
    markup = dots(
        rows, axis=AXIS, unit="percent", words="CSAT", average=Reference("all 50.0", 50.0)
    )
    (bad,), (mid,) = found(markup, "bead bad"), found(markup, "bead mid")
    (was,), (across,) = found(markup, "was"), found(markup, "all")
    assert float(bad.get("cy") or 0) < float(mid.get("cy") or 0)
    assert float(bad.get("cx") or 0) < float(mid.get("cx") or 0)
    assert was.get("cx") == mid.get("cx") == across.get("x1")
    (bar,) = found(markup, "ci bad")
    middle = (float(bar.get("x1") or 0) + float(bar.get("x2") or 0)) / 2
    assert middle == pytest.approx(float(bad.get("cx") or 0), abs=0.2)
    assert [one.text for one in found(markup, "change bad")] == ["▼ −30.0"]
    assert "not enough answers" in [one.text for one in found(markup, "note")]


@pytest.mark.parametrize("average", [2.0, 50.0, 99.0])
def test_the_averages_name_covers_no_row_and_lies_within_the_picture(average: float) -> None:
    row = Row("Refund", Estimate(50.0, 5.0, 95.0))
    label = f"all of them {average}"
    markup = dots([row], axis=AXIS, unit="percent", words="CSAT", average=Reference(label, average))
    (name,) = [one for one in found(markup, "note") if one.text == label]
    (bar,) = found(markup, "ci mid")
    assert float(name.get("y") or 0) + 4 < float(bar.get("y1") or 0) - 2.5
    half = width_of(label, 12) / 2
    assert half <= float(name.get("x") or 0) <= 794 - half


def test_a_string_has_bar_bead_and_tick_or_dots() -> None:
    full = string(Estimate(50.0, 40.0, 60.0, was=30.0), AXIS, average=70.0)
    parts = [one.get("class") for one in parsed(full)]
    assert parts == ["scale", "all", "ci mid", "was", "bead mid"]
    assert [one.get("class") for one in parsed(string(Estimate(None), AXIS))] == ["few"]
    assert [one.get("class") for one in parsed(string(Estimate(3.0), None))] == ["few"]


def test_a_value_outside_its_axis_is_drawn_at_its_edge() -> None:
    markup = string(Estimate(250.0), AXIS, width=110)
    (bead,) = found(markup, "bead mid")
    assert float(bead.get("cx") or 0) == 105


# Markup

HOSTILE = """<script>"'&\x00\x0b 退票</script>"""


def test_names_are_escaped_wherever_they_stand() -> None:
    line = Line(HOSTILE, points(40.0, 50.0))
    marks = [Mark(HOSTILE, 0, 1), Mark(HOSTILE, 0.5)]
    for markup in (
        drawn(line, marks=marks, reference=Reference(HOSTILE, 45.0), width=2000),
        dots([Row(HOSTILE, Estimate(3.0), HOSTILE)], axis=AXIS, unit="", words=HOSTILE),
    ):
        assert "<script" not in markup
        assert "\x00" not in markup
        assert """<script>"'& 退票</script>""" in "".join(parsed(markup).itertext())


def test_a_page_has_variables_and_a_file_has_colours() -> None:
    line = Line("all", points(40.0, 50.0))
    on_page, in_file = drawn(line, paint=PAGE), drawn(line, paint=FILE)
    assert "var(--ink)" in on_page
    assert "var(" not in in_file
    assert "#15181c" in in_file
    assert found(on_page, "paper") == []
    assert len(found(in_file, "paper")) == 1
    for markup in (on_page, in_file):
        root = parsed(markup)
        assert (root.get("role"), root.get("aria-label")) == ("img", "CSAT")
        assert root.findtext(f"{SVG}title") == "CSAT"


@given(st.text(max_size=60), st.floats(20, 400))
def test_a_shortened_name_fits(words: str, width: float) -> None:
    short = shortened(words, width)
    assert short == words or (width_of(short) <= width + 0.01 and short.endswith("…"))


@given(st.lists(st.text("ab机→", min_size=1, max_size=9), max_size=9), st.floats(20, 400))
def test_a_name_breaks_into_two_lines_that_fit(parts: list[str], width: float) -> None:
    words = " ".join(parts)
    lines = lines_of(words, width)
    assert 1 <= len(lines) <= 2
    assert all(width_of(line) <= width + 0.01 or line == "…" for line in lines)
    kept = " ".join(lines)
    assert kept == words or (kept.endswith("…") and words.startswith(kept[:-1].rstrip()))


def test_long_names_stand_whole_in_two_lines_and_no_row_covers_the_next() -> None:
    names = [
        "Products Searched → Product List Viewed",
        "Page Viewed",
        "Flight Arrived → Bag Claimed",
    ]
    beads = dots(
        [Row(name, Estimate(50.0)) for name in names], axis=AXIS, unit="percent", words="Pairs"
    )
    steps = bars.steps([bars.Row(name, "9  50%", 0.5) for name in names], words="Pairs")
    for markup in (beads, steps):
        written = found(markup, "name")
        assert len(written) == len(names) + 1
        assert " ".join(one.text or "" for one in written[:2]) == names[0]
        heights = [float(one.get("y") or 0) for one in written]
        assert all(after - before >= 13 for before, after in pairwise(heights))
        assert "<title>Products" not in markup


def test_what_is_cut_of_a_name_is_said_to_a_pointer() -> None:
    name = " → ".join(["Page Viewed"] * 9)
    markup = dots([Row(name, Estimate(50.0))], axis=AXIS, unit="percent", words="Histories")
    assert f"<title>{name}</title>" in markup
