"""What a page weighs and when its largest part is painted, in a browser that has nothing of it yet.

Bytes are those that crossed the wire, compressed, heads included. *First*: nothing is in the
cache; *later*: another page has been seen. Paint is Chromium's largest contentful paint of the
first view. Run it with ``python -m bench.first_view [TIMES]``.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, sync_playwright
from tests.chromium import chromium
from tests.processes.conftest import zhiyin
from tests.processes.installation import Installation
from tests.processes.visiting import Visitor

PAGES = {
    "Sign in": "/sign-in/",
    "Overview": "/main/overview/",
    "Scores": "/main/scores/?metric=nps&by=touchpoint",
    "Scores by week": "/main/scores/?metric=nps&by=&every=week",
    "Responses": "/main/responses/",
    "Targets": "/main/targets/",
    "Calendar": "/main/calendar/",
    "Reports": "/main/reports/",
    "Customers": "/main/customers/",
}
ANOTHER = "/main/help/"
PAINTED = """() => new Promise(done => new PerformanceObserver(list => {
    const all = list.getEntries();
    done(all[all.length - 1].startTime);
}).observe({type: "largest-contentful-paint", buffered: true}))"""


def visit(context: BrowserContext, path: str) -> tuple[float, float]:
    """Kilobytes that a page took, and the milliseconds until its largest part was painted."""
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    taken: list[float] = []
    devtools.on("Network.loadingFinished", lambda one: taken.append(one["encodedDataLength"]))
    page.goto(path, wait_until="load")
    painted = page.evaluate(PAINTED)
    page.wait_for_load_state("networkidle")
    page.close()
    return sum(taken) / 1000, painted


def context_of(browser: Browser, address: str, cookies: list[dict[str, Any]]) -> BrowserContext:
    """A browser of the administrator's that has seen nothing."""
    context = browser.new_context(
        base_url=address, viewport={"width": 1366, "height": 768}, locale="en"
    )
    context.add_cookies(cookies)  # type: ignore[arg-type]
    return context


def main(times: int = 9) -> None:
    """Print a line a page."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        installation = Installation(Path(name) / "data")
        installation.password = json.loads(zhiyin(installation.data, "init").stdout)["password"]
        zhiyin(installation.data, "demo")
        server = installation.open()
        address = f"http://{server.host}:{server.port}"
        held = Visitor(server, installation.password).cookie.split("; ")
        cookies = [
            {"name": one.partition("=")[0], "value": one.partition("=")[2], "url": address}
            for one in held
        ]
        browser = chromium(playwright)
        try:
            for label, path in PAGES.items():
                first, later, paints = [], [], []
                for _n in range(times):
                    context = context_of(browser, address, cookies if label != "Sign in" else [])
                    size, painted = visit(context, path)
                    first.append(size)
                    paints.append(painted)
                    context.close()
                    context = context_of(browser, address, cookies)
                    visit(context, ANOTHER)
                    later.append(visit(context, path)[0])
                    context.close()
                print(
                    f"{label:16} first {max(first):6.1f} KB  later {max(later):6.1f} KB  "
                    f"largest paint median {statistics.median(paints):5.0f} ms  "
                    f"longest {max(paints):5.0f} ms",
                    flush=True,
                )
        finally:
            browser.close()
            installation.close()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
