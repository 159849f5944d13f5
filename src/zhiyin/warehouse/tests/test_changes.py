"""Of what is said again in a response the last counts, in whatever order it comes in."""

from __future__ import annotations

import random
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhiyin.kernel.clock import now
from zhiyin.warehouse import lang
from zhiyin.warehouse.arriving import Change, Letter, Reading
from zhiyin.warehouse.intake import Bounds, Intake
from zhiyin.warehouse.log import Log, Reader
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.rights import Id
from zhiyin.warehouse.tests.children import Child, Says
from zhiyin.warehouse.tests.planting import DAY, put
from zhiyin.warehouse.tests.saying import BEGUN, read, said

Sent = tuple[Letter, Reading]


def load(owner: Owner, *letters: Sent) -> Any:
    return owner.arrive("main", letters, position=None)


def ids(log: Log, table: str = "answers", *, reader: Reader = Reader()) -> list[str]:  # noqa: B008
    facts = lang.table(log.schema("main"), table)
    found = log.execute("main", facts.select("id", "seq").order_by("seq"), reader=reader)
    return [str(one) for one in found["id"].to_pylist()]


def mean(log: Log, **options: Any) -> float | None:
    answers = lang.table(log.schema("main"), "answers")
    found = log.execute("main", answers.aggregate(mean=answers.score.mean()), **options)
    return None if found["mean"][0].as_py() is None else float(found["mean"][0].as_py())


def stored(owner: Owner, table: str) -> int:
    with owner._cursor() as cursor:
        sql = owner._workspace("main").sql
        (row,) = cursor.execute(f"SELECT count(*) FROM {sql}.{table}").fetchall()
    return int(row[0])


def test_a_score_counts_as_it_was_last_said_and_in_the_past_as_it_was_then(owner: Owner) -> None:
    load(owner, said("r1", 1, 2.0), said("r2", 1, 4.0, customer="c2"))
    assert mean(owner) == 3.0
    before = now()
    done = load(owner, said("r1", 2, 5.0))
    assert done.superseded == {"answers": 1}
    assert mean(owner) == 4.5
    assert mean(owner, reader=Reader(as_of=before)) == 3.0
    assert ids(owner) == ["r2:1", "r1:2"]
    assert ids(owner, reader=Reader(as_of=before)) == ["r1:1", "r2:1"]


def test_in_one_load_too(owner: Owner) -> None:
    done = load(owner, said("r1", 1), said("r1", 3), said("r1", 2))
    assert (done.rows, done.superseded) == (3, {"answers": 2})
    assert ids(owner) == ["r1:3"]


def test_what_comes_after_its_change_is_superseded_as_it_arrives(owner: Owner) -> None:
    load(owner, said("r1", 12, 1.0))
    load(owner, said("r1", 2, 5.0), said("r1", 1, 5.0))
    assert ids(owner) == ["r1:12"]
    assert mean(owner) == 1.0


def test_a_number_is_no_beginning_of_text(owner: Owner) -> None:
    """Would catch `1` that keeps `12`, and `10` that is before `9`."""
    load(owner, said("r1", 12))
    load(owner, said("r1", 1))
    assert ids(owner) == ["r1:12"]
    load(owner, said("r2", 9))
    load(owner, said("r2", 10))
    assert ids(owner) == ["r1:12", "r2:10"]


def test_all_rows_of_an_answer_go_together(owner: Owner) -> None:
    load(owner, said("r1", 1, places=3))
    assert len(ids(owner)) == 3
    load(owner, said("r1", 2, places=2))
    assert ids(owner) == ["r1:2:0", "r1:2:1"]


def test_words_that_were_taken_back_stay_so(owner: Owner) -> None:
    """The number of an answer counts for its words, though it has none. Would catch an earlier
    letter that comes late and brings them back."""
    load(owner, said("r1", 1, words="too slow"), said("r2", 1, words="fine"))
    load(owner, said("r1", 3))
    assert ids(owner, "verbatims") == ["r2:1"]
    load(owner, said("r1", 2, words="much too slow"))
    assert ids(owner, "verbatims") == ["r2:1"]
    assert ids(owner) == ["r2:1", "r1:3"]


