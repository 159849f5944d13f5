"""The widget's addresses: who may be asked, what is kept, and what nobody is told."""

from __future__ import annotations

import time
from urllib.parse import parse_qs, urlsplit

from zhiyin.collect.widgets import signing
from zhiyin.edge.surveys.tests.visiting import Browser
from zhiyin.edge.widgets.tests.conftest import SITE, Site
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

NOT_SHOWN = {"shown": False}


def test_only_the_sites_of_a_rule_are_told_of_it(site: Site) -> None:
    status, headers, answer = site.ask("GET", "rules")
    assert (status, headers["access-control-allow-origin"]) == (200, SITE)
    assert [one["name"] for one in answer["rules"]] == ["all"]
    assert not {"segment", "seed", "percent", "origins"} & set(answer["rules"][0])
    for origin in ("https://evil.example", "", "https://shop.example.com.evil.example"):
        assert site.ask("GET", "rules", origin=origin)[2] == {"rules": []}, origin
        body = {"rule": "all", "device": "d"}
        assert site.ask("POST", "ask", body, origin=origin)[2] == NOT_SHOWN
        assert site.ask("POST", "choose", {"rules": ["all"], "device": "d"}, origin=origin)[2][
            "rules"
        ] == {}  # fmt: skip
    assert site.ask("GET", "rules", key="wk_other")[2] == {"rules": []}
    assert site.ask("GET", "rules", key="wk_none")[0] == 401
    status, headers, answer = site.ask("GET", "rules", key="wk_ours")
    assert (status, answer["error"]["code"]) == (403, "intake.origin")
    assert "access-control-allow-origin" not in headers
    assert site.desk.letters == []


def test_the_page_of_the_survey_names_the_sites_that_may_hold_it(site: Site) -> None:
    def ancestors() -> str:
        page = Browser(site.port).open()
        return page.headers["content-security-policy"].partition("frame-ancestors ")[2]

    assert ancestors() == SITE
    assert "data-hosts=" in Browser(site.port).open().body
    site.write({})
    site.ask("GET", "rules")
    site.look()
    assert ancestors() == "'none'"
    assert "data-hosts=" not in Browser(site.port).open().body


def test_a_preflight_and_what_cannot_be_read(site: Site) -> None:
    status, headers, _answer = site.ask("OPTIONS", "ask")
    assert (status, headers["access-control-allow-origin"]) == (204, SITE)
    for body in (b"", b"{", b"[]", b'{"rule": "all"}', b'{"rule": "all", "device": ""}',
                 b'{"rule": "all", "device": "' + b"d" * 201 + b'"}', b"\xff"):  # fmt: skip
        status, _headers, answer = site.ask("POST", "ask", body)
        assert (status, answer["error"]["code"]) == (400, "widget.unreadable"), body
    assert site.ask("POST", "ask", b"x" * 20_000)[0] == 413
    assert site.ask("POST", "ask", {"rule": "none", "device": "d"})[2] == NOT_SHOWN


def test_who_asks_too_fast_waits(site: Site) -> None:
    assert site.ask("GET", "rules", key="wk_slow")[0] == 200
    status, headers, answer = site.ask("GET", "rules", key="wk_slow")
    assert (status, answer["error"]["code"]) == (429, "intake.too-fast")
    assert int(headers["retry-after"]) >= 1


def test_a_showing_is_on_disk_before_it_is_seen(site: Site) -> None:
    site.desk.trouble = Problem("intake.full", _("x"), _("y"))
    status, _headers, answer = site.ask("POST", "ask", {"rule": "all", "device": "d"})
    assert (status, answer["error"]["code"]) == (503, "intake.full")
    site.desk.trouble = None
    answer = site.invite("all", customer="ana", path="/tea", language="zh-CN", kind="phone")
    (shown,) = site.desk.shown
    assert (shown.action, shown.rule, shown.survey) == ("invited", "all", "flight")
    assert (shown.customer, shown.customer_kind) == ("ana", "customer")
    assert (shown.touchpoint, shown.channel) == ("cabin", "web")
    query = parse_qs(urlsplit(answer["address"]).query)
    assert query == {"lang": ["zh-Hans"], "i": [shown.invitation], "f.page": ["/tea"]}
    assert (answer["close"], answer["title"]) == ("关闭问卷", "昨天的航班")
    # The frame is opened at once, without asking the log, and answered without a cookie.
    browser = Browser(site.port, keeps_cookies=False)
    page = browser.open(answer["address"])
    assert page.status == 200
    assert page.fields["f.page"] == "/tea"
    browser.send(page, a__nps=9)
    told = [one for one in site.desk.letters if one.wire == "survey"]
    assert b'"customer":"ana"' in told[0].body
    assert b'"mode":"widget"' in told[0].body


