"""The survey page without script: what is asked, kept, said again and ended."""

from __future__ import annotations

import gzip
import re
from datetime import date, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from zhiyin.collect.surveys import facts
from zhiyin.collect.surveys.definition import Choice, Ending, Page, Question, Survey, Type
from zhiyin.collect.surveys.held import Held
from zhiyin.collect.surveys.tests.flight import FLIGHT
from zhiyin.edge.surveys.tests.conftest import Asking
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

STARTED = datetime(2026, 11, 1, 8)


def row(
    response: str, number: int, question: str, state: str, score: float | None = None
) -> dict[str, Any]:
    """A row of ``answers`` as the log has it."""
    return {
        "id": f"{response}:{number}", "occurred_at": STARTED, "question": question,
        "answer_state": state, "score": score, "choice": None,
    }  # fmt: skip


def filling(**more: Any) -> dict[str, Any]:
    """A row of ``responses`` as the log has it."""
    names = ("last_at", "ended_at", "invitation", "touchpoint", "channel", "unit", "arm",
             "about_kind", "about_id", "experienced_at", "flags")  # fmt: skip
    return {
        **dict.fromkeys(names), "version": 1, "started_at": STARTED, "language": "en",
        "mode": "web", "device": "phone", **more,
    }  # fmt: skip


def test_a_response_from_the_first_page_to_the_last(asking: Asking) -> None:
    ana = asking.browser()
    first = ana.open()
    assert "How likely are you to recommend Qingchuan Air" in first.text
    assert asking.desk.taken == []
    wrong = ana.send(first, a__nps=3, a__why="late", **{"a.parts.bag": 2})
    assert wrong.names == {"a.reasons", "t.reasons"}
    opened = ana.send(wrong, a__reasons=["late", "other"], t__reasons="seat")
    assert "a.how_late" in opened.names
    you = ana.send(opened, a__reasons=["late", "other"], t__reasons="seat", a__how_late="45")
    assert "A few words about you." in you.text
    end = ana.send(
        you, a__city="hgh", a__trip=".dont_know", k__matters__time="1", k__matters__price="2",
        a__born="1990-05-01", a__mail="a@b.cn", a__ease="2", a__may="yes",
    )  # fmt: skip
    assert "We are sorry." in end.text
    assert asking.desk.said == {
        "nps": ("answered", 3.0),
        "why": ("answered", "late"),
        "parts.checkin": ("skipped",),
        "parts.bag": ("answered", 2.0),
        "reasons": ("answered", ("late", "other")),
        "how_late": ("answered", 45.0),
        "city": ("answered", ("hgh",)),
        "trip": ("dont_know",),
        "matters": ("answered", ("time", "price")),
        "born": ("answered", ("1990-05-01",)),
        "mail": ("answered", "a@b.cn"),
        "phone": ("skipped",),
        "ease": ("answered", 2.0),
        "may": ("answered", ("yes",)),
    }
    first_letter, last = asking.desk.taken[0], asking.desk.taken[-1]
    assert first_letter.filling is not None
    assert first_letter.filling.number == 1
    assert last.filling is not None
    assert last.filling.ended_at == last.at
    assert len({told.about.response for told in asking.desk.taken}) == 1
    assert asking.looked == [], "what was only looked at is in memory"


def test_every_question_has_a_state_at_the_end(asking: Asking) -> None:
    ben = asking.browser()
    you = ben.send(ben.open(), a__nps=9)
    assert "A few words" in you.text
    end = ben.send(you)
    assert "Thank you!" in end.text
    assert 'href="https://example.com/"' in end.body
    said = asking.desk.said
    assert said["reasons"] == ("hidden",)
    assert said["how_late"] == ("hidden",)
    assert said["city"] == ("skipped",)
    assert set(said) == {item.series for item in FLIGHT.items()}


def test_what_is_said_again_has_a_higher_number_and_the_same_is_nothing(asking: Asking) -> None:
    ana = asking.browser()
    first = ana.open()
    ana.send(first, a__nps=3)
    ana.send(first, a__nps=3)
    before = len(asking.desk.taken)
    ana.send(first, a__nps=8)
    numbers = [one.number for told in asking.desk.taken for one in told.said if one.name == "nps"]
    assert numbers == [1, 2]
    assert len(asking.desk.taken) == before + 1


