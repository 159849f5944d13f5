"""What marks rest on: figures of now, words that go when a customer is erased, links."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings as DjangoSettings

from zhiyin.accounts import actions as accounts
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import Workspace
from zhiyin.accounts.workspaces import Settings, settings_of
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.maps import actions, evidence, pinning, pins
from zhiyin.maps.evidence import Figure, Link, Words
from zhiyin.maps.models import Evidence, Pin, PinEvent
from zhiyin.maps.pin_wanted import Wanted
from zhiyin.maps.pinning import Proof
from zhiyin.maps.tests.test_operations import SMALL
from zhiyin.measure import scores
from zhiyin.measure.requests import ScoreRequest
from zhiyin.measure.tests.planting import answer, plant
from zhiyin.unify import erasure, places
from zhiyin.unify.subjects import Her
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.rights import Id
from zhiyin.warehouse.scoped import scoped

MADE = datetime(2026, 3, 1, 9, tzinfo=UTC)
NOW = datetime(2026, 4, 1, 12)
BEFORE, SINCE = datetime(2026, 2, 15, 4), datetime(2026, 3, 20, 4)
HER = "her-id-1"
SAID = "Ring me at 13766601235, nobody came."


@pytest.fixture(scope="session")
def told_logs(empty_logs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The logs with sixty answers before and sixty after, to be copied: it has become better."""
    folder = tmp_path_factory.mktemp("told") / "data"
    shutil.copytree(empty_logs, folder)
    shares = {BEFORE: (10, 8, 3, 3), SINCE: (10, 10, 8, 3)}
    with Owner(folder) as owner:
        plant(
            owner, "main", "answers",
            [
                answer(
                    float(shares[at][n % 4]), id=f"a{at.month}-{n}", customer=f"c{at.month}-{n}",
                    touchpoint="counter", unit="north" if n % 2 else "south", occurred_at=at,
                )
                for at in shares for n in range(60)
            ],
        )  # fmt: skip
        plant(
            owner, "main", "verbatims",
            [
                {"customer": HER, "text": SAID, "question": "why", "touchpoint": "counter",
                 "unit": "north", "occurred_at": BEFORE},
                {"customer": "him", "text": "Fine.", "unit": "south", "occurred_at": BEFORE},
            ],
        )  # fmt: skip
    return folder


@pytest.fixture
def log(db: None, told_logs: Path, tmp_path: Path, settings: DjangoSettings) -> Iterator[Owner]:
    settings.ZHIYIN_DATA = tmp_path
    shutil.copytree(told_logs, tmp_path, dirs_exist_ok=True)
    accounts.set_up(by=COMMAND_LINE, login="ana")
    actions.create(by=COMMAND_LINE, workspace="main", key="trip", map_=SMALL, keeps=True)
    with Owner(tmp_path) as owner:
        yield owner


@pytest.fixture
def main(log: Owner) -> Settings:
    return settings_of("main")


def pinned(main: Settings, log: Any, *proofs: Proof) -> Pin:
    """A mark that rests on these, made at `MADE`."""
    wanted = Wanted("pay", "The queue")
    pin = pinning.make(
        by=COMMAND_LINE, workspace=main, key="trip", wanted=wanted, log=log, proofs=proofs
    )
    Pin.objects.filter(pk=pin.pk).update(made_at=MADE)
    return pins.get("main", "trip", pin.number)


def figure(query: str) -> Proof:
    return Proof("figure", query)


def rows_of(log: Owner) -> list[int]:
    """The numbers of the planted words: hers and his."""
    found = evidence._read(log, settings_of("main"), list(range(200)))
    return sorted(found, key=lambda seq: found[seq]["text"] != SAID)


def refused(action: Any, *given: Any) -> str:
    with pytest.raises(Problem) as caught:
        action(*given)
    return caught.value.code


def test_a_figure_is_asked_anew_and_says_how_it_changed(main: Settings, log: Owner) -> None:
    pin = pinned(main, log, figure("/main/scores/?metric=nps&by=unit&period=last-28"))
    (one,) = evidence.shown(pin, log, main, NOW)
    assert isinstance(one, Figure)
    assert one.found is not None
    assert (one.found.start, one.found.end) == (date(2026, 3, 5), date(2026, 4, 2))
    assert (one.found.total.value, one.found.total.n) == (25.0, 60)
    change = one.change
    assert change is not None
    assert (change.before_start, change.before_end) == (date(2026, 2, 2), date(2026, 3, 1))
    assert (change.start, change.end) == (date(2026, 3, 5), date(2026, 4, 1))
    parts = [
        scores.score(log, main, ScoreRequest("nps", start=start, end=end), now=NOW).total.value
        for start, end in ((change.start, change.end), (change.before_start, change.before_end))
    ]
    assert parts == [25.0, -25.0]
    row = change.row
    assert row.difference == 50.0
    assert row.low is not None
    assert row.low > 0
    assert row.marked
    assert change.tone == "good"
    told = one.as_dict()
    assert told["change"]["difference"] == 50.0
    assert (told["metric"], told["value"], told["from"]) == ("nps", 25.0, "2026-03-05")
    # Nothing of a value is kept.
    assert "25" not in str(Evidence.objects.get().says)


