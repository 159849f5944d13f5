"""The calendar: marks, holidays, and figures with and without those concerned."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from zhiyin.accounts import units
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import AuditEntry, Workspace
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.kernel.text import in_language
from zhiyin.measure import (
    actions,
    calendar,
    comparisons,
    erasing,
    holiday_days,
    mark_lists,
    scores,
    target_lists,
    targets,
)
from zhiyin.measure.actions import MarkAsked
from zhiyin.measure.models import Mark, Target
from zhiyin.measure.requests import ScoreRequest
from zhiyin.measure.tests.conftest import settings_for
from zhiyin.measure.tests.planting import answer, plant
from zhiyin.unify.subjects import Her
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.rights import Id

pytestmark = pytest.mark.django_db

STORM = date(2026, 3, 10)
DAYS = settings_for("days", minimum_base=10, test_base=30, small_base=100)


@pytest.fixture(scope="module")
def storm_log(log: Owner) -> Iterator[Owner]:
    """Twenty whom a storm hit (10 answered about it, all answered later), and forty others."""
    log.create("days")
    noon = datetime(2026, 3, 10, 4)
    rows: list[dict[str, Any]] = []
    for n in range(20):
        hit = {"customer": f"hit{n}", "unit": "harbour", "channel": "app" if n % 2 else "web"}
        if n < 10:
            later = noon + timedelta(days=3)
            rows.append(
                answer(0.0, **hit, experienced_at=noon, occurred_at=later, about_id="ship-1")
            )
        rows.append(answer(3.0, **hit, occurred_at=noon + timedelta(days=9)))
    rows += [
        answer(10.0, customer=f"other{n}", unit="town", occurred_at=noon,
               channel="app" if n < 5 else "web")
        for n in range(40)
    ]  # fmt: skip
    rows.append(answer(10.0, unit="town", occurred_at=noon))  # nobody knows who
    plant(log, "days", "answers", [{**row, "id": f"a{n}"} for n, row in enumerate(rows)])
    boarded = [
        {"name": "Boarded", "customer": f"hit{n}", "unit": "harbour", "occurred_at": noon}
        for n in range(10, 20)
    ]
    plant(log, "days", "events", boarded)
    yield log
    log.drop("days")


@pytest.fixture
def place() -> None:
    Workspace.objects.create(slug="days", name="Days", timezone="Asia/Shanghai")
    for key in ("harbour", "town"):
        units.save(by=COMMAND_LINE, workspace="days", key=key, name=key.title())


def marked(name: str = "Storm", **more: Any) -> calendar.Held:
    asked = MarkAsked(**{"name": name, "kind": "incident", "first": STORM, "last": STORM, **more})
    row = actions.add_mark(by=COMMAND_LINE, workspace=DAYS, asked=asked)
    return calendar.held(DAYS, [row])[0]


def without(log: Owner, mark: calendar.Held, drops: Any = "customers", **more: Any) -> Any:
    request = ScoreRequest("nps", without=(calendar.left_out(DAYS, mark, drops),), **more)
    return scores.score(log, DAYS, request, now=datetime(2026, 4, 1))


def test_those_concerned_are_left_out_with_all_that_they_said(
    storm_log: Owner, place: None
) -> None:
    """By an answer about these days or by an event of them; who is not known stays."""
    mark = marked(unit="harbour")
    found = without(storm_log, mark)
    assert (found.total.n, found.total.value) == (41, 100.0)
    assert [one.name for one in found.without] == ["Storm"]
    assert found.as_dict()["without"] == [{"number": mark.number, "name": "Storm"}]
    whole = scores.score(storm_log, DAYS, ScoreRequest("nps"), now=datetime(2026, 4, 1))
    assert whole.total.n == 71
    assert whole.without == ()


def test_or_only_the_facts_are(storm_log: Owner, place: None) -> None:
    assert without(storm_log, marked(unit="harbour"), "facts").total.n == 61


@pytest.mark.parametrize(
    ("scope", "n"),
    [
        ({"about": ("ship-1",)}, 71 - 20),
        ({"customers": tuple(f"hit{n}" for n in range(10))}, 71 - 20),
        ({"where": "unit = 'harbour' and channel = 'app'", "unit": "harbour"}, None),
        ({}, 0),
    ],
)
def test_every_kind_of_scope_says_whom(
    storm_log: Owner, place: None, scope: dict[str, Any], n: int | None
) -> None:
    if n is None:
        with pytest.raises(Problem, match="fewer than 10"):
            without(storm_log, marked(**scope))
    else:
        assert without(storm_log, marked(**scope)).total.n == n


def test_too_few_left_out_are_not_told_by_a_subtraction(storm_log: Owner, place: None) -> None:
    """Five of town's app users among enough others: their channel is withheld, and one beside."""
    listed = (*(f"other{n}" for n in range(5)), *(f"hit{n}" for n in range(0, 20, 2)))
    found = without(storm_log, marked(first=date(2026, 3, 1), customers=listed), by=("channel",))
    assert {row.group["channel"]: row.state for row in found.rows if row.group["channel"]} == {
        "app": "withheld",
        "web": "withheld",
    }
    assert found.total.state == "ok"
    request = ScoreRequest("nps", without=found.without)
    with pytest.raises(Problem, match="leaves nothing out"):
        comparisons.compare(storm_log, DAYS, request, 5.0)


