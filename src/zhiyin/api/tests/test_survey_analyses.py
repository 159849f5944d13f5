"""What came of a survey beyond the answers, by the API: what is described is what is answered."""

from __future__ import annotations

import random
from typing import Any

import pytest

from zhiyin.api.documents import survey_analyses as documents
from zhiyin.api.documents.form import Document
from zhiyin.api.tests.conftest import a_key, asking
from zhiyin.measure.surveys.tests import asked
from zhiyin.measure.surveys.tests.asked import Case, whole
from zhiyin.measure.surveys.tests.test_weights import DECLARED
from zhiyin.warehouse.owner import Owner

# The page of the margins asks every store for what is declared; the rest is read from the log.
pytestmark = pytest.mark.any_store

ALL: list[tuple[str, dict[str, Any], type[Document]]] = [
    ("rates", {"by": ["arm"], "eligible": 0.5}, documents.SurveyRatesDocument),
    ("pages", {}, documents.SurveyPagesDocument),
    ("quality", {"without": ["straight"]}, documents.SurveyQualityDocument),
    ("quality/responses", {}, documents.SurveySignedResponsesDocument),
    ("crosstab", {"rows": "trip", "by": "channel"}, documents.SurveyCrosstabDocument),
    ("weights", {}, documents.SurveyWeightsDocument),
    ("arms", {}, documents.SurveyArmsDocument),
    ("change", {"before": "2026-03", "after": "2026-04"}, documents.SurveyChangeDocument),
    ("representativeness", {"by": ["channel"]}, documents.SurveyRepresentativenessDocument),
]


def test_every_analysis_is_answered_as_it_is_described(planted: Owner) -> None:
    asked.published()
    ask = asking(a_key())
    put = ask("put", "/surveys/stay/margins", DECLARED)
    assert put.json()["targets"]["margins"][0]["by"] == "channel"
    nobody = [ask("get", f"/surveys/stay/{path}", given).json() for path, given, _kind in ALL]
    drawn = random.Random(4)  # noqa: S311 - a test's series
    cases = [
        Case(f"c{n}", channel=("email", "sms", "wechat")[n % 3], arm=("", "gift")[n % 2],
             pages=whole(drawn) if drawn.random() < 0.7 else None, ended=90.0)
        for n in range(150)
    ]  # fmt: skip
    asked.planted(planted, cases)
    for (path, given, kind), before in zip(ALL, nobody, strict=True):
        found = ask("get", f"/surveys/stay/{path}", given).json()
        for document in (found, before):
            read = kind.model_validate(document)
            assert set(read.model_dump(mode="json")) == set(document), path
    rates = ask("get", "/surveys/stay/rates", {"by": ["arm"]}).json()
    assert [one["group"] for one in rates["groups"]] == [{"arm": "gift"}, {"arm": None}]
    assert ask("delete", "/surveys/stay/margins").json() == {"key": "stay", "removed": True}
    assert ask("get", "/surveys/stay/weights").json()["code"] == "survey.no-targets"
    blind = asking(a_key(sees_personal_data=False))
    for path, given in (("crosstab", {"rows": "trip", "by": "trait.email"}),
                        ("representativeness", {"by": ["trait.email"]}),
                        ("rates", {"where": "customer = 'c1'"})):  # fmt: skip
        assert blind("get", f"/surveys/stay/{path}", given).json()["code"] == "personal.filter"