@pytest.mark.parametrize(
    ("query", "before", "since"),
    [
        ("", (date(1970, 1, 1), date(2026, 3, 1)), (date(2026, 3, 1), date(2026, 4, 1))),
        ("from=2026-02-10&until=2026-03-25",
         (date(2026, 2, 10), date(2026, 3, 1)), (date(2026, 3, 1), date(2026, 3, 26))),
        ("period=last-90",
         (date(2025, 12, 2), date(2026, 3, 1)), (date(2026, 3, 1), date(2026, 4, 1))),
        ("period=last-month",
         (date(2026, 2, 1), date(2026, 3, 1)), (date(2026, 3, 1), date(2026, 4, 1))),
    ],
)  # fmt: skip
def test_no_day_is_on_both_sides_of_a_change(
    main: Settings, log: Owner, query: str, before: tuple[date, date], since: tuple[date, date]
) -> None:
    pin = pinned(main, log, figure(f"metric=nps&{query}"))
    (one,) = evidence.shown(pin, log, main, NOW)
    assert isinstance(one, Figure)
    assert one.change is not None
    assert (one.change.before_start, one.change.before_end) == before
    assert (one.change.start, one.change.end) == since
    assert one.change.row.difference == 50.0


@pytest.mark.parametrize("query", ["from=2026-02-01&until=2026-02-27", "from=2026-03-02"])
def test_a_figure_all_before_or_all_after_has_no_change(
    main: Settings, log: Owner, query: str
) -> None:
    """Would catch a fixed month that is said to have changed by what came after it."""
    pin = pinned(main, log, figure(f"metric=nps&{query}"))
    (one,) = evidence.shown(pin, log, main, NOW)
    assert isinstance(one, Figure)
    assert one.found is not None
    assert one.found.total.value is not None
    assert one.change is None


def test_on_the_day_of_the_mark_nothing_has_changed_yet(main: Settings, log: Owner) -> None:
    pin = pinned(main, log, figure("metric=nps&period=last-28"))
    (one,) = evidence.shown(pin, log, main, MADE.replace(tzinfo=None))
    assert isinstance(one, Figure)
    assert one.change is None


def test_a_change_among_too_few_is_not_told(main: Settings, log: Owner) -> None:
    Workspace.objects.update(minimum_base=61, test_base=61, small_base=100)
    few = settings_of("main")
    pin = pinned(few, log, figure("metric=nps"))
    (one,) = evidence.shown(pin, log, few, NOW)
    assert isinstance(one, Figure)
    assert one.found is not None
    assert one.found.total.n == 120
    assert one.change is not None
    assert (one.change.row.state, one.change.row.difference) == ("too_few", None)
    told = one.as_dict()["change"]
    assert {told[name] for name in ("difference", "low", "high", "p")} == {None}


def test_a_reader_of_a_branch_sees_its_figure_and_its_words(main: Settings, log: Owner) -> None:
    hers, his = rows_of(log)
    pin = pinned(
        main, log, figure("metric=nps"), Proof("words", str(hers)), Proof("words", str(his))
    )
    north = scoped(log, parse("unit = 'north'"))
    one, mine, others = evidence.shown(pin, north, main, NOW)
    assert isinstance(one, Figure)
    assert one.found is not None
    assert one.found.total.n == 60
    assert isinstance(mine, Words)
    assert isinstance(others, Words)
    assert (mine.text, others.text, others.is_gone) == (SAID, "", True)
    assert others.as_dict(sees_it=True)["text"] is None
    assert refused(evidence.words_of, his, north, main) == "pins.words-gone"


def test_words_are_masked_for_who_may_not_see_who_she_is(main: Settings, log: Owner) -> None:
    pin = pinned(main, log, Proof("words", str(rows_of(log)[0])))
    (one,) = evidence.shown(pin, log, main, NOW)
    assert isinstance(one, Words)
    assert one.as_dict(sees_it=True)["text"] == SAID
    assert one.as_dict(sees_it=False)["text"] == "Ring me at 137****1235, nobody came."
    assert one.about == "why · counter · 2026-02-15"


def test_words_go_when_she_is_erased(main: Settings, log: Owner, tmp_path: Path) -> None:
    pin = pinned(main, log, Proof("words", str(rows_of(log)[0])))
    kept = str([*Evidence.objects.values_list("says"), *PinEvent.objects.values_list("after")])
    assert "nobody came" not in kept, "a mark keeps where words stand, never what they say"
    erasure.erase(by=COMMAND_LINE, log=log, data=tmp_path, workspace="main", name=HER)
    (one,) = evidence.shown(pin, log, main, NOW)
    assert isinstance(one, Words)
    assert (one.text, one.is_gone, one.about) == ("", True, "")
    assert one.as_dict(sees_it=True)["is_gone"]


