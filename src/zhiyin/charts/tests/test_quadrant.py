"""Every point of a quadrant has its bead, intervals and name, and no name lies on another."""

from __future__ import annotations

import random
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from itertools import combinations

import pytest

from zhiyin.charts.markup import FILE, PAGE, SMALL, Paint, width_of
from zhiyin.charts.quadrant import Point, quadrant
from zhiyin.charts.tests.test_charts import found, parsed

NAMES = (
    "Flight search in app and WeChat", "Payment and ticket", "Bag drop, stations with self-service",
    "Desks for refunds, bags, invoices, complaints", "Meal", "行李托运自助", "退款",
    "Cabin and crew",
)  # fmt: skip

Box = tuple[float, float, float, float]


def drawn(points: Sequence[Point], paint: Paint = PAGE) -> str:
    return quadrant(
        points, across="necessity, %", up="convenience", words="Touchpoints", paint=paint
    )


def scattered(seed: int, spread: float = 24.0, count: int = 30) -> list[Point]:
    """Thirty touchpoints, most of them close together."""
    chance = random.Random(seed)  # noqa: S311 - a picture

    def near(middle: float) -> float:
        return min(max(chance.gauss(middle, spread), 0.0), 100.0)

    points = []
    for number in range(count):
        x, y = near(35.0), near(65.0)
        points.append(
            Point(
                f"{NAMES[number % len(NAMES)]} {number}", x, y, max(x - 3, 0), min(x + 3, 100),
                max(y - 2, 0), min(y + 2, 100), rank=number + 1 if number < 12 else 0,
            )
        )  # fmt: skip
    return points


def number(element: ET.Element, name: str) -> float:
    return float(element.get(name) or 0)


def box_of(name: ET.Element) -> Box:
    x, y = number(name, "x"), number(name, "y")
    return x, y - 10, x + width_of(name.text or "", SMALL), y + 2


def meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


@pytest.mark.parametrize("seed", range(8))
def test_thirty_names_stand_clear_of_each_other_and_of_every_bead(seed: int) -> None:
    """Would catch names that are left out, written over one another or over the frame."""
    markup = drawn(scattered(seed))
    names, beads = found(markup, "name"), found(markup, "bead mid")
    assert (len(names), len(beads)) == (30, 30)
    boxes = [box_of(name) for name in names]
    assert not [pair for pair in combinations(boxes, 2) if meet(*pair)]
    for bead in beads:
        x, y = number(bead, "cx"), number(bead, "cy")
        assert not [box for box in boxes if meet(box, (x - 4, y - 4, x + 4, y + 4))]
    _left, _top, width, height = map(float, (parsed(markup).get("viewBox") or "").split())
    assert all(box[0] >= 0 and box[2] <= width and box[1] >= 0 and box[3] <= height
               for box in boxes)  # fmt: skip


def test_farther_right_and_higher_is_more_and_intervals_go_through_beads() -> None:
    low, high = Point("low", 10, 20, 5, 15, 18, 22), Point("high", 60, 80, 55, 65, 78, 82)
    markup = drawn([low, high])
    one, other = found(markup, "bead mid")
    assert number(one, "cx") < number(other, "cx")
    assert number(one, "cy") > number(other, "cy")
    bars = found(markup, "ci mid")
    assert len(bars) == 4
    assert number(bars[0], "x1") < number(one, "cx") < number(bars[0], "x2")
    assert number(bars[1], "y1") < number(one, "cy") < number(bars[1], "y2")


def test_a_name_far_from_its_bead_has_a_line_to_it() -> None:
    """Twenty at one place: a ring of names, those far off tied to it."""
    markup = drawn([Point(f"touchpoint {n}", 50, 50) for n in range(20)])
    assert len(found(markup, "name")) == 20
    assert found(markup, "scale")
    boxes = [box_of(name) for name in found(markup, "name")]
    assert not [pair for pair in combinations(boxes, 2) if meet(*pair)]


def test_it_is_painted_for_a_file_and_names_are_words() -> None:
    markup = drawn([Point("</text><script>", 50, 50, rank=1, tone="bad")], paint=FILE)
    assert "var(--" not in markup
    assert [name.text for name in found(markup, "name")] == ["1 </text><script>"]
    (bead,) = found(markup, "bead bad")
    assert bead.find("{http://www.w3.org/2000/svg}title") is not None
