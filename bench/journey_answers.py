"""Every question of the room *journey* as a page asks it, over 10 M events: what the reader waits for.

Run it with ``python -m bench.journey_answers [EVENTS] [FOLDER]``; the folder keeps the log for later runs. Each question
is asked twice, since answers are kept while the log stays as it is: all that lies between the page and the log is in it
but the wire. Of the customers behind a figure one page is asked. Beside it stands how often a question went to SQL.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhiyin.settings")
django.setup()

from bench.journey_index import prepare  # noqa: E402
from zhiyin.accounts.workspaces import Settings  # noqa: E402
from zhiyin.journey.adoption import AdoptionAsked, adoption  # noqa: E402
from zhiyin.journey.asking import ALL, Chosen, read_steps  # noqa: E402
from zhiyin.journey.before import BeforeAsked, before  # noqa: E402
from zhiyin.journey.behind import Listing, StepAsked, TaskListed  # noqa: E402
from zhiyin.journey.between import BetweenAsked, between  # noqa: E402
from zhiyin.journey.conversion import conversion  # noqa: E402
from zhiyin.journey.engagement import EngagementAsked, engagement  # noqa: E402
from zhiyin.journey.funnel import FunnelAsked, funnel  # noqa: E402
from zhiyin.journey.groups import read_groups  # noqa: E402
from zhiyin.journey.losses import LossesAsked, losses  # noqa: E402
from zhiyin.journey.outcomes import Outcome  # noqa: E402
from zhiyin.journey.parting import PartingAsked, parting  # noqa: E402
from zhiyin.journey.paths import PathsAsked, paths  # noqa: E402
from zhiyin.journey.retention import retention  # noqa: E402
from zhiyin.journey.sessions import sessions  # noqa: E402
from zhiyin.journey.task import TaskAsked, task  # noqa: E402
from zhiyin.journey.variants import variants  # noqa: E402
from zhiyin.journey.waits import waits  # noqa: E402
from zhiyin.kernel.filters import parse  # noqa: E402
from zhiyin.warehouse.journeys import asking  # noqa: E402
from zhiyin.warehouse.owner import Owner  # noqa: E402

SETTINGS = Settings("bench", "Bench", "Asia/Shanghai", 0, "CNY", "en")
DAY = timedelta(days=1)


def questions(log: Owner) -> dict[str, Callable[[], Any]]:
    """Each question by its name."""
    steps = FunnelAsked(read_steps("name 0 > name 2 > name 5 > name 7 > name 9"), 7 * DAY)
    filtered = Chosen(where=parse("channel in ('channel 1', 'channel 2', 'channel 3')"))
    one, other = frozenset({"name 3"}), frozenset({"name 4"})
    tried = TaskAsked(one, other, DAY, every="month")
    new = AdoptionAsked(one, 30 * DAY)
    lost = LossesAsked(read_steps("name 0 > name 2 > name 5"), by=("region",))
    ahead = BeforeAsked(Outcome("event", "name 9"), within=7 * DAY)
    groups = read_groups(log, SETTINGS, "events", "region = 'd_region 1'", "region = 'd_region 2'")
    apart = PartingAsked(groups, 7 * DAY)
    list_ = Listing(log, SETTINGS)
    return {
        "funnel": lambda: funnel(log, SETTINGS, steps),
        "funnel, half the events, by region": lambda: funnel(
            log, SETTINGS, replace(steps, chosen=filtered, by="region")
        ),
        "funnel, by three rules over customers": lambda: funnel(
            log, SETTINGS, replace(steps, by_segments=("events >= 40", "events >= 60", "events < 20"))
        ),
        "conversion by week": lambda: conversion(log, SETTINGS, steps, every="week"),
        "time to convert": lambda: waits(log, SETTINGS, steps),
        "paths, 200 edges": lambda: paths(log, SETTINGS, PathsAsked(gap=DAY, top=200)),
        "variants, 50": lambda: variants(log, SETTINGS, ALL, top=50),
        "sessions": lambda: sessions(log, SETTINGS, ALL, gap=timedelta(minutes=30)),
        "retention by week": lambda: retention(log, SETTINGS, ALL, every="week"),
        "task": lambda: task(log, SETTINGS, tried),
        "time between": lambda: between(log, SETTINGS, BetweenAsked(one, other)),
        "adoption by month": lambda: adoption(log, SETTINGS, new),
        "engagement by month": lambda: engagement(log, SETTINGS, EngagementAsked(every="month")),
        "before an event": lambda: before(log, SETTINGS, ahead),
        "where groups part": lambda: parting(log, SETTINGS, apart),
        "losses": lambda: losses(log, SETTINGS, lost),
        "behind a step": lambda: list_.of_step(StepAsked(steps, 2)),
        "behind an edge": lambda: list_.of_edge(PathsAsked(gap=DAY), "name 1", "name 2"),
        "behind a variant": lambda: list_.of_variant(ALL, ("name 1",)),
        "behind a cohort": lambda: list_.of_cohort(ALL, "month", "2026-02", 2),
        "behind what came before": lambda: list_.of_before(ahead, "here", node="name 1"),
        "behind a parting": lambda: list_.of_parting(apart, 0, "name 1", "name 2"),
        "behind a task": lambda: list_.of_task(TaskListed(tried, "done")),
        "behind a time between": lambda: list_.of_between(BetweenAsked(one, other), followed=True),
        "behind an adoption": lambda: list_.of_adoption(new, "2026-02", which="done"),
        "behind a loss": lambda: list_.of_loss(lost, (("region", "d_region 1"),), 0, stopped=True),
    }  # fmt: skip


def measure(log: Owner) -> None:
    """Print each question's times, and how often it went to SQL."""
    asking.warm()
    sql: list[int] = []
    run = log.execute

    def counted(*asked: Any, **more: Any) -> Any:
        sql.append(1)
        return run(*asked, **more)

    log.execute = counted  # type: ignore[method-assign]
    log.ask_journeys("bench", "extent", {})
    for name, ask in questions(log).items():
        taken = []
        sql.clear()
        for _round in range(2):
            began = time.perf_counter()
            ask()
            taken.append(time.perf_counter() - began)
        print(
            f"{name:42}{taken[0]:8.3f} s, again {taken[1]:7.3f} s   {len(sql) // 2} in SQL",
            flush=True,
        )
    print(
        f"at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MiB; load {os.getloadavg()[0]:.1f}"
    )


def main(events: int = 10_000_000, folder: str = "") -> None:
    """Make the log, or take the one that is there, and ask."""
    with tempfile.TemporaryDirectory() as scratch, Owner(Path(folder or scratch)) as log:
        if "bench" not in log.workspaces():
            prepare(log, events)
        measure(log)


if __name__ == "__main__":
    main(*(int(text) if text.isdecimal() else text for text in sys.argv[1:]))
