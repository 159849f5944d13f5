"""Rows as files by the API: those of the command line and of the page, to the byte."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django.test import Client

from zhiyin.accounts.models import AuditEntry, Person
from zhiyin.accounts.workspaces import settings_of
from zhiyin.api.reference import FILE, operations
from zhiyin.api.tests.conftest import a_key, asking
from zhiyin.collect.exports import run
from zhiyin.kernel.filters import parse
from zhiyin.warehouse.owner import Owner
from zhiyin.web import limits

pytestmark = pytest.mark.any_store

WHERE = "metric = 'csat'"


def test_a_file_is_that_of_the_command_line(filled: Owner, tmp_path: Path) -> None:
    ask = asking(a_key())
    path = tmp_path / "answers.csv"
    run.export(filled, settings_of("main"), "answers", "csv", path, condition=parse(WHERE))
    answer = ask("get", "/exports/answers", {"where": WHERE})
    assert answer.body == path.read_bytes()
    assert answer.headers["content-disposition"] == 'attachment; filename="main-answers.csv"'
    count = len(ask("get", "/answers", {"where": WHERE, "limit": 500}).json()["items"])
    assert len(list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig"))))) == count + 1
    entry = AuditEntry.of("main").get(action="rows.exported")
    assert (entry.by, entry.subject, entry.after) == (
        "api: a program",
        "answers",
        {"format": "csv"},
    )


def test_every_form_is_one(filled: Owner) -> None:
    ask = asking(a_key())

    def got(form: str) -> bytes:
        answer = ask("get", "/exports/events", {"format": form})
        assert answer.status_code == 200, answer.body
        return bytes(answer.body)

    lines = [json.loads(line) for line in got("jsonl").splitlines()]
    assert lines
    assert pq.read_table(io.BytesIO(got("parquet"))).num_rows == len(lines)
    assert got("xlsx").startswith(b"PK")
    assert ask("get", "/exports/answers", {"format": "sav"}).body.startswith(b"$FL2")


def test_customers_are_those_of_the_page(filled: Owner, client: Client, ana: Person) -> None:
    client.force_login(ana)
    given = {"where": "orders >= 1", "format": "csv"}
    page = client.get("/main/customers/export/", given).getvalue()
    answer = asking(a_key())("get", "/customers/export", given)
    assert answer.body == page
    assert answer.body.count(b"\n") > 1


def test_every_operation_that_gives_files_has_the_limit_of_files() -> None:
    named = {f"api:{one.name}" for _tag, one in operations() if one.answer == FILE}
    assert named == {name for name in limits.TIGHT if name.startswith("api:")}


def test_what_cannot_be_written_says_why(filled: Owner) -> None:
    ask = asking(a_key())
    for path, given, code in (
        ("/exports/answers", {"where": "colour = 'red'"}, None),
        ("/exports/answers", {"format": "pdf"}, "api.not-as-described"),
        ("/exports/verbatims", {}, "api.not-as-described"),
        ("/customers/export", {"format": "parquet"}, "api.not-as-described"),
        ("/customers/export", {"segment": "none"}, "segments.none"),
    ):
        answer = ask("get", path, given)
        assert answer.status_code in (404, 422), path
        assert code in (None, answer.json()["code"])
    assert not AuditEntry.of("main").filter(action="rows.exported").exists()
