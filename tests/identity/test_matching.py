"""Equal e-mail and telephone on a real log: who is joined, who is not, and what a rerun does."""

from __future__ import annotations

from typing import Any

import pytest

from zhiyin.accounts import keys
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import AuditEntry
from zhiyin.kernel.errors import Problem
from zhiyin.unify import identity_rules, matching, merging, suggestions
from zhiyin.unify.models import MatchRun, MatchSuggestion, SuggestionState
from zhiyin.unify.why import explain
from zhiyin.warehouse.log import Log
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.planting import DAY, put
from zhiyin.warehouse.tests.test_joining import groups, say

pytestmark = pytest.mark.django_db


def know(log: Log, customer: str, source: str = "crm", **traits: str) -> None:
    """What is on file of a customer."""
    rows = [
        {"row": 0, "id": f"{customer}-{source}-{value}", "occurred_at": DAY,
         "customer": customer.lstrip("~"), "name": name, "value": value,
         "customer_kind": "anonymous" if customer.startswith("~") else "customer"}
        for name, value in traits.items()
    ]  # fmt: skip
    put(log, rows, table="traits", source=source)


def match(log: Log) -> matching.Matched:
    return matching.match(log, "main")


def waiting() -> set[frozenset[str]]:
    return {frozenset({s.id_a, s.id_b}) for s in suggestions.pending("main")}


def together(log: Log) -> set[frozenset[str]]:
    return {one for one in groups(log) if len(one) > 1}


def sets(*of: str) -> set[frozenset[str]]:
    return {frozenset(one.split()) for one in of}


def test_one_address_in_two_forms_joins_with_its_evidence(log: Log) -> None:
    know(log, "a", email="Wang.Wei@example.com")
    know(log, "b", email="ｗａｎｇ．ｗｅｉ＠ｅｘａｍｐｌｅ．ｃｏｍ")
    know(log, "c", email="wang.w@example.com")
    assert match(log).linked == 1
    assert together(log) == sets("a b")
    (reason,) = explain(log, workspace="main", written="a").reasons
    assert (reason.reason, reason.linked_by) == ("same_email", "rule")
    assert reason.evidence == {"trait": "email", "value": "wang.wei@example.com"}


def test_a_second_run_adds_nothing_and_one_without_news_reads_nothing(log: Log) -> None:
    know(log, "a", email="a@example.com")
    know(log, "b", email="a@example.com")
    assert match(log).linked == 1
    again = matching.match(log, "main", always=True)
    assert (again.linked, again.withdrawn, again.standing) == (0, 0, 1)
    match(log)
    assert match(log).is_unchanged


def test_a_contact_of_three_hundred_identifies_nobody(owner: Owner) -> None:
    rows = [{"row": k, "id": f"t{k}", "occurred_at": DAY, "customer": f"c{k}", "name": "phone",
             "value": "0571 8765 4321"} for k in range(300)]  # fmt: skip
    rows += [{**row, "id": f"n{k}", "name": "name", "value": "Wang Wei"}
             for k, row in enumerate(rows)]  # fmt: skip
    put(owner, rows, table="traits")
    done = match(owner)
    assert (done.linked, done.contacts["phone"], done.suggested) == (0, 1, 0)
    assert together(owner) == set()


def test_a_family_with_one_telephone_stays_a_family(log: Log) -> None:
    know(log, "mum", phone="13800138000", name="李娜", birth_date="1984-02-01")
    know(log, "son", phone="+86 13800138000", name="李浩然", birth_date="2015-07-09")
    know(log, "ana", phone="13900139000", email="ana@example.com", loyalty_number="1")
    know(log, "ben", phone="13900139000", email="ben@example.com", loyalty_number="2")
    assert match(log).linked == 0
    assert together(log) == set()
    assert waiting() == set()


def test_a_telephone_joins_with_an_agreeing_name_or_birth(log: Log) -> None:
    know(log, "a", phone="13800138000", name="Wang Wei")
    know(log, "b", phone="+86 138 0013 8000", name="WEI WANG")
    know(log, "c", phone="13900139000", birth_date="1990-01-02")
    know(log, "d", phone="13900139000", birth_date="19900102")
    know(log, "e", phone="13700137000")
    know(log, "f", phone="13700137000")
    match(log)
    assert together(log) == sets("a b", "c d")
    assert waiting() == sets("e f")
    identity_rules.change(log, by=COMMAND_LINE, workspace="main", phone_alone=True)
    match(log)
    assert together(log) == sets("a b", "c d", "e f")
    assert waiting() == set()


def test_what_speaks_against_it_leaves_one_address_to_a_person(log: Log) -> None:
    know(log, "a", email="home@example.com", name="John Smith")
    know(log, "b", email="home@example.com", name="Mary Smith")
    assert match(log).linked == 0
    assert waiting() == sets("a b")
    (one,) = suggestions.pending("main")
    assert {c["field"]: c["level"] for c in one.comparison} == {
        "name": "different", "email": "same",
    }  # fmt: skip


