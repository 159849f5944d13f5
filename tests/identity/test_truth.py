"""How well matching finds who is one, against a truth that was planted."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from zhiyin.demo import chunks, people_facts, second_records
from zhiyin.demo.plan import Plan
from zhiyin.demo.world import World
from zhiyin.unify import linking, matching, normal, suggesting
from zhiyin.unify.models import MatchSuggestion
from zhiyin.warehouse import lang
from zhiyin.warehouse.owner import Owner

pytestmark = pytest.mark.django_db


def score(found: set[tuple[str, str]], truth: set[tuple[str, str]]) -> tuple[float, float, float]:
    """Precision, recall and F1 of unordered pairs."""
    right = len(found & truth)
    precision = right / len(found) if found else 1.0
    recall = right / len(truth)
    return precision, recall, 2 * precision * recall / (precision + recall)


def pair(a: str, b: str) -> tuple[str, str]:
    return min(a, b), max(a, b)


def test_the_demos_customers_and_their_second_records(owner: Owner) -> None:
    """Families share telephones, numbers are mistyped, a call centre writes people down again.

    A program that joined by telephone alone would merge the families: precision far below one.
    """
    chunk = chunks.make(World.of(Plan(seed=1, customers=3000)), 0)
    second = second_records.of(chunk, people_facts.since(chunk), share=0.25)
    for source, rows in (("crm", people_facts.traits(chunk)), ("service", second)):
        with owner.begin("main", source=source, label="test") as batch:
            batch.write("traits", rows.append_column("row", pa.array(range(rows.num_rows))))
            batch.commit()
    truth = {pair(f"QC{n[2:]}", n) for n in second["customer"].to_pylist()}
    matching.match(owner, "main")
    ids = owner.execute("main", lang.ids().select("key", "id")).to_pylist()
    customers: dict[int, list[str]] = {}
    for row in ids:
        customers.setdefault(row["key"], []).append(row["id"])
    joined = {pair(*both) for both in customers.values() if len(both) > 1}
    assert all(len(both) <= 2 for both in customers.values())
    precision, recall, _f1 = score(joined, truth)
    assert precision >= 0.99
    assert recall >= 0.65
    assert not suggesting.was_run("main")
    suggesting.suggest(owner, "main", threshold=0.9)
    assert suggesting.was_run("main")
    offered = {pair(s.id_a, s.id_b) for s in MatchSuggestion.objects.all() if s.origin == "model"}
    assert not offered & joined
    more, all_found, f1 = score(joined | offered, truth)
    assert more >= 0.9
    assert all_found >= recall + 0.1
    assert f1 >= 0.92


def people(size: int, seed: int) -> tuple[pa.Table, set[tuple[int, int]]]:
    """Records with names, dates and numbers, a fifth of them written twice with one slip."""
    rng = np.random.default_rng(seed)
    signs = np.array(list("abcdefghiklmnoprstuvwy"))

    def word(length: int) -> str:
        return "".join(rng.choice(signs, length))

    firsts = [word(5) for _ in range(60)]
    lasts = [word(7) for _ in range(300)]
    rows = []
    truth = set()
    for _person in range(size):
        row = [
            str(rng.choice(firsts)), str(rng.choice(lasts)),
            f"{rng.integers(1940, 2005)}{rng.integers(1, 13):02}{rng.integers(1, 29):02}",
            "+8613" + "".join(map(str, rng.integers(0, 10, 9))),
        ]  # fmt: skip
        rows.append(row)
        if rng.random() < 0.2:
            again = list(row)
            place = int(rng.integers(0, 4))
            at = int(rng.integers(1, len(again[place]) - 1))
            again[place] = again[place][:at] + again[place][at + 1 :]
            truth.add((len(rows) - 1, len(rows)))
            rows.append(again)
    columns = list(zip(*rows, strict=True))
    names = ("given_name", "surname", "birth_date", "phone")
    table = pa.table({"key": np.arange(len(rows)), **dict(zip(names, columns, strict=True))})
    return table, truth


def test_slips_of_the_pen_are_found_and_strangers_are_not() -> None:
    records, truth = people(800, 3)
    linked = linking.link(records, threshold=0.9)
    found = set(zip(linked.pairs["a"].to_pylist(), linked.pairs["b"].to_pylist(), strict=True))
    right = len(found & truth)
    assert right / len(truth) >= 0.95
    assert right / len(found) >= 0.95
    weights = linked.pairs["weight"].to_pylist()
    assert weights == sorted(weights, reverse=True)
    told = linked.pairs.slice(0, 1).to_pylist()[0]
    assert any(told[f"mw_{name}"] > 0 for name in linked.fields)


def test_nothing_is_learnt_from_nothing() -> None:
    few = pa.table({"key": [1, 2], "email": ["a@b.cn", "a@b.cn"]})
    assert linking.link(few).pairs.num_rows == 0
    assert normal.name("") == ()
