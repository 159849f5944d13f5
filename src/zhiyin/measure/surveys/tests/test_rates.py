"""What became of every asking, and the rates, against counting the cases by hand."""

from __future__ import annotations

import random
from datetime import datetime

import pytest
from msgspec.structs import replace

from zhiyin.collect.models import SurveyVersion
from zhiyin.collect.surveys import definition
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.measure.surveys.crosstab import crosstab
from zhiyin.measure.surveys.dispositions import Rule
from zhiyin.measure.surveys.pages import pages
from zhiyin.measure.surveys.rates import Rates, rates
from zhiyin.measure.surveys.tests import asked
from zhiyin.measure.surveys.tests.asked import Case, whole
from zhiyin.measure.tests.conftest import settings_for
from zhiyin.stats import proportion
from zhiyin.stats.totals import Totals
from zhiyin.warehouse.owner import Owner

NOW = datetime(2026, 6, 1)
DRAWN = random.Random(3)  # noqa: S311 - a test's series
INVITED = (("invited", 0.0),)


def sent(*more: tuple[str, float]) -> tuple[tuple[str, float], ...]:
    return (*INVITED, *more)


CASES = [
    *[Case(f"c{n}", pages=whole(DRAWN), ended=90.0, arm="gift") for n in range(8)],
    # Two of three pages, seven of eleven items: partial.
    *[Case(f"p{n}", pages=whole(DRAWN, pages=2), arm="none") for n in range(3)],
    # One page, two of eleven: broken off, or refused where she says so.
    *[Case(f"b{n}", pages=whole(DRAWN, pages=1), channel="sms") for n in range(2)],
    Case("d0", pages=whole(DRAWN, pages=1), flags="dismissed"),
    Case("e0", pages=()),
    *[Case(f"o{n}", did=sent(("delivered", 0.1), ("opened", 3.0))) for n in range(4)],
    Case("x0", did=sent(("bounced", 0.2))),
    Case("s0", did=sent(("opened", 1.0), ("stopped", 2.0))),
    *[Case(f"n{n}", did=sent(("delivered", 0.1)), channel="sms") for n in range(9)],
    *[Case(f"w{n}", did=(("withheld", 0.0),)) for n in range(5)],
    # Whoever opens the bare address was not asked.
    Case("a0", pages=whole(DRAWN), ended=50.0, invited=False),
]
EXPECTED = {"1.1": 8, "1.2": 3, "2.112": 2, "2.1121": 1, "2.1122": 4, "2.12": 2, "3.11": 0,
            "3.19": 9, "3.30": 1}  # fmt: skip


def found(log: Owner, minimum: int = 0, **asking: object) -> Rates:
    known = settings_for("main", minimum_base=minimum)
    return rates(log, known, "stay", now=NOW, **asking)  # type: ignore[arg-type]


def test_every_asking_has_its_code_and_the_rates_are_those_of_the_formulas(stay: Owner) -> None:
    """Would catch a bounced address among the refusals, and open-link responses in a rate."""
    asked.planted(stay, CASES)
    told = found(stay, eligible=0.25)
    assert told.total.codes == EXPECTED
    assert (told.total.askings, told.total.customers) == (30, 30)
    assert (told.uninvited, told.withheld) == (1, {"": 5})
    i, p, r, u = 8, 3, 9, 10
    expected = {
        "RR1": i / (i + p + r + u), "RR2": (i + p) / (i + p + r + u),
        "RR3": i / (i + p + r + u / 4), "RR4": (i + p) / (i + p + r + u / 4),
        "RR5": i / (i + p + r), "RR6": (i + p) / (i + p + r),
        "COOP1": i / (i + p + r), "COOP4": (i + p) / (i + p + r),
        "REF1": r / (i + p + r + u), "REF2": r / (i + p + r + u / 4), "REF3": r / (i + p + r),
        "CON1": (i + p + r) / (i + p + r + u), "CON3": 1.0,
    }  # fmt: skip
    assert told.total.rates is not None
    for name, value in expected.items():
        one = told.total.rates[name]
        assert one is not None
        assert one.value == pytest.approx(value * 100), name
    alone = proportion.estimate(Totals.of([1] * 8 + [0] * 22, range(30)))
    one = told.total.rates["RR1"]
    assert alone is not None
    assert one is not None
    assert one.low == pytest.approx((alone.low or 0) * 100)
    assert one.high == pytest.approx((alone.high or 0) * 100)
    with_withheld = found(stay, rule=Rule(has_withheld=True)).total
    assert with_withheld.codes == {**EXPECTED, "3.11": 5}
    # Seven of eleven items are a complete where sixty per cent are enough.
    early = found(stay, rule=Rule(complete=0.6)).total.codes
    assert early is not None
    assert (early["1.1"], early["1.2"]) == (11, 0)
    assert told.as_dict()["total"]["codes"]["1.1"] == 8


