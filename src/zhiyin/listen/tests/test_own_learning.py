"""What a workspace teaches: its scored comments and what people said of clauses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.listen import comments, keeping, labels, own, own_learning, rightness
from zhiyin.listen.rightness import Judged
from zhiyin.warehouse import lang
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.planting import put

pytestmark = pytest.mark.django_db


def say(log: Owner, texts: Sequence[str]) -> None:
    rows: list[dict[str, Any]] = [
        {"row": n, "id": f"v{n}", "response": f"r{n}", "customer": f"c{n}", "text": text,
         "occurred_at": datetime(2026, 3, 1) + timedelta(hours=n)}
        for n, text in enumerate(texts)
    ]  # fmt: skip
    put(log, rows, table="verbatims")


def score(log: Owner, rows: Sequence[tuple[int, str, float, float, float, str]]) -> None:
    put(
        log,
        [
            {"row": n, "id": f"a{n}", "question": f"q{n}", "response": f"r{of}", "metric": metric,
             "score": value, "scale_min": low, "scale_max": high, "direction": direction,
             "answer_state": "answered", "customer": f"c{of}",
             "occurred_at": datetime(2026, 3, 1)}
            for n, (of, metric, value, low, high, direction) in enumerate(rows)
        ],
        table="answers",
    )  # fmt: skip


def test_a_score_says_what_its_comment_says_and_no_more(log: Owner) -> None:
    say(log, ["blame", "praise", "neither", "low", "hard", "both", "praise", "no score"])
    score(
        log,
        [
            (0, "nps", 3, 0, 10, "up"),
            (1, "nps", 9, 0, 10, "up"),
            (2, "nps", 8, 0, 10, "up"),
            (3, "csat", 1, 1, 5, "up"),
            (4, "ces", 7, 1, 7, "down"),
            (5, "nps", 10, 0, 10, "up"),
            (5, "csat", 1, 1, 5, "up"),
            (6, "nps", 10, 0, 10, "up"),
        ],
    )
    found = comments.newest(log, "main", most=10)
    assert {(one.text, one.label) for one in found} == {
        ("blame", "negative"), ("praise", "positive"), ("low", "negative"), ("hard", "negative")
    }  # fmt: skip
    assert len(found) == 4, "the same words are one comment"
    assert [one.text for one in comments.newest(log, "main", most=1)] == ["praise"]


ODD = "这个座位坐着真瓷实"
"""A dialect's word that the seeds do not know."""


def labelled(log: Owner, n: int, *, drawn: labels.Drawn = "lot") -> None:
    """So many clauses that are praise in this workspace, and as many that are blame."""
    say(log, [f"{ODD} {at}" for at in range(n)] + [f"这个座位坐着真硌 {at}" for at in range(n)])
    keeping.read(log, "main")
    clauses = lang.table(log.schema("main"), "clauses").select("seq", "starts", "text")
    for row in log.execute("main", clauses, words=True).to_pylist():
        if row["starts"] == 0:
            polarity = "positive" if ODD in row["text"] else "negative"
            labels.say(
                by=COMMAND_LINE, log=log, whole=log, workspace="main",
                place=(row["seq"], 0), polarity=polarity, aspect="seat", drawn=drawn,
            )  # fmt: skip


def polarities(log: Owner, of: str) -> list[tuple[str, float]]:
    clauses = lang.table(log.schema("main"), "clauses")
    query = clauses.filter(clauses.text.contains(of), clauses.starts == 0)
    rows = log.execute("main", query.select("polarity", "probability"), words=True).to_pylist()
    return [(row["polarity"], row["probability"]) for row in rows]


