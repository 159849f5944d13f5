"""Which events ask, whom, and what a dry run says before anybody is asked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import AuditEntry
from zhiyin.accounts.workspaces import settings_of
from zhiyin.collect.models import Asking, Distribution
from zhiyin.collect.reaching import drawing, rehearsing, rules, triggering, triggers
from zhiyin.collect.reaching.rehearsing import Rehearsal
from zhiyin.collect.reaching.tests.living import NAME, arrive, reached
from zhiyin.collect.reaching.triggers import Span, Trigger
from zhiyin.kernel.clock import now
from zhiyin.kernel.errors import Problem
from zhiyin.unify.tests.casting import rows
from zhiyin.warehouse.owner import Owner

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
LONG_AGO = datetime(2020, 1, 1)


@pytest.fixture(autouse=True)
def no_quiet_hours(log: Owner) -> None:
    rules.change(by=COMMAND_LINE, workspace="main", quiet="none")


def everything() -> Span:
    later = now() + HOUR
    return Span(after=LONG_AGO, upto=later, lived_upto=later, seen=LONG_AGO, lived_after=LONG_AGO)


def people(log: Owner, trigger: Trigger, span: Span | None = None) -> list[Any]:
    settings = settings_of("main")
    pages = triggers.lived(log, settings, trigger, span or everything())
    return [
        person
        for page in pages
        for _one, person in triggers.people(log, "main", trigger, page, channel="email")
    ]


def test_an_event_carries_what_was_lived_into_the_asking(log: Owner) -> None:
    lived = datetime(2026, 3, 1, 18, 30)
    arrive(
        log,
        {"id": "e1", "customer": "ann", "touchpoint": "delivery", "unit": "east",
         "about_kind": "order", "about_id": "A1", "experienced_at": lived},
        {"id": "e2", "customer": "bea", "occurred_at": lived,
         "properties": {"order": 17, "city": "杭州", "list": [1]}},
        {"id": "e3", "customer": "cleo", "channel": "web"},
        {"id": "e4", "customer": "dora", "name": "Order Paid"},
    )  # fmt: skip
    trigger = Trigger(
        NAME, where="channel = 'app'", about_kind="order", about_property="order",
        fields={"town": "city", "nothing": "list"},
    )  # fmt: skip
    ann, bea = people(log, trigger)
    assert (ann.customer, ann.about_kind, ann.about_id) == ("ann", "order", "A1")
    assert (ann.experienced_at, ann.touchpoint, ann.unit) == (lived, "delivery", "east")
    assert (ann.channel, ann.cause) == ("app", "shop\x1fe1")
    assert (bea.about_kind, bea.about_id, bea.experienced_at) == ("order", "17", lived)
    assert bea.fields == {"town": "杭州"}


def test_a_property_that_is_a_column_is_read_too(log: Owner) -> None:
    log.declare("main", {"events": {"order": "text"}})
    event = {"row": 0, "id": "e1", "customer": "ann", "name": NAME, "d_order": "A9"}
    rows(log, "events", event)
    trigger = Trigger(NAME, about_kind="order", about_property="order", takes_imports=True)
    assert [one.about_id for one in people(log, trigger)] == ["A9"]


def test_who_signed_in_later_is_asked_under_her_own_id(log: Owner) -> None:
    arrive(
        log,
        {"id": "e1", "customer": "phone-1", "customer_kind": "anonymous"},
        {"id": "e2", "customer": "phone-2", "customer_kind": "anonymous"},
        {"id": "e3", "customer": None},
    )
    rows(
        log,
        "identities",
        {"customer": "ann", "other": "phone-1", "other_kind": "anonymous", "action": "link",
         "reason": "signed in"},
    )  # fmt: skip
    found = [(one.customer_kind, one.customer) for one in people(log, Trigger(NAME))]
    assert found == [("customer", "ann"), ("anonymous", "phone-2")]


def test_imports_ask_for_nothing_unless_it_is_wished(log: Owner) -> None:
    rows(log, "events", {"id": "f1", "customer": "ann", "name": NAME})
    arrive(log, {"id": "e1", "customer": "bea"})
    rows(log, "events", {"id": "f2", "customer": "cleo", "name": NAME})
    assert [one.customer for one in people(log, Trigger(NAME))] == ["bea"]
    wished = Trigger(NAME, takes_imports=True)
    assert [one.customer for one in people(log, wished)] == ["ann", "bea", "cleo"]


def test_pages_leave_nothing_out(log: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    for batch in range(4):
        arrive(log, *({"id": f"e{batch}-{k}", "customer": f"c{k}"} for k in range(7)))
    monkeypatch.setattr(triggers, "PAGE", 5)
    found = [one.cause for one in people(log, Trigger(NAME))]
    assert found == [f"shop\x1fe{batch}-{k}" for batch in range(4) for k in range(7)]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, "trigger.unreadable"),
        ({"event": " "}, "trigger.event"),
        ({"event": "A", "delay": 3}, "trigger.unreadable"),
        ({"event": "A", "delay_minutes": -1}, "trigger.delay"),
        ({"event": "A", "late_hours": 0}, "trigger.delay"),
        ({"event": "A", "about_kind": "order"}, "trigger.about"),
        ({"event": "A", "fields": {"1st": "x"}}, "trigger.fields"),
        ({"event": "A", "where": "channel = app"}, "filter.value"),
    ],
)
def test_what_is_no_trigger_is_refused(given: dict[str, Any], code: str) -> None:
    with pytest.raises(Problem) as refused:
        triggers.read(given)
    assert refused.value.code.split(".")[0] == code.split(".")[0]
    if not code.startswith("filter"):
        assert refused.value.code == code


def test_a_trigger_is_set_changed_and_taken_away(log: Owner, held: Distribution) -> None:
    who: dict[str, Any] = {"by": COMMAND_LINE, "workspace": "main", "key": "after"}
    assert triggering.of("main") == []
    made = triggering.put(log, **who, trigger=Trigger(NAME, where="channel = 'app'"), share=0.25)
    assert (made.held.sample_share, made.trigger.event) == (0.25, NAME)
    with pytest.raises(Problem) as refused:
        triggering.put(log, **who, trigger=Trigger(NAME, where="chanel = 'app'"))
    assert refused.value.code == "filter.no-such-column"
    with pytest.raises(Problem) as refused:
        triggering.put(log, **who, trigger=Trigger(NAME), share=0)
    assert refused.value.code == "trigger.share"
    assert [one.held.key for one in triggering.of("main")] == ["after"]
    triggering.put(log, **who, trigger=made.trigger)  # no change, no entry
    triggering.remove(**who)
    with pytest.raises(Problem) as refused:
        triggering.get("main", "after")
    assert refused.value.code == "trigger.none"
    entries = AuditEntry.objects.filter(action__startswith="trigger.").order_by("pk")
    assert [one.action for one in entries] == ["trigger.changed", "trigger.removed"]
    assert entries[0].after["seed"] == held.seed


def rehearsed(
    log: Owner, held: Distribution, trigger: Trigger, **more: Any
) -> rehearsing.Rehearsed:
    return rehearsing.rehearse(log, Rehearsal(held, trigger, **more), at=now())


def test_a_dry_run_says_whom_it_would_have_asked_and_why_not_the_others(
    log: Owner, held: Distribution
) -> None:
    at = now()
    arrive(
        log,
        {"id": "e1", "customer": "ann", "occurred_at": at - 2 * HOUR},
        {"id": "e2", "customer": "ann", "occurred_at": at - HOUR},
        {"id": "e3", "customer": "bea", "occurred_at": at - HOUR},
        {"id": "e4", "customer": "cleo", "occurred_at": at - 60 * HOUR},
        {"id": "e5", "customer": "dora", "occurred_at": at - timedelta(days=9)},
        {"id": "e6", "customer": None, "occurred_at": at - HOUR},
        {"id": "e7", "customer": "eve", "occurred_at": at - 10 * MINUTE},
        {"id": "e8", "customer": "fay", "occurred_at": at - HOUR},
        {"id": "e9", "customer": "hal", "occurred_at": at - HOUR},
    )
    reached(log, "ann", "bea", "cleo", "dora", "eve", "fay", "gil")
    rows(log, "events", {"id": "f1", "customer": "gil", "name": NAME, "occurred_at": at - HOUR})
    rows(
        log,
        "consents",
        {"customer": "fay", "purpose": "surveys", "is_given": False, "occurred_at": at - 2 * HOUR},
    )
    found = rehearsed(log, held, Trigger(NAME, delay_minutes=30))
    assert found.as_dict()["withheld"] == {
        "no_address": 1, "bad_address": 0, "stopped": 0, "late": 1, "no_consent": 0,
        "withdrawn": 1, "incident": 0, "cool_down_kind": 1, "cool_down": 0,
    }  # fmt: skip
    assert (found.events, found.imported, found.nameless, found.waiting) == (9, 1, 1, 1)
    assert (found.asked, found.customers, found.all_withheld) == (2, 2, 4)
    # As if everything had arrived when it happened.
    live = rehearsed(log, held, Trigger(NAME, delay_minutes=30), as_if_live=True)
    assert (live.asked, live.imported, live.late) == (4, 0, 0)
    rules.change(by=COMMAND_LINE, workspace="main", days_any=0, days_touchpoint=0)
    again = rehearsed(log, held, Trigger(NAME, delay_minutes=30))
    assert (again.asked, again.customers) == (3, 2)
    assert not Asking.objects.exists()


def test_a_dry_run_draws_the_sample_that_the_work_would_draw(
    log: Owner, held: Distribution
) -> None:
    arrive(log, *({"id": f"e{k}", "customer": f"c{k}"} for k in range(300)))
    reached(log, *(f"c{k}" for k in range(300)))
    found = rehearsed(log, held, Trigger(NAME), share=0.3)
    drawn = [k for k in range(300) if drawing.is_in_sample(7, f"shop\x1fe{k}", 0.3)]
    assert (found.asked, found.left_out) == (len(drawn), 300 - len(drawn))


def test_what_is_drawn_for_an_event_can_be_drawn_again(held: Distribution) -> None:
    held.sample_share = 0.5
    held.arms = [{"arm": "none", "share": 1}, {"arm": "points", "share": 1}]
    found = triggering.drawn(held, "shop", "e1")
    assert found == triggering.drawn(held, "shop", "e1")
    assert found["number"] == drawing.number(7, "sample", "shop\x1fe1")
    assert found["arm"] in ("none", "points")
