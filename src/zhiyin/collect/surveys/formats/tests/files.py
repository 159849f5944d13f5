"""Small files of each system, written here as the systems write them."""

from __future__ import annotations

import io
import json
from typing import Any

import xlsxwriter

from zhiyin.collect.surveys.definition import Question
from zhiyin.collect.surveys.formats import reading
from zhiyin.collect.surveys.formats.brought import Brought


def brought(name: str, data: bytes) -> Brought:
    return reading.read(name, data)


def questions(found: Brought) -> dict[str, Question]:
    return {one.name: one for one in found.survey.questions()}


def logic(found: Brought) -> dict[str, str]:
    return {one.name: one.shown_if for one in found.survey.questions() if one.shown_if}


def outcomes(found: Brought, element: str) -> list[tuple[str, str]]:
    """What became of an element, each with the words of its note."""
    return [(one.outcome, str(one.note or "")) for one in found.fidelity if one.element == element]


# SurveyJS


def surveyjs(*elements: dict[str, Any], **more: Any) -> bytes:
    document = {"title": "After your visit", "pages": [{"name": "p", "elements": elements}]}
    return json.dumps(document | more).encode()


# Qualtrics


def sq(number: int, kind: str, selector: str = "", **more: Any) -> dict[str, Any]:
    payload = {
        "QuestionID": f"QID{number}", "QuestionText": f"Question {number}?",
        "DataExportTag": f"Q{number}", "QuestionType": kind, "Selector": selector,
        "Language": [],
    }  # fmt: skip
    return {"Element": "SQ", "Payload": payload | more}


def shows(*parts: str) -> dict[str, str]:
    return {str(number): part for number, part in enumerate(parts, start=1)}


def displays(*parts: str) -> dict[str, dict[str, str]]:
    return {number: {"Display": part} for number, part in shows(*parts).items()}


def qsf(*elements: dict[str, Any], flow: Any = None, blocks: Any = None) -> bytes:
    asked = [{"Type": "Question", "QuestionID": one["Payload"]["QuestionID"]} for one in elements]
    default = [{"Type": "Default", "ID": "BL_1", "Description": "First", "BlockElements": asked}]
    listed = [
        {"Element": "BL", "Payload": default if blocks is None else blocks},
        {"Element": "FL", "Payload": {"Type": "Root", "Flow": flow or [
            {"Type": "Block", "ID": "BL_1", "FlowID": "FL_2"}]}},
        *elements,
    ]  # fmt: skip
    entry = {"SurveyName": "Visit", "SurveyLanguage": "EN"}
    return json.dumps({"SurveyEntry": entry, "SurveyElements": listed}).encode()


def displayed_if(*expressions: dict[str, str]) -> dict[str, Any]:
    inner = {str(number): one for number, one in enumerate(expressions)}
    return {"0": {**inner, "Type": "If"}, "Type": "BooleanExpression", "inPage": False}


def chosen(locator: str, operator: str = "Selected", joined: str = "") -> dict[str, str]:
    said = {"LogicType": "Question", "LeftOperand": f"q://{locator}", "Operator": operator}
    return said | ({"Conjuction": joined} if joined else {})


# LimeSurvey


def _table(name: str, rows: list[dict[str, str]]) -> str:
    body = "".join(
        "<row>" + "".join(f"<{k}><![CDATA[{v}]]></{k}>" for k, v in row.items()) + "</row>"
        for row in rows
    )
    return f"<{name}><fields/><rows>{body}</rows></{name}>"


def lss(**tables: list[dict[str, str]]) -> bytes:
    whole: dict[str, list[dict[str, str]]] = {
        "groups": [{"gid": "1", "group_order": "1"}],
        "surveys": [{"sid": "7", "language": "en", "format": "G"}],
        "surveys_languagesettings": [
            {"surveyls_language": "en", "surveyls_title": "After your visit"}
        ],
    }
    body = "".join(_table(name, rows) for name, rows in (whole | tables).items())
    return (
        '<?xml version="1.0" encoding="UTF-8"?><document>'
        "<LimeSurveyDocType>Survey</LimeSurveyDocType><DBVersion>620</DBVersion>"
        f"<languages><language>en</language></languages>{body}</document>"
    ).encode()


def asked(qid: int, kind: str, title: str, **more: str) -> dict[str, str]:
    return {"qid": str(qid), "gid": "1", "parent_qid": "0", "type": kind, "title": title,
            "question_order": str(qid)} | more  # fmt: skip


def part(qid: int, of: int, title: str, **more: str) -> dict[str, str]:
    return {"qid": str(qid), "gid": "1", "parent_qid": str(of), "title": title,
            "question_order": str(qid), "scale_id": "0"} | more  # fmt: skip


def words(texts: dict[int, str], language: str = "en") -> list[dict[str, str]]:
    return [
        {"qid": str(qid), "question": text, "language": language} for qid, text in texts.items()
    ]


# XLSForm


def workbook(**sheets: list[list[object]]) -> bytes:
    held = io.BytesIO()
    with xlsxwriter.Workbook(held) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return held.getvalue()
