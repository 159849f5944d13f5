"""Sites side by side: figures that scipy has too, and no verdict where few have walked.

Programs that these would catch: times of those who gave up among those who were done; a run whose
clock was forgotten at one step taken as a short one; a test of four people; marks of a table in
which each line is tested alone; a person who did it on both sites taken for two.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from scipy import stats

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.maps import actions, audit_lists, audit_steps, auditing, audits
from zhiyin.maps.audit_asked import RunAsked, SiteAsked, StepAsked
from zhiyin.maps.audit_sites import MEASURES, Compared, Site, compared
from zhiyin.maps.models import Audit
from zhiyin.maps.tests.test_operations import SMALL
from zhiyin.maps.tests.walked import asked, made, ran

pytestmark = pytest.mark.usefixtures("data")

OURS = [60.0, 75.0, 58.0, 90.0, 66.0, 71.0, 80.0, 64.0]
THEIRS = [130.0, 150.0, 118.0, 190.0, 142.0, 160.0, 125.0, 175.0]


def found(audit: Audit) -> Compared:
    return compared(audits.get("main", audit.pk), audits.runs(audit))


def add(audit: Audit, *runs: RunAsked) -> None:
    auditing.add_runs(by=COMMAND_LINE, workspace="main", number=audit.pk, asked=runs)


def test_figures_are_those_of_scipy() -> None:
    held = made()
    ran(held, "Our site", OURS, done=6)
    site = found(held).sites[0]
    done = stats.binomtest(6, 8).proportion_ci(method="wilson")
    completion = site.figures["completion"]
    assert completion.value == 0.75
    assert (completion.low, completion.high) == pytest.approx((done.low, done.high))
    logs = stats.ttest_1samp(np.log(OURS[:6]), 0).confidence_interval(0.95)
    time = site.figures["seconds"]
    assert time.value == pytest.approx(stats.gmean(OURS[:6]))
    assert (time.low, time.high) == pytest.approx((np.exp(logs.low), np.exp(logs.high)))
    assert (time.n, time.people) == (6, 6)
    answers = [3 + at % 3 for at in range(8)]
    ease = site.figures["ease"]
    low, high = stats.ttest_1samp(answers, 0).confidence_interval(0.95)
    assert (ease.value, ease.low, ease.high) == pytest.approx((np.mean(answers), low, high))
    # Nobody failed and all took two steps: a figure, and no interval that there is not.
    for slug, value in (("failures", 0.0), ("steps", 2.0)):
        one = site.figures[slug]
        assert (one.value, one.low, one.high) == (value, None, None)


def test_the_difference_is_marked_within_the_whole_table() -> None:
    held = made()
    ran(held, "Our site", OURS)
    ran(held, "Blue", THEIRS, first=20)
    ran(held, "Green", OURS, first=40)
    table = found(held)
    blue, green = table.sites[1], table.sites[2]
    welch = stats.ttest_ind(np.log(THEIRS), np.log(OURS), equal_var=False)
    time = blue.beside["seconds"]
    assert time.ratio == pytest.approx(stats.gmean(THEIRS) / stats.gmean(OURS))
    assert time.p == pytest.approx(welch.pvalue)
    assert time.marked
    assert time.low is not None
    ends = welch.confidence_interval(table.interval_confidence)
    assert (time.low, time.high) == pytest.approx((np.exp(ends.low), np.exp(ends.high)))
    assert time.low > 1
    same = green.beside["seconds"]
    assert same.ratio == pytest.approx(1.0)
    assert not same.marked
    assert same.low is not None
    assert same.low < 1
    # Two sites, of each completion, time and ease: what nobody varies in is no test.
    assert table.tests == 6
    assert table.interval_confidence == pytest.approx(1 - 0.05 / 6)
    assert blue.beside["steps"].state == "no_spread"
    assert (blue.beside["steps"].difference, blue.beside["steps"].p) == (0.0, None)
    assert table.sites[0].beside == {}


@pytest.mark.parametrize("people", [0, 1, 4])
def test_of_few_people_nothing_is_said_beside_ours(people: int) -> None:
    held = made()
    ran(held, "Our site", OURS)
    ran(held, "Blue", THEIRS[:people], first=20)
    table = found(held)
    blue = table.sites[1]
    assert (blue.runs, table.tests) == (people, 0)
    for one in MEASURES:
        beside = blue.beside[one.slug]
        assert beside.state == "too_few"
        assert {beside.difference, beside.ratio, beside.low, beside.p, beside.q} == {None}
        assert not beside.marked
    assert (blue.figures["seconds"].value is None) == (people == 0)
    assert (blue.figures["seconds"].low is None) == (people < 2)


def test_four_people_who_do_it_again_are_four() -> None:
    held = made()
    ran(held, "Our site", OURS)
    for _time in range(3):
        ran(held, "Blue", THEIRS[:4], first=20)
    blue = found(held).sites[1]
    assert (blue.runs, blue.people) == (12, 4)
    assert blue.beside["seconds"].state == "too_few"
    once = made(title="Once")
    ran(once, "Blue", THEIRS[:4], first=20)
    one = found(once).sites[1].figures["seconds"]
    again = blue.figures["seconds"]
    assert (again.low, again.high) == pytest.approx((one.low, one.high))


def test_who_does_it_on_both_sites_is_compared_with_herself() -> None:
    """Each takes a fifth longer there: told of pairs, and not of two groups."""
    theirs = [time * (1.2 + 0.01 * (at % 3)) for at, time in enumerate(OURS)]
    apart, paired = made(title="Apart"), made(title="Paired")
    for held, first in ((apart, 20), (paired, 1)):
        ran(held, "Our site", OURS)
        ran(held, "Blue", theirs, first=first)
    pairs = stats.ttest_rel(np.log(theirs), np.log(OURS))
    beside = found(paired).sites[1].beside["seconds"]
    assert beside.p == pytest.approx(pairs.pvalue)
    assert beside.marked
    assert not found(apart).sites[1].beside["seconds"].marked


def test_a_run_without_a_time_at_a_step_has_no_time() -> None:
    held = made()
    timed = (StepAsked("Search", seconds=10.0), StepAsked("Pay", seconds=20.0))
    half = (StepAsked("Search", seconds=1.0), StepAsked("Pay"))
    add(held, asked(who="A", steps=timed), asked(who="B", steps=half))
    one = found(held).sites[0].figures["seconds"]
    assert one.value == pytest.approx(30.0)
    assert one.n == 1
    assert found(held).sites[0].figures["steps"].n == 2


def test_who_did_it_is_one_person_however_it_is_written() -> None:
    held = made()
    add(held, asked(who="P 1"), asked(who="p  1 "), asked(who="P2"))
    assert found(held).sites[0].people == 2


def test_an_order_of_sites_and_no_runs() -> None:
    held = made()
    table = found(held)
    assert [one.name for one in table.sites] == ["Our site", "Blue", "Green"]
    assert table.tests == 0
    assert all(one.value is None for site in table.sites for one in site.figures.values())
    alone = made(title="Alone", sites=(SiteAsked("Our site", is_ours=True),))
    assert isinstance(found(alone).sites[0], Site)


# Step by step


def test_steps_stand_by_touchpoint_in_the_maps_order(data: Path) -> None:
    actions.create(by=COMMAND_LINE, workspace="main", key="trip", map_=SMALL, keeps=True)
    held = made(map="trip")
    ours = (
        StepAsked("Take off", node="fly", seconds=50.0),
        StepAsked("Choose", node="pay", seconds=10.0),
        StepAsked(
            "Pay", node="pay", seconds=20.0, failed="Card refused", link="https://a.example/1"
        ),
        StepAsked("Rest"),
    )
    theirs = (StepAsked("Pay", node="pay", seconds=40.0), StepAsked("rest ", seconds=5.0))
    add(held, asked(steps=ours), asked(who="P2", steps=ours), asked("Blue", steps=theirs))
    held = audits.get("main", held.pk)
    rows = audit_steps.rows(held, audits.runs(held))
    assert [(one.node, one.name) for one in rows] == [("pay", "pay"), ("fly", "fly"), ("", "Rest")]
    pay = rows[0].cells
    assert [(one.site, one.runs, one.of, one.failed_runs) for one in pay] == [
        ("Our site", 2, 2, 2), ("Blue", 1, 1, 0), ("Green", 0, 0, 0),
    ]  # fmt: skip
    # Two steps of a run at one touchpoint are its time there.
    assert [one.seconds.value for one in pay] == [pytest.approx(30.0), pytest.approx(40.0), None]
    assert [(one.place, one.failed, one.link) for one in pay[0].failures] == [
        (3, "Card refused", "https://a.example/1")
    ] * 2
    rest = rows[2].cells
    assert [(one.runs, one.seconds.value) for one in rest[:2]] == [
        (2, None), (1, pytest.approx(5.0)),
    ]  # fmt: skip


def test_a_touchpoint_that_left_the_map_is_said_to_have() -> None:
    actions.create(by=COMMAND_LINE, workspace="main", key="trip", map_=SMALL, keeps=True)
    held = made(map="trip")
    add(held, asked(steps=(StepAsked("Pay", node="pay"), StepAsked("Fly", node="fly"))))
    others = msgspec.structs.replace(SMALL, nodes=SMALL.nodes[1:])
    actions.put(by=COMMAND_LINE, workspace="main", key="trip", map_=others)
    actions.keep(by=COMMAND_LINE, workspace="main", key="trip")
    held = audits.get("main", held.pk)
    rows = audit_steps.rows(held, audits.runs(held))
    assert [(one.node, one.is_gone) for one in rows] == [("fly", False), ("pay", True)]


# Lists

LIST = """run,site,done_on,who,device,done,ease,step,touchpoint,seconds,failed,proof
a,our site,2026-03-02,P1,phone,yes,6,Search,,12.5,,
a,,,,,,,Pay,,30,Card refused,https://a.example/1
b,Blue,2026/03/02,P2,,否,,Search,,,,
"""


def test_a_list_is_read_and_what_is_there_is_not_written_again() -> None:
    held = made()
    preview = audit_lists.preview(LIST.encode(), held)
    assert preview.faults == ()
    assert preview.counts == {"new": 2, "same": 0}
    first, second = preview.asked
    assert (first.is_done, first.ease, len(first.steps), first.steps[1].failed) == (
        True, 6, 2, "Card refused",
    )  # fmt: skip
    assert (second.is_done, second.ease, second.steps[0].seconds) == (False, None, None)
    add(held, *preview.asked)
    held = audits.get("main", held.pk)
    assert audit_lists.preview(LIST.encode(), held).counts == {"new": 0, "same": 2}
    # What is taken out can be brought in elsewhere.
    other = made(title="Other")
    text = audit_lists.write(audits.runs(held))
    assert audit_lists.preview(text.encode(), other).asked == tuple(
        replace(one, site=name)
        for one, name in zip(preview.asked, ("Our site", "Blue"), strict=True)
    )


def test_a_formula_of_a_list_is_text_and_comes_back_as_it_was() -> None:
    held = made()
    steps = (StepAsked("=1+1", failed="+cmd|' /C calc'!A0"),)
    add(held, asked(who="@sum", steps=steps))
    text = audit_lists.write(audits.runs(held))
    assert ",'=1+1," in text
    other = made(title="Other")
    (back,) = audit_lists.preview(text.encode(), other).asked
    assert (back.who, back.steps) == ("@sum", steps)


@pytest.mark.parametrize(
    ("line", "number", "says"),
    [
        ("c,Nowhere,2026-03-02,P1,,yes,,Search,,1,,", 5, "no site Nowhere"),
        ("c,Blue,02.03.2026,P1,,yes,,Search,,1,,", 5, "is not a date"),
        ("c,Blue,2026-03-02,P1,,perhaps,,Search,,1,,", 5, "completed"),
        ("c,Blue,2026-03-02,P1,,yes,4.5,Search,,1,,", 5, "whole number"),
        ("c,Blue,2026-03-02,P1,,yes,inf,Search,,1,,", 5, "whole number"),
        ("c,Blue,2026-03-02,P1,,yes,9,Search,,1,,", 5, "1 to 7"),
        ("c,Blue,2026-03-02,P1,,yes,,Search,,soon,,", 5, "is no number"),
        ("c,Blue,2026-03-02,P1,,yes,,Search,,1e999,,", 5, "at most a day"),
        ("c,Blue,2026-03-02,P1,,yes,,Search,,1,,javascript:alert(1)", 5, "opens safely"),
        ("c,Blue,2026-03-02,,,yes,,Search,,1,,", 5, "is missing"),
        ("b,Green,,,,,,Pay,,,,", 5, "another site"),
        (",Blue,2026-03-02,P1,,yes,,Search,,1,,", 5, "no run"),
    ],
)
def test_what_is_wrong_with_a_line_is_said(line: str, number: int, says: str) -> None:
    held = made()
    found = audit_lists.preview(f"{LIST}{line}\n".encode(), held)
    assert found.asked == ()
    (fault,) = found.faults
    assert fault.line == number
    assert says in str(fault.problem)
