"""Cases in a real browser: taken from what a customer said, noted, closed; every page by axe."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.test_pages import LOOKS, SAMPLE, WIDE, Site, violations, visitor
from tests.processes.conftest import zhiyin
from tests.processes.installation import Installation, Made

CASES = "/main/cases/"
LONG = "Waits at the counter " + "and-nobody-says-why" * 5


@pytest.fixture(scope="module")
def site(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server with the sample, and three cases: one overdue no more, one waiting, one new."""
    folder = tmp_path_factory.mktemp("cases")
    installation = Installation(folder / "data", made)
    try:
        installation.open()
        for asked in (
            ("import", str(SAMPLE / "tea-shop.csv"), "--map", str(SAMPLE / "tea-shop.yaml")),
            ("case", "open", "verbatim", "0", "--owner", "admin"),
            ("case", "open", "verbatim", "1", "--owner", "admin"),
            ("case", "open", "verbatim", "2"),
            ("case", "change", "1", "--title", LONG, "--severity", "high"),
            ("case", "note", "1", "Asked the shop.\nNobody knew."),
            ("case", "tell", "1", "We are sorry.", "--by", "phone"),
            ("case", "status", "2", "waiting"),
        ):  # fmt: skip
            done = zhiyin(installation.data, *asked)
            assert done.returncode == 0, done.stdout + done.stderr
        yield Site(f"http://127.0.0.1:{installation.port}", installation.password)
    finally:
        installation.close()


PAGES = {
    "mine": CASES,
    "all": f"{CASES}?tab=all",
    "none overdue": f"{CASES}?tab=overdue",
    "no such case": f"{CASES}?tab=all&q=nothing",
    "a wrong status": f"{CASES}?tab=all&status=later",
    "a case": f"{CASES}1/",
    "a waiting case": f"{CASES}2/",
    "a new case": f"{CASES}3/",
    "rules": f"{CASES}rules/",
    "voice": "/main/voice/",
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


def test_what_a_customer_said_is_taken_noted_and_closed(browser: Browser, site: Site) -> None:
    page, complaints = visitor(browser, site, viewport=WIDE, locale="en")
    page.goto("/main/voice/")
    page.locator(".take-case button").first.click()
    page.wait_for_url(re.compile(r"/cases/\d+/$"))
    expect(page.locator(".note.good")).to_have_text("The case is yours.")
    page.fill("#text", "Rang the shop.")
    page.click("text=Keep the note")
    expect(page.locator("#history")).to_contain_text("Rang the shop.")
    page.fill("#says", "We have found your order.")
    page.click("text=I told her by telephone")
    expect(page.locator("#history")).to_contain_text("told the customer by telephone")
    page.check("#move input[value=done]")
    page.select_option("#reason", "explained")
    page.click("#move button")
    expect(page.locator("h1 + p")).to_contain_text("case done")
    expect(page.locator("h1 + p")).to_contain_text("Explained to the customer")
    page.goto(f"{CASES}?tab=all&status=done")
    expect(page.locator("tbody tr")).to_have_count(1)
    assert complaints == []
    page.context.close()