def test_addresses_of_roles_and_of_devices_identify_nobody(log: Log) -> None:
    for customer in ("a", "b"):
        know(log, customer, email="info@example.com")
    know(log, "c", email="c@example.com")
    know(log, "~browser", email="c@example.com")
    assert match(log).linked == 0
    assert together(log) == set()


def test_what_came_over_the_open_network_waits_for_a_person(log: Log) -> None:
    """Anybody can send `identify` with somebody else's address."""
    keys.create(by=COMMAND_LINE, workspace="main", source="site")
    know(log, "ana", email="ana@example.com")
    know(log, "thief", source="site", email="ana@example.com")
    say(log, "ben", "ana", "intake", reason="alias")
    assert match(log).linked == 0
    assert together(log) == set()
    assert waiting() == sets("ana thief", "ana ben")
    assert {s.origin for s in suggestions.pending("main")} == {"unknown_caller"}


def test_a_link_whose_ground_is_gone_is_withdrawn(log: Log) -> None:
    know(log, "a", email="a@example.com")
    know(log, "b", email="a@example.com")
    match(log)
    know(log, "b", source="later", email="b@example.com")
    done = match(log)
    assert (done.linked, done.withdrawn) == (0, 1)
    assert together(log) == set()
    know(log, "b", source="latest", email="a@example.com")
    match(log)
    assert together(log) == sets("a b")


def test_a_rule_that_is_switched_off_withdraws_its_links_and_the_change_is_audited(
    log: Log,
) -> None:
    know(log, "a", email="a@example.com")
    know(log, "b", email="a@example.com")
    match(log)
    identity_rules.change(log, by=COMMAND_LINE, workspace="main", traits=["phone"])
    assert match(log).withdrawn == 1
    assert together(log) == set()
    (entry,) = [e for e in AuditEntry.of("main") if e.action == "identity_rules.changed"]
    assert (entry.before, entry.after) == (
        {"traits": ["email", "phone"]}, {"traits": ["phone"]},
    )  # fmt: skip
    with pytest.raises(Problem, match="rules cannot be"):
        identity_rules.change(log, by=COMMAND_LINE, workspace="main", cluster_limit=1)


def test_what_a_person_undid_no_rule_joins_again(log: Log) -> None:
    know(log, "a", email="a@example.com")
    know(log, "b", email="a@example.com")
    match(log)
    (reason,) = explain(log, workspace="main", written="a").reasons
    merging.unmerge(log, by=COMMAND_LINE, workspace="main", merge_id=reason.merge_id)
    matching.match(log, "main", always=True)
    assert together(log) == set()
    assert waiting() == set()


def test_a_killed_run_is_finished_by_the_next(
    owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the links and the note of the run: the next finds the links and adds none."""
    know(owner, "a", email="a@example.com")
    know(owner, "b", email="a@example.com")

    def killed(*_arguments: Any, **_named: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(MatchRun.objects, "update_or_create", killed)
    with pytest.raises(KeyboardInterrupt):
        match(owner)
    monkeypatch.undo()
    assert match(owner).linked == 0
    assert together(owner) == sets("a b")


def test_decisions_are_facts_and_can_be_undone(log: Log) -> None:
    know(log, "a", email="home@example.com", name="John Smith")
    know(log, "b", email="home@example.com", name="Mary Smith")
    match(log)
    (one,) = suggestions.pending("main")
    done = suggestions.accept(log, by=COMMAND_LINE, workspace="main", pk=one.pk)
    assert together(log) == sets("a b")
    assert done.merge_id
    with pytest.raises(Problem, match="decided this suggestion already"):
        suggestions.reject(log, by=COMMAND_LINE, workspace="main", pk=one.pk)
    suggestions.reopen(log, by=COMMAND_LINE, workspace="main", pk=one.pk)
    assert together(log) == set()
    suggestions.reject(log, by=COMMAND_LINE, workspace="main", pk=one.pk)
    matching.match(log, "main", always=True)
    assert waiting() == set()
    assert MatchSuggestion.objects.get(pk=one.pk).state == SuggestionState.REJECTED
    suggestions.reopen(log, by=COMMAND_LINE, workspace="main", pk=one.pk)
    matching.match(log, "main", always=True)
    assert waiting() == sets("a b")
    assert {e.action for e in AuditEntry.of("main") if "suggestion" in e.action} == {
        "match_suggestion.accepted", "match_suggestion.rejected", "match_suggestion.reopened",
    }  # fmt: skip


def test_rules_are_read_as_people_write_them() -> None:
    written = ("shared_by_at_most = 3", "phone_alone=yes", "traits=email, loyalty_number")
    assert identity_rules.read(written) == {
        "shared_by_at_most": 3, "phone_alone": True, "traits": ["email", "loyalty_number"],
    }  # fmt: skip
    for wrong, code in (("limit=3", "identity.no-such-rule"),
                        ("phone_alone=perhaps", "identity.rule-value"),
                        ("cluster_limit=many", "identity.rule-value")):  # fmt: skip
        with pytest.raises(Problem) as told:
            identity_rules.read([wrong])
        assert told.value.code == code
