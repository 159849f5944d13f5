"""Every recorded request of the official SDKs is taken and gives exactly the rows it should."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.sdk.house import House, Row, stored
from tests.sdk.recorded import Recording, Request, recordings


@dataclass
class Replayed:
    """All recordings, sent; and the tables of the log afterwards."""

    recordings: list[Recording]
    statuses: dict[str, list[tuple[str, str, int, bytes]]] = field(default_factory=dict)
    windows: dict[tuple[str, int], tuple[datetime, datetime]] = field(default_factory=dict)
    tables: dict[str, list[Row]] = field(default_factory=dict)

    def rows(self, table: str, source: str) -> list[Row]:
        return [row for row in self.tables[table] if row["source"] == source]


def source_of(recording: Recording) -> str:
    return recording.name.lower().replace("__", ".")


@pytest.fixture(scope="module")
def replayed(house: House) -> Replayed:
    found = Replayed(recordings())
    house.publish({f"wk_{n}": source_of(one) for n, one in enumerate(found.recordings)})
    for n, one in enumerate(found.recordings):
        statuses = found.statuses.setdefault(one.name, [])
        for at, request in enumerate(one.requests):
            before = datetime.now(UTC).replace(tzinfo=None)
            status, body = request.send(house.port, f"wk_{n}")
            after = datetime.now(UTC).replace(tzinfo=None)
            statuses.append((request.method, request.path, status, body))
            found.windows[one.name, at] = (before, after)
    house.close()
    ours = {source_of(one) for one in found.recordings}
    for table in ("events", "traits", "identities", "refusals"):
        found.tables[table] = [row for row in stored(house.data, table) if row["source"] in ours]
    house.open()
    return found


def test_every_request_is_taken(replayed: Replayed) -> None:
    taken = 0
    for name, statuses in replayed.statuses.items():
        assert statuses, name
        for method, path, status, body in statuses:
            assert status == (204 if method == "OPTIONS" else 200), (name, method, path, body)
            if method == "POST" and not path.startswith("/flags"):
                assert body == b'{"success":true}'
                taken += 1
    assert taken >= 130


STATES = {"$identify", "$set", "$set_once", "$groupidentify", "$create_alias"}


def happened(request: Request) -> list[tuple[str, str, dict[str, Any]]]:
    """Id, name and message of each event that is to be stored, as the formats say."""
    found = []
    for message in request.messages:
        if "uuid" in message:
            if message["event"] not in STATES:
                found.append((message["uuid"], message["event"], message))
            continue
        kind = message.get("type")
        name = {"page": "Page Viewed", "screen": "Screen Viewed"}.get(kind, message.get("event"))
        if kind in ("track", "page", "screen"):
            found.append((message["messageId"], name, message))
    return found


def test_each_event_is_stored_once_with_its_name_customer_and_time(replayed: Replayed) -> None:
    """Also those that an SDK sent three times because the recorder answered 500."""
    total = 0
    for one in replayed.recordings:
        expected: dict[str, tuple[str, dict[str, Any], int, str | None]] = {}
        for at, request in enumerate(one.requests):
            for id, name, message in happened(request):
                expected.setdefault(id, (name, message, at, request.sent_at))
        rows = {row["id"]: row for row in replayed.rows("events", source_of(one))}
        assert len(rows) == len(replayed.rows("events", source_of(one))), one.name
        assert rows.keys() == expected.keys(), one.name
        for id, (name, message, at, batch_sent) in expected.items():
            row = rows[id]
            assert row["name"] == name, one.name
            known = message.get("userId") or message.get("distinct_id")
            if "uuid" in message:
                known = known or message["properties"]["distinct_id"]
            assert row["customer"] == (known or message["anonymousId"]), one.name
            assert row["kind"] == ("customer" if known else "anonymous"), one.name
            sent = datetime.fromisoformat(message.get("sentAt") or batch_sent)
            said = message.get("timestamp") or message["originalTimestamp"]
            lag = sent - datetime.fromisoformat(said)
            before, after = replayed.windows[one.name, at]
            slack = timedelta(milliseconds=1)
            assert before - lag - slack <= row["occurred_at"] <= after - lag + slack, one.name
            total += 1
    assert total > 1800


def test_bulk_events_keep_their_properties(replayed: Replayed) -> None:
    for one in replayed.recordings:
        if one.scenario != "batch250":
            continue
        rows = replayed.rows("events", source_of(one))
        who = "user-" if "analytics-python" in one.sdk or one.sdk == "rudder-sdk-python" else "u"
        seen = sorted((row["properties"]["n"], row["customer"], row["name"]) for row in rows)
        assert seen == [(n, f"{who}{n}", "Bulk") for n in range(250)], one.name
        assert {row["channel"] for row in rows} == {"server"}, one.name


PYTHON_TRAITS = [
    ("email", "li@example.com"), ("name", "李雷"), ("plan", "pro"), ("age", "30"),
    ("address", '{"city":"上海"}'),
    ("group", "acme"), ("group.industry", "retail"), ("group.employees", "12"),
]  # fmt: skip
ORDER = {
    "order_id": "o-1", "total": 99.5, "currency": "CNY",
    "products": [{"sku": "s1", "price": 10, "quantity": 2}],
}  # fmt: skip
PAGE = {"url": "https://ex.test/p?utm_source=x", "referrer": "https://ref.test/",
        "name": "Pricing", "category": "Docs"}  # fmt: skip
PYTHON_EVENTS = [
    ("Order Completed", "user-1", ORDER),
    ("Button Clicked", "anon-9", {"label": "买"}),
    ("Page Viewed", "user-1", PAGE),
    ("Screen Viewed", "user-1", {"build": 7, "name": "Home", "category": "App"}),
]
TWO = [("email", "li@example.com"), ("name", "李雷")]
RETAIL = [("group", "acme"), ("group.industry", "retail")]
ALIAS = ("user-1", "anon-9", "alias")
SURVEY = {"$survey_id": "s1", "$survey_response": 9}

CALLS: dict[str, tuple[list[tuple[str, str, dict[str, Any]]], list[tuple[str, str]]]] = {
    "segment-analytics-python": (PYTHON_EVENTS, PYTHON_TRAITS),
    "analytics-python": (PYTHON_EVENTS, PYTHON_TRAITS),
    "rudder-sdk-python": (PYTHON_EVENTS, PYTHON_TRAITS),
    "@segment/analytics-node": (
        [
            ("Order Completed", "user-1", ORDER),
            ("Button Clicked", "anon-9", {"label": "买"}),
            ("Page Viewed", "user-1",
             {"url": "https://ex.test/p", "name": "Pricing", "category": "Docs"}),
            ("Screen Viewed", "user-1", {"build": 7, "name": "Home"}),
        ],
        [*TWO, ("plan", "pro"), *RETAIL],
    ),
    "analytics-node": (
        [
            ("Order Completed", "user-1", {"total": 99.5}),
            ("Page Viewed", "user-1", {"name": "Pricing"}),
            ("Screen Viewed", "user-1", {"name": "Home"}),
        ],
        [*TWO, ("group", "acme")],
    ),
    "@rudderstack/rudder-sdk-node": (
        [
            ("Order Completed", "user-1", {"order_id": "o-1", "total": 99.5}),
            ("Button Clicked", "anon-9", {}),
            ("Page Viewed", "user-1", {"url": "https://ex.test/p", "name": "Pricing"}),
            ("Screen Viewed", "user-1", {"name": "Home"}),
        ],
        [*TWO, *RETAIL],
    ),
    "posthog-python": (
        [
            ("Order Completed", "user-1", {"total": 99.5}),
            ("$pageview", "user-1",
             {"$current_url": "https://ex.test/p", "$groups": {"company": "acme"}}),
            ("survey sent", "user-1", {**SURVEY, "$survey_response_1": "很好"}),
            ("$exception", "user-1", {"$exception_level": "error"}),
        ],
        [*TWO, ("first", "x"), ("group.company", "acme"), ("plan", "pro"),
         ("first_seen", "2026-01-01")],
    ),
    "posthog-node": (
        [
            ("Order Completed", "user-1", {"total": 99.5}),
            ("$pageview", "user-1",
             {"$current_url": "https://ex.test/p", "$groups": {"company": "acme"}}),
        ],
        [("email", "li@example.com"), ("first", "x"), ("group.company", "acme")],
    ),
}  # fmt: skip
"""What the calls of the server SDKs say, read from the code that made the recordings."""


@pytest.mark.parametrize("sdk", CALLS)
def test_the_calls_of_a_server_sdk_give_these_rows(replayed: Replayed, sdk: str) -> None:
    events, traits = CALLS[sdk]
    ran = [one for one in replayed.recordings
           if one.sdk == sdk and one.scenario.startswith("calls")]  # fmt: skip
    assert ran
    for one in ran:
        source = source_of(one)
        found = []
        for row in replayed.rows("events", source):
            said = dict(row["properties"])
            context = said.pop("context")
            assert context["library"], one.name
            said.pop("$exception_list", None)
            found.append((row["name"], row["customer"], said))
            assert (row["channel"], row["session"]) == ("server", None), one.name
            if row["name"] in ("Page Viewed", "$pageview") and "url" in said:
                assert context["page"]["path"] == "/p", one.name
        assert sorted(found, key=str) == sorted(events, key=str), one.name
        kept = replayed.rows("traits", source)
        assert sorted((row["name"], row["value"]) for row in kept) == sorted(traits), one.name
        assert {(row["kind"], row["customer"]) for row in kept} == {("customer", "user-1")}
        links = replayed.rows("identities", source)
        assert [(row["customer"], row["other"], row["reason"]) for row in links] == [ALIAS]
        assert [(r["kind"], r["other_kind"], r["action"]) for r in links] == [
            ("customer", "anonymous", "link")
        ]


def test_the_calls_of_segments_browser_sdk(replayed: Replayed) -> None:
    for one in replayed.recordings:
        if one.sdk != "@segment/analytics-next" or not one.scenario.startswith("calls"):
            continue
        device = next(r.messages[0]["anonymousId"] for r in one.requests if r.messages)
        rows = {row["name"]: row for row in replayed.rows("events", source_of(one))}
        assert sorted(rows) == ["Order Completed", "Page Viewed", "Screen Viewed"], one.name
        assert {row["channel"] for row in rows.values()} == {"web"}
        order = rows["Order Completed"]["properties"]
        context = order.pop("context")
        assert order == {"total": 99.5, "label": "买"}
        assert context["page"]["title"] == "Segment 页"
        assert context["library"] == "analytics.js next-1.84.3"
        assert not {"userAgent", "ip", "userAgentData"} & set(context)
        assert_browser_traits(replayed, one)
        links = {(r["customer"], r["other"], r["reason"]) for r in
                 replayed.rows("identities", source_of(one))}  # fmt: skip
        assert links == {("user-1", device, "signed_in"), ALIAS}, one.name


def test_the_calls_of_rudderstacks_browser_sdk(replayed: Replayed) -> None:
    for one in replayed.recordings:
        if one.sdk != "@rudderstack/analytics-js" or not one.scenario.startswith("calls"):
            continue
        said = next(r.messages[0] for r in one.requests if r.messages)
        device, session = said["anonymousId"], said["context"]["sessionId"]
        rows = {row["name"]: row for row in replayed.rows("events", source_of(one))}
        assert sorted(rows) == ["Order Completed", "Page Viewed"], one.name
        assert {row["session"] for row in rows.values()} == {f"{device}:{session}"}, one.name
        page = rows["Page Viewed"]
        assert (page["kind"], page["customer"]) == ("anonymous", device)
        assert page["properties"]["context"]["page"]["path"].startswith("/page/rud")
        assert rows["Order Completed"]["properties"]["total"] == 99.5
        assert_browser_traits(replayed, one)
        links = {(r["customer"], r["other"], r["reason"]) for r in
                 replayed.rows("identities", source_of(one))}  # fmt: skip
        assert links == {("user-1", device, "signed_in"), ALIAS}, one.name


def assert_browser_traits(replayed: Replayed, one: Recording) -> None:
    kept = [(row["name"], row["value"]) for row in replayed.rows("traits", source_of(one))]
    assert sorted(kept) == sorted([*TWO, *RETAIL]), one.name


def test_the_calls_of_posthogs_browser_sdk(replayed: Replayed) -> None:
    for one in replayed.recordings:
        if one.sdk != "posthog-js" or not one.scenario.startswith("calls"):
            continue
        source = source_of(one)
        said = next(
            m["properties"] for r in one.requests for m in r.messages if m["event"] == "$identify"
        )
        rows = {row["name"]: row for row in replayed.rows("events", source)}
        assert {"$pageview", "Order Completed", "survey sent"} <= rows.keys() <= {
            "$pageview", "Order Completed", "survey sent", "$pageleave"
        }, one.name  # fmt: skip
        assert {row["session"] for row in rows.values()} == {said["$session_id"]}, one.name
        assert {(row["kind"], row["customer"], row["channel"]) for row in rows.values()} == {
            ("customer", "user-1", "web")
        }
        survey = rows["survey sent"]["properties"]
        assert {name: survey[name] for name in SURVEY} == SURVEY
        text = json.dumps([row["properties"] for row in rows.values()])
        assert said["$device_id"] not in text, "what a device is known by is no property"
        assert "Mozilla" not in text
        traits = {row["name"]: row["value"] for row in replayed.rows("traits", source)}
        assert traits["email"] == "li@example.com"
        assert traits["group.company"] == "acme"
        assert traits["group.company.employees"] == "12"
        assert traits["$survey_responded/s1"] == "true"
        assert not [name for name, value in traits.items() if value is None]
        links = {(r["customer"], r["other"], r["reason"]) for r in
                 replayed.rows("identities", source)}  # fmt: skip
        assert links == {("user-1", said["$device_id"], "signed_in"), ALIAS}, one.name


def test_only_what_describes_a_group_alone_is_refused(replayed: Replayed) -> None:
    seen = {(row["source"], row["code"]) for row in replayed.tables["refusals"]}
    alone = {
        (source_of(one), "event.group-alone")
        for one in replayed.recordings
        if one.sdk in ("posthog-python", "posthog-node") and one.scenario.startswith("calls")
    }
    assert seen == alone
    assert all(json.loads(row["body"])["event"] == "$groupidentify"
               for row in replayed.tables["refusals"])  # fmt: skip
