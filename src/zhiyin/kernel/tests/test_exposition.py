"""Figures for Prometheus: the text is what a strict reader takes, and durations add up."""

from __future__ import annotations

import math

import msgspec
import pytest

from zhiyin.kernel import exposition
from zhiyin.kernel.exposition import BOUNDS, Durations, Family, counter, gauge, histogram
from zhiyin.kernel.tests.scraped import Scraped


def test_labels_may_hold_anything() -> None:
    """Would catch a quotation mark that ends its label early."""
    says = "A line\nand a \\ in it."
    odd = 'a "b" \\ c\nd 名'
    written = exposition.text([gauge("some_bytes", says, {(("source", odd),): 3})])
    assert written == (
        "# HELP some_bytes A line\\nand a \\\\ in it.\n"
        "# TYPE some_bytes gauge\n"
        'some_bytes{source="a \\"b\\" \\\\ c\\nd 名"} 3\n'
    )
    assert Scraped(written).kinds == {"some_bytes": "gauge"}


def test_a_duration_counts_up_to_its_bound_and_beyond() -> None:
    taken = Durations()
    for seconds in (BOUNDS[0], BOUNDS[0] * 1.01, 60.0):
        taken.add(seconds)
    found = Scraped(exposition.text([histogram("x_seconds", "X.", {(("route", "a"),): taken})]))
    assert found.get("x_seconds_bucket", le="0.001") == 1, "a bound is part of its bucket"
    assert found.get("x_seconds_bucket", le="0.0025") == 2
    assert found.get("x_seconds_bucket", le="10") == 2
    assert found.get("x_seconds_bucket", le="+Inf") == found.get("x_seconds_count") == 3
    assert math.isclose(found.get("x_seconds_sum"), 60.00201)


def test_families_of_two_processes_are_one() -> None:
    """Would catch a name that occurs twice, for which Prometheus refuses the whole document."""
    one = gauge("used_bytes", "Used.", {(("process", "log"),): 1})
    other = gauge("used_bytes", "Used.", {(("process", "web"),): 2})
    between = counter("a_total", "A.", {(): 0.5})
    found = Scraped(exposition.text([one, between, other]))
    assert found.get("used_bytes", process="web") == 2
    assert found.get("used_bytes") == 3
    assert list(found.kinds) == ["a_total", "used_bytes"]


def test_families_survive_the_way_between_processes() -> None:
    taken = Durations()
    taken.add(0.2)
    before = [
        histogram("x_seconds", "X.", {(): taken}),
        counter("y_total", "Y.", {(("a", "b"),): 7}),
    ]
    after = msgspec.json.decode(msgspec.json.encode(before), type=list[Family])
    assert exposition.text(after) == exposition.text(before)


@pytest.mark.parametrize(
    "wrong",
    [
        "# HELP a A.\n# TYPE a gauge\na 1",
        "# HELP a A.\n# TYPE b gauge\na 1\n",
        "# HELP a A.\n# TYPE a counter\na 1\n",
        "# HELP a A.\n# TYPE a gauge\na 1\na 2\n",
        '# HELP a A.\n# TYPE a gauge\na{b="c"d"} 1\n',
        "# HELP a A.\n# TYPE a gauge\nb 1\n",
        '# HELP a A.\n# TYPE a histogram\na_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\n'
        "a_sum 1\na_count 1\n",
        "a 1\n",
    ],
)
def test_the_strict_reader_is_strict(wrong: str) -> None:
    with pytest.raises(AssertionError):
        Scraped(wrong)
