"""Preliminary periods, on planted delays between experience and answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from zhiyin.accounts.workspaces import Settings
from zhiyin.measure.expected import missing_share, share_arrived
from zhiyin.measure.requests import ScoreRequest
from zhiyin.measure.scores import score
from zhiyin.measure.tests.planting import csat, plant
from zhiyin.warehouse.log import Log

NOW = datetime(2026, 5, 31, 16)
"""The first minute of June in Shanghai."""
SHARES = {0: 0.5, 2: 0.3, 10: 0.2}
"""Half answer within a day, a third in the third day, a fifth in the eleventh."""


def seen(now: datetime, days: int = 200, a_day: int = 20) -> list[dict[str, Any]]:
    """Answers given by `now`, to the same number of experiences each day."""
    rows = []
    for day in range(days):
        flown = NOW - timedelta(days=day + 0.5)
        for delay, share in SHARES.items():
            answered = flown + timedelta(days=delay + 0.4)
            if answered <= now:
                one = csat(5.0, experienced_at=flown, occurred_at=answered)
                rows += [one] * round(share * a_day)
    return [{**row, "id": f"a{i}"} for i, row in enumerate(rows)]


def flags(
    log: Log, settings: Settings, now: datetime, **more: Any
) -> dict[str | None, tuple[str, ...]]:
    request = ScoreRequest("csat", every="month", **{"date_of": "experience", **more})
    return {row.period: row.flags for row in score(log, settings, request, now=now).rows}


def test_the_shares_of_the_past_are_found(log: Log) -> None:
    """Truncated at the right: recent experiences could not show long delays, and do not bend it."""
    counts = np.zeros((120, 31), dtype=np.int64)
    for age in range(120):
        for delay, share in SHARES.items():
            if delay < age:
                counts[age, delay] = round(100 * share)
    arrived = share_arrived(counts)
    assert arrived[[0, 1, 2, 3, 10, 11, 60]] == pytest.approx([0, 0.5, 0.5, 0.8, 0.8, 1, 1])
    # A naive share over all answers seen would take the young ones' short delays for the rule.
    naive = counts[:, :3].sum() / counts.sum()
    assert naive > 0.81
    assert missing_share(counts, arrived, (60, 90)) == 0.0
    # Days of age 3 to 10 have 80 %, those of 11 and 12 all: 8 × 0.2 of 10 days are missing.
    assert missing_share(counts, arrived, (3, 12)) == pytest.approx(0.16, abs=0.005)
    # A day that is not over has nothing yet, and counts as much as the days before it.
    assert missing_share(counts, arrived, (0, 0)) == pytest.approx(1.0)


def test_the_month_that_just_ended_is_preliminary(log: Log, settings: Settings) -> None:
    plant(log, settings.slug, "answers", seen(NOW))
    found = flags(log, settings, NOW)
    assert found["2026-05"] == ("preliminary",)
    assert found["2026-04"] == ()
    # By date of answer nothing is still to come.
    assert flags(log, settings, NOW, date_of="answer")["2026-05"] == ()


@pytest.mark.parametrize(("days", "expected"), [(5, ("preliminary",)), (9, ()), (11, ())])
def test_the_line_is_at_two_per_cent(
    log: Log, settings: Settings, days: int, expected: tuple[str, ...]
) -> None:
    """After 5 days, five of May's days miss a fifth: 3.2 %. After 9, one or two: at most 1.3 %."""
    later = NOW + timedelta(days=days)
    plant(log, settings.slug, "answers", seen(later))
    assert flags(log, settings, later)["2026-05"] == expected


def test_of_few_delays_nothing_is_learnt(log: Log, settings: Settings) -> None:
    rows = seen(NOW, days=3, a_day=5)
    plant(log, settings.slug, "answers", rows)
    assert len(rows) < 30
    assert flags(log, settings, NOW)["2026-05"] == ()
