"""A survey that is weighted to declared, to counted and to impossible margins."""

from __future__ import annotations

import json
import random
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import AuditEntry
from zhiyin.collect.surveys.logic import Answer
from zhiyin.kernel.errors import Problem
from zhiyin.measure.surveys import targeting
from zhiyin.measure.surveys.crosstab import TOTAL, crosstab
from zhiyin.measure.surveys.tests import asked
from zhiyin.measure.surveys.tests.asked import Case, whole
from zhiyin.measure.surveys.tests.test_crosstab import answered
from zhiyin.measure.surveys.weights import Weights, weights
from zhiyin.measure.tests.conftest import settings_for
from zhiyin.stats import raking
from zhiyin.warehouse.owner import Owner

NOW = datetime(2026, 6, 1)
CHANNELS = {"email": 0.5, "sms": 0.3, "wechat": 0.2}
DECLARED: dict[str, Any] = {
    "source": "Sales by channel", "date": "2026-01-31",
    "margins": [{"by": "channel", "shares": CHANNELS},
                {"by": "trip", "shares": {"work": 40, "fun": 40, "other": 20}}],
}  # fmt: skip


def cases() -> list[Case]:
    drawn = random.Random(13)  # noqa: S311 - a test's series
    made = []
    for n in range(200):
        channel = "email" if n % 10 < 2 else "sms" if n % 10 < 5 else "wechat"
        usual = {"email": 9, "sms": 8, "wechat": 3}[channel]
        score = Answer("answered", score=float(max(min(usual + drawn.choice([-1, 0, 1]), 10), 0)))
        pages = answered(whole(drawn), recommend=score)
        made.append(Case(f"c{n % 180}", channel=channel, pages=pages, ended=90.0, token=f"k{n}"))
    return made


CASES = cases()


def declared(document: dict[str, Any]) -> None:
    targeting.declare(
        by=COMMAND_LINE, workspace="main", key="stay", document=json.dumps(document).encode()
    )


def found(log: Owner, minimum: int = 0, **asking: object) -> Weights:
    known = settings_for("main", minimum_base=minimum)
    return weights(log, known, "stay", now=NOW, **asking)  # type: ignore[arg-type]


def test_figures_are_weighted_to_the_declared_margins(stay: Owner) -> None:
    asked.planted(stay, CASES)
    with pytest.raises(Problem) as nothing:
        found(stay)
    assert nothing.value.code == "survey.no-targets"
    declared(DECLARED)
    told = found(stay)
    assert told.has_converged
    after = {(one.margin, one.value): one.after for one in told.margins}
    assert after["channel", "email"] == pytest.approx(50)
    assert after["trip", "other"] == pytest.approx(20)
    # The same from the same arrays, by hand.
    channel = np.array([list(CHANNELS).index(one.channel) for one in CASES])
    trip = np.array([
        ["work", "fun", "other"].index(one.pages[2].said["trip"].chosen[0])
        for one in CASES if one.pages
    ])  # fmt: skip
    raked = raking.rake(
        [channel, trip], [np.array(list(CHANNELS.values())), np.array([0.4, 0.4, 0.2])], trim=5.0
    )
    scores = np.array([one.pages[0].said["recommend"].score for one in CASES if one.pages])
    nps = (scores >= 9).astype(float) - (scores <= 6)
    alone = raking.estimate(
        nps, np.arange(200), raked.weight, [one.customer for one in CASES], [channel, trip],
        kind="points",
    )  # fmt: skip
    (figure,) = (one for one in told.figures if one.name == "recommend")
    assert alone is not None
    assert figure.weighted == pytest.approx(alone.value * 100)
    assert (figure.low or 0) == pytest.approx((alone.low or 0) * 100)
    assert figure.unweighted == pytest.approx(nps.mean() * 100)
    assert told.design_effect == pytest.approx(raked.design_effect)
    assert told.effective_n == pytest.approx(raked.effective_n)
    tab = crosstab(stay, settings_for("main"), "stay", "trip", "recommend", is_weighted=True)
    shares = {row.value: row.cells[-1].share for row in tab.rows}
    assert shares["other"] == pytest.approx(20)
    assert [head.letter for head in tab.heads][-1] == TOTAL
    assert tab.is_weighted


