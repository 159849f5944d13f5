"""Merge suggestions and their reasons as a person meets them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from zhiyin.unify import identity_rules, matching, suggestions
from zhiyin.unify.models import SuggestionState
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.planting import DAY, put
from zhiyin.warehouse.tests.test_joining import groups
from zhiyin.web.tests.test_pages import text

EVIL = '<script>alert("x")</script>'


def traits(customer: str, **said: str) -> list[dict[str, Any]]:
    return [
        {"row": 0, "id": f"{customer}-{name}", "occurred_at": DAY, "customer": customer,
         "name": name, "value": value}
        for name, value in said.items()
    ]  # fmt: skip


def know(log: Owner, *rows: dict[str, Any]) -> None:
    put(log, list(rows), table="traits", source="crm")


@pytest.fixture
def with_pairs(as_ana: Client, log: Owner) -> Client:
    """Twelve families of two with one address each; the first has a name of markup."""
    know(
        log,
        *(
            row
            for k in range(12)
            for row in (
                *traits(f"a{k}", email=f"home{k}@example.com", name="John Smith" if k else EVIL),
                *traits(f"b{k}", email=f"home{k}@example.com", name="Mary Jones"),
            )
        ),
    )
    matching.match(log, "main")
    return as_ana


def test_an_empty_list_says_what_to_do(as_ana: Client) -> None:
    said = text(as_ana.get("/main/customers/suggestions/"))
    assert "Nothing waits" in said
    assert "zhiyin match --suggest" in said


def test_pairs_stand_side_by_side_in_parts_and_can_be_searched(with_pairs: Client) -> None:
    page = with_pairs.get("/main/customers/suggestions/")
    said = text(page)
    assert "12 suggestions" in said
    assert "home3@example.com" in said
    assert "1 / 2" in said
    assert "<script>alert" not in page.content.decode()
    second = text(with_pairs.get("/main/customers/suggestions/?page=2"))
    homes = [set(re.findall(r"home\d+", part)) for part in (said, second)]
    assert not homes[0] & homes[1]
    assert homes[0] | homes[1] == {f"home{k}" for k in range(12)}
    assert "1 suggestions" in text(with_pairs.get("/main/customers/suggestions/?id=a11"))
    assert "No suggestion" in text(with_pairs.get("/main/customers/suggestions/?id=zz&state=x"))


def test_a_decision_is_made_and_undone(with_pairs: Client, log: Owner) -> None:
    one, other = suggestions.pending("main")[:2]
    address = "/main/customers/suggestions/{}/"
    said = text(with_pairs.post(address.format(one.pk), {"decision": "accept"}, follow=True))
    assert "Merged: one customer now." in said
    assert frozenset({one.id_a, one.id_b}) in groups(log)
    with_pairs.post(address.format(other.pk), {"decision": "reject"})
    other.refresh_from_db()
    assert (other.state, other.decided_by) == (SuggestionState.REJECTED, "ana")
    assert "ana" in text(with_pairs.get("/main/customers/suggestions/?state=accepted"))
    with_pairs.post(address.format(one.pk), {"decision": "reopen"})
    assert frozenset({one.id_a, one.id_b}) not in groups(log)
    again = text(with_pairs.post(address.format(999), {"decision": "accept"}, follow=True))
    assert "no such suggestion" in again
    assert with_pairs.get(address.format(one.pk)).status_code == 405


def test_nobody_is_sent_elsewhere_after_a_decision(with_pairs: Client) -> None:
    one = suggestions.pending("main")[0]
    given = {"decision": "reject", "back": "//evil.example/"}
    answer = with_pairs.post(f"/main/customers/suggestions/{one.pk}/", given)
    assert answer.headers["location"] == "/main/customers/suggestions/"


def test_a_merge_is_made_explained_and_undone_on_the_page(with_pairs: Client, log: Owner) -> None:
    said = text(with_pairs.post("/main/customers/merge/", {"a": "a1", "b": "b2", "note": EVIL},
                                follow=True))  # fmt: skip
    assert "One customer now" in said
    page = with_pairs.get("/main/customers/why/?id=b2").content.decode()
    assert "a person said so" in page
    assert "<script>alert" not in page
    number = page.split('name="undo" value="')[1].split('"')[0]
    said = text(with_pairs.post("/main/customers/merge/", {"a": "a1", "undo": number}, follow=True))
    assert "figures are as before" in said
    assert "Said to be others" in said
    wrong = with_pairs.get("/main/customers/why/?id=nobody")
    assert wrong.status_code == 404
    assert "No customer has the id nobody" in text(wrong)


def test_both_languages(with_pairs: Client) -> None:
    with_pairs.cookies["zhiyin_language"] = "zh-hans"
    said = text(with_pairs.get("/main/customers/suggestions/"))
    for word in ("合并建议", "是两人", "邮箱", "相同", "姓名"):
        assert word in said
    assert "为何是同一人" in text(with_pairs.get("/main/customers/why/?id=a1"))


def test_identity_rules_are_changed_on_their_page(as_ana: Client, log: Owner) -> None:
    address = "/main/customers/identity/"
    assert "have not run yet" in text(as_ana.get(address))
    given = {"traits": "email, loyalty", "shared_by_at_most": "3", "country": "gb",
             "cluster_limit": "10", "gmail_dots": "1"}  # fmt: skip
    assert "The rules are changed" in text(as_ana.post(address, given, follow=True))
    rules = identity_rules.rules_of("main")
    assert (rules.traits, rules.shared_by_at_most, rules.country) == (("email", "loyalty"), 3, "GB")
    assert (rules.gmail_dots, rules.phone_alone) == (True, False)
    know(log, *traits("a", email="J.Smith+x@gmail.com"), *traits("b", email="jsmith@gmail.com"))
    matching.match(log, "main")
    assert frozenset({"a", "b"}) in groups(log)
    assert "Links by rules 1" in text(as_ana.get(address))
    for wrong in ({"shared_by_at_most": "1"}, {"shared_by_at_most": "x"}, {"country": "China"}):
        refused = as_ana.post(address, {**given, **wrong})
        assert refused.status_code == 422
        assert next(iter(wrong.values())).upper() in refused.content.decode().upper()
    assert identity_rules.rules_of("main") == rules
