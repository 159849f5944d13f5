"""What customers, senders and colleagues write is text: on no page markup, in no file a formula.

Every place that somebody else can fill holds a value that breaks out of text, attributes and
scripts of HTML, calls a template, and begins as a formula does. The pages are read by an HTML
parser, the files by a reader of files.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import openpyxl
import pytest
from django.http import HttpResponse
from django.template import Context, Template
from django.test import Client
from django.urls import get_resolver
from django.utils.html import escape, format_html

from zhiyin.accounts import inviting, people, units
from zhiyin.accounts.allowing import Allows
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import Person, Role
from zhiyin.collect.events.reading import read
from zhiyin.collect.exports import plain
from zhiyin.kernel.clock import now
from zhiyin.unify import matching, segments, suggestions
from zhiyin.unify.tests.casting import rows
from zhiyin.warehouse.intake import Intake
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.rules import Rule, Rules
from zhiyin.web import downloads
from zhiyin.web.tests import test_masking
from zhiyin.web.tests.test_catalogue_page import send
from zhiyin.web.tests.test_masking import Cast, beginnings, walk

pytestmark = pytest.mark.any_store

SIGNS = ("=HYPERLINK(", "+cmd|", "-2+", "@SUM(", "\t=", "\r=", "＝")
ATTACK = "'\"><img src=x onerror=bad()><script>bad()</script>{{ 4|add:3 }}"

PLACES = (
    "customer", "other id", "trait", "trait name", "choice", "question", "touchpoint", "channel",
    "unit of facts", "survey", "verbatim", "language", "event", "property", "property name",
    "session", "order", "status", "route", "reason", "issue", "purpose", "evidence", "source",
    "refused event", "refused property", "rule's touchpoint", "segment", "person", "unit",
    "kind of unit", "invited", "product",
)  # fmt: skip
PLANTED = {
    place: f"{SIGNS[number % len(SIGNS)]}p{number:02d}q{ATTACK}"
    for number, place in enumerate(PLACES)
}
MARKS = {place: f"p{number:02d}q" for number, place in enumerate(PLACES)}


def plant(log: Owner, folder: Path, ana: Person) -> None:
    """The attack in every place."""
    of = PLANTED
    at = now() - timedelta(days=1)
    mine: dict[str, Any] = {
        "customer": of["customer"], "occurred_at": at, "unit": of["unit of facts"],
    }  # fmt: skip
    other = {"customer": "other"}
    where = {"touchpoint": of["touchpoint"], "channel": of["channel"]}

    def put(table: str, *given: dict[str, Any]) -> None:
        rows(log, table, *({**mine, **one} for one in given), source=of["source"])

    put("traits", {"name": of["trait name"], "value": of["trait"]},
        {"id": "t-email", "name": "email", "value": "her@one.example"},
        {"id": "t-name", "name": "name", "value": of["trait"]},
        {**other, "id": "o-email", "name": "email", "value": "her@one.example"},
        {**other, "id": "o-name", "name": "name", "value": "Theodora Blenkinsop"})  # fmt: skip
    put("identities", {"action": "link", "other": of["other id"], "other_kind": "anonymous"})
    nps = {"metric": "nps", "question": of["question"], "score": 3.0, "scale_min": 0.0,
           "scale_max": 10.0, "survey": of["survey"]}  # fmt: skip
    chosen = {"metric": "choice", "question": of["question"], "choice": of["choice"]}
    put("answers", *({"answer_state": "answered", **where, **one} for one in (nps, chosen)))
    put("verbatims", {"question": of["question"], "text": of["verbatim"],
                      "language": of["language"], **where})  # fmt: skip
    put("consents", {"purpose": of["purpose"], "channel": of["channel"], "is_given": False,
                     "evidence": of["evidence"]})  # fmt: skip
    log.declare("main", {"orders": {"route": "text"}})
    order = {"id": of["order"], "status": of["status"], "d_route": of["route"],
             "currency": "CNY", "amount": 12.5, **where}  # fmt: skip
    put("orders", order)
    put("order_lines", {"order_id": of["order"], "product": of["product"], "amount": 1.0})
    put("service_contacts", {"reason": of["reason"], "is_resolved": False,
                             "channel": of["channel"], "issue": of["issue"]})  # fmt: skip
    held = {of["property name"]: of["property"], "deep": {of["property name"]: [of["property"]]}}
    put("events", *({"id": f"e{n}", "name": of["event"], "session": of["session"], **where,
                     "properties": json.dumps(held)} for n in range(2)))  # fmt: skip
    with Intake(log, folder, read) as intake:
        send(
            intake,
            {"event": "", "properties": {of["refused property"]: of["refused event"]}},
            {"event": "Order Completed", "userId": of["customer"], "properties": held},
            {"event": of["event"], "userId": of["customer"], "properties": held},
        )
    log.set_rules("main", "touchpoint", Rules((Rule("name = 'x'", of["rule's touchpoint"]),)))
    matching.match(log, "main")
    assert suggestions.pending("main")
    _write_as_colleagues(ana)


def _write_as_colleagues(ana: Person) -> None:
    of, by = PLANTED, Actor(ana, "")
    made = segments.create(by=by, workspace="main", name=of["segment"], rule="not (tier = 'gold')")
    type(made).objects.filter(pk=made.pk).update(slug="planted")
    people.change_person(by=by, person=ana, name=of["person"])
    for key in ("north", of["unit of facts"]):
        units.save(by=by, workspace="main", key=key, name=of["unit"], kind=of["kind of unit"][:60])
    invited = Allows(Role.VIEWER)
    inviting.invite(by=by, workspace="main", login=of["invited"], allows=invited)


@pytest.fixture
def cast(client: Client, ana: Person, log: Owner, tmp_path: Path) -> Cast:
    plant(log, tmp_path, ana)
    client.force_login(ana)
    key = log.find_customers("main", PLANTED["customer"])[0].customer
    return Cast(client, client, log, key)


class Markup(HTMLParser):
    """Elements and attributes that no page of ours has, whatever they are called."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in ("img", "iframe", "object", "embed", "base"):
            self.found.append(f"<{tag}>")
        if tag == "script" and not given.get("src", "").startswith("/static/"):
            self.found.append("<script>")
        for name, value in given.items():
            self.said.append(value)
            if not name.replace("-", "").replace(":", "").isalnum() or name.startswith("on"):
                self.found.append(f"{tag} {name}=")
            if value.strip().lower().startswith(("javascript:", "data:")):
                self.found.append(f"{tag} {name}={value[:20]}")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def holes_in(page: str) -> tuple[list[str], str]:
    """(what acts on a page, what it says)."""
    markup = Markup()
    markup.feed(page)
    markup.close()
    said = "\n".join(markup.said)
    if "</script>7" in said:
        markup.found.append("a template inside a value was run")
    return markup.found, said


