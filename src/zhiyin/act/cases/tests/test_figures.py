"""How long cases take is told with what is still open, or not at all."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

import pytest

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.workspaces import Settings
from zhiyin.act.cases import actions, figures
from zhiyin.act.cases.models import Case
from zhiyin.act.cases.tests.conftest import MONDAY, SetClock, about

HOUR = timedelta(hours=1)


def opened(main: Settings, n: int, closed_after: list[int]) -> None:
    for key in range(n):
        actions.open(by=COMMAND_LINE, workspace=main, subject=about(str(key)))
    for number, hours in enumerate(closed_after, 1):
        moment = (MONDAY + hours * HOUR).replace(tzinfo=UTC)
        more: dict[str, Any] = {"closed_at": moment, "first_response_at": moment}
        Case.objects.filter(number=number).update(status="done", reason="explained", **more)


def test_too_few_cases_make_no_figure(main: Settings, at: SetClock) -> None:
    opened(main, 9, [1] * 9)
    told = figures.of(main)
    assert (told.close.value, told.close.state, told.close.n) == (None, "too_few", 9)


def test_those_that_are_still_open_count_too(main: Settings, at: SetClock) -> None:
    """Would catch a median of the closed alone, which would be two hours."""
    opened(main, 20, [1, 1, 2, 2, 3, 4, 5, 6])
    at(MONDAY + 7 * HOUR)
    told = figures.of(main)
    assert (told.close.n, told.close.ended, told.close.state) == (20, 8, "under_half")
    assert told.close.value is None


def test_the_median_is_of_business_hours(main: Settings, at: SetClock) -> None:
    opened(main, 12, [24 + 1] * 12)
    at(MONDAY + timedelta(days=3))
    told = figures.of(main)
    assert told.close.value == pytest.approx(10), "eight of Monday, and two of Tuesday"
    assert told.as_dict()["close"]["method"] == "kaplan-meier"
    assert figures.of(main, frozenset({"north"})).close.n == 0