def test_what_people_say_is_learned_read_by_and_told(log: Owner) -> None:
    labelled(log, 25)
    before = keeping.state(log, "main")
    assert before.up_to_date == 50
    model = keeping.learn(log, "main")
    told = model.figures["polarity"]
    assert (told["n"], told["customers"], model.figures["labels"]) == (50, 50, 50)
    assert told["right"]["value"] > 0.9
    assert told["right"]["value"] > told["by_seeds"]["value"]
    assert own_learning.of("main").polarity.strictness is not None
    after = keeping.state(log, "main")
    assert after.version != before.version
    assert after.up_to_date == 0, "all is read anew by what was learned"
    put(
        log,
        [{"row": 0, "id": "new", "customer": "z", "text": f"{ODD}！", "occurred_at":
          datetime(2026, 4, 1)}],
        table="verbatims", source="later",
    )  # fmt: skip
    assert keeping.read(log, "main") == 51
    assert {name for name, _sure in polarities(log, ODD)} == {"positive"}
    assert sorted(sure for _name, sure in polarities(log, ODD))[1] == 1.0, "a person's word is sure"


def test_of_clauses_that_were_not_drawn_by_lot_nothing_is_told(log: Owner) -> None:
    """Would catch an accuracy over what people chose to put right, which is mostly wrong."""
    labelled(log, 12, drawn="page")
    model = keeping.learn(log, "main")
    assert model.figures["labels"] == 24
    assert model.figures["polarity"]["n"] == 0
    assert model.figures["polarity"]["right"] is None


def test_scores_alone_change_no_reading(log: Owner) -> None:
    """Where nine in ten scores are high, a model of them takes blame for praise."""
    say(log, [f"挺好的，很满意 {n}" for n in range(40)] + [f"太差了 {n}" for n in range(6)])
    score(log, [(n, "nps", 10 if n < 40 else 2, 0, 10, "up") for n in range(46)])
    model = keeping.learn(log, "main")
    said = model.figures["comments"]
    assert (said["n"], said["is_used"], model.digest) == (46, False, "")
    assert said["right"] == said["by_seeds"]
    assert said["kinds"]["negative"] is None, "six customers are too few"


def test_a_text_that_is_gone_is_learned_from_no_more(log: Owner) -> None:
    labelled(log, 12)
    put(
        log,
        [{"row": 0, "id": "v0", "response": "r0", "customer": "c0", "text": "别的话",
          "occurred_at": datetime(2026, 3, 1)}],
        table="verbatims", replace=True,
    )  # fmt: skip
    assert keeping.learn(log, "main").figures["labels"] == 23


def test_numbers_are_kept_as_they_were(log: Owner) -> None:
    labelled(log, 12)
    keeping.learn(log, "main")
    held = own_learning.of("main")
    again = own.read(own.written(held))
    assert own.digest(again) == own.digest(held) != ""
    assert again.polarity.classes == held.polarity.classes
    assert own.read(own.written(own.Own())).is_nothing


def test_it_learns_when_enough_is_new(log: Owner) -> None:
    assert not own_learning.is_due("main", 50)
    assert own_learning.is_due("main", 200)
    labelled(log, 12)
    keeping.learn(log, "main")
    model = own_learning.kept("main")
    assert model is not None
    assert own_learning.is_due("main", 101), "what was learned of few verbatims is soon old"
    model.figures["verbatims"] = 1000
    model.save()
    later = model.learned_at + timedelta(days=2)
    assert not own_learning.is_due("main", 1_600)
    assert own_learning.is_due("main", 1_600, now=later)
    assert not own_learning.is_due("main", 1_400, now=later)


def judged(right: Sequence[bool], at: datetime) -> list[Judged]:
    return [Judged(one, True, n, "zh", at, "negative") for n, one in enumerate(right)]


def test_drift_is_told_where_it_is_more_than_chance() -> None:
    today = date(2026, 6, 30)
    then, now = datetime(2026, 4, 2), datetime(2026, 6, 20)
    worse = judged([True] * 90 + [False] * 10, then) + judged([True] * 60 + [False] * 40, now)
    found = rightness.figures(worse, today=today)
    assert found["drift"]["difference"] == pytest.approx(-0.3)
    assert found["drift"]["p"] < 0.001
    assert set(found["months"]) == {"2026-04", "2026-06"}
    same = judged([True] * 90 + [False] * 10, then) + judged([True] * 44 + [False] * 6, now)
    assert rightness.figures(same, today=today)["drift"]["p"] > 0.3
    assert rightness.figures(judged([True] * 19, now), today=today)["right"] is None
