"""SPSS files, read back by pyreadstat."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa
import pyreadstat
import pytest

from zhiyin.collect.exports import spss
from zhiyin.collect.exports.questions import legal_name
from zhiyin.collect.exports.tests.conftest import AT, NPS, Out, answer, order, write
from zhiyin.kernel.filters import parse
from zhiyin.warehouse.owner import Owner


def test_labels_states_and_measures(log: Owner, out: Out) -> None:
    kept, meta = pyreadstat.read_sav(out(log, "sav").file, user_missing=True)
    nps = next(n for n, label in meta.column_names_to_labels.items() if "推荐意愿" in label)
    assert list(kept[nps]) == [9, -96, -91]
    assert list(kept["by_2"]) == [2, 1, -98]
    assert meta.missing_ranges[nps] == [{"lo": -98, "hi": -91}]
    assert meta.variable_value_labels["by_2"][2] == "排队"
    assert meta.variable_value_labels[nps][-96] == "does not apply 不适用"
    assert meta.variable_value_labels[nps][10] == "10 best 最好"
    assert meta.column_names_to_labels[nps] == "推荐意愿 (nps 0–10)"
    assert (meta.variable_measure[nps], meta.variable_measure["by_2"]) == ("ordinal", "nominal")
    assert list(kept["why_state"]) == [1, 1, -97]
    assert kept["occurred_at"][0] == pd.Timestamp("2026-03-02 00:30")
    assert list(kept["customer"]) == ["c0", "c1", "c2"]
    missing, _meta = pyreadstat.read_sav(out(log, "sav", replace=True).file)
    assert list(missing[nps].isna()) == [False, True, True]
    assert missing[nps].mean() == 9


def test_what_spss_must_cut_is_whole_in_the_codebook_or_counted(log: Owner, out: Out) -> None:
    done = out(log, "sav")
    kept, _meta = pyreadstat.read_sav(done.file)
    assert kept["why"][1] == "很" * (spss.STRING_BYTES // 3)
    assert done.codebook is not None
    with Path(done.codebook).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert next(row for row in rows if row["variable"] == "why")["texts cut"] == "1"
    assert any(row["value label"] == "排队" for row in rows)
    assert [note for note in map(str, done.notes) if note.startswith("1 texts")]


def test_a_long_option_is_cut_between_characters_and_two_alike_stay_two(
    log: Owner, out: Out
) -> None:
    """Would catch a label cut inside a character and options that become one label."""
    first, second = "选" * 60 + "甲", "选" * 60 + "乙"
    write(
        log,
        source="later",
        answers=[
            answer(0, "which", metric="choice", choice=first),
            answer(1, "which", metric="choice", choice=second),
        ],
    )
    done = out(log, "sav")
    _kept, meta = pyreadstat.read_sav(done.file)
    labels = [label for value, label in meta.variable_value_labels["which"].items() if value > 0]
    assert len(set(labels)) == 2
    assert all(label.startswith("选" * 30) and len(label.encode()) <= 120 for label in labels)
    assert done.codebook is not None
    whole = Path(done.codebook).read_text("utf-8-sig")
    assert first in whole
    assert second in whole


def test_labels_are_cut_between_characters() -> None:
    assert spss.shortened("机" * 50, 120) == "机" * 40
    assert spss.shortened("a" + "机" * 50, 120) == "a" + "机" * 39


def test_names_are_legal_and_unique_whatever_the_capitals() -> None:
    used: set[str] = set()
    given = ["Score", "score", "by", "满意度", "1st", "a b-c", "x" * 80, "__", "AND", "机场 WiFi"]
    made = [legal_name(name, code, used) for code, name in enumerate(given, start=1)]
    assert made == [
        "Score",
        "score_2",
        "by_2",
        "q4",
        "q_1st",
        "a_b_c",
        "x" * 54,
        "q8",
        "AND_2",
        "q10_WiFi",
    ]
    assert len({name.lower() for name in made}) == len(made)


def test_a_question_may_be_called_like_the_state_of_another(log: Owner, out: Out) -> None:
    write(log, source="later", answers=[answer(0, "why_state", metric="text")])
    kept, _meta = pyreadstat.read_sav(out(log, "sav").file)
    assert len({name.lower() for name in kept.columns}) == len(kept.columns)


def test_a_new_question_moves_no_name(log: Owner, out: Out) -> None:
    """Would catch names that are numbered by the place of the question in the file."""
    before = set(pyreadstat.read_sav(out(log, "sav").file)[0].columns)
    write(log, source="later", answers=[answer(0, "一个新问题", score=3.0, **NPS)])
    after = set(pyreadstat.read_sav(out(log, "sav", replace=True).file)[0].columns)
    assert before < after


def test_the_width_of_a_text_does_not_follow_each_text(log: Owner, out: Out) -> None:
    """SPSS refuses to add a file to one whose texts have other widths."""

    def width() -> int:
        _kept, meta = pyreadstat.read_sav(out(log, "sav", replace=True).file)
        return int(meta.variable_storage_width["city"])

    before = width()
    write(log, source="later", answers=[answer(0, "why", metric="text", d_city="x" * 50)])
    assert width() == before == 64


def test_a_scale_below_zero_keeps_its_scores_apart_from_the_states(log: Owner, out: Out) -> None:
    wide = {"metric": "rating", "scale_min": -100.0, "scale_max": 100.0, "direction": "up"}
    write(
        log,
        source="later",
        answers=[
            answer(0, "mood", score=-95.0, **wide),
            answer(1, "mood", answer_state="skipped", **wide),
        ],
    )
    kept, meta = pyreadstat.read_sav(out(log, "sav").file, user_missing=True)
    assert list(kept["mood"])[-2:] == [-95, -191]
    assert meta.missing_ranges["mood"] == [{"lo": -198, "hi": -191}]


def test_answers_to_spss_are_one_row_a_response_with_those_answers_alone(
    log: Owner, out: Out
) -> None:
    done = out(log, "sav", "answers", condition=parse("metric = 'choice' and city = '上海'"))
    kept, _meta = pyreadstat.read_sav(done.file)
    assert list(kept["response"]) == ["r0"]
    assert list(kept["by_2"]) == [2]
    assert list(kept["why"]) == [""]


@pytest.mark.parametrize("what", ["events", "orders"])
def test_other_facts_to_spss_are_one_row_a_fact(log: Owner, out: Out, what: str) -> None:
    events = [{"row": 0, "id": "e0", "occurred_at": AT, "name": "Order Completed"}]
    write(log, events=events, orders=[order(0)])
    kept, meta = pyreadstat.read_sav(out(log, "sav", what).file)
    assert list(kept["id"]) == ["e0" if what == "events" else "o0"]
    assert meta.variable_measure["occurred_at"] == "scale"
    if what == "orders":
        assert list(kept["amount"]) == [12.5]


@pytest.mark.parametrize("what", ["responses", "answers", "events", "orders"])
def test_a_file_without_rows_is_a_file(bare: Owner, out: Out, what: str) -> None:
    assert out(bare, "sav", what).rows == 0
    kept, _meta = pyreadstat.read_sav(out(bare, "sav", what, replace=True).file)
    assert "occurred_at" in kept.columns


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe", "Asia/Shanghai"])
def test_times_are_those_of_the_local_clock_on_the_days_on_which_it_changes(zone: str) -> None:
    """Each quarter of an hour of two years."""
    begin = datetime(2025, 1, 1)
    moments = [begin + timedelta(minutes=15) * n for n in range(4 * 24 * 730)]
    column = pa.array(moments, pa.timestamp("us"))
    found = spss._seconds(column, zone).to_numpy()
    start = datetime(1582, 10, 14)
    local = [one.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)) for one in moments]
    assert found.tolist() == [(one.replace(tzinfo=None) - start).total_seconds() for one in local]
