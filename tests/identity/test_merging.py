"""Merges by people: made, explained, undone; every figure is then as it was before."""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import AuditEntry
from zhiyin.accounts.workspaces import settings_of
from zhiyin.kernel.errors import Problem
from zhiyin.measure import scores
from zhiyin.measure.requests import ScoreRequest
from zhiyin.unify import merging
from zhiyin.unify.why import Explanation, explain
from zhiyin.warehouse.log import Log
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.naive_joining import Said
from zhiyin.warehouse.tests.test_joining import groups, say_all

pytestmark = pytest.mark.django_db


def plant(log: Log, customers: int = 40, each: int = 3) -> None:
    """Recommendations: customer k answers `each` times, alike each time."""
    count = customers * each
    who = [i % customers for i in range(count)]
    rows = {
        "row": list(range(count)),
        "id": [f"r{i}" for i in range(count)],
        "occurred_at": [datetime(2026, 1, 1) + timedelta(hours=i) for i in range(count)],
        "customer": [f"c{k}" for k in who],
        "question": ["recommend"] * count,
        "metric": ["nps"] * count,
        "kind": ["relationship"] * count,
        "scale_min": [0.0] * count,
        "scale_max": [10.0] * count,
        "answer_state": ["answered"] * count,
        "score": [float((k * 7 + i // customers) % 11) for i, k in enumerate(who)],
    }
    with log.begin("main", source="desk", label="test") as batch:
        batch.write("answers", pa.table(rows))
        batch.commit()


def figures(log: Log) -> list[dict[str, Any]]:
    """NPS by customer and by answer, with intervals: the figures that a merge can move."""
    found = []
    for per in ("customer", "answer"):
        request = ScoreRequest("nps", per=per, every="month")
        said = scores.score(log, settings_of("main"), request).as_dict()
        found.append({name: said[name] for name in ("rows", "total", "states")})
    return found


def merge(log: Log, a: str, b: str, **more: str) -> merging.Merge:
    return merging.merge(log, by=COMMAND_LINE, workspace="main", a=a, b=b, **more)


def unmerge(log: Log, merge_id: str) -> merging.Undone:
    return merging.unmerge(log, by=COMMAND_LINE, workspace="main", merge_id=merge_id)


def why(log: Log, written: str) -> Explanation:
    return explain(log, workspace="main", written=written)


def test_after_unmerging_every_figure_is_as_before(log: Log) -> None:
    plant(log)
    before = figures(log)
    made = merge(log, "c1", "c2", note="one loyalty card")
    during = figures(log)
    assert during[0]["total"]["customers"] == 39
    assert during[1]["total"]["low"] != before[1]["total"]["low"]
    assert during[1]["total"]["value"] == before[1]["total"]["value"]
    undone = unmerge(log, made.merge_id)
    assert not undone.is_still_one
    assert figures(log) == before
    assert [entry.action for entry in AuditEntry.of("main") if "merged" in entry.action] == [
        "customers.unmerged",
        "customers.merged",
    ]


def test_a_merge_is_explained(log: Log) -> None:
    plant(log, 4)
    say_all(log, [
        Said("c1", "~phone", "link", "intake", "signed_in"),
        Said("c3", "~phone", "link", "intake", "signed_in"),
        Said("c0", "c3", "link", "intake", "alias"),
    ])  # fmt: skip
    made = merge(log, "c1", "c0", note="one loyalty card")
    assert made.customer.written == "c0"
    assert {one.written for one in made.ids} == {"c0", "c1", "anonymous:phone"}
    found = why(log, "anonymous:phone")
    assert [(b.depth, b.id.written) for b in found.tree] == [
        (0, "c0"), (1, "c1"), (2, "anonymous:phone"),
    ]  # fmt: skip
    assert found.tree[1].reason is not None
    assert found.tree[1].reason.merge_id == made.merge_id
    assert found.tree[1].reason.evidence == {"by": "zhiyin", "note": "one loyalty card"}
    assert found.tree[1].reason.source == "identity"
    assert [(r.one.written, r.other.written, r.guard) for r in found.held] == [
        ("anonymous:phone", "c3", "shared_device"),
        ("c0", "c3", "unknown_caller"),
    ]
    json.dumps(found.as_dict(), default=str)
    unmerge(log, made.merge_id)
    again = why(log, "c0")
    assert [one.written for one in again.ids] == ["c0"]
    assert [(r.other.written, r.linked_by) for r in again.apart] == [("c1", "person")]


def test_merging_a_device_merges_its_customer(log: Log) -> None:
    """A program that linked the device itself would take it from its customer."""
    say_all(log, [Said("c1", "~phone", "link", "intake", "signed_in"),
                  Said("c2", "~tablet", "link", "intake", "signed_in")])  # fmt: skip
    merge(log, "anonymous:phone", "anonymous:tablet")
    assert groups(log) == {frozenset({"c1", "~phone", "c2", "~tablet"})}


def test_a_rules_merge_can_be_undone_and_stays_undone(log: Log) -> None:
    say_all(log, [Said("a", "b", "link", "rule", "same_email")])
    (reason,) = why(log, "a").reasons
    unmerge(log, reason.merge_id)
    assert groups(log) == {frozenset({"a"}), frozenset({"b"})}
    say_all(log, [Said("a", "b", "link", "rule", "same_phone")])
    assert groups(log) == {frozenset({"a"}), frozenset({"b"})}


def test_mistakes_are_said_in_words(log: Log) -> None:
    plant(log, 4)
    made = merge(log, "c0", "c1")
    with pytest.raises(Problem, match="are one customer already"):
        merge(log, "c1", "c0")
    with pytest.raises(Problem, match="No customer has the id nobody"):
        merge(log, "c1", "nobody")
    with pytest.raises(Problem, match="no merge m-0"):
        unmerge(log, "m-0")
    unmerge(log, made.merge_id)
    with pytest.raises(Problem, match="undone already"):
        unmerge(log, made.merge_id)
    assert merge(log, "c0", "c1").merge_id != made.merge_id


def test_an_id_may_hold_a_colon_and_a_kind_tells_two_apart(log: Log) -> None:
    say_all(log, [Said("shop:1", "~1", "link", "intake", "signed_in"),
                  Said("1", "~other", "link", "intake", "signed_in")])  # fmt: skip
    assert why(log, "shop:1").customer.id == "shop:1"
    assert why(log, "1").customer.id == "1"
    assert why(log, "anonymous:1").customer.id == "shop:1"
    assert why(log, "customer:shop:1").customer.id == "shop:1"


def test_other_peoples_merges_keep_two_ids_one(log: Log) -> None:
    plant(log, 4)
    first = merge(log, "c0", "c1")
    merge(log, "c1", "c2")
    say_all(log, [Said("c0", "c2", "link", "person", "person")])
    assert unmerge(log, first.merge_id).is_still_one
    assert {one.written for one in why(log, "c1").ids} == {"c0", "c1", "c2"}


@pytest.mark.parametrize("seed", range(3))
def test_random_merges_and_unmerges_agree_with_plain_sets(owner: Owner, seed: int) -> None:
    """After each step the customers are the closure of the merges that stand; at last none does."""
    chance = random.Random(seed)  # noqa: S311 - a test
    plant(owner, 12)
    before = figures(owner)
    standing: dict[str, tuple[str, str]] = {}

    def closure() -> set[frozenset[str]]:
        found = [{f"c{k}"} for k in range(12)]
        for a, b in standing.values():
            one, other = (next(g for g in found if end in g) for end in (a, b))
            if one is not other:
                found.remove(other)
                one |= other
        return {frozenset(one) for one in found}

    for _step in range(10):
        a, b = chance.sample([f"c{k}" for k in range(12)], 2)
        one = next(g for g in closure() if a in g)
        if b not in one:
            made = merge(owner, a, b)
            standing[made.merge_id] = (a, b)
        elif standing:
            gone = chance.choice(sorted(standing))
            unmerge(owner, gone)
            del standing[gone]
        assert groups(owner) == closure()
    for gone in chance.sample(sorted(standing), len(standing)):
        unmerge(owner, gone)
        del standing[gone]
        assert groups(owner) == closure()
    assert figures(owner) == before
