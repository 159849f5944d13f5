"""A customer with a personal value in every place that pages read."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.workspaces import settings_of
from zhiyin.act import subjects
from zhiyin.act.alerts import actions as alerts
from zhiyin.act.alerts import firing
from zhiyin.act.alerts.conditions import Verbatim
from zhiyin.act.alerts.firing import Shot
from zhiyin.act.cases import actions
from zhiyin.collect.events.reading import read
from zhiyin.kernel.clock import now
from zhiyin.unify import matching, segments, suggestions
from zhiyin.unify.tests.casting import rows
from zhiyin.warehouse import lang
from zhiyin.warehouse.findings import Finding
from zhiyin.warehouse.intake import Intake
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.rules import RULED, Rule, Rules
from zhiyin.web.tests.test_catalogue_page import send

HER = "qc7740155901"
PLANTED = {
    "id": HER,
    "id of a device": "dev-9f31c7e2aa41",
    "id that is an address": "wilhelmina.o@planted.example",
    "id that is a telephone": "13955501234",
    "name": "Wilhelmina Ostrander",
    "e-mail": "ostrander@home.example",
    "telephone": "13955507777",
    "address": "17 Larkspur Lane",
    "verbatim telephone": "13766601235",
    "verbatim e-mail": "w.ostrander@work.example",
    "choice telephone": "13866601299",
    "alert telephone": "13933301245",
    "alert filter": "f.alert@planted.example",
    "case telephone": "13933301237",
    "case e-mail": "w.case@planted.example",
    "event e-mail": "shopper.w@shop.example",
    "event telephone": "13644401236",
    "event name": "Mina Larkspur-Ostrander",
    "session": "sess-55c1f0aa",
    "order": "ORD-2026-881234",
    "order to come": "ORD-2026-990077",
    "issue": "ISSUE-55-7781",
    "response": "RESP-2026-4410",
    "invitation": "INV-2026-7719",
    "evidence": "recorded by Tomasina Vance",
    "refused event": "refused.w@planted.example",
    "other customer": "qc7740155902",
    "other name": "Theodora Blenkinsop",
}
"""What may reach nobody without the right, and where it stands."""


HELD = {
    "email": PLANTED["event e-mail"],
    "phone": int(PLANTED["event telephone"]),
    "name": PLANTED["event name"],
    "deep": {"email": PLANTED["event e-mail"]},
}
"""What each of her events carries."""


def plant_facts(log: Owner, folder: Path) -> None:
    """Every planted value in the log where pages read it."""
    at = now() - timedelta(days=1)
    mine: dict[str, Any] = {"customer": HER, "occurred_at": at}
    _known(log, mine)
    _said(log, mine)
    _bought(log, mine)
    rows(
        log,
        "events",
        *(
            {
                **mine, "id": f"e{n}", "occurred_at": at - timedelta(hours=n),
                "name": "Order Completed", "channel": "web", "session": PLANTED["session"],
                "properties": json.dumps(HELD),
            }
            for n in range(60)
        ),
    )  # fmt: skip
    with Intake(log, folder, read) as intake:
        send(
            intake,
            {"event": "", "properties": {"email": PLANTED["refused event"]}},
            {"event": "Order Completed", "userId": HER, "properties": HELD},
        )
    ruled = Rule(f"properties.email = '{PLANTED['event e-mail']}'", "shop")
    for column in RULED:
        log.set_rules("main", column, Rules((ruled,)))


def plant_decisions(log: Owner) -> None:
    """What the relational store says of her: a segment, and a suggestion that waits."""
    rule = f"email = '{PLANTED['e-mail']}' or phone = {PLANTED['telephone']}"
    segments.create(by=COMMAND_LINE, workspace="main", name="Planted", rule=rule)
    _taken(log)
    _alerted(log)
    matching.match(log, "main")
    assert suggestions.pending("main")


def _taken(log: Owner) -> None:
    """A case about what she said, whose title and note name her."""
    settings = settings_of("main")
    said = lang.table(log.schema("main"), "verbatims")
    every = log.execute("main", said.select("seq", "text")).to_pylist()
    row = next(one for one in every if one["text"].startswith("Third late bag"))
    subject = subjects.find(
        "verbatim", str(row["seq"]), log=log, settings=settings, scope=None
    )  # fmt: skip
    asked: dict[str, Any] = {"by": COMMAND_LINE, "workspace": settings}
    actions.open(subject=replace(subject, title=f"Call {PLANTED['case telephone']}"), **asked)
    actions.note(number=1, text=f"She writes from {PLANTED['case e-mail']}.", **asked)


def _alerted(log: Owner) -> None:
    """An alert about what she said, with a note that names her, of a rule whose filter does."""
    said = lang.table(log.schema("main"), "verbatims")
    every = log.execute("main", said.select("seq", "text")).to_pylist()
    row = next(one for one in every if one["text"].startswith("Third late bag"))
    where = f"aspect = 'baggage' or id = '{PLANTED['alert filter']}'"
    wanted = alerts.Wanted(name="Bags", condition=Verbatim(where=where))
    rule = alerts.add(by=COMMAND_LINE, workspace="main", wanted=wanted, log=log)
    shot = Shot(f"verbatims:{row['seq']}", now(), "verbatims", row["seq"], "baggage")
    (alert,) = firing.fire(rule, [shot])
    alerts.dismiss(
        by=COMMAND_LINE, workspace="main", number=alert.number, reason="known",
        note=f"She calls from {PLANTED['alert telephone']}.",
    )  # fmt: skip


def _known(log: Owner, mine: dict[str, Any]) -> None:
    """Traits, ids of four kinds, and another customer with her address."""
    traits = {
        "name": PLANTED["name"],
        "email": PLANTED["e-mail"],
        "phone": PLANTED["telephone"],
        "address": PLANTED["address"],
        "tier": "gold",
        "language": "en",
    }
    other = {"customer": PLANTED["other customer"]}
    rows(
        log,
        "traits",
        *({**mine, "id": f"t-{name}", "name": name, "value": v} for name, v in traits.items()),
        {**other, "id": "o-name", "name": "name", "value": PLANTED["other name"]},
        {**other, "id": "o-email", "name": "email", "value": PLANTED["e-mail"]},
    )
    kinds = {
        "anonymous": PLANTED["id of a device"],
        "email": PLANTED["id that is an address"],
        "phone": PLANTED["id that is a telephone"],
    }
    link = {**mine, "action": "link", "reason": "crm"}
    rows(
        log,
        "identities",
        *({**link, "id": f"i-{k}", "other": one, "other_kind": k} for k, one in kinds.items()),
    )


def _said(log: Owner, mine: dict[str, Any]) -> None:
    text = (
        f"Third late bag. Ring {PLANTED['verbatim telephone']} or write to"
        f" {PLANTED['verbatim e-mail']}, thanks"
    )
    filled = {**mine, "id": PLANTED["response"], "response": PLANTED["response"]}
    asked_by = {"survey": "after", "invitation": PLANTED["invitation"], "flags": "fast"}
    rows(log, "responses", {**mine, "id": PLANTED["response"], **asked_by})
    rows(log, "verbatims", {**filled, "question": "why", "text": text, "language": "en"})
    (number,) = [seq for seq, _text in log.unread("main", "planted")]
    # Half of the text is one clause, and what is personal stands across its end.
    half = text.index(PLANTED["verbatim telephone"]) + 3
    clause = Finding(number, 0, 0, half, "en", "negative", 0.9, aspect="baggage")
    log.keep_findings("main", "planted", [number], [clause])
    answered = {**filled, "answer_state": "answered"}
    choice = f"other: call {PLANTED['choice telephone']}"
    nps = {"metric": "nps", "question": "nps", "score": 3.0, "scale_min": 0.0, "scale_max": 10.0}
    rows(
        log,
        "answers",
        {**answered, "metric": "choice", "question": "wish", "choice": choice},
        {**answered, **nps},
    )
    consent = {"purpose": "news", "channel": "sms", "is_given": False}
    rows(log, "consents", {**mine, **consent, "evidence": PLANTED["evidence"]})


def _bought(log: Owner, mine: dict[str, Any]) -> None:
    log.declare("main", {"orders": {"route": "text"}})
    paid = {**mine, "currency": "CNY", "amount": 12.5}
    order = {**paid, "d_route": "PVG-CAN"}
    rows(
        log,
        "orders",
        {**order, "id": PLANTED["order"], "status": "done"},
        {**order, "id": PLANTED["order to come"], "status": "open"},
    )
    rows(log, "refunds", {**paid, "order_id": PLANTED["order"]})
    contact = {"reason": "bag", "is_resolved": False, "channel": "phone"}
    rows(log, "service_contacts", {**mine, **contact, "issue": PLANTED["issue"]})
