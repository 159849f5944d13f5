"""Surveys are sent to people by program, and what comes back is taken."""

from __future__ import annotations

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import AuditEntry, Person
from zhiyin.api.tests.conftest import a_key, asking
from zhiyin.collect.models import Asking
from zhiyin.collect.reaching import rules
from zhiyin.collect.surveys import actions
from zhiyin.collect.surveys.tests.written import NPS, survey
from zhiyin.warehouse.owner import Owner


def test_a_survey_is_sent(planted: Owner, cleo: Person) -> None:
    actions.create(by=COMMAND_LINE, workspace="main", key="visit", survey=survey((NPS,)))
    ask, blind = asking(a_key()), asking(a_key(sees_personal_data=False))
    wanted = {"key": "spring", "survey": "visit", "reminders": [3], "sample_share": 1.0}
    assert ask("post", "/distributions", wanted).json()["code"] == "survey.not-published"
    actions.publish(by=COMMAND_LINE, workspace="main", key="visit")
    rules.change(by=COMMAND_LINE, workspace="main", quiet="")
    made = ask("post", "/distributions", wanted)
    assert made.status_code == 201
    assert made.json()["texts"]["en"]["subject"]
    assert ask("post", "/distributions", wanted).status_code == 409
    assert ask("get", "/distributions").json() == {"distributions": [made.json()]}
    said = {"texts": {"en": {"subject": "Well?", "body": "{link}"}}, "reminders": []}
    changed = ask("put", "/distributions/spring", said).json()
    assert (changed["texts"]["en"]["subject"], changed["reminders"]) == ("Well?", [])
    people = {
        "people": [
            {"customer": "api-1", "address": "api-1@example.com", "fields": {"name": "Mei"}},
            {"customer": "api-2", "address": "nowhere"},
        ]
    }
    assert blind("post", "/distributions/spring/people", people).status_code == 403
    planned = ask("post", "/distributions/spring/people", people).json()
    assert planned == {
        "key": "spring", "planned": 1, "withheld": {"bad_address": 1}, "already": 0,
    }  # fmt: skip
    paused = ask("put", "/distributions/spring/pause", {"is_paused": True}).json()
    assert paused["is_paused"]
    assert paused["states"]["waiting"] == 1
    Asking.objects.filter(customer="api-1").update(state="uncertain")
    assert ask("post", "/distributions/spring/uncertain").json()["askings"] == 1
    stop = {"address": "API-1@example.com"}
    assert ask("post", "/stops", stop).json() == {"stopped": True, "is_new": True}
    assert ask("post", "/stops", {"address": "none"}).status_code == 422
    assert ask("get", "/distributions/spring").json()["states"]["stopped"] == 1
    assert ask("get", "/distributions/none").status_code == 404
    theirs = asking(a_key(workspace="other"))
    assert theirs("get", "/distributions").json() == {"distributions": []}
    for method, path in (("get", ""), ("put", "/pause"), ("post", "/uncertain")):
        given = {"is_paused": True} if path == "/pause" else None
        assert theirs(method, f"/distributions/spring{path}", given).status_code == 404
    assert "example.com" not in str(list(AuditEntry.objects.values_list("subject", "after")))


def test_what_comes_back_is_taken(planted: Owner) -> None:
    actions.create(by=COMMAND_LINE, workspace="main", key="call", survey=survey((NPS,)))
    actions.publish(by=COMMAND_LINE, workspace="main", key="call")
    ask = asking(a_key())
    found = ask("post", "/bounces", {"message": "Subject: away\n\nback on Monday"}).json()
    assert found == {"messages": {"other": 1}}
    at = "2026-11-02T09:30:00+08:00"
    pressed = [
        {"call": "c-1", "question": "recommend", "key": "9", "at": at, "customer": "api-9"},
        {"call": "c-2", "question": "recommend", "key": "#", "at": at},
    ]
    taken = ask("post", "/surveys/call/keys", {"pressed": pressed}).json()
    assert (taken["answers"], taken["repeated"], taken["wrong"][0]["place"]) == (1, 0, 1)
    assert ask("post", "/surveys/call/keys", {"pressed": pressed[:1]}).json()["repeated"] == 1
