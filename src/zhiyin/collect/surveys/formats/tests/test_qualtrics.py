"""What comes over from Qualtrics."""

from __future__ import annotations

from typing import Any

import pytest

from zhiyin.collect.surveys import checking
from zhiyin.collect.surveys.formats.tests.files import (
    brought,
    chosen,
    displayed_if,
    displays,
    logic,
    outcomes,
    qsf,
    questions,
    shows,
    sq,
)

FOUND = displays("Shop", "Web", "Phone")


def test_values_are_the_recoded_ones_in_the_order_of_choices() -> None:
    one = sq(1, "MC", "SAVR", Choices=FOUND, ChoiceOrder=["3", 1, "2"],
             RecodeValues={"1": "10", "2": "20", "3": 30})  # fmt: skip
    found = questions(brought("a.qsf", qsf(one)))["Q1"]
    assert [(c.value, c.label["en"]) for c in found.choices] == [
        ("30", "Phone"), ("10", "Shop"), ("20", "Web"),
    ]  # fmt: skip


def test_satisfaction_is_scored_by_recoded_values_and_not_by_place() -> None:
    labels = displays("Very satisfied", "Satisfied", "Neither", "Dissatisfied",
                      "Very dissatisfied", "Does not apply")  # fmt: skip
    up = {"1": "5", "2": "4", "3": "3", "4": "2", "5": "1", "6": "99"}
    found = questions(brought("a.qsf", qsf(
        sq(1, "MC", "SAVR", Choices=labels, RecodeValues=up),
        sq(2, "MC", "SAVR", Choices=labels),
    )))  # fmt: skip
    csat, turned = found["Q1"], found["Q2"]
    assert (csat.type, csat.scale, csat.better) == ("csat", (1, 5), "up")
    assert (csat.low["en"], csat.high["en"]) == ("Very dissatisfied", "Very satisfied")
    assert csat.has_not_applicable
    # Without recoded values the first choice is 1: less is better, and the record says so.
    assert (turned.scale, turned.better) == ((1, 5), "down")


def test_a_matrix_takes_its_scale_from_recoded_values() -> None:
    answers = displays("Disagree", "Neutral", "Agree")
    one = sq(1, "Matrix", "Likert", SubSelector="SingleAnswer", Choices=displays("Staff", "Room"),
             Answers=answers, RecodeValues={"1": "-1", "2": "0", "3": "1"})  # fmt: skip
    low = displayed_if(chosen("QID1/SelectableChoice/2/1"))
    found = brought("a.qsf", qsf(one, sq(2, "TE", "ML", DisplayLogic=low)))
    asked = questions(found)
    assert (asked["Q1"].type, asked["Q1"].scale) == ("matrix", (-1, 1))
    assert logic(found) == {"Q2": "Q1.2 = -1"}
    assert checking.faults(found.survey) == []


def test_nps_is_nps_with_its_bands() -> None:
    scores = {str(n): {"Display": str(n)} for n in range(11)}
    nps = sq(1, "MC", "NPS", Choices=scores,
             ColumnLabels=[{"Display": "Not at all"}, {"Display": "Very"}])  # fmt: skip
    low = displayed_if(chosen("QID1/SelectableChoice/IsDetractor"))
    six = displayed_if(chosen("QID1/SelectableChoice/6", "NotSelected"))
    found = brought("a.qsf", qsf(
        nps, sq(2, "TE", "SL", DisplayLogic=low), sq(3, "TE", "SL", DisplayLogic=six),
    ))  # fmt: skip
    assert questions(found)["Q1"].type == "nps"
    assert questions(found)["Q1"].low == {"en": "Not at all"}
    assert logic(found) == {"Q2": "Q1 <= 6", "Q3": "Q1 != 6"}


