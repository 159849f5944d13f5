"""Rules of the widget on pages: made, seen beforehand, switched, removed."""

from __future__ import annotations

import pytest
from django.test import Client

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import Person
from zhiyin.accounts.workspaces import settings_of
from zhiyin.collect.surveys import actions, bringing
from zhiyin.collect.widgets import kept
from zhiyin.collect.widgets.definition import Rule
from zhiyin.unify import segments
from zhiyin.warehouse.owner import Owner
from zhiyin.web import widget_page
from zhiyin.web.tests.test_pages import text

pytestmark = pytest.mark.django_db
LIST = "/main/surveys/visit/website/"
FORM = {**widget_page.of(Rule()), "origins": "https://shop.example.com"}


@pytest.fixture
def page(client: Client, ana: Person, log: Owner) -> Client:
    client.force_login(ana)
    begun = bringing.begun(settings_of("main"), ready="nps-touchpoint")
    for key in ("visit", "brand"):
        actions.create(by=COMMAND_LINE, workspace="main", key=key, survey=begun)
    actions.publish(by=COMMAND_LINE, workspace="main", key="visit")
    segments.create(by=COMMAND_LINE, workspace="main", name="Gold", rule="plan = 'gold'")
    return client


def test_a_rule_is_made_switched_changed_and_removed(page: Client) -> None:
    said = text(page.get(LIST))
    assert "There is no rule yet." in said
    assert "/w.js" in said
    given = {**FORM, "name": "shop", "pages": "/a/*\r\n/b", "devices": ["phone", "tablet"],
             "on_exit": "yes", "segment": "gold"}  # fmt: skip
    made = page.post(LIST, given)
    assert made["Location"] == f"{LIST}shop/"
    rule = kept.rule(kept.get("main", "shop"))
    assert (rule.pages, rule.devices) == (("/a/*", "/b"), ("phone", "tablet"))
    assert (rule.on_exit, rule.segment, rule.needs_consent) == (True, "gold", False)
    assert text(page.get(LIST)).count("shop") >= 1
    assert "shop" in text(page.post(LIST, given)), "the name is taken"
    for does, is_on in (("on", True), ("off", False)):
        page.post(f"{LIST}shop/", {"do": does})
        assert kept.get("main", "shop").is_on is is_on
    page.post(f"{LIST}shop/", {**FORM, "percent": "20"})
    rule = kept.rule(kept.get("main", "shop"))
    assert (rule.percent, rule.pages, rule.on_exit) == (20, (), False)
    # Under the survey that it shows, and no other.
    moved = page.get("/main/surveys/brand/website/shop/")
    assert moved["Location"] == f"{LIST}shop/"
    assert page.post(f"{LIST}shop/", {"do": "remove"})["Location"] == LIST
    assert page.get(f"{LIST}shop/").status_code == 404


def test_what_a_rule_does_is_said_before_it_is_kept(page: Client) -> None:
    given = {**FORM, "event": "Order Completed", "where": "properties.total > 5", "percent": "20",
             "after_seconds": "3", "after_scroll": "50", "needs_consent": "yes",
             "devices": ["phone"], "segment": "gold"}  # fmt: skip
    said = text(page.get(LIST, given))
    for part in (
        "On every page of https://shop.example.com.",
        "When Order Completed happens and properties.total > 5 holds.",
        "3 seconds after the event.", "When 50% of the page were seen.",
        "20% of visitors, drawn with a seed.", "Only on: phone.",
        "Customers of the segment gold", "3 times at most", "Before she has consented",
    ):  # fmt: skip
        assert part in said, part
    assert not kept.of("main").exists()
    fresh = page.get(LIST, {**given, "place": "embedded"}, headers={"HX-Request": "true"})
    assert fresh.status_code == 200, "htmx shows no answer that says it failed"
    assert "names the element that holds it" in text(fresh)
    assert "<form" not in fresh.content.decode()
    refused = page.post(LIST, {**given, "name": "shop", "where": "channel = 'app'"})
    assert refused.status_code == 422
    assert "channel" in text(refused)
    assert "properties.total" not in refused.context["given"]["where"]


def test_what_people_write_is_text(page: Client) -> None:
    """No selector and no name of an event becomes a part of the page."""
    hostile = '"><script>alert(1)</script>'
    answer = page.get(LIST, {**FORM, "event": hostile, "name": hostile}, follow=True)
    assert "<script>alert" not in answer.content.decode()
