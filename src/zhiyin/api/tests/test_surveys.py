"""Surveys by program: the documents of the command line, and two editors who meet."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from zhiyin.accounts import api_keys, units
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import AuditEntry, Person
from zhiyin.accounts.rights import WHOLE
from zhiyin.api.documents.surveys import SurveyResultsDocument
from zhiyin.api.tests.conftest import a_key, asking
from zhiyin.collect.surveys.tests.written import DOCUMENT
from zhiyin.measure.tests import visit
from zhiyin.warehouse import lang
from zhiyin.warehouse.owner import Owner

FAULTY = {**DOCUMENT, "colour": "#ffff00"}


def test_a_survey_is_made_changed_published_and_closed(planted: Owner) -> None:
    ask = asking(a_key())
    made = ask("post", "/surveys", {"key": "visit", "document": FAULTY}, Idempotency_Key="one")
    assert (made.status_code, made.json()["state"]) == (201, "draft")
    again = ask("post", "/surveys", {"key": "visit", "document": FAULTY}, Idempotency_Key="one")
    assert again.json() == made.json()
    faults = ask("get", "/surveys/visit/faults").json()
    assert [one["place"] for one in faults["faults"]] == ["/colour"]
    assert {"from": "field.city", "to": "/pages/1/questions/0", "of_choice": False,
            "says": "field.city = 'Tallinn'"} in faults["graph"]["edges"]  # fmt: skip
    refused = ask("post", "/surveys/visit/publish", {})
    assert (refused.status_code, refused.json()["code"]) == (422, "survey.faulty")
    saved = ask("put", "/surveys/visit", {"document": DOCUMENT, "revision": 1})
    assert saved.json()["revision"] == 2
    stale = ask("put", "/surveys/visit", {"document": FAULTY, "revision": 1})
    assert (stale.status_code, stale.json()["code"]) == (409, "survey.stale")
    published = ask("post", "/surveys/visit/publish", {"notes": "first", "revision": 2}).json()
    assert (published["state"], published["version"]) == ("open", 1)
    document = ask("get", "/surveys/visit").json()["document"]
    assert ask("get", "/surveys/visit/versions/1").json()["document"] == document
    assert ask("get", "/surveys/visit/versions/2").status_code == 404
    linked = ask("get", "/surveys/visit/link", {"field": ["city=Tallinn", "tier=gold"]}).json()
    assert linked["link"] == f"{published['link']}?f.city=Tallinn&f.tier=gold"
    assert ask("post", "/surveys/visit/close", {}).json()["state"] == "closed"
    assert ask("post", "/surveys/visit/open", {}).json()["state"] == "open"
    assert ask("post", "/surveys/visit/copy", {"key": "other"}).status_code == 201
    assert ask("delete", "/surveys/other").json() == {"key": "other", "removed": True}
    assert ask("delete", "/surveys/visit").json()["code"] == "survey.was-published"
    (listed,) = ask("get", "/surveys").json()["surveys"]
    assert listed["key"] == "visit"
    done = AuditEntry.of("main").filter(by="api: a program").values_list("action", flat=True)
    assert len(done) == 7


def test_a_stale_translation_is_accepted(planted: Owner) -> None:
    ask = asking(a_key())
    title = {"en": "After your visit", "zh-Hans": "到访之后"}
    document = {**DOCUMENT, "languages": ["zh-Hans"], "title": title}
    ask("post", "/surveys", {"key": "visit", "document": document})
    changed = {**document, "title": {**title, "en": "Your visit"}}
    ask("put", "/surveys/visit", {"document": changed, "revision": 1})
    codes = [one["code"] for one in ask("get", "/surveys/visit/faults").json()["faults"]]
    assert "survey.stale-translation" in codes
    given = {"language": "zh-Hans", "texts": ["title"]}
    accepted = ask("post", "/surveys/visit/accept", given)
    assert accepted.json() == {"key": "visit", "revision": 3, "stale": {}}
    again = ask("post", "/surveys/visit/accept", given)
    assert (again.status_code, again.json()["code"]) == (422, "survey.not-stale")


def test_a_survey_begins_with_a_ready_set_or_a_file(planted: Owner) -> None:
    secret = a_key()
    ask = asking(secret)
    (first, *_more) = ask("get", "/ready-surveys").json()["ready"]
    made = ask("post", "/surveys", {"key": "score", "ready": first["name"]})
    assert made.json()["title"] == first["title"]
    both = ask("post", "/surveys", {"key": "x", "ready": "csat", "document": DOCUMENT})
    assert both.json()["code"] == "survey.one-beginning"
    headers = {"Authorization": f"Bearer {secret}"}
    sent: Any = {}
    for dry_run in ("true", "false"):
        form = {"file": SimpleUploadedFile("A b.json", json.dumps(DOCUMENT).encode()),
                "dry_run": dry_run}  # fmt: skip
        sent[dry_run] = Client(headers=headers).post("/api/v1/survey-imports", form).json()
    assert (sent["true"]["id"], sent["true"]["key"]) == (None, "a-b")
    assert sent["false"] == {**sent["true"], "id": sent["false"]["id"]}
    assert sent["false"]["id"]


def test_what_no_text_can_hold_is_refused(planted: Owner) -> None:
    """Would catch an answer with 500, on either store."""
    ask = asking(a_key())
    half = {**DOCUMENT, "title": {"en": "\ud800"}}
    answer = ask("post", "/surveys", {"key": "half", "document": half})
    assert (answer.status_code, answer.json()["code"]) == (422, "survey.not-one")
    nothing = {**DOCUMENT, "title": {"en": "a\0b"}}
    assert ask("post", "/surveys", {"key": "nothing", "document": nothing}).status_code == 201
    refused = ask("post", "/surveys/nothing/publish", {})
    assert refused.json()["code"] == "survey.faulty"
    wrong = ask("post", "/surveys/nothing/publish", {"series": {"recommend": "other"}})
    assert wrong.json()["code"] == "api.not-as-described"


def test_what_came_of_a_survey(planted: Owner) -> None:
    ask = asking(a_key())
    visit.published()
    nobody = ask("get", "/surveys/visit/results").json()
    assert (nobody["state"], nobody["responses"], nobody["questions"]) == ("too_few", None, [])
    visit.planted(planted, visit.given())
    found = ask("get", "/surveys/visit/results").json()
    # What is described is what is answered, of some and of nobody.
    for document in (found, nobody):
        read = SurveyResultsDocument.model_validate(document)
        assert set(read.model_dump(mode="json")) == set(document)
    assert found["responses"]["completion"]["of"] == 40
    assert [one["name"] for one in found["questions"]][:2] == ["recommend", "why"]
    web = ask("get", "/surveys/visit/results", {"where": "channel = 'web'", "version": 1}).json()
    assert web["responses"]["begun"] == 14
    for given, code in (
        ({"version": 2}, "survey.no-version"), ({"where": "score = 3"}, "filter.no-such-column"),
        ({"where": "customer = 'c1'"}, "personal.filter"),
        ({"versions": 1}, "api.not-as-described"),
    ):  # fmt: skip
        blind = asking(a_key(sees_personal_data=False))
        assert blind("get", "/surveys/visit/results", given).json()["code"] == code, given
    units.save(by=COMMAND_LINE, workspace="main", key="north", name="north", parent="")
    rights = [right for right in api_keys.GIVEN if right not in WHOLE]
    branch = asking(a_key(*rights, unit="north"))("get", "/surveys/visit/results").json()
    assert branch["state"] == "too_few"


def test_customers_get_links_of_their_own(planted: Owner) -> None:
    visit.published()
    ask = asking(a_key())
    people = [
        {"customer": "M7", "about_kind": "flight", "about_id": "QC1",
         "experienced_at": "2026-03-01T08:00:00+08:00", "fields": {"city": "Tallinn"}},
        {"customer": "M8"},
    ]  # fmt: skip
    path = "/surveys/visit/invitations"
    made = ask("post", path, {"people": people}, Idempotency_Key="one")
    assert made.status_code == 201
    first, second = made.json()["invitations"]
    assert (first["customer"], second["customer"]) == ("M7", "M8")
    assert "f.city=Tallinn" in first["link"]
    assert first["link"] != second["link"]
    # What is sent again invites nobody again.
    again = ask("post", path, {"people": people}, Idempotency_Key="one")
    assert again.json() == made.json()
    rows = planted.execute("main", lang.table(planted.schema("main"), "exposures"), words=True)
    mine = [one for one in rows.to_pylist() if one["survey"] == "visit"]
    assert [one["about_id"] for one in mine] == ["QC1", None]
    assert mine[0]["experienced_at"] == datetime(2026, 3, 1)
    wrong = {"people": [{"customer": "M7", "fields": {"a b": "c"}}]}
    assert ask("post", path, wrong).json()["code"] == "survey.field"
    assert ask("post", path, {"people": []}).status_code == 422
    units.save(by=COMMAND_LINE, workspace="main", key="north", name="north", parent="")
    rights = [right for right in api_keys.GIVEN if right not in WHOLE]
    branch = asking(a_key(*rights, unit="north"))("post", path, {"people": people})
    assert branch.json()["code"] == "log.scope"


def test_a_key_of_another_workspace_sees_none_of_ours(planted: Owner, cleo: Person) -> None:
    asking(a_key())("post", "/surveys", {"key": "visit", "document": DOCUMENT})
    theirs = asking(a_key(workspace="other"))
    assert theirs("get", "/surveys").json() == {"surveys": []}
    for method, path, given in (
        ("get", "/surveys/visit", None), ("get", "/surveys/visit/faults", None),
        ("get", "/surveys/visit/link", None), ("get", "/surveys/visit/results", None),
        ("delete", "/surveys/visit", None),
        ("put", "/surveys/visit", {"document": DOCUMENT, "revision": 1}),
        ("post", "/surveys/visit/accept", {"language": "zh-Hans"}),
        ("post", "/surveys/visit/publish", {}), ("post", "/surveys/visit/close", {}),
        ("post", "/surveys/visit/copy", {"key": "mine"}),
    ):  # fmt: skip
        assert theirs(method, path, given).status_code == 404, (method, path)
    # The same key may stand in two workspaces.
    made = theirs("post", "/surveys", {"key": "visit", "document": DOCUMENT})
    assert made.status_code == 201
