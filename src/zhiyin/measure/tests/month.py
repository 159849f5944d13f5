"""A made-up month: answers, events, orders, contacts and invitations of sixty customers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np

from zhiyin.measure.tests.planting import answer, plant
from zhiyin.warehouse.findings import Finding
from zhiyin.warehouse.log import Log

START = datetime(2026, 3, 1)
NOW = datetime(2026, 3, 28)


def fill(log: Log, slug: str) -> None:
    """Put the month into a workspace of its own."""
    rng = np.random.default_rng(11)
    log.create(slug)
    plant(log, slug, "answers", made_up_answers(rng))
    plant(log, slug, "events", made_up_events(rng))
    orders = [
        {"customer": f"c{rng.integers(60)}", "occurred_at": at(rng), "currency": "CNY",
         "amount": None if i % 9 == 0 else float(rng.integers(1, 90_000)) / 100}
        for i in range(150)
    ]  # fmt: skip
    plant(log, slug, "orders", orders)
    contacts = [
        {"customer": f"c{rng.integers(60)}", "occurred_at": at(rng), "reason": reason}
        for reason in ["complaint", "投诉", "question"] * 5
    ]
    plant(log, slug, "service_contacts", contacts)
    sent = [{"invitation": f"i{i}", "action": "invited", "customer": f"c{i}"} for i in range(80)]
    lost = [
        {"invitation": f"i{i}", "action": "bounced", "customer": f"c{i}"} for i in range(0, 80, 9)
    ]
    plant(log, slug, "exposures", [*sent, *lost])
    texts = [
        {"customer": f"c{rng.integers(60)}", "occurred_at": at(rng), "text": "…", "channel": where}
        for where in ["app", "web", None] * 40
    ]
    plant(log, slug, "verbatims", texts)
    plant_findings(log, slug, rng)
    plant(
        log,
        slug,
        "responses",
        [{"invitation": f"i{i}", "customer": f"c{i}"} for i in range(0, 80, 3)],
    )


def plant_findings(log: Log, slug: str, rng: np.random.Generator) -> None:
    """Nought to three clauses in each verbatim."""
    seqs = [seq for seq, _text in log.unread(slug, "made up")]
    polarities = ("negative", "neutral", "positive", "mixed")
    found = [
        Finding(seq, place, 0, 1, "zh", str(rng.choice(polarities)), 0.9)
        for seq in seqs
        for place in range(rng.integers(4))
    ]
    log.keep_findings(slug, "made up", seqs, found)


def at(rng: np.random.Generator, days: int = 26) -> datetime:
    return START + timedelta(seconds=int(rng.integers(days * 86_400)))


def made_up_answers(rng: np.random.Generator) -> list[dict[str, Any]]:
    asks = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}
    states = ["answered"] * 6 + ["skipped", "not_applicable", "dont_know"]
    rows = []
    for i in range(600):
        metric = list(asks)[i % 3]
        low, high = asks[metric]
        state = str(rng.choice(states))
        mark = float(rng.integers(low, high + 1)) if state == "answered" else None
        rows.append(
            answer(mark, id=f"a{i}", question=f"q {metric}", metric=metric, scale_min=float(low),
                   scale_max=float(high), answer_state=state, customer=f"c{rng.integers(60)}",
                   occurred_at=at(rng))
        )  # fmt: skip
    return rows


def made_up_events(rng: np.random.Generator) -> list[dict[str, Any]]:
    names = ["Page Viewed", "page", "Product Added", "Checkout Started", "Order Completed",
             "Ad Clicked", "Scrolled", "Subscription Renewed", "Subscription Expired",
             "Subscription Cancelled"]  # fmt: skip
    weights = np.array([6, 2, 2, 1, 1, 2, 2, 0.5, 0.3, 0.3])
    rows = []
    for _session in range(400):
        who, number, moment = int(rng.integers(60)), int(rng.integers(10**9)), at(rng)
        for _event in range(int(rng.integers(1, 7))):
            rows.append(
                {
                    "name": str(rng.choice(names, p=weights / weights.sum())),
                    "customer": f"c{who}",
                    "session": None if number % 7 == 0 else f"s{number}",
                    "occurred_at": moment,
                    "channel": str(rng.choice(["web", "app"])),
                }
            )
            moment += timedelta(seconds=int(rng.exponential(600)))
    return rows
