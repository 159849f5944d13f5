"""What the demo company wants and marks is true of it, and leaves with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from zhiyin.accounts import units
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import Workspace
from zhiyin.accounts.workspaces import settings_of
from zhiyin.collect.aspects import actions as aspect_actions
from zhiyin.collect.aspects import kept as aspects
from zhiyin.collect.surveys import actions as surveys
from zhiyin.collect.surveys import kept
from zhiyin.demo import documents, filling, planned
from zhiyin.demo.aspects import listed
from zhiyin.demo.organisation import UNITS
from zhiyin.demo.plan import Plan
from zhiyin.demo.questionnaires import FLIGHT, SURVEYS
from zhiyin.measure import actions, calendar, registry, target_periods, targets
from zhiyin.warehouse.owner import Owner

pytestmark = pytest.mark.django_db


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Owner]:
    with Owner(tmp_path) as owner:
        owner.create("main")
        yield owner


PLAN = Plan(customers=150, months=12, until=date(2026, 5, 17))


def test_marks_lie_on_the_days_of_the_stories() -> None:
    story = PLAN.stories
    found = {one.name: one for one in planned.marks(PLAN, is_chinese=False)}
    assert found["Typhoon closes Shanghai"].first == PLAN.date_of(story.typhoon)
    silent = found["Kiosks send nothing"]
    assert ((silent.last - silent.first).days + 1) == story.silent[1] - story.silent[0]
    assert all(PLAN.first <= one.first <= one.last <= PLAN.until for one in found.values())


def test_it_comes_once_and_leaves_whole_and_ones_own_stays() -> None:
    Workspace.objects.create(slug="main", name="Main", timezone="Asia/Shanghai", language="en")
    main = settings_of("main")
    own = actions.TargetAsked("nps", "2026-05", 1.0)
    actions.set_target(by=COMMAND_LINE, workspace=main, asked=own)
    mine = actions.MarkAsked("Ours", "incident", PLAN.until, PLAN.until)
    actions.add_mark(by=COMMAND_LINE, workspace=main, asked=mine)
    units.save(by=COMMAND_LINE, workspace="main", key="our-shop", name="Our shop")
    document = documents.versions(FLIGHT)[0]
    surveys.create(by=COMMAND_LINE, workspace="main", key="ours", survey=document)
    named = {"key": "wheels", "en": "Wheels", "zh": "轮子"}
    aspect_actions.add(by=COMMAND_LINE, workspace="main", **named)
    for _time in range(2):
        planned.add(main, PLAN, by=COMMAND_LINE)
    aspect_actions.edit(by=COMMAND_LINE, workspace="main", key="seat", zh="座位")
    assert {one.key for one in aspects.of("main")} == {"wheels", *(a.key for a in listed())}
    places = {place.unit.key: place.depth for place in units.tree("main")}
    assert len(places) == 1 + len(UNITS)
    assert (places["headquarters"], places["east"], places["SHA"]) == (0, 1, 2)
    assert len(targets.of(main)) == 1 + len(list(planned.targets(PLAN)))
    assert len(calendar.of(main)) == 1 + len(list(planned.marks(PLAN, is_chinese=False)))
    held = {one.key: [number for number, _d in kept.versions(one)] for one in kept.of("main")}
    assert held.pop("ours") == []
    assert held.pop("relationship") == [1, 2]
    assert held == {one.slug: [1] for one in SURVEYS if one.slug != "relationship"}
    for _time in range(2):
        planned.remove(main, PLAN, by=COMMAND_LINE)
    assert [one.key for one in kept.of("main")] == ["ours"]
    assert [one.key for one in aspects.of("main")] == ["wheels", "seat"]
    assert [place.unit.key for place in units.tree("main")] == ["our-shop"]
    assert [one.value for one in targets.of(main)] == [1.0]
    assert [one.name for one in calendar.of(main)] == ["Ours"]
    assert calendar.holidays_of(main) == calendar.Holidays()


def test_targets_cover_the_running_quarter_and_what_the_measures_know() -> None:
    Workspace.objects.create(slug="main", name="Main", timezone="Asia/Shanghai")
    main = settings_of("main")
    asked = list(planned.targets(PLAN))
    running = [
        one
        for one in asked
        if target_periods.read(one.period, main)[0] <= PLAN.until
        and PLAN.until < target_periods.read(one.period, main)[1]
    ]
    assert {one.metric for one in running} == {"nps", "cart_abandonment", "csat", "conversion"}
    assert all(one.metric in registry.METRICS for one in asked)


def test_the_company_that_a_workspace_shows_is_read_from_its_imports(
    log: Owner,
) -> None:
    small = Plan(customers=120, months=1, until=date(2026, 5, 17))
    assert filling.plan_of(log, "main") is None
    filling.fill(log, "main", small)
    assert filling.plan_of(log, "main") == small
