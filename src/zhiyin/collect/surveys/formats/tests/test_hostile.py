"""Broken and hostile files get an answer, and never the machine."""

from __future__ import annotations

import io
import json
import time
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhiyin.collect.surveys import definition
from zhiyin.collect.surveys.formats import reading
from zhiyin.collect.surveys.formats.tests.files import (
    asked,
    chosen,
    displayed_if,
    displays,
    lss,
    part,
    qsf,
    sq,
    surveyjs,
    workbook,
)
from zhiyin.kernel.errors import Problem

SAMPLES: dict[str, bytes] = {
    "a.json": surveyjs(
        {"type": "rating", "name": "stars", "rateValues": [1, 2, {"value": 3, "text": "Good"}]},
        {"type": "matrix", "name": "m", "rows": ["a"], "columns": [1, 2]},
        {"type": "checkbox", "name": "c", "choices": ["a", "b"], "visibleIf": "{stars} > 1"},
    ),
    "a.qsf": qsf(
        sq(1, "MC", "SAVR", Choices=displays("A", "B"), RecodeValues={"1": "5"}),
        sq(2, "Matrix", "Likert", Choices=displays("A"), Answers=displays("Bad", "Good")),
        sq(3, "TE", "SL", DisplayLogic=displayed_if(chosen("QID1/SelectableChoice/1"))),
    ),
    "a.lss": lss(
        questions=[
            asked(1, "M", "m"),
            asked(2, "A", "a"),
            asked(3, "T", "t", relevance="m_x=='Y'"),
        ],
        subquestions=[part(10, 1, "x"), part(11, 2, "y")],
    ),
    "a.xlsx": workbook(
        survey=[["type", "name", "label"], ["select_one l", "a", "A"], ["text", "b", "B"]],
        choices=[["list_name", "name", "label"], ["l", "x", "X"]],
    ),
}


def _only_problems(name: str, data: bytes) -> None:
    """A survey that can be written and read again, or a Problem with words."""
    said = ""
    try:
        found = reading.read(name, data)
    except Problem as problem:
        said = str(problem)
    else:
        assert definition.read(definition.write(found.survey)) == found.survey
        said = str(found.as_dict())
    assert said


@pytest.mark.parametrize("name", SAMPLES)
@given(st.data())
def test_a_part_of_a_file_raises_nothing_but_problems(name: str, data: st.DataObject) -> None:
    whole = SAMPLES[name]
    end = data.draw(st.integers(0, len(whole)))
    _only_problems(name, whole[:end])


@pytest.mark.parametrize("name", SAMPLES)
@given(st.data())
def test_turned_bits_raise_nothing_but_problems(name: str, data: st.DataObject) -> None:
    held = bytearray(SAMPLES[name])
    places = st.tuples(st.integers(0, len(held) - 1), st.integers(0, 7))
    for place, bit in data.draw(st.lists(places, min_size=1, max_size=12)):
        held[place] ^= 1 << bit
    _only_problems(name, bytes(held))


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


@pytest.mark.parametrize("name", ["a.json", "a.qsf"])
@given(st.data())
def test_values_of_other_kinds_raise_nothing_but_problems(name: str, data: st.DataObject) -> None:
    document = json.loads(SAMPLES[name])
    spots: list[tuple[dict[str, object] | list[object], str | int]] = []
    waiting: list[object] = [document]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            spots += [(one, key) for key in one]
            waiting += one.values()
        elif isinstance(one, list):
            spots += [(one, place) for place in range(len(one))]
            waiting += one
    for _time in range(data.draw(st.integers(1, 4))):
        holder, key = spots[data.draw(st.integers(0, len(spots) - 1))]
        holder[key] = data.draw(JUNK)  # type: ignore[index]
    _only_problems(name, json.dumps(document).encode())


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;">]><document><LimeSurveyDocType>&c;</LimeSurveyDocType></document>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<document><LimeSurveyDocType>&x;</LimeSurveyDocType></document>"""


