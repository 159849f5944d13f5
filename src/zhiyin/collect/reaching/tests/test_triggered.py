"""Every event asks once: whenever it arrives, and wherever the process is killed."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.collect.models import Asking, Distribution
from zhiyin.collect.reaching import drawing, planning, rules, triggered, triggering, triggers
from zhiyin.collect.reaching.models import TriggerLook
from zhiyin.collect.reaching.tests.living import NAME, arrive, reached
from zhiyin.collect.reaching.triggered import Looked
from zhiyin.collect.reaching.triggers import Trigger
from zhiyin.kernel.clock import now
from zhiyin.unify.tests.casting import rows
from zhiyin.warehouse import lang
from zhiyin.warehouse.owner import Owner

pytestmark = pytest.mark.usefixtures("no_cool_down")

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def no_cool_down(log: Owner) -> None:
    rules.change(by=COMMAND_LINE, workspace="main", quiet="none", days_any=0, days_touchpoint=0)


def put(log: Owner, trigger: Trigger, **more: Any) -> Distribution:
    made = triggering.put(
        log, by=COMMAND_LINE, workspace="main", key="after", trigger=trigger, **more
    )
    return made.held


def look(log: Owner, *, later: timedelta = timedelta()) -> Looked:
    (held,) = triggered.active("main")
    return triggered.look(log, held, at=now() + later)


def asked(state: str = "waiting") -> Counter[str]:
    return Counter(Asking.objects.filter(state=state).values_list("customer", flat=True))


def exposed(log: Owner) -> list[tuple[str, str, str]]:
    """Customer, action and reason of every row of `exposures`."""
    exposures, ids = lang.table(log.schema("main"), "exposures"), lang.ids()
    query = exposures.join(ids, exposures.customer == ids.own).select(
        ids.id.name("who"), exposures.action, exposures.reason
    )
    found = log.execute("main", query, words=True).to_pylist()
    return sorted((one["who"], one["action"], one["reason"]) for one in found)


def test_what_arrives_from_now_on_asks_after_its_delay(log: Owner, held: Distribution) -> None:
    reached(log, "old", "ann", "bea")
    arrive(log, {"id": "e0", "customer": "old"})
    put(log, Trigger(NAME, delay_minutes=30))
    assert look(log).events == 0
    arrive(log, {"id": "e1", "customer": "ann", "about_kind": "order", "about_id": "A1"})
    assert look(log).events == 0
    assert look(log, later=29 * MINUTE).events == 0
    arrive(log, {"id": "e2", "customer": "bea", "occurred_at": now() + 20 * MINUTE})
    found = look(log, later=31 * MINUTE)
    assert (found.events, found.planned) == (2, 2)
    assert asked() == {"ann": 1, "bea": 1}
    ann = Asking.objects.get(customer="ann")
    assert (ann.about_kind, ann.about_id, ann.address) == ("order", "A1", "ann@example.com")
    assert ann.due_at - timezone.now() < 32 * MINUTE
    assert look(log, later=40 * MINUTE).events == 0


def test_the_same_event_asks_each_distribution_once(log: Owner, held: Distribution) -> None:
    reached(log, "ann")
    put(log, Trigger(NAME))
    other = Distribution.objects.get(key="after")
    other.pk, other.key = None, "other"
    other.save()
    arrive(log, {"id": "e1", "customer": "ann"})
    arrive(log, {"id": "e1", "customer": "ann"}, source="app")
    done = triggered.look_all(log, "main", between=lambda _done, _of: None)
    assert done == {"triggers": 2, "asked": 4, "withheld": 0}
    assert asked() == {"ann": 4}
    assert triggered.look_all(log, "main", between=lambda _done, _of: None)["asked"] == 0
    # Said again with other content it is the same event.
    arrive(log, {"id": "e1", "customer": "ann", "channel": "web"})
    assert triggered.look_all(log, "main", between=lambda _done, _of: None)["asked"] == 0


def test_what_comes_too_late_is_withheld_and_counted(log: Owner, held: Distribution) -> None:
    reached(log, "ann", "bea")
    put(log, Trigger(NAME, late_hours=2))
    arrive(
        log,
        {"id": "e1", "customer": "ann", "occurred_at": now() - 3 * HOUR},
        {"id": "e2", "customer": "bea", "occurred_at": now() - HOUR},
        {"id": "e3", "customer": "cleo"},
    )
    found = look(log)
    assert (found.planned, found.withheld) == (1, {"late": 1, "no_address": 1})
    assert exposed(log) == [("ann", "withheld", "late"), ("cleo", "withheld", "no_address")]
    # The jobs process was away for a day.
    arrive(log, {"id": "e4", "customer": "ann"})
    assert look(log, later=24 * HOUR).withheld == {"late": 1}


def test_an_event_that_is_taken_back_in_time_asks_for_nothing(
    log: Owner, held: Distribution
) -> None:
    reached(log, "ann", "bea")
    put(log, Trigger(NAME, delay_minutes=30, takes_imports=True))
    event = {"row": 0, "id": "e1", "customer": "ann", "name": NAME, "occurred_at": now()}
    rows(log, "events", event)
    look(log)
    log.undo("main", log.imports("main")[0].import_id)
    arrive(log, {"id": "e2", "customer": "bea"})
    assert look(log, later=31 * MINUTE).events == 1
    assert asked() == {"bea": 1}


def test_a_change_of_event_or_filter_begins_anew_and_a_change_of_delay_does_not(
    log: Owner, held: Distribution
) -> None:
    reached(log, "ann", "bea", "cleo")
    put(log, Trigger(NAME, delay_minutes=30))
    arrive(log, {"id": "e1", "customer": "ann"})
    look(log)
    put(log, Trigger(NAME, delay_minutes=10))
    assert look(log, later=11 * MINUTE).planned == 1
    put(log, Trigger(NAME, delay_minutes=60))
    arrive(log, {"id": "e2", "customer": "bea"})
    found = look(log, later=12 * MINUTE)
    assert (found.planned, found.already) == (0, 0)
    found = look(log, later=61 * MINUTE)
    assert (found.planned, found.already) == (1, 1)  # read again, asked once
    put(log, Trigger(NAME, where="channel = 'app'"))
    arrive(log, {"id": "e3", "customer": "cleo"}, {"id": "e4", "customer": "ann", "channel": "web"})
    found = look(log)
    assert (found.events, found.planned) == (1, 1)
    assert asked() == {"ann": 1, "bea": 1, "cleo": 1}


def test_only_the_sample_asks_and_it_can_be_drawn_again(log: Owner, held: Distribution) -> None:
    people = [f"c{k}" for k in range(200)]
    reached(log, *people)
    held.arms = [{"arm": "none", "share": 1}, {"arm": "points", "share": 1}]
    held.save()
    put(log, Trigger(NAME), share=0.4)
    arrive(log, *({"id": f"e{k}", "customer": one} for k, one in enumerate(people)))
    found = look(log)
    drawn = {f"c{k}" for k in range(200) if drawing.is_in_sample(7, f"shop\x1fe{k}", 0.4)}
    assert set(asked()) == drawn
    assert (found.planned, found.left_out) == (len(drawn), 200 - len(drawn))
    for one in Asking.objects.all():
        assert one.arm == drawing.arm(7, f"shop\x1fe{one.customer[1:]}", held.arms)


def test_paused_and_closed_ask_nobody_and_go_on_where_they_stopped(
    log: Owner, held: Distribution
) -> None:
    reached(log, "ann")
    put(log, Trigger(NAME))
    Distribution.objects.update(is_paused=True)
    arrive(log, {"id": "e1", "customer": "ann"})
    assert triggered.active("main") == []
    Distribution.objects.update(is_paused=False)
    held.survey.is_open = False
    held.survey.save()
    assert triggered.active("main") == []
    held.survey.is_open = True
    held.survey.save()
    assert look(log).planned == 1


def test_a_trigger_that_cannot_be_read_keeps_no_other_waiting(
    log: Owner, held: Distribution
) -> None:
    reached(log, "ann")
    put(log, Trigger(NAME))
    look(log)
    broken = Distribution.objects.get(key="after")
    broken.pk, broken.key, broken.begins = None, "a-broken", {"event": NAME, "where": "gone = 1"}
    broken.save()
    TriggerLook.objects.create(
        distribution=broken, says="", since_at=timezone.now(), seen_at=timezone.now(),
        lived_upto=timezone.now(),
    )  # fmt: skip
    arrive(log, {"id": "e1", "customer": "ann"})
    done = triggered.look_all(log, "main", between=lambda _done, _of: None)
    assert done["asked"] == 1
    assert TriggerLook.objects.get(distribution=broken).trouble == "filter.no-such-column"


class Killed(BaseException):
    """The process ends here."""


PLACES = ("planning._Planner.write", "planning.telling.tell", "planning.telling.write",
          "triggered.TriggerLook.objects.filter", "triggers._ids")  # fmt: skip


@pytest.mark.parametrize(
    ("place", "after"),
    [*((place, False) for place in PLACES), (PLACES[0], True), (PLACES[2], True)],
)
def test_a_kill_at_any_moment_loses_nobody_and_asks_nobody_twice(
    log: Owner, held: Distribution, monkeypatch: pytest.MonkeyPatch, place: str, after: bool
) -> None:
    """Killed before or after each step, at its first, second… time, until a look comes through."""
    people = [f"c{k}" for k in range(12)]
    reached(log, *people)
    put(log, Trigger(NAME, late_hours=2))
    monkeypatch.setattr(triggers, "PAGE", 4)
    for k, one in enumerate(people):
        lived = now() - (5 * HOUR if k % 4 == 3 else MINUTE)
        arrive(log, {"id": f"e{k}", "customer": one, "occurred_at": lived})
    times = 0
    while True:
        with monkeypatch.context() as patched:
            left = [times]
            _kill(patched, place, left, after=after)
            try:
                look(log)
            except Killed:
                times += 1
                continue
        break
    assert times >= 1
    look(log)
    assert asked() == Counter(one for k, one in enumerate(people) if k % 4 != 3)
    withheld = [(one, "withheld", "late") for k, one in enumerate(people) if k % 4 == 3]
    assert exposed(log) == sorted(withheld)


def _kill(patched: pytest.MonkeyPatch, place: str, left: list[int], *, after: bool) -> None:
    """Let the step at a place end the process when it was taken so many times."""
    module, *path, name = place.split(".")
    owner: Any = {"planning": planning, "triggered": triggered, "triggers": triggers}[module]
    for step in path:
        owner = getattr(owner, step)
    step = getattr(owner, name)

    def taken(*given: Any, **named: Any) -> Any:
        left[0] -= 1
        if left[0] < 0 and not after:
            raise Killed
        found = step(*given, **named)
        if left[0] < 0:
            raise Killed
        return found

    patched.setattr(owner, name, taken)


def test_random_arrivals_looks_and_kills_ask_each_event_once(
    log: Owner, held: Distribution, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch a cursor that passes an event whose delay is not over, or a late arrival."""
    draw = random.Random(3)  # noqa: S311
    people = [f"c{k}" for k in range(60)]
    reached(log, *people)
    put(log, Trigger(NAME, delay_minutes=20, late_hours=24))
    begun = now()
    waiting = list(enumerate(people))
    clock = timedelta()
    while waiting or clock < 2 * HOUR:
        count = draw.randrange(6)
        some, waiting = waiting[:count], waiting[count:]
        if some:
            arrive(
                log,
                *(
                    {"id": f"e{k}", "customer": one,
                     "occurred_at": begun + timedelta(minutes=draw.randrange(-30, 30))}
                    for k, one in some
                ),
            )  # fmt: skip
        clock += timedelta(minutes=draw.randrange(1, 12))
        with monkeypatch.context() as patched:
            if draw.random() < 0.4:
                _kill(patched, draw.choice(PLACES), [draw.randrange(2)], after=draw.random() < 0.5)
            try:
                look(log, later=clock)
            except Killed:
                continue
    look(log, later=clock)
    assert asked() == Counter(people)


def test_due_is_never_before_the_delay_is_over(log: Owner, held: Distribution) -> None:
    reached(log, "ann")
    put(log, Trigger(NAME, delay_minutes=30))
    # Lived before the trigger was there, arrived after.
    arrive(log, {"id": "e1", "customer": "ann", "occurred_at": now() - 10 * MINUTE})
    assert look(log, later=19 * MINUTE).events == 0
    assert look(log, later=21 * MINUTE).planned == 1
    assert isinstance(Asking.objects.get().due_at, datetime)
