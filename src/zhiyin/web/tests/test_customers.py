"""The pages of customers as a person meets them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.test import Client, RequestFactory

from zhiyin.accounts.access import Access
from zhiyin.accounts.models import Person, Role
from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.clock import now
from zhiyin.unify import segments
from zhiyin.unify.tests.casting import rows
from zhiyin.warehouse.owner import Owner
from zhiyin.web import personal
from zhiyin.web.tests.test_pages import text

# Figures of the log; what these pages ask the store, the guard's walk asks every one.
pytestmark = pytest.mark.any_store

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def cast(as_ana: Client, log: Owner) -> Client:
    """Ann with 120 events and an order; Bea with a hostile name and an id with slashes."""
    at = now()
    rows(
        log,
        "events",
        *(
            {"id": f"e{k}", "customer": "ann", "name": "Page Viewed", "channel": "web",
             "session": f"s{k}", "occurred_at": at - timedelta(hours=k)}
            for k in range(120)
        ),
    )  # fmt: skip
    rows(
        log,
        "orders",
        {"customer": "b/../ea", "amount": 12.5, "currency": "CNY", "status": "open", "id": "O-1"},
    )
    rows(
        log,
        "traits",
        {"id": "t1", "customer": "ann", "name": "phone", "value": "13812342071"},
        {"id": "t2", "customer": "b/../ea", "name": "name", "value": HOSTILE},
        {"id": "t3", "customer": "b/../ea", "name": "note", "value": "=1+1"},
    )
    rows(log, "verbatims", {"customer": "b/../ea", "question": "why", "text": HOSTILE})
    return as_ana


def test_a_customer_is_found_and_opened_by_any_id(cast: Client) -> None:
    for asked in ("ann", "138 1234 2071"):
        answer = cast.get("/main/customers/", {"q": asked})
        assert answer.status_code == 302
        assert answer.headers["location"] == "/main/customers/customer:ann/"
    by_order = cast.get("/main/customers/", {"q": "o-1"}, follow=True)
    assert by_order.status_code == 200
    assert "O-1" in text(by_order)
    assert "Nobody is found by" in text(cast.get("/main/customers/", {"q": "nobody"}))
    bare = cast.get("/main/customers/ann/", follow=True)
    assert bare.redirect_chain[-1][0] == "/main/customers/customer:ann/"
    for address in ("customer:nobody", "mail:ann"):
        assert cast.get(f"/main/customers/{address}/").status_code == 404


def test_her_words_and_name_are_never_markup(cast: Client) -> None:
    for address in ("/main/customers/", "/main/customers/?q=O-1"):
        body = cast.get(address, follow=True).content.decode()
        assert "alert(1)" in body
        assert "<script>alert" not in body


def test_the_time_line_goes_on_without_script_and_with_it(cast: Client) -> None:
    """Both ways show each of her 120 events once."""
    for headers in ({}, {"HX-Request": "true"}):
        address, seen = "/main/customers/customer:ann/", 0
        while address:
            answer = cast.get(address, headers=headers)
            assert answer.status_code == 200
            part = answer.content.decode()
            seen += part.count('class="site"')
            found = part.split('class="older"')[1:]
            key = "hx-get=" if headers else "href="
            address = ""
            if found:
                address = found[0].split(f'{key}"')[1].split('"')[0].replace("&amp;", "&")
                if not headers:
                    address = "/main/customers/customer:ann/" + address
        assert seen == 120


def test_a_day_that_goes_on_has_one_heading(cast: Client, log: Owner) -> None:
    at = now() - timedelta(days=40)
    rows(
        log, "events",
        *({"id": f"x{k}", "customer": "cat", "name": "Seen", "occurred_at": at} for k in range(60)),
    )  # fmt: skip
    page = "/main/customers/customer:cat/"
    first = cast.get(page).content.decode()
    older = first.split('class="older"')[1].split('hx-get="')[1].split('"')[0]
    part = cast.get(older.replace("&amp;", "&"), headers={"HX-Request": "true"}).content.decode()
    assert (first.count('class="day"'), part.count('class="day"')) == (1, 0)
    assert part.count('class="site"') == 10


def test_the_time_line_is_filtered_and_mistakes_are_said(cast: Client) -> None:
    page = "/main/customers/customer:ann/"
    assert "Nothing of this kind" in text(cast.get(page, {"kind": "bought"}))
    assert "Nothing of this kind" in text(cast.get(page, {"channel": "phone"}))
    wrong = cast.get(page, {"from": "soon"})
    assert wrong.status_code == 422
    assert "soon is not a date" in text(wrong)
    assert cast.get(page, {"before": "x"}).status_code == 422


def test_the_list_filters_sorts_and_says_what_is_wrong(cast: Client) -> None:
    said = text(cast.get("/main/customers/"))
    assert "2 customers with an id" in said
    said = text(cast.get("/main/customers/", {"where": "orders >= 1", "sort": "spent"}))
    assert "1 of 2 customers" in said
    assert "12.50" in said
    wrong = cast.get("/main/customers/", {"where": "orderz = 1"})
    assert wrong.status_code == 422
    assert "Did you mean orders?" in text(wrong)
    assert "None of 2 customers" in text(cast.get("/main/customers/", {"where": "orders > 9"}))


def test_an_empty_workspace_says_what_is_missing(as_ana: Client) -> None:
    assert "No customers yet." in text(as_ana.get("/main/customers/"))


def test_a_segment_is_counted_saved_used_and_removed(cast: Client) -> None:
    rule = "sessions_30d >= 3 and orders = 0"
    part = cast.get("/main/customers/segments/count/", {"rule": rule}).content.decode()
    assert "<html" not in part
    assert ">1</span>" in part
    assert (
        "no column"
        in cast.get("/main/customers/segments/count/", {"rule": "x = 1"}).content.decode()
    )
    said = text(cast.get("/main/customers/segments/new/?from=return-without-buying"))
    assert "sessions_30d >= 3" in said
    form = {"name": "Keep looking", "rule": rule}
    answer = cast.post("/main/customers/segments/new/", form, follow=True)
    assert answer.redirect_chain[-1][0] == "/main/customers/?segment=keep-looking"
    assert "1 of 2 customers" in text(answer)
    assert cast.post("/main/customers/segments/new/", form).status_code == 422
    wrong = {**form, "rule": "orderz = 1"}
    assert cast.post("/main/customers/segments/keep-looking/", wrong).status_code == 422
    cast.post("/main/customers/segments/keep-looking/", {**form, "rule": "orders = 1"})
    assert [one.rule for one in segments.of("main")] == ["orders = 1"]
    cast.post("/main/customers/segments/keep-looking/remove/")
    assert segments.of("main") == []
    assert cast.get("/main/customers/segments/keep-looking/").status_code >= 400


def test_an_export_keeps_formulas_as_text(cast: Client) -> None:
    answer: Any = cast.get("/main/customers/export/", {"where": "orders >= 1"})
    body = _body(answer).decode("utf-8-sig")
    assert body.splitlines()[0].startswith("ids,first_at,last_at")
    assert "b/../ea" in body
    assert "'=1+1" in body
    assert "ann" not in body
    answer = cast.get("/main/customers/export/", {"format": "xlsx"})
    book = openpyxl.load_workbook(BytesIO(_body(answer)))
    found = list(book.worksheets[0].iter_rows(values_only=True))
    assert len(found) == 3
    assert any("=1+1" in [str(cell) for cell in row] for row in found)
    assert cast.get("/main/customers/export/", {"format": "exe"}).status_code == 404


def _body(answer: Any) -> bytes:
    """The file that is sent; the test's client closes it at its end."""
    return b"".join(answer.streaming_content)


def test_both_languages_are_whole(cast: Client) -> None:
    cast.cookies["zhiyin_language"] = "zh-hans"
    said = text(cast.get("/main/customers/customer:ann/"))
    for word in ("正在等我们", "最近说的", "消费行为", "偏好", "时间线", "请勿联系"):
        assert word in said
    assert "客群" in text(cast.get("/main/customers/segments/new/"))


@pytest.mark.parametrize(
    ("value", "masked"),
    [("13812342071", "138****2071"), ("欧阳安", "欧****"), ("", "")],
)
def test_whoever_may_not_see_personal_data_sees_it_masked(value: str, masked: str) -> None:
    assert personal.shown(value, sees_it=False) == masked
    assert personal.shown(value, sees_it=True) == value
    request = RequestFactory().get("/")
    assert not personal.sees(request), "no view has said that she may"
    main = Settings("main", "Main", "UTC", 0, "CNY", "en")
    seeing = Access(main, Person(), Role.VIEWER, frozenset())
    request.access = seeing  # type: ignore[attr-defined]
    assert personal.sees(request)
    request.access = replace(seeing, sees_personal_data=False)  # type: ignore[attr-defined]
    assert not personal.sees(request)
