"""The SQL that questions about journeys have for ClickHouse says there what DuckDB says.

Every query that a question asks where the index does not answer is kept as it is asked, run on the
engine of ClickHouse over the same tables, and the two answers are compared as whole tables.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from zhiyin.journey.adoption import AdoptionAsked, adoption
from zhiyin.journey.asking import ALL, Chosen, read_steps
from zhiyin.journey.before import BeforeAsked, before
from zhiyin.journey.between import BetweenAsked, between
from zhiyin.journey.conformance import conformance
from zhiyin.journey.conversion import conversion
from zhiyin.journey.engagement import EngagementAsked, engagement
from zhiyin.journey.funnel import FunnelAsked, funnel
from zhiyin.journey.groups import Groups
from zhiyin.journey.instances import instances
from zhiyin.journey.losses import LossesAsked, losses
from zhiyin.journey.mapped import MapAsked, MapNode
from zhiyin.journey.outcomes import Outcome
from zhiyin.journey.parting import PartingAsked, parting
from zhiyin.journey.paths import PathsAsked, paths
from zhiyin.journey.repeats import repeats
from zhiyin.journey.retention import retention
from zhiyin.journey.sessions import sessions
from zhiyin.journey.task import TaskAsked, task
from zhiyin.journey.tests.conftest import MAIN, Planted
from zhiyin.journey.traffic import traffic
from zhiyin.journey.variants import variants
from zhiyin.journey.waits import waits
from zhiyin.kernel.filters import parse
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log
from zhiyin.warehouse.tests.both_engines import Overheard, Pair, answered, plain

pytestmark = pytest.mark.any_engine

WITHIN = timedelta(days=2)
STEPS = read_steps("A | B > !C > B | C")
APP = Chosen(where=parse("channel = 'app'"))
ONE, OTHER = frozenset({"A"}), frozenset({"B"})


def questions(log: Log) -> dict[str, Callable[[], Any]]:
    """Each question by its name."""
    steps = FunnelAsked(STEPS, WITHIN, by="channel")
    task_asked = TaskAsked(ONE, OTHER, WITHIN, help=frozenset({"C"}), every="week")
    parts = Groups("events", parse("channel = 'app'"), parse("channel = 'shop'"))
    nodes = (MapNode("a", parse("name = 'A'"), 0), MapNode("shop", parse("channel = 'shop'"), 1))
    drawn = MapAsked(nodes, OTHER, WITHIN)
    new = AdoptionAsked(OTHER, WITHIN, 2, since=ONE, every="week")
    return {
        "funnel": lambda: funnel(log, MAIN, steps),
        "funnel, strict": lambda: funnel(log, MAIN, replace(steps, order="strict")),
        "funnel, earliest": lambda: funnel(log, MAIN, replace(steps, order="earliest", chosen=APP)),
        "conversion": lambda: conversion(log, MAIN, steps, every="week"),
        "waits": lambda: waits(log, MAIN, steps),
        "paths": lambda: paths(log, MAIN, PathsAsked(start="A", end="B", gap=WITHIN)),
        "variants": lambda: variants(log, MAIN, ALL),
        "repeats": lambda: repeats(log, MAIN, ALL),
        "sessions": lambda: sessions(log, MAIN, ALL, gap=timedelta(seconds=3)),
        "retention": lambda: retention(log, MAIN, ALL, every="week"),
        "task": lambda: task(log, MAIN, task_asked),
        "between": lambda: between(log, MAIN, BetweenAsked(ONE, OTHER)),
        "adoption": lambda: adoption(log, MAIN, new),
        "engagement": lambda: engagement(log, MAIN, EngagementAsked(every="week")),
        "before": lambda: before(log, MAIN, BeforeAsked(Outcome("event", "B"), WITHIN)),
        "parting": lambda: parting(log, MAIN, PartingAsked(parts, WITHIN)),
        "conformance": lambda: conformance(log, MAIN, drawn),
        "instances": lambda: instances(log, MAIN, drawn),
        "traffic": lambda: traffic(log, MAIN, drawn),
        "losses": lambda: losses(log, MAIN, LossesAsked(read_steps("A > B > C"))),
    }


@pytest.fixture(scope="module")
def answers(held: Planted, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Pair]]:
    """Of each question, what its queries give on DuckDB and on ClickHouse."""
    schema = held.log.schema("main")
    sources = {
        "events": lang.table(schema, "events", has_own_key=True),
        "orders": lang.table(schema, "orders"),
    }
    asked = {}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(held.log, "ask_journeys", lambda *_asked, **_more: None)
        for name in questions(held.log):
            heard = Overheard(held.log)
            questions(heard)[name]()
            asked[name] = heard.queries
    folder = tmp_path_factory.mktemp("clickhouse")
    return answered(held.log, "main", sources, asked, folder)


@pytest.mark.parametrize("name", [
    "funnel", "funnel, strict", "funnel, earliest", "conversion", "waits", "paths", "variants",
    "repeats", "sessions", "retention", "task", "between", "adoption", "engagement", "before",
    "parting", "conformance", "instances", "traffic", "losses",
])  # fmt: skip
def test_both_engines_say_the_same(answers: dict[str, list[Pair]], name: str) -> None:
    assert any(own.num_rows for own, _other in answers[name])
    for own, other in answers[name]:
        assert own.schema.names == other.schema.names
        assert plain(own) == plain(other)
