"""How the demo company is organised, what it asks, draws, wanted its figures to be, and marks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from typing import TYPE_CHECKING

from zhiyin.demo import aspects, documents, maps
from zhiyin.demo.organisation import UNITS
from zhiyin.demo.plan import Plan
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.periods import step_end, step_label, step_start

if TYPE_CHECKING:  # it is read after Django is set up, not before
    from zhiyin.accounts.audit import Actor
    from zhiyin.accounts.workspaces import Settings
    from zhiyin.measure.actions import MarkAsked, TargetAsked

QUARTERS = 4
"""So many quarters have targets, the running one included."""


def add(workspace: Settings, plan: Plan, *, by: Actor) -> None:
    """Put the company's units, aspects, surveys, personas, map, targets, marks and holidays into
    its workspace; may run twice."""
    from django.db import transaction

    from zhiyin.accounts import units
    from zhiyin.measure import actions, calendar

    held_units = {place.unit.key for place in units.tree(workspace.slug)}
    known = {(one.name, one.first) for one in calendar.of(workspace)}
    with transaction.atomic():
        for unit in UNITS:
            if unit.slug not in held_units:
                name = unit.english if workspace.language == "en" else unit.chinese
                units.save(
                    by=by, workspace=workspace.slug, key=unit.slug, name=name,
                    kind=unit.kind, parent=unit.parent or "",
                )  # fmt: skip
        aspects.add(workspace, by=by)
        documents.add(workspace, by=by)
        maps.add(workspace, plan, by=by)
        for target in targets(plan):
            actions.set_target(by=by, workspace=workspace, asked=target)
        for mark in marks(plan, is_chinese=workspace.language != "en"):
            if (mark.name, mark.first) not in known:
                actions.add_mark(by=by, workspace=workspace, asked=mark)
        actions.choose_holidays(by=by, workspace=workspace, country="CN", lunar=True)


def remove(workspace: Settings, plan: Plan, *, by: Actor) -> None:
    """Take out what `add` put in, and nothing of anybody else; may run twice."""
    from django.db import transaction

    from zhiyin.measure import actions, calendar, target_periods
    from zhiyin.measure import targets as measured

    ours = {
        (one.metric, one.kind, one.question, *target_periods.read(one.period, workspace), one.value)
        for one in targets(plan)
    }
    names = {
        (one.name, one.first) for is_zh in (True, False) for one in marks(plan, is_chinese=is_zh)
    }
    with transaction.atomic():
        maps.remove(workspace, plan, by=by)
        documents.remove(workspace, by=by)
        aspects.remove(workspace, by=by)
        for held in measured.of(workspace):
            key = held.metric.slug, held.kind, held.question, held.first, held.end, held.value
            if key in ours and not held.unit:
                actions.remove_target(by=by, workspace=workspace, number=held.number)
        for mark in calendar.of(workspace):
            if (mark.name, mark.first) in names:
                actions.remove_mark(by=by, workspace=workspace, number=mark.number)
        if calendar.holidays_of(workspace) == calendar.Holidays("CN", lunar=True):
            actions.choose_holidays(by=by, workspace=workspace, country="", lunar=False)
    _remove_units(workspace.slug, by)


def _remove_units(workspace: str, by: Actor) -> None:
    """Take out the company's units that nobody has renamed and nothing hangs on."""
    from zhiyin.accounts import units

    named = {unit.slug: {unit.english, unit.chinese} for unit in UNITS}
    # Those below first.
    for place in reversed(units.tree(workspace)):
        if place.unit.name in named.get(place.unit.key, ()):
            # What hangs on it keeps it.
            with suppress(Problem):
                units.remove(by=by, workspace=workspace, key=place.unit.key, by_rule=())


def targets(plan: Plan) -> Iterator[TargetAsked]:
    """Targets of the whole company for the last quarters and for the month that is running."""
    from zhiyin.measure.actions import TargetAsked

    tomorrow = plan.until + timedelta(days=1)
    first = step_start(tomorrow, "quarter")
    for _quarter in range(QUARTERS):
        if step_end(first, "quarter") <= plan.first:
            return
        for metric, question, value in (
            ("nps", "recommend_journey", 42.0),
            ("nps", "recommend_contact", 60.0),
            ("cart_abandonment", "", 58.0),
        ):
            yield TargetAsked(metric, step_label(first, "quarter"), value, question=question)
        first = step_start(first - timedelta(days=1), "quarter")
    month = step_label(tomorrow.replace(day=1), "month")
    yield TargetAsked("csat", month, 78.0, kind="touchpoint")
    yield TargetAsked("conversion", month, 26.0)


def marks(plan: Plan, *, is_chinese: bool) -> Iterator[MarkAsked]:
    """What the company did or suffered, as `truth.json` dates it."""
    from zhiyin.measure.actions import MarkAsked

    story = plan.stories

    def on(day: int) -> date:
        return plan.date_of(min(max(day, 0), plan.days - 1))

    def mark(english: str, chinese: str, kind: str, first: int, last: int, where: str) -> MarkAsked:
        name = chinese if is_chinese else english
        return MarkAsked(name=name, kind=kind, first=on(first), last=on(last), where=where)

    yield mark(
        "Typhoon closes Shanghai", "台风致上海两场关闭", "incident",
        story.typhoon, story.typhoon + 1, "unit in ('SHA', 'PVG')",
    )  # fmt: skip
    yield mark(
        "Fare promotion", "特惠促销", "campaign",
        story.promotion[0], story.promotion[1] - 1, "",
    )  # fmt: skip
    yield mark(
        "New refund system", "退款系统切换", "process", story.slow_refunds, story.slow_refunds, ""
    )
    yield mark("New chatbot", "智能客服升级", "process", story.chatbot, story.chatbot, "")
    yield mark(
        "Kiosks send nothing", "自助值机设备无数据", "gap",
        story.silent[0], story.silent[1] - 1, "channel = 'kiosk'",
    )  # fmt: skip
    for place, day in enumerate(story.self_service):
        yield mark(
            f"Self-service bag drop, group {place + 1}", f"自助行李托运第{place + 1}批上线",
            "process", day, day, "",
        )  # fmt: skip
    if story.wording_wave is not None:
        day = round((story.wording_wave + 1) * 91.3125) - 14
        yield mark("Relationship question reworded", "关系调研题目改版", "survey", day, day, "")