def test_marks_are_found_by_name_and_day_and_branch(place: None) -> None:
    marked("Storm", unit="harbour")
    marked("Sale", kind="campaign", last=date(2026, 3, 12))
    assert [one.name for one in calendar.of(DAYS, text="SAL")] == ["Sale"]
    assert [one.name for one in calendar.of(DAYS, start=date(2026, 3, 12))] == ["Sale"]
    assert calendar.of(DAYS, end=STORM) == ()
    town = parse("unit = 'town'")
    assert [one.name for one in calendar.of(DAYS, scope=town)] == ["Sale"]
    (mark,) = calendar.of(DAYS, scope=town)
    with pytest.raises(Problem, match="part of it"):
        actions.remove_mark(by=COMMAND_LINE, workspace=DAYS, number=mark.number, scope=town)


def test_each_write_of_a_mark_is_in_the_audit_log(place: None) -> None:
    mark = marked()
    asked = MarkAsked("Gale", "incident", STORM, STORM)
    actions.change_mark(by=COMMAND_LINE, workspace=DAYS, number=mark.number, asked=asked)
    with pytest.raises(Problem, match="already marked"):
        marked("Gale")
    actions.remove_mark(by=COMMAND_LINE, workspace=DAYS, number=mark.number)
    actions.choose_holidays(by=COMMAND_LINE, workspace=DAYS, country="cn", lunar=True)
    with pytest.raises(Problem, match="No holidays are known"):
        actions.choose_holidays(by=COMMAND_LINE, workspace=DAYS, country="XX", lunar=True)
    said = AuditEntry.objects.exclude(action__startswith="unit").order_by("pk")
    assert [one.action for one in said] == [
        "mark.added", "mark.changed", "mark.removed", "holidays.chosen",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"name": " "}, "calendar.name"),
        ({"kind": "party"}, "calendar.kind"),
        ({"last": STORM - timedelta(days=1)}, "calendar.backwards"),
        ({"where": "unit ="}, "filter.syntax"),
        ({"unit": "nowhere"}, "units.no-such-unit"),
        ({"about": tuple(str(n) for n in range(5_001))}, "calendar.too-many"),
    ],
)
def test_what_cannot_be_a_mark_is_refused(place: None, asked: dict[str, Any], code: str) -> None:
    with pytest.raises(Problem) as refused:
        marked(**asked)
    assert refused.value.code == code
    assert not Mark.objects.exists()


def test_an_erased_customer_leaves_the_lists_and_the_mark_stays(
    place: None, tmp_path: Path
) -> None:
    mark = marked(customers=("ann", "bob"))
    her = Her("days", tmp_path, (Id("customer", "ann"),), pseudonym="f" * 40)
    assert [one["name"] for one in erasing._show(her)] == ["Storm"]
    assert erasing._erase(her) == 1
    assert calendar.get(DAYS, mark.number).customers == (f"erased {'f' * 16}", "bob")
    assert erasing._erase(her) == 0


# Holidays


