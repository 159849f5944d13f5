"""Conversion, abandonment, bounce, service and every fen: counted again from the files."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from zhiyin.demo.tests.conftest import Company


def local_month(moments: pd.Series) -> pd.Series:
    return (moments + pd.Timedelta(hours=8)).dt.strftime("%Y-%m")


def test_the_ledger_adds_up_to_the_cent(company: Company) -> None:
    ledger = company.truth["ledger"]
    found: dict[tuple[str, str, str], Decimal] = {}
    contacts = company["service_contacts"].assign(
        account="service contacts", amount=lambda t: t.cost
    )
    for side, table, account in (
        ("revenue", company["order_lines"], "category"),
        ("refunds", company["refunds"], "reason"),
        ("costs", company["costs"], "cost_kind"),
        ("costs", contacts, "account"),
    ):
        sums = table.groupby([local_month(table.occurred_at), account]).amount.sum()
        for (month, name), total in sums.items():
            found[str(month), side, str(name)] = total
    told = {
        (month, side, name): Decimal(yuan)
        for month, sides in ledger["months"].items()
        for side, accounts in sides.items()
        for name, yuan in accounts.items()
    }
    assert found == told
    total = ledger["total"]
    assert sum(v for (_m, side, _n), v in found.items() if side == "revenue") == Decimal(
        total["revenue"]
    )
    left = Decimal(total["revenue"]) - Decimal(total["refunds"]) - Decimal(total["costs"])
    assert left == Decimal(total["left"])


def test_orders_are_the_sum_of_their_lines(company: Company) -> None:
    lines = company["order_lines"].groupby("order_id").amount.sum()
    orders = company["orders"].set_index("id").amount
    assert (lines.sort_index() == orders.sort_index()).all()
    assert int(orders.sum() * 100) == company.truth["counts"]["fen ordered"]


def test_no_order_gives_back_more_than_it_took(company: Company) -> None:
    orders = company["orders"].set_index("id").amount
    refunds = company["refunds"].groupby("order_id").amount.sum()
    assert (refunds <= orders.reindex(refunds.index)).all()


def test_conversion_is_orders_by_sessions(company: Company, events: pd.DataFrame) -> None:
    counts = company.truth["counts"]
    completed = events[events.name == "Order Completed"]
    assert events.session.nunique() == counts["sessions"]
    assert len(completed) == counts["order completed events"]
    assert completed.session.notna().sum() == counts["of them in sessions"]


def test_bounces_are_sessions_of_one_page(company: Company, events: pd.DataFrame) -> None:
    visits = events[events.session.notna()]
    size = visits.groupby("session").size()
    pages = visits[visits.name == "Page Viewed"].groupby("session").size()
    counts = company.truth["counts"]
    assert len(pages) == counts["sessions with a page view"]
    assert ((size.reindex(pages.index) == 1) & (pages == 1)).sum() == counts["bounces"]


def test_carts_left_behind_are_those_without_an_order_within_a_day(
    company: Company, events: pd.DataFrame
) -> None:
    filled = events[
        events.name.isin(["Product Added", "Checkout Started"]) & events.session.notna()
    ]
    carts = filled.sort_values("occurred_at").groupby("session").first().reset_index()
    orders = events[(events.name == "Order Completed") & events.customer.notna()]
    orders = orders.assign(ordered_at=orders.occurred_at)[["customer", "occurred_at", "ordered_at"]]
    joined = pd.merge_asof(
        carts.sort_values("occurred_at"), orders.sort_values("occurred_at"),
        on="occurred_at", by="customer", direction="forward",
    )  # fmt: skip
    within = joined.ordered_at - joined.occurred_at <= pd.Timedelta(hours=24)
    counts = company.truth["counts"]
    assert len(joined) == counts["carts"]
    assert int((~within).sum()) == counts["carts abandoned"]
    by_region = joined[~within].groupby("region").size().to_dict()
    assert by_region == counts["carts abandoned by region"]


def test_contacts_and_answers_are_counted_right(company: Company) -> None:
    counts, contacts = company.truth["counts"], company["service_contacts"]
    assert len(contacts) == counts["service contacts"]
    assert int(contacts.is_abandoned.sum()) == counts["service contacts abandoned"]
    first = contacts.sort_values("occurred_at").groupby("issue").head(1)
    settled = first[first.is_resolved].groupby("reason").size().to_dict()
    assert settled == counts["issues settled at first contact"]
    invited = company["exposures"].query("action == 'invited'").groupby("survey").size().to_dict()
    assert invited == counts["invited"]
    for survey, answered in counts["answered"].items():
        assert len(company[f"answers_{survey}"]) == answered


def test_every_answer_has_been_asked_for(company: Company) -> None:
    exposures = company["exposures"]
    asked = set(exposures[exposures.action == "invited"].invitation)
    bounced = set(exposures[exposures.action == "bounced"].invitation)
    for survey in company.truth["counts"]["answered"]:
        invitations = set(company[f"answers_{survey}"].invitation)
        assert invitations <= asked
        assert not invitations & bounced


def test_a_flight_is_delayed_for_all_who_are_on_it(company: Company) -> None:
    events = company["events_operations"]
    arrived = events[events.name == "Flight Arrived"].iloc[:2000]
    flights = company["flights"]
    flights = flights.assign(
        lands=flights.scheduled_at
        + pd.to_timedelta(flights.block_minutes + flights.delay_minutes, unit="min"),
        route=flights.origin + "-" + flights.destination,
    )
    known = set(zip(flights.lands, flights.route, flights.delay_minutes, strict=True))
    seen = set(zip(arrived.occurred_at, arrived.route, arrived.delay_minutes, strict=True))
    assert len(seen) > 500
    assert seen <= known


def test_repeats_and_agencies_have_their_planted_share(company: Company) -> None:
    counts = company.truth["counts"]
    repeats = counts["repeat contacts by reason"]
    assert 0.16 < repeats["refund status"] / sum(repeats.values()) < 0.24
    assert 0.43 < counts["orders through agencies"] / counts["orders"] < 0.47
    assert company["orders"].query("agency.notna()").customer.isna().all()


def test_ids_are_those_of_the_truth(company: Company) -> None:
    truth = company["truth_customers"].set_index("customer")
    links = company["identities"]
    assert links.groupby("customer").size().reindex(truth.index).equals(truth.browsers)
    phones = company["traits"].query("name == 'phone'").set_index("customer").value
    wrong = phones.reindex(truth.index) != truth.true_phone
    assert (wrong == truth.phone_is_mistyped).all()
    shared = truth.true_phone.duplicated(keep=False)
    assert (truth.shares_phone & ~shared).sum() == 0
    assert company.truth["ids"]["mistyped telephones"] == int(truth.phone_is_mistyped.sum())


def test_only_those_who_open_and_do_not_begin_dismiss(company: Company) -> None:
    exposures = company["exposures"]
    by = {name: set(rows.invitation) for name, rows in exposures.groupby("action")}
    left = by["opened"] - by["started"]
    assert by["dismissed"] <= left
    assert 0.35 < len(by["dismissed"]) / len(left) < 0.45
