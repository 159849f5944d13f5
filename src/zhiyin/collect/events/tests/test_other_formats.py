"""PostHog's events, CloudEvents and signed webhooks: what each becomes, and what is refused."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any

import pytest

from zhiyin.collect.events import webhook
from zhiyin.collect.events.reading import read
from zhiyin.kernel.errors import Problem
from zhiyin.warehouse.arriving import Letter, Reading

NOW = datetime(2026, 3, 1, 12, 0, 0)
NOON = 1772366400_000_000
DEVICE = "01a205e2-68f6-7f01-9550-20096ee47648"


def posthog(document: Any) -> Reading:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return read(Letter("main", "web", "posthog", NOW, body, {"path": "/batch"}))


def cloud(document: Any, **about: str) -> Reading:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    named = {name.replace("_", "-"): value for name, value in about.items()}
    return read(Letter("main", "shop", "cloudevents", NOW, body, named))


def rows(reading: Reading, table: str) -> list[tuple[Any, ...]]:
    return list(zip(*reading.facts.get(table, {}).values(), strict=True))


@pytest.mark.parametrize(
    ("properties", "distinct", "kind"),
    [
        ({}, "ana", "customer"),
        ({"$process_person_profile": False}, "ana", "anonymous"),
        ({"$is_identified": True, "$process_person_profile": False}, "ana", "customer"),
        ({"$is_identified": False}, DEVICE, "anonymous"),
        ({"$device_id": DEVICE}, DEVICE, "anonymous"),
        ({"$device_id": DEVICE}, "ana", "customer"),
    ],
)
def test_whose_id_a_distinct_id_is(properties: dict[str, Any], distinct: str, kind: str) -> None:
    reading = posthog({"event": "E", "distinct_id": distinct, "properties": properties})
    facts = reading.facts["events"]
    assert (facts["customer"], facts["customer_kind"]) == ([distinct], [kind])


@pytest.mark.parametrize(
    ("distinct", "alias", "library", "customer", "other"),
    [
        ("ana", "anon-9", "posthog-node", "ana", "anon-9"),
        ("anon-9", "ana", "posthog-python", "ana", "anon-9"),
        ("ana", DEVICE, "posthog-python", "ana", DEVICE),
        (DEVICE, "ana", "web", "ana", DEVICE),
    ],
)
def test_an_alias_links_a_customer_to_a_device_whichever_way_round(
    distinct: str, alias: str, library: str, customer: str, other: str
) -> None:
    reading = posthog({
        "event": "$create_alias", "distinct_id": distinct,
        "properties": {"alias": alias, "$lib": library},
    })  # fmt: skip
    assert [row[2:] for row in rows(reading, "identities")] == [
        (customer, "customer", other, "anonymous", "link", "alias")
    ]
    assert list(reading.facts) == ["identities"]


def test_what_is_set_once_has_an_id_that_every_sender_makes_alike() -> None:
    def once(uuid: str) -> tuple[Any, ...]:
        event = {
            "event": "E",
            "distinct_id": "ana",
            "uuid": uuid,
            "$set": {"plan": "pro"},
            "properties": {"$set_once": {"first": uuid, "plan": "free", "no": None}},
        }
        traits = {row[4]: row for row in rows(posthog(event), "traits")}
        assert sorted(traits) == ["first", "plan"]
        assert traits["plan"][0] == uuid
        return traits["first"]

    assert once("1")[0] == once("2")[0]


def test_posthogs_other_forms_of_a_body() -> None:
    event = {"event": "E", "distinct_id": "ana", "uuid": "1"}
    packed = b"data=" + base64.b64encode(json.dumps(event).encode())
    for body in (event, [event], {"batch": [event], "sent_at": "2026-03-01T12:00:00Z"}, packed):
        assert posthog(body).facts["events"]["id"] == ["1"]
    for wrong in (b"data=%", b"[1", b"", b'"x"'):
        with pytest.raises(Problem) as problem:
            posthog(wrong)
        assert problem.value.code == "intake.not-json"


def test_posthogs_clock_is_put_right_and_bad_events_are_named() -> None:
    reading = posthog({
        "sent_at": "2026-03-01T20:00:00Z",
        "batch": [
            {"event": "E", "distinct_id": "ana", "timestamp": "2026-03-01T19:00:00Z"},
            {"event": "E"},
            {"distinct_id": "ana"},
            {"event": "E", "distinct_id": {"a": 1}},
            {"event": "E", "distinct_id": "ana", "timestamp": "soon"},
            {"event": "$groupidentify", "distinct_id": "$company_acme", "properties": {}},
            7,
        ],
    })  # fmt: skip
    assert reading.facts["events"]["occurred_at"] == [NOON - 3600_000_000]
    assert [(r.place, r.code) for r in reading.refused] == [
        (1, "event.no-customer"), (2, "event.no-name"), (3, "event.id"), (4, "event.time"),
        (5, "event.group-alone"), (6, "event.not-json"),
    ]  # fmt: skip


CLOUD = {
    "specversion": "1.0", "id": "7", "source": "/shop/1", "type": "com.example.order.paid",
    "subject": "ana", "time": "2026-03-01T11:00:00Z", "data": {"total": 3},
}  # fmt: skip


def test_a_structured_cloud_event() -> None:
    assert rows(cloud(CLOUD), "events") == [
        (
            cloud(CLOUD).facts["events"]["id"][0], NOON - 3600_000_000, "ana", "customer",
            "com.example.order.paid", "server", None,
            {"total": 3, "context": {"source": "/shop/1", "subject": "ana"}},
        )
    ]  # fmt: skip


def test_a_cloud_events_id_is_source_and_id_together() -> None:
    def id(**fields: Any) -> str:
        found: str = cloud({**CLOUD, **fields}).facts["events"]["id"][0]
        return found

    assert id() == id(type="x", data=None, time="2026-03-01T10:00:00Z")
    assert len({id(), id(id="8"), id(source="/shop/2"), id(source="/shop", id="1/7")}) == 4


def test_a_batch_of_cloud_events_and_what_is_none() -> None:
    reading = cloud([CLOUD, {**CLOUD, "id": "8", "subject": None, "data": {"customerId": 5}},
                     {**CLOUD, "id": "9", "subject": None, "data": "text"},
                     {**CLOUD, "specversion": "0.3"}, {**CLOUD, "id": ""}, [1]])  # fmt: skip
    facts = reading.facts["events"]
    assert facts["customer"] == ["ana", "5", None]
    assert facts["properties"][2]["data"] == "text"
    assert [(r.place, r.code) for r in reading.refused] == [
        (3, "event.cloud"), (4, "event.cloud"), (5, "event.not-json")
    ]  # fmt: skip


def test_a_binary_cloud_event() -> None:
    about = {"ce_id": "7", "ce_source": "/shop/1", "ce_specversion": "1.0", "ce_type": "paid",
             "ce_subject": "%E6%9D%8E%E9%9B%B7", "ce_time": "2026-03-01T11:00:00Z"}  # fmt: skip
    reading = cloud(b'{"total": 3}', **about)
    facts = reading.facts["events"]
    assert (facts["name"], facts["customer"]) == (["paid"], ["李雷"])
    assert facts["properties"][0]["total"] == 3
    assert facts["id"] == cloud(CLOUD).facts["events"]["id"]
    assert cloud(b"", **about).facts["events"]["name"] == ["paid"]
    assert [r.code for r in cloud(b"no", **about).refused] == ["event.not-json"]


SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
VECTOR = {"id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "timestamp": "1614265330",
          "body": b'{"test": 2432232314}'}  # fmt: skip
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
"""The vector that Standard Webhooks publishes with its reference libraries."""


def verify(signatures: str, *, now: float = 1614265330, **fields: Any) -> None:
    webhook.verify(SECRET, signatures=signatures, now=now, **{**VECTOR, **fields})


def test_the_published_vector_verifies_and_nothing_near_it() -> None:
    verify(SIGNATURE)
    verify(f"v1,AAAA v1a,xyz {SIGNATURE}")
    verify(SIGNATURE, now=1614265330 + 300)
    verify(SIGNATURE, now=1614265330 - 300)
    wrong: list[tuple[str, str, dict[str, Any]]] = [
        ("webhook.signature", SIGNATURE.replace("v1,", "v1a,"), {}),
        ("webhook.signature", SIGNATURE[:-2] + "A=", {}),
        ("webhook.signature", "é", {}),
        ("webhook.signature", SIGNATURE, {"body": b'{"test": 2432232315}'}),
        ("webhook.signature", SIGNATURE, {"id": "msg_other"}),
        ("webhook.signature", SIGNATURE, {"timestamp": "1614265331"}),
        ("webhook.too-old", SIGNATURE, {"now": 1614265330 + 301}),
        ("webhook.too-old", SIGNATURE, {"timestamp": "soon"}),
        ("webhook.too-old", SIGNATURE, {"timestamp": "9" * 30}),
        ("webhook.too-old", SIGNATURE, {"timestamp": "²"}),
        ("webhook.unsigned", "", {}),
    ]
    for code, signatures, fields in wrong:
        with pytest.raises(Problem) as problem:
            verify(signatures, **fields)
        assert problem.value.code == code, (signatures, fields)


def test_a_webhook_is_one_event() -> None:
    def told(document: Any) -> Reading:
        about = {"path": "/v1/webhooks/", "webhook_id": "msg_1"}
        return read(Letter("main", "crm", "webhook", NOW, json.dumps(document).encode(), about))

    reading = told({"type": "ticket.closed", "timestamp": "2026-03-01T11:00:00Z",
                    "data": {"user_id": "ana", "minutes": 7}})  # fmt: skip
    assert rows(reading, "events") == [
        ("msg_1", NOON - 3600_000_000, "ana", "customer", "ticket.closed", "server", None,
         {"user_id": "ana", "minutes": 7}),
    ]  # fmt: skip
    assert [r.code for r in told({"data": {}}).refused] == ["event.webhook"]
