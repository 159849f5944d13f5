"""A survey is built in a real browser, from nothing, and published; what was typed is kept."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.test_pages import PHONE, WIDE, Site, violations, visitor
from tests.chromium import drag
from tests.processes.conftest import zhiyin
from tests.processes.installation import Installation
from zhiyin.collect.surveys import definition
from zhiyin.collect.surveys.tests.flight import FLIGHT


@pytest.fixture(scope="module")
def building(shared: Installation, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The shared server, with an empty survey and one of every type."""
    shared.running()
    file = tmp_path_factory.mktemp("builder") / "built-flight.json"
    file.write_bytes(definition.write(FLIGHT))
    for asked in (("import", str(file)), ("create", "built-visit")):
        done = zhiyin(shared.data, "survey", *asked)
        assert done.returncode == 0, done.stdout + done.stderr
    return shared


def builder(
    browser: Browser, building: Installation, key: str, locale: str = "en"
) -> tuple[Page, list[str]]:
    site = Site(f"http://127.0.0.1:{building.port}", building.password)
    page, complaints = visitor(browser, site, viewport=WIDE, locale=locale)
    page.goto(f"/main/surveys/{key}/edit/")
    expect(page.locator("#builder")).to_have_attribute("data-ready", "1")
    return page, complaints


def kept(page: Page) -> None:
    expect(page.locator("#kept")).to_have_text("Kept")


def draft(building: Installation, key: str) -> definition.Survey:
    shown = json.loads(zhiyin(building.data, "survey", "show", key).stdout)
    return definition.read(json.dumps(shown["document"]).encode())


def add(page: Page, to: int, kind: str, title: str = "") -> str:
    """A question at the end of a page; where its editor's fields are."""
    page.select_option(f".b-add >> nth={to}", kind)
    chosen = page.locator(".b-row[aria-current]").get_attribute("data-pointer") or ""
    field = chosen.replace("/", "-")
    if title:
        page.fill(f"#f{field}-title", title)
    return field


def test_one_is_built_from_nothing_and_published(browser: Browser, building: Installation) -> None:
    page, complaints = builder(browser, building, "built-visit")
    page.fill("#f-title", "After your visit")
    page.fill("#f-company", "Acme")
    page.fill("#f-languages", "en\nzh-Hans")
    add(page, 0, "nps")
    why = add(page, 0, "reasons", "Why?")
    page.click("text=Paste lines")
    page.get_by_label("Paste lines").fill("It was slow\nThe staff\nnone\tNone of these")
    page.click("text=Add these lines")
    page.locator(f"#f{why}-choices-0-label").press("Alt+ArrowDown")
    expect(page.locator("#said")).to_contain_text("It was slow is now 2 of 3.")
    page.get_by_label("Shown to: It was slow").select_option(label="nps from 0 to 6")
    page.click("text=Add a page")
    more = add(page, 1, "comment", "Anything else?")
    page.locator(f"#f{more}-shown_if").get_by_text("Add a condition").click()
    page.locator(f"#f{more}-shown_if .b-which").select_option("nps")
    rows = page.locator("#outline .b-row")
    rows.filter(has_text="Anything else?").press("Alt+ArrowUp")
    expect(page.locator("#said")).to_contain_text("comment is now 3 of 3, on page start.")
    expect(page.locator(".b-row:focus")).to_contain_text("Anything else?")
    page.keyboard.press("Alt+ArrowDown")
    page.keyboard.press("Delete")
    expect(rows.filter(has_text="Anything else?")).to_have_count(0)
    page.locator("#said button").click()
    expect(rows.filter(has_text="Anything else?")).to_have_count(1)
    first, second = (page.locator(f"[data-drag='/pages/{at}/questions/0']") for at in (0, 1))
    drag(second, first, x=30, y=4)
    expect(page.locator("#said")).to_contain_text("comment is now 1 of 3, on page start.")
    page.click("#undo")
    kept(page)
    # What lacks is named, and leads to where it is written.
    page.click("#faults summary")
    page.locator("#faults li button").first.click()
    for _text in range(7):
        page.keyboard.insert_text("中文")
        kept(page)
        if page.locator("#faults li button").count():
            page.locator("#faults li button").first.click()
    expect(page.locator("#faults")).to_have_text("Nothing hinders its publication.")
    page.click("#tab-questions")
    rows.filter(has_text="How likely").click()
    expect(page.frame_locator("#preview-frame").get_by_text("How likely")).to_be_visible()
    page.select_option("#preview-language", "zh-Hans")
    expect(page.frame_locator("#preview-frame").get_by_text("您有多大可能")).to_be_visible()
    page.click("#publish")
    page.fill("#publish-notes", "the first")
    page.get_by_role("dialog").get_by_role("button", name="Publish").click()
    expect(page.locator("#said")).to_have_text("Version 1 is published.")
    # Another wording asks whether the figures go on.
    rows.filter(has_text="Anything else?").click()
    page.fill(f"#f{more}-title", "Anything more?")
    kept(page)
    # Its translation may be stale now; somebody says that it is not.
    page.click("#tab-languages")
    page.get_by_role("button", name="It still fits").click()
    expect(page.locator("#faults")).to_have_text("Nothing hinders its publication.")
    page.click("#tab-questions")
    page.click("#publish")
    page.get_by_label("New series").check()
    page.get_by_label("Keep version 1 beside it").check()
    page.fill("#publish-share", "30")
    page.get_by_role("dialog").get_by_role("button", name="Publish").click()
    expect(page.locator("#said")).to_have_text("Version 2 is published.")
    page.click("#tab-versions")
    expect(page.locator("#versions")).to_contain_text("Question comment: Question, Series")
    expect(page.locator("#versions")).to_contain_text("Given to 30 % of new responses.")
    made = draft(building, "built-visit")
    assert [(one.name, one.type, one.shown_if) for one in made.questions()] == [
        ("nps", "nps", ""), ("reasons", "reasons", ""), ("comment", "comment", "nps <= 6"),
    ]  # fmt: skip
    assert [(one.value, one.shown_if) for one in made.pages[0].questions[1].choices] == [
        ("the_staff", ""), ("it_was_slow", "nps <= 6"), ("none", ""),
    ]  # fmt: skip
    assert made.pages[1].questions[0].series == "comment-2"
    assert made.title == {"en": "After your visit", "zh-Hans": "中文"}
    assert complaints == []
    page.context.close()