def test_margins_are_counted_among_all_customers_or_all_who_were_asked(stay: Owner) -> None:
    drawn = random.Random(1)  # noqa: S311 - a test's series
    silent = [Case(f"s{n}", channel="email", pages=None) for n in range(300)]
    asked.planted(stay, [*CASES, *silent])
    with stay.begin("main", source="crm", label="t") as batch:
        names = [f"c{n}" for n in range(180)] + [f"s{n}" for n in range(300)]
        tiers = [drawn.choice(["gold", "basic"]) for _name in names]
        batch.write("traits", pa.table({
            "row": pa.array(range(len(names)), pa.int64()), "id": names, "customer": names,
            "name": ["tier"] * len(names), "value": tiers,
            "occurred_at": pa.array([datetime(2026, 1, 1)] * len(names), pa.timestamp("us")),
        }))  # fmt: skip
        batch.commit()
    counted = [{"by": "channel", "from": "asked"}, {"by": "trait.tier", "from": "customers"}]
    declared({"margins": counted, "per": "customer"})
    told = found(stay)
    target = {(one.margin, one.value): one.target for one in told.margins}
    assert target["channel", "email"] == pytest.approx(100 * 340 / 500)
    assert target["trait.tier", "gold"] == pytest.approx(100 * tiers.count("gold") / 480)
    assert told.has_converged
    assert all(one.after == pytest.approx(one.target, abs=1e-3) for one in told.margins)
    # Where a document limits nothing, nothing is at the limit.
    declared({**DECLARED, "trim": None})
    assert found(stay).trimmed == 0
    assert found(stay, 600).figures == ()


def test_margins_that_cannot_be_met_are_said_so(stay: Owner) -> None:
    asked.planted(stay, CASES)
    shares = {"email": 0.9, "sms": 0.05, "wechat": 0.05}
    declared({**DECLARED, "trim": 1.5, "margins": [{"by": "channel", "shares": shares}]})
    told = found(stay)
    assert not told.has_converged
    assert (told.gap or 0) > 0.1
    lead = told.lead()
    assert lead is not None
    assert "do not fit" in str(lead.more[0])
    declared({**DECLARED, "margins": [{"by": "channel", "shares": {"email": 0.5, "app": 0.5}}]})
    with pytest.raises(Problem) as empty:
        found(stay)
    assert empty.value.code == "survey.empty-category"


def test_a_document_is_checked_kept_and_removed(stay: Owner) -> None:
    wrong: list[Any] = [
        {"margins": []}, {"margins": [{"by": "channel"}]}, {**DECLARED, "source": ""},
        {**DECLARED, "trim": 1.0}, {**DECLARED, "other": 1},
        {"margins": [{"by": "channel", "from": "customers"}]},
        {**DECLARED, "margins": [{"by": "channel", "shares": {"email": 0.5, "sms": 0.4}}]},
        {**DECLARED, "margins": [*DECLARED["margins"], DECLARED["margins"][0]]},
    ]  # fmt: skip
    for document in wrong:
        with pytest.raises(Problem) as refused:
            declared(document)
        assert refused.value.code == "survey.targets", document
    declared(DECLARED)
    declared(DECLARED)
    targeting.remove(by=COMMAND_LINE, workspace="main", key="stay")
    with pytest.raises(Problem) as gone:
        targeting.remove(by=COMMAND_LINE, workspace="main", key="stay")
    assert gone.value.code == "survey.no-targets"
    did = AuditEntry.of("main").filter(action__startswith="survey.targets")
    assert [one.action for one in did.order_by("pk")] == [
        "survey.targets-declared", "survey.targets-declared", "survey.targets-removed"
    ]  # fmt: skip
