"""What customers said is read once, wherever a reading was cut off, and anew by another version."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from zhiyin.accounts.models import Workspace
from zhiyin.collect.models import Aspect
from zhiyin.listen import keeping
from zhiyin.warehouse import lang
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.planting import put

pytestmark = pytest.mark.django_db

SAID = (
    "物流很快，包装也不错。但是客服态度太差了",
    " ",
    "Absolutely delicious, we will be back",
    "Refund took three weeks, I am furious",
    "退款太慢了",
)


def say(log: Owner, texts: Sequence[str | None] = SAID, source: str = "desk") -> None:
    rows: list[dict[str, Any]] = [
        {"row": n, "id": f"v{n}", "occurred_at": datetime(2026, 3, n + 1), "customer": f"c{n}",
         "text": text}
        for n, text in enumerate(texts)
    ]  # fmt: skip
    put(log, rows, table="verbatims", source=source)


def clauses(log: Owner, *columns: str) -> list[tuple[Any, ...]]:
    table = lang.table(log.schema("main"), "clauses").order_by("seq", "place").select(*columns)
    rows = log.execute("main", table, words=True).to_pylist()
    return [tuple(row[name] for name in columns) for row in rows]


def test_what_came_in_is_read_clause_by_clause(log: Owner) -> None:
    say(log, [*SAID, None])
    assert keeping.read(log, "main") == len(SAID)
    found = clauses(log, "id", "language", "text", "starts", "ends", "aspect", "polarity")
    said = [(one[0], one[1], one[2][one[3] : one[4]], *one[5:]) for one in found]
    assert said[:3] == [
        ("v0", "zh", "物流很快，", "delivery", "positive"),
        ("v0", "zh", "包装也不错。", "packaging", "positive"),
        ("v0", "zh", "但是客服态度太差了", "hotline", "negative"),
    ]
    assert {one[0] for one in said} == {"v0", "v2", "v3", "v4"}, "in a blank there is nothing"
    furious = [one for one in clauses(log, "id", "emotion", "probability") if one[1] == "anger"]
    assert [one[0] for one in furious] == ["v3"]
    assert 0.5 < furious[0][2] <= 1
    whole = keeping.state(log, "main")
    assert (whole.verbatims, whole.read, whole.up_to_date) == (5, 5, 5)
    assert keeping.read(log, "main") == 0
    say(log, ["快"], source="web")
    assert keeping.read(log, "main") == 1


def test_a_reading_that_is_cut_off_goes_on_where_it_was(
    log: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "AT_ONCE", 2)
    say(log)

    def stop(done: int, of: int) -> None:
        assert of == len(SAID)
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        keeping.read(log, "main", progress=stop)
    assert keeping.state(log, "main").up_to_date == 2
    seen: list[tuple[int, int]] = []
    assert keeping.read(log, "main", progress=lambda *at: seen.append(at)) == 3
    assert seen == [(0, 3), (2, 3), (3, 3)]
    whole = clauses(log, "id", "place")
    assert len(whole) == len(set(whole)), "nothing twice"
    assert {one[0] for one in whole} == {"v0", "v2", "v3", "v4"}


def test_history_is_read_anew_when_the_aspects_change(log: Owner) -> None:
    say(log)
    keeping.read(log, "main")
    before = keeping.state(log, "main")
    Aspect.objects.create(
        workspace=Workspace.objects.get(), key="refund", label_en="Refund", label_zh="退款", place=0
    )
    after = keeping.state(log, "main")
    assert after.version != before.version
    assert (after.read, after.up_to_date) == (5, 0)
    assert keeping.read(log, "main") == len(SAID)
    assert {one[0] for one in clauses(log, "aspect")} <= {"refund", None}
    assert {one[0] for one in clauses(log, "read_by")} == {after.version}
    assert ("v4", "refund", "negative") in clauses(log, "id", "aspect", "polarity")
    assert keeping.state(log, "main").up_to_date == len(SAID)
