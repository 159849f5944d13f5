"""Arms, periods and those who did not answer, compared: what was planted is found."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from zhiyin.collect.surveys.logic import Answer
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.measure.surveys.arms import RESPONSE, Arms, arms
from zhiyin.measure.surveys.change import Change, Shift, change
from zhiyin.measure.surveys.rates import rates
from zhiyin.measure.surveys.representativeness import Answering, representativeness
from zhiyin.measure.surveys.tests import asked
from zhiyin.measure.surveys.tests.asked import SENT, Case, whole
from zhiyin.measure.surveys.tests.test_crosstab import answered
from zhiyin.measure.tests.conftest import settings_for
from zhiyin.stats import proportion
from zhiyin.stats.totals import Totals
from zhiyin.warehouse.owner import Owner

NOW = datetime(2026, 9, 1)


def scored(drawn: random.Random, score: float) -> tuple[asked.Page, ...]:
    return answered(whole(drawn), satisfied=Answer("answered", score=score))


def test_an_arm_that_brings_answers_is_marked_and_one_that_does_not_is_not(stay: Owner) -> None:
    drawn = random.Random(31)  # noqa: S311 - a test's series
    share = {"": 0.25, "gift": 0.5, "draw": 0.25}
    cases = [
        Case(f"c{n}", arm=arm, pages=scored(drawn, drawn.choice([3, 4])), ended=90.0)
        if drawn.random() < share[arm] else Case(f"c{n}", arm=arm)
        for n, arm in ((n, ("", "gift", "draw")[n % 3]) for n in range(600))
    ]  # fmt: skip
    cases += [Case(f"few{n}", arm="few", pages=None) for n in range(4)]
    open_ = [Case(f"o{n}", pages=scored(drawn, 5), ended=90.0, invited=False) for n in range(40)]
    asked.planted(stay, [*cases, *open_])
    known = settings_for("main", minimum_base=0, test_base=30)
    told: Arms = arms(stay, known, "stay", now=NOW)
    assert (told.reference, told.arms) == ("", ("", "draw", "few", "gift"))
    rates = {one.arm: one for one in told.rows if one.figure == RESPONSE}
    assert {arm: one.marked for arm, one in rates.items()} == {
        "": False, "draw": False, "few": False, "gift": True
    }  # fmt: skip
    assert rates["few"].p is None
    few = arms(stay, settings_for("main", minimum_base=5, test_base=30), "stay", now=NOW)
    states = {one.arm: one.state for one in few.rows if one.figure == RESPONSE}
    # The four of an arm would be the whole less the other arms.
    assert states["few"] == "too_few"
    assert list(states.values()).count("withheld") == 1
    came = {arm: [one.pages is not None for one in cases if one.arm == arm] for arm in share}
    gift, nothing = (Totals.of(came[arm], range(200)) for arm in ("gift", ""))
    alone = proportion.difference(gift, nothing, confidence=told.interval_confidence)
    assert alone is not None
    assert rates["gift"].difference == pytest.approx(alone.difference * 100)
    assert (rates["gift"].low or 0) == pytest.approx((alone.low or 0) * 100)
    satisfied = [one for one in told.rows if one.figure == "satisfied" and one.p is not None]
    assert satisfied
    without = next(one for one in told.rows if one.figure == "satisfied" and one.arm == "")
    # Whoever opened the bare address was offered nothing, and is in no arm.
    assert without.n == sum(came[""])
    assert not any(one.marked for one in satisfied)
    other = arms(stay, known, "stay", reference="gift", now=NOW)
    turned = next(one for one in other.rows if one.figure == RESPONSE and one.arm == "")
    assert turned.difference == pytest.approx(-(rates["gift"].difference or 0))
    with pytest.raises(Problem) as refused:
        arms(stay, known, "stay", reference="other", now=NOW)
    assert refused.value.code == "survey.no-arm"


def test_under_a_filter_arms_have_the_response_rates_that_rates_tells(stay: Owner) -> None:
    """Would catch askings judged by those responses alone for which the filter holds too."""
    drawn = random.Random(12)  # noqa: S311 - a test's series
    cases = [Case(f"c{n}", channel="sms", arm=("", "gift")[n % 2]) for n in range(60)]
    # Asked by text message, they answered by what they opened elsewhere.
    came = [
        replace(cases[n], did=(), channel="web", token=f"t{n}", pages=whole(drawn), ended=90.0)
        for n in range(24)
    ]
    asked.planted(stay, [*cases, *came, *(Case(f"e{n}") for n in range(9))])
    known, where = settings_for("main", minimum_base=0), parse("channel = 'sms'")
    told = arms(stay, known, "stay", where=where, now=NOW)
    found = {one.arm: (one.n, one.value) for one in told.rows if one.figure == RESPONSE}
    groups = rates(stay, known, "stay", by=("arm",), where=where, now=NOW).groups
    assert len(found) == len(groups) == 2
    for one in groups:
        rate = (one.rates or {})["RR2"]
        assert rate is not None
        assert found[one.group["arm"] or ""] == pytest.approx((one.askings, rate.value))
    assert found["gift"][1] == pytest.approx(40.0)


def changes(log: Owner, minimum: int = 0, **asking: object) -> Change:
    known = settings_for("main", minimum_base=minimum, test_base=10, timezone="UTC")
    return change(log, known, "stay", "2026-03", "2026-06", question="satisfied", now=NOW, **asking)  # type: ignore[arg-type]


def test_those_who_answered_twice_say_more_than_a_whole_that_has_changed(stay: Owner) -> None:
    """Would catch a change of the whole that is only a change of who answers."""
    drawn = random.Random(8)  # noqa: S311 - a test's series
    june = SENT + timedelta(days=100)
    levels = [drawn.choice([2.0, 3.0, 4.0]) for _n in range(60)]
    # Who answers twice says half a point more; unhappy ones left, happy ones came.
    early = [Case(f"b{n}", pages=scored(drawn, levels[n]), ended=90.0) for n in range(60)]
    ups = [drawn.choice([0.0, 1.0]) for _n in range(60)]
    late = [Case(f"b{n}", pages=scored(drawn, levels[n] + ups[n]), ended=90.0, at=june)
            for n in range(60)]  # fmt: skip
    gone = [Case(f"g{n}", pages=scored(drawn, 1.0), ended=90.0) for n in range(40)]
    come = [Case(f"n{n}", pages=scored(drawn, 5.0), ended=90.0, at=june) for n in range(40)]
    asked.planted(stay, [*early, *late, *gone, *come])
    rows: dict[str, Shift] = {one.whose: one for one in changes(stay).rows}
    paired = stats.ttest_rel([levels[n] + ups[n] for n in range(60)], levels)
    inside = rows["both"]
    assert inside.difference == pytest.approx(np.mean(ups))
    assert inside.p == pytest.approx(paired.pvalue, rel=1e-6)
    interval = paired.confidence_interval(0.95)
    assert (inside.low or 0, inside.high or 0) == pytest.approx((interval.low, interval.high))
    everyone = rows["all"]
    assert (everyone.difference or 0) > 2 * (inside.difference or 0)
    assert rows["only"].difference == pytest.approx(4.0)
    assert everyone.before is not None
    assert (everyone.before.n, everyone.before.customers) == (100, 100)


def test_too_few_in_both_are_not_told_nor_calculable(stay: Owner) -> None:
    drawn = random.Random(9)  # noqa: S311 - a test's series
    june = SENT + timedelta(days=100)
    cases = [Case(f"c{n}", pages=scored(drawn, 3.0), ended=90.0) for n in range(40)]
    again = [replace(cases[n], at=june) for n in range(4)]
    new = [Case(f"n{n}", pages=scored(drawn, 4.0), ended=90.0, at=june) for n in range(30)]
    asked.planted(stay, [*cases, *again, *new])
    states = {one.whose: one.state for one in changes(stay, 10).rows}
    assert states == {"both": "too_few", "all": "ok", "only": "withheld"}
    for periods in (("2026-03", "2026-Q1"), ("2026-03", "soon")):
        with pytest.raises(Problem):
            change(stay, settings_for("main"), "stay", *periods, now=NOW)


def who(log: Owner, minimum: int = 0, **asking: object) -> Answering:
    known = settings_for("main", minimum_base=minimum, test_base=30)
    return representativeness(log, known, "stay", now=NOW, **asking)  # type: ignore[arg-type]


def test_a_trait_of_those_who_answer_is_found_and_one_by_chance_is_not(stay: Owner) -> None:
    drawn = random.Random(77)  # noqa: S311 - a test's series
    tiers = [drawn.choice(["gold", "basic"]) for _n in range(800)]
    halves = [drawn.choice(["a", "b"]) for _n in range(800)]
    share = {"gold": 0.5, "basic": 0.2}
    came = [drawn.random() < share[tiers[n]] for n in range(800)]
    asked.planted(stay, [
        Case(f"c{n}", pages=whole(drawn) if came[n] else None, ended=90.0) for n in range(800)
    ])  # fmt: skip
    with stay.begin("main", source="crm", label="t") as batch:
        rows = [(n, name, value[n]) for name, value in (("tier", tiers), ("half", halves))
                for n in range(800)]  # fmt: skip
        rows += [(n, "email", f"c{n}@example.org") for n in range(800)]
        batch.write("traits", pa.table({
            "row": pa.array(range(len(rows)), pa.int64()),
            "id": [f"{name}{n}" for n, name, _value in rows],
            "customer": [f"c{n}" for n, _name, _value in rows],
            "name": [name for _n, name, _value in rows],
            "value": [value for _n, _name, value in rows],
            "occurred_at": pa.array([datetime(2026, 1, 1)] * len(rows), pa.timestamp("us")),
        }))  # fmt: skip
        batch.commit()
    # Nobody is told apart by a channel that is the same for all, or by what says who she is.
    assert who(stay).variables == ("trait.tier",)
    told = who(stay, by=("trait.half", "trait.tier"))
    marked = {(one.variable, one.value): one.marked for one in told.rows}
    assert marked == {
        ("trait.tier", "basic"): True, ("trait.tier", "gold"): True,
        ("trait.half", "a"): False, ("trait.half", "b"): False,
    }  # fmt: skip
    gold = next(one for one in told.rows if one.value == "gold")
    assert gold.asked == tiers.count("gold")
    assert gold.rate is not None
    expected = np.mean([came[n] for n in range(800) if tiers[n] == "gold"])
    assert gold.rate.value == pytest.approx(100 * expected)
    answered_ = np.mean([tiers[n] == "gold" for n in range(800) if came[n]])
    others = np.mean([tiers[n] == "gold" for n in range(800) if not came[n]])
    spread = np.sqrt((answered_ * (1 - answered_) + others * (1 - others)) / 2)
    assert gold.standardised == pytest.approx((answered_ - others) / spread)
    truth = 1 - 2 * np.std([share[one] for one in tiers], ddof=1)
    assert told.indicator is not None
    assert told.indicator.low <= truth <= told.indicator.high
    assert who(stay, by=("trait.email", "trait.tier")).left_out == ("trait.email",)
    assert who(stay, by=("trait.nothing",)).indicator is None
    assert who(stay, 900).rows == ()
