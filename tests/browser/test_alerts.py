"""Alerts in a real browser: a rule made with the keyboard and rehearsed, what fired opened, taken
as a case and closed; what is read in both languages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_pages import LOOKS, SAMPLE, WIDE, Site, violations, visitor
from tests.processes.conftest import zhiyin
from tests.processes.installation import Installation, Made

ALERTS = "/main/alerts/"
WORDS = "退款太慢了，我很生气"


@pytest.fixture(scope="module")
def installation(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A server with the sample."""
    folder = tmp_path_factory.mktemp("alerts")
    one = Installation(folder / "data", made)
    try:
        one.open()
        done = zhiyin(
            one.data,
            *("import", str(SAMPLE / "tea-shop.csv"), "--map", str(SAMPLE / "tea-shop.yaml")),
        )
        assert done.returncode == 0, done.stdout + done.stderr
        yield one
    finally:
        one.close()


@pytest.fixture(scope="module")
def site(installation: Installation) -> Site:
    return Site(f"http://127.0.0.1:{installation.port}", installation.password)


def type_into(page: Page, label: str, text: str) -> None:
    """Reached with the Tab key, as whoever has no mouse does."""
    field = page.get_by_label(label, exact=True)
    for _press in range(60):
        if field.evaluate("one => one === document.activeElement"):
            page.keyboard.press("ControlOrMeta+A")
            page.keyboard.type(text)
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{label} is not reached with the keyboard")


def press(page: Page, button: str) -> None:
    wanted = page.get_by_role("button", name=button, exact=True)
    for _press in range(90):
        if wanted.evaluate("one => one === document.activeElement"):
            page.keyboard.press("Enter")
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{button} is not reached with the keyboard")


def import_words(installation: Installation) -> None:
    """A customer who has just said that she waits for her refund, and one who was pleased."""
    now = datetime.now(UTC)
    file = installation.data.parent / "said.csv"
    rows = [
        f"{at.isoformat()},A{n},{text}"
        for n, (at, text) in enumerate(
            [(now - timedelta(minutes=2), WORDS), (now - timedelta(minutes=1), "店员很热情")]
        )
    ]
    file.write_text("\n".join(["occurred_at,customer,text", *rows]), encoding="utf-8")
    mapping = installation.data.parent / "said.yaml"
    mapping.write_text(
        "as: verbatims\nsource: desk\nat: occurred_at\ncustomer: customer\ntext: text\n"
    )
    done = zhiyin(installation.data, "import", str(file), "--map", str(mapping))
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["rows_added"] == 2


def test_a_rule_is_made_with_the_keyboard_and_what_it_finds_is_taken_and_closed(
    browser: Browser, site: Site, installation: Installation
) -> None:
    page, complaints = visitor(browser, site, viewport=WIDE, locale="en")
    page.goto(f"{ALERTS}rules/new/?kind=verbatim")
    type_into(page, "Name", "Slow refunds")
    type_into(page, "Words that all stand in it", "退款")
    press(page, "Rehearse")
    expect(page.locator("#rehearsed")).to_contain_text("this rule would have fired")
    expect(page.locator("#rehearsed")).to_contain_text("Nothing was saved, and nobody was told.")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Slow refunds")
    press(page, "Save")
    page.wait_for_url(re.compile(r"/alerts/rules/$"))
    expect(page.locator("main")).to_contain_text("Slow refunds")

    import_words(installation)
    done = zhiyin(installation.data, "alert", "watch")
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["alerts"] == 1
    page.goto(ALERTS)
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Slow refunds").click()
    expect(page.locator(".say")).to_have_text(WORDS)
    expect(page.locator("ul.why")).to_contain_text("The rule looks for the words: 退款.")
    chinese, _quiet = visitor(browser, site, viewport=WIDE, locale="zh-CN")
    chinese.goto(page.url)
    expect(chinese.locator("h2").first).to_have_text("触发原因")
    expect(chinese.locator("ul.why")).to_contain_text("退款")

    page.locator(".take-case button").first.click()
    page.wait_for_url(re.compile(r"/cases/\d+/$"))
    expect(page.locator(".note.good")).to_have_text("The case is yours.")
    page.check("#move input[value=done]")
    page.select_option("#reason", "explained")
    page.click("#move button")
    expect(page.locator("h1 + p")).to_contain_text("case done")
    page.goto(f"{ALERTS}1/")
    page.get_by_role("button", name="Take note of it").click()
    page.goto(ALERTS)
    expect(page.locator("main")).to_contain_text("No alert is open.")
    page.goto(f"{ALERTS}?status=closed")
    expect(page.locator("tbody tr")).to_have_count(1)
    chinese.goto(f"{ALERTS}?status=closed")
    expect(chinese.locator("tbody tr")).to_contain_text("Slow refunds")
    assert complaints == []
    page.context.close()
    chinese.context.close()


@pytest.mark.parametrize("language", LOOKS)
def test_the_forms_and_the_alert_are_accessible_and_quiet(
    browser: Browser, site: Site, language: str, tmp_path: Path
) -> None:
    kinds = ("answer", "verbatim", "measure", "often", "theme", "leaving")
    pages = {kind: f"{ALERTS}rules/new/?kind={kind}" for kind in kinds}
    pages |= {"an alert": f"{ALERTS}1/", "a rule": f"{ALERTS}rules/1/"}
    page, complaints = visitor(browser, site, viewport=WIDE, locale=language, bypass_csp=True)
    faults = []
    for name, path in pages.items():
        page.goto(path)
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
    assert complaints == []
    page.context.close()
