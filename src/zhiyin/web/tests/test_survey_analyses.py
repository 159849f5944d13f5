"""The pages of a survey beside its questions: each analysis, its files, and the margins."""

from __future__ import annotations

import csv
import io
import json
import random

import pytest
from django.test import Client

from zhiyin.accounts.models import Person
from zhiyin.accounts.workspaces import settings_of
from zhiyin.measure.surveys import rates
from zhiyin.measure.surveys.tests import asked
from zhiyin.measure.surveys.tests.asked import Case, whole
from zhiyin.measure.surveys.tests.test_weights import DECLARED
from zhiyin.warehouse.owner import Owner
from zhiyin.web.survey_analyses import ANALYSES
from zhiyin.web.tests.test_pages import text

pytestmark = pytest.mark.django_db
HERE = "/main/surveys/stay/"


@pytest.fixture
def page(client: Client, ana: Person, log: Owner) -> Client:
    client.force_login(ana)
    asked.published()
    drawn = random.Random(4)  # noqa: S311 - a test's series
    asked.planted(log, [
        Case(f"c{n}", channel=("email", "sms", "wechat")[n % 3], arm=("", "gift")[n % 2],
             pages=whole(drawn) if drawn.random() < 0.7 else None, ended=90.0)
        for n in range(150)
    ])  # fmt: skip
    return client


def read(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(HERE + address)
    assert answer.status_code == status, address
    return text(answer)


@pytest.mark.any_store
def test_every_analysis_has_a_page_in_both_languages_and_a_file_of_each_table(
    page: Client, log: Owner
) -> None:
    page.post(f"{HERE}weights/declare/", {"document": json.dumps(DECLARED)})
    told = rates.rates(log, settings_of("main"), "stay", by=("channel",))
    assert told.total.rates is not None
    rate = told.total.rates["RR2"]
    assert rate is not None
    assert f"{rate.value:.1f}%" in read(page, "rates/?by=channel")
    for view, analysis in ANALYSES.items():
        query = "?before=2026-03&after=2026-04" if view == "over-time" else ""
        said = read(page, f"{view}/{query}")
        assert str(analysis.says) in said
        assert "Something went wrong" not in said
    rows = _csv(page, "rates/export/?by=channel&sheet=groups&as=csv")
    assert {row["group"]: float(row["RR2"]) for row in rows} == {
        one.group["channel"]: one.rates["RR2"].value  # type: ignore[union-attr]
        for one in told.groups if one.rates
    }  # fmt: skip
    assert {row["low"] != row["high"] for row in rows} == {True}
    sheet = page.get(f"{HERE}crosstab/export/?rows=trip&by=channel&sheet=table&as=xlsx")
    assert b"".join(sheet)[:2] == b"PK"
    assert page.get(f"{HERE}rates/export/?sheet=none").status_code == 404
    assert page.get(f"{HERE}nothing/").status_code == 404
    zh = page.get(f"{HERE}quality/", headers={"accept-language": "zh-hans"})
    assert "不认真作答的迹象" in zh.content.decode()


def _csv(client: Client, address: str) -> list[dict[str, str]]:
    body = b"".join(client.get(HERE + address))
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))


def test_margins_are_declared_and_removed_and_mistakes_are_said(page: Client) -> None:
    assert "No margins are declared" in read(page, "weights/")
    wrong = page.post(f"{HERE}weights/declare/", {"document": "{}"}, follow=True)
    assert "This is no document of margins" in text(wrong)
    made = page.post(f"{HERE}weights/declare/", {"document": json.dumps(DECLARED)}, follow=True)
    assert "The margins are declared." in text(made)
    assert "Sales by channel, 2026-01-31" in text(made)
    gone = page.post(f"{HERE}weights/declare/", {"do": "remove"}, follow=True)
    assert "weighted no more" in text(gone)
    for query in ("crosstab/?rows=none", "rates/?eligible=2", "rates/?eligible=x",
                  "quality/?without=haste", "rates/?where=device = 'phone'"):  # fmt: skip
        read(page, query, 422)
    assert page.get(f"/other/surveys/stay/{'rates'}/").status_code == 404
