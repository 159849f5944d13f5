"""The official browser SDKs, unmodified, in Chromium, on a page of another origin."""

from __future__ import annotations

import http.server
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.processes.conftest import SOON_SECONDS, wait_for
from tests.sdk.clients import TOOLS
from tests.sdk.faults import Fault, Proxy
from tests.sdk.house import House

CALLS = (
    'identify("ana", {email: "ana@example.com"}); X.track("Order Completed", {total: 9.5});'
    ' X.group("acme", {industry: "retail"});'
)
PAGES = {
    "segment": """
<script src="/@segment/analytics-next/dist/umd/index.js"></script><script>
const X = AnalyticsNext.AnalyticsBrowser.load({writeKey: "KEY", cdnURL: "HOST"});
X.page("Docs", "Pricing"); X."""
    + CALLS
    + "</script>",
    "segment batching": """
<script src="/@segment/analytics-next/dist/umd/index.js"></script><script>
const X = AnalyticsNext.AnalyticsBrowser.load({writeKey: "KEY", cdnURL: "HOST"},
  {integrations: {"Segment.io": {deliveryStrategy: {strategy: "batching",
    config: {size: 10, timeout: 500}}}}});
X.page("Docs", "Pricing"); X."""
    + CALLS
    + "</script>",
    "rudderstack": """
<script src="/@rudderstack/analytics-js/dist/npm/modern/bundled/umd/index.js"></script><script>
const X = new (rudderanalytics.RudderAnalytics || RudderAnalytics)();
X.load("KEY", "HOST", {configUrl: "HOST", lockIntegrationsVersion: true});
X.page("Docs", "Pricing"); X."""
    + CALLS
    + "</script>",
    "posthog": """
<script src="/posthog-js/dist/array.full.no-external.js"></script><script>
posthog.init("KEY", {api_host: "HOST", disable_session_recording: true,
  opt_out_useragent_filter: true, loaded: (X) => {
    X.identify("ana", {email: "ana@example.com"});
    X.capture("Order Completed", {total: 9.5});
    X.group("company", "acme", {industry: "retail"});
  }});
</script>""",
}


class Site(http.server.SimpleHTTPRequestHandler):
    """The SDKs' own files, and a page that loads one."""

    page = ""

    def do_GET(self) -> None:
        if self.path.partition("?")[0] not in ("/", "/blank"):
            super().do_GET()
            return
        body = b"<title>left</title>" if self.path == "/blank" else self.page.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: Any) -> None:
        pass


@contextmanager
def visited(
    browser: Browser, sdk: str, key: str, proxy: Proxy
) -> Iterator[Callable[[], list[str]]]:
    """A visit to a page with this SDK on it, left in the end; gives what went wrong on it."""
    handler = type("Handler", (Site,), {
        "page": "<!doctype html><meta charset=utf-8><title>T</title>"
        + PAGES[sdk].replace("KEY", key).replace("HOST", proxy.url),
    })  # fmt: skip
    serving = partial(handler, directory=str(TOOLS / "node_modules"))
    site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), serving)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    context = browser.new_context()
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"http://localhost:{site.server_address[1]}/?utm_source=x")

    def errors() -> list[str]:
        page.wait_for_timeout(50)  # the page's own events are told meanwhile
        return complaints

    yield errors
    page.goto(f"http://localhost:{site.server_address[1]}/blank")
    context.close()
    site.shutdown()
    site.server_close()
    proxy.close()


SCENARIOS: dict[str, list[Fault]] = {
    "well": [],
    "500": [500],
    "429": [429],
    "cut": ["cut"],
    "the answer lost": ["lost"],
}
VIEW = {"posthog": "$pageview"}
"""What the SDK calls a view of a page, where it is not as in the specification."""


