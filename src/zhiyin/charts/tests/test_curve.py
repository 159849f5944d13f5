"""The emotion curve: places across as parts of the width, breaks, signs, words."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from zhiyin.charts.curve import Stage, curve

THREE = (
    Stage("Search", 1, 20.0, 12.0, 28.0),
    Stage("Use", 2, -30.0, -36.0, -24.0),
    Stage("Share", 1, 2.0, -8.0, 12.0),
)


def places(svg: str, tag: str, name: str) -> list[str]:
    root = ElementTree.fromstring(svg)  # noqa: S314 - our own
    return [one.attrib[name] for one in root.iter(tag)]


def test_a_stage_stands_over_the_middle_of_its_column() -> None:
    svg = curve(THREE, label="Emotion")
    assert places(svg, "circle", "cx") == ["12.50%", "50.00%", "87.50%"]


def test_colour_says_that_a_value_is_certainly_above_or_below_nothing() -> None:
    svg = curve(THREE, label="Emotion")
    assert re.findall(r'class="bead (\w+)"', svg) == ["good", "bad", "mid"]


def test_where_too_few_answered_the_line_breaks() -> None:
    svg = curve((THREE[0], Stage("Choose", 1), THREE[1], THREE[2]), label="Emotion")
    assert svg.count('class="line first"') == 1
    assert svg.count('class="band"') == 1
    assert svg.count("<circle") == 3


def test_higher_values_stand_higher_and_zero_between() -> None:
    svg = curve(THREE, label="Emotion")
    good, bad, mid = (float(y) for y in places(svg, "circle", "cy"))
    (zero,) = re.findall(r'class="grid"[^>]*y1="([\d.]+)"', svg)
    assert good < mid < float(zero) < bad


def test_it_says_its_values_to_those_who_listen() -> None:
    svg = curve((Stage("<Use>", 1, 20.0, 12.0, 28.0),), label="Emotion")
    assert 'aria-label="Emotion: &lt;Use&gt; +20.0"' in svg


def test_where_it_is_narrow_a_value_and_its_width_stand_on_two_sides_of_the_point() -> None:
    svg = curve(THREE, label="Emotion", is_narrow=True)
    texts = re.findall(r'<text[^>]* y="([0-9.]+)"[^>]*>([^<]+)<', svg)
    heights = {words: float(y) for y, words in texts}
    assert heights["+20.0"] < heights["±8"]
    assert heights["−30.0"] > heights["±6"]
