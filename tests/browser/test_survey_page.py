"""The survey page in a real browser: network cut, small phone, keyboard, no script, everybody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.test_pages import WIDE, Site, violations, visitor
from tests.processes.conftest import wait_for, zhiyin
from tests.processes.installation import Installation, Made
from tests.processes.sending import backlog
from zhiyin.collect.surveys import definition
from zhiyin.collect.surveys.tests.flight import FLIGHT
from zhiyin.edge.surveys.tests.visiting import Browser as Plain

SMALL = {"width": 320, "height": 640}
NEXT = "form > button:not(.quiet)"


@dataclass
class Asked:
    """A published survey on a running server."""

    installation: Installation
    id: str

    @property
    def address(self) -> str:
        """Where customers find it."""
        return f"http://127.0.0.1:{self.installation.port}/s/{self.id}"


@pytest.fixture(scope="module")
def asked(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    folder = tmp_path_factory.mktemp("survey")
    installation = Installation(folder / "data", made)
    try:
        installation.open()
        file = folder / "flight.json"
        file.write_bytes(definition.write(FLIGHT))
        held = json.loads(zhiyin(installation.data, "survey", "import", str(file)).stdout)
        done = zhiyin(installation.data, "survey", "publish", "flight")
        assert done.returncode == 0, done.stderr
        plain = Plain(installation.port, held["id"])
        wait_for(lambda: plain.open().status == 200, 30, "published")
        yield Asked(installation, held["id"])
    finally:
        installation.close()


def visit(browser: Browser, asked: Asked, **options: Any) -> tuple[BrowserContext, Page, list[str]]:
    """A page of the survey, and what its console complains of while there is a network."""
    context = browser.new_context(**{"viewport": SMALL, "locale": "en", **options})
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(asked.address)
    return context, page, complaints


def choose(page: Page, name: str, value: str) -> None:
    page.locator(f"input[name='{name}'][value='{value}']").check(force=True)


def rows_of(asked: Asked, folder: Path, response: str) -> dict[str, list[dict[str, Any]]]:
    """What the log has of a response, by question."""
    wait_for(lambda: backlog(asked.installation.server) == 0, 60, "loaded")
    file = folder / "answers.jsonl"
    file.unlink(missing_ok=True)
    done = zhiyin(
        asked.installation.data, "export", "answers", "--format", "jsonl", "-o", str(file),
        "--where", f"response = '{response}'",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, list[dict[str, Any]]] = {}
    for line in file.read_text().splitlines():
        row = json.loads(line)
        found.setdefault(row["question"], []).append(row)
    return found


def test_with_the_network_cut_answers_wait_and_arrive_once(
    browser: Browser, asked: Asked, tmp_path: Path
) -> None:
    context, page, complaints = visit(browser, asked)
    choose(page, "a.nps", "3")
    expect(page.locator("#kept")).to_have_text("Saved as you go")
    context.set_offline(True)
    page.fill("[name='a.why']", "The gate changed twice")
    choose(page, "a.parts.bag", "2")
    choose(page, "a.nps", "4")
    expect(page.locator("#kept")).to_contain_text("No network")
    page.click(NEXT)
    expect(page.locator("[name='a.nps'][value='4']")).to_be_checked()
    context.set_offline(False)
    expect(page.locator("[name='a.reasons']").first).to_be_visible(timeout=20_000)
    response = page.input_value("input[name=r]")
    choose(page, "a.reasons", "none")
    page.click(NEXT)
    expect(page.get_by_text("A few words about you.")).to_be_visible()
    page.click(NEXT)
    expect(page.get_by_role("heading", name="We are sorry.")).to_be_visible()
    rows = rows_of(asked, tmp_path, response)
    assert {name: len(listed) for name, listed in rows.items()} == dict.fromkeys(rows, 1)
    assert rows["nps"][0]["score"] == 4
    assert rows["parts.bag"][0]["score"] == 2
    assert rows["why"][0]["answer_state"] == "answered"
    assert complaints == []
    context.close()


def test_what_waited_when_the_page_was_closed_is_sent_when_it_opens(
    browser: Browser, asked: Asked, tmp_path: Path
) -> None:
    context, page, complaints = visit(browser, asked)
    response = page.input_value("input[name=r]")
    context.set_offline(True)
    choose(page, "a.nps", "10")
    expect(page.locator("#kept")).to_contain_text("No network")
    page.close()
    context.set_offline(False)
    again = context.new_page()
    again.goto(asked.address)
    expect(again.locator("#kept")).to_have_text("Saved as you go")
    assert rows_of(asked, tmp_path, response)["nps"][0]["score"] == 10
    assert complaints == []
    context.close()


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
def test_it_can_be_read_and_reached_by_everybody(
    browser: Browser, asked: Asked, locale: str
) -> None:
    context, page, complaints = visit(browser, asked, locale=locale, bypass_csp=True)
    assert violations(page) == []
    page.click(NEXT)
    expect(page.get_by_role("alert")).to_be_focused()
    assert violations(page) == []
    choose(page, "a.nps", "2")
    page.click(NEXT)
    expect(page.locator("[name='a.reasons']").first).to_be_visible()
    assert violations(page) == []
    page.click(NEXT)
    expect(page.locator("[name='a.mail']")).to_be_visible()
    assert violations(page) == []
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= SMALL["width"], "it scrolls sideways"
    assert complaints == []
    context.close()


def test_the_keyboard_alone_answers_it(browser: Browser, asked: Asked) -> None:
    context, page, _complaints = visit(browser, asked)
    page.locator("input[name='a.nps']").first.focus()
    for _step in range(9):
        page.keyboard.press("ArrowRight")
    expect(page.locator("input[name='a.nps'][value='9']")).to_be_checked()
    page.locator(NEXT).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("A few words about you.")).to_be_visible()
    context.close()


def test_without_script_and_without_style_nothing_is_missing(
    browser: Browser, asked: Asked
) -> None:
    context, page, _complaints = visit(browser, asked, java_script_enabled=False)
    choose(page, "a.nps", "9")
    page.click(NEXT)
    expect(page.get_by_text("A few words about you.")).to_be_visible()
    page.click(NEXT)
    expect(page.get_by_role("heading", name="Thank you!")).to_be_visible()
    context.close()


def test_begun_published_answered_and_seen_in_the_results(browser: Browser, asked: Asked) -> None:
    installation = asked.installation
    site = Site(f"http://127.0.0.1:{installation.port}", installation.password)
    page, complaints = visitor(browser, site, viewport=WIDE, locale="en", bypass_csp=True)
    page.goto("/main/surveys/")
    page.select_option("#ready", "csat")
    page.fill("#key", "after-flight")
    page.click("form.fields button.go")
    page.click("button[value=publish]")
    expect(page.get_by_role("status")).to_contain_text("customers see it now")
    public_id = page.locator(".reach a").first.inner_text().rpartition("/")[2]
    plain = Plain(installation.port, public_id)
    wait_for(lambda: plain.open().status == 200, 30, "published")
    for n in range(11):
        one = Plain(installation.port, public_id)
        one.send(one.open(), a__satisfied=5 if n < 8 else 2)
    phone = browser.new_context(viewport=SMALL, locale="zh-CN").new_page()
    phone.goto(f"{site.address}/s/{public_id}")
    choose(phone, "a.satisfied", "4")
    expect(phone.locator("#kept")).not_to_have_text("")
    phone.context.close()
    wait_for(lambda: backlog(installation.server) == 0, 60, "loaded")
    page.reload()
    satisfied = page.locator("#q-satisfied")
    expect(satisfied).to_contain_text("n 12, of 12 customers")
    expect(satisfied).to_contain_text("75.0%")
    assert violations(page) == []
    page.locator("summary", has=page.get_by_text("Export")).click()
    with page.expect_download() as download:
        page.get_by_text("Table as CSV").click()
    assert "satisfied" in Path(download.value.path()).read_text(encoding="utf-8-sig")
    page.context.close()
    chinese, more = visitor(browser, site, viewport=SMALL, locale="zh-CN", bypass_csp=True)
    chinese.goto("/main/surveys/after-flight/")
    expect(chinese.locator("#q-satisfied")).to_contain_text("来自 12 位客户")
    assert chinese.evaluate("document.documentElement.scrollWidth") <= SMALL["width"]
    assert violations(chinese) == []
    assert complaints + more == []
    chinese.context.close()
