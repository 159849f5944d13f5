"""The line of a target: periods of one length, broken where there is no figure."""

from __future__ import annotations

from datetime import date

from zhiyin.kernel.periods import months_later
from zhiyin.measure.registry import METRICS
from zhiyin.measure.targets import Held, State, Verdict
from zhiyin.web.target_history import picture


def held(month: int, months: int = 1, value: float = 30.0) -> Held:
    first = date(2026, month, 1)
    return Held(
        number=month, metric=METRICS["nps"], kind="", question="", unit="", unit_name="",
        period=f"2026-{month:02}+{months}", first=first, end=months_later(first, months),
        value=value,
    )  # fmt: skip


def verdict(target: Held, value: float | None) -> Verdict:
    state: State = "too_few" if value is None else "open"
    low, high = (None, None) if value is None else (value - 5, value + 5)
    return Verdict(target, state, True, "up", value, low, high)


def test_figure_and_target_are_two_lines_over_periods_of_one_length() -> None:
    """Would catch a quarter drawn among months."""
    history = [
        verdict(held(4, 3), 90.0), verdict(held(3, value=40), 35.0), verdict(held(2), 31.0),
        verdict(held(1), 28.0),
    ]  # fmt: skip
    drawn = picture(history, held(2))
    assert drawn.count("<polyline") == 2
    assert "2026-04+3" not in drawn
    assert drawn.index("2026-01+1") < drawn.index("2026-03+1")
    assert "Target +40.0" in drawn


def test_where_there_is_no_line_there_is_no_picture() -> None:
    assert picture([verdict(held(1), 28.0)], held(1)) == ""
    assert picture([verdict(held(2), None), verdict(held(1), None)], held(1)) == ""