def test_a_row_of_the_response_itself_is_said_again(owner: Owner) -> None:
    load(owner, said("r1", 1, question=None), said("r10", 1, question=None))
    load(owner, said("r1", 2, question=None, words="fast"))
    assert ids(owner, "responses") == ["r10:1", "r1:2"]


def test_nobody_elses_is_touched(owner: Owner) -> None:
    """Another question, another response, another source, a file's own ids."""
    load(owner, said("r1", 1, question="why"), said("r2", 1), said("r1", 1, source="other"))
    file = {"response": "r1", "question": "overall"}
    put(owner, [{**file, "id": "x:1"}, {**file, "id": "r1"}], source="page")
    load(owner, said("r1", 2))
    assert ids(owner) == ["r1:1", "r2:1", "r1:1", "x:1", "r1", "r1:2"]


def test_a_change_of_what_never_came_is_harmless(owner: Owner) -> None:
    letter, reading = said("r1", 2)
    gone = Change("verbatims", "r9", "a question that nobody knows", "r9:4", BEGUN)
    load(owner, (letter, Reading(reading.facts, changes=[*reading.changes, gone])))
    assert ids(owner) == ["r1:2"]
    assert load(owner, (letter, Reading(changes=[gone]))).superseded == {}
    assert "a question that nobody knows" not in owner.words("main", "question").values()


def test_a_change_alone_supersedes(owner: Owner) -> None:
    """Would catch figures that are kept by the number of rows, which stays as it was."""
    letter, reading = said("r1", 1, 2.0)
    load(owner, (letter, reading))
    assert mean(owner) == 2.0
    load(owner, (letter, Reading(changes=[Change("answers", "r1", "overall", "r1:2", BEGUN)])))
    assert mean(owner) is None


def test_the_same_letter_again_is_left_out_though_it_was_changed_since(owner: Owner) -> None:
    load(owner, said("r1", 1), said("r1", 2))
    again = load(owner, said("r1", 1), said("r1", 2))
    assert (again.rows, again.duplicates, again.superseded) == (0, 2, {})
    assert stored(owner, "answers") == 2
    assert stored(owner, "superseded") == 1


def test_what_a_load_that_is_taken_back_would_change_stays(owner: Owner) -> None:
    load(owner, said("r1", 1))
    owner.arrive("main", [said("r1", 2)], position=None, dry_run=True)
    assert ids(owner) == ["r1:1"]
    assert owner._workspace("main").superseded == {}


def test_a_change_is_a_day_of_intake_after_a_start_too(owner: Owner, data: Path) -> None:
    load(owner, said("r1", 1), said("r1", 2))
    owner.close()
    with Owner(data) as again:
        assert ids(again) == ["r1:2"]
        load(again, said("r1", 3))
        assert ids(again) == ["r1:3"]
        assert [one.facts for one in again.imports("main")] == [3]


def test_an_import_that_replaced_and_is_undone_brings_nothing_old_back(owner: Owner) -> None:
    """Would catch a change that leaves what an import has replaced, for as long as it stands."""
    load(owner, said("r1", 1, 2.0))
    corrected = {"id": "r1:1", "response": "r1", "score": 3.0, "customer": "c1"}
    receipt = put(owner, [corrected], source="page", replace=True)
    assert mean(owner) == 3.0
    load(owner, said("r1", 2, 5.0))
    assert mean(owner) == 5.0
    owner.undo("main", receipt.import_id)
    assert mean(owner) == 5.0


def test_what_is_known_of_a_customer_follows(owner: Owner) -> None:
    """Would catch a base that still counts what was changed after it was made."""
    load(owner, said("r1", 1, 2.0, words="slow"), said("r2", 1, 4.0, customer="c2"))
    owner.tend("main", always=True)
    load(owner, said("r1", 2, 5.0))
    people = lang.customers(["answers", "verbatims", "last_csat"], at=DAY, currency="EUR")

    def known() -> list[dict[str, Any]]:
        return owner.execute("main", people.order_by("customer")).to_pylist()

    first = known()
    assert [(one["answers"], one["verbatims"]) for one in first] == [(1, 0), (1, 0)]
    assert [one["last_csat"] for one in first] == [5.0, 4.0]
    owner.tend("main", always=True)
    assert known() == first