def test_an_answer_that_became_hidden_says_so_at_the_end(asking: Asking) -> None:
    ana = asking.browser()
    first = ana.open()
    ana.send(ana.send(first, a__nps=3), a__reasons="late", a__how_late="5")
    ana.send(ana.send(first, a__nps=9))
    reasons = [one for told in asking.desk.taken for one in told.said if one.name == "reasons"]
    assert [(one.state, one.number) for one in reasons] == [("answered", 1), ("hidden", 2)]


def test_what_is_wrong_is_named_and_the_rest_is_kept(asking: Asking) -> None:
    ana = asking.browser()
    page = ana.send(ana.open(), a__why="<b>late</b>")
    assert page.status == 422
    assert "Please answer this question." in page.text
    assert 'href="#q-nps"' in page.body
    assert 'id="q-nps"' in page.body
    assert "&lt;b&gt;late&lt;/b&gt;" in page.body
    assert "<b>late" not in page.body
    assert asking.desk.said["why"] == ("answered", "<b>late</b>")


def test_a_reload_and_a_way_back_ask_nothing_twice(asking: Asking) -> None:
    ana = asking.browser()
    wrong = ana.send(ana.open(), a__nps=3)
    assert ana.open().names == wrong.names
    back = ana.send(wrong, back=1)
    assert re.search(r'name="a.nps" value="3"[^>]* checked', back.body)
    assert next(one.state for told in asking.desk.taken for one in told.said) == "answered"
    assert "reasons" not in asking.desk.said


def test_a_later_page_is_not_shown_before_its_time(asking: Asking) -> None:
    assert "a.nps" in asking.browser().open("/s/flight?p=you").names


def test_without_cookies_the_form_says_which_response(asking: Asking) -> None:
    ben = asking.browser(keeps_cookies=False)
    wrong = ben.send(ben.open(), a__nps=3)
    assert wrong.status == 200
    assert wrong.names == {"a.reasons", "t.reasons"}
    you = ben.send(wrong)
    assert "We are sorry." in ben.send(you).text
    assert len({told.about.response for told in asking.desk.taken}) == 1
    assert asking.looked == [], "what was only looked at is in memory"


def test_a_response_goes_on_where_nobody_remembers_it(asking: Asking) -> None:
    ana = asking.browser()
    response = ana.cookies["r-flight"] = asking.responses.ids.new()
    asking.held[response] = Held(
        answers=[
            row(response, 2, "nps", "answered", 4.0),
            row(response, 1, "why", "answered"),
            row(response, 1, "parts.checkin", "skipped"),
            row(response, 1, "parts.bag", "skipped"),
        ],
        texts=[{"id": f"{response}:1", "question": "why", "text": "late"}],
        filling=filling(),
    )
    page = ana.open()
    assert page.names == {"a.reasons", "t.reasons"}
    assert asking.looked == [response]
    back = ana.send(page, back=1)
    assert re.search(r'value="4"[^>]* checked', back.body)
    assert ">\nlate</textarea>" in back.body
    ana.send(back, a__nps=5, a__why="late")
    (one,) = (one for told in asking.desk.taken for one in told.said)
    assert (one.name, one.number) == ("nps", 3)
    assert asking.looked == [response]


def test_a_link_of_her_own_is_one_response_on_every_device(asking: Asking) -> None:
    link = asking.responses.invitations.new()
    response = asking.responses.ids.derived(link)
    said = {
        **dict.fromkeys(("unit", "arm", "channel")), "invitation": link, "survey": "flight",
        "touchpoint": "gate", "about_kind": "flight", "about_id": "QC1", "experienced_at": STARTED,
    }  # fmt: skip
    asking.held[response] = Held(invitation=said, customer=("M7", "member"))
    phone, desktop = asking.browser(), asking.browser()
    first = phone.open(f"/s/flight?i={link}")
    assert (first.fields["i"], first.fields["r"]) == (link, response)
    phone.send(first, a__nps=3)
    assert "a.reasons" in desktop.open(f"/s/flight?i={link}").names
    about = asking.desk.taken[0].about
    assert (about.customer, about.customer_kind, about.touchpoint) == ("M7", "member", "gate")
    assert (about.about_kind, about.about_id, about.invitation) == ("flight", "QC1", link)
    assert about.experienced_at is not None
    reading = facts.read(asking.desk.letters[0])
    assert reading.facts["exposures"]["action"] == ["started"]


