"""The step between two versions that ran beside each other, against a planted one."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import override_settings

from zhiyin.accounts import actions as accounts
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.collect.models import SurveyVersion
from zhiyin.collect.surveys import actions, kept, orders
from zhiyin.collect.surveys.definition import Survey
from zhiyin.collect.surveys.logic import Answer
from zhiyin.collect.surveys.tests.written import NPS, asking, choices, survey
from zhiyin.kernel.errors import Problem
from zhiyin.measure.tests import visit
from zhiyin.measure.tests.conftest import settings_for
from zhiyin.measure.tests.visit import Given
from zhiyin.measure.version_steps import steps
from zhiyin.warehouse.owner import Owner

MAIN = settings_for("main", minimum_base=0, test_base=30, small_base=100)
EASE = asking("ease", "rating", scale_max=10)
OLD = survey((NPS, EASE))
NEW = survey((NPS, asking("ease", "rating", scale_max=10, help={"en": "Think of today."})),
             (asking("trip", "single", choices=choices("a", "b", "c"),
                     is_shuffled=True),))  # fmt: skip
STEP = 1.0


def given(version: int, n: int, drawn: random.Random) -> list[Given]:
    def score() -> float:
        # The newer version is answered higher by one point: a planted step.
        return float(min(10, max(1, drawn.randint(3, 8) + (STEP if version == 2 else 0))))

    return [
        Given(f"v{version}c{number}", "web", "ended", 60,
              {"recommend": Answer("answered", score=7.0),
               "ease": Answer("answered", score=score())})
        for number in range(n)
    ]  # fmt: skip


def published(survey: Survey, number: int, on: datetime, beside: int | None = None) -> None:
    if number == 1:
        actions.create(by=COMMAND_LINE, workspace="main", key="visit", survey=survey)
    else:
        actions.save(by=COMMAND_LINE, workspace="main", key="visit", survey=survey, revision=1)
    actions.publish(by=COMMAND_LINE, workspace="main", key="visit", beside=beside, share=0.5)
    SurveyVersion.objects.filter(number=number).update(published_at=on)


@pytest.fixture
def ran(
    db: None, empty_log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Owner]:
    """Version 1 from January on, beside version 2 from the 9th of March on."""
    shutil.copytree(empty_log, tmp_path, dirs_exist_ok=True)
    with override_settings(ZHIYIN_DATA=str(tmp_path)):
        accounts.set_up(by=COMMAND_LINE, login="ana")
        published(OLD, 1, datetime(2026, 1, 1, tzinfo=UTC))
        published(NEW, 2, datetime(2026, 3, 9, tzinfo=UTC), beside=1)
        drawn = random.Random(3)  # noqa: S311 - a test's series
        with Owner(tmp_path) as owner:
            visit.planted(owner, given(1, 400, drawn), version=1, of=OLD)
            visit.planted(owner, given(2, 400, drawn), version=2, of=NEW)
            # Before they ran beside each other the first was answered quite otherwise.
            told = visit._told
            monkeypatch.setattr(visit, "BEGAN", datetime(2026, 1, 15))
            monkeypatch.setattr(
                visit, "_told", lambda one, at, version, of: told(one, f"early{at}", version, of)
            )
            early = [
                Given(f"e{n}", "web", "ended", 60, {"ease": Answer("answered", score=1.0)})
                for n in range(300)
            ]
            visit.planted(owner, early, version=1, of=OLD)
            yield owner


def test_the_step_is_that_which_was_planted(ran: Owner) -> None:
    (found,) = steps(ran, MAIN, "visit", "ease")
    row = found.found
    assert (found.version, found.beside, row.n, row.reference_n) == (2, 1, 400, 400)
    assert row.difference is not None
    assert row.low is not None
    assert row.high is not None
    assert row.low < STEP < row.high
    # The early answers of the first alone would make it three points.
    assert row.high - row.low < 0.7
    said = found.as_dict()
    assert (said["series"], said["step"]) == (["ease", "ease"], row.difference)
    json.dumps(said)
    # What has no step has none.
    flat = steps(ran, MAIN, "visit", "recommend")
    assert [(one.metric, one.found.difference) for one in flat] == [("nps", 0.0), ("rating", 0.0)]


def test_what_has_no_step_is_said(ran: Owner) -> None:
    for series, version, code in (
        ("trip", None, "survey.no-series"), ("gone", None, "survey.no-series"),
        ("ease", 1, "survey.no-step"),
    ):  # fmt: skip
        with pytest.raises(Problem) as caught:
            steps(ran, MAIN, "visit", series, version=version)
        assert caught.value.code == code
    SurveyVersion.objects.filter(number=2).update(published_at=datetime(2026, 9, 1, tzinfo=UTC))
    with pytest.raises(Problem) as caught:
        steps(ran, MAIN, "visit", "ease")
    assert caught.value.code == "survey.no-step-yet"
    actions.create(by=COMMAND_LINE, workspace="main", key="other", survey=OLD)
    with pytest.raises(Problem) as caught:
        actions.publish(by=COMMAND_LINE, workspace="main", key="other", beside=1)
    assert caught.value.code == "survey.no-version"
    changed = survey((NPS,))
    actions.save(by=COMMAND_LINE, workspace="main", key="visit", survey=changed, revision=2)
    with pytest.raises(Problem) as caught:
        actions.publish(by=COMMAND_LINE, workspace="main", key="visit", beside=1, share=1.0)
    assert caught.value.code == "survey.share"


def test_orders_of_responses_are_written(ran: Owner) -> None:
    found = orders.of(ran, "main", "visit")
    # Only version 2 shuffles.
    assert len(found) == 400
    assert {one["part"] for one in found} == {"trip"}
    assert all(sorted(one["order"].split("|")) == ["a", "b", "c"] for one in found)
    assert len({one["order"] for one in found}) == 6
    assert kept.versions(kept.get("main", "visit"))[1][0] == 2
