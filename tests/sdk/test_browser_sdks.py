"""The official browser SDKs, unmodified, in Chromium, on a page of another origin."""

from __future__ import annotations

import http.server
import threading
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.processes.conftest import wait_for
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


@pytest.mark.parametrize("faults", [[], [500], [429]], ids=["well", "500", "429"])
@pytest.mark.parametrize("sdk", PAGES)
def test_every_event_arrives_once(
    browser: Browser, house: House, sdk: str, faults: list[Fault]
) -> None:
    source = f"{sdk}-{'-'.join(map(str, faults)) or 'well'}".replace(" ", "-")
    key = f"wk_{source}"
    house.publish({key: source})
    proxy = Proxy(house.port, faults)
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
    view = "$pageview" if sdk == "posthog" else "Page Viewed"

    def names() -> list[str]:
        return sorted(row["name"] for row in house.rows("events", source))

    wait_for(lambda: {"Order Completed", view} <= set(names()), 40, f"{sdk}: {complaints}")
    wait_for(
        lambda: any(row["name"] == "email" for row in house.rows("traits", source)), 40, "traits"
    )
    wait_for(lambda: any(row["name"].startswith("group") for row in house.rows("traits", source)),
             40, "group")  # fmt: skip
    assert proxy.met == faults
    page.goto(f"http://localhost:{site.server_address[1]}/blank")
    context.close()
    rows = [row for row in house.rows("events", source) if row["name"] != "$pageleave"]
    assert sorted(row["name"] for row in rows) == sorted(["Order Completed", view])
    assert {row["channel"] for row in rows} == {"web"}
    order = next(row for row in rows if row["name"] == "Order Completed")
    assert order["properties"]["total"] == 9.5
    assert ("customer", "ana") in order["customer"]
    (link,) = house.rows("identities", source)
    assert link["reason"] == "signed_in"
    assert complaints == []
    site.shutdown()
    site.server_close()
    proxy.close()