def test_a_link_in_a_letter_chooses_and_answers_nothing_before_it_is_sent(asking: Asking) -> None:
    """Would catch an answer that a mail scanner's look makes."""
    scanner = asking.browser()
    for n in range(11):
        assert f'value="{n}"' in scanner.open(f"/s/flight?a.nps={n}").body
    assert asking.desk.taken == []
    ana = asking.browser()
    first = ana.open("/s/flight?a.nps=9&lang=en")
    (chosen,) = re.findall(
        r'<input type=radio name="a\.nps" value="(\d+)"[^>]* checked>', first.body
    )
    assert chosen == "9"
    assert " checked>" not in ana.open("/s/flight?a.nps=99").body
    assert "<script>alert" not in ana.open("/s/flight?a.why=%3Cscript%3Ealert(1)").body
    ana.send(first, a__nps=9)
    assert asking.desk.said["nps"] == ("answered", 9)


@pytest.mark.parametrize("what", ["another survey", "no invitation", "no token"])
def test_a_link_of_nobody_is_anybodys(asking: Asking, what: str) -> None:
    link = "x" * 27 if what == "no token" else asking.responses.invitations.new()
    if what == "another survey":
        asking.held[asking.responses.ids.derived(link)] = Held(
            invitation={"survey": "other"}, customer=("M7", "member")
        )
    ana = asking.browser()
    ana.send(ana.open(f"/s/flight?i={link}"), a__nps=3)
    about = asking.desk.taken[0].about
    assert (about.customer, about.invitation) == ("", "")


def test_an_id_that_nobody_made_begins_a_response_of_its_own(asking: Asking) -> None:
    ana = asking.browser()
    first = ana.open()
    ana.cookies["r-flight"] = "a" * 27
    assert ana.open().fields["r"] not in ("a" * 27, first.fields["r"])
    assert asking.looked == []


def test_what_is_not_kept_is_not_said_to_be(asking: Asking) -> None:
    ana = asking.browser()
    first = ana.open()
    asking.desk.trouble = Problem("intake.full", _("The disk is full."))
    page = ana.send(first, a__nps=3, a__why="late")
    assert page.status == 503
    assert "Not saved yet" in page.text
    assert ">\nlate</textarea>" in page.body
    assert re.search(r'value="3"[^>]* checked', page.body)
    one = ana.answer(first, "nps", a__nps=["3"])
    assert (one.status, asking.desk.taken) == (503, [])
    asking.desk.trouble = None
    assert ana.send(page, a__nps=3, a__why="late").names == {"a.reasons", "t.reasons"}


def test_single_answers_of_the_script(asking: Asking) -> None:
    ana = asking.browser()
    first = ana.open()
    assert ana.answer(first, "nps", a__nps=["7"]).status == 200
    assert ana.answer(first, "nps", a__nps=["7"]).status == 200
    assert len(asking.desk.taken) == 1
    assert ana.answer(first, "nps", a__nps=["70"]).status == 422
    assert ana.answer(first, "bogus", a__bogus=["7"]).status == 404
    assert ana.answer(first, "reasons", a__reasons=["late"]).status == 404
    assert ana.ask("POST", "/s/flight/answers", b"{").status == 400
    # Who takes an answer back has skipped it.
    assert ana.answer(first, "why").status == 200
    assert "why" not in asking.desk.said
    ana.answer(first, "why", a__why=["late"])
    ana.answer(first, "why", a__why=[""])
    assert asking.desk.said["why"] == ("skipped",)


