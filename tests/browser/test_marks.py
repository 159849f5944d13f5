"""Marks on a journey map in a real browser: made, voted for, pinned from a figure, anywhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.test_pages import LOOKS, PHONE, SAMPLE, WIDE, Site, violations, visitor
from tests.processes.conftest import zhiyin
from tests.processes.installation import Installation, Made

MARKS = "/main/journeys/maps/shop/marks/"
SHOP: dict[str, Any] = {
    "name": {"en": "Tea shop", "zh-Hans": "茶店"},
    "stages": [{"id": "buy", "name": {"en": "Buy", "zh-Hans": "购买"}}],
    "lanes": [{"id": "own", "name": {"en": "Ours", "zh-Hans": "自有"}}],
    "nodes": [
        {"id": "counter", "stage": "buy", "lane": "own", "answers": "touchpoint = '门店'",
         "name": {"en": "At the counter", "zh-Hans": "柜台"}},
        {"id": "till", "stage": "buy", "lane": "own",
         "name": {"en": "At the till", "zh-Hans": "收银台"}},
    ],
}  # fmt: skip
LONG = "The queue at the counter takes an hour on Saturdays " + "and-nobody-says-why" * 5


@pytest.fixture(scope="module")
def site(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server with the sample, a map, and two marks of which one is overdue."""
    folder = tmp_path_factory.mktemp("marks")
    installation = Installation(folder / "data", made)
    file = folder / "shop.json"
    file.write_text(json.dumps(SHOP), "utf-8")
    try:
        installation.open()
        for asked in (
            ("import", str(SAMPLE / "tea-shop.csv"), "--map", str(SAMPLE / "tea-shop.yaml")),
            ("journey", "map", "import", str(file), "--keep"),
            ("journey", "mark", "add", "shop", "counter", LONG, "--owner", "admin", "--due",
             "2026-01-31", "--figure", "metric=nps", "--link", "https://example.com/" + "x" * 200,
             "--says", "It is worst at noon.", "--contributor", "admin", "--row", "0"),
            ("journey", "mark", "add", "shop", "till", "A second till", "--kind", "suggestion"),
            ("journey", "mark", "comment", "shop", "1", "Since March.\nEvery Saturday."),
        ):  # fmt: skip
            done = zhiyin(installation.data, *asked)
            assert done.returncode == 0, done.stdout + done.stderr
        yield Site(f"http://127.0.0.1:{installation.port}", installation.password)
    finally:
        installation.close()


PAGES = {
    "marks": MARKS,
    "no such mark": f"{MARKS}?q=nothing",
    "a wrong status": f"{MARKS}?status=later",
    "mine": "/main/journeys/marks/?whose=all",
    "a mark": f"{MARKS}1/",
    "a new mark": f"{MARKS}new/",
    "change a mark": f"{MARKS}1/change/",
    "remove a mark": f"{MARKS}2/remove/",
    "pin a figure": "/main/journeys/marks/pin/?figure=metric%3Dnps",
    "nothing to pin": "/main/journeys/marks/pin/?figure=nothing",
    "a touchpoint": "/main/journeys/maps/shop/touchpoints/counter/",
}


@pytest.mark.parametrize("language", LOOKS)
def test_every_page_is_accessible_and_quiet(
    browser: Browser, site: Site, language: str, tmp_path: Path
) -> None:
    page, complaints = visitor(browser, site, viewport=WIDE, locale=language, bypass_csp=True)
    faults = []
    for name, path in PAGES.items():
        page.goto(path)
        for summary in page.locator("main summary").all():
            summary.click()
        for size, scheme in LOOKS[language]:
            seen = f"{name} at {size['width']} in {scheme}"
            page.set_viewport_size(size)  # type: ignore[arg-type]
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            faults += [f"{seen}: {fault}" for fault in violations(page)]
            width = page.evaluate("document.documentElement.scrollWidth")
            if width > size["width"]:
                faults.append(f"{seen} scrolls sideways: {width}")
            page.screenshot(
                path=tmp_path / f"{language}-{size['width']}-{name}.png", full_page=True
            )
    assert faults == []
    assert [c for c in complaints if "422" not in c] == []
    page.context.close()


def test_a_mark_is_made_at_its_touchpoint_voted_for_and_moved_on(
    browser: Browser, site: Site
) -> None:
    page, complaints = visitor(browser, site, viewport=WIDE, locale="en")
    page.goto("/main/journeys/maps/shop/touchpoints/counter/")
    page.click("text=New mark here")
    page.fill("#pin-title", "No seats")
    page.click("text=Put it on the map")
    page.wait_for_url(re.compile(r"/marks/\d+/$"))
    expect(page.locator("h1")).to_have_text("No seats")
    expect(page.locator("#evidence .fig-2")).to_be_visible()
    page.click("text=Vote for it")
    expect(page.get_by_role("button", name="Take my vote back")).to_be_visible()
    page.fill("#text", "Ask the landlord.")
    page.click("button:has-text('Comment')")
    expect(page.locator("#comments")).to_contain_text("Ask the landlord.")
    page.select_option("#status", "doing")
    page.click("form:has(#status) >> button")
    expect(page.locator(".note.good")).to_have_text("The mark is changed.")
    page.goto(MARKS)
    expect(page.locator("tbody tr").first).to_contain_text("No seats")
    assert complaints == []
    page.context.close()


def test_a_figure_is_pinned_without_script_on_a_phone(browser: Browser, site: Site) -> None:
    page, _complaints = visitor(
        browser, site, viewport=PHONE, locale="en", java_script_enabled=False
    )
    page.goto("/main/scores/?metric=nps&by=")
    page.click("text=Pin to a map")
    page.select_option("#to", "2")
    page.select_option("#dates", "last-365")
    page.click("text=Pin it >> nth=-1")
    expect(page.locator("h1")).to_have_text("A second till")
    expect(page.locator("#evidence li")).to_have_count(1)
    page.context.close()