def test_groups_add_up_and_small_ones_are_withheld(stay: Owner) -> None:
    asked.planted(stay, CASES)
    by = found(stay, by=("channel",))
    counted = {one.group["channel"]: one for one in by.groups}
    assert {name: one.askings for name, one in counted.items()} == {"email": 19, "sms": 11}
    assert counted["sms"].codes is not None
    assert (counted["sms"].codes["2.12"], counted["sms"].codes["3.19"]) == (2, 9)
    only = found(stay, where=parse("channel = 'sms'")).total
    assert only.codes == counted["sms"].codes
    # Three were asked in the arm "none": they are not shown, and a further group neither.
    few = found(stay, minimum=5, by=("arm",))
    assert {one.group["arm"]: one.state for one in few.groups} == {
        "gift": "withheld", "none": "too_few", None: "ok"
    }  # fmt: skip
    assert all(one.rates is None for one in few.groups if one.state != "ok")
    assert found(stay, minimum=31).total.state == "too_few"
    few_in_all = found(stay, minimum=31)
    assert few_in_all.sheets() == ()
    assert (few_in_all.open, few_in_all.uninvited, few_in_all.withheld) == (0, 0, {})


def test_one_customer_asked_often_widens_the_interval(stay: Owner) -> None:
    """Would catch an interval that counts askings."""
    cases = [
        Case(f"c{n % 12}", pages=whole(DRAWN) if n % 12 < 5 else None, ended=90.0, token=f"k{n}")
        for n in range(48)
    ]
    asked.planted(stay, cases)
    rates_ = found(stay).total.rates
    assert rates_ is not None
    one = rates_["RR1"]
    rows = [float(n % 12 < 5) for n in range(48)]
    by_customer = proportion.estimate(Totals.of(rows, [n % 12 for n in range(48)]))
    by_row = proportion.estimate(Totals.of(rows, range(48)))
    assert one is not None
    assert by_customer is not None
    assert by_row is not None
    assert one.low == pytest.approx((by_customer.low or 0) * 100)
    assert (by_row.low or 0) * 100 - (one.low or 0) > 5


def test_a_reminder_is_judged_by_those_to_whom_it_went(stay: Owner) -> None:
    """Would catch the share of the reminded among all, and a reminder that came too late."""
    reminded = sent(("reminded", 72.0))
    cases = [
        *[Case(f"c{n}", pages=whole(DRAWN), ended=90.0) for n in range(4)],
        *[Case(f"d{n}", did=reminded, pages=whole(DRAWN), began=80.0, ended=90.0) for n in (1, 2)],
        *[Case(f"n{n}", did=reminded) for n in range(6)],
    ]
    asked.planted(stay, cases)
    first, second = found(stay).letters
    assert (first.sent, first.share.n, first.share.of) == (12, 4, 12)
    assert (second.sent, second.share.n, second.reached.n) == (8, 2, 6)
    assert second.share.value == pytest.approx(25.0)


def test_what_cannot_be_asked_is_refused(stay: Owner) -> None:
    for asking, code in (
        ({"by": ("score",)}, "survey.no-column"), ({"eligible": 2.0}, "survey.share"),
        ({"where": parse("device = 'phone'")}, "filter.no-such-column"),
    ):  # fmt: skip
        with pytest.raises(Problem) as refused:
            found(stay, **asking)
        assert refused.value.code == code


def test_an_invitation_to_an_anonymous_survey_that_was_answered_is_complete(stay: Owner) -> None:
    cases = [Case(f"z{n}", did=sent(("answered", 2.0))) for n in range(3)]
    unnamed = Case("a0", pages=whole(DRAWN), ended=50.0, invited=False)
    asked.planted(stay, [*cases, Case("n0"), unnamed])
    told = found(stay)
    assert told.total.codes is not None
    assert (told.total.codes["1.1"], told.total.codes["3.19"]) == (3, 1)


def test_of_an_anonymous_survey_no_analysis_tells_of_fewer_than_five(stay: Owner) -> None:
    """Would catch an analysis that goes by the workspace's base alone, or by a filter that leaves
    out a few."""
    of = SurveyVersion.objects.filter(survey__key="stay")
    of.update(document=definition.write(replace(asked.STAY, is_anonymous=True)).decode())
    unnamed = [
        Case(f"a{n}", pages=whole(DRAWN), ended=50.0, invited=False, channel="web" if n else "app")
        for n in range(9)
    ]
    asked.planted(stay, [*unnamed, Case("z0", did=sent(("answered", 2.0)))])
    known = settings_for("main", minimum_base=1)
    assert pages(stay, known, "stay", now=NOW).minimum_base == 5
    with pytest.raises(Problem, match="fewer than 5"):
        crosstab(stay, known, "stay", "recommend", "trip", where=parse("channel = 'web'"), now=NOW)
