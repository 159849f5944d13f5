"""Contact rules and triggers as a person meets them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.collect.models import Distribution, Survey
from zhiyin.collect.reaching import rules, triggering
from zhiyin.collect.reaching.tests.living import NAME, arrive, reached
from zhiyin.collect.surveys import actions
from zhiyin.collect.surveys.tests.written import NPS, survey
from zhiyin.warehouse.owner import Owner
from zhiyin.web.tests.test_pages import text

FORM = {"event": NAME, "where": "channel = 'app'", "delay_minutes": "0", "late_hours": "48",
        "share": "100", "days": "7", "fields": "", "about_kind": "",
        "about_property": ""}  # fmt: skip


@pytest.fixture
def distribution(as_ana: Client, log: Owner) -> Client:
    """A distribution that nothing asks for yet."""
    actions.create(by=COMMAND_LINE, workspace="main", key="visit", survey=survey((NPS,)))
    held = Survey.objects.get(key="visit")
    Distribution.objects.create(
        workspace=held.workspace, survey=held, key="after", channel="email", seed=7,
        created_by="zhiyin", changed_by="zhiyin",
    )  # fmt: skip
    return as_ana


def test_the_rules_are_changed_on_their_page(as_ana: Client) -> None:
    address = "/main/settings/contact/"
    assert "Quiet hours" in text(as_ana.get(address))
    given: dict[str, Any] = {
        **{k: v for k, v in rules.Rules().as_dict().items() if not isinstance(v, bool)},
        "days_any": "20", "quiet": "22:00 - 8:00", "needs_consent": "1",
    }  # fmt: skip
    assert "whoever is judged next" in text(as_ana.post(address, given, follow=True))
    held = rules.of("main")
    assert (held.days_any, held.quiet, held.needs_consent) == (20, "22:00-08:00", True)
    assert not held.pauses_in_incident  # a switch that is off
    for wrong in ({"days_any": "400"}, {"quiet": "late"}, {"purpose": " "}, {"days_any": "-1"}):
        refused = as_ana.post(address, {**given, **wrong})
        assert refused.status_code == 422, wrong
    assert rules.of("main") == held


def test_a_trigger_is_tried_before_it_is_saved(distribution: Client, log: Owner) -> None:
    client, address = distribution, "/main/triggers/after/"
    assert "none" in text(client.get("/main/triggers/"))
    rules.change(by=COMMAND_LINE, workspace="main", quiet="none")
    arrive(log, *({"id": f"e{k}", "customer": f"c{k % 3}"} for k in range(5)))
    reached(log, "c0", "c1", "c2")
    part = client.get(address, FORM, headers={"HX-Request": "true"})
    said = text(part)
    assert "would have asked 3 customers 3 times" in said
    assert "withheld 2 of 5 events" in said
    assert "<html" not in part.content.decode()
    assert triggering.of("main") == []
    bad = client.get(address, {**FORM, "where": "chanel = 'app'"})
    assert (bad.status_code, "no column chanel" in text(bad)) == (422, True)
    assert client.post(address, FORM, follow=True).status_code == 200
    (made,) = triggering.of("main")
    assert made.trigger.where == "channel = 'app'"
    assert NAME in text(client.get("/main/triggers/"))
    assert NAME in client.get(address).content.decode()
    for wrong in ({"share": "0"}, {"share": "x"}, {"delay_minutes": "-1"}, {"event": ""}):
        assert client.post(address, {**FORM, **wrong}).status_code == 422, wrong
    client.post(address, {"do": "remove"})
    assert triggering.of("main") == []
    assert client.get("/main/triggers/none/").status_code == 404


def test_whoever_sees_no_personal_data_cannot_try_who_somebody_is(
    distribution: Client, log: Owner
) -> None:
    """Would catch a dry run by which a customer's id is guessed."""
    from zhiyin.accounts.models import Membership

    Membership.objects.update(sees_personal_data=False)
    refused = distribution.get("/main/triggers/after/", {**FORM, "where": "customer = 'c1'"})
    assert refused.status_code == 422
    assert distribution.get("/main/triggers/after/", FORM).status_code == 200
