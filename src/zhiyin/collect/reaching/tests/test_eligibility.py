"""Who may be asked: the whole list at once says what one customer after the other would."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.collect.models import Asking, Distribution, Survey
from zhiyin.collect.reaching import eligibility, quiet, rules
from zhiyin.collect.reaching.eligibility import Verdict
from zhiyin.collect.surveys.inviting import Invited
from zhiyin.unify.tests.casting import rows
from zhiyin.warehouse import lang
from zhiyin.warehouse.owner import Owner

AT = datetime(2026, 6, 30, 4)  # noon in Shanghai, where the workspace is
DAY = timedelta(days=1)


def judged(
    log: Owner, *names: str, at: Any = AT, kind: str = "touchpoint", **more: Any
) -> list[Verdict]:
    people = [Invited(name) for name in names]
    return eligibility.judge(
        log, workspace="main", kind=kind, channel="email", people=people, at=at, **more
    )  # fmt: skip


def reasons(log: Owner, *names: str, **more: Any) -> list[str]:
    return [one.reason for one in judged(log, *names, **more)]


def ruled(**changes: Any) -> None:
    rules.change(by=COMMAND_LINE, workspace="main", **changes)


def test_a_stranger_may_be_asked_and_only_once(log: Owner) -> None:
    assert reasons(log, "ann", "bea", "ann") == ["", "", "cool_down_kind"]
    ruled(days_touchpoint=0)
    assert reasons(log, "ann", "ann") == ["", "cool_down"]
    ruled(days_any=0)
    assert reasons(log, "ann", "ann") == ["", ""]
    assert judged(log) == []


def test_cool_downs_count_from_what_was_sent_by_kind_and_over_all(log: Owner) -> None:
    asked = {"action": "invited", "invitation": "t1"}
    rows(
        log,
        "exposures",
        {**asked, "customer": "ann", "survey": "visit", "occurred_at": AT - 29 * DAY},
        {**asked, "customer": "bea", "survey": "visit", "occurred_at": AT - 30 * DAY},
        {**asked, "customer": "cleo", "survey": "brand", "occurred_at": AT - 29 * DAY},
        {**asked, "customer": "dora", "survey": "brand", "occurred_at": AT - 13 * DAY},
        {**asked, "customer": "eve", "survey": "visit", "occurred_at": AT + DAY},
        {**asked, "customer": "fay", "survey": "visit", "action": "withheld",
         "occurred_at": AT - DAY},
    )  # fmt: skip
    people = ("ann", "bea", "cleo", "dora", "eve", "fay")
    assert reasons(log, *people) == ["cool_down_kind", "", "", "cool_down", "", ""]
    # By the kind of the survey that is to be sent.
    assert reasons(log, *people, kind="relationship") == [
        "", "", "cool_down_kind", "cool_down_kind", "", ""
    ]  # fmt: skip
    # What is judged again does not count.
    assert reasons(log, "ann", besides={"t1"}) == [""]


def test_a_merged_customer_is_one(log: Owner) -> None:
    rows(
        log,
        "exposures",
        {"action": "invited", "customer": "ann-app", "survey": "visit", "occurred_at": AT - DAY},
    )
    assert reasons(log, "ann") == [""]
    rows(log, "traits", {"customer": "ann", "name": "city", "value": "x"})
    rows(
        log,
        "identities",
        {"customer": "ann", "other": "ann-app", "action": "link", "reason": "card"},
    )
    assert reasons(log, "ann") == ["cool_down_kind"]
    rows(log, "traits", {"id": "z", "customer": "bea", "name": "city", "value": "x"})
    rows(
        log,
        "identities",
        {"id": "i2", "customer": "bea", "other": "bea-app", "action": "link", "reason": "card"},
    )
    # Two of her ids in one list.
    assert reasons(log, "bea-app", "bea") == ["", "cool_down_kind"]


def test_consent_is_given_and_withdrawn(log: Owner) -> None:
    said = {"purpose": "surveys", "is_given": True, "occurred_at": AT - 5 * DAY}
    later = AT - 2 * DAY
    rows(
        log,
        "consents",
        {"customer": "ann", **said},
        {"customer": "bea", **said, "channel": "email"},
        {"customer": "cleo", **said, "channel": "sms"},
        {"customer": "dora", **said},
        {"customer": "dora", **said, "is_given": False, "channel": "email", "occurred_at": later},
        {"customer": "eve", **said, "purpose": "newsletter"},
        {"customer": "fay", **said, "channel": "email"},
        {"customer": "fay", **said, "is_given": False},  # of one moment
    )
    people = ("ann", "bea", "cleo", "dora", "eve", "fay")
    assert reasons(log, *people) == ["", "", "", "withdrawn", "", "withdrawn"]
    ruled(needs_consent=True)
    assert reasons(log, *people) == ["", "", "no_consent", "withdrawn", "no_consent", "withdrawn"]
    assert reasons(log, *people, at=AT - 6 * DAY) == ["no_consent"] * 6
    ruled(purpose="newsletter")
    assert reasons(log, "ann", "eve") == ["no_consent", ""]


def test_nobody_is_asked_while_she_waits_for_us(log: Owner) -> None:
    began = {"name": "Conversation Started", "occurred_at": AT - timedelta(hours=2)}
    ended = {"name": "Conversation Ended", "occurred_at": AT - timedelta(hours=1)}
    rows(
        log,
        "events",
        {"customer": "ann", **began},
        {"customer": "bea", **began},
        {"customer": "bea", **ended},
        {"customer": "cleo", **began, "occurred_at": AT - 31 * DAY},
        {"customer": "dora", **ended, "name": "Conversation Started"},
        {"customer": "dora", **ended},
    )
    rows(
        log,
        "service_contacts",
        {"customer": "eve", "issue": "I1", "is_resolved": False},
        {"customer": "fay", "issue": "I2", "is_resolved": False, "occurred_at": AT - 3 * DAY},
        {"customer": "fay", "issue": "I2", "is_resolved": True},
        {"customer": "gil", "is_resolved": None},
    )
    people = ("ann", "bea", "cleo", "dora", "eve", "fay", "gil")
    assert reasons(log, *people, at=AT + timedelta(minutes=1)) == [
        "incident", "", "", "", "incident", "", "incident"
    ]  # fmt: skip
    ruled(pauses_in_incident=False)
    assert reasons(log, *people) == [""] * 7


def test_a_letter_waits_for_the_customers_morning(log: Owner) -> None:
    rows(
        log,
        "traits",
        {"customer": "ann", "name": "timezone", "value": "America/New_York",
         "occurred_at": AT - 9 * DAY},
        {"customer": "bea", "name": "timezone", "value": "Asia/Tokyo", "occurred_at": AT - DAY},
        {"customer": "bea", "name": "timezone", "value": "Europe/Berlin",
         "occurred_at": AT - 9 * DAY},
        {"customer": "cleo", "name": "timezone", "value": "Nowhere"},
    )  # fmt: skip
    late = datetime(2026, 6, 30, 13, 30)  # 21:30 in Shanghai, 22:30 in Tokyo, 9:30 in New York
    due = [one.due_at for one in judged(log, "ann", "bea", "cleo", "dora", at=late)]
    morning = datetime(2026, 7, 1, 1)
    assert due == [late, datetime(2026, 7, 1), morning, morning]
    ruled(quiet="none")
    assert {one.due_at for one in judged(log, "ann", "bea", "cleo", at=late)} == {late}


def test_what_waits_to_be_sent_counts_for_every_id_of_hers(log: Owner) -> None:
    held = Distribution.objects.create(
        workspace=Survey.objects.get(key="visit").workspace,
        survey=Survey.objects.get(key="visit"),
        key="d", channel="email", seed=1, created_by="zhiyin", changed_by="zhiyin",
    )  # fmt: skip
    for name, token in (("ann-app", "t1"), ("new", "t2")):
        Asking.objects.create(
            workspace=held.workspace, distribution=held, token=token, once=token, customer=name,
            customer_kind="customer", due_at="2026-07-02T00:00Z",
        )  # fmt: skip
    rows(log, "traits", {"customer": "ann", "name": "city", "value": "x"})
    rows(
        log,
        "identities",
        {"customer": "ann", "other": "ann-app", "action": "link", "reason": "card"},
    )
    assert reasons(log, "ann", "new", "bea") == ["cool_down_kind", "cool_down_kind", ""]
    assert reasons(log, "ann", "new", besides={"t1", "t2"}) == ["", ""]
    Asking.objects.update(is_over=True)
    assert reasons(log, "ann", "new") == ["", ""]


class Naive:
    """Decides about one customer after the other, from all rows of all tables."""

    def __init__(self, tables: Mapping[str, Sequence[Mapping[str, Any]]], whose: Mapping[str, str]):
        self.tables = tables
        self.whose = whose
        self.asked: dict[str, list[tuple[datetime, str]]] = {}

    def hers(self, table: str, who: str) -> list[Mapping[str, Any]]:
        found = [one for one in self.tables[table] if self.whose[one["customer"]] == who]
        return sorted(found, key=lambda one: one["occurred_at"])

    def verdicts(
        self, names: Sequence[str], moments: Sequence[datetime], kind: str, held: rules.Rules
    ) -> list[Verdict]:
        due = [self.due(self.whose[n], at, held) for n, at in zip(names, moments, strict=True)]
        found = [Verdict(at) for at in due]
        for place in sorted(range(len(names)), key=lambda n: due[n]):
            who, at = self.whose[names[place]], due[place]
            why = self.why(who, at, kind, held)
            if not why:
                self.asked.setdefault(who, []).append((at, kind))
            found[place] = Verdict(at, why)
        return found

    def due(self, who: str, at: datetime, held: rules.Rules) -> datetime:
        zones = [one["value"] for one in self.hers("traits", who) if one["name"] == "timezone"]
        zone = zones[-1] if zones and zones[-1] != "Nowhere" else "Asia/Shanghai"
        hours = quiet.read(held.quiet)
        while hours and hours.holds(at, zone):
            at = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0) + timedelta(
                minutes=15
            )
        return at

    def why(self, who: str, at: datetime, kind: str, held: rules.Rules) -> str:
        last = None
        for one in self.hers("consents", who):
            if (
                one["occurred_at"] <= at
                and one["purpose"] == "surveys"
                and one["channel"] in (None, "email")
            ):
                last = one["is_given"]
        if last is False:
            return "withdrawn"
        if last is None and held.needs_consent:
            return "no_consent"
        since = at - timedelta(days=held.incident_days)
        turns = [one for one in self.hers("events", who) if one["name"].startswith("Conversation")]
        turns = [one for one in turns if one["occurred_at"] <= at]
        if (
            turns
            and turns[-1]["name"] == "Conversation Started"
            and turns[-1]["occurred_at"] > since
        ):
            return "incident"
        issues: dict[str, Mapping[str, Any]] = {}
        for one in self.hers("service_contacts", who):
            if one["occurred_at"] <= at:
                issues[one["issue"]] = one
        if any(not one["is_resolved"] and one["occurred_at"] > since for one in issues.values()):
            return "incident"
        kinds = {"visit": "touchpoint", "brand": "relationship", "other": ""}
        before = [
            (at - one["occurred_at"], kinds[one["survey"]])
            for one in self.hers("exposures", who)
            if one["action"] == "invited" and one["occurred_at"] <= at
        ] + [(abs(at - then), other) for then, other in self.asked.get(who, [])]
        if any(other == kind and ago < held.days(kind) * DAY for ago, other in before):
            return "cool_down_kind"
        return "cool_down" if any(ago < held.days_any * DAY for ago, _other in before) else ""


def planted(seed: int) -> tuple[dict[str, list[dict[str, Any]]], dict[str, str]]:
    """Rows of some customers, some of whom have two ids."""
    draw = random.Random(seed)  # noqa: S311
    count = 60
    whose = {f"c{k}": f"c{k}" for k in range(count)}
    whose |= {f"x{k}": f"c{k}" for k in range(0, count, 3)}
    names = list(whose)

    def times(n: int) -> list[datetime]:
        # No two at one moment: what wins then is asked elsewhere.
        return [AT - timedelta(minutes=m) for m in draw.sample(range(-3000, 150_000), n)]

    def many(n: int, **columns: Any) -> list[dict[str, Any]]:
        return [
            {"id": f"r{k}", "customer": draw.choice(names), "occurred_at": at,
             **{name: choose() for name, choose in columns.items()}}
            for k, at in enumerate(times(n))
        ]  # fmt: skip

    def one_of(*values: Any) -> Any:
        return lambda: draw.choice(values)

    tables = {
        "traits": many(40, name=one_of("timezone", "city"),
                       value=one_of("America/New_York", "Asia/Tokyo", "Nowhere")),
        "consents": many(50, purpose=one_of("surveys", "surveys", "news"),
                         channel=one_of(None, "email", "sms"), is_given=one_of(True, True, False)),
        "events": many(60, name=one_of("Conversation Started", "Conversation Ended", "Paid")),
        "service_contacts": many(30, issue=one_of("I1", "I2"),
                                 is_resolved=one_of(True, False, None)),
        "exposures": many(80, survey=one_of("visit", "brand", "other"),
                          action=one_of("invited", "invited", "opened"), invitation=one_of("t")),
    }  # fmt: skip
    for trait in tables["traits"]:
        trait["occurred_at"] -= 6 * DAY
    return tables, whose


@pytest.mark.parametrize(("seed", "few"), [(0, 500), (1, 0)])
def test_the_whole_list_at_once_says_what_one_after_the_other_would(
    log: Owner, monkeypatch: pytest.MonkeyPatch, seed: int, few: int
) -> None:
    monkeypatch.setattr(eligibility, "FEW", few)  # so many are sought out, more are read
    tables, whose = planted(seed)
    for table, listed in tables.items():
        rows(log, table, *listed)
    every = [{"id": name, "customer": name, "name": "seen"} for name in whose]
    rows(log, "traits", *every, source="crm")
    links = [
        {"id": other, "customer": one, "other": other, "action": "link", "reason": "card"}
        for other, one in whose.items()
        if other != one
    ]
    rows(log, "identities", *links)
    draw = random.Random(seed + 100)  # noqa: S311
    for kind in ("touchpoint", "relationship", "journey"):
        ruled(
            quiet=draw.choice(["21:00-09:00", "12:00-13:30", "none"]),
            needs_consent=draw.choice([True, False]),
            days_any=draw.choice([0, 3, 20]),
            days_touchpoint=draw.choice([0, 10, 40]),
            days_relationship=draw.choice([5, 90]),
            incident_days=draw.choice([2, 30]),
        )
        names = draw.choices(list(whose), k=150)
        moments = [AT - timedelta(minutes=draw.randrange(0, 4000)) for _name in names]
        found = judged(log, *names, at=moments, kind=kind)
        assert found == Naive(tables, whose).verdicts(names, moments, kind, rules.of("main"))
        assert len({one.reason for one in found}) > 2


def test_ten_thousand_take_as_many_queries_as_one(
    log: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows(log, "traits", *({"id": f"t{k}", "customer": f"c{k}", "name": "n"} for k in range(10_000)))
    asked = []
    execute = log.execute

    def counted(workspace: str, query: lang.Expression, **more: Any) -> Any:
        asked.append(query)
        return execute(workspace, query, **more)

    monkeypatch.setattr(log, "execute", counted)
    assert reasons(log, "c1") == [""]
    one, asked[:] = len(asked), []
    assert set(reasons(log, *(f"c{k}" for k in range(10_000)))) == {""}
    assert len(asked) == one <= 8