def test_what_two_write_and_what_no_network_takes_is_not_lost(
    browser: Browser, building: Installation
) -> None:
    one, complaints = builder(browser, building, "built-flight")
    other, _more = builder(browser, building, "built-flight")
    one.fill("#f-company", "Qingchuan")
    kept(one)
    other.fill("#f-welcome", "Good day")
    dialog = other.get_by_role("dialog")
    expect(dialog).to_contain_text("Qingchuan")
    expect(dialog).to_contain_text("Good day")
    dialog.get_by_role("button", name="Keep both").click()
    kept(other)
    both = draft(building, "built-flight")
    assert (both.company["en"], both.welcome["en"]) == ("Qingchuan", "Good day")
    other.context.set_offline(True)
    other.fill("#f-privacy", "Kept a year")
    expect(other.locator("#kept")).to_contain_text("No network")
    other.on("dialog", lambda asks: asks.accept())
    again = _reopened(other)
    expect(again.locator("#said")).to_contain_text("Changes that waited in this browser are back.")
    kept(again)
    assert draft(building, "built-flight").privacy["en"] == "Kept a year"
    assert complaints == []
    for page in (one, again):
        page.context.close()


def _reopened(page: Page) -> Page:
    """The same browser with a new page, where there is a network again."""
    context: BrowserContext = page.context
    address = page.url
    page.close(run_before_unload=False)
    context.set_offline(False)
    again = context.new_page()
    again.goto(address)
    return again


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
def test_it_can_be_read_and_reached_by_everybody(
    browser: Browser, building: Installation, locale: str
) -> None:
    site = Site(f"http://127.0.0.1:{building.port}", building.password)
    page, complaints = visitor(
        browser, site, viewport=WIDE, locale=locale, bypass_csp=True, color_scheme="dark"
    )
    page.goto("/main/surveys/built-flight/edit/#")
    faults = []
    for pointer in ("", "/pages/1", "/pages/1/questions/0", "/pages/0/questions/2", "/endings/0"):
        page.locator(f".b-row[data-pointer='{pointer}']").click()
        faults += [f"{pointer}: {one}" for one in violations(page)]
    for tab in ("logic", "languages", "plan", "versions"):
        page.click(f"#tab-{tab}")
        if tab == "plan":
            page.click("#trial-form button")
        expect(page.locator(f"#panel-{tab} :is(table, .fig, p)").first).to_be_visible()
        faults += [f"{tab}: {one}" for one in violations(page)]
        for width in (WIDE, PHONE):
            page.set_viewport_size(width)  # type: ignore[arg-type]
            if page.evaluate("document.documentElement.scrollWidth") > width["width"]:
                faults.append(f"{tab} scrolls sideways at {width['width']}")
    page.click("#tab-questions")
    page.emulate_media(color_scheme="light")
    faults += [f"phone: {one}" for one in violations(page)]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert faults == []
    assert complaints == []
    page.context.close()