def wait_for_all(house: House, sdk: str, source: str, errors: Callable[[], list[str]]) -> None:
    """Until everything that the page says has arrived."""

    def arrived(table: str) -> set[str]:
        errors()
        return {row["name"] for row in house.rows(table, source)}

    wanted = {"Order Completed", VIEW.get(sdk, "Page Viewed")}

    def has_all() -> bool:
        return (
            wanted <= arrived("events")
            and "email" in (traits := arrived("traits"))
            and any(name.startswith("group") for name in traits)
        )

    wait_for(has_all, 90, f"{sdk}: {errors()}", every=0.3)


def check_rows(house: House, sdk: str, source: str) -> None:
    """Each event is there once, with what it said."""
    rows = [row for row in house.rows("events", source) if row["name"] != "$pageleave"]
    wanted = sorted(["Order Completed", VIEW.get(sdk, "Page Viewed")])
    assert sorted(row["name"] for row in rows) == wanted
    assert {row["channel"] for row in rows} == {"web"}
    order = next(row for row in rows if row["name"] == "Order Completed")
    assert order["properties"]["total"] == 9.5
    assert ("customer", "ana") in order["customer"]
    (link,) = house.rows("identities", source)
    assert link["reason"] == "signed_in"


def published(house: House, of: str) -> dict[str, str]:
    """A source of its own for each SDK; the key is its name after ``wk_``."""
    sources = {sdk: f"{sdk} {of}".replace(" ", "-") for sdk in PAGES}
    house.publish({f"wk_{source}": source for source in sources.values()})
    return sources


@contextmanager
def all_visited(
    browser: Browser, sources: dict[str, str], proxies: dict[str, Proxy]
) -> Iterator[dict[str, Callable[[], list[str]]]]:
    """Four pages side by side, one of each SDK; gives what went wrong on each."""
    with ExitStack() as pages:
        yield {
            sdk: pages.enter_context(visited(browser, sdk, f"wk_{source}", proxies[sdk]))
            for sdk, source in sources.items()
        }


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_event_arrives_once(browser: Browser, house: House, scenario: str) -> None:
    house.running()
    sources = published(house, scenario)
    proxies = {sdk: Proxy(house.port, SCENARIOS[scenario]) for sdk in PAGES}
    with all_visited(browser, sources, proxies) as errors:
        for sdk, source in sources.items():
            wait_for_all(house, sdk, source, errors[sdk])
            assert proxies[sdk].met == SCENARIOS[scenario], sdk
            assert errors[sdk]() == [], sdk
    for sdk, source in sources.items():
        check_rows(house, sdk, source)


def test_the_server_is_killed_between_taking_and_answering(browser: Browser, house: House) -> None:
    """The log process is killed after it took a batch of the last page, and each page has lost an
    answer."""
    server = house.running()
    old = server.child("log")
    sources = published(house, "killed")
    proxies = {sdk: Proxy(house.port, ["lost"]) for sdk in PAGES}
    # The page that opens last: one that opens while nobody answers has no settings.
    proxies[[*PAGES][-1]].on_lost = lambda: os.kill(old, signal.SIGKILL)
    with all_visited(browser, sources, proxies) as errors:
        wait_for(lambda: server.is_back("log", old), 180, "the log process is back")
        for sdk, source in sources.items():
            wait_for_all(house, sdk, source, errors[sdk])
            assert errors[sdk]() == [], sdk
    for sdk, source in sources.items():
        check_rows(house, sdk, source)


@pytest.mark.parametrize("sdk", PAGES)
def test_a_key_that_is_revoked_meanwhile_makes_no_storm(
    browser: Browser, house: House, sdk: str
) -> None:
    """What is answered 401 may be gone; the page works, and nothing is there twice."""
    house.running()
    source = f"{sdk} revoked".replace(" ", "-")
    house.publish({f"wk_{source}": source})
    proxy = Proxy(house.port, [401] * 100)
    with visited(browser, sdk, f"wk_{source}", proxy) as errors:
        wait_for(lambda: errors() == [] and 401 in proxy.met, SOON_SECONDS, "refused")
        first = time.monotonic()
        while time.monotonic() - first < 5:
            errors()
        assert len(proxy.met) <= 20
        assert errors() == []
    assert house.rows("events", source) == []
