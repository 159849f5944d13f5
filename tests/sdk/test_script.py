"""The first-party script in a real browser, on a page of another origin, with the real server."""

from __future__ import annotations

import gzip
import http.server
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.processes.conftest import SOON_SECONDS, wait_for
from tests.sdk.house import House

HEAD = (
    '<!doctype html><meta charset="utf-8"><title>Shop {path}</title>'
    '<script async src="http://127.0.0.1:{port}/z.js" data-key="{key}" {more}></script>'
    "<script>(window.zhiyin = window.zhiyin || [])"
    ".push(['track', 'Early', {{path: location.pathname}}])</script><p>hi"
)


class Shop:
    """A web site of another origin, whose pages load the script."""

    def __init__(self, intake_port: int, key: str, source: str) -> None:
        self.key = key
        self.source = source
        shop = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path, _mark, query = self.path.partition("?")
                more = "data-consent=required" if "consent" in query else ""
                key = query.partition("key=")[2] or shop.key
                said = HEAD.format(path=path, port=intake_port, key=key, more=more)
                body = said.encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port: int = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, path: str) -> str:
        # localhost and 127.0.0.1 are two origins, and two sites.
        return f"http://localhost:{self.port}{path}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def shop(house: House, request: pytest.FixtureRequest) -> Iterator[Shop]:
    """A shop with a key and a source of its own."""
    source = request.node.name[5:60].replace("_", "-").lower()
    shop = Shop(house.port, "wk_" + source, source)
    house.publish({shop.key: source})
    yield shop
    shop.close()


def is_ready(page: Page) -> None:
    page.wait_for_function("window.zhiyin && !Array.isArray(window.zhiyin)")


def waiting(page: Page) -> int:
    """How many events wait in the browser."""
    found: int = page.evaluate("Object.keys(localStorage).filter(k => k.includes('.e.')).length")
    return found


def drained(page: Page) -> None:
    wait_for(lambda: waiting(page) == 0, SOON_SECONDS, "nothing waits")


def visitor(browser: Browser, **options: Any) -> BrowserContext:
    return browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", **options)


def test_it_is_small_and_cached(house: House) -> None:
    status, headers, body = house.server.get("/z.js", **{"Accept-Encoding": "gzip, br"})
    assert (status, headers["content-encoding"]) == (200, "gzip")
    assert len(body) < 6 * 1024
    plain = house.server.get("/z.js")[2]
    assert gzip.decompress(body) == plain
    assert house.server.get("/z.js", **{"If-None-Match": headers["etag"]})[0] == 304
    assert headers["cross-origin-resource-policy"] == "cross-origin"


def test_a_visit_from_landing_to_purchase(browser: Browser, house: House, shop: Shop) -> None:
    context = visitor(browser)
    page = context.new_page()
    page.goto(shop.url("/start?utm_source=news&utm_campaign=spring"))
    is_ready(page)
    page.evaluate("history.pushState({}, '', '/tea/7'); document.title = 'Tea 7'")
    page.evaluate("history.replaceState({}, '', '/tea/7#reviews')")
    page.evaluate("zhiyin.identify('ana', {email: 'ana@example.com', plan: 'gold'})")
    page.evaluate("zhiyin.track('Order Completed', {order_id: 'o-1', total: 88.5})")
    drained(page)
    assert context.cookies() == [], "no cookie, ours or anybody's"
    page.goto(shop.url("/thanks"))
    is_ready(page)
    drained(page)
    context.close()
    rows = house.rows("events", shop.source)
    seen = [(row["name"], row["properties"].get("path")) for row in rows]
    assert sorted(seen, key=str) == [
        ("Early", "/start"), ("Early", "/thanks"), ("Order Completed", None),
        ("Page Viewed", "/start"), ("Page Viewed", "/tea/7"), ("Page Viewed", "/thanks"),
    ]  # fmt: skip
    assert len({row["session"] for row in rows}) == 1
    assert {row["channel"] for row in rows} == {"web"}
    by_path = {row["properties"].get("path"): row for row in rows if row["name"] == "Page Viewed"}
    tea = by_path["/tea/7"]["properties"]
    assert (tea["title"], tea["referrer"]) == (
        "Tea 7",
        shop.url("/start?utm_source=news&utm_campaign=spring"),
    )
    landing = by_path["/start"]["properties"]["context"]
    assert landing["campaign"] == {"source": "news", "name": "spring"}
    assert (landing["locale"], landing["timezone"]) == ("zh-CN", "Asia/Shanghai")
    assert (landing["library"], landing["device"]) == ("zhiyin.js 1", {"type": "desktop"})
    order = next(row for row in rows if row["name"] == "Order Completed")
    assert ("customer", "ana") in order["customer"]
    assert order["properties"]["total"] == 88.5
    assert "anonymous" in {kind for kind, _id in by_path["/start"]["customer"]}
    assert ("customer", "ana") in by_path["/thanks"]["customer"]
    traits = {row["name"]: row["value"] for row in house.rows("traits", shop.source)}
    assert traits == {"email": "ana@example.com", "plan": "gold"}
    (link,) = house.rows("identities", shop.source)
    assert (link["action"], link["reason"]) == ("link", "signed_in")
    assert by_path["/start"]["customer"] <= link["customer"] | link["other"]


