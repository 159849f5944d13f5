"""Arcs beside rows: each is drawn once, from its row to its row, and escaped."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from zhiyin.charts.arcs import Arc, Row, arcs

ROWS = [
    Row("Page a", 0, "Page a", "#/pages/0"),
    Row("q <1>", 1, "q <1>", "#/pages/0/questions/0"),
    Row("r", 1, "r: never seen", "#/pages/0/questions/1", is_odd=True),
]


def test_each_row_and_each_arc_is_there_and_leads_somewhere() -> None:
    found = arcs(ROWS, [Arc(1, 2, "q → r"), Arc(2, 0, "r → a")], words="w")
    drawn = ElementTree.fromstring(found)  # noqa: S314 - our own
    space = "{http://www.w3.org/2000/svg}"
    links = drawn.findall(f"{space}a")
    assert [link.get("href") for link in links] == [row.address for row in ROWS]
    assert "q <1>" in "".join(links[1].itertext())
    joined = [(one.get("data-before"), one.get("data-after")) for one in drawn.iter(f"{space}g")]
    assert joined == [("1", "2"), ("2", "0")]
    backs = [one.get("class") for one in drawn.iter(f"{space}path")]
    assert backs == ["flow", "flow back"]
    middles = [float(one.get("cy") or 0) for one in drawn.iter(f"{space}circle")]
    first = next(drawn.iter(f"{space}path")).get("d") or ""
    numbers = [float(one) for one in re.findall(r"-?[0-9.]+", first)]
    assert (numbers[1], numbers[-1]) == (middles[1], middles[2])


def test_nothing_hangs_on_anything() -> None:
    drawn = arcs(ROWS[:1], [], words="alone")
    assert "<path" not in drawn
    assert 'aria-label="alone"' in drawn
