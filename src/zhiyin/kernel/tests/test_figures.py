"""Figures as they are written."""

from __future__ import annotations

import pytest

from zhiyin.kernel.figures import chance, count, figure, interval


@pytest.mark.parametrize(
    ("value", "unit", "signed", "written"),
    [
        (31.44, "points", False, "+31.4"),
        (-13.36, "percent", True, "−13.4"),
        (74.25, "percent", False, "74.2"),
        (4.126, "scale", False, "4.13"),
        (-0.04, "points", False, "0.0"),
        (1234.5, "money", False, "1,234.50"),
        (None, "points", False, "–"),
    ],
)
def test_a_value_is_written_in_its_unit(
    value: float | None, unit: str, signed: bool, written: str
) -> None:
    assert figure(value, unit, signed=signed) == written


def test_intervals_chances_and_counts() -> None:
    assert interval(27.1, 35.7, "percent") == "[27.1, 35.7]"
    assert interval(None, 1.0, "percent") == "–"
    assert [chance(p) for p in (0.0004, 0.001, 0.043)] == ["< .001", ".001", ".043"]
    assert [chance(p) for p in (0.999, 0.9996, 1.0, None)] == [".999", "> .999", "1", "–"]
    assert count(1482) == "1,482"
