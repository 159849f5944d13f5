"""The tracking API: what each call becomes, and what is refused."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from zhiyin.collect.events.reading import read
from zhiyin.collect.events.refusing import BATCH_EVENTS, EVENT_BYTES, HINTS
from zhiyin.kernel.errors import Problem
from zhiyin.warehouse.arriving import Letter, Reading

NOW = datetime(2026, 3, 1, 12, 0, 0)
NOON = 1772366400_000_000


def said(document: Any, *, path: str = "/v1/batch", **about: str) -> Reading:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return read(Letter("main", "web", "tracking", NOW, body, {"path": path, **about}))


def rows(reading: Reading, table: str) -> list[tuple[Any, ...]]:
    return list(zip(*reading.facts.get(table, {}).values(), strict=True))


def refused(reading: Reading) -> list[tuple[int, str]]:
    return [(refusal.place, refusal.code) for refusal in reading.refused]


TRACK = {"type": "track", "event": "Order Completed", "userId": "ana", "messageId": "m1"}


def test_a_track_call_is_one_event() -> None:
    reading = said(
        {
            **TRACK,
            "properties": {"total": 9.5},
            "timestamp": "2026-03-01T11:00:00Z",
            "context": {
                "ip": "203.0.113.7",
                "userAgent": "Mozilla/5.0",
                "library": {"name": "analytics.js", "version": "5"},
                "page": {"path": "/cart", "url": "https://shop.example/cart", "title": ""},
                "campaign": {"name": "spring"},
                "device": {"id": "3f", "advertisingId": "x", "type": "phone", "name": "Ana's"},
                "locale": "zh-CN",
                "screen": {"width": 390},
            },
        },
        path="/v1/track",
    )
    assert reading.facts["events"] == {
        "id": ["m1"],
        "occurred_at": [NOON - 3600_000_000],
        "customer": ["ana"],
        "customer_kind": ["customer"],
        "name": ["Order Completed"],
        "channel": ["web"],
        "session": [None],
        "properties": [
            {
                "total": 9.5,
                "context": {
                    "page": {"path": "/cart", "url": "https://shop.example/cart"},
                    "campaign": {"name": "spring"},
                    "library": "analytics.js 5",
                    "device": {"type": "phone"},
                    "locale": "zh-CN",
                },
            }
        ],
    }
    assert list(reading.facts) == ["events"]


def test_the_address_says_the_type_of_a_single_call() -> None:
    call = {"userId": "ana", "name": "Pricing", "category": "Docs", "messageId": "m"}
    for path, name in [("/v1/page", "Page Viewed"), ("/v1/p", "Page Viewed"),
                       ("/v1/s", "Screen Viewed"), ("/v1/screen", "Screen Viewed")]:  # fmt: skip
        reading = said(call, path=path)
        assert reading.facts["events"]["name"] == [name]
        assert reading.facts["events"]["properties"] == [{"name": "Pricing", "category": "Docs"}]


def test_a_page_call_without_a_context_gives_its_page_as_every_other_does() -> None:
    properties = {"url": "https://shop.example/a?b=1", "referrer": "https://r.example/"}
    reading = said({"type": "page", "userId": "ana", "properties": properties, "messageId": "m"})
    assert reading.facts["events"]["properties"][0]["context"] == {
        "page": {"url": "https://shop.example/a?b=1", "referrer": "https://r.example/",
                 "path": "/a"},
    }  # fmt: skip


def test_identify_gives_traits_and_a_link() -> None:
    reading = said(
        {
            "type": "identify", "userId": "ana", "anonymousId": "d1", "messageId": "m",
            "traits": {"plan": "pro", "age": 30, "vip": True, "address": {"city": "上海"},
                       "gone": None},
            "context": {"traits": {"plan": "free", "name": "李雷"}},
        }
    )  # fmt: skip
    traits = [row[-2:] for row in rows(reading, "traits")]
    assert traits == [
        ("plan", "pro"), ("name", "李雷"), ("age", "30"), ("vip", "true"),
        ("address", '{"city":"上海"}'), ("gone", None),
    ]  # fmt: skip
    (link,) = rows(reading, "identities")
    assert link[2:] == ("ana", "customer", "d1", "anonymous", "link", "signed_in")
    again = said({**TRACK, "anonymousId": "d1"})
    assert again.facts["identities"]["id"] == [link[0]], "the same pair is the same fact"


def test_group_and_alias() -> None:
    group = said({"type": "group", "userId": "ana", "groupId": 7, "messageId": "m",
                  "traits": {"employees": 12}, "context": {"traits": {"name": "Ana"}}})  # fmt: skip
    assert [row[-2:] for row in rows(group, "traits")] == [
        ("group", "7"),
        ("group.employees", "12"),
    ]
    alias = said({"type": "alias", "userId": "ana", "previousId": "d1", "messageId": "m"})
    assert [row[2:] for row in rows(alias, "identities")] == [
        ("ana", "customer", "d1", "anonymous", "link", "alias")
    ]
    assert list(alias.facts) == ["identities"]


@pytest.mark.parametrize("wrong_by_hours", [-30, 0, 5])
def test_a_wrong_clock_is_put_right(wrong_by_hours: int) -> None:
    """A program that subtracts the wrong way round is caught by the clocks that go wrong."""
    wrong = timedelta(hours=wrong_by_hours)
    event = {**TRACK, "timestamp": (NOW - timedelta(hours=2) + wrong).isoformat() + "+00:00"}
    sent = (NOW + wrong).isoformat() + "Z"
    # Sent two hours after it happened, by the device's clock, and received at noon.
    reading = said({"batch": [event], "sentAt": sent})
    assert reading.facts["events"]["occurred_at"] == [NOON - 2 * 3600_000_000]


def test_times() -> None:
    def at(**fields: Any) -> int | str:
        reading = said({**TRACK, **fields})
        if reading.refused:
            return reading.refused[0].code
        found: int = reading.facts["events"]["occurred_at"][0]
        return found

    assert at() == NOON
    assert at(originalTimestamp="2026-03-01T20:00:00+08:00") == NOON
    assert at(timestamp="2026-03-01T11:00:00", originalTimestamp="2026-03-01T10:00:00Z") == (
        NOON - 3600_000_000
    )
    assert at(timestamp=NOON // 1000) == NOON
    assert at(timestamp=NOON // 1_000_000) == NOON
    assert at(timestamp="2026-03-02T11:59:59Z") == NOON + (24 * 3600 - 1) * 1_000_000
    for wrong in ("2026-03-02T12:00:01Z", "1999-12-31T23:59:59Z", "soon", True, [1], 1e300):
        assert at(timestamp=wrong) == "event.time", wrong


def test_a_session_is_what_the_sdk_says() -> None:
    def session(**fields: Any) -> object:
        return said({**TRACK, **fields}).facts["events"]["session"][0]

    assert session(context={"sessionId": "s-1"}) == "s-1"
    # RudderStack's is the time at which it began: two customers can have the same.
    assert session(context={"sessionId": 1795395043884}, anonymousId="d1") == "d1:1795395043884"
    assert session(properties={"$session_id": "p-1"}) == "p-1"
    assert session(context={"sessionId": [1]}) is None


def test_what_the_batch_says_holds_where_the_event_is_silent() -> None:
    reading = said(
        {
            "context": {"locale": "en", "library": {"name": "x-server-node", "version": "1"}},
            "batch": [
                {**TRACK, "messageId": "a", "context": {"locale": "zh"}},
                {**TRACK, "messageId": "b"},
            ],
        }
    )
    assert [p["context"] for p in reading.facts["events"]["properties"]] == [
        {"library": "x-server-node 1", "locale": "zh"},
        {"library": "x-server-node 1", "locale": "en"},
    ]
    assert reading.facts["events"]["channel"] == ["server", "server"]


def test_ids_are_text_whole_numbers_or_nothing() -> None:
    def who(**fields: Any) -> object:
        reading = said({"type": "track", "event": "E", "messageId": "m", **fields})
        if reading.refused:
            return reading.refused[0].code
        facts = reading.facts["events"]
        return facts["customer"][0], facts["customer_kind"][0]

    assert who(userId=17) == ("17", "customer")
    assert who(userId=17.0) == ("17", "customer")
    assert who(userId=" ana ") == ("ana", "customer")
    assert who(userId="", anonymousId="d") == ("d", "anonymous")
    assert who(userId=None, anonymousId="d") == ("d", "anonymous")
    assert who() == "event.no-customer"
    assert who(userId="  ", anonymousId=None) == "event.no-customer"
    for wrong in (True, 1.5, ["a"], {"a": 1}, "x" * 513):
        assert who(userId=wrong) == "event.id", wrong


def test_bad_events_are_named_and_the_good_ones_taken() -> None:
    reading = said(
        {
            "batch": [
                TRACK,
                {"type": "track", "userId": "ana"},
                {"type": "buy", "userId": "ana"},
                "no object",
                {**TRACK, "messageId": "m" * 101},
                {**TRACK, "properties": []},
                {**TRACK, "properties": {"x": "y" * EVENT_BYTES}},
                {**TRACK, "context": "web"},
                {**TRACK, "event": "n" * 201},
                {"type": "alias", "anonymousId": "d", "previousId": "e"},
                {"type": "group", "userId": "ana"},
                {"type": "identify", "userId": "ana", "traits": {"": 1}},
                {**TRACK, "event": "Second", "messageId": "m2"},
            ]
        }
    )
    assert refused(reading) == [
        (1, "event.no-name"), (2, "event.type"), (3, "event.not-json"), (4, "event.message-id"),
        (5, "event.properties"), (6, "event.too-large"), (7, "event.properties"),
        (8, "event.name"), (9, "event.alias"), (10, "event.group"), (11, "event.name"),
    ]  # fmt: skip
    assert reading.facts["events"]["id"] == ["m1", "m2"]
    assert json.loads(reading.refused[1].body) == {"type": "buy", "userId": "ana"}
    assert {refusal.code for refusal in reading.refused} <= HINTS.keys()


@pytest.mark.parametrize(
    "body",
    [b"", b"no", b"[]", b'{"batch": {}}', b'{"batch": [1', b'"x"', b"\xff\xfe", b'{"a":' * 100_000],
)
def test_a_body_that_is_no_json_is_refused_as_a_whole(body: bytes) -> None:
    with pytest.raises(Problem) as problem:
        said(body)
    assert problem.value.code == "intake.not-json"


def test_too_many_events_are_refused_as_a_whole() -> None:
    assert len(said({"batch": [1] * BATCH_EVENTS}).refused) == BATCH_EVENTS
    with pytest.raises(Problem) as problem:
        said({"batch": [1] * (BATCH_EVENTS + 1)})
    assert problem.value.code == "intake.too-many-events"


def test_half_a_character_does_not_cost_the_batch() -> None:
    """Browsers write a title that was cut inside an emoji as a lone surrogate."""
    batch = (
        b'{"batch":[{"type":"track","event":"A \\ud83d","userId":"ana","messageId":"1"},'
        b'{"type":"track","event":"B \\ud83d\\ude00","userId":"ana","messageId":"2"},'
        b'{"type":"track","event":"C \\ude00","userId":"ana","messageId":"3"}]}'
    )
    assert said(batch).facts["events"]["name"] == ["A \ufffd", "B 😀", "C \ufffd"]
    single = b'{"event":"A \\ud83d","userId":"ana"}'
    assert said(single, path="/v1/t").facts["events"]["name"] == ["A \ufffd"]


def test_an_event_without_an_id_is_known_by_what_it_says_and_when() -> None:
    def ids(document: Any) -> list[str]:
        found: list[str] = said(document).facts["events"]["id"]
        return found

    event = {"type": "track", "event": "E", "userId": "ana", "timestamp": "2026-03-01T11:00:00Z"}
    other = {**event, "properties": {"n": 1}}
    assert ids({"batch": [event], "sentAt": "2026-03-01T12:00:00Z"}) == ids({"batch": [event]})
    assert len({*ids({"batch": [event, other, event]})}) == 2
    timeless = {"type": "track", "event": "E", "userId": "ana"}
    first = ids(timeless)
    later = read(
        Letter("main", "web", "tracking", datetime(2026, 3, 1, 13), json.dumps(timeless).encode())
    )
    assert later.facts["events"]["id"] != first


def test_the_same_context_is_read_once_and_never_mixed_up() -> None:
    """A program that kept contexts by their length, or changed what it keeps, is caught."""
    for n in range(3):
        reading = said({"batch": [
            {"type": "page", "userId": "a", "messageId": f"{n}{at}",
             "properties": {"url": f"https://x.example/{at}"},
             "context": {"locale": locale}}
            for at, locale in enumerate(["en", "zh", "en"])
        ]})  # fmt: skip
        assert [p["context"] for p in reading.facts["events"]["properties"]] == [
            {"locale": locale, "page": {"url": f"https://x.example/{at}", "path": f"/{at}"}}
            for at, locale in enumerate(["en", "zh", "en"])
        ]


def test_a_property_that_is_called_context_is_not_lost() -> None:
    reading = said({**TRACK, "properties": {"context": "gift"}, "context": {"locale": "en"}})
    assert reading.facts["events"]["properties"] == [
        {"own_context": "gift", "context": {"locale": "en"}}
    ]
    alone = said({**TRACK, "properties": {"context": "gift"}})
    assert alone.facts["events"]["properties"] == [{"context": "gift"}]
