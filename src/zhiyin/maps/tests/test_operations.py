"""Operations on a draft: done, taken back, and what stands in their way."""

from __future__ import annotations

import random

import pytest

from zhiyin.kernel.errors import Problem
from zhiyin.maps import operations
from zhiyin.maps.document import Lane, Map, Node, Stage, read, write
from zhiyin.maps.operations import Board, Wanted, applied, clash, turned

SMALL = Map(
    name={"en": "Trip"},
    stages=(Stage("buy", {"en": "Buy"}), Stage("use", {"en": "Use"})),
    lanes=(Lane("own"), Lane("people")),
    nodes=(Node("pay", "buy", "own"), Node("fly", "use", "own"), Node("ask", "use", "people")),
)


def test_a_map_is_read_as_it_was_written() -> None:
    assert read(write(SMALL)) == SMALL


def test_a_value_is_set_and_taken_back() -> None:
    wanted = Wanted("1", "set", "node", "pay", "name", {"en": "Pay", "zh-Hans": "支付"})
    done = applied(SMALL, wanted)
    assert done.map.nodes[0].name == {"en": "Pay", "zh-Hans": "支付"}
    assert (done.before, done.fields) == ({}, ("node:pay:name",))
    assert applied(done.map, turned(wanted, done.before, id_="2", seen=1)).map == SMALL


def test_a_touchpoint_moves_to_another_stage_and_back() -> None:
    wanted = Wanted("1", "move", "node", "ask", "", {"after": "", "stage": "buy", "lane": "own"})
    done = applied(SMALL, wanted)
    assert [one.id for one in done.map.at("buy", "own")] == ["ask", "pay"]
    assert applied(done.map, turned(wanted, done.before, id_="2", seen=1)).map == SMALL


def test_whatever_is_done_can_be_taken_back() -> None:
    draw = random.Random(7)  # noqa: S311 - nothing secret
    for _round in range(300):
        map_ = SMALL
        back: list[Wanted] = []
        for step in range(6):
            wanted = _drawn(draw, map_, step)
            try:
                done = applied(map_, wanted)
            except Problem:
                continue
            back.append(turned(wanted, done.before, id_=f"u{step}", seen=0))
            map_ = done.map
        for wanted in reversed(back):
            map_ = applied(map_, wanted).map
        assert map_ == SMALL


def _drawn(draw: random.Random, map_: Map, step: int) -> Wanted:
    part = draw.choice(["node", "node", "stage", "lane"])
    ids = [one.id for one in getattr(map_, operations.LISTS[part])] or ["none"]
    id_ = draw.choice(ids)
    does = draw.choice(["set", "add", "remove", "move"])
    if does == "set":
        return Wanted(str(step), "set", part, id_, "name", {"en": f"n{step}"})  # type: ignore[arg-type]
    if does == "add":
        value = {"id": f"x{step}", "after": draw.choice(["", *ids])}
        if part == "node":
            value |= {"stage": draw.choice(map_.stages).id, "lane": draw.choice(map_.lanes).id}
        return Wanted(str(step), "add", part, f"x{step}", "", value)  # type: ignore[arg-type]
    if does == "remove":
        return Wanted(str(step), "remove", part, id_)  # type: ignore[arg-type]
    value = {"after": draw.choice(["", *ids])}
    if part == "node":
        value |= {"stage": draw.choice(map_.stages).id, "lane": draw.choice(map_.lanes).id}
    return Wanted(str(step), "move", part, id_, "", value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (Wanted("1", "set", "node", "gone", "name", {}), "map.no-such-part"),
        (Wanted("1", "set", "node", "pay", "stage", "use"), "map.operation"),
        (Wanted("1", "set", "node", "pay", "name", 3), "map.operation"),
        (Wanted("1", "set", "map", "", "nodes", []), "map.operation"),
        (Wanted("1", "remove", "stage", "buy"), "map.not-empty"),
        (Wanted("1", "add", "node", "x", "", {"id": "x", "stage": "no", "lane": "own"}),
         "map.no-such-place"),
        (Wanted("1", "add", "node", "pay", "", {"id": "pay", "stage": "buy", "lane": "own"}),
         "map.id-twice"),
        (Wanted("1", "set", "node", "pay", "events", "name =="), "map.rule"),
        (Wanted("1", "set", "map", "", "pause", "soon"), "map.rule"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(wanted: Wanted, code: str) -> None:
    with pytest.raises(Problem) as refused:
        applied(SMALL, wanted)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("touched", "wanted", "clashes"),
    [
        ({"node:pay:name": (5, "an")}, Wanted("1", "set", "node", "pay", "name", {}, 4), True),
        ({"node:pay:name": (5, "an")}, Wanted("1", "set", "node", "pay", "name", {}, 5), False),
        ({"node:pay:name": (5, "me")}, Wanted("1", "set", "node", "pay", "name", {}, 4), False),
        ({"node:pay:name": (5, "an")}, Wanted("1", "set", "node", "pay", "owner", "x", 4), False),
        ({"node:pay:name": (5, "an")}, Wanted("1", "remove", "node", "pay", seen=4), True),
        ({"node:pay:*": (5, "an")}, Wanted("1", "set", "node", "pay", "name", {}, 4), True),
        ({"node:fly:name": (5, "an")}, Wanted("1", "remove", "node", "pay", seen=4), False),
    ],
)
def test_who_comes_second_to_the_same_clashes(
    touched: dict[str, tuple[int, str]], wanted: Wanted, clashes: bool
) -> None:
    assert (clash(Board(SMALL, 5, touched), wanted, "me") is not None) == clashes


def test_a_text_is_set_in_one_language_and_taken_back() -> None:
    first = Wanted("1", "set", "node", "pay", "name.en", "Pay")
    second = Wanted("2", "set", "node", "pay", "name.zh-Hans", "支付", seen=1)
    one = applied(SMALL, first)
    both = applied(one.map, second)
    assert both.map.nodes[0].name == {"en": "Pay", "zh-Hans": "支付"}
    assert (both.before, both.fields) == ("", ("node:pay:name.zh-Hans",))
    assert applied(both.map, turned(second, both.before, id_="3", seen=2)).map == one.map
    title = applied(SMALL, Wanted("4", "set", "map", "", "about.en", "A trip"))
    assert title.map.about == {"en": "A trip"}


@pytest.mark.parametrize(
    ("field", "value"),
    [("name.fr", "Payer"), ("owner.en", "ana"), ("id.en", "x"), ("name.en", {"en": "Pay"})],
)
def test_what_has_no_language_is_not_set_in_one(field: str, value: object) -> None:
    with pytest.raises(Problem, match="cannot be done"):
        applied(SMALL, Wanted("1", "set", "node", "pay", field, value))


def test_two_languages_of_a_text_are_two_fields_and_the_whole_text_is_both() -> None:
    board = Board(SMALL, 5, {"node:pay:name.en": (5, "an")})

    def meets(field: str) -> int | None:
        return clash(board, Wanted("1", "set", "node", "pay", field, "x", seen=4), "bo")

    assert meets("name.zh-Hans") is None
    assert meets("name.en") == meets("name") == 5
    whole = Board(SMALL, 5, {"node:pay:name": (5, "an")})
    wanted = Wanted("1", "set", "node", "pay", "name.en", "x", seen=4)
    assert clash(whole, wanted, "bo") == 5
