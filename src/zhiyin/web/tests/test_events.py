"""The page of events as a person meets it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from django.test import Client

from zhiyin.kernel import passes
from zhiyin.kernel.clock import now
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.rules import Rule, Rules
from zhiyin.warehouse.tests.planting import put
from zhiyin.web.tests.test_pages import text

# Figures of the log; what these pages ask the store, the guard's walk asks every one.
pytestmark = pytest.mark.any_store

HOSTILE = "<script>alert('x')</script>"
DAY = datetime(2026, 3, 10, 12)


@pytest.fixture
def with_events(as_ana: Client, log: Owner) -> Client:
    rows = [
        {"row": n, "id": f"e{n}", "occurred_at": DAY - timedelta(hours=n), "customer": f"c{n % 7}",
         "name": "Order Completed" if n % 3 else "Page Viewed", "channel": "web",
         "properties": json.dumps({"n": n, "path": f"/p/{n % 2}", "said": HOSTILE})}
        for n in range(120)
    ]  # fmt: skip
    rows.append({**rows[0], "row": 120, "id": "bad", "name": HOSTILE, "customer": HOSTILE})
    put(log, rows, table="events")
    return as_ana


def rows_of(page: str) -> int:
    return page.count("<tr data-seq=")


def test_an_empty_workspace_says_how_events_come(as_ana: Client) -> None:
    said = text(as_ana.get("/main/events/"))
    assert "No event has come yet" in said
    assert "Make a write key" in said


def test_the_newest_come_first_and_older_ones_are_a_link_away(with_events: Client) -> None:
    page = with_events.get("/main/events/").content.decode()
    assert rows_of(page) == 50
    assert page.index("2026-03-10 12:00:00") < page.index("2026-03-10 11:00:00")
    seen = set()
    address = "/main/events/"
    for expected in (50, 50, 21):
        page = with_events.get(address).content.decode()
        assert rows_of(page) == expected
        seen |= {part.split('"')[0] for part in page.split('data-seq="')[1:]}
        if expected == 50:
            older = page.split('<p class="pages">')[1].split("?")[-1].split('"')[0]
            address = "/main/events/?" + older.replace("&amp;", "&")
    assert len(seen) == 121


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("name=Page+Viewed", 40),
        ("customer=c3", 17),
        ("customer=nobody", 0),
        ("where=properties.n+%3C+5", 6),
        ("where=properties.path+%3D+'/p/1'+and+properties.n+%3E%3D+100", 10),
        ("from=2026-03-10&until=2026-03-10", 14),
        ("name=Page+Viewed&customer=c3&until=2026-03-09", 5),
    ],
)
def test_search(with_events: Client, query: str, count: int) -> None:
    page = with_events.get(f"/main/events/?{query}").content.decode()
    assert rows_of(page) == count


def test_volumes_are_counted_by_name_and_day(with_events: Client) -> None:
    said = text(with_events.get("/main/events/?from=2026-03-06&until=2026-03-10"))
    assert "by the day" in said
    days = [(DAY - timedelta(hours=n)).day for n in range(120) if n % 3]
    counts = [str(days.count(day)) for day in range(6, 11)]
    assert " ".join(["Order Completed", str(sum(map(int, counts))), *counts]) in said
    page = with_events.get("/main/events/?from=2026-03-09&until=2026-03-10").content.decode()
    assert "by the hour" in page


def test_a_mistake_is_shown_in_its_place(with_events: Client) -> None:
    for query, said in (
        ("where=nothing+=+1", "no column nothing"),
        ("where=name+=", "ends where"),
        ("from=soon", "is not a date"),
    ):
        answer = with_events.get(f"/main/events/?{query}")
        assert answer.status_code == 422
        assert said in text(answer)


def test_what_an_event_carries_is_shown_and_never_run(with_events: Client, log: Owner) -> None:
    page = with_events.get("/main/events/").content.decode()
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page
    number = page.split('data-seq="')[1].split('"')[0]
    one = with_events.get(f"/main/events/{number}/")
    assert HOSTILE not in one.content.decode()
    assert "alert" in text(one)
    assert '"path": "/p/0"' in text(one)
    assert with_events.get("/main/events/999999/").status_code == 404


def test_asking_again_is_free_until_something_comes(with_events: Client, log: Owner) -> None:
    """Would catch rows that are read and rendered every two seconds for every open page."""
    first = with_events.get("/main/events/newest/")
    assert rows_of(first.content.decode()) == 50
    again = with_events.get("/main/events/newest/", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    late = {"row": 0, "id": "late", "occurred_at": DAY + timedelta(hours=1), "name": "Late"}
    put(log, [late], table="events")
    after = with_events.get("/main/events/newest/", headers={"If-None-Match": first["ETag"]})
    assert after.status_code == 200
    assert "Late" in after.content.decode()
    log.set_rules("main", "touchpoint", Rules((Rule("name = 'Late'", "the end"),)))
    ruled = with_events.get("/main/events/newest/", headers={"If-None-Match": after["ETag"]})
    assert "the end" in ruled.content.decode()


def test_the_page_listens_with_a_pass_of_its_own_workspace(
    with_events: Client, settings: object
) -> None:
    page = with_events.get("/main/events/?customer=c3").content.decode()
    address = page.split('data-stream="')[1].split('"')[0]
    assert address.startswith("/main/stream/events?pass=")
    assert "where=customer" in address
    given = address.split("pass=")[1].split("&")[0]
    key = str(settings.SECRET_KEY).encode()  # type: ignore[attr-defined]
    assert passes.until(key, given, workspace="main", now=now()) is not None
    fresh = with_events.get("/main/events/pass/").json()["stream"]
    assert fresh.startswith("/main/stream/events?pass=")


def test_both_languages(with_events: Client) -> None:
    with_events.cookies["zhiyin_language"] = "zh-hans"
    said = text(with_events.get("/main/events/"))
    for word in ("行为事件", "数据健康", "写入密钥", "最新行为事件", "按日", "触点", "渠道"):
        assert word in said