@pytest.mark.parametrize(
    ("expressions", "filter"),
    [
        ([chosen("QID1/SelectableChoice/1")], "Q1 = 'a'"),
        ([chosen("QID1/SelectableChoice/1", "NotSelected")], "Q1 != 'a'"),
        ([chosen("QID1/SelectableChoice/1"), chosen("QID2/SelectableChoice/2", joined="Or")],
         "Q1 = 'a' or Q2.2 = true"),
        ([chosen("QID1/SelectableChoice/1"), chosen("QID1/SelectableChoice/2", joined="Or"),
          chosen("QID2/SelectableChoice/3", joined="And")],
         "Q1 = 'a' or Q1 = 'b' and Q2.3 = true"),
        ([chosen("QID3/ChoiceTextEntryValue", "GreaterThan") | {"RightOperand": "7"}], "Q3 > 7"),
        ([chosen("QID3/ChoiceTextEntryValue", "Empty")], "Q3 is missing"),
        ([{"LogicType": "EmbeddedField", "LeftOperand": "city", "Operator": "EqualTo",
           "RightOperand": "Rio"}], "field.city = 'Rio'"),
    ],
)  # fmt: skip
def test_display_logic_becomes_filters(expressions: list[dict[str, str]], filter: str) -> None:
    settings = {"Settings": {"ContentType": "ValidNumber"}}
    found = brought("a.qsf", qsf(
        sq(1, "MC", "DL", Choices=displays("A", "B"), RecodeValues=shows("a", "b")),
        sq(2, "MC", "MAVR", Choices=FOUND),
        sq(3, "TE", "SL", Validation=settings),
        sq(4, "TE", "SL", DisplayLogic=displayed_if(*expressions)),
    ))  # fmt: skip
    assert logic(found) == {"Q4": filter}
    assert checking.faults(found.survey) == []


def test_what_is_skipped_is_hidden_up_to_where_the_skip_leads() -> None:
    skip = {"SkipLogicID": 1, "Locator": "q://QID1/SelectableChoice/1", "Condition": "Selected"}

    def block(to: str) -> list[dict[str, Any]]:
        first = {"Type": "Question", "QuestionID": "QID1",
                 "SkipLogic": [skip | {"SkipToDestination": to}]}  # fmt: skip
        rest = [{"Type": "Question", "QuestionID": f"QID{n}"} for n in (2, 3)]
        return [
            {"Type": "Default", "ID": "BL_1", "BlockElements": [first, *rest]},
            {"Type": "Standard", "ID": "BL_2",
             "BlockElements": [{"Type": "Question", "QuestionID": "QID4"}]},
        ]  # fmt: skip

    flow = [{"Type": "Standard", "ID": "BL_1"}, {"Type": "Standard", "ID": "BL_2"}]
    asked = [sq(1, "MC", "SAVR", Choices=FOUND), *(sq(n, "TE", "SL") for n in (2, 3, 4))]
    hidden = {
        to: logic(brought("a.qsf", qsf(*asked, flow=flow, blocks=block(to)))).keys()
        for to in ("QID3", "ENDOFBLOCK", "ENDOFSURVEY")
    }
    assert hidden == {
        "QID3": {"Q2"}, "ENDOFBLOCK": {"Q2", "Q3"}, "ENDOFSURVEY": {"Q2", "Q3", "Q4"},
    }  # fmt: skip