def runs(cell: object) -> bool:
    """Whether a spreadsheet would take a cell of a CSV for a formula."""
    return (
        str(cell).startswith(plain.DANGEROUS)
        and not str(cell).lstrip("+-").replace(".", "", 1).isdigit()
    )


def holes(answers: Iterable[tuple[str, Any]], seen: Counter[str]) -> dict[str, list[str]]:
    """Addresses whose answer holds what acts; counts the planted values that were seen."""
    found: dict[str, list[str]] = {}
    for address, answer in answers:
        kind = answer.headers.get("Content-Type", "")
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        if "spreadsheetml" in kind:
            book = openpyxl.load_workbook(BytesIO(body))
            cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
            acting = [str(cell.value) for cell in cells if cell.data_type == "f" or cell.hyperlink]
            said = "\n".join(str(cell.value) for cell in cells)
        elif "csv" in kind:
            said = body.decode("utf-8-sig")
            acting = [cell for row in csv.reader(io.StringIO(said, newline="")) for cell in row
                      if runs(cell)]  # fmt: skip
        elif "html" in kind:
            acting, said = holes_in(body.decode())
        else:
            # A browser that believes the type makes no page of it.
            said = body.decode()
            acting = [] if answer.headers.get("X-Content-Type-Options") == "nosniff" else [kind]
        seen.update(place for place, mark in MARKS.items() if mark in said)
        if acting:
            found[address] = acting
    return found


