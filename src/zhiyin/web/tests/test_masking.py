"""Who may not see personal data sees none of it, wherever she clicks, and cannot guess at it.

One customer has a planted value in every place that a page reads (`planted.py`). Mira is
administrator in chief, so that her role opens every page; her membership does not show
personal data. Ana's does.
"""

from __future__ import annotations

import html
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from io import BytesIO
from types import ModuleType
from typing import Any
from urllib.parse import quote, unquote, unquote_plus, urljoin, urlsplit

import openpyxl
import pytest
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from pytest_django import Settings

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import Membership, Person, Role
from zhiyin.accounts.rights import Right
from zhiyin.collect import rules
from zhiyin.kernel import masking
from zhiyin.unify import segments, suggestions
from zhiyin.unify.tests.casting import rows
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.rules import RULED
from zhiyin.web.tests.planted import HER, PLANTED
from zhiyin.web.tests.test_guard import member, of_workspace
from zhiyin.web.tests.test_pages import text
from zhiyin.web.views.reading import Here, needs

pytestmark = pytest.mark.any_store

UNSEEN = {
    "issue": "it groups contacts, and no page shows it",
    "response": "a number of the log stands for it on pages",
}
"""What nobody sees, and why; it is planted so that no page begins to show it."""

HARMFUL = {
    "remove-demo": "it takes data out",
    "load-sample": "it puts data in",
    "remove-member": "it takes somebody out",
    "remove-second-step": "it takes a second step away",
}
"""Addresses that are not posted to."""

FORMS: dict[str, dict[str, str]] = {
    "new-segment": {"name": "guess", "rule": "email = 'a@guess.example'"},
    "touchpoint-rules": {"where": "properties.email = 'a@guess.example'", "touchpoint": "x"},
    "change-rules": {"do": "remove", "place": "0"},
    "unit-rules": {"where": "properties.email = 'a@guess.example'", "unit": "north"},
    "change-unit-rules": {"do": "remove", "place": "0"},
    "why": {"id": HER},
    "merge-customers": {"a": HER, "b": PLANTED["other customer"]},
    "export-customer": {"id": HER},
    "erase-customer": {"id": HER},
    "settle-letters": {"do": "replay", "number": "1"},
    "decide-match": {"decision": "accept"},
}
"""What is posted; nothing where nothing stands here."""

QUERIES = {
    "export-customers": ("?format=csv", "?format=xlsx"),
    "definition": ("?name=Order+Completed", "?name=Order+Completed&property=email"),
    "customers": ("?segment=planted", "?where=orders+%3E%3D+1&sort=spent"),
    "touchpoint-rules": ("?where=name+%3D+'Order+Completed'",),
    "funnels": ("?now=1&steps=Order+Completed+%3E+Order+Completed&by=channel&within=90d",),
    "paths": ("?now=1", "?now=1&show=variants", "?now=1&show=repeats"),
    "cohorts": ("?now=1&every=day",),
    "before": ("?now=1&outcome=event&name=Order+Completed",),
    "parting": ("?now=1&one=channel+%3D+'app'&two=channel+%3D+'web'",),
    "engagement": ("?now=1&every=day",),
    "adoption": ("?now=1&names=Order+Completed&every=day",),
    "tasks": (
        "?now=1&start=Order+Completed&goal=Order+Completed&by=channel",
        "?now=1&start=Order+Completed&show=between",
    ),
    "losses": ("?now=1&steps=Order+Completed+%3E+Order+Completed&by=channel",),
    "journey-customers": ("?of=edge&node=Order+Completed&after=Order+Completed",),
}
"""What is asked of an address beside the bare one; links on pages lead further."""

VARIANTS = 4
"""So many queries of one path are followed: enough for each tab, part and page of a list."""


@dataclass
class Cast:
    """Ana sees personal data, Mira does not; `key` is the customer's."""

    ana: Client
    mira: Client
    log: Owner
    key: int


@pytest.fixture
def cast(client: Client, ana: Person, planted: Owner) -> Cast:
    cache.clear()
    as_mira = Client()
    as_mira.force_login(member(Role.ADMINISTRATOR_IN_CHIEF, sees_personal_data=False))
    client.force_login(ana)
    return Cast(client, as_mira, planted, planted.find_customers("main", HER)[0].customer)