@pytest.mark.parametrize("data", [LAUGHS, OUTSIDE])
def test_entities_are_refused_unread(data: bytes) -> None:
    with pytest.raises(Problem) as caught:
        reading.read("trap.lss", data)
    assert caught.value.code == "survey.file-trap"
    assert "DOCTYPE" in str(caught.value)


def _bomb() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(SAMPLES["a.xlsx"])) as old, zipfile.ZipFile(
        held, "w", zipfile.ZIP_DEFLATED
    ) as new:  # fmt: skip
        for name in old.namelist():
            new.writestr(name, old.read(name))
        new.writestr("xl/media/image1.png", b"\0" * 80_000_000)
    return held.getvalue()


def test_a_zip_bomb_is_noticed_before_it_is_read() -> None:
    data = _bomb()
    assert len(data) < 200_000
    with pytest.raises(Problem) as caught:
        reading.read("bomb.xlsx", data)
    assert caught.value.code == "import.bomb"
    assert "bomb.xlsx" in str(caught.value)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "survey.not-one"),
        (b"hello", "survey.not-one"),
        (b"PK\x03\x04 and no more", "import.damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and no more", "survey.file-old"),
        (b"<html></html>", "survey.not-one"),
        (b"<document>", "survey.file-broken"),
        (b'{"a": ', "survey.not-one"),
        (b'{"a": "\xff"}', "survey.not-one"),
        (b'{"elements": [{"title": "\\ud800"}]}', "survey.not-one"),
        (b'{"a":' * 100_000, "survey.not-one"),
        (b'{"title": 1}', "survey.not-one"),
        (b'{"SurveyEntry": 1, "SurveyElements": []}', "survey.file-broken"),
        (b'{"SurveyEntry": {}, "SurveyElements": {}}', "survey.file-broken"),
        (b" " * 20_000_001, "survey.file-too-large"),
    ],
)
def test_what_is_no_questionnaire_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(Problem) as caught:
        reading.read("file", data)
    assert caught.value.code == code
    assert caught.value.hint is not None


def test_panels_within_panels_end_somewhere() -> None:
    inner: dict[str, object] = {"type": "text", "name": "q"}
    for number in range(60):
        inner = {"type": "panel", "name": f"p{number}", "elements": [inner]}
    with pytest.raises(Problem) as caught:
        reading.read("deep.json", json.dumps({"elements": [inner]}).encode())
    assert caught.value.code == "survey.file-broken"


def test_what_is_called_the_same_a_hundred_thousand_times_is_refused_soon() -> None:
    many = {"type": "checkbox", "name": "q", "choices": ["n/a"] * 100_000, "showNoneItem": True}
    begun = time.monotonic()
    with pytest.raises(Problem) as caught:
        reading.read("many.json", json.dumps({"elements": [many]}).encode())
    assert caught.value.code == "survey.file-too-large"
    assert time.monotonic() - begun < 30


def test_a_sheet_of_far_too_many_rows_is_refused() -> None:
    row: list[object] = ["text", "q"]
    rows: list[list[object]] = [["type", "name"], *([row] * 20_001)]
    with pytest.raises(Problem) as caught:
        reading.read("many.xlsx", workbook(survey=rows))
    assert caught.value.code == "survey.file-too-large"


def test_a_range_without_end_is_no_scale() -> None:
    rows: list[list[object]] = [
        ["type", "name", "label", "parameters"],
        ["range", "q", "Q", "start=-99999999999999 end=99999999999999"],
    ]
    (asked_,) = reading.read("range.xlsx", workbook(survey=rows)).survey.questions()
    assert asked_.type == "number"


def test_far_too_many_questions_are_refused_soon() -> None:
    many = [{"type": "text", "name": f"q{n}"} for n in range(50_000)]
    begun = time.monotonic()
    with pytest.raises(Problem) as caught:
        reading.read("many.json", json.dumps({"elements": many}).encode())
    assert caught.value.code == "survey.file-too-large"
    assert time.monotonic() - begun < 30