def everything(cast: Cast) -> Iterator[tuple[str, Any]]:
    """(address, answer) of every page, part and file of the workspace."""
    asked = quote(PLANTED["customer"])
    begin = [address for _name, address in beginnings(cast)]
    begin += [f"/main/scores/?metric=nps&by={by}" for by in ("touchpoint", "survey", "unit")]
    begin += [f"/main/settings/audit/export/?format={format}" for format in ("csv", "xlsx")]
    begin += [f"/main/customers/{page}/?id={asked}" for page in ("rights", "why")]
    begin += [f"/main/customers/no:{cast.key}/?kind=record&kind=said"]
    yield from walk(cast.ana, begin)
    for kind in ("page", "data"):
        address = "/main/customers/rights/export/"
        yield f"{address} {kind}", cast.ana.post(address, {"id": PLANTED["customer"], "as": kind})


def test_nothing_that_others_write_acts_on_a_page_or_in_a_file(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each page once: its other parts and pages say the same with the same templates.
    monkeypatch.setattr(test_masking, "VARIANTS", 1)
    seen, asked = Counter[str](), Counter[str]()

    def counted() -> Iterator[tuple[str, Any]]:
        for address, answer in everything(cast):
            kind = answer.headers.get("Content-Type", "").split(";")[0].rpartition("/")[2]
            asked[f"{answer.status_code} {kind}"] += 1
            yield address, answer

    assert holes(counted(), seen) == {}
    assert PLANTED.keys() - seen.keys() == set(), "each was shown somewhere, as text"
    assert asked["200 html"] > 40
    assert asked["200 csv"] >= 2
    assert asked["200 vnd.openxmlformats-officedocument.spreadsheetml.sheet"] >= 2


WAYS = {
    "an element": "{}",
    "an attribute": '<a title="{}">x</a>',
    "an attribute of the other quotes": "<a title='{}'>x</a>",
    "an address": '<a href="{}">x</a>',
    "a script": "<script>const x = '{}'</script>",
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_a_value_that_is_not_escaped_is_found(way: str) -> None:
    """Without this a walk that sees nothing would pass the test above."""
    raw = HttpResponse(way.format(PLANTED["trait"]))
    assert holes([("/", raw)], Counter()).keys() == {"/"}
    if "script" not in way:
        escaped = HttpResponse(format_html(way, PLANTED["trait"]))
        assert holes([("/", escaped)], Counter()) == {}


def test_a_value_that_runs_as_a_template_or_is_an_address_is_found() -> None:
    ran = HttpResponse(Template(escape(PLANTED["trait"])).render(Context()))
    assert holes([("/", ran)], Counter()).keys() == {"/"}
    followed = HttpResponse(format_html('<a href="{}">x</a>', " JavaScript:bad()"))
    assert holes([("/", followed)], Counter()).keys() == {"/"}


def test_a_cell_that_is_not_made_text_is_found(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "safe", lambda text: text)
    address = "/main/customers/export/?format=csv"
    found = holes([(address, cast.ana.get(address))], Counter())
    assert found.keys() == {address}


def test_a_formula_in_a_workbook_is_found() -> None:
    book = openpyxl.Workbook()
    book.active.append([PLANTED["customer"]])  # this writer takes it for a formula
    body = BytesIO()
    book.save(body)
    answer = HttpResponse(body.getvalue(), content_type=downloads.TYPES["xlsx"])
    assert holes([("/", answer)], Counter()).keys() == {"/"}


HUGE = "9" * 25
"""More than any column of a store holds."""


def test_a_number_beyond_all_stores_is_no_page(as_ana: Client) -> None:
    found = {}
    for pattern in get_resolver().url_patterns:
        address = str(pattern.pattern)
        if "<number:" not in address or "<slug:slug>" not in address:
            continue
        asked = re.sub(r"<number:\w+>", HUGE, address.replace("<slug:slug>", "main"))
        asked = re.sub(r"<(slug|path|str):\w+>", "some", asked)
        for method in ("get", "post"):
            answer = getattr(as_ana, method)("/" + asked)
            found[f"{method} {asked}"] = answer.status_code
    assert len(found) > 20
    assert {asked: code for asked, code in found.items() if code not in (302, 400, 404, 405)} == {}
