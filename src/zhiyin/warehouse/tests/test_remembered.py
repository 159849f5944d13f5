"""What is remembered is what would be found: whatever came in, was taken back, merged or erased."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta

import pyarrow as pa
import pytest

from zhiyin.kernel.clock import now
from zhiyin.kernel.filters import parse
from zhiyin.warehouse import lang
from zhiyin.warehouse.engines.duckdb import answering, remembered
from zhiyin.warehouse.engines.duckdb.answering import AnswersQueries
from zhiyin.warehouse.engines.duckdb.remembered import Remembered
from zhiyin.warehouse.log import Reader
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.products import Rows
from zhiyin.warehouse.rights import KeptSince
from zhiyin.warehouse.rules import Rule, Rules
from zhiyin.warehouse.tests.planting import DAY, put
from zhiyin.warehouse.tests.saying import said
from zhiyin.warehouse.tests.sending import event, sent

Figures = list[pa.Table]


def figures(owner: Owner, readers: list[Reader]) -> Figures:
    """Sums over customers and rows, of answers and of events, for each reader."""
    found: Figures = []
    for reader in readers:
        for name in ("answers", "events"):
            facts = lang.table(owner.schema("main"), name)
            cells = facts.mutate(num=lang.literal(1)).select("touchpoint", "customer", "num")
            found += owner.totals("main", cells, levels=[["touchpoint"], []], reader=reader)
            listed = facts.order_by("seq").select("seq", "customer", "touchpoint")
            found.append(owner.execute("main", listed, reader=reader, words=True))
            said = facts.select("touchpoint", "source", "customer", "seq", once=facts.occurred_at)
            found += owner.products(
                "main", said, what=["touchpoint", "source"], within="touchpoint",
                levels=[["touchpoint"], ["source"]], once=["touchpoint"], reader=reader,
            )  # fmt: skip
    return found


def link(owner: Owner, name: str, action: str, one: str, other: str) -> None:
    row = {"row": 0, "id": name, "occurred_at": DAY, "customer": one, "other": other}
    put(owner, [{**row, "action": action, "reason": "same"}], table="identities")


def erase(owner: Owner, name: str) -> None:
    owner.erase("main", owner.subject("main", name).ids, "e1")


def arrive(owner: Owner, *numbers: int) -> None:
    owner.arrive("main", [sent([event(number) for number in numbers])], position=None)


def linked_by_intake(owner: Owner) -> None:
    says = {"customer": "c2", "other": "c7", "action": "link", "reason": "site"}
    owner.arrive("main", [sent([event(8, identities=says)])], position=None)


def test_after_every_change_it_answers_as_if_it_remembered_nothing(
    owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch an answer kept over a late row, a correction, a merge, a rule or an erasure."""
    monkeypatch.setattr(answering, "MANY", 0)
    names = [{"touchpoint": "shop"}, {"touchpoint": "site"}, {"touchpoint": "shop"}]
    first = put(owner, names)
    readers = [
        Reader(),
        Reader(scope=parse("touchpoint = 'shop'")),
        Reader(as_of=now()),
        Reader(as_of=now() + timedelta(days=1)),
        Reader(is_merged=False),
    ]
    put(owner, [{"id": "late", "touchpoint": "app"}])
    changes: list[Callable[[], object]] = [
        lambda: arrive(owner, 1, 2, 3),
        lambda: put(owner, [{"id": "later", "touchpoint": "shop", "customer": "c0"}]),
        lambda: put(owner, [{"touchpoint": "site"}, {"touchpoint": "app"}], replace=True),
        lambda: link(owner, "m1", "link", "c0", "c1"),
        lambda: link(owner, "m2", "unlink", "c0", "c1"),
        lambda: linked_by_intake(owner),
        lambda: arrive(owner, 4),
        lambda: owner.undo("main", first.import_id),
        lambda: owner.set_rules(
            "main", "touchpoint", Rules((Rule("name contains 'Order'", "till"),))
        ),
        lambda: erase(owner, "c2"),
        lambda: owner.keep_since("main", [KeptSince("events", "", DAY + timedelta(days=1))]),
        lambda: owner.keep_since("main", []),
        lambda: owner.rewrite("main"),
        lambda: owner.limit_clusters("main", 2),
    ]  # fmt: skip
    moved = 0
    before = figures(owner, readers)
    for change in changes:
        change()
        seen = figures(owner, readers)
        owner._workspace("main").remembered.forget()
        anew = figures(owner, readers)
        assert all(one.equals(other) for one, other in zip(seen, anew, strict=True))
        moved += not all(one.equals(other) for one, other in zip(before, seen, strict=True))
        before = seen
    assert moved > len(changes) // 2  # most of the changes are of some figure


