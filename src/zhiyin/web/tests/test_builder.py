"""The survey builder's page and what its script asks: kept, refused, previewed, published."""

from __future__ import annotations

import json
import re
from typing import Any, get_args

import msgspec
import pytest
from django.test import Client
from msgspec import inspect

from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import AuditEntry, Person
from zhiyin.collect.models import Survey
from zhiyin.collect.surveys import actions, checking, definition, kept
from zhiyin.collect.surveys.definition import Choice, Question, Type
from zhiyin.collect.surveys.tests.flight import FLIGHT
from zhiyin.collect.surveys.tests.written import choices, survey
from zhiyin.kernel.text import in_language
from zhiyin.warehouse.owner import Owner
from zhiyin.web.building import fields, labels
from zhiyin.web.tests.test_pages import text


class Limit(msgspec.Struct):
    condition: str
    most: int = 10


class Grown(msgspec.Struct):
    """A part as it may be one day."""

    mask: str = ""
    strength: int | None = None
    limits: tuple[Limit, ...] = ()
    stale: dict[str, tuple[str, ...]] = {}


EDIT = "/main/surveys/flight/edit/"


@pytest.fixture
def page(client: Client, ana: Person, log: Owner) -> Client:
    actions.create(by=Actor(person=ana, where=""), workspace="main", key="flight", survey=FLIGHT)
    client.force_login(ana)
    return client


def sent(client: Client, address: str, **body: Any) -> tuple[int, dict[str, Any]]:
    answer = client.post(address, json.dumps(body), content_type="application/json")
    return answer.status_code, json.loads(answer.content)


def document(**more: Any) -> dict[str, Any]:
    return dict(json.loads(definition.write(FLIGHT)), **more)


# What the builder knows of the document


def test_every_key_of_the_document_has_words_in_both_languages() -> None:
    """Would catch a key that the definition gained and nobody worded."""
    named = [
        (owner, field)
        for owner, listed in fields.parts().items()
        for field in listed
        if field.name not in fields.LATER
    ]
    assert len(named) > 40
    assert [(o, f.name) for o, f in named if not labels.is_worded(o, f.name)] == []
    assert set(labels.TYPES) == set(get_args(Type))
    for owner, field in named:
        with in_language("zh"):
            chinese = field.as_dict()
        assert chinese["label"] != str(field.label) or field.label == "CES", (owner, field.name)


def test_a_new_key_is_edited_by_its_type() -> None:
    info = inspect.type_info(Grown)
    assert isinstance(info, inspect.StructType)
    found = {key.name: fields._field("Question", key) for key in info.fields}
    assert {name: key.editor for name, key in found.items()} == {
        "mask": "text", "strength": "whole", "limits": "parts", "stale": "json",
    }  # fmt: skip
    assert found["limits"].part == "Limit"
    assert (found["mask"].label, found["mask"].types) == ("mask", None)


@pytest.mark.parametrize("kind", get_args(Type))
def test_what_the_builder_offers_of_a_type_means_something_for_it(kind: Type) -> None:
    """Would catch a key that is offered where the check calls it idle, and one that is not."""
    given: dict[str, Any] = {
        "choices": choices("a", "b"), "rows": choices("a", "b"), "has_other": True,
        "at_least": 1.0, "at_most": 2.0,
    }  # fmt: skip
    offered = {
        key.name for key in fields.parts()["Question"] if key.types is None or kind in key.types
    }
    begun = next(one for one in fields.types() if one["name"] == kind)["begins"]
    base: dict[str, Any] = {
        name: tuple(Choice(one["value"], {"en": "x"}) for one in listed)
        for name, listed in begun.items()
    }
    for name, value in given.items():
        question = Question("one", kind, {"en": "One?"}, **{**base, name: value})
        idle = [one for one in checking.faults(survey((question,))) if one.code == "survey.idle"]
        assert bool(idle) == (name not in offered), name


# Keeping


def test_a_change_is_kept_and_answered_with_what_is_wrong(page: Client) -> None:
    begun = page.get(EDIT)
    assert "frame-src 'self'" in begun.headers["Content-Security-Policy"]
    found = re.search(r'<script id="begun"[^>]*>(.*?)</script>', begun.content.decode())
    assert found
    told = json.loads(found[1])
    assert (told["document"], told["faults"], told["revision"]) == (document(), [], 1)
    status, said = sent(page, EDIT, document=document(colour="#ffffff"), revision=1)
    assert (status, said["revision"]) == (200, 2)
    assert [one["place"] for one in said["faults"]] == ["/colour"]
    assert definition.read(Survey.objects.get().draft.encode()).colour == "#ffffff"
    assert AuditEntry.of("main").filter(action="survey.changed").count() == 1


def test_who_comes_second_is_told_what_the_first_made_of_it(page: Client) -> None:
    sent(page, EDIT, document=document(channel="app"), revision=1)
    status, said = sent(page, EDIT, document=document(channel="sms"), revision=1)
    assert (status, said["code"]) == (409, "survey.stale")
    now = said["now"]
    assert (now["revision"], now["changed_by"], now["document"]["channel"]) == (2, "ana", "app")
    assert definition.read(Survey.objects.get().draft.encode()).channel == "app"


def test_what_is_no_survey_is_refused_in_words(page: Client) -> None:
    for body in ({"document": {"pages": []}, "revision": 1}, {"document": 3}, {"more": 1}):
        status, said = sent(page, EDIT, **body)
        assert status == 422, body
        assert said["message"]
    answer = page.post(EDIT, b"\xff{", content_type="application/json")
    assert answer.status_code == 422
    assert Survey.objects.get().revision == 1
    nowhere = page.post("/main/surveys/none/edit/", b"{}", content_type="application/json")
    assert nowhere.status_code == 404


# Preview