def test_who_would_rather_not_answer_is_not_asked_again(asking: Asking) -> None:
    ana = asking.browser()
    first = ana.open()
    page = ana.send(first, a__nps=2, dismiss=1)
    assert "Thank you all the same." in page.text
    said = asking.desk.said
    assert said["nps"] == ("answered", 2.0)
    assert said["why"] == ("dismissed",)
    assert said["city"] == ("not_reached",)
    last = asking.desk.taken[-1].filling
    assert last is not None
    assert (last.ended_at, last.flags) == (None, "dismissed")
    assert "Thank you all the same." in ana.open().text
    assert ana.answer(first, "nps", a__nps=["9"]).status == 410


def test_closed_surveys_let_those_who_have_begun_go_on(asking: Asking) -> None:
    ana, ben = asking.browser(), asking.browser()
    first = ana.open()
    wrong = ana.send(first, a__nps=3)
    late = ben.open()
    asking.shelf.change(is_open=False)
    assert ben.open().status == 410
    assert "This survey is closed." in ben.open().text
    assert "This survey is closed." in ben.send(late, a__nps=3).text
    assert ben.answer(late, "nps", a__nps=["3"]).status == 410
    assert "a.city" in ana.send(wrong).names
    gone = replace(FLIGHT, closes_on=date(2026, 1, 1))
    asking.shelf.change(is_open=True, survey=gone)
    assert asking.browser().open().status == 410


def test_a_survey_that_is_full_lets_those_who_have_begun_go_on(asking: Asking) -> None:
    asking.shelf.change(survey=replace(FLIGHT, most_responses=3))
    asking.ended[0] = 2
    ana, ben = asking.browser(), asking.browser()
    wrong = ana.send(ana.open(), a__nps=3)
    ben.send(ben.send(ben.open(), a__nps=9))
    late = asking.browser().open()
    assert late.status == 410
    assert "This survey has all the answers that it needs." in late.text
    assert "We are sorry." in ana.send(ana.send(wrong)).text


def test_languages_are_chosen_asked_for_and_kept(asking: Asking) -> None:
    ling = asking.browser(language="zh-CN,zh;q=0.9,en;q=0.5")
    first = ling.open()
    assert '<html lang="zh-Hans">' in first.body
    assert "推荐晴川航空" in first.text
    assert "下一页" in first.text
    assert '<html lang="en">' in ling.open("/s/flight?lang=en").body
    assert '<html lang="zh-Hans">' in ling.send(first, a__nps=3).body
    assert '<html lang="zh-Hans">' in asking.browser(language="zh-TW").open().body
    assert '<html lang="en">' in asking.browser(language="fr").open().body


def test_what_the_link_says_goes_along(asking: Asking) -> None:
    question = Question("q", "text", {"en": "Q"}, shown_if="field.city = 'hgh'")
    pages = (Page("p", (Question("nps", "nps"), question)),)
    asking.shelf.change(survey=Survey({"en": "T"}, pages))
    ana = asking.browser()
    page = ana.open("/s/flight?f.city=hgh&f.%3Cb%3E=x&other=1")
    assert page.fields["f.city"] == "hgh"
    assert page.names == {"a.nps", "a.q"}
    ana.send(page, a__nps=9)
    assert asking.desk.taken[0].about.fields == {"city": "hgh"}
    assert asking.browser().open().names == {"a.nps"}


def test_programs_that_fill_in_everything_are_marked_and_kept(asking: Asking) -> None:
    page = asking.browser().open()
    bot = asking.browser()
    you = bot.send(page, a__nps=9, website="http://spam.example")
    bot.send(you, website="http://spam.example")
    filling = asking.desk.taken[-1].filling
    assert filling is not None
    assert filling.flags == "bot"


def test_the_page_is_small_and_lets_nothing_in(asking: Asking) -> None:
    ana = asking.browser()
    page = ana.open()
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "HttpOnly" in page.headers["set-cookie"]
    assert "Lax" in page.headers["set-cookie"]
    assert len(gzip.compress(page.body.encode())) < 15_000
    assert not re.search(r"\son\w+=|style=", re.sub(r"<script>.*?</script>", "", page.body))