def test_a_base_that_is_begun_beside_a_load_knows_what_the_load_changes(owner: Owner) -> None:
    """Would catch a base whose mark is later than a change that it has not seen."""
    load(owner, said("r1", 1, 2.0))
    tending = threading.Thread(target=owner.tend, args=("main",), kwargs={"always": True})

    def begin(_cursor: object) -> None:
        tending.start()
        tending.join(1.0)

    held = owner._workspace("main")
    owner._arrivals(held).load([said("r1", 2, 5.0)], position=None, also=begin)
    tending.join()
    people = lang.customers(["answers", "last_csat"], at=DAY, currency="EUR")
    (known,) = owner.execute("main", people).to_pylist()
    assert (known["answers"], known["last_csat"]) == (1, 5.0)


def test_totals_and_the_time_line_show_the_last_word(owner: Owner) -> None:
    load(owner, said("r1", 1, 2.0), said("r2", 1, 4.0, customer="c2"))
    answers = lang.table(owner.schema("main"), "answers")
    cells = answers.select("question", "customer", num=answers.score)

    def total() -> float:
        (found,) = owner.totals("main", cells, levels=[[]])
        return float(found["num"][0].as_py())

    assert total() == 6.0
    load(owner, said("r1", 2, 5.0))
    assert total() == 9.0
    (customer,) = owner.find_customers("main", "c1")
    rows = owner.rows_of("main", customer.customer, {"answers": None})["answers"]
    assert rows["id"].to_pylist() == ["r1:2"]


def test_a_file_written_anew_keeps_what_was_changed_and_leaves_out_hers(owner: Owner) -> None:
    load(owner, said("r1", 1), said("r2", 1, customer="c2"))
    before = now()
    load(owner, said("r1", 2), said("r2", 2, customer="c2"))
    owner.erase("main", [Id("customer", "c2")], "e1")
    assert ids(owner) == ["r1:2"]
    load(owner, said("r2", 3, customer="c2"), said("r1", 3))
    assert ids(owner) == ["r1:3"]
    owner.rewrite("main")
    assert ids(owner) == ["r1:3"]
    assert ids(owner, reader=Reader(as_of=before)) == ["r1:1"]
    assert (stored(owner, "answers"), stored(owner, "superseded")) == (3, 2)
    load(owner, said("r1", 4))
    assert ids(owner) == ["r1:4"]


@pytest.mark.parametrize(
    ("table", "question", "keeps"),
    [
        ("events", "overall", "r1:1"),
        ("answers", None, "r1:1"),
        ("responses", "overall", "r1:1"),
        ("answers", "overall", "r2:1"),
        ("answers", "overall", "r1:1:0"),
        ("answers", "overall", "r1:x"),
        ("answers", "overall", "r1:"),
    ],
)
def test_a_change_that_could_be_of_no_row_is_said(
    table: str, question: str | None, keeps: str
) -> None:
    with pytest.raises(ValueError, match=r"chang"):
        Change(table, "r1", question, keeps, BEGUN)


# In any order, over loads, starts and kills


RESPONSES = ("r1", "r10", "r2")
QUESTIONS = ("overall", "why", None)


@st.composite
def stories(draw: st.DrawFn) -> tuple[list[Sent], list[int], random.Random]:
    """Letters in some order, some of them twice; where loads end; and what else happens."""
    letters = []
    for response in RESPONSES:
        for question in QUESTIONS:
            for number in range(1, draw(st.sampled_from([0, 1, 3, 11])) + 1):
                words = f"{number}" if question == "why" and draw(st.booleans()) else None
                places = draw(st.sampled_from([1, 2]))
                letters.append(
                    said(response, number, question=question, words=words, places=places)
                )
    letters += [one for one in letters if draw(st.integers(0, 9)) == 0]
    order = draw(st.permutations(letters))
    ends = draw(st.lists(st.integers(0, len(order)), max_size=6))
    return order, sorted({*ends, len(order)}), random.Random(draw(st.integers(0, 99)))  # noqa: S311