def test_the_preview_is_the_page_of_customers_and_runs_nothing(page: Client) -> None:
    answer = page.get(f"{EDIT}preview/?p=wrong&lang=zh-Hans")
    shown = answer.content.decode()
    assert "哪里不好？" in shown
    assert 'name="a.how_late"' in shown  # whatever its condition says
    assert "<script" not in shown
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in policy
    assert "sandbox" in policy
    assert "script-src" not in policy
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "We are sorry." in text(page.get(f"{EDIT}preview/?lang=xx"))


def test_the_preview_speaks_as_customers_are_spoken_to_and_ends_as_was_chosen(
    page: Client,
) -> None:
    """Would catch simplified buttons in a traditional page, and the first ending for the second."""
    sent(page, EDIT, document=document(languages=["en", "zh-Hans", "zh-Hant"]), revision=1)
    asking = text(page.get(f"{EDIT}preview/?p=wrong&lang=zh-Hant"))
    assert "下一頁" in asking
    assert "下一页" not in asking
    second = text(page.get(f"{EDIT}preview/?e=1&lang=en"))
    assert "Thank you!" in second
    assert "We are sorry." not in second
    for first in ("e=0", "e=7", "e=x", ""):
        assert "We are sorry." in text(page.get(f"{EDIT}preview/?{first}&lang=en")), first


# Publishing


def test_it_is_published_with_its_series_decided(page: Client) -> None:
    status, said = sent(page, f"{EDIT}publish/", revision=1, notes="the first")
    assert (status, said["version"], said["is_new"]) == (200, 1, False)
    worded = document()
    worded["pages"][0]["questions"][1]["title"] = {"en": "Why so?", "zh-Hans": "为何如此？"}
    _status, said = sent(page, EDIT, document=worded, revision=1)
    assert [one["question"] for one in said["changed"]] == ["why"]
    status, said = sent(page, f"{EDIT}publish/", revision=2)
    assert (status, said["code"]) == (422, "survey.series-undecided")
    status, said = sent(page, f"{EDIT}publish/", revision=2, series={"why": "new"}, notes="a word")
    assert (status, said["version"]) == (200, 2)
    assert said["document"]["pages"][0]["questions"][1]["series"] == "why-2"
    assert len(kept.versions(Survey.objects.get())) == 2
    listed = text(page.get(f"{EDIT}versions/"))
    assert "Question why: Question, Series" in listed
    assert "a word" in listed
    _status, said = sent(page, EDIT, document=worded | {"channel": "app"}, revision=3)
    assert "Of the whole: Channel" in text(page.get(f"{EDIT}versions/"))
    both = {"series": {"why": "same"}, "beside": 2, "share": 0.25}
    status, said = sent(page, f"{EDIT}publish/", revision=said["revision"], **both | {"share": 25})
    assert (status, said["code"]) == (422, "survey.share")
    status, said = sent(page, f"{EDIT}publish/", revision=4, **both)
    assert (status, said["version"]) == (200, 3)
    listed = text(page.get(f"{EDIT}versions/"))
    assert "Beside version 2, at random. Given to 25 % of new responses." in listed


def test_a_translation_holds_where_somebody_says_so(page: Client) -> None:
    worded = document()
    worded["pages"][0]["questions"][1]["title"]["en"] = "Why so?"
    _status, said = sent(page, EDIT, document=worded, revision=1)
    (fault,) = said["faults"]
    place, _slash, language = fault["place"].rpartition("/")
    given: dict[str, Any] = {"place": place, "language": language}
    status, said = sent(page, f"{EDIT}accept/", revision=1, **given)
    assert (status, said["code"]) == (409, "survey.stale")
    status, said = sent(page, f"{EDIT}accept/", revision=2, **given)
    assert (status, said["revision"], said["faults"]) == (200, 3, [])
    status, said = sent(page, f"{EDIT}accept/", revision=3, **given)
    assert (status, said["code"]) == (422, "survey.not-stale")


# Logic, plan, trial


def test_the_logic_is_drawn_with_what_is_never_seen(page: Client) -> None:
    odd = document()
    odd["pages"][1]["shown_if"] = "nps > 6 and nps < 7"
    sent(page, EDIT, document=odd, revision=1)
    shown = page.get(f"{EDIT}logic/").content.decode()
    assert shown.count("data-before") == 4
    assert 'href="#/pages/1"' in shown
    assert "never seen" in shown
    assert "parts.bag is missing" in shown
    odd["quotas"] = [{"name": "low", "shown_if": "nps <= 6", "most": 9}]
    sent(page, EDIT, document=odd, revision=2)
    assert "Quota low" in page.get(f"{EDIT}logic/").content.decode()


def test_the_plan_says_what_so_many_answers_tell(page: Client) -> None:
    said = text(page.get(f"{EDIT}plan/?measure=nps&n=200&promoters=50&detractors=20"))
    assert "[18.8, 40.3]" in said
    assert "21.9" in said
    assert "[3.97, 4.23]" in text(page.get(f"{EDIT}plan/?measure=mean&n=200&mean=4.1&sd=0.9"))
    assert page.get(f"{EDIT}plan/?measure=csat&n=200").status_code == 200
    for wrong in ("n=1", "n=x", "promoters=80&detractors=30", "promoters=inf", "promoters=x",
                  "measure=mean&sd=-1", "measure=csat&share=101"):  # fmt: skip
        assert page.get(f"{EDIT}plan/?{wrong}").status_code == 422, wrong


def test_simulated_answers_are_counted_and_kept_nowhere(page: Client, log: Owner) -> None:
    said = text(page.get(f"{EDIT}trial/?n=60"))
    assert "60 simulated responses." in said
    assert "reasons.late = true" in said
    assert page.get(f"{EDIT}trial/?n=100000").status_code == 422
