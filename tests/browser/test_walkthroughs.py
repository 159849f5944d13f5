"""A competitor walkthrough in a real browser: a run with the clock, its proof, the figures."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_pages import PHONE, WIDE, Site, violations, visitor
from tests.processes.conftest import zhiyin
from tests.processes.installation import Installation
from zhiyin.edge.passing import MOST_BODY_BYTES
from zhiyin.maps.audit_pictures import MOST_BYTES

AUDIT = ("journey", "audit")


@pytest.fixture(scope="module")
def walked(shared: Installation, tmp_path_factory: pytest.TempPathFactory) -> tuple[Site, int]:
    """The shared server, and the number of a walkthrough of three sites."""
    shared.running()
    made = asked(shared, "create", "Buy a ticket", "--ours", "Our site", "--site", "Other airline",
                 "--site", "Travel agency")  # fmt: skip
    lines = ["run,site,done_on,who,done,ease,step,seconds,failed,proof"]
    for at in range(8):
        refused = ",Card refused,https://a.example/1" if at % 3 == 0 else ",,"
        lines.append(f"a{at},Our site,2026-03-02,P{at},yes,{4 + at % 3},Search,{20 + at},,")
        lines.append(f"a{at},,,,,,Pay,{60 + 4 * at}{refused}")
        lines.append(f"b{at},Other airline,2026-03-03,P{at},yes,{5 + at % 2},Pay,{30 + at},,")
    lines.append("c,Travel agency,2026-03-04,P1,no,,Search,100,,")
    file = tmp_path_factory.mktemp("walked") / "runs.csv"
    file.write_text("\n".join(lines))
    asked(shared, "import", str(made["number"]), str(file))
    return Site(f"http://127.0.0.1:{shared.port}", shared.password), int(made["number"])


def asked(shared: Installation, *arguments: str) -> dict[str, Any]:
    done = zhiyin(shared.data, *AUDIT, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def at(number: int, rest: str = "") -> str:
    return f"/main/journeys/audits/{number}/{rest}"


def a_run(page: Page) -> str:
    """The address of the newest run that the page shows of the third site."""
    return page.locator("table a", has_text="Travel agency").last.get_attribute("href") or ""


def test_a_run_is_timed_and_gets_its_proof(
    browser: Browser, walked: tuple[Site, int], tmp_path: Path
) -> None:
    site, number = walked
    page, complaints = visitor(browser, site, viewport=WIDE, locale="en")
    page.goto(at(number, "runs/new/"))
    page.select_option("#site", "Travel agency")
    page.fill("#who", "P77")
    page.fill("#says-1", "Search")
    clock = page.locator(".watch")
    clock.nth(0).click()
    expect(clock.nth(0)).to_have_text(re.compile(r"^Stop 0:0[1-9]$"))
    # Another row leaves it running, and what was typed stays.
    page.click("button[name=more]")
    expect(page.locator("#says-4")).to_be_focused()
    expect(page.locator("#says-1")).to_have_value("Search")
    expect(clock.nth(0)).to_have_text(re.compile(r"^Stop 0:0"))
    # To start the next stops it.
    clock.nth(1).click()
    first = float(page.input_value("#seconds-1"))
    assert 1.0 <= first < 60
    page.fill("#says-2", "Pay")
    page.fill("#failed-2", "Card refused")
    expect(clock.nth(1)).to_have_text(re.compile(r"^Stop 0:0[1-9]$"))
    page.check("[name=is_done][value=no]")
    page.click("button.go")
    page.wait_for_url(re.compile(r"/runs/\d+/$"))
    assert "Card refused" in page.locator("main").inner_text()
    # The clock that ran was written when the form was sent.
    page.click(".head .acts a[href$='/edit/']")
    assert float(page.input_value("#seconds-2")) >= 1.0
    assert float(page.input_value("#seconds-1")) == first
    page.go_back()
    # A picture that is larger than a form may be passes by the edge.
    file = tmp_path / "proof.png"
    noise = np.random.default_rng(1).integers(0, 256, (1000, 1300, 3), dtype=np.uint8)
    Image.fromarray(noise).save(file)
    assert MOST_BODY_BYTES < file.stat().st_size < MOST_BYTES
    page.click("text=Add a picture >> nth=1")
    page.set_input_files("#picture", file)
    page.click("button.go")
    page.wait_for_url(re.compile(r"/runs/\d+/$"))
    shown = page.locator("#step-2 img")
    shown.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('#step-2 img').naturalWidth === 1300")
    assert complaints == []
    page.context.close()


def test_without_script_a_row_is_added_and_a_run_saved(
    browser: Browser, walked: tuple[Site, int]
) -> None:
    site, number = walked
    page, _complaints = visitor(
        browser, site, viewport=WIDE, locale="en", java_script_enabled=False
    )
    page.goto(at(number, "runs/new/?site=Travel%20agency"))
    page.fill("#who", "P78")
    page.fill("#says-1", "Search")
    assert not page.locator(".watch").first.is_visible()
    page.click("button[name=more]")
    expect(page.locator("[name=says]")).to_have_count(4)
    page.fill("#says-4", "Pay")
    page.check("[name=is_done][value=yes]")
    page.click("button.go")
    expect(page.locator("h1")).to_have_text("Travel agency · P78")
    expect(page.locator(".walk li")).to_have_count(2)
    page.context.close()


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_its_pages_are_accessible_and_fit(
    browser: Browser, walked: tuple[Site, int], language: str
) -> None:
    site, number = walked
    page, complaints = visitor(browser, site, viewport=WIDE, locale=language, bypass_csp=True)
    page.goto(at(number))
    run = a_run(page)
    faults = []
    for path in ("/main/journeys/audits/", "/main/journeys/audits/new/", at(number),
                 at(number, "edit/"), at(number, "remove/"), at(number, "import/"),
                 at(number, "runs/new/"), run, f"{run}edit/", f"{run}remove/",
                 f"{run}1/picture/change/"):  # fmt: skip
        page.goto(path)
        for size, scheme in ((WIDE, "light"), (PHONE, "dark")):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            seen = f"{path} at {size['width']} in {scheme}"
            faults += [f"{seen}: {fault}" for fault in violations(page)]
            width = page.evaluate("document.documentElement.scrollWidth")
            if width > size["width"]:
                faults.append(f"{seen} scrolls sideways: {width}")
    assert faults == []
    assert complaints == []
    page.context.close()