def expected(letters: list[Sent], table: str) -> list[tuple[str, str | None]]:
    """(id, question) of the rows that are live once these have come, by hand."""
    newest: dict[tuple[str, str | None], tuple[int, Reading]] = {}
    for _letter, reading in letters:
        change = reading.changes[0]
        place = (change.response, change.question)
        if place not in newest or change.number > newest[place][0]:
            newest[place] = (change.number, reading)
    return sorted(
        (id_, question)
        for (_response, question), (_number, reading) in newest.items()
        for id_ in reading.facts.get(table, {}).get("id", [])
    )


def shown(owner: Owner, table: str) -> list[tuple[str, str | None]]:
    facts = lang.table(owner.schema("main"), table)
    columns = ["id"] if table == "responses" else ["id", "question"]
    found = owner.execute("main", facts.select(*columns), words=True).to_pylist()
    return sorted((row["id"], row.get("question")) for row in found)


def check(owner: Owner, letters: list[Sent]) -> None:
    for table in ("answers", "verbatims", "responses"):
        assert shown(owner, table) == expected(letters, table)


@contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as made:
        yield Path(made) / "data"


@settings(max_examples=12, deadline=None)
@given(stories())
def test_the_greatest_number_is_live_in_any_order(
    empty_log: Path, story: tuple[list[Sent], list[int], random.Random]
) -> None:
    """After each load, whatever fails, is read again or starts again between them."""
    letters, ends, chance = story
    with folder() as data:
        shutil.copytree(empty_log, data)
        owner = Owner(data)
        try:
            begin = 0
            for end in ends:
                befalls = chance.choice(["nothing", "fails", "starts", "forgets", "flushes"])
                if befalls == "fails":
                    owner.arrive("main", letters[begin:end], position=None, dry_run=True)
                if befalls in ("starts", "forgets"):
                    owner.close()
                    if befalls == "forgets":
                        shutil.rmtree(data / "seen", ignore_errors=True)
                    owner = Owner(data)
                if befalls == "flushes":
                    owner.flush_arrivals("main")
                load(owner, *letters[begin:end])
                begin = end
                check(owner, letters[:end])
        finally:
            owner.close()


ROUNDS = 40


def story_of(seed: int) -> list[Sent]:
    chance = random.Random(seed)  # noqa: S311 - any order will do
    letters = [
        said(response, number, question=question, words=f"{number}" if number % 3 else None)
        for response in RESPONSES
        for question in QUESTIONS
        for number in range(1, ROUNDS + 1)
    ]
    chance.shuffle(letters)
    return letters


def takes(says: Says, data: Path, seed: int) -> None:
    """Takes the letters one by one, and says how many it has acknowledged."""
    with Owner(data) as owner, Intake(owner, data, read, bounds=Bounds(free_bytes=0)) as intake:
        for count, (letter, reading) in enumerate(story_of(seed), 1):
            intake.put(letter, reading).result(60)
            says(count)


@pytest.mark.parametrize("seed", range(4))
def test_killed_at_some_moment_what_was_acknowledged_is_there_as_last_said(
    empty_log: Path, data: Path, seed: int
) -> None:
    """Then what was sent last is sent again with the rest, as a page does that got no answer."""
    shutil.copytree(empty_log, data)
    child = Child(takes, data, seed)
    assert child.hears() == 1
    time.sleep(random.Random(seed).uniform(0.1, 2.0))  # noqa: S311
    child.kill()
    child.wait()
    acknowledged = max([1, *child.rest()])
    letters = story_of(seed)
    with Owner(data) as owner, Intake(owner, data, read, bounds=Bounds(free_bytes=0)) as intake:
        intake.settle("main")
        there = shown(owner, "answers")
        assert there in [
            expected(letters[:count], "answers") for count in (acknowledged, acknowledged + 1)
        ]
        for letter, reading in letters[acknowledged - 1 :]:
            intake.put(letter, reading)
        intake.close(60.0)
        check(owner, letters)
        assert stored(owner, "answers") == ROUNDS * len(RESPONSES) * 2
