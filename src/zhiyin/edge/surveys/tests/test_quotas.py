"""Quotas are exact; two versions are given at random; an ending leads on."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from zhiyin.collect.surveys import logic
from zhiyin.collect.surveys.definition import Choice, Ending, Page, Question, Quota, Survey
from zhiyin.collect.surveys.published import PublishedSurvey
from zhiyin.edge.surveys.tests.conftest import Asking
from zhiyin.edge.surveys.tests.visiting import Browser
from zhiyin.edge.surveys.tests.visiting import Page as Seen
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

WHO = Question("who", "single", {"en": "Who?"}, choices=(Choice("a"), Choice("b")))
PAGES = (Page("one", (WHO,)), Page("two", (Question("why", "text", {"en": "Why?"}),)))
A = Quota("women", "who = 'a'", 2)
FULL = "We have heard from enough people like you."


def asked(*quotas: Quota, **more: Any) -> Survey:
    return Survey({"en": "S"}, PAGES, quotas=quotas, **more)


def through(ana: Browser, who: str = "a") -> Seen:
    second = ana.send(ana.open(), a__who=who)
    return ana.send(second, a__why="x") if "a.why" in second.names else second


def endings(asking: Asking) -> list[tuple[str, bool]]:
    """Of each response that is over its flags, and whether it came to the end."""
    return [
        (told.filling.flags, told.filling.ended_at is not None)
        for told in asking.desk.taken
        if told.filling and told.filling.number == 2
    ]


def test_a_full_quota_is_told_kindly_and_what_was_answered_is_kept(asking: Asking) -> None:
    asking.shelf.change(survey=asked(A))
    asking.quotas["women"] = 1
    assert "Thank you." in through(asking.browser()).text
    late = asking.browser()
    assert FULL in through(late).text
    assert FULL in late.open().text
    assert "Thank you." in through(asking.browser(), "b").text
    assert endings(asking) == [("quota:women", True), ("quota_full", False), ("", True)]
    asking.shelf.change(survey=asked(A, languages=("zh-Hant",)))
    assert "名額已滿" in through(asking.browser(language="zh-TW")).text


def test_who_comes_by_a_link_of_a_full_quota_does_not_begin(asking: Asking) -> None:
    asking.shelf.change(survey=asked(Quota("tallinn", "field.city = 'Tallinn'", 1)))
    asking.quotas["tallinn"] = 1
    there = asking.browser().open("/s/flight?f.city=Tallinn")
    assert (there.status, FULL in there.text) == (410, True)
    assert asking.browser().open("/s/flight?f.city=Tartu").status == 200
    assert asking.desk.taken == []


def test_those_who_end_at_once_never_share_a_place(asking: Asking) -> None:
    asking.shelf.change(survey=asked(Quota("women", "who = 'a'", 5)))
    people = [asking.browser() for _n in range(12)]
    seconds = [one.send(one.open(), a__who="a") for one in people]
    ended: list[Seen] = []

    def end(one: Browser, page: Seen) -> None:
        ended.append(one.send(page, a__why="x"))

    threads = [
        threading.Thread(target=end, args=both) for both in zip(people, seconds, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum("Thank you." in page.text for page in ended) == 5
    assert sum(FULL in page.text for page in ended) == 7
    said = [("quota:women", True)] * 5 + [("quota_full", False)] * 7
    assert sorted(endings(asking)) == sorted(said)


def test_a_place_is_free_again_where_the_last_answer_was_not_kept(asking: Asking) -> None:
    asking.shelf.change(survey=asked(Quota("women", "who = 'a'", 1)))
    ana, ben = asking.browser(), asking.browser()
    hers, his = (one.send(one.open(), a__who="a") for one in (ana, ben))
    asking.desk.trouble = Problem("intake.full", _("The disk is full."))
    assert ana.send(hers, a__why="x").status == 503
    asking.desk.trouble = None
    assert "Thank you." in ben.send(his, a__why="x").text
    assert FULL in ana.send(hers, a__why="x").text


def test_two_versions_are_given_at_random_by_the_id(asking: Asking) -> None:
    old = Survey({"en": "S"}, (Page("p", (Question("q", "text", {"en": "Old?"}),)),))
    new = Survey({"en": "S"}, (Page("p", (Question("q", "text", {"en": "New?"}),)),))
    asking.shelf.change(survey=new, number=2, beside=1, share=0.5)
    held = PublishedSurvey("main", "flight", 1, old, True, "Asia/Shanghai")
    asking.shelf.others[1] = held
    seen = []
    for _n in range(40):
        ana = asking.browser()
        page = ana.open()
        is_new = logic.drawn_version(page.fields["r"], 0.5)
        assert ("New?" in page.text) == is_new
        assert ("New?" in ana.open().text) == is_new
        assert "Thank you." in ana.send(page, a__q="x").text
        assert asking.desk.taken[-1].about.version == (2 if is_new else 1)
        seen.append(is_new)
    assert 4 <= sum(seen) <= 36  # beyond these once in a hundred million


@pytest.mark.parametrize("share", [0.1, 0.5, 0.8])
def test_the_share_is_what_was_asked_for(share: float) -> None:
    drawn = sum(logic.drawn_version(f"r{n}", share) for n in range(20_000))
    assert abs(drawn / 20_000 - share) < 0.015


def test_orders_are_the_same_anywhere_and_each_as_likely() -> None:
    shuffled = Question("q", "multiple", {"en": "?"}, is_shuffled=True, choices=(
        Choice("a"), Choice("b", shown_if="field.x = '1'"), Choice("c"),
        Choice("none", is_exclusive=True)))  # fmt: skip
    survey = Survey({"en": "S"}, (Page("p", (shuffled, WHO), is_shuffled=True),))
    # As anybody works it out: printf 'r q a' | sha256sum, and so on.
    assert logic.orders(survey, "r") == {"page p": ("q", "who"), "q": ("c", "a", "b", "none")}
    (step,) = logic.steps(survey, {}, {}, seed="r")
    asked_q = next(one for one in step.asked if one.question.name == "q")
    assert [one.value for one in asked_q.choices] == ["c", "a", "none"]
    firsts = [logic.orders(survey, f"r{n}")["q"][0] for n in range(3_000)]
    assert all(900 < firsts.count(value) < 1_100 for value in "abc")


def test_an_ending_leads_on(asking: Asking) -> None:
    away = Ending({"en": "Bye"}, link="https://example.com/?w={why}", is_redirect=True,
                  link_label={"en": "Go on"})  # fmt: skip
    asking.shelf.change(survey=asked(endings=(away,)))
    end = through(asking.browser())
    assert '<meta http-equiv=refresh content="0;url=https://example.com/?w=x">' in end.body
    assert 'href="https://example.com/?w=x" rel=noreferrer data-go' in end.body


def test_a_welcome_question_is_kept_as_an_intent(asking: Asking) -> None:
    asks = Question("todo", "single", {"en": "What do you want to do?"}, is_welcome=True,
                    choices=(Choice("buy"), Choice("ask")))  # fmt: skip
    asking.shelf.change(survey=Survey({"en": "S"}, (Page("p", (asks,)),)))
    ana = asking.browser()
    ana.send(ana.open(), a__todo="buy")
    metrics = [(one.name, one.metric, one.chosen) for told in asking.desk.taken
               for one in told.said]  # fmt: skip
    assert metrics == [("todo", "intent", ("buy",))]
