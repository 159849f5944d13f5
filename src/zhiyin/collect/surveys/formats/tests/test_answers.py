"""Mappings of files of answers, made from their questionnaire."""

from __future__ import annotations

from pathlib import Path

import pytest

from zhiyin.collect.files import mapping
from zhiyin.collect.surveys.formats import answers
from zhiyin.collect.surveys.formats.answers import Mapped
from zhiyin.collect.surveys.formats.tests.files import (
    asked,
    brought,
    displays,
    lss,
    part,
    qsf,
    sq,
    surveyjs,
)
from zhiyin.kernel.errors import Problem

LIME = lss(
    questions=[asked(1, "5", "csat"), asked(2, "A", "rated"), asked(3, "M", "used"),
               asked(4, "T", "why")],
    subquestions=[part(10, 2, "staff"), part(11, 3, "web")],
)  # fmt: skip
QUALTRICS = qsf(
    sq(1, "MC", "NPS"),
    sq(2, "Matrix", "Likert", Choices=displays("Staff", "Room"),
       Answers=displays("Bad", "Fair", "Good", "Does not apply", "Don't know"),
       RecodeValues={"1": 1, "2": 2, "3": 3, "4": 98, "5": 99}),
    sq(3, "MC", "MAVR", Choices=displays("Web", "Shop")),
)  # fmt: skip


def _mapped(folder: Path, data: bytes, text: str) -> Mapped:
    file = folder / "answers.csv"
    file.write_text(text, encoding="utf-8-sig")
    found = answers.map_to(brought("a", data), file, source="old")
    # What is written is a mapping file, and is read as one.
    written = folder / "map.yaml"
    written.write_text(found.written())
    (read,) = mapping.load(written)
    assert [one.name for one in read.shared.questions] == [
        one["question"] for one in found.document["questions"]
    ]
    return found


def test_limesurvey_is_mapped_by_its_codes(tmp_path: Path) -> None:
    text = """"id";"submitdate";"token";"csat";"rated[staff]";"used[web]";"why"
"1";"2026-01-01 00:00:00";"t1";"5";"4";"Y";"late; very"
"""
    found = _mapped(tmp_path, LIME, text)
    document = found.document
    assert (document["id"], document["at"]) == ("id", "submitdate")
    assert document["customer"] == {"column": "token"}
    assert "read" not in document
    assert {one["column"]: (one["question"], one["metric"]) for one in document["questions"]} == {
        "csat": ("csat", "rating"), "rated[staff]": ("rated.staff", "rating"),
        "used[web]": ("used.web", "choice"), "why": ("why", "text"),
    }  # fmt: skip
    scale = {"min": 1, "max": 5, "direction": "up"}
    assert [one.get("scale") for one in document["questions"]] == [scale, scale, None, None]
    assert found.left == ()


HEADS = "ResponseId,RecordedDate,RecipientEmail,Q1,Q2_1,Q2_2,Q3_1,Score"
WORDING = 'Response ID,Recorded Date,Email,"Would you\nrecommend us?",S,R,Web,Score'
IDS = ",".join(
    f'"{{""ImportId"":""{one}""}}"'
    for one in ("_recordId", "recordedDate", "email", "QID1", "QID2-1", "QID2-2", "QID3-1", "SC_1")
)


def test_three_heads_of_qualtrics_are_passed_over(tmp_path: Path) -> None:
    found = _mapped(tmp_path, QUALTRICS, f"{HEADS}\n{WORDING}\n{IDS}\nR_1,2026-01-01,,9,1,98,1,7\n")
    document = found.document
    # The second head goes over two lines, so four are passed over.
    assert document["read"] == {"header": HEADS.split(","), "skip": 4}
    assert document["customer"] == {"column": "RecipientEmail", "kind": "email"}
    nps, staff, room, web = document["questions"]
    assert (nps["metric"], nps["question"]) == ("nps", "Q1")
    assert staff["scale"] == {"min": 1, "max": 3, "direction": "up"}
    # By the logic's ids 4 and 5, and by the recoded values that answers have.
    assert set(room["not_applicable"]) == {"98", "4"}
    assert set(room["dont_know"]) == {"99", "5"}
    assert (web["question"], web["metric"]) == ("Q3.1", "choice")
    assert found.left == ("Score",)


def test_two_heads_are_told_by_what_they_repeat(tmp_path: Path) -> None:
    text = "ResponseID,EndDate,Q1\nResponseID,EndDate,Recommend?\nR_1,2026-01-01,9\n"
    assert _mapped(tmp_path, QUALTRICS, text).document["read"]["skip"] == 2


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "survey.answers-empty"),
        ("id,csat\n1,5\n", "survey.answers-no-time"),
        ("id,submitdate,other\n1,2026-01-01,5\n", "survey.answers-none"),
    ],
)
def test_what_cannot_be_mapped_is_said(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(Problem) as caught:
        _mapped(tmp_path, LIME, text)
    assert caught.value.code == code
    assert "answers.csv" in str(caught.value)


def test_columns_of_one_name_have_each_another(tmp_path: Path) -> None:
    found = _mapped(tmp_path, LIME, "id,submitdate,why,x,x\n1,2026-01-01,a,b,c\n")
    heads = ["id", "submitdate", "why", "x #1", "x #2"]
    assert found.document["read"] == {"header": heads, "skip": 1}


def test_a_column_is_of_one_question_only(tmp_path: Path) -> None:
    data = surveyjs({"type": "text", "name": "a b", "title": "A?"})
    found = _mapped(tmp_path, data, "id,submitdate,a b,a-b\n1,2026-01-01,x,y\n")
    assert [one["column"] for one in found.document["questions"]] == ["a b"]
    assert found.left == ("a-b",)
