"""The pages in a real browser: languages, widths, light and dark, with and without script."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.processes.conftest import zhiyin
from tests.processes.installation import Installation, Made

AXE = (
    Path(__file__).resolve().parents[2]
    / ".make"
    / "axe"
    / "node_modules"
    / "axe-core"
    / "axe.min.js"
)
SAMPLE = Path("src/zhiyin/web/sample")
WIDE, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}
PAGES = {
    "overview": "/main/overview/",
    "voice": "/main/voice/",
    "themes": "/main/voice/themes/",
    "what to fix first": "/main/voice/first/",
    "two groups": "/main/voice/apart/",
    "two groups of a filter": "/main/voice/apart/?sides=filter&one=channel+=+'app'",
    "how rightly": "/main/voice/rightness/",
    "what clauses mean": "/main/voice/labels/",
    "alerts": "/main/alerts/",
    "alert rules": "/main/alerts/rules/",
    "a new alert rule": "/main/alerts/rules/new/",
    "channels": "/main/channels/",
    "a new channel": "/main/channels/new/",
    "cases": "/main/cases/",
    "sources": "/main/data/sources/",
    "a new feed": "/main/data/sources/new/feed/",
    "a new mailbox": "/main/data/sources/new/mailbox/",
    "a new interface": "/main/data/sources/new/rest/",
    "responses": "/main/responses/?metric=nps",
    "aspects": "/main/aspects/",
    "targets": "/main/targets/",
    "calendar": "/main/calendar/",
    "reports": "/main/reports/",
    "find": "/main/find/?q=sat",
    "definitions": "/main/measures/",
    "help": "/main/help/",
    "unit rules": "/main/data/units/",
    "scores": "/main/scores/?metric=nps&by=touchpoint",
    "csat by city": (
        "/main/scores/?metric=csat&by=city&against=previous&from=2026-09-01&until=2026-09-30"
    ),
    "over time": "/main/scores/?metric=nps&by=&every=week",
    "cities over time": "/main/scores/?metric=nps&by=city&every=month",
    "funnels": "/main/journeys/funnels/",
    "a funnel": "/main/journeys/funnels/?steps=Seen+%3E+Added+%3E+Paid&by=source&now=1",
    "paths": "/main/journeys/paths/?share=99&now=1",
    "whole histories": "/main/journeys/paths/?show=variants&now=1",
    "what comes again": "/main/journeys/paths/?show=repeats&now=1",
    "retention": "/main/journeys/retention/?every=week&now=1",
    "engagement": "/main/journeys/engagement/?every=week&now=1",
    "adoption": "/main/journeys/adoption/?names=Paid&every=week&now=1",
    "tasks": "/main/journeys/tasks/?start=Seen&goal=Paid&by=source&now=1",
    "time between": "/main/journeys/tasks/?show=between&start=Seen&now=1",
    "before an outcome": "/main/journeys/before/?outcome=event&name=Paid&now=1",
    "before nothing": "/main/journeys/before/",
    "parting": (
        "/main/journeys/parting/?one=occurred_at+<+2026-09-05&two=occurred_at+>=+2026-09-05&now=1"
    ),
    "losses": "/main/journeys/losses/?steps=Seen+%3E+Added+%3E+Paid&by=source&now=1",
    "customers behind": "/main/journeys/customers/?of=edge&node=Seen&after=Added",
    "surveys": "/main/surveys/",
    "saved views": "/main/views/",
    "a mistake": "/main/scores/?metric=nps&where=nothing+=",
    "too few": "/main/scores/?metric=nps&by=city&where=occurred_at+<+2026-08-03",
    "data health": "/main/data/",
    "begin": "/main/data/begin/",
    "import": "/main/data/imports/",
    "a new import": "/main/data/imports/new/",
    "customers": "/main/customers/",
    "one customer": "/main/customers/customer:M0122/",
    "a segment": "/main/customers/segments/new/?from=return-without-buying",
    "merge suggestions": "/main/customers/suggestions/",
    "identity rules": "/main/customers/identity/",
    "why one customer": "/main/customers/why/?id=M0122",
    "events": "/main/events/",
    "catalogue": "/main/events/catalogue/",
    "dead letters": "/main/data/dead-letters/",
    "keys": "/main/data/keys/",
    "people": "/main/settings/people/",
    "member": "/main/settings/people/1/",
    "units": "/main/settings/units/?key=SHA",
    "workspace": "/main/settings/",
    "audit": "/main/settings/audit/",
    "jobs": "/main/settings/jobs/",
    "API keys": "/main/settings/api-keys/",
    "API": "/api/",
    "me": "/me/",
    "second step": "/me/second-step/",
    "a passkey": "/me/passkeys/add/",
    "touchpoint rules": "/main/data/touchpoints/?where=name+is+missing",
    "rights": "/main/data/rights/",
    "rights of nobody": "/main/customers/rights/",
    "password": "/password/",
}


@dataclass
class Site:
    address: str
    password: str


@pytest.fixture(scope="module")
def site(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    installation = Installation(tmp_path_factory.mktemp("browser") / "data", made)
    try:
        installation.open()
        done = zhiyin(
            installation.data,
            *("import", str(SAMPLE / "tea-shop.csv"), "--map", str(SAMPLE / "tea-shop.yaml")),
        )
        assert json.loads(done.stdout)["rows_added"] == 180
        done = zhiyin(installation.data, "import", str(events_file(installation.data.parent)))
        assert json.loads(done.stdout)["rows_added"] == 130
        yield Site(f"http://127.0.0.1:{installation.port}", installation.password)
    finally:
        installation.close()


def events_file(folder: Path) -> Path:
    """Forty customers who see, add and pay, some of them again a fortnight later."""
    lines = ["case:concept:name,concept:name,time:timestamp"]
    for n in range(40):
        week = f"2026-09-{1 + 7 * (n % 2):02}"
        names = ["Seen"] + ["Added"] * (n < 30) + ["Paid"] * (n < 20)
        lines += [f"E{n},{name},{week}T10:{at:02}:00Z" for at, name in enumerate(names)]
    lines += [f"E{n},Seen,2026-09-2{1 + n % 7}T09:00:00Z" for n in range(40)]
    file = folder / "events.csv"
    file.write_text("\n".join(lines))
    return file


def visitor(browser: Browser, site: Site, **options: Any) -> tuple[Page, list[str]]:
    """A signed-in page, and what its console complains of."""
    context = browser.new_context(base_url=site.address, **options)
    # Chosen on this browser, so that what another test chose for the person does not count.
    language = "zh-hans" if options.get("locale") == "zh-CN" else "en"
    chosen = {"name": "zhiyin_language", "value": language, "url": site.address}
    context.add_cookies([chosen])  # type: ignore[list-item]
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto("/sign-in/")
    page.fill("#id_username", "admin")
    page.fill("#id_password", site.password)
    page.click("button.go")
    page.wait_for_url("**/main/**")
    return page, complaints


def violations(page: Page) -> list[str]:
    """What axe finds, in the page as it is now."""
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(path=AXE)
    found = page.evaluate(
        """axe.run(document, {
            runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations'],
        })"""
    )
    return [
        f"{v['id']}: {node['target']} {node['failureSummary']}"
        for v in found["violations"]
        for node in v["nodes"]
    ]


LOOKS = {
    "en": ((WIDE, "light"), (PHONE, "dark")),
    "zh-CN": ((WIDE, "dark"), (PHONE, "light")),
}
"""Each size and each scheme in each language, all four together; every one costs a minute."""


@pytest.mark.parametrize("language", LOOKS)
def test_every_page_is_accessible_and_quiet(browser: Browser, site: Site, language: str) -> None:
    """Wide and narrow, light and dark: the server does not know which, so a page is loaded once."""
    assert AXE.exists(), "axe-core is missing; scripts/test-tools fetches it"
    # The policy forbids foreign script; the test's own is let in past it.
    page, complaints = visitor(browser, site, viewport=WIDE, locale=language, bypass_csp=True)
    faults = []
    for name, path in PAGES.items():
        page.goto(path)
        for size, scheme in LOOKS[language]:
            seen = f"{name} at {size['width']} in {scheme}"
            page.set_viewport_size(size)  # type: ignore[arg-type]
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            faults += [f"{seen}: {fault}" for fault in violations(page)]
            width = page.evaluate("document.documentElement.scrollWidth")
            if width > size["width"]:
                faults.append(f"{seen} scrolls sideways: {width}")
            ends = page.eval_on_selector_all(
                ".tabs [aria-current]", "tabs => tabs.map(tab => tab.getBoundingClientRect().right)"
            )
            faults += [f"{seen}: the page's own tab is out of sight" for end in ends if end > width]
    assert faults == []
    assert [c for c in complaints if "422" not in c] == []
    page.context.close()


@pytest.mark.parametrize("language", LOOKS)
def test_a_pinned_view_fits_the_overview_of_a_phone(
    browser: Browser, site: Site, language: str
) -> None:
    page, complaints = visitor(browser, site, viewport=PHONE, locale=language, bypass_csp=True)
    page.goto("/main/journeys/funnels/?steps=Seen+%3E+Added+%3E+Paid&within=30d&now=1")
    page.locator("summary", has=page.get_by_text(re.compile("^(Save|保存)$"))).click()
    name = f"From the first look to the last payment ({language})"
    page.fill("#view-name", name)
    page.check("input[name=is_pinned]")
    page.click("form:has(#view-name) button.go")
    page.goto("/main/overview/")
    pinned = page.get_by_role("row", name=name)
    assert "50.0%" in pinned.first.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert violations(page) == []
    assert complaints == []
    page.context.close()


def test_the_sign_in_page_is_accessible_in_both_languages(browser: Browser, site: Site) -> None:
    for language in ("en", "zh-CN"):
        page = browser.new_context(
            base_url=site.address, locale=language, bypass_csp=True
        ).new_page()
        page.goto("/sign-in/")
        assert violations(page) == []
        page.context.close()


def test_a_change_of_filter_loads_the_figures_and_makes_a_link(
    browser: Browser, site: Site
) -> None:
    page, complaints = visitor(browser, site, viewport=WIDE, locale="en")
    page.goto("/main/scores/?metric=nps&by=touchpoint")
    page.select_option("select[name=by]", "city")
    expect(page.locator("#figures h2", has_text="city")).to_be_visible()
    expect(page).to_have_url(re.compile("by=city"))
    figures = page.locator("#figures").inner_text()
    page.reload()
    assert page.locator("#figures").inner_text() == figures
    assert complaints == []
    page.context.close()


def test_after_a_change_of_filter_tabs_and_language_keep_it(browser: Browser, site: Site) -> None:
    page, complaints = visitor(browser, site, viewport=WIDE, locale="en")
    page.goto("/main/scores/?metric=nps&by=touchpoint")
    page.select_option("select[name=by]", "city")
    expect(page.locator("#figures h2", has_text="city")).to_be_visible()
    page.fill("input[name=where]", "city = '杭州'")
    page.keyboard.press("Enter")
    expect(page.locator("table.scores tbody tr")).to_have_count(1)
    page.click("text=中文")
    expect(page.locator("h1")).to_contain_text("净推荐值")
    expect(page.locator("table.scores tbody tr")).to_have_count(1)
    page.click("nav.tabs a:has-text('满意率')")
    page.wait_for_url(re.compile("metric=csat"))
    assert page.input_value("input[name=where]") == "city = '杭州'"
    page.go_back()
    page.go_back()
    expect(page.locator("header.bar")).to_be_visible()
    expect(page.locator("table.scores tbody tr")).to_have_count(1)
    assert page.evaluate("sessionStorage.getItem('htmx-history-cache')") is None
    assert complaints == []
    page.context.close()


def test_a_mistake_in_the_filter_is_shown_in_place(browser: Browser, site: Site) -> None:
    page, _complaints = visitor(browser, site, viewport=WIDE, locale="en")
    page.goto("/main/scores/?metric=nps&by=touchpoint")
    page.fill("input[name=where]", "city = ")
    page.keyboard.press("Enter")
    expect(page.locator("#figures [role=alert]")).to_be_visible()
    page.fill("input[name=where]", "city = '杭州'")
    page.keyboard.press("Enter")
    expect(page.locator("#figures table")).to_be_visible()
    page.context.close()


def test_everything_works_without_script(browser: Browser, site: Site) -> None:
    page, _complaints = visitor(
        browser, site, viewport=WIDE, locale="en", java_script_enabled=False
    )
    page.goto("/main/scores/?metric=csat&by=touchpoint")
    page.select_option("select[name=by]", "city")
    page.click("button.btn.line")
    expect(page.locator("table.scores")).to_contain_text("杭州")
    page.context.close()


def test_the_language_switch_and_the_keyboard(browser: Browser, site: Site) -> None:
    page, _complaints = visitor(browser, site, viewport=WIDE, locale="en")
    page.goto("/main/scores/?metric=nps")
    page.click("text=中文")
    expect(page.locator("h1")).to_contain_text("净推荐值")
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    page.wait_for_load_state()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.click("text=English")
    expect(page.locator("h1")).to_contain_text("Net Promoter")
    page.wait_for_load_state()
    page.keyboard.press("/")
    page.keyboard.type("over")
    page.keyboard.press("Enter")
    expect(page.locator("main li a").first).to_have_text("Overview")
    page.context.close()


def test_a_file_is_mapped_tried_imported_and_undone(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    file = tmp_path / "visits.csv"
    rows = "\n".join(f"V{n},2026-09-0{n} 10:00,{n + 3},上海" for n in range(1, 7))
    file.write_text(f"visit id,visited at,would recommend,城市\n{rows}\n", "utf-8")
    page, complaints = visitor(browser, site, viewport=WIDE, bypass_csp=True)
    page.goto("/main/data/imports/")
    page.click("a.go")
    page.set_input_files("#file", file)
    page.click("#upload .go")
    page.wait_for_url(re.compile(r"/imports/\d+/$"))
    expect(page.locator("#r2")).to_have_value("nps")
    # Another choice shows its fields in place, filled in, and forgets no other.
    page.select_option("#r2", "rating")
    expect(page.locator("#hi2")).to_have_value("9")
    expect(page.locator("#r0")).to_have_value("id")
    page.select_option("#r2", "nps")
    expect(page.locator("#hi2")).to_have_count(0)
    assert violations(page) == []
    page.click("#choices .go")
    page.get_by_role("button", name="Import 6 rows").click(timeout=60_000)
    expect(page.locator("h1")).to_have_text("visits.csv is imported", timeout=60_000)
    page.get_by_role("link", name="Undo this import").click()
    page.get_by_role("button", name="Undo the import").click()
    expect(page.get_by_role("status")).to_contain_text("visits.csv is undone")
    assert violations(page) == []
    assert complaints == []
    page.context.close()
