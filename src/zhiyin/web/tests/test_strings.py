"""Axes and strings hold what they draw."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhiyin.measure.scores import Score
from zhiyin.web.strings import Axis


def one(value: float | None, low: float | None, high: float | None) -> Score:
    return Score({}, None, value, low, high, 50, 50, 1.0, "wilson", "ok")


@given(st.lists(st.floats(-1e6, 1e6).map(lambda v: round(v, 3)), min_size=1, max_size=20))
def test_an_axis_holds_every_value_with_few_round_ticks(values: list[float]) -> None:
    axis = Axis.of([one(v, v, v) for v in values], "scale")
    assert axis is not None
    assert axis.low <= min(values)
    assert axis.high >= max(values)
    assert 2 <= len(axis.ticks) <= 7


@pytest.mark.parametrize(("unit", "limits"), [("percent", (0, 100)), ("points", (-100, 100))])
def test_an_axis_stays_within_what_can_be(unit: str, limits: tuple[float, float]) -> None:
    axis = Axis.of([one(limits[1], limits[0], limits[1])], unit)
    assert axis is not None
    assert (axis.low, axis.high) == limits


def test_nothing_to_show_has_no_axis() -> None:
    assert Axis.of([one(None, None, None)], "points") is None