def together(owner: Owner, *, scope: str = "") -> Figures:
    """What customers said together, with several choices of one answer."""
    answers = lang.table(owner.schema("main"), "answers")
    told = answers.select(
        "question", "answer_state", "score", "customer", "seq",
        once=lang.ifelse(answers.score > 3, answers.response, lang.null("string")),
    )  # fmt: skip
    return owner.products(
        "main", told, what=["question", "answer_state", "score"], within="question",
        levels=[["question"], ["question", "score"]], once=["question", "answer_state"],
        reader=Reader(scope=parse(scope) if scope else None),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_rows_that_are_kept_grow_and_lose_what_is_said_again(
    owner: Owner, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Would catch a row that is counted beside the one that took its place, or twice."""
    monkeypatch.setattr(answering, "MANY", 0)
    read: list[int] = []
    of = Rows.of

    def counted(rows: pa.Table, *, latest: str | None = None) -> Rows:
        read.append(rows.num_rows)
        return of(rows, latest=latest)

    monkeypatch.setattr(Rows, "of", counted)
    draw = random.Random(seed)  # noqa: S311
    letters = [
        said(
            f"r{draw.randint(1, 9)}", draw.randint(1, 40), float(draw.randint(1, 5)),
            question=draw.choice(["overall", "ease"]), places=draw.randint(1, 3),
            customer=f"c{draw.randint(1, 5)}",
        )
        for _number in range(80)
    ]  # fmt: skip
    owner.arrive("main", letters[:20], position=None)
    together(owner)
    together(owner, scope="question = 'ease'")
    for start in range(20, 80, 6):
        read.clear()
        arrived = owner.arrive("main", letters[start : start + 6], position=None)
        seen = [*together(owner), *together(owner, scope="question = 'ease'")]
        assert all(rows <= arrived.rows for rows in read)
        held = owner._workspace("main").remembered
        held._held.clear()
        with monkeypatch.context() as patch:
            patch.setattr(remembered, "GROWTHS", remembered.Growths())
            anew = [*together(owner), *together(owner, scope="question = 'ease'")]
        assert all(one.equals(other) for one, other in zip(seen, anew, strict=True))


def test_of_rows_that_grow_the_least_lately_asked_are_let_go(
    owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "MANY", 0)
    put(owner, [{}, {}])
    held = owner._workspace("main").remembered
    together(owner)
    (one,) = remembered.GROWTHS.of(held.number)
    monkeypatch.setattr(remembered, "MOST_GROWING_BYTES", one.rows.nbytes)
    together(owner, scope="question = 'overall'")
    (other,) = remembered.GROWTHS.of(held.number)
    assert other is not one
    erase(owner, "c0")
    assert not remembered.GROWTHS.of(held.number)
    # Those of a workspace that is closed are let go with it.
    closed = Remembered()
    remembered.GROWTHS.keep(closed.number, "key", other)
    number = closed.number
    del closed
    assert not remembered.GROWTHS.of(number)


def test_the_second_reader_asks_the_engine_nothing(
    owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(owner, [{"touchpoint": "shop"}])
    readers = [Reader(), Reader(scope=parse("touchpoint = 'shop'"))]
    first = figures(owner, readers)
    monkeypatch.delattr(AnswersQueries, "_run")
    arrived = figures(owner, readers)
    assert all(one.equals(other) for one, other in zip(first, arrived, strict=True))
    with pytest.raises(AttributeError):
        figures(owner, [Reader(scope=parse("touchpoint = 'site'"))])


def test_events_that_come_in_leave_figures_of_answers_remembered(
    owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(owner, [{}])
    answers = lang.table(owner.schema("main"), "answers")
    asked = answers.aggregate(n=answers.count())
    owner.execute("main", asked)
    arrive(owner, 1)
    monkeypatch.delattr(AnswersQueries, "_run")
    assert owner.execute("main", asked)["n"].to_pylist() == [1]


def test_lists_of_customers_and_of_ids_are_never_remembered() -> None:
    """They change with ids that arrive, whatever table the facts are in."""
    of = remembered.key_of
    assert of(("rows", "", False), frozenset({"answers", "words"}), {}, {}, Reader()) is not None
    for name in ("ids", "held", "customers {}"):
        assert of(("rows", "", False), frozenset({"answers", name}), {}, {}, Reader()) is None


def test_what_is_found_in_an_epoch_that_has_ended_is_not_kept() -> None:
    """Would catch an answer from before a change that is given after it."""
    held = Remembered()

    def slow() -> Figures:
        held.forget()
        return [pa.table({"n": [1]})]

    held.answer("key", slow)
    assert held.answer("key", lambda: [pa.table({"n": [2]})])[0]["n"].to_pylist() == [2]


def test_the_least_lately_asked_goes_first_and_large_answers_are_not_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(remembered, "MOST_BYTES", 24)
    monkeypatch.setattr(remembered, "LARGEST", 16)
    held = Remembered()
    asked: list[str] = []

    def ask(name: str, numbers: int = 1) -> None:
        def find() -> Figures:
            asked.append(name)
            return [pa.table({"n": pa.array(range(numbers), pa.int64())})]

        held.answer(name, find)

    for name in ("a", "b", "c", "a", "d", "a", "b"):
        ask(name)
    assert asked == ["a", "b", "c", "d", "b"]
    ask("large", 3)
    ask("large", 3)
    assert asked[-2:] == ["large", "large"]


def test_a_period_of_the_past_is_asked_by_its_own_date() -> None:
    """An instant is a part of what is asked: would catch answers of one `as_of` given for all."""
    of = remembered.key_of
    asked, tables = ("rows", "", False), frozenset({"answers"})
    keys = {of(asked, tables, {}, {}, Reader(as_of=datetime(2026, 1, day))) for day in (1, 2)}
    assert len(keys) == 2
