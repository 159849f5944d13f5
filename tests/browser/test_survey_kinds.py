"""Pages that say kindly why there is nothing to answer, and a photo, in a real browser."""

from __future__ import annotations

from io import BytesIO

import pytest
from msgspec.structs import replace
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_pages import violations
from tests.browser.test_survey_page import NEXT, SMALL, choose
from zhiyin.collect.surveys import answer_files
from zhiyin.collect.surveys.definition import Choice, Question, Quota, Survey
from zhiyin.collect.surveys.definition import Page as Asks
from zhiyin.edge.surveys.tests.conftest import Asking, asking

__all__ = ["asking"]

THREE = ("en", "zh-Hans", "zh-Hant")
WHO = Question(
    "who", "single", dict.fromkeys(THREE, "?"), is_required=True,
    choices=(Choice("a", dict.fromkeys(THREE, "a")), Choice("b", dict.fromkeys(THREE, "b"))),
)  # fmt: skip
ASKED = Survey(
    dict.fromkeys(THREE, "S"), (Asks("p", (WHO,)),), languages=THREE, most_responses=9,
    quotas=(Quota("full", "who = 'a'", 1),),
)  # fmt: skip
SAID = {
    "en": ("This survey is closed.", "all the answers that it needs", "from enough people like",
           "Thank you all the same.", "You have answered already", "no survey at this address"),
    "zh-Hans": ("这份问卷已结束。", "已收齐", "名额已满", "同样感谢您", "已作答完毕", "没有问卷"),
    "zh-Hant": ("這份問卷已結束。", "已收齊", "名額已滿", "同樣感謝您", "已作答完畢", "沒有問卷"),
}  # fmt: skip


def kindly(page: Page, says: str) -> None:
    """The page says it, everybody can read it, and it does not scroll sideways."""
    expect(page.locator("main")).to_contain_text(says)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALL["width"]


@pytest.mark.parametrize("language", THREE)
def test_each_kind_page_is_read_by_everybody(
    browser: Browser, asking: Asking, language: str
) -> None:
    closed, full, quota, dismissed, again, nowhere = SAID[language]
    at = f"http://127.0.0.1:{asking.port}/s/flight?lang={language}"

    def fresh() -> Page:
        context = browser.new_context(viewport=SMALL, locale=language, bypass_csp=True)
        page = context.new_page()
        page.goto(at)
        return page

    asking.shelf.change(survey=ASKED)
    ended = fresh()
    choose(ended, "a.who", "b")
    ended.click(NEXT)
    expect(ended.locator("form")).to_have_count(0)
    ended.goto(at)
    kindly(ended, again)
    left = fresh()
    left.locator("button[name=dismiss]").click()
    kindly(left, dismissed)
    asking.quotas["full"] = 1
    asking.responses._ended.clear()
    late = fresh()
    choose(late, "a.who", "a")
    late.click(NEXT)
    kindly(late, quota)
    asking.ended[0] = 9
    asking.responses._ended.clear()
    kindly(fresh(), full)
    asking.shelf.change(is_open=False)
    kindly(fresh(), closed)
    lost = fresh()
    lost.goto(at.replace("flight", "nobody"))
    kindly(lost, nowhere)
    for context in browser.contexts:
        context.close()


def test_a_photo_is_sent_by_script_and_the_page_stays_until_it_has_arrived(
    browser: Browser, asking: Asking
) -> None:
    photo = Question("photo", "file", {"en": "A photo of it?"}, help={"en": "Of the seat."})
    pages = (Asks("p", (photo, Question("why", "text", {"en": "Why?"}))),)
    asking.shelf.change(survey=replace(ASKED, pages=pages, quotas=(), languages=()))
    made = BytesIO()
    Image.new("RGB", (64, 48), "green").save(made, "JPEG")
    context = browser.new_context(viewport=SMALL, locale="en", bypass_csp=True)
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{asking.port}/s/flight")
    assert violations(page) == []
    page.fill("[name='a.why']", "broken")
    page.set_input_files(
        "[name='a.photo']",
        {"name": "seat.jpg", "mimeType": "image/jpeg", "buffer": made.getvalue()},
    )
    context.set_offline(True)
    page.click(NEXT)
    expect(page.locator("#kept")).to_contain_text("No network")
    context.set_offline(False)
    page.click(NEXT)
    expect(page.get_by_role("heading", name="Thank you.")).to_be_visible()
    state, names = asking.desk.said["photo"]
    file = answer_files.path_of(asking.data, "main", names[0])
    assert state == "answered"
    assert file is not None
    assert asking.desk.said["why"] == ("answered", "broken")
    assert [one.name for told in asking.desk.taken for one in told.said].count("photo") == 1
    context.close()
