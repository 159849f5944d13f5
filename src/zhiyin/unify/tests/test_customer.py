"""One customer as the page shows her."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.kernel.text import in_language
from zhiyin.unify import customer, lines, names, people
from zhiyin.unify.customer import Consent, Id
from zhiyin.unify.tests.casting import NOW, SETTINGS, fill, rows
from zhiyin.warehouse.owner import Owner

# Who she is is asked of the log.
pytestmark = pytest.mark.any_store


@pytest.fixture(scope="module")
def cast(empty_logs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Owner]:
    """What all tests read that write nothing."""
    folder = tmp_path_factory.mktemp("cast") / "data"
    shutil.copytree(empty_logs, folder)
    with Owner(folder) as owner:
        yield fill(owner)


def ann(log: Owner) -> customer.Customer:
    return customer.read(log, SETTINGS, customer.find(log, "main", "ann"), at=NOW)


def test_who_she_is(cast: Owner) -> None:
    she = ann(cast)
    assert she.ids == (Id("customer", "ann"), Id("anonymous", "browser-1"))
    assert (she.name, she.tier) == ("欧阳安", "gold")
    with in_language("zh"):
        assert str(she.address) == "欧阳女士"
    assert customer.of_id(cast, "main", "anonymous", "browser-1") == she.key
    assert customer.of_id(cast, "main", "customer", "browser-1") is None
    assert she.counts["events"] == 2


def test_what_she_is_worth_is_orders_less_refunds_of_two_years(cast: Owner) -> None:
    (money,) = ann(cast).money
    assert (money.orders, money.refunds) == (13, 1)
    assert money.net == Decimal(sum(100 + k for k in range(12)) + 500 - 51)


def test_what_waits_for_us_is_what_the_latest_contact_did_not_resolve(cast: Owner) -> None:
    """Would catch one who counts contacts: of two issues with a failed contact one is open."""
    she = ann(cast)
    (issue,) = she.issues
    assert (issue.issue, issue.contacts, issue.since) == ("I1", 2, NOW - timedelta(days=9))
    assert [one.outcome for one in she.contacts] == ["unresolved", "resolved", "resolved"]


def test_what_comes_next_what_she_said_and_what_she_does_not_want(cast: Owner) -> None:
    she = ann(cast)
    assert [order.id for order in she.next_orders] == ["A-next"]
    bea = customer.read(cast, SETTINGS, customer.find(cast, "main", "bea"), at=NOW)
    assert [order.status for order in bea.next_orders] == ["open"]
    assert she.last_score is not None
    assert she.last_score.score == 2.0
    assert she.last_words is not None
    assert she.last_words.text == "<b>等了三周</b>"
    assert she.forbidden == (Consent("marketing", "sms", False, NOW - timedelta(days=1)),)


def test_a_promise_is_shown_where_a_dimension_holds_it(log: Owner) -> None:
    log.declare("main", {"service_contacts": {"promised_until": "time"}})
    until = NOW + timedelta(days=3)
    rows(
        log,
        "service_contacts",
        {"customer": "ann", "is_resolved": False, "d_promised_until": until},
    )
    (issue,) = ann(log).issues
    assert issue.promised_until == until


def test_habits_have_their_interval_and_their_n(cast: Owner) -> None:
    she = ann(cast)
    found = {str(habit.name): habit for habit in (*she.behaviour, *she.preference)}
    assert found["Category"].value == "fare 100.0%"
    way = found["Way of buying"]
    assert (way.value, way.n) == ("app 75.0%", 12)
    assert way.estimate is not None
    # R: binom::binom.wilson(9, 12)
    assert [way.estimate.low, way.estimate.high] == pytest.approx([46.769, 91.106], abs=0.01)
    amount = found["Amount of a purchase"]
    assert amount.value == "CNY 106.00"
    assert amount.interval == "[102.00, 110.00]"  # ranks 3 and 11 of 13
    frequency = found["Frequency"]
    assert frequency.estimate is not None
    assert frequency.estimate.value == pytest.approx(12 / (335 / 365.25), rel=0.01)
    assert "dearer" not in str(found["Quality tendency"].value)
    assert str(found["Stock-up habit"].value).startswith("stocks up")
    assert found["Taste: route"].value == "PVG-CAN 100.0%"
    assert "Taste: city" not in found  # it is on file of her, and no taste


def test_with_few_orders_nothing_is_said(cast: Owner) -> None:
    """Never a bare number under the minimum."""
    bea = customer.read(cast, SETTINGS, customer.find(cast, "main", "bea"), at=NOW)
    for habit in (*bea.behaviour, *bea.preference):
        assert habit.state in ("too_few", "unknown")
        assert habit.value is None
        assert habit.estimate is None


def test_whom_nobody_is_and_whom_several_are(log: Owner) -> None:
    fill(log)
    with pytest.raises(Problem) as none:
        customer.find(log, "main", "nobody such")
    assert none.value.code == "customer.none"
    rows(
        log, "traits",
        {"id": "n1", "customer": "cat", "name": "name", "value": "李安"},
        {"id": "n2", "customer": "dan", "name": "name", "value": "李安"},
    )  # fmt: skip
    with pytest.raises(Problem) as several:
        customer.find(log, "main", "李安")
    assert several.value.code == "customer.several"


@pytest.mark.parametrize(
    ("traits", "name", "address"),
    [
        ({"firstName": "Ann", "lastName": "Lee", "title": "Mr"}, "Ann Lee", "Mr Lee"),
        ({"first_name": "安", "last_name": "李", "性别": "女"}, "李安", "Ms 李"),
        ({"name": "Ann Lee"}, "Ann Lee", None),
        ({"姓名": "司马相如", "gender": "M"}, "司马相如", "Mr 司马"),
        ({"gender": "f"}, "", None),
    ],
)
def test_names_and_how_to_address(traits: dict[str, str], name: str, address: str | None) -> None:
    assert names.name_of(traits) == name
    found = names.address_of(traits)
    assert (None if found is None else str(found)) == address


def test_the_time_line_in_lines(cast: Owner) -> None:
    key = customer.find(cast, "main", "ann")
    everything = lines.Chosen(kinds=tuple(lines.KINDS))
    page = lines.read(cast, SETTINGS, key, everything, limit=200)
    said = {line.table: line for line in page.lines}
    assert {line.title for line in page.lines if line.table == "answers"} == {
        "NPS 2/10",
        "NPS skipped",
    }
    assert said["verbatims"].says == "<b>等了三周</b>"
    assert said["refunds"].amount == "−CNY 51.00"
    assert any(line.detail == "url: /a" for line in page.lines)
    assert page.older is None
    seen, place = [], None
    while True:
        part = lines.read(cast, SETTINGS, key, everything, before=place, limit=7)
        seen += list(part.lines)
        if part.older is None:
            break
        place = lines.read_place(lines.write_place(part.older))
    assert seen == list(page.lines)


def test_a_day_of_the_filter_is_whole_and_of_the_workspaces_zone() -> None:
    start, end = lines.days(SETTINGS, "2026-06-01", "2026-06-01")
    assert start is not None
    assert end is not None
    assert (start.hour, end - start) == (16, timedelta(days=1))
    for bad in ("tomorrow", "2026-02-30"):
        with pytest.raises(Problem, match="is not a date"):
            lines.days(SETTINGS, bad, "")
    with pytest.raises(Problem, match="no place"):
        lines.read_place("x~orders~1")


def count(log: Owner, rule: str) -> int:
    return people.count(log, SETTINGS, parse(rule), at=NOW).n


def test_rules_over_customers(cast: Owner) -> None:
    everybody = people.count(cast, SETTINGS, None, at=NOW)
    assert everybody.n == everybody.of == 62
    assert count(cast, "orders >= 1") == 2
    assert count(cast, "not (orders >= 1)") == 60
    assert count(cast, "tier = 'gold'") == 1
    assert count(cast, "tier != 'gold'") == 61
    assert count(cast, "age > 10") == 1  # as numbers, or '9' would be greater
    assert count(cast, "name contains '欧'") == 1
    assert count(cast, "orders_60d = 3 and spent >= 1000") == 1
    assert count(cast, "sessions_30d >= 2") == 1
    assert count(cast, "`did Page Viewed` = 2 and `did Page Viewed 30d` = 2") == 1
    assert count(cast, "open_contacts >= 1 and last_nps <= 6") == 1
    assert count(cast, "days_since_order <= 5") == 2
    assert count(cast, "last_order_at >= 2026-06-29") == 2
    with pytest.raises(Problem, match="no column orderz"):
        count(cast, "orderz > 1")
    with pytest.raises(Problem, match="cannot be compared"):
        count(cast, "orders = 'many'")


def test_the_list_is_sorted_paged_and_names_each_once(cast: Owner) -> None:
    first = people.page(cast, SETTINGS, None, sort="orders", at=NOW)
    second = people.page(cast, SETTINGS, None, sort="orders", number=2, at=NOW)
    assert (first.has_more, second.has_more) == (True, False)
    keys = [one.key for one in (*first.people, *second.people)]
    assert len(keys) == len(set(keys)) == 62
    top = first.people[0]
    assert (top.name, top.orders, top.tier) == ("欧阳安", 13, "gold")
    with pytest.raises(Problem, match="cannot be sorted"):
        people.page(cast, SETTINGS, None, sort="id; drop table")


def test_an_export_has_each_customer_once_with_her_ids(cast: Owner) -> None:
    schema, parts = people.export(cast, SETTINGS, parse("orders >= 1"), at=NOW)
    found = [row for part in parts for row in part.to_pylist()]
    assert sorted(row["ids"] for row in found) == ["ann browser-1", "bea"]
    assert {"ids", "orders", "tier", "age"} <= set(schema.names)
