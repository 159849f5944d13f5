"""Signs of carelessness that were planted are found, and pages have the times that were planted."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from zhiyin.collect.surveys.logic import Answer
from zhiyin.kernel.errors import Problem
from zhiyin.measure.surveys.pages import Pages, pages
from zhiyin.measure.surveys.quality import Quality, keep, listed, quality
from zhiyin.measure.surveys.reading import Reading
from zhiyin.measure.surveys.tests import asked
from zhiyin.measure.surveys.tests.asked import ROWS, SENT, Case, Page, whole
from zhiyin.measure.tests.conftest import settings_for
from zhiyin.stats import nps, proportion
from zhiyin.stats.totals import Cross, Totals
from zhiyin.warehouse.owner import Owner

NOW = datetime(2026, 6, 1)


def found(log: Owner, minimum: int = 0, **asking: object) -> Quality:
    known = settings_for("main", minimum_base=minimum)
    return quality(log, known, "stay", now=NOW, **asking)  # type: ignore[arg-type]


def honest(drawn: random.Random, n: int) -> list[Case]:
    return [
        Case(f"c{one}", pages=whole(drawn, seconds=80 + one), ended=80.0 + one) for one in range(n)
    ]


def with_matrix(pages_: tuple[Page, ...], *scores: float) -> tuple[Page, ...]:
    first, second, third = pages_
    given = {f"parts.{row}": Answer("answered", score=one)
             for row, one in zip(ROWS, scores, strict=True)}  # fmt: skip
    return first, replace(second, said={**second.said, **given}), third


def later(case: Case, pages_: tuple[Page, ...], after: timedelta) -> Case:
    return replace(case, pages=pages_, at=SENT + after)


@pytest.fixture
def careless(stay: Owner) -> Owner:
    drawn = random.Random(11)  # noqa: S311 - a test's series
    cases = [replace(one, pages=with_matrix(one.pages or (), 1, 2, 3, 4))
             for one in honest(drawn, 40)]  # fmt: skip
    hasty = [Case(f"h{n}", pages=with_matrix(whole(drawn, seconds=20), 5, 4, 3, 2), ended=20.0)
             for n in range(3)]  # fmt: skip
    straight = [Case(f"s{n}", pages=with_matrix(whole(drawn), 4, 4, 4, 4), ended=90.0)
                for n in range(4)]  # fmt: skip
    first = cases[0]
    same = [replace(first, customer="d0"), replace(first, customer="d1")]
    again = [
        later(cases[1], with_matrix(whole(drawn), 2, 1, 1, 1), timedelta(hours=6)),
        # A month later she may answer again.
        later(cases[2], with_matrix(whole(drawn), 2, 1, 1, 1), timedelta(days=30)),
        replace(cases[3], about="b1"),
        replace(cases[3], pages=with_matrix(whole(drawn), 3, 1, 1, 1), about="b1",
                at=SENT + timedelta(days=60)),
    ]  # fmt: skip
    bots = [Case("m0", pages=with_matrix(whole(drawn, seconds=2), 1, 5, 1, 5), ended=2.0,
                 flags="bot")]  # fmt: skip
    asked.planted(stay, [*cases, *hasty, *straight, *same, *again, *bots])
    return stay


def test_each_sign_is_found_where_it_was_planted_and_nowhere_else(careless: Owner) -> None:
    """Would catch a median over all versions, and a customer who may not come back."""
    signs = {
        one["response"]: set(one["signs"]) for one in listed(careless, settings_for("main"), "stay")
    }
    at = {"h": range(40, 43), "s": range(43, 47), "d": range(47, 49)}
    expected: dict[str, set[str]] = {
        **{f"r{n}": {"speeding"} for n in at["h"]},
        **{f"r{n}": {"straight"} for n in at["s"]},
        **{f"r{n}": {"duplicate"} for n in at["d"]},
        "r49": {"repeat"}, "r51": {"duplicate"}, "r52": {"repeat"},
        "r53": {"speeding", "bot", "machine"},
    }  # fmt: skip
    assert signs == expected
    told = found(careless)
    assert {sign: int(one.n) for sign, one in told.counts.items()} == {
        "speeding": 4, "straight": 4, "duplicate": 3, "repeat": 2, "bot": 1, "machine": 1
    }  # fmt: skip
    assert told.any is not None
    assert (told.any.n, told.any.of) == (13, 54)


def test_figures_stand_beside_those_without_and_nothing_is_deleted(careless: Owner) -> None:
    told = {(one.name, one.choice): one for one in found(careless).figures}
    reading = Reading.of(careless, settings_for("main"), "stay", now=NOW)
    _all, kept = keep(reading, ("straight",))
    assert (len(kept), int((~kept).sum())) == (54, 4)
    one = told["recommend", ""]
    assert one.all is not None
    assert one.without is not None
    assert (one.all.n, one.without.n) == (54, 41)
    # Paired by customer, as the same answers are on both sides.
    fillings, mask = keep(reading, tuple(found(careless).counts))
    from zhiyin.measure.surveys import said

    (values,) = said.values(reading, fillings, [reading.item("recommend")])
    customer = fillings.customer[values.place]
    inside = mask[values.place]
    alone = nps.difference(
        Totals.of(values.value[inside], customer[inside]), Totals.of(values.value, customer),
        Cross.of(values.value[inside], customer[inside], values.value, customer),
    )  # fmt: skip
    assert alone is not None
    assert one.difference == pytest.approx(alone.difference * 100)
    assert (one.low or 0) == pytest.approx((alone.low or 0) * 100)
    share = told["liked", "bed"]
    assert share.all is not None
    rows = said.values(reading, fillings, [reading.item("liked")])[0]
    whole_ = proportion.estimate(Totals.of(rows.value, fillings.customer[rows.place]))
    assert whole_ is not None
    assert share.all.value == pytest.approx(whole_.value * 100)


def test_few_who_are_left_out_cannot_be_calculated(careless: Owner) -> None:
    told = found(careless, 10, without=("bot",))
    assert {one.state for one in told.figures} == {"withheld"}
    assert all(one.without is None and one.difference is None for one in told.figures)
    assert not found(careless, 60).is_shown
    reading = Reading.of(careless, settings_for("main", minimum_base=10), "stay", now=NOW)
    with pytest.raises(Problem) as refused:
        keep(reading, ("bot",))
    assert refused.value.code == "survey.without-few"
    with pytest.raises(Problem) as wrong:
        found(careless, without=("haste",))
    assert wrong.value.code == "survey.no-sign"


def paged(log: Owner, minimum: int = 0) -> Pages:
    return pages(log, settings_for("main", minimum_base=minimum), "stay", now=NOW)


def test_pages_have_their_times_and_those_who_stopped_there(stay: Owner) -> None:
    """Would catch a page that gets the time of a pause, or of an answer that was changed later."""
    drawn = random.Random(2)  # noqa: S311 - a test's series
    cases = [
        Case(f"c{n}", pages=tuple(
            replace(page, after=after)
            for page, after in zip(whole(drawn), (10 + n, 40 + n, 60 + 2 * n), strict=True)
        ), ended=61.0 + 2 * n)
        for n in range(21)
    ]  # fmt: skip
    first, second, third = whole(drawn)
    late = Case("l0", pages=(replace(first, after=10), replace(second, after=5000),
                             replace(third, after=5020)), ended=5020.0)  # fmt: skip
    back = Case("b0", pages=(replace(first, after=50), replace(second, after=40),
                             replace(third, after=60)), ended=60.0)  # fmt: skip
    left = [Case(f"x{n}", pages=(replace(first, after=12),)) for n in range(4)]
    refused = Case("y0", pages=(replace(first, after=12), replace(second, after=30)),
                   flags="dismissed")  # fmt: skip
    open_ = Case("o0", pages=(replace(first, after=12),), is_over=False)
    asked.planted(stay, [*cases, late, back, *left, refused, open_])
    one, two, three = paged(stay).pages
    assert [page.seen for page in (one, two, three)] == [29, 28, 24]
    # Whoever sent the first page was shown the second.
    assert [page.stopped.n for page in (one, two, three) if page.stopped] == [0, 4, 1]
    assert (two.dismissed, three.dismissed) == (0, 1)
    assert one.seconds is not None
    assert two.seconds is not None
    assert three.seconds is not None
    times = [10 + n for n in range(21)] + [10, 50, *[12] * 4, 12, 12]
    assert one.seconds.median == pytest.approx(np.median(times))
    assert (two.seconds.n, two.seconds.median) == (22, 30)
    assert three.seconds.median == pytest.approx(
        np.median([20 + n for n in range(21)] + [20, 10])
    )  # fmt: skip
    assert [page.state for page in paged(stay, 26).pages] == ["ok", "ok", "too_few"]
    assert paged(stay, 30).pages == ()
