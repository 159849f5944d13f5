"""A competitor audit of Qingchuan Air: the same task on its site and on another airline's."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhiyin.demo.arrays import stream
from zhiyin.demo.drawn import KEY
from zhiyin.demo.plan import Plan

if TYPE_CHECKING:  # it is read after Django is set up, not before
    from zhiyin.accounts.audit import Actor
    from zhiyin.accounts.workspaces import Settings
    from zhiyin.maps.audit_asked import AuditAsked, RunAsked
    from zhiyin.maps.models import Audit

PEOPLE = 16
"""Each does the task on both sites."""
SPREAD = 0.35
"""Of the logarithm of a step's time."""

TITLES = ("Two adults and a child to Shanghai Pudong", "两大一小订上海浦东")
TASKS = (
    "Find the cheapest day of next month for two adults and a child of six to Shanghai Pudong, and"
    " come as far as the page on which one pays.",
    "为两位成人和一名六岁儿童找下个月去上海浦东最便宜的一天，一直走到付款页。",
)
SITES = (("Our site", "我们的官网"), ("Another airline", "另一家航空公司"))


class Step(NamedTuple):
    """A step: its touchpoint, what is done, the usual seconds on both sites, what fails and how
    often, on both sites."""

    node: str
    english: str
    chinese: str
    seconds: tuple[float, float]
    fails: tuple[float, float] = (0.0, 0.0)
    failed_en: str = ""
    failed_zh: str = ""


STEPS = (
    Step("search-site", "Choose the city", "选择城市", (48.0, 14.0), (0.5, 0.0),
         "The city is not in the list", "列表里没有这个城市"),
    Step("fares-site", "Find the cheapest day", "找最便宜的一天", (155.0, 40.0), (0.6, 0.1),
         "No calendar of prices: each day is looked up by itself", "没有价格日历，只能一天天查"),
    Step("cart", "Enter the child", "填写儿童乘机人", (120.0, 55.0), (0.6, 0.05),
         "A child cannot be entered", "无法添加儿童"),
    Step("booking", "Come to the page of payment", "走到付款页", (35.0, 30.0)),
)  # fmt: skip
"""What is planted: whoever cannot enter the child gives up; what else fails is tried once more."""
GIVES_UP = "cart"
AGAIN = ("Try once more", "再试一次")


def asked(*, is_chinese: bool) -> AuditAsked:
    """The walkthrough with its sites, ours first."""
    from zhiyin.maps.audit_asked import AuditAsked, SiteAsked

    tongue = int(is_chinese)
    sites = tuple(SiteAsked(one[tongue], is_ours=not place) for place, one in enumerate(SITES))
    return AuditAsked(TITLES[tongue], TASKS[tongue], KEY, sites)


def runs(plan: Plan, *, is_chinese: bool) -> list[RunAsked]:
    """What each did on each of the sites, in the last weeks of the history."""
    rng = stream(plan.seed, "walkthrough")
    slow = rng.normal(0.0, SPREAD, PEOPLE)
    return [
        _run(rng, plan, person, float(slow[person]), site, int(is_chinese))
        for person in range(PEOPLE)
        for site in range(len(SITES))
    ]


def _run(
    rng: np.random.Generator, plan: Plan, person: int, slow: float, site: int, tongue: int
) -> RunAsked:
    from zhiyin.maps.audit_asked import RunAsked, StepAsked

    steps: list[StepAsked] = []
    is_done = True
    for one in STEPS:
        fails = bool(rng.random() < one.fails[site])
        first, second = one.seconds[site] * np.exp(slow + SPREAD * rng.standard_normal(2))
        says = (one.english, one.chinese)[tongue]
        failed = (one.failed_en, one.failed_zh)[tongue] if fails else ""
        steps.append(StepAsked(says, one.node, round(float(first), 1), failed))
        if fails and one.node == GIVES_UP:
            is_done = False
            break
        if fails:
            steps.append(StepAsked(AGAIN[tongue], one.node, round(float(second), 1)))
    trouble = sum(bool(one.failed) for one in steps) + (not is_done)
    return RunAsked(
        site=SITES[site][tongue],
        done_on=max(plan.until - timedelta(days=20 - person), plan.first),
        who=f"P{person + 1}",
        is_done=is_done,
        steps=tuple(steps),
        device=("desktop", "phone")[person % 3 == 2],
        ease=min(7, max(1, 6 - trouble + int(rng.integers(-1, 2)))),
    )


def add(workspace: Settings, plan: Plan, *, by: Actor) -> None:
    """Put it in, where there is none of its title."""
    from zhiyin.maps import auditing, audits

    is_chinese = workspace.language != "en"
    wanted = asked(is_chinese=is_chinese)
    if audits.of(workspace.slug).filter(title=wanted.title).exists():
        return
    made = auditing.create(by=by, workspace=workspace.slug, asked=wanted)
    auditing.add_runs(
        by=by, workspace=workspace.slug, number=made.pk, asked=runs(plan, is_chinese=is_chinese)
    )


def remove(workspace: Settings, plan: Plan, *, by: Actor) -> None:
    """Take it out, where nobody has changed it."""
    from zhiyin.maps import auditing, audits

    for is_chinese in (True, False):
        wanted = asked(is_chinese=is_chinese)
        for held in audits.of(workspace.slug).filter(title=wanted.title):
            if held.revision == 1 and _runs(held) == runs(plan, is_chinese=is_chinese):
                auditing.remove(by=by, workspace=workspace.slug, number=held.pk)


def _runs(held: Audit) -> list[RunAsked]:
    """The runs of a walkthrough as they would be asked for, in the order of being noted."""
    from zhiyin.maps import audits
    from zhiyin.maps.audit_asked import RunAsked, StepAsked

    return [
        RunAsked(
            site=one.site.name, done_on=one.done_on, who=one.who, is_done=one.is_done,
            ease=one.ease, device=one.device,
            steps=tuple(
                StepAsked(step.says, step.node, step.seconds, step.failed, step.link)
                for step in one.steps.all()
            ),
        )
        for one in sorted(audits.runs(held), key=lambda one: one.pk)
    ]  # fmt: skip