def test_spring_festival_is_one_run_of_nine_days_in_both_languages() -> None:
    """The State Council's notice for 2026: 15 to 23 February off, 14 and 28 February worked."""
    days = date(2026, 2, 1), date(2026, 3, 1)
    for language, name in (("en", "Chinese New Year"), ("zh-hans", "春节")):
        with in_language(language):
            (run,) = holiday_days.seasons("CN", *days)
            assert (run.name, run.first, run.end) == (name, date(2026, 2, 15), date(2026, 2, 24))
            assert holiday_days.days_worked("CN", *days) == (date(2026, 2, 14), date(2026, 2, 28))


def test_festivals_within_a_run_are_that_run_and_others_stand_alone() -> None:
    year = date(2026, 1, 1), date(2027, 1, 1)
    with in_language("zh-hans"):
        both = [one.name for one in holiday_days.seasons("CN", *year, lunar=True)]
        alone = [one.name for one in holiday_days.seasons("", *year, lunar=True)]
    assert both.count("春节") == 1
    assert "元宵节" in both
    assert "春节" in alone
    assert "劳动节" not in alone
    assert holiday_days.seasons("", *year) == ()


def test_what_trends_draw_is_marks_and_runs_in_order(place: None) -> None:
    actions.choose_holidays(by=COMMAND_LINE, workspace=DAYS, country="CN", lunar=False)
    marked("Sale", first=date(2026, 2, 20), last=date(2026, 2, 21))
    found = calendar.marks_within(DAYS, date(2026, 2, 1), date(2026, 3, 1))
    assert [(one.kind, one.is_season) for one in found] == [("holiday", True), ("incident", True)]


# Lists


def test_lists_of_targets_say_all_faults_and_set_all_or_nothing(place: None) -> None:
    wrong = "指标,时段,目标值,组织单元\nnps,2026-13,30,\nnps,2026-01,x,\nnps,2026-01,30,nowhere\n"
    preview = target_lists.preview(wrong.encode("gb18030"), DAYS)
    assert [(one.line, one.problem.code) for one in preview.faults] == [
        (2, "target.period"), (3, "list.not-a-number"), (4, "units.no-such-unit"),
    ]  # fmt: skip
    assert preview.asked == ()
    twice = b"metric,period,target\nnps,2026-01,30\nnps,2026-01,31\n"
    assert [one.problem.code for one in target_lists.preview(twice, DAYS).faults] == ["list.twice"]
    for data, code in ((b"\x00\xff", "list.not-text"), (b"metric\nnps\n", "list.no-column")):
        with pytest.raises(Problem) as refused:
            target_lists.preview(data, DAYS)
        assert refused.value.code == code


def test_a_list_of_targets_that_was_written_changes_nothing(place: None) -> None:
    good = b"metric,period,target,question\nnps,2026-01,30,=recommend\nconversion,2026-Q1,4.5,\n"
    preview = target_lists.preview(good, DAYS)
    assert (preview.new, preview.changed, preview.same) == (2, 0, 0)
    actions.set_targets(by=COMMAND_LINE, workspace=DAYS, asked=preview.asked)
    assert Target.objects.count() == 2
    written = target_lists.write(targets.of(DAYS)).replace("'=", "=").encode("utf-8-sig")
    again = target_lists.preview(written, DAYS)
    assert (again.new, again.changed, again.same) == (0, 0, 2)


def test_a_list_of_marks_goes_out_and_in(place: None) -> None:
    marked("Storm", unit="harbour", about=("s-1", "s-2"), customers=("ann",))
    text = mark_lists.write(calendar.of(DAYS), sees_it=True)
    assert mark_lists.preview(text.encode(), DAYS).same == 1
    Mark.objects.all().delete()
    preview = mark_lists.preview(text.encode(), DAYS)
    actions.add_marks(by=COMMAND_LINE, workspace=DAYS, asked=preview.asked)
    (held,) = calendar.of(DAYS)
    assert (held.about, held.customers, held.unit) == (("s-1", "s-2"), ("ann",), "harbour")
    assert "ann" not in mark_lists.write([held], sees_it=False)
    wrong = b"name,kind,first\nA,incident,soon\nB,party,2026-01-01\n"
    faults = mark_lists.preview(wrong, DAYS).faults
    assert [one.problem.code for one in faults] == ["calendar.not-a-date", "calendar.kind"]