def test_offline_then_reload_then_online_each_event_once(
    browser: Browser, house: House, shop: Shop
) -> None:
    """A queue in memory loses the first page's events; one without messageIds doubles them."""
    context = visitor(browser)
    page = context.new_page()
    page.goto(shop.url("/a"))
    is_ready(page)
    drained(page)
    # The shop stays reachable, for the reload; the server of the events does not.
    away = f"http://127.0.0.1:{house.port}/v1/**"
    context.route(away, lambda route: route.abort())
    for n in range(30):
        page.evaluate("n => zhiyin.track('Offline', {n})", n)
    page.reload()
    is_ready(page)
    page.evaluate("zhiyin.track('After reload')")
    assert waiting(page) == 33, "30, and of the new page two and its view"
    context.unroute(away)
    page.evaluate("dispatchEvent(new Event('online'))")
    drained(page)
    context.close()
    rows = house.rows("events", shop.source)
    assert sorted(row["properties"]["n"] for row in rows if row["name"] == "Offline") == [
        *range(30)
    ]
    names = [row["name"] for row in rows]
    assert {name: names.count(name) for name in sorted(set(names))} == {
        "After reload": 1, "Early": 2, "Offline": 30, "Page Viewed": 2,
    }  # fmt: skip


def test_a_real_dead_network(browser: Browser, house: House, shop: Shop) -> None:
    """The server is stopped, events wait, it comes back; what the beacons sent counts once."""
    context = visitor(browser)
    page = context.new_page()
    page.goto(shop.url("/a"))
    is_ready(page)
    drained(page)
    house.close()
    for n in range(10):
        page.evaluate("n => zhiyin.track('Down', {n})", n)
    page.wait_for_timeout(1500)
    house.open()
    house.publish({shop.key: shop.source})
    page.evaluate("zhiyin.track('Up')")
    # Leaves and comes back: the beacon and the next page both send what is left.
    page.goto("about:blank")
    page.goto(shop.url("/b"))
    is_ready(page)
    drained(page)
    context.close()
    rows = house.rows("events", shop.source)
    assert sorted(row["properties"]["n"] for row in rows if row["name"] == "Down") == [*range(10)]
    assert [row["name"] for row in rows].count("Up") == 1


def test_what_is_said_while_leaving_arrives(browser: Browser, house: House, shop: Shop) -> None:
    context = visitor(browser)
    page = context.new_page()
    page.goto(shop.url("/a"))
    is_ready(page)
    drained(page)
    page.evaluate("addEventListener('pagehide', () => zhiyin.track('Left'), true)")
    page.evaluate("zhiyin.track('Going'); location.href = 'about:blank'")
    page.wait_for_url("about:blank")
    context.close()

    def names() -> list[str]:
        return [row["name"] for row in house.rows("events", shop.source)]

    wait_for(lambda: "Going" in names(), SOON_SECONDS, "arrived")
    assert names().count("Going") == 1


def test_a_visit_ends_after_half_an_hour(browser: Browser, house: House, shop: Shop) -> None:
    context = visitor(browser)
    page = context.new_page()
    page.clock.install()
    page.goto(shop.url("/a"))
    page.clock.run_for(1000)
    is_ready(page)
    page.clock.fast_forward(29 * 60 * 1000)
    page.evaluate("zhiyin.track('Still here')")
    page.clock.fast_forward(31 * 60 * 1000)
    page.evaluate("zhiyin.track('Back again')")
    page.clock.run_for(2000)
    drained(page)
    context.close()
    session = {row["name"]: row["session"] for row in house.rows("events", shop.source)}
    assert session["Page Viewed"] == session["Still here"] != session["Back again"]


def test_who_says_no_is_not_followed(browser: Browser, house: House, shop: Shop) -> None:
    stored_here = "Object.keys(localStorage).filter(k => !k.endsWith('consent')).length"
    for script, path in [
        ("Object.defineProperty(navigator, 'doNotTrack', {get: () => '1'})", "/dnt"),
        ("Object.defineProperty(navigator, 'globalPrivacyControl', {get: () => true})", "/gpc"),
        ("", "/asked?consent"),
    ]:
        context = visitor(browser)
        context.add_init_script(script)
        page = context.new_page()
        sent: list[str] = []
        page.on("request", lambda request, sent=sent: sent.append(request.url))
        page.goto(shop.url(path))
        is_ready(page)
        page.evaluate("zhiyin.identify('ana', {a: 1}); zhiyin.track('X')")
        page.wait_for_timeout(500)
        assert page.evaluate(stored_here) == 0, path
        assert not [url for url in sent if "/v1/" in url], path
        if "consent" in path:
            page.evaluate("zhiyin.consent(true); zhiyin.track('Agreed')")
            drained(page)
            page.evaluate("zhiyin.consent(false); zhiyin.track('Never')")
            assert page.evaluate(stored_here) == 0
        context.close()
    names = sorted(row["name"] for row in house.rows("events", shop.source))
    assert names == ["Agreed", "Page Viewed"]


def test_a_revoked_key_is_not_hammered(browser: Browser, house: House, shop: Shop) -> None:
    context = visitor(browser)
    page = context.new_page()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    page.goto(shop.url("/a?key=wk_nobody"))
    is_ready(page)
    for _n in range(5):
        page.evaluate("zhiyin.track('X')")
        page.wait_for_timeout(300)
    assert len([url for url in sent if "/v1/" in url]) == 1
    assert waiting(page) == 7, "they wait for the key to be put right"
    context.close()
