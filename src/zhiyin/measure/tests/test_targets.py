"""Targets: verdicts of the same engine as comparisons, chances, rights, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from zhiyin.accounts import units
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import AuditEntry, Workspace
from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.measure import actions, comparisons, target_periods, targets
from zhiyin.measure.actions import TargetAsked
from zhiyin.measure.models import Target
from zhiyin.measure.requests import ScoreRequest
from zhiyin.measure.tests.conftest import settings_for
from zhiyin.measure.tests.planting import answer, csat, plant
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.scoped import scoped

# The log is asked for scores and comparisons, which are tested on every engine.
pytestmark = [pytest.mark.django_db, pytest.mark.any_engine]

NOW = datetime(2026, 3, 16)
"""Eight in the morning in Shanghai: half of March is over."""
PLAN = settings_for("plan", minimum_base=10, test_base=30, small_base=100)


@pytest.fixture(scope="module")
def plan_log(log: Owner) -> Iterator[Owner]:
    """Three months: north at NPS +40, south at −20, and nine answers of a small unit."""
    log.create("plan")
    rows: list[dict[str, Any]] = []
    days = (NOW - datetime(2026, 1, 1)).days
    for day in range(days):
        at = datetime(2026, 1, 1, 4) + timedelta(days=day)
        for unit, scores in (("north", (10, 10, 10, 8, 3) * 2), ("south", (10, 8, 3, 3, 8))):
            rows += [
                answer(float(score), unit=unit, occurred_at=at, customer=f"{unit}{day}-{place}")
                for place, score in enumerate(scores)
            ]
    rows += [
        answer(10.0, unit="kiosk", occurred_at=NOW - timedelta(days=9), customer=f"kiosk{n}")
        for n in range(9)
    ]
    rows += [
        csat(5.0 if n % 4 else 1.0, unit="north", kind="journey", customer=f"c{n}",
             occurred_at=datetime(2026, 2, 1 + n % 20, 4))
        for n in range(80)
    ]  # fmt: skip
    plant(log, "plan", "answers", [{**row, "id": f"a{n}"} for n, row in enumerate(rows)])
    yield log
    log.drop("plan")


@pytest.fixture
def tree() -> None:
    Workspace.objects.create(slug="plan", name="Plan", timezone="Asia/Shanghai")
    for key, parent in (("all", ""), ("north", "all"), ("south", "all"), ("kiosk", "south")):
        units.save(by=COMMAND_LINE, workspace="plan", key=key, name=key.title(), parent=parent)


def put(value: float, period: str = "2026-02", **more: Any) -> Target:
    asked = TargetAsked(**{"metric": "nps", "period": period, "value": value, **more})
    return actions.set_target(by=COMMAND_LINE, workspace=PLAN, asked=asked)


def judged(log: Any, target: Target, settings: Settings = PLAN) -> targets.Verdict:
    (held,) = targets.held(settings, [target])
    return targets.verdict(log, settings, held, now=NOW)


def test_the_verdict_is_that_of_a_comparison_with_the_value(plan_log: Owner, tree: None) -> None:
    reached, missed = put(30, unit="north"), put(0, unit="south")
    near = put(41, unit="north", period="2026-01")
    found = [judged(plan_log, one) for one in (reached, missed, near)]
    assert [one.state for one in found] == ["reached", "missed", "open"]
    assert all(one.is_over and one.outlook is None for one in found)
    request = ScoreRequest(
        metric="nps", start=date(2026, 2, 1), end=date(2026, 3, 1), where=parse("unit = 'north'")
    )
    (row,) = comparisons.compare(plan_log, PLAN, request, 30.0, now=NOW).rows
    assert row.low is not None
    assert (found[0].value, found[0].low) == (row.value, row.low + 30)
    assert found[0].n == 280


def test_where_less_is_better_less_reaches_it(plan_log: Owner, tree: None) -> None:
    asked = {"metric": "bottom_box", "kind": "journey", "unit": "north"}
    found = judged(plan_log, put(60, **asked))
    assert (found.better, found.state, found.value) == ("down", "reached", 25.0)
    assert judged(plan_log, put(10, **asked)).state == "missed"


def test_a_unit_is_its_branch_and_blank_the_whole_company(plan_log: Owner, tree: None) -> None:
    whole, below = (
        judged(plan_log, put(0)),
        judged(plan_log, put(0, unit="south", period="2026-03")),
    )
    assert whole.n == 28 * 15
    assert below.n == 15 * 5 + 9  # the kiosk is below the south


def test_too_few_answers_have_no_verdict_and_no_n(plan_log: Owner, tree: None) -> None:
    found = judged(plan_log, put(0, unit="kiosk", period="2026-03"))
    assert (found.state, found.value, found.n, found.outlook) == ("too_few", None, None, None)
    assert judged(plan_log, put(0, period="2025-01")).state == "too_few"


def test_before_the_end_there_is_a_chance(plan_log: Owner, tree: None) -> None:
    likely = judged(plan_log, put(35, unit="north", period="2026-03")).outlook
    unlikely = judged(plan_log, put(50, unit="north", period="2026-03")).outlook
    assert likely is not None
    assert unlikely is not None
    assert 0.8 < likely.chance < 1
    assert 0 < unlikely.chance < 0.1
    assert unlikely.needed == pytest.approx(60, abs=1.5)  # half is in, at 40
    # Fifteen days and eight hours are over: 150 so far, by the pace 153 more, by February 130.
    assert likely.to_come == pytest.approx((153.3 * 130) ** 0.5, rel=0.001)


def test_what_has_not_begun_and_what_cannot_be_said_are_said(plan_log: Owner, tree: None) -> None:
    assert judged(plan_log, put(10, period="2026-04")).state == "not_begun"
    mixed = judged(plan_log, put(80, metric="response_rate"))
    assert mixed.state == "impossible"
    assert mixed.problem is not None
    assert "invitations" in str(mixed.problem)


def test_a_reader_of_a_branch_sees_its_targets_alone(plan_log: Owner, tree: None) -> None:
    for unit in ("", "north", "south", "kiosk"):
        put(0, unit=unit)
    scope = parse("unit in ('south', 'kiosk')")
    days = date(2026, 2, 1), date(2026, 3, 1)
    hers = scoped(plan_log, scope)
    found = targets.verdicts(hers, PLAN, scope=scope, period=days, now=NOW)
    assert {one.target.unit for one in found} == {"south", "kiosk"}
    assert {one.unit for one in targets.of(PLAN)} == {"", "north", "south", "kiosk"}
    # A scope that also says something else is no unit of the tree.
    assert targets.of(PLAN, scope=parse("unit = 'south' and channel = 'app'")) == ()
    # Without days those of today are meant.
    put(0, unit="south", period="2026-03")
    (now,) = targets.verdicts(hers, PLAN, scope=scope, now=NOW)
    assert now.target.period == "2026-03"


def test_the_history_is_of_one_measure_and_unit(plan_log: Owner, tree: None) -> None:
    put(0, unit="south")
    put(30, unit="north", period="2026-01")
    (held,) = targets.held(PLAN, [put(50, unit="north")])
    found = targets.history(plan_log, PLAN, held, now=NOW)
    assert [(one.target.period, one.state) for one in found] == [
        ("2026-02", "missed"), ("2026-01", "reached"),
    ]  # fmt: skip


def test_a_manager_answers_for_her_branch_alone(tree: None) -> None:
    scope = parse("unit in ('south', 'kiosk')")
    mine = TargetAsked("nps", "2026-02", 5, unit="kiosk")
    actions.set_target(by=COMMAND_LINE, workspace=PLAN, asked=mine, scope=scope)
    for unit in ("", "north"):
        asked = replace(mine, unit=unit)
        with pytest.raises(Problem) as refused:
            actions.set_target(by=COMMAND_LINE, workspace=PLAN, asked=asked, scope=scope)
        assert refused.value.code == "branch.not-yours"
    other = put(5, unit="north")
    with pytest.raises(Problem, match="no target"):
        actions.remove_target(by=COMMAND_LINE, workspace=PLAN, number=other.pk, scope=scope)
    with pytest.raises(Problem, match="no target"):
        actions.change_target(
            by=COMMAND_LINE, workspace=PLAN, number=other.pk, asked=mine, scope=scope
        )


def test_each_write_is_in_the_audit_log_once(tree: None) -> None:
    target = put(5)
    assert put(6).pk == target.pk
    asked = TargetAsked("csat", "2026-Q1", 90, kind="journey")
    actions.change_target(by=COMMAND_LINE, workspace=PLAN, number=target.pk, asked=asked)
    actions.remove_target(by=COMMAND_LINE, workspace=PLAN, number=target.pk)
    entries = AuditEntry.objects.filter(action__startswith="target.").order_by("pk")
    said = [(one.action, one.before.get("value"), one.after.get("value")) for one in entries]
    assert said == [
        ("target.set", None, 5), ("target.changed", 5, 6), ("target.changed", 6, 90),
        ("target.removed", 90, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"metric": "npss"}, "measure.no-such-metric"),
        ({"value": 101}, "compare.against"),
        ({"value": float("nan")}, "target.value"),
        ({"period": "2026-13"}, "target.period"),
        ({"period": "2026-02-02..2026-02-01"}, "target.period"),
        ({"unit": "nowhere"}, "units.no-such-unit"),
        ({"kind": "love"}, "target.kind"),
        ({"metric": "conversion", "value": 2, "kind": "journey"}, "target.kind"),
    ],
)
def test_what_cannot_be_a_target_is_refused(tree: None, asked: dict[str, Any], code: str) -> None:
    with pytest.raises(Problem) as refused:
        put(**{"value": 5, **asked})
    assert refused.value.code == code
    assert not Target.objects.exists()


def test_two_targets_do_not_become_one(tree: None) -> None:
    one, other = put(5), put(6, period="2026-03")
    asked = TargetAsked("nps", "2026-02", 7)
    with pytest.raises(Problem, match="already a target"):
        actions.change_target(by=COMMAND_LINE, workspace=PLAN, number=other.pk, asked=asked)
    assert Target.objects.get(pk=one.pk).value == 5


@pytest.mark.parametrize(
    ("text", "first", "end"),
    [
        ("2026-02", date(2026, 2, 1), date(2026, 3, 1)),
        ("2026-Q2", date(2026, 4, 1), date(2026, 7, 1)),
        ("2026", date(2026, 1, 1), date(2027, 1, 1)),
        ("2026-02-03..2026-02-09", date(2026, 2, 3), date(2026, 2, 10)),
    ],
)
def test_periods_are_read_and_written_alike(text: str, first: date, end: date) -> None:
    assert target_periods.read(text, PLAN) == (first, end)
    assert target_periods.label(first, end, PLAN) == text


def test_fiscal_years_are_named_and_plain_ones_refused_where_they_differ() -> None:
    april = replace(PLAN, fiscal_year_start=4)
    for text, first, end in (
        ("FY2026/27", date(2026, 4, 1), date(2027, 4, 1)),
        ("FY2026/27-Q4", date(2027, 1, 1), date(2027, 4, 1)),
    ):
        assert target_periods.read(text, april) == (first, end)
        assert target_periods.label(first, end, april) == text
    for text in ("2026", "2026-Q1", "FY2026/28"):
        with pytest.raises(Problem, match="no period"):
            target_periods.read(text, april)
    with pytest.raises(Problem, match="no period"):
        target_periods.read("FY2026/27", PLAN)