def test_her_names_in_what_people_wrote_are_hidden(
    main: Settings, log: Owner, tmp_path: Path
) -> None:
    link = Proof("link", f"https://crm.example.com/customers/{HER}?from=mail")
    pin = pinned(main, log, link)
    asked: dict[str, Any] = {"by": COMMAND_LINE, "workspace": main, "key": "trip"}
    wanted = Wanted("pay", f"{HER} waited", says=f"Ask {HER}, not {HER}2.")
    pinning.change(number=pin.number, revision=None, wanted=wanted, **asked)
    pinning.say(number=pin.number, text=f"I called {HER}.", **asked)
    wanted = Wanted("pay", "The queue", says=f"Ask {HER}, not {HER}2.")
    pinning.change(number=pin.number, revision=None, wanted=wanted, **asked)
    her = Her("main", tmp_path, (Id("customer", HER),))
    shown = {
        holding.place: eraser.show(her)
        for holding, eraser in places.of_customers()
        if holding.place.startswith("maps.")
    }
    assert {place: len(rows) for place, rows in shown.items()} == {
        "maps.Pin": 1, "maps.PinEvent": 4, "maps.Evidence": 1,
    }  # fmt: skip
    erasure.erase(by=COMMAND_LINE, log=log, data=tmp_path, workspace="main", name=HER)
    pin = pins.get("main", "trip", pin.number)
    assert (pin.title, pin.says) == ("The queue", f"Ask ****, not {HER}2.")
    kept = [*PinEvent.objects.values_list("says", "before", "after"), *Evidence.objects.values()]
    assert "****" in str(kept)
    assert HER not in str(kept).replace(f"{HER}2", "")
    assert Evidence.objects.get().says == {
        "url": "https://crm.example.com/customers/****?from=mail"
    }


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("", "pins.no-figure"),
        ("https://example.com/", "pins.no-figure"),
        ("metric=nps" + "x" * 4_000, "pins.no-figure"),
        ("metric=happiness", "measure.no-such-metric"),
        ("metric=nps&where=customer = 'c1'", "pins.personal"),
        ("metric=nps&is.nothing=x", "score.no-such-column"),
        ("metric=nps&where=channel =", "filter"),
        ("metric=nps&from=yesterday", "period.bad-date"),
    ],
)
def test_what_is_no_figure_is_refused(main: Settings, log: Owner, address: str, code: str) -> None:
    assert refused(evidence.figure_of, address, log, main, NOW).startswith(code)


def test_a_figure_is_kept_without_groups_and_comparisons(main: Settings, log: Owner) -> None:
    address = (
        "metric=nps&by=unit&every=month&rolling=90&against=previous&is.touchpoint=counter"
        "&group=a&other=b&without=3&where=score >= 3"
    )
    kept = evidence.figure_of(address, log, main, NOW)["query"]
    question = evidence.question_of(kept, log, main, NOW)
    assert (question.request.by, question.request.every, question.against) == ((), None, None)
    assert question.request.where is not None
    assert question.request.where.columns() == {"touchpoint", "score"}
    assert "rolling" not in kept


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "data:text/html,x", "ftp://example.com/", "//example.com/", "http://",
        "https://ana:secret@example.com/", "https://example.com/a b", "https://[::1", "",
        "https://example.com/\nx", "https://example.com/" + "x" * 500,
    ],
)  # fmt: skip
def test_what_is_no_link_is_refused(url: str) -> None:
    assert refused(evidence.link_of, url) == "pins.link"


def test_a_link_says_where_it_leads(main: Settings, log: Owner) -> None:
    pin = pinned(main, log, Proof("link", " https://wiki.example.com:8443/a?b=1#c "))
    (one,) = evidence.shown(pin, log, main, NOW)
    assert isinstance(one, Link)
    assert (one.url, one.host) == ("https://wiki.example.com:8443/a?b=1#c", "wiki.example.com")


def test_the_same_is_not_added_twice_and_is_taken_away_again(main: Settings, log: Owner) -> None:
    link = Proof("link", "https://example.com/")
    pin = pinned(main, log, link)
    asked: dict[str, Any] = {"by": COMMAND_LINE, "workspace": main, "key": "trip", "number": 1}
    with pytest.raises(Problem) as caught:
        pinning.add_evidence(
            proofs=[Proof("link", "https://example.com/b"), link], log=log, **asked
        )
    assert caught.value.code == "pins.twice"
    assert Evidence.objects.count() == 1, "all of it or nothing"
    number = Evidence.objects.get().pk
    pinning.remove_evidence(proof=number, **asked)
    with pytest.raises(Problem) as caught:
        pinning.remove_evidence(proof=number, **asked)
    assert caught.value.code == "pins.no-evidence"
    said = [(one.before, one.after) for one in pins.history(pin) if one.what == "evidence"]
    kept = {"kind": "link", "url": "https://example.com/"}
    assert said == [(None, kept), (kept, None)]
    for n in range(40):
        pinning.add_evidence(proofs=[Proof("link", f"https://example.com/{n}")], log=log, **asked)
    with pytest.raises(Problem) as caught:
        pinning.add_evidence(proofs=[link], log=log, **asked)
    assert caught.value.code == "pins.too-many"
