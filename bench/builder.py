"""The survey builder with 100 questions: how soon it can be used, and how soon an edit is seen.

*Opens*: from the request until the outline, the chosen question and its faults stand there, in a
browser that has nothing of it yet. *An edit*: from the event until the browser has painted what it
does, by the clock of the page; keeping it on the server comes after and blocks nothing. *Kept*: how
long the server takes to keep the whole document and say what is wrong with it. Chromium is driven
through its DevTools protocol. Run it with ``python -m bench.builder [TIMES]``.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import get_args

from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.chromium import chromium
from tests.processes.conftest import zhiyin
from tests.processes.installation import Installation
from tests.processes.visiting import Visitor

from zhiyin.collect.surveys import definition
from zhiyin.collect.surveys.definition import Choice, Question, Survey, Texts, Type

QUESTIONS, PAGES = 100, 10
OPENS_MS, EDIT_MS = 1500, 100
"""What is to be reached."""

PAINTED = """async ([selector, type, value]) => {
    const at = document.querySelector(selector);
    const began = performance.now();
    if (type === "input") {
        at.focus();
        at.value = value;
        at.dispatchEvent(new Event("input", {bubbles: true}));
    } else if (type === "change") {
        at.value = value;
        at.dispatchEvent(new Event("change", {bubbles: true}));
    } else if (type === "key") {
        at.focus();
        at.dispatchEvent(new KeyboardEvent("keydown", {key: value, altKey: true, bubbles: true}));
    } else at.click();
    await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
    return performance.now() - began;
}"""

ROW = ".b-row[data-pointer='/pages/5/questions/5']"
FIELD = "#f-pages-5-questions-5"
EDITS: dict[str, Callable[[int], list[tuple[str, str, str]]]] = {
    "a letter is typed": lambda n: [(f"{FIELD}-title", "input", f"How was it, {n}?")],
    "a question is chosen": lambda n: [(f".b-row[data-pointer='/pages/{n % PAGES}/questions/3']",
                                        "click", "")],
    "a question is moved": lambda _n: [(ROW, "key", "ArrowUp")],
    "another type": lambda n: [(f"{FIELD}-type", "change", ("rating", "comment")[n % 2])],
    "a question is added": lambda _n: [(".b-add", "change", "single")],
    "and taken back": lambda _n: [("#undo", "click", "")],
}  # fmt: skip


def survey() -> Survey:
    """A hundred questions of every type in two languages, every third with a condition."""
    kinds: tuple[Type, ...] = get_args(Type)
    pages = []
    for page in range(PAGES):
        asked = tuple(
            _question(page * QUESTIONS // PAGES + n, kinds) for n in range(QUESTIONS // PAGES)
        )
        pages.append(definition.Page(f"p{page + 1}", asked))
    return Survey(
        _both("A long survey"), tuple(pages), languages=("en", "zh-Hans"), company=_both("Acme")
    )


def _both(text: str) -> Texts:
    return {"en": text, "zh-Hans": f"{text} 中文"}


def _question(n: int, kinds: tuple[Type, ...]) -> Question:
    kind: Type = "nps" if n == 0 else kinds[n % len(kinds)]
    listed = tuple(Choice(f"c{at}", _both(f"Choice {at}")) for at in range(6))
    return Question(
        f"q{n}", kind, _both(f"What about number {n}?"),
        choices=listed if kind in definition.CHOSEN else (),
        rows=listed if kind == "matrix" else (),
        shown_if="q0 <= 6" if n and n % 3 == 0 else "",
    )  # fmt: skip


def opened(browser: Browser, address: str, cookies: list[dict[str, str]]) -> tuple[Page, float]:
    """A page of a browser that has seen nothing, and the milliseconds until it can be used."""
    context = browser.new_context(
        base_url=address, viewport={"width": 1366, "height": 768}, locale="en"
    )
    context.add_cookies(cookies)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto("/main/surveys/long/edit/", wait_until="commit")
    page.wait_for_selector("#builder[data-ready]")
    ready = page.evaluate("performance.getEntriesByName('ready')[0].startTime")
    return page, float(ready)


def told(what: str, taken: list[float], limit: float) -> bool:
    """Print a line; whether the limit was kept at the 95th of a hundred."""
    most = statistics.quantiles(taken, n=20, method="inclusive")[-1]
    print(
        f"{what:24} median {statistics.median(taken):6.0f} ms  p95 {most:6.0f} ms  "
        f"longest {max(taken):6.0f} ms  of {limit:.0f}",
        flush=True,
    )
    return most <= limit


def main(times: int = 20) -> bool:
    """Print a line a figure; whether all of them are reached."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        installation = Installation(Path(name) / "data")
        installation.password = json.loads(zhiyin(installation.data, "init").stdout)["password"]
        server = installation.open()
        browser = chromium(playwright)
        try:
            file = Path(name) / "long.json"
            file.write_bytes(definition.write(survey()))
            assert zhiyin(installation.data, "survey", "import", str(file)).returncode == 0
            address = f"http://{server.host}:{server.port}"
            held = Visitor(server, installation.password).cookie.split("; ")
            cookies = [
                {"name": one.partition("=")[0], "value": one.partition("=")[2], "url": address}
                for one in held
            ]
            page, _first = opened(browser, address, cookies)  # the server's own first look
            page.context.close()
            opens = []
            for _n in range(times):
                page, ready = opened(browser, address, cookies)
                opens.append(ready)
                if len(opens) < times:
                    page.context.close()
            reached = [told("opens", opens, OPENS_MS)]
            page.click(ROW)
            for what, steps in EDITS.items():
                if what != "and taken back":
                    page.click(ROW)
                taken = [
                    page.evaluate(PAINTED, list(step)) for n in range(times) for step in steps(n)
                ]
                reached.append(told(what, taken, EDIT_MS))
                # What is measured is the edit, not the wait for the one before to be kept.
                expect(page.locator("#kept")).to_have_text("Kept", timeout=60_000)
            kept = page.evaluate(
                "performance.getEntriesByType('resource')"
                ".filter(one => one.name.endsWith('/edit/') && one.initiatorType === 'fetch')"
                ".map(one => one.duration)"
            )
            told("kept by the server", kept, OPENS_MS)
            return all(reached)
        finally:
            browser.close()
            installation.close()


if __name__ == "__main__":
    sys.exit(0 if main(*map(int, sys.argv[1:])) else 1)
