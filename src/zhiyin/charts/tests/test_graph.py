"""Where nodes of a graph stand, and what is drawn of it.

Programs that this would catch: two boxes over one another; the most of what flows drawn backwards;
a name that becomes markup; a link that leads elsewhere.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from zhiyin.charts.bars import bar
from zhiyin.charts.graph import Link, Node, graph
from zhiyin.charts.layers import NODE, lay_out
from zhiyin.charts.markup import FILE

SVG = "{http://www.w3.org/2000/svg}"
pairs = st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] != pair[1])


@settings(max_examples=60)
@given(st.dictionaries(pairs, st.integers(1, 1000), max_size=30), st.sampled_from([None, 3]))
def test_nodes_have_room_and_links_bend_in_every_layer(
    links: dict[tuple[int, int], int], start: int | None
) -> None:
    weights = {pair: float(weight) for pair, weight in links.items()}
    laid = lay_out(10, weights, start=start)
    for layer in range(laid.count):
        heights = sorted(laid.height[n] for n in range(10) if laid.layer[n] == layer)
        assert all(b - a >= NODE - 1e-9 for a, b in pairwise(heights))
        assert not heights or (heights[0] >= NODE / 2 - 1e-9 and heights[-1] < laid.rows)
    for before, after in weights:
        between = laid.layer[after] - laid.layer[before] - 1
        assert len(laid.bends.get((before, after), ())) == max(between, 0)
    if start is not None:
        assert laid.layer[start] == 0


def test_a_chain_goes_from_left_to_right_whatever_goes_back() -> None:
    links = {(2, 0): 90.0, (0, 3): 80.0, (3, 1): 70.0, (1, 2): 20.0, (3, 2): 10.0}
    assert lay_out(4, links).layer == (1, 3, 0, 2)
    # The greedy order alone would put the second beginning at the end.
    two = {(0, 2): 61.0, (1, 2): 54.0, (2, 3): 113.0, (3, 4): 50.0, (4, 0): 10.0, (4, 1): 11.0}
    assert lay_out(5, two).layer[:3] == (0, 0, 1)
    assert lay_out(0, {}).count == 0


def test_every_node_and_link_is_drawn_once_with_its_address() -> None:
    bad = '"><script>alert(1)</script> & 非常长的名称非常长的名称'
    nodes = [Node(bad, "9", bad, "/x?a=1&node=%22"), Node("Two", "9", "Two"), Node("3", "1", "3")]
    links = [
        Link(0, 1, 5.0, "5", "five", "/x?of=edge"),
        Link(1, 0, 2.0, "2", "two"),
        Link(2, 2, 1.0, "1", "itself"),
    ]
    for paint_named in ({}, {"paint": FILE}):
        drawn = ET.fromstring(graph(nodes, links, words=bad, **paint_named))  # type: ignore[arg-type]  # noqa: S314 - our own
        assert drawn.get("role") == "group"
        assert not list(drawn.iter(f"{SVG}script"))
        linked = [a.get("href") for a in drawn.iter(f"{SVG}a")]
        assert sorted(filter(None, linked)) == ["/x?a=1&node=%22", "/x?of=edge"]
        boxes = [e for e in drawn.iter() if e.get("class") == "box"]
        paths = [e for e in drawn.iter() if (e.get("class") or "").startswith("flow")]
        assert (len(boxes), len(paths)) == (3, 2)
        assert {e.get("class") for e in paths} == {"flow", "flow back"}


def test_a_bar_is_as_long_as_its_share() -> None:
    drawn = ET.fromstring(bar(0.25, 0.2, 0.3, width=200))  # noqa: S314 - our own
    (own,) = [e for e in drawn.iter() if e.get("class") == "bar"]
    (whisker,) = [e for e in drawn.iter() if e.get("class") == "whisker"]
    assert (own.get("width"), whisker.get("x1"), whisker.get("x2")) == ("50", "40", "60")
    hidden = bar(None, None, None, width=200)
    assert 'class="few"' in hidden
    assert 'class="bar"' not in hidden