def test_texts_of_a_survey_are_never_markup(asking: Asking) -> None:
    evil = '"><script>alert(1)</script>'
    texts = {"en": evil}
    every: tuple[Type, ...] = (
        "single",
        "multiple",
        "dropdown",
        "ranking",
        "matrix",
        "rating",
        "comment",
        "text",
    )
    questions = tuple(
        Question(f"q{n}", kind, texts, help=texts, low=texts, high=texts, has_other=True,
                 choices=(Choice(evil, texts),), rows=(Choice("r", texts),))
        for n, kind in enumerate(every)
    )  # fmt: skip
    survey = Survey(texts, (Page(evil, questions),), company=texts, welcome=texts, privacy=texts)
    asking.shelf.change(survey=survey)
    page = asking.browser().open("/s/flight?f.city=%22%3E%3Cscript%3E&lang=%22%3E")
    assert page.status == 200
    assert page.body.count("<script>") == 1


@pytest.mark.parametrize("path", ["/s/none", "/s/", "/s/flight/x", "/s/%00", "/s/a'b"])
def test_what_is_not_there_is_said_kindly(asking: Asking, path: str) -> None:
    page = asking.browser().open(path)
    assert page.status == 404
    assert "There is no survey at this address." in page.text


def test_texts_name_what_was_said_before_escaped(asking: Asking) -> None:
    title = {"en": "You wrote {why|nothing}, {field.name|guest}."}
    pages = (
        Page("one", (Question("why", "text", {"en": "Why?"}),)),
        Page("two", (Question("more", "text", title),), "why is not missing"),
    )
    away = Ending({"en": "Bye, {why}"}, link="https://example.com/?w={why}&n={field.name}")
    asking.shelf.change(survey=Survey({"en": "S"}, pages, endings=(away,)))
    ana = asking.browser()
    first = ana.open("/s/flight?f.name=%3Cb%3EAna")
    second = ana.send(first, a__why="<script>alert(1)</script> & co")
    assert "<script>alert" not in second.body
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; co, &lt;b&gt;Ana." in second.body
    end = ana.send(second, a__more="x")
    assert "Bye, <script>alert(1)</script> & co" in end.text
    link = "https://example.com/?w=%3Cscript%3Ealert%281%29%3C%2Fscript%3E%20%26%20co&amp;n="
    assert link in end.body


def test_an_answer_has_the_form_that_is_asked_for(asking: Asking) -> None:
    order = Question("order", "text", {"en": "Order?"}, pattern="QC[0-9]{4}",
                     wrong={"en": "It begins with QC.", "zh-Hans": "以 QC 开头。"})  # fmt: skip
    when = Question("on", "date", {"en": "When?"}, latest="today")
    asking.shelf.change(
        survey=Survey({"en": "S"}, (Page("p", (order, when)),), languages=("zh-Hans",))
    )
    ana = asking.browser(language="zh-CN")
    page = ana.open()
    assert re.search(r'type=date [^>]*max="20\d\d-\d\d-\d\d"', page.body)
    refused = ana.send(page, a__order="1234", a__on="2999-01-01")
    assert refused.status == 422
    assert "以 QC 开头。" in refused.text
    assert "日期" in refused.text
    single = ana.answer(page, "order", a__order=["1234"])
    assert (single.status, "以 QC 开头。" in single.body) == (422, True)
    assert ana.send(refused, a__order="QC1234", a__on="2026-01-01").status == 200
    assert asking.desk.said["order"] == ("answered", "QC1234")


def test_who_reads_traditional_chinese_is_answered_in_it(asking: Asking) -> None:
    asking.shelf.change(survey=replace(FLIGHT, languages=("en", "zh-Hans", "zh-Hant")))
    ana = asking.browser(language="zh-TW,zh;q=0.8")
    first = ana.open()
    assert "您有多大可能向朋友或家人推薦" in first.text
    assert "第 1 步，共 2 步" in first.text
    assert "請回答這一題。" in ana.send(first).text
    asking.shelf.change(is_open=False)
    assert "感謝您願意作答" in asking.browser(language="zh-HK").open().text
    nowhere = asking.browser(language="zh-TW", survey="nobody").open()
    assert (nowhere.status, "此網址沒有問卷。" in nowhere.text) == (404, True)
    # Of a language that the page does not speak, its own words are English.
    asking.shelf.change(is_open=True, survey=replace(FLIGHT, languages=("en", "fr")))
    assert "Step 1 of 2" in asking.browser(language="fr").open().text
