"""Anonymous responses on their way into the log: in groups, once, whatever fails.

Programs that this would catch: one that tells a group anew with other members after a crash; one
that loses a group whose letter was not taken; one that ends a response which somebody goes on with;
one that tells of four.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Coroutine
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from zhiyin.collect.surveys import facts
from zhiyin.collect.surveys.facts import About, Told
from zhiyin.collect.surveys.held import Held
from zhiyin.collect.surveys.logic import Answer
from zhiyin.collect.surveys.published import PublishedSurvey
from zhiyin.collect.surveys.tests.written import NPS, asking, survey
from zhiyin.edge.surveys.anonymous.keeping import SWEEP_SECONDS, Keeping, new_name
from zhiyin.edge.surveys.anonymous.store import HoldingStore, Kept, Over
from zhiyin.edge.surveys.responses import Responses
from zhiyin.edge.surveys.tending import Tending
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.warehouse.arriving import Letter, Reading

MOOD = survey((NPS,), (asking("why", "comment"),), is_anonymous=True)
HELD = PublishedSurvey("main", "mood", 1, MOOD, True, "Asia/Shanghai")
NOON = datetime(2026, 11, 27, 4, tzinfo=UTC).timestamp()
_group = msgspec.json.Decoder(list[Told])


class House:
    """A holding store with a desk that takes letters, or does not."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.letters: list[Letter] = []
        self.is_shut = False
        self.now = NOON
        self.published = HELD
        self.open()

    def open(self) -> None:
        """Begin anew, with what is on disk."""
        self.keeping = Keeping(HoldingStore(self.folder), self, self, clock=lambda: self.now)

    async def submit(self, letter: Letter, _reading: Reading) -> None:
        if self.is_shut:
            raise Problem("intake.full", _("The disk is full."), _("Make room."))
        self.letters.append(letter)

    def of(self, _workspace: str, _key: str, _number: int | None = None) -> PublishedSurvey:
        return self.published

    def run(self, doing: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run(doing)

    def come(self, *people: int, over: Over = "ended") -> None:
        for person in people:
            said = {"recommend": Answer("answered", float(person % 11))}
            kept = Kept("mood", 1, new_name(), said, ("p1",), ("p1",), (), over)
            self.run(self.keeping.keep("main", f"ticket {person}", kept))

    def release(self, *, is_closed: bool = False) -> int:
        told: int = self.run(self.keeping.release(HELD, is_closed=is_closed))
        return told

    def groups(self) -> list[list[Told]]:
        return [_group.decode(letter.body) for letter in self.letters]

    def tend(self) -> None:
        """As every ten minutes."""
        clock = lambda: datetime.fromtimestamp(self.now, UTC).replace(tzinfo=None)  # noqa: E731
        nothing: Any = lambda *_asked: None  # noqa: E731
        responses = Responses(self, nothing, nothing, self, self.keeping, b"k")
        tending = Tending(responses, self, self.keeping, nothing, clock=clock)
        self.run(tending.anonymous())


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_five_stay_behind_until_the_survey_is_closed(house: House) -> None:
    house.come(*range(9))
    assert house.release() == 0
    house.come(9)
    assert house.release() == 5
    assert house.release() == 0
    house.come(10, 11)
    assert (house.release(), house.release(is_closed=True)) == (0, 7)
    groups = house.groups()
    assert [len(group) for group in groups] == [5, 7]
    names = [told.about.response for group in groups for told in group]
    assert len(set(names)) == 12
    # Noon in Shanghai: the day began at 16 hours UTC of the day before.
    began = int(datetime(2026, 11, 26, 16, tzinfo=UTC).timestamp() * 1e6)
    for told in (told for group in groups for told in group):
        assert (told.at, told.about.started_at) == (began, began)
        assert told.filling is not None
        assert (told.filling.last_at, told.filling.ended_at) == (began, began)
        about = told.about
        assert not any((about.invitation, about.customer, about.device, about.mode, about.language))


def test_fewer_than_five_at_the_end_stay_where_they_are(house: House) -> None:
    house.come(*range(4))
    assert house.release(is_closed=True) == 0
    house.open()
    house.come(4)
    assert house.release(is_closed=True) == 5


def test_a_group_that_was_made_up_is_told_as_it_was_whatever_fails(house: House) -> None:
    house.come(*range(10))
    house.is_shut = True
    with pytest.raises(Problem, match="full"):
        house.release()
    house.open()
    house.come(10, 11)
    house.is_shut = False
    assert house.release() == 0, "the group that waited is told first, and seven stay"
    (first,) = house.groups()
    assert len(first) == 5
    # A crash after the letter was taken and before that was noted: the same once more.
    again = facts.read_group(house.letters[0])
    assert again == facts.read_group(house.letters[0])
    house.open()
    assert house.release(is_closed=True) == 7
    told = [told.about.response for group in house.groups() for told in group]
    assert len(told) == len(set(told)) == 12


def test_a_response_that_is_in_the_log_is_known_by_its_ticket_and_by_nothing_else(
    house: House,
) -> None:
    house.come(*range(10))
    house.release()
    house.open()
    gone = [kept for n in range(10) if (kept := house.keeping.find("main", f"ticket {n}"))]
    assert len(gone) == 10
    left = [kept for kept in gone if not kept.name]
    assert left == [Kept("mood", 1, over="ended")] * 5


def test_what_nobody_goes_on_with_is_over_after_the_second_sweep(house: House) -> None:
    house.come(*range(6), over="")
    house.tend()
    assert house.letters == []
    house.now += SWEEP_SECONDS
    house.come(0, over="")
    house.tend()
    assert not (found := house.keeping.find("main", "ticket 0")) or found.over == ""
    assert house.letters == []
    left = [kept for n in range(1, 6) if (kept := house.keeping.find("main", f"ticket {n}"))]
    assert [kept.over for kept in left] == ["left"] * 5
    assert left[0].answers["why"].state == "not_reached"
    house.published = replace(HELD, is_open=False)
    house.tend()
    (group,) = house.groups()
    assert {told.filling.ended_at for told in group if told.filling} == {None}
    house.now += 2 * SWEEP_SECONDS
    house.tend()
    house.now += SWEEP_SECONDS
    house.tend()
    assert house.keeping.find("main", "ticket 1") is None, "forgotten"


def test_nobody_hears_that_answers_are_kept_when_they_are_not(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.come(0, over="")

    def full(_file: int, _held: Any, _at: int) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.pwrite", full)
        with pytest.raises(Problem, match="does not take"):
            house.come(1)
        with pytest.raises(Problem, match="does not take"):
            house.come(0)
    assert house.keeping.find("main", "ticket 1") is None
    assert (found := house.keeping.find("main", "ticket 0")) is not None
    assert found.over == ""
    house.come(0)
    house.open()
    assert (again := house.keeping.find("main", "ticket 0")) is not None
    assert again.over == "ended"


def test_who_goes_and_in_which_order_is_drawn(tmp_path: Path) -> None:
    """Ten come in their order, twelve times over: 30,240 draws are as likely as one another."""
    drawn = set()
    for turn in range(12):
        house = House(tmp_path / str(turn))
        house.come(*range(10))
        house.release()
        (group,) = house.groups()
        drawn.add(tuple(told.said[0].score for told in group))
    assert len(drawn) >= 11


def test_an_invitation_is_answered_once_however_often_it_is_sent(house: House) -> None:
    """Would catch a double click whose second sending overwrites the first, and two browsers that
    end at once."""
    names = ("touchpoint", "channel", "unit", "arm", "about_kind", "about_id", "experienced_at")
    row = dict.fromkeys(names)

    def look_up(*_asked: Any) -> Held:
        time.sleep(0.02)
        return Held(invitation={**row, "survey": "mood"}, customer=("mei", "customer"))

    async def race() -> tuple[bool, ...]:
        responses = Responses(
            house, look_up, lambda *_of: Counter(), house, house.keeping, b"k",
            clock=lambda: house.now,
        )  # fmt: skip
        invitation = responses.invitations.new()
        tickets = [responses.ids.new() for _browser in range(2)]
        abouts = [About("mood", 1, ticket, 0, "en") for ticket in tickets]
        found = [await responses.find(HELD, about, is_new=True) for about in abouts]
        for one in found:
            await responses.tell(one, {"recommend": Answer("answered", 9.0)})
        mine, other = found
        return await asyncio.gather(
            responses.end_anonymous(HELD, mine, invitation),
            responses.end_anonymous(HELD, mine, invitation),
            responses.end_anonymous(HELD, other, invitation),
            responses.end_anonymous(HELD, mine, invitation),
        )

    assert list(house.run(race())) == [True, True, False, True]
    held = [kept.over for _key, kept in HoldingStore(house.folder).of("main").responses()]
    assert held == ["ended"]
    assert len({letter.body for letter in house.letters}) == 1, "each says the same, which is once"


def test_nothing_is_said_to_a_response_that_has_ended(house: House) -> None:
    house.come(0)
    with pytest.raises(Problem, match="does not take"):
        house.come(0, over="")
    assert (found := house.keeping.find("main", "ticket 0")) is not None
    assert found.over == "ended"
