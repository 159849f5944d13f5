"""Every kind of mapping puts its rows into its table."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal

import pytest

from zhiyin.collect.files.mapping import allowed_tables
from zhiyin.collect.files.tests.conftest import Desk, counts, rejects

START = "source: desk\nid: id\nat: {column: at, timezone: UTC}\n"
DAY = datetime(2026, 3, 1)


def test_a_wide_file_is_one_response_a_row_and_one_answer_a_question(desk: Desk) -> None:
    mapping = f"""as: answers
{START}customer: who
channel: {{value: app}}
survey: {{value: after flight}}
questions:
  - {{column: seat, metric: rating, scale: {{min: 1, max: 5}}, touchpoint: {{value: cabin}}}}
  - {{column: why, metric: text}}
  - {{column: reason, metric: choice}}
  - {{column: effort, metric: ces, kind: journey, scale: {{min: 1, max: 7, direction: up}}}}
dimensions: {{tier: tier}}
"""
    text = (
        "id,at,who,seat,why,reason,effort,tier\n"
        "1,2026-03-01,ana,4,很好,price,7,gold\n"
        "2,2026-03-01,ben,,,,,\n"
    )
    result = desk.text(text, mapping)
    assert counts(result) == (2, 2, 0, 0)
    assert result.facts_added == 2 + 8 + 1
    found = desk.rows(
        "answers", "id", "question", "kind", "touchpoint", "score", "choice", "answer_state"
    )
    assert set(found) == {
        ("1", "seat", "touchpoint", "cabin", 4.0, None, "answered"),
        ("1", "why", "relationship", None, None, None, "answered"),
        ("1", "reason", "relationship", None, None, "price", "answered"),
        ("1", "effort", "journey", None, 7.0, None, "answered"),
        ("2", "seat", "touchpoint", "cabin", None, None, "skipped"),
        ("2", "why", "relationship", None, None, None, "skipped"),
        ("2", "reason", "relationship", None, None, None, "skipped"),
        ("2", "effort", "journey", None, None, None, "skipped"),
    }
    assert desk.rows("verbatims", "id", "response", "text", "d_tier") == [
        ("1", "1", "很好", "gold")
    ]
    assert desk.rows("responses", "survey", "channel", "d_tier") == [
        ("after flight", "app", "gold"),
        ("after flight", "app", None),
    ]


def test_orders_have_exact_amounts_and_the_workspaces_currency(desk: Desk) -> None:
    mapping = f"as: orders\n{START}customer: who\namount: paid\nstatus: state\n"
    text = "id,at,who,paid,state\n1,2026-03-01,ana,0.1,paid\n2,2026-03-01,ben,12 €,paid\n"
    result = desk.text(text, mapping)
    assert counts(result) == (2, 1, 0, 1)
    assert desk.rows("orders", "amount", "currency", "status") == [
        (Decimal("0.1000"), "CNY", "paid")
    ]


def test_a_decimal_comma_is_said_in_the_mapping(desk: Desk) -> None:
    mapping = (
        f"as: costs\n{START}amount: cost\ncost_kind: {{value: delay}}\nread: {{decimal: ','}}\n"
    )
    result = desk.text("id;at;cost\n1;2026-03-01;1,5\n2;2026-03-01;1.5\n", mapping)
    assert counts(result) == (2, 1, 0, 1)
    assert desk.rows("costs", "amount") == [(Decimal("1.5000"),)]


def test_events_keep_what_no_dimension_says_as_properties(desk: Desk) -> None:
    mapping = f"as: events\n{START}customer: who\nname: what\nproperties: [page, 'n']\n"
    desk.text("id,at,who,what,page,n\n1,2026-03-01,ana,Page Viewed,/home,3\n", mapping)
    ((name, properties),) = desk.rows("events", "name", "properties")
    assert name == "Page Viewed"
    assert json.loads(properties) == {"page": "/home", "n": "3"}


def test_service_contacts_have_truths_and_numbers(desk: Desk) -> None:
    mapping = f"""as: service_contacts
{START}customer: who
channel: {{value: phone}}
is_answered: answered
wait_seconds: wait
transfers: transfers
"""
    text = (
        "id,at,who,answered,wait,transfers\n"
        "1,2026-03-01,ana,是,12.5,2\n"
        "2,2026-03-01,b,maybe,1,1\n"
        "3,2026-03-01,b,no,1,1.5\n"
    )
    result = desk.text(text, mapping)
    assert counts(result) == (3, 1, 0, 2)
    assert desk.rows("service_contacts", "is_answered", "wait_seconds", "transfers") == [
        (True, 12.5, 2)
    ]


def test_a_wide_file_of_traits_leaves_blanks_out(desk: Desk) -> None:
    mapping = f"as: traits\n{START}customer: who\ntraits: {{plan: plan, city: town}}\n"
    result = desk.text("id,at,who,plan,town\n1,2026-03-01,ana,gold,\n", mapping)
    assert counts(result) == (1, 1, 0, 0)
    assert desk.rows("traits", "name", "value") == [("plan", "gold")]


@pytest.mark.parametrize(
    ("mapping", "head", "row", "columns", "expected"),
    [
        ("as: order_lines\norder_id: o\nproduct: p\nquantity: q\namount: a", "o,p,q,a",
         "O1,tea,2,3.5", ("order_id", "product", "quantity"), ("O1", "tea", 2.0)),
        ("as: refunds\norder_id: o\namount: a\nreason: r", "o,a,r", "O1,3,broken",
         ("order_id", "reason"), ("O1", "broken")),
        ("as: verbatims\ntext: t\nlanguage: {value: zh}", "t", "慢", ("text", "language"),
         ("慢", "zh")),
        ("as: exposures\naction: a\nsurvey: {value: s}", "a", "invited", ("action", "survey"),
         ("invited", "s")),
        ("as: assignments\nassignment: x\narm: y", "x,y", "gift,tea", ("assignment", "arm"),
         ("gift", "tea")),
        ("as: consents\npurpose: p\nchannel: c\nis_given: g", "p,c,g", "survey,sms,yes",
         ("purpose", "channel", "is_given"), ("survey", "sms", True)),
        ("as: identities\nother: o\naction: a\nreason: r", "o,a,r", "ana2,link,same phone",
         ("action", "reason"), ("link", "same phone")),
    ],
)  # fmt: skip
def test_the_other_tables(
    desk: Desk, mapping: str, head: str, row: str, columns: tuple[str, ...], expected: object
) -> None:
    table = mapping.split()[1]
    text = f"id,at,who,{head}\n1,2026-03-01,ana,{row}\n"
    result = desk.text(text, f"{mapping}\n{START}customer: who\n")
    assert counts(result) == (1, 1, 0, 0)
    assert desk.rows(table, *columns) == [expected]
    assert table in allowed_tables()


def test_a_needed_cell_that_is_blank_rejects_the_row(desk: Desk) -> None:
    mapping = f"as: events\n{START}customer: who\nname: what\n"
    result = desk.text("id,at,who,what\n1,2026-03-01,ana,\n", mapping)
    assert [(r["column"], r["reason"]) for r in rejects(result)] == [("what", "this is missing")]


def test_typed_dimensions(desk: Desk) -> None:
    mapping = f"""as: events
{START}name: {{value: x}}
dimensions: {{age: {{column: age, kind: int}}, paid: {{column: paid, kind: float}}}}
"""
    desk.text("id,at,age,paid\n1,2026-03-01,31,2.5\n", mapping)
    assert desk.rows("events", "d_age", "d_paid") == [(31, 2.5)]
    assert desk.rows("events", "occurred_at") == [(DAY,)]


def test_several_mappings_in_one_folder_come_together(desk: Desk) -> None:
    desk.put("o.csv", "id,at,who,paid\n1,2026-03-01,ana,5\n2,2026-03-01,ana,x\n")
    desk.put("e.csv", "id,at,who,what\n1,2026-03-01,ana,Visit\n2,2026-03-01,ana,\n")
    desk.put("o.yaml", f"as: orders\nfile: o.csv\n{START}customer: who\namount: paid\n")
    desk.put("e.yaml", f"as: events\nfile: e.csv\n{START}customer: who\nname: what\n")
    result = desk.bring(mapping=None)
    assert counts(result) == (4, 2, 0, 2)
    assert len(desk.log.imports("main")) == 2
    found = [(r["file"], r["line"], r["what"], r["paid"]) for r in rejects(result)]
    assert found == [("e.csv", "3", "", ""), ("o.csv", "3", "", "x")]
    from zhiyin.collect.files.run import undo

    assert undo(desk.log, "main", result.import_id) == 2