def test_conditions_and_merges_are_what_they_say(browser: Browser, building: Installation) -> None:
    """The script's own rules, in the browser: a form that alters a filter would alter a survey."""
    page, complaints = builder(browser, building, "built-flight")

    def ask(module: str, does: str, *given: Any) -> Any:
        return page.evaluate(
            "async ([module, does, given]) => (await import(module))[does](...given)",
            [f"/static/web/builder/{module}.js", does, list(given)],
        )

    def again(text: str) -> Any:
        found = ask("conditions", "read", text)
        return found and ask("conditions", "written", found)

    for says in (
        "nps <= 6", "nps >= 7 and nps <= 8", "why contains 'it''s' or city = '杭州'",
        "reasons.slow = true", "reasons.slow is missing and 城市 is not missing",
        "`a-b` != -1.5", "field.city = 'and or'",
    ):  # fmt: skip
        assert again(says) == says
    assert again("nps between 7 and 8") == "nps >= 7 and nps <= 8"
    assert again("  NPS <=6  ") == "NPS <= 6"
    for by_hand in (
        "not nps = 3", "(a = 1 or b = 2) and c = 3", "a in (1, 2)", "a = 1 or b = 2 and c = 3",
        "a =", "a = 1 b = 2", "a > 2026-13",
    ):  # fmt: skip
        assert again(by_hand) is None, by_hand
    named = {"pages": [{"shown_if": "nps <= 6 and x = 'nps' and nps.a = true and my_nps = 1"}]}
    assert ask("desk", "renamed", named, "nps", "likely")["pages"][0]["shown_if"] == (
        "likely <= 6 and x = 'nps' and likely.a = true and my_nps = 1"
    )

    def q(name: str, title: str = "") -> dict[str, Any]:
        return {"name": name, "title": {"en": title}}

    def merged(theirs: list[Any], mine: list[Any]) -> tuple[list[Any], int]:
        base = [q("a", "A"), q("b", "B"), q("c", "C")]
        found = ask("merging", "merged", {"q": base}, {"q": theirs}, {"q": mine})
        return [(one["name"], one["title"]["en"]) for one in found["document"]["q"]], len(
            found["both"]
        )

    moved_and_worded = merged([q("c", "C"), q("a", "A"), q("b", "B")],
                              [q("a", "A"), q("b", "Mine"), q("c", "C")])  # fmt: skip
    assert moved_and_worded == ([("c", "C"), ("a", "A"), ("b", "Mine")], 0)
    both_added = merged([q("a", "A"), q("x", "X"), q("b", "B"), q("c", "C")],
                        [q("a", "A"), q("b", "B"), q("c", "C"), q("y", "Y")])  # fmt: skip
    assert [name for name, _title in both_added[0]] == ["a", "x", "b", "c", "y"]
    taken_and_worded = merged([q("a", "A"), q("c", "C")],
                              [q("a", "A"), q("b", "Mine"), q("c", "C")])  # fmt: skip
    assert taken_and_worded == ([("a", "A"), ("b", "Mine"), ("c", "C")], 1)
    same_text = merged([q("a", "Theirs"), q("b", "B"), q("c", "C")],
                       [q("a", "Mine"), q("b", "B")])  # fmt: skip
    assert same_text == ([("a", "Mine"), ("b", "B")], 1)
    assert complaints == []
    page.context.close()
