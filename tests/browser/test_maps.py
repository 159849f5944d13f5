"""The pages of a journey map in a real browser: read by everybody, on every screen, by keys."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_pages import (
    LOOKS,
    PHONE,
    SAMPLE,
    WIDE,
    Site,
    events_file,
    violations,
    visitor,
)
from tests.processes.conftest import zhiyin
from tests.processes.installation import Installation, Made

MAP = "/main/journeys/maps/way/"
DAYS = "from=2026-08-01&until=2026-09-30"
WALL = {"width": 1920, "height": 1080}


def _node(id_: str, stage: str, lane: str, en: str, zh: str, **more: str) -> dict[str, Any]:
    return {"id": id_, "stage": stage, "lane": lane, "name": {"en": en, "zh-Hans": zh}, **more}


WAY: dict[str, Any] = {
    "name": {"en": "The way to a cup", "zh-Hans": "买茶之旅"},
    "goal": "Paid",
    "pause": "7d",
    "persona": "regular",
    "stages": [
        {"id": "look", "name": {"en": "Look", "zh-Hans": "浏览"}, "begins": True},
        {"id": "buy", "name": {"en": "Buy", "zh-Hans": "购买"}},
        {"id": "drink", "name": {"en": "Drink", "zh-Hans": "品饮"}},
    ],
    "lanes": [
        {"id": "own", "name": {"en": "Our own channels", "zh-Hans": "自有渠道"}},
        {"id": "shop", "name": {"en": "In the shop", "zh-Hans": "门店"}},
    ],
    "nodes": [
        _node("see", "look", "own", "See the menu", "查看菜单", events="name = 'Seen'"),
        _node("add", "buy", "own", "Put a cup into the basket", "加入购物车",
              events="name = 'Added'"),
        _node("counter", "drink", "shop", "At the counter", "柜台",
              answers="touchpoint = '门店'", owner="admin"),
        _node("waiting", "drink", "shop", "Waiting-time-announcements", "等候提示"),
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def site(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server with the sample, some events, and a map of two versions."""
    folder = tmp_path_factory.mktemp("maps")
    installation = Installation(folder / "data", made)
    file = folder / "way.json"
    file.write_text(json.dumps(WAY), "utf-8")
    try:
        installation.open()
        for asked in (
            ("import", str(SAMPLE / "tea-shop.csv"), "--map", str(SAMPLE / "tea-shop.yaml")),
            ("import", str(events_file(folder))),
            ("journey", "map", "persona", "regular", "--en", "Regular guests", "--zh", "常客"),
            ("journey", "map", "import", str(file), "--keep"),
        ):
            done = zhiyin(installation.data, *asked)
            assert done.returncode == 0, done.stdout + done.stderr
        *others, waiting = WAY["nodes"]
        bound = {**WAY, "nodes": [*others, {**waiting, "events": "name = 'Waited'"}]}
        file.write_text(json.dumps(bound), "utf-8")
        done = zhiyin(installation.data, "journey", "map", "import", str(file), "--keep")
        assert done.returncode == 0, done.stdout + done.stderr
        yield Site(f"http://127.0.0.1:{installation.port}", installation.password)
    finally:
        installation.close()


PAGES = {
    "maps": "/main/journeys/maps/",
    "no such map": "/main/journeys/maps/?q=nothing",
    "a map": f"{MAP}?{DAYS}",
    "a wrong day": f"{MAP}?from=soon",
    "a touchpoint": f"{MAP}touchpoints/counter/?{DAYS}",
    "one with events": f"{MAP}touchpoints/add/?{DAYS}",
    "priorities": f"{MAP}priorities/?{DAYS}",
    "two periods": f"{MAP}compare/?period=month:2026-09-01&other.period=month:2026-08-01",
    "two versions": f"{MAP}compare/?{DAYS}&other.version=1",
    "the same twice": f"{MAP}compare/",
    "whole journeys": f"{MAP}whole/?{DAYS}",
    "conformance": f"{MAP}conformance/?{DAYS}",
    "personas": "/main/journeys/personas/",
    "remove a map": f"{MAP}remove/",
}


def counted(page: Page, path: str) -> None:
    """Open a page, until its figures are there."""
    page.goto(path)
    expect(page.locator(".waits, .htmx-request")).to_have_count(0)


@pytest.mark.parametrize("language", LOOKS)
def test_every_page_is_accessible_and_quiet(
    browser: Browser, site: Site, language: str, tmp_path: Path
) -> None:
    page, complaints = visitor(browser, site, viewport=WIDE, locale=language, bypass_csp=True)
    faults = []
    for name, path in PAGES.items():
        counted(page, path)
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


def test_a_wall_shows_the_map_alone(browser: Browser, site: Site, tmp_path: Path) -> None:
    page, complaints = visitor(browser, site, viewport=WALL, locale="en", bypass_csp=True)
    counted(page, f"{MAP}?{DAYS}&wall=1")
    expect(page.locator(".bar")).to_be_hidden()
    expect(page.locator(".map .node")).to_have_count(4)
    assert page.evaluate("document.documentElement.scrollWidth") <= WALL["width"]
    assert violations(page) == []
    page.screenshot(path=tmp_path / "wall.png", full_page=True)
    page.get_by_role("link", name="Leave the wall screen").click()
    expect(page.locator(".bar")).to_be_visible()
    assert complaints == []
    page.context.close()


def test_arrows_go_over_the_map_and_enter_opens_a_touchpoint(browser: Browser, site: Site) -> None:
    page, complaints = visitor(browser, site, viewport=WIDE, locale="en")
    counted(page, f"{MAP}?{DAYS}")
    page.locator(".map .node", has_text="See the menu").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".map .node:focus")).to_contain_text("Put a cup into the basket")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".map .node:focus")).to_contain_text("See the menu")
    page.locator(".map .node", has_text="At the counter").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".map .node:focus")).to_contain_text("Waiting")
    page.keyboard.press("Enter")
    expect(page.locator("#drawer")).to_contain_text("Waiting-time-announcements")
    page.keyboard.press("Escape")
    expect(page.locator("#drawer")).to_be_empty()
    expect(page.locator(".map .node:focus")).to_contain_text("Waiting")
    assert complaints == []
    page.context.close()


def test_both_languages_show_the_same_figures(browser: Browser, site: Site) -> None:
    found = []
    for language in LOOKS:
        page, _complaints = visitor(browser, site, viewport=WIDE, locale=language)
        numbers = []
        for name in ("a map", "priorities", "two periods", "conformance"):
            counted(page, PAGES[name])
            words = " ".join(page.locator("#figures table td").all_inner_texts())
            numbers.append(re.findall(r"[+−]?\d+\.\d", words))
        assert sum(map(len, numbers)) > 20
        found.append(numbers)
        page.context.close()
    assert found[0] == found[1]


def test_a_phone_lists_the_stages_under_the_curve(browser: Browser, site: Site) -> None:
    page, complaints = visitor(browser, site, viewport=PHONE, locale="zh-CN")
    counted(page, f"{MAP}?{DAYS}")
    expect(page.locator(".map")).to_be_hidden()
    expect(page.locator("h2.st")).to_have_count(3)
    page.locator(".nd", has_text="柜台").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("柜台")
    assert complaints == []
    page.context.close()