# The walk


def beginnings(cast: Cast) -> list[tuple[str, str]]:
    """(name, address) of every URL pattern of the workspace, with what is in this one put in."""
    newest = cast.ana.get("/main/events/").content.decode().split('data-seq="')[1].split('"')[0]
    found = []
    for name, address in of_workspace():
        address = address.replace("/segments/some/", "/segments/planted/")
        address = address.replace("/customers/some/", f"/customers/no:{cast.key}/")
        address = address.replace("/events/1/", f"/events/{newest}/")
        address = re.sub(r"/data/(touchpoints|units)/1/", r"/data/\1/0/", address)
        if name == "decide-match":
            address = f"/main/customers/suggestions/{suggestions.pending('main')[0].pk}/"
        found += [(name, address + query) for query in ("", *QUERIES.get(name, ()))]
    return found


def walk(client: Client, begin: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """(address, answer) of these addresses and of all that pages link to, parts of pages too."""
    waiting, seen, variants = list(begin), set[str](), dict[str, int]()
    while waiting:
        address = waiting.pop(0)
        place = urlsplit(address).path
        if address in seen or not place.startswith("/main/"):
            continue
        if address not in begin and variants.get(place, 0) >= VARIANTS:
            continue
        seen.add(address)
        variants[place] = variants.get(place, 0) + 1
        answer: Any = client.get(address)
        yield address, answer
        if not answer.streaming:
            waiting += links(address, answer.content.decode())
            if b"hx-get=" in answer.content or "part=" in address:
                part: Any = client.get(address, headers={"HX-Request": "true"})
                yield address, part
                waiting += links(address, part.content.decode())


def links(address: str, page: str) -> Iterator[str]:
    """Where a page or a part of one leads, and what it asks for by itself."""
    for found in re.findall(r'(?:href|hx-get|data-pass|action)="([^"#]*)', page):
        yield urljoin(address, html.unescape(found)).split("#")[0]


def posted(client: Client, cast: Cast) -> Iterator[tuple[str, Any]]:
    """(address, answer) of a form sent to every address that takes one."""
    for name, address in beginnings(cast):
        if name not in HARMFUL and "?" not in address:
            seen = rules.digest(cast.log.rules("main", "unit" if "unit" in name else "touchpoint"))
            answer = client.post(address, {"seen": seen, **FORMS.get(name, {})})
            if answer.status_code != 405:
                yield f"POST {address}", answer


def leaks(answers: Iterable[tuple[str, Any]]) -> dict[str, set[str]]:
    """Addresses whose answer holds a planted value, in body or headers, however it is written."""
    found: dict[str, set[str]] = {}
    for address, answer in answers:
        said = written(answer)
        names = {name for name, value in PLANTED.items() if value.lower() in said}
        if names:
            found.setdefault(address, set()).update(names)
    return found


def written(answer: Any) -> str:
    """All that an answer says, as it is and with each way of writing undone."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if "spreadsheetml" in answer.headers.get("Content-Type", ""):
        sheet = openpyxl.load_workbook(BytesIO(body)).worksheets[0]
        body = "\n".join(str(cell) for row in sheet.values for cell in row).encode()
    said = body.decode() + "".join(f"\n{name}: {one}" for name, one in answer.headers.items())
    said += "".join(f"\n{cookie.OutputString()}" for cookie in answer.cookies.values())
    plain = html.unescape(said)
    escaped = re.sub(r"\\u([0-9a-fA-F]{4})", lambda sign: chr(int(sign[1], 16)), plain)
    return "\n".join((said, plain, unquote(plain), unquote_plus(plain), escaped)).lower()


def test_no_page_part_or_file_shows_personal_data_without_the_right(cast: Cast) -> None:
    begin = [address for _name, address in beginnings(cast)]
    answers = dict[str, int]()

    def counted() -> Iterator[tuple[str, Any]]:
        for address, answer in walk(cast.mira, begin):
            answers.setdefault(address, answer.status_code)
            yield address, answer

    assert leaks(counted()) == {}
    assert f"/main/customers/no:{cast.key}/" in answers
    assert any("part=older" in address for address in answers), "older lines were reached"
    assert any("newest" in address for address in answers), "the live rows were reached"
    assert sum(status == 200 for status in answers.values()) > 25
    # What a page leads to, it may be asked for.
    followed = {address: status for address, status in answers.items() if address not in begin}
    refused = {address for address, status in followed.items() if status in (403, 404)}
    assert refused == set()
    assert leaks(posted(cast.mira, cast)) == {}
    assert "guess" not in {one.slug for one in segments.of("main")}
    for column in RULED:
        held = cast.log.rules("main", column).listed
        assert held == (), "hers was refused, the planted one removed"


def test_who_has_the_right_sees_it_all(cast: Cast) -> None:
    """Without this, a page that shows nothing would pass the test above."""
    begin = [address for _name, address in beginnings(cast)]
    found = leaks(walk(cast.ana, begin))
    seen = set().union(*found.values())
    assert PLANTED.keys() - seen == UNSEEN.keys()
    for format in ("csv", "xlsx"):
        export = found[f"/main/customers/export/?format={format}"]
        assert {"id", "id of a device", "name", "telephone", "address"} <= export
    assert "e-mail" in found["/main/settings/audit/"]
    assert "refused event" in found["/main/data/dead-letters/"]
    assert "other name" in found["/main/customers/suggestions/"]
    assert "event e-mail" in found["/main/events/catalogue/definition/?name=Order+Completed"]


@pytest.mark.parametrize("hole", ["in a page", "in a header", "in an address"])
def test_a_planted_hole_is_found(
    cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch, hole: str
) -> None:
    @needs(Right.SEE_CUSTOMERS)
    def view(request: HttpRequest, here: Here) -> HttpResponse:
        if hole == "in a header":
            return HttpResponse("", headers={"Location": quote(PLANTED["address"])})
        said = PLANTED["name"] if hole == "in a page" else f"?q={quote(PLANTED['e-mail'])}"
        return HttpResponse(f'<a href="{said}">who</a>')

    planted = ModuleType("addresses_with_a_leak")
    held = import_module(settings.ROOT_URLCONF)
    vars(planted).update(vars(held))
    planted.urlpatterns = [path("<slug:slug>/hole/", view, name="hole"), *held.urlpatterns]  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, planted.__name__, planted)
    settings.ROOT_URLCONF = planted.__name__
    assert ("hole", "/main/hole/") in beginnings(cast)
    assert "/main/hole/" in leaks(walk(cast.mira, ["/main/hole/"]))


def test_a_value_that_is_not_masked_is_found(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masking, "masked", lambda text: text)
    one = f"/main/customers/no:{cast.key}/"
    found = leaks(walk(cast.mira, [one, "/main/events/"]))
    shown = {"name", "address", "order", "verbatim telephone", "event name", "id"}
    assert shown <= set().union(*found.values())


# What stays readable


def test_what_says_nothing_of_who_she_is_stays_readable(cast: Cast) -> None:
    page = cast.mira.get(f"/main/customers/no:{cast.key}/?kind=said&kind=record&kind=site")
    said = html.unescape(page.content.decode())
    assert "Third late bag. Ring 137****1235 or write to w****@work.example, thanks" in said
    assert "other: call 138****1299" in said
    assert "<dd>gold</dd>" in said
    assert "tier: gold" in said
    assert "Wi****er" in said
    assert "email: s****@shop.example" in said
    assert "PVG-CAN" in said
    assert "NPS 3" in said
    assert "1 of 2 customers" in _text(cast.mira, "/main/customers/?where=orders >= 1")
    assert "1 of 2 customers" in _text(cast.mira, "/main/customers/?where=tier = 'gold'")


def test_the_key_leads_to_her_for_everybody_who_sees_customers(cast: Cast) -> None:
    one = f"/main/customers/no:{cast.key}/"
    assert PLANTED["name"] in _text(cast.ana, one)
    for wrong in ("no:", "no:x", "no:-1", "no:999999", f"no:{'9' * 30}"):
        assert cast.ana.get(f"/main/customers/{wrong}/").status_code == 404, wrong
    merged = cast.log.find_customers("main", PLANTED["other customer"])[0].customer
    suggestion = suggestions.pending("main")[0]
    suggestions.accept(cast.log, by=COMMAND_LINE, workspace="main", pk=suggestion.pk)
    now_one = cast.log.find_customers("main", HER)[0].customer
    for key in (cast.key, merged):
        assert "Order Completed" in _text(cast.mira, f"/main/customers/no:{key}/"), "as before"
    assert now_one in (cast.key, merged)


def test_a_key_of_another_branch_leads_nowhere(cast: Cast) -> None:
    scoped = Client()
    scoped.force_login(member(Role.UNIT_MANAGER, scope="unit = 'north'"))
    assert scoped.get(f"/main/customers/no:{cast.key}/").status_code == 404
    rows(cast.log, "orders", {"customer": HER, "id": "N-1", "unit": "north"}, source="north")
    assert scoped.get(f"/main/customers/no:{cast.key}/").status_code == 200


# Guessing


GUESSES = (
    "/main/customers/?q={}",
    "/main/customers/{}/",
    "/main/customers/customer:{}/",
    "/main/customers/?where=email = '{}'",
    "/main/customers/?where=not (`trait phone` != '{}')",
    "/main/customers/?where=tier = 'gold' and customer = '{}'",
    "/main/customers/export/?format=csv&where=email = '{}'",
    "/main/customers/segments/count/?rule=name contains '{}'",
    "/main/customers/segments/new/?where=name contains '{}'",
    "/main/customers/why/?id={}",
    "/main/customers/rights/?id={}",
    "/main/events/?customer={}",
    "/main/events/?where=properties.email = '{}'",
    "/main/events/?where=session in ('{}')",
    "/main/events/newest/?where=properties contains '{}'",
    "/main/events/pass/?where=customer = '{}'",
    "/main/data/touchpoints/?where=properties.deep.email = '{}'",
    "/main/scores/?metric=nps&where=customer = '{}'",
    "/main/scores/?metric=nps&where=choice contains '{}'",
)


def test_a_guess_is_refused_and_a_right_one_looks_like_a_wrong_one(cast: Cast) -> None:
    """Would catch a filter that counts one customer where the guess was right."""
    told = {}
    for address in GUESSES:
        guesses = (HER, PLANTED["e-mail"], PLANTED["session"], "qc0000000000")
        answers = {guess: cast.mira.get(address.format(guess)) for guess in guesses}
        said = {_but_for(guess, answer) for guess, answer in answers.items()}
        if len(said) > 1 or "Your membership does not show personal data" not in said.pop():
            told[address] = [answer.status_code for answer in answers.values()]
    assert told == {}


def _but_for(guess: str, answer: Any) -> str:
    """What an answer says, without what was asked and the tokens of forms."""
    said = html.unescape(unquote_plus(answer.content.decode()))
    said = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", said)
    return said.replace(guess, "…")


def test_a_message_that_was_waiting_is_masked(cast: Cast) -> None:
    """She had the right when she asked, and has lost it when the answer is shown."""
    asked = {"a": PLANTED["telephone"], "b": PLANTED["e-mail"]}
    for is_seen in (True, False):
        cast.ana.post("/main/customers/merge/", asked)
        Membership.objects.filter(person__login="ana").update(sees_personal_data=is_seen)
        cast.ana.post("/main/customers/merge/", {"a": "13700000000", "b": HER})
        assert ("13700000000" in _text(cast.ana, "/main/customers/")) == is_seen


def test_the_refusal_says_why_in_both_languages(cast: Cast) -> None:
    assert "does not show personal data" in _text(cast.mira, "/main/data/dead-letters/")
    cast.mira.cookies["zhiyin_language"] = "zh-hans"
    assert "您的成员身份不显示个人信息" in _text(cast.mira, "/main/data/dead-letters/")
    assert "您的成员身份不显示个人信息" in _text(cast.mira, "/main/customers/?where=email = 'x'")


def _text(client: Client, address: str) -> str:
    return text(client.get(address))
