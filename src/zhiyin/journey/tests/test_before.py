"""What came before an outcome, and where paths part, beside plain reckoning.

Programs that this would catch: a window that holds the moment; all of a customer's moments counted
in the place of her last; a covariance left out, or counted for customers of one side; a stop of
which it is not known yet whether it is one; a visit counted that has no time left for a next step.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhiyin.journey.asking import ALL, Chosen
from zhiyin.journey.before import Before, BeforeAsked, before
from zhiyin.journey.compared import Counts, Sizes, Table, compared
from zhiyin.journey.events import Events
from zhiyin.journey.groups import Groups, by_column, read_groups
from zhiyin.journey.outcomes import read_outcome
from zhiyin.journey.parting import NOTHING, PartingAsked, counts, parting
from zhiyin.journey.tests import naive
from zhiyin.journey.tests.conftest import FIRST, MAIN, NAMES, SECOND, Planted
from zhiyin.journey.tests.naive import Happened
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.stats.bases import Bases
from zhiyin.warehouse.owner import Owner

BASES = Bases(1, 30, 100)
MICROSECOND = timedelta(microseconds=1)
spans = st.sampled_from([1, 3, 8, 86_400, 864_000]).map(lambda n: timedelta(seconds=n))


def last(times: list[int]) -> int | None:
    return max(times, default=None)


def expected(
    planted: Planted, moments: dict[str, tuple[int | None, int | None]], within: int, steps: int
) -> Table:
    """The table that plain reckoning makes of these moments."""
    flat = [
        (who, time, side)
        for who, pair in moments.items()
        for side, time in enumerate(pair)
        if time is not None
    ]
    sizes = Sizes(
        here=sum(here is not None for here, _there in moments.values()),
        there=sum(there is not None for _here, there in moments.values()),
        shared=sum(None not in pair for pair in moments.values()),
    )
    found = naive.before(planted.histories, flat, within, steps)
    told = [(names, Counts(*numbers)) for names, numbers in found.items()]
    return compared(told, sizes, BASES, are_parts=bool(steps))


def is_same(found: Table, other: Table) -> None:
    assert {row.steps: row for row in found.rows} == {row.steps: row for row in other.rows}
    assert (found.tests, found.rows_in_all) == (other.tests, other.rows_in_all)


@settings(max_examples=15, deadline=None)
@given(within=spans, steps=st.integers(1, 4), name=st.sampled_from(NAMES))
def test_an_event_where_a_filter_holds(
    planted: Planted, within: timedelta, steps: int, name: str
) -> None:
    outcome = read_outcome("event", name, which="channel = 'app'")
    found = before(planted.log, MAIN, BeforeAsked(outcome, within, steps=steps))
    us = within // MICROSECOND
    first = min(events[0].us for events in planted.histories.values())
    moments = {}
    for who, events in planted.histories.items():
        mine = [e for e in events if e.name == name and e.us >= first + us]
        pair = (
            last([e.us for e in mine if e.channel == "app"]),
            last([e.us for e in mine if e.channel != "app"]),
        )
        if pair != (None, None):
            moments[who] = pair
    assert found.against == "others"
    assert found.customers == sum(here is not None for here, _there in moments.values())
    is_same(found.nodes, expected(planted, moments, us, 0))
    is_same(found.leading, expected(planted, moments, us, steps))


@pytest.mark.parametrize("least", [0, 6])
def test_the_same_customers_earlier(planted: Planted, least: int) -> None:
    """Of all, and of those alone who have as many events."""
    within = timedelta(days=8)
    us = within // MICROSECOND
    chosen = Chosen(customers=f"events >= {least}" if least else "")
    asked = BeforeAsked(read_outcome("event", "B"), within, chosen=chosen)
    found = before(planted.log, MAIN, asked)
    first = min(events[0].us for events in planted.histories.values())
    moments: dict[str, tuple[int | None, int | None]] = {}
    for who, events in planted.histories.items():
        here = last([e.us for e in events if e.name == "B" and e.us >= first + 2 * us])
        if here is not None and len(events) >= least:
            moments[who] = here, here - us
    assert found.against == "earlier"
    assert found.customers == found.others == len(moments)
    is_same(found.nodes, expected(planted, moments, us, 0))
    is_same(found.leading, expected(planted, moments, us, 3))


def test_who_stopped_beside_who_went_on(planted: Planted) -> None:
    within, after = timedelta(hours=20), timedelta(days=35)
    us, wait = within // MICROSECOND, after // MICROSECOND
    outcome = read_outcome("stopped", after="35d")
    found = before(planted.log, MAIN, BeforeAsked(outcome, within))
    first = min(events[0].us for events in planted.histories.values())
    end = max(events[-1].us for events in planted.histories.values())
    moments = {}
    for who, events in planted.histories.items():
        stops: list[int] = []
        goes: list[int] = []
        for place, event in enumerate(events):
            is_over = [later.us - event.us <= wait for later in events[place + 1 : place + 2]]
            if event.us + wait <= end and event.us + 1 >= first + us:
                (goes if any(is_over) else stops).append(event.us + 1)
        if stops or goes:
            moments[who] = last(stops), None if stops else last(goes)
    assert (found.customers or 0) > 30
    assert (found.others or 0) > 10
    is_same(found.nodes, expected(planted, moments, us, 0))
    is_same(found.leading, expected(planted, moments, us, 3))


def test_the_filter_is_about_what_came_before_and_the_dates_about_the_outcome(
    planted: Planted,
) -> None:
    day = FIRST.date() + timedelta(days=9)
    chosen = Chosen(parse("channel = 'app'"), day, day + timedelta(days=1))
    outcome = read_outcome("event", "B", which="channel = 'shop'")
    asked = BeforeAsked(outcome, timedelta(days=10), chosen=chosen)
    found = before(planted.log, MAIN, asked)
    assert found.customers == 0, "no window of ten days fits before the ninth"
    asked = replace(asked, within=timedelta(days=8))
    found = before(planted.log, MAIN, asked)
    whole = before(planted.log, MAIN, replace(asked, chosen=ALL))
    assert 0 < (found.customers or 0) < (whole.customers or 0)
    channels = {row.steps for row in found.nodes.rows}
    assert channels, "what came before in the app"


def test_small_groups_are_not_told(planted: Planted) -> None:
    guarded = replace(MAIN, minimum_base=10)
    asked = BeforeAsked(read_outcome("event", "B", which="channel = 'app'"), timedelta(days=2))
    bare = before(planted.log, MAIN, asked)
    found = before(planted.log, guarded, asked)
    for table, other in ((found.nodes, bare.nodes), (found.leading, bare.leading)):
        true = {row.steps: row for row in other.rows}
        assert table.rows_withheld == table.rows_in_all - len(table.rows)
        for row in table.rows:
            for side, its, of in (
                (row.here, true[row.steps].here, found.customers),
                (row.there, true[row.steps].there, found.others),
            ):
                assert side.customers in (None, its.customers)
                if side.customers:
                    assert side.customers >= 10
                    assert side.customers == of or (of or 0) - side.customers >= 10
            is_shown = row.here.state == row.there.state == "ok"
            assert is_shown == (row.difference is not None)
    assert found.leading.rows_withheld > 0


# Where paths part


def side_of(event: Happened) -> int | None:
    return {"app": 0, "shop": 1}.get(event.channel or "")


@settings(max_examples=15, deadline=None)
@given(gap=spans)
def test_next_steps_by_channel(planted: Planted, gap: timedelta) -> None:
    groups = read_groups(planted.log, MAIN, "events", "channel = 'app'", "channel in ('shop')")
    events = Events.of(planted.log, MAIN, ALL)
    assert by_column(events, groups) is not None, "the index answers"
    found = counts(events, PartingAsked(groups, gap))
    us = gap // MICROSECOND
    end = max(one[-1].us for one in planted.histories.values())
    assert told(events, found) == naive.parting(planted.histories.values(), side_of, us, end)


def test_groups_that_say_more_than_one_column(planted: Planted) -> None:
    """Only SQL answers it. Who is in both is in neither."""
    groups = Groups("events", parse("channel != 'shop'"), parse("channel is missing or name = 'A'"))
    gap = timedelta(days=10)
    events = Events.of(planted.log, MAIN, ALL)
    found = counts(events, PartingAsked(groups, gap))

    def side(event: Happened) -> int | None:
        one, two = event.channel != "shop", event.channel is None or event.name == "A"
        return None if one == two else int(two)

    end = max(one[-1].us for one in planted.histories.values())
    expected = naive.parting(planted.histories.values(), side, gap // MICROSECOND, end)
    assert told(events, found) == expected


def told(events: Events, found: Any) -> dict[tuple[int, str, str | None], int]:
    return {
        (side, events.nodes[node], None if then == NOTHING else events.nodes[then]): n
        for node, steps in found.items()
        for then, pair in steps.items()
        for side, n in enumerate(pair)
        if n
    }


def test_dates_end_what_is_known(planted: Planted) -> None:
    groups = read_groups(planted.log, MAIN, "events", "channel = 'app'", "channel = 'shop'")
    day = FIRST.date() + timedelta(days=9)
    events = Events.of(planted.log, MAIN, Chosen(end=day))
    found = counts(events, PartingAsked(groups, timedelta(days=7)))
    end = FIRST + timedelta(days=9) - timedelta(hours=8)  # the day begins in Shanghai
    us = (end - FIRST) // MICROSECOND + (FIRST - FIRST.replace(year=1970, month=1, day=1)) // (
        MICROSECOND
    )
    cut = [[e for e in one if e.us < us] for one in planted.histories.values()]
    expected = naive.parting(cut, side_of, timedelta(days=7) // MICROSECOND, us - 1)
    assert told(events, found) == expected
    assert sum(expected.values()) > 30


# A planted log of every kind of outcome


@pytest.fixture
def company(empty_log: Path, tmp_path: Path) -> Iterator[Owner]:
    """Of 400 who answer, those of 0–6 had a delay before; the app goes on, the shop stops."""
    import shutil

    data = tmp_path / "data"
    shutil.copytree(empty_log, data)
    events: list[dict[str, Any]] = [event("early", FIRST - timedelta(days=60), "Seen", "app")]
    answers, contacts, orders = [], [], []
    for n in range(400):
        at = FIRST + timedelta(hours=n % 200)
        who = {"customer": f"c{n}"}
        low = n % 4 == 0
        if low or n % 10 == 1:
            events.append(event(f"c{n}", at - timedelta(days=1), "Delayed", "app"))
        events.append(event(f"c{n}", at - timedelta(hours=2), "Seen", "app" if n % 2 else "shop"))
        if n % 2 or n % 16 == 0:
            events.append(event(f"c{n}", at - timedelta(hours=1), "Added", "app"))
        answers.append(
            {**who, "occurred_at": at + timedelta(days=30), "experienced_at": at, "metric": "nps",
             "question": "recommend", "answer_state": "answered", "score": 3.0 if low else 9.0,
             "scale_min": 0.0, "scale_max": 10.0}
        )  # fmt: skip
        answers.append(
            {**who, "occurred_at": at, "metric": "csat", "question": f"rate_{n % 2}",
             "answer_state": "answered", "score": 3.0, "scale_min": 1.0,
             "scale_max": 5.0 + 2 * (n % 2)}
        )  # fmt: skip
        reason = "refund" if low else "invoice"
        contacts.append({**who, "occurred_at": at, "reason": reason, "channel": "phone"})
        orders.append({**who, "occurred_at": at, "amount": 1, "currency": "CNY"})
        for later in range(0 if low else 7):
            day = at + timedelta(days=15 * later + 15)
            orders.append({**who, "occurred_at": day, "amount": 1, "currency": "CNY"})
    events.append(event("late", FIRST + timedelta(days=90), "Seen", "app"))
    with Owner(data) as log:
        log.create("main")
        tables = {"events": events, "answers": answers, "service_contacts": contacts,
                  "orders": orders}  # fmt: skip
        with log.begin("main", source="web", label="test") as batch:
            for table, rows in tables.items():
                numbered = [{"row": at, "id": f"{table}{at}", **r} for at, r in enumerate(rows)]
                batch.write(table, pa.Table.from_pylist(numbered))
            batch.commit()
        yield log


def event(customer: str, at: Any, name: str, channel: str) -> dict[str, Any]:
    return {"customer": customer, "occurred_at": at, "name": name, "channel": channel}


KINDS = (
    read_outcome("answer", "recommend", band="0-6"),
    read_outcome("answer", "nps", band="0-6", beside="9–10"),
    read_outcome("contact", "refund"),
)


@pytest.mark.parametrize("outcome", KINDS, ids=lambda one: one.kind)
def test_what_was_planted_before_each_kind_is_found(company: Owner, outcome: Any) -> None:
    found = before(company, MAIN, BeforeAsked(outcome, timedelta(days=3)))
    assert (found.customers, found.others) == (100, 300)
    delayed, *others = found.nodes.rows
    assert (delayed.steps, delayed.here.customers, delayed.marked) == (("Delayed",), 100, True)
    assert delayed.certain > 0.7
    seen = next(row for row in others if row.steps == ("Seen",))
    assert not seen.marked
    assert (seen.here.share, seen.there.share) == (1.0, 1.0)


def test_who_orders_no_more(company: Owner) -> None:
    """Of those who still order, the last order that is known to be followed is in May."""
    asked = BeforeAsked(read_outcome("stopped_ordering", after="20d"), timedelta(days=3))
    found = before(company, MAIN, asked)
    assert (found.customers, found.others) == (100, 300)
    row = next(row for row in found.nodes.rows if row.steps == ("Delayed",))
    assert (row.here.customers, row.there.customers, row.marked) == (100, 0, True)


def test_a_question_of_several_kinds_of_mistakes(company: Owner) -> None:
    def code(*asked: Any, **more: Any) -> str:
        with pytest.raises(Problem) as problem:
            before(company, MAIN, BeforeAsked(read_outcome(*asked, **more)))
        return problem.value.code

    assert code("weather") == "journey.outcome"
    assert code("event") == "journey.outcome"
    assert code("event", "Sen") == "journey.no-such-event"
    assert code("answer", "recommend") == "journey.outcome"
    assert code("answer", "recommend", band="6-0") == "journey.band"
    assert code("answer", "recommends", band="0-6") == "journey.outcome"
    assert code("stopped") == "journey.outcome"
    assert code("answer", "csat", band="1-2") == "journey.outcome"
    assert code("contact", "weather") == "journey.outcome"
    with pytest.raises(Problem, match="compare"):
        before(company, MAIN, BeforeAsked(read_outcome("event", "Seen"), against="others"))
    with pytest.raises(Problem, match="cannot be told"):
        before(company, MAIN, BeforeAsked(read_outcome("event", "Seen"), steps=9))


def test_where_the_paths_part_is_found(company: Owner) -> None:
    groups = Groups("events", parse("channel = 'app'"), parse("channel = 'shop'"))
    found = parting(company, MAIN, PartingAsked(groups, timedelta(days=2)))
    seen = found.nodes[0]
    assert (seen.node, seen.one, seen.two, seen.marked) == ("Seen", 201, 200, True)
    first = seen.choices[0]
    assert first.certain > 0.5
    assert {(one.kind, one.step) for one in seen.choices} >= {("step", "Added"), ("nothing", None)}
    assert seen.certain == first.certain


def test_groups_of_customers(company: Owner) -> None:
    """The index and SQL agree, and both with who they are."""
    groups = Groups("customers", parse("last_nps <= 6"), parse("last_nps >= 9"))
    asked = PartingAsked(groups, timedelta(days=2))
    events = Events.of(company, MAIN, ALL)
    found = counts(events, asked)
    named = told(events, found)
    assert sum(n for (side, name, _then), n in named.items() if (side, name) == (0, "Seen")) == 100
    assert sum(n for (side, name, _then), n in named.items() if (side, name) == (1, "Seen")) == 300
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(company, "ask_journeys", lambda *_asked, **_more: None)
        assert counts(events, asked) == found


def test_a_document_has_everything(company: Owner) -> None:
    found: Before = before(company, MAIN, BeforeAsked(KINDS[0], timedelta(days=3), top=1))
    document = found.as_dict()
    assert len(document["leading"]["rows"]) == 1
    assert document["nodes"]["rows"][0]["here"]["customers"] == 100
    assert SECOND
