"""What is written once: units, touchpoints, questions, targets, marked dates, the schedule."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from zhiyin.demo import asked_facts, contacts, orders, organisation, refunds, voice_facts
from zhiyin.demo.arrays import coded, instants, stream
from zhiyin.demo.happenings import PARTIES
from zhiyin.demo.network import CAUSES, CAUSES_ZH
from zhiyin.demo.people import GOALS, PERSONAS, PERSONAS_EN, PERSONAS_ZH, REGION_NAMES, TIERS
from zhiyin.demo.plan import Plan
from zhiyin.demo.questionnaires import RECOMMEND_VERSION_2, SURVEYS
from zhiyin.demo.touchpoints import STAGES, TOUCHPOINTS
from zhiyin.demo.world import World

MEASURES = (
    ("nps", 45.0, 8.0), ("csat", 76.0, 5.0), ("ces", 5.5, 0.3), ("response_rate", 25.5, 2.0),
    ("conversion", 22.5, 2.5), ("cart_abandonment", 61.0, 3.0),
)  # fmt: skip
"""Targets lie around what the company does: some are met, some missed, some too close to say."""


def of(world: World) -> dict[str, pa.Table]:
    """Every reference table by file name."""
    return {
        "units": units(),
        "touchpoints": touchpoints(),
        "personas": personas(),
        "words": words(),
        "questions": questions(),
        "targets": targets(world.plan),
        "marked_dates": marked_dates(world),
        "aspects": voice_facts.aspects(),
        "flights": flights(world),
    }


def _rows(names: tuple[str, ...], rows: list[tuple[object, ...]]) -> pa.Table:
    columns: dict[str, Any] = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    return pa.table({name: pa.array(values) for name, values in columns.items()})


def units() -> pa.Table:
    """The organisation tree."""
    return _rows(
        ("unit", "parent", "kind", "en", "zh"),
        [(u.slug, u.parent, u.kind, u.english, u.chinese) for u in organisation.UNITS],
    )


def touchpoints() -> pa.Table:
    """Touchpoints with their stage, in journey order."""
    order = {slug: place for place, (slug, _en, _zh) in enumerate(STAGES)}
    names = {slug: (en, zh) for slug, en, zh in STAGES}
    return _rows(
        ("touchpoint", "en", "zh", "stage", "stage_en", "stage_zh", "position"),
        [(t.slug, t.english, t.chinese, t.stage, *names[t.stage], order[t.stage])
         for t in TOUCHPOINTS],
    )  # fmt: skip


def personas() -> pa.Table:
    """Personas and what each wants at a stage."""
    names = dict(zip(PERSONAS, zip(PERSONAS_EN, PERSONAS_ZH, strict=True), strict=True))
    return _rows(
        ("persona", "en", "zh", "stage", "goal_en", "goal_zh"),
        [(p, *names[p], stage, *goal) for p, goals in GOALS.items()
         for stage, goal in goals.items()],
    )  # fmt: skip


def words() -> pa.Table:
    """Chinese for the words that stand in the data."""
    lists = (
        ("reason", contacts.REASONS, contacts.REASONS_ZH),
        ("complaint_kind", contacts.COMPLAINT_KINDS, contacts.COMPLAINT_KINDS_ZH),
        ("cause", CAUSES, CAUSES_ZH),
        ("category", (*orders.CATEGORIES[:3], *orders.EXTRAS),
         ("票价", "税费", "服务费", *orders.EXTRAS_ZH)),
        ("refund_reason", refunds.REASONS, refunds.REASONS_ZH),
        ("delay", asked_facts.DELAYS, ("正点", "15–60分钟", "1–2小时", "2小时以上", "取消")),
        ("party", PARTIES, ("单人", "成人同行", "带儿童", "团队")),
        ("region", REGION_NAMES, ("华东", "华北", "华南", "西部", "境外")),
        ("tier", TIERS, ("普卡", "银卡", "金卡", "白金卡")),
    )  # fmt: skip
    rows: list[tuple[object, ...]] = [
        (domain, word, chinese)
        for domain, english, translated in lists
        for word, chinese in zip(english, translated, strict=True)
    ]
    return _rows(("domain", "word", "zh"), rows)


def questions() -> pa.Table:
    """Every question that is asked, with its scale and wordings."""
    rows: list[tuple[object, ...]] = []
    for survey in SURVEYS:
        for q in survey.questions:
            low, high = q.scale or (None, None)
            rows.append((survey.slug, 1, q.name, q.metric, q.kind, q.touchpoint, low, high,
                         q.english, q.chinese))  # fmt: skip
            if q.name == "recommend":
                rows.append((survey.slug, 2, q.name, q.metric, q.kind, q.touchpoint, low, high,
                             *RECOMMEND_VERSION_2))  # fmt: skip
    return _rows(
        ("survey", "version", "question", "metric", "kind", "touchpoint", "scale_min",
         "scale_max", "en", "zh"), rows,
    )  # fmt: skip


def targets(plan: Plan) -> pa.Table:
    """Six measures per region, station and team's parent, a value a quarter of the history."""
    rng = stream(plan.seed, "targets")
    rows: list[tuple[object, ...]] = []
    asked = [u.slug for u in organisation.UNITS if u.kind in ("headquarters", "region", "station")]
    for quarter in range(max(plan.months // 3, 1)):
        first = plan.date_of(min(round(quarter * 91.3125), plan.days - 1))
        for unit in asked:
            for slug, middle, spread in MEASURES:
                value = round(middle + spread * float(rng.normal(0.0, 0.8)), 1)
                rows.append((unit, slug, first.isoformat(), value))
    return _rows(("unit", "measure", "quarter_from", "target"), rows)


def marked_dates(world: World) -> pa.Table:
    """What a chart should mark: festivals and what the company did or suffered."""
    plan, story = world.plan, world.plan.stories

    def on(day: int) -> date:
        return plan.date_of(min(day, plan.days - 1))

    rows: list[tuple[object, ...]] = [
        (f.on.isoformat(), "festival", f.slug.replace("-", " ").capitalize(), f.chinese)
        for f in world.seasons.festivals
    ]
    rows += [
        (
            on(story.typhoon).isoformat(),
            "incident",
            "Typhoon closes Shanghai",
            "台风致上海两场关闭",
        ),
        (on(story.promotion[0]).isoformat(), "campaign", "Fare promotion", "特惠促销开始"),
        (on(story.slow_refunds).isoformat(), "change", "New refund system", "退款系统切换"),
        (on(story.chatbot).isoformat(), "change", "New chatbot", "智能客服升级"),
        (
            on(story.voucher[0]).isoformat(),
            "trial",
            "Goodwill vouchers by lot",
            "关怀代金券随机试点",
        ),
    ]
    rows += [
        (on(day).isoformat(), "roll-out", f"Self-service bag drop, group {place + 1}",
         f"自助行李托运第{place + 1}批上线")
        for place, day in enumerate(story.self_service)
    ]  # fmt: skip
    if story.wording_wave is not None:
        day = round((story.wording_wave + 1) * 91.3125) - 14
        rows.append((on(day).isoformat(), "trend break", "Relationship question reworded",
                     "关系调研题目改版"))  # fmt: skip
    return _rows(("on", "kind", "en", "zh"), sorted(rows, key=lambda row: str(row[0])))


def flights(world: World) -> pa.Table:
    """Every flight of every day: schedule, delay, cause."""
    network, plan = world.network, world.plan
    flight, day = (grid.ravel() for grid in np.indices(network.delay.shape))
    route = network.route[flight]
    stations = [s.slug for s in organisation.STATIONS]
    return pa.table(
        {
            "flight": coded(flight, [network.name(f) for f in range(len(network.route))]),
            "scheduled_at": instants(network.departs_at(plan, flight, day)),
            "origin": coded(network.origin[route], stations),
            "destination": coded(network.destination[route], stations),
            "fleet": coded(network.fleet[flight], [slug for slug, _e, _z in organisation.FLEETS]),
            "block_minutes": pa.array(network.block[flight]),
            "delay_minutes": pa.array(network.delay[flight, day].astype(np.int64)),
            "cause": coded(network.cause[flight, day].astype(np.int64), CAUSES),
            "is_cancelled": pa.array(network.cancelled[flight, day]),
        }
    )