def test_the_same_visitor_is_not_shown_it_twice(site: Site) -> None:
    first = site.invite("all", attempt="one")
    assert first["shown"]
    assert site.invite("all", attempt="one") == first, "the answer was lost on its way"
    assert site.invite("all", attempt="two") == NOT_SHOWN
    assert site.invite("all") == NOT_SHOWN
    assert site.invite("all", device="other")["shown"]
    assert len(site.desk.shown) == 2


def test_whoever_may_not_be_asked_is_not(site: Site) -> None:
    site.known.asked.add("asked")
    site.refused.add("rested")
    assert site.invite("all", device="asked") == NOT_SHOWN
    assert site.invite("all", device="rested") == NOT_SHOWN
    site.known.trouble = Problem("log.busy", _("x"), _("y"))
    assert site.invite("all", device="new") == NOT_SHOWN, "nobody knows how often she was asked"
    site.known.trouble = None
    assert site.invite("all", device="new")["shown"]
    site.shelf.change(is_open=False)
    assert site.invite("all", device="later") == NOT_SHOWN
    assert site.ask("GET", "rules")[2] == {"rules": []}


def test_a_choice_is_signed_and_counts_for_her_alone(site: Site) -> None:
    site.write({"few": {"segment": "gold"}})
    site.known.members |= {"ana"}
    key = signing.proof_key(b"secret", "main")

    def choose(customer: str, proof: str, device: str = "d") -> dict[str, object]:
        body = {"rules": ["few", "all"], "device": device, "customer": customer, "proof": proof}
        found: dict[str, dict[str, object]] = site.ask("POST", "choose", body)[2]["rules"]
        return found.get("few", {})

    site.look()
    good = {"customer": "ana", "proof": signing.proof(key, "ana")}
    assert choose("ana", "f" * 64)["chosen"] is False
    says = choose(**good)["says"]
    site.known.members.clear()
    assert site.invite("few", says=says, device="d2", **good) == NOT_SHOWN
    assert site.invite("few", says=says, customer="ana", proof="f" * 64) == NOT_SHOWN
    assert site.invite("few", says=says, **good)["shown"], "the server said so an hour ago at most"


def test_that_it_was_closed_is_kept_once(site: Site) -> None:
    answer = site.invite("all")
    body = {
        "rule": "all", "survey": "flight", "device": "d", "invitation": answer["invitation"]
    }  # fmt: skip
    assert site.ask("POST", "close", body)[2] == {"success": True}
    invited, dismissed = site.desk.shown
    assert (dismissed.action, dismissed.invitation) == ("dismissed", invited.invitation)
    # What nobody was shown is not closed, nor in another workspace.
    site.ask("POST", "close", {**body, "invitation": "a" * 27})
    site.ask("POST", "close", {**body, "survey": "none"})
    site.ask("POST", "close", body, key="wk_other")
    assert len(site.desk.shown) == 2


def test_a_time_that_cannot_be_is_now(site: Site) -> None:
    site.write({"bought": {"event": "X", "about_kind": "order", "about_property": "id"}})
    site.look()
    for n, at in enumerate((0, 1e18, -1e18, 4e12)):
        site.invite("bought", device=f"d{n}", event={"at": at, "about": "o-1"})
    assert [(one.about_kind, one.about_id) for one in site.desk.shown] == [("order", "o-1")] * 4
    assert all(one.experienced_at == one.at for one in site.desk.shown)
    now = time.time() * 1000 - 60_000
    site.invite("bought", device="d", event={"at": now})
    last = site.desk.shown[-1]
    assert last.experienced_at is not None
    assert abs(last.at - last.experienced_at - 60_000_000) < 10_000_000
    assert (last.about_kind, last.about_id) == ("", "")