def test_blocks_come_in_the_order_of_the_flow_and_trash_stays_out() -> None:
    blocks = {
        "7": {"Type": "Standard", "ID": "B", "BlockElements": [
            {"Type": "Question", "QuestionID": "QID2"}, {"Type": "Page Break"},
            {"Type": "Question", "QuestionID": "QID3"}]},
        "8": {"Type": "Default", "ID": "A", "BlockElements": [
            {"Type": "Question", "QuestionID": "QID1"}]},
        "9": {"Type": "Trash", "ID": "T", "BlockElements": [
            {"Type": "Question", "QuestionID": "QID4"}]},
    }  # fmt: skip
    branch = {"Type": "Branch", "FlowID": "FL_5",
              "BranchLogic": displayed_if(chosen("QID1/SelectableChoice/1")),
              "Flow": [{"Type": "Standard", "ID": "B"}]}  # fmt: skip
    flow = [{"Type": "Block", "ID": "A"}, branch, {"Type": "EndSurvey", "FlowID": "FL_9"}]
    asked = [sq(1, "MC", "SAVR", Choices=FOUND), *(sq(n, "TE", "SL") for n in (2, 3, 4))]
    found = brought("a.qsf", qsf(*asked, flow=flow, blocks=blocks))
    assert [[q.name for q in page.questions] for page in found.survey.pages] == [
        ["Q1"], ["Q2"], ["Q3"],
    ]  # fmt: skip
    assert [page.shown_if for page in found.survey.pages] == ["", "Q1 = '1'", "Q1 = '1'"]
    assert outcomes(found, "Q4") == [("lost", "It lies in the trash.")]
    assert outcomes(found, "FL_9") == [("lost", "No equal here: EndSurvey.")]


def test_translations_come_over() -> None:
    words = {"ZH-S": {"QuestionText": "在哪里？", "Choices": displays("门店", "网站", "电话")}}
    found = brought("a.qsf", qsf(sq(1, "MC", "SAVR", Choices=FOUND, Language=words)))
    assert found.survey.spoken() == ("en", "zh-Hans")
    assert questions(found)["Q1"].choices[1].label == {"en": "Web", "zh-Hans": "网站"}


def test_kinds_of_text_and_what_has_no_equal() -> None:
    found = brought("a.qsf", qsf(
        sq(1, "TE", "ESTB"), sq(2, "TE", "FORM", Choices=displays("First", "Last")),
        sq(3, "TE", "SL", Validation={"Settings": {"ContentType": "ValidEmail",
                                                   "ForceResponse": "ON"}}),
        sq(4, "DB", "TB"), sq(5, "RO", "DND", Choices=FOUND), sq(6, "Timing", "PageTimer"),
        sq(7, "MC", "MAVR", Choices=FOUND | {
            "4": {"Display": "Other", "TextEntry": "true"},
            "5": {"Display": "None", "ExclusiveAnswer": True}}),
    ))  # fmt: skip
    asked = questions(found)
    assert {name: one.type for name, one in asked.items()} == {
        "Q1": "comment", "Q2_1": "text", "Q2_2": "text", "Q3": "email", "Q4": "statement",
        "Q5": "ranking", "Q7": "multiple",
    }  # fmt: skip
    assert asked["Q3"].is_required
    assert asked["Q7"].has_other
    assert [one.value for one in asked["Q7"].choices if one.is_exclusive] == ["5"]
    ((outcome, note),) = outcomes(found, "Q6")
    assert (outcome, "Timing PageTimer" in note) == ("lost", True)


def test_answers_and_fields_are_piped_and_files_are_asked_for() -> None:
    blocks = [
        {"Type": "Default", "ID": "BL_1", "Description": "First",
         "BlockElements": [{"Type": "Question", "QuestionID": "QID1"}]},
        {"Type": "Standard", "ID": "BL_2", "Description": "Second",
         "BlockElements": [{"Type": "Question", "QuestionID": f"QID{n}"} for n in (2, 3)]},
    ]  # fmt: skip
    flow = [{"Type": "Block", "ID": name, "FlowID": f"FL_{name}"} for name in ("BL_1", "BL_2")]
    said = "${q://QID1/ChoiceTextEntryValue} ${e://Field/plan} ${m://FirstName} ${date://now}"
    found = brought("a.qsf", qsf(
        sq(1, "TE", "SL"), sq(2, "TE", "SL", QuestionText=said), sq(3, "FileUpload", "FileUpload"),
        blocks=blocks, flow=flow,
    ))  # fmt: skip
    made = questions(found)
    assert made["Q2"].title == {"en": "{Q1} {field.plan} {field.FirstName} ${{date://now}"}
    assert ("changed", "Its text quotes an answer: write it anew.") in outcomes(found, "Q2")
    assert made["Q3"].type == "file"
