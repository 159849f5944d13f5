"""Sending a survey as a person does it in the browser."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from msgspec.structs import replace
from pytest_django import Settings

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import Person
from zhiyin.collect.models import Asking, Distribution
from zhiyin.collect.reaching import rules
from zhiyin.collect.reaching.tests.boxes import served
from zhiyin.collect.surveys import actions
from zhiyin.collect.surveys.tests.written import NPS, survey
from zhiyin.warehouse.owner import Owner
from zhiyin.web.tests.test_pages import text

PEOPLE = b"customer,email,name\nmei,mei@example.com,Mei\nbo,nowhere,Bo\n"


@pytest.fixture
def published(as_ana: Client, log: Owner) -> Client:
    title = {"en": "After your visit", "zh-Hans": "来访之后"}
    spoken = replace(survey((NPS,), languages=("en", "zh-Hans")), title=title)
    actions.create(by=COMMAND_LINE, workspace="main", key="visit", survey=spoken)
    actions.publish(by=COMMAND_LINE, workspace="main", key="visit")
    rules.change(by=COMMAND_LINE, workspace="main", quiet="")
    return as_ana


def make(client: Client, **given: Any) -> Any:
    form = {
        "channel": "email", "key": "spring", "name": "In spring", "share": "100",
        "reminders": "3, 7", "subject.en": "How was it?", "body.en": "Dear {name|guest}\n\n{link}",
    }  # fmt: skip
    return client.post("/main/surveys/visit/send/", {**form, **given}, follow=True)


def test_one_is_made_shown_in_both_languages_and_asks_a_list(
    published: Client, settings: Settings
) -> None:
    settings.EMAIL_HOST = ""
    client = published
    assert "Nobody was written to yet" in text(client.get("/main/surveys/visit/"))
    assert "感谢您近期的光临" in text(client.get("/main/surveys/visit/send/"))
    wrong = make(client, reminders="7, 3")
    assert wrong.status_code == 422
    assert "How was it?" in wrong.content.decode(), "what was written is not lost"
    said = text(make(client))
    assert "It has asked nobody yet" in said
    assert "Dear Mei" in said
    assert "感谢您近期的光临" in said
    assert "This installation cannot send by e-mail yet" in said
    file = SimpleUploadedFile("people.csv", PEOPLE, "text/csv")
    asked = client.post("/main/sending/spring/ask/", {"people": file}, follow=True)
    assert "1 are to be asked, 1 are not, 0 were before" in text(asked)
    assert "has an address that can be none" in text(asked)
    row = text(client.get("/main/surveys/visit/"))
    assert "In spring" in row
    none = client.post("/main/sending/spring/ask/", {}, follow=True)
    assert "No file was chosen" in text(none)


def test_it_is_paused_changed_tried_and_sent_again(
    published: Client, ana: Person, settings: Settings
) -> None:
    client = published
    make(client, has_first_question="1")
    change = "/main/sending/spring/change/"
    assert "It is paused" in text(client.post(change, {"do": "pause"}, follow=True))
    assert Distribution.objects.get().is_paused
    assert "It goes on" in text(client.post(change, {"do": "resume"}, follow=True))
    form = {"name": "", "share": "50", "reminders": "", "subject.en": "Well?", "body.en": "{link}"}
    changed = client.post("/main/sending/spring/words/", form, follow=True)
    assert "Well?" in text(changed)
    held = Distribution.objects.get()
    assert (held.sample_share, held.reminders, held.has_first_question) == (0.5, [], False)
    ana.email = "ana@example.com"
    ana.save()
    with served(settings) as box:
        sent = client.post(change, {"do": "test", "language": "zh-Hans"}, follow=True)
        assert "on its way to you" in text(sent)
        (letter,) = box.to("ana@example.com")
        assert letter.letter["List-Unsubscribe"] is None
        assert "i=" not in letter.plain, "its link asks nobody"
    assert not Asking.objects.exists()
    file = SimpleUploadedFile("people.csv", PEOPLE, "text/csv")
    form["share"] = "100"
    client.post("/main/sending/spring/words/", form)
    client.post("/main/sending/spring/ask/", {"people": file})
    Asking.objects.filter(customer="mei").update(state="uncertain")
    page = text(client.get("/main/sending/spring/"))
    assert "1 may or may not have been sent" in page
    assert "1 will be sent again" in text(client.post(change, {"do": "again"}, follow=True))
    assert Asking.objects.get(customer="mei").state == "waiting"
