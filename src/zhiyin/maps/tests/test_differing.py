"""What one version of a map has otherwise than another, and how it is said."""

from __future__ import annotations

import random

import msgspec
import pytest

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import in_language
from zhiyin.maps import saying
from zhiyin.maps.differing import Change, differences
from zhiyin.maps.document import Map, Node
from zhiyin.maps.operations import Wanted, applied
from zhiyin.maps.tests.test_operations import SMALL, _drawn


def did(*wanted: Wanted) -> Map:
    map_ = SMALL
    for one in wanted:
        map_ = applied(map_, one).map
    return map_


def kinds(after: Map) -> list[tuple[str, str, str, str]]:
    return [(one.did, one.part, one.target, one.field) for one in differences(SMALL, after)]


def said(after: Map, language: str = "en") -> list[str]:
    with in_language(language):
        return [str(saying.change(one, SMALL, after)) for one in differences(SMALL, after)]


def test_the_same_map_has_nothing_otherwise() -> None:
    assert differences(SMALL, SMALL) == ()


def test_each_field_that_changed_is_told_with_both_values() -> None:
    after = did(
        Wanted("1", "set", "node", "pay", "name", {"en": "Pay", "zh-Hans": "支付"}),
        Wanted("2", "set", "node", "pay", "is_required", True),
        Wanted("3", "set", "node", "pay", "channels", ["app", "web"]),
        Wanted("4", "set", "map", "", "pause", "7d"),
    )
    assert differences(SMALL, after) == (
        Change("changed", "map", "", {"en": "Trip"}, "pause", "30d", "7d"),
        Change("changed", "node", "pay", after.nodes[0].name, "name.en", "", "Pay"),
        Change("changed", "node", "pay", after.nodes[0].name, "name.zh-Hans", "", "支付"),
        Change("changed", "node", "pay", after.nodes[0].name, "channels", [], ["app", "web"]),
        Change("changed", "node", "pay", after.nodes[0].name, "is_required", False, True),
    )
    assert said(after)[1:4] == [
        "touchpoint Pay: Name in English from “–” to “Pay”",
        "touchpoint Pay: Name in Chinese from “–” to “支付”",
        "touchpoint Pay: Channels from “–” to “app, web”",
    ]
    assert said(after, "zh")[4] == "触点“支付”：既定路径上的必经触点由“否”改为“是”"


def test_parts_that_came_and_went_are_told_by_the_name_that_they_had() -> None:
    named = did(Wanted("1", "set", "node", "pay", "name", {"en": "Pay"}))
    after = applied(named, Wanted("2", "remove", "node", "pay")).map
    found = differences(named, after)
    assert [(one.did, one.target, one.name) for one in found] == [("removed", "pay", {"en": "Pay"})]
    assert str(saying.change(found[0], named, after)) == "removed touchpoint Pay"
    back = differences(after, named)
    assert str(saying.change(back[0], after, named)) == "added touchpoint Pay"


def test_of_parts_that_change_places_the_fewest_are_told() -> None:
    more = msgspec.structs.replace(
        SMALL, nodes=tuple(Node(name, "buy", "own") for name in ("a", "b", "c", "d"))
    )
    after = applied(more, Wanted("1", "move", "node", "d", "", {"after": ""})).map
    assert [(one.did, one.target) for one in differences(more, after)] == [("moved", "d")]
    stages = did(Wanted("1", "move", "stage", "use", "", {"after": ""}))
    assert len(kinds(stages)) == 1
    assert kinds(stages)[0][0] == "moved"
    # Nobody sees an order among touchpoints of two cells.
    assert kinds(did(Wanted("1", "move", "node", "fly", "", {"after": ""}))) == []


def test_a_touchpoint_in_another_cell_is_told_with_both() -> None:
    wanted = Wanted("1", "move", "node", "ask", "", {"after": "", "stage": "buy", "lane": "own"})
    after = did(wanted)
    assert said(after) == ["touchpoint ask: from Use · people to Buy · own"]


def test_two_maps_are_the_same_where_nothing_is_told() -> None:
    """Would catch a field that the comparison does not look at."""
    draw = random.Random(3)  # noqa: S311 - nothing secret
    seen = 0
    for _round in range(200):
        map_ = SMALL
        for step in range(4):
            try:
                map_ = applied(map_, _drawn(draw, map_, step)).map
            except Problem:
                continue
        if differences(SMALL, map_):
            seen += 1
        else:
            drawn = [
                [one.id for one in map_.at(stage.id, lane.id)]
                for stage in map_.stages
                for lane in map_.lanes
            ]
            assert (map_.stages, map_.lanes) == (SMALL.stages, SMALL.lanes)
            assert drawn == [
                [one.id for one in SMALL.at(stage.id, lane.id)]
                for stage in SMALL.stages
                for lane in SMALL.lanes
            ]
            assert {one.id: one for one in map_.nodes} == {one.id: one for one in SMALL.nodes}
    assert seen > 100


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_field_of_the_map_has_words(language: str) -> None:
    """Would catch a field that the document gained and no editor names."""
    placed = {"id", "stage", "lane", "format", "stages", "lanes", "nodes"}
    fields = {name for kind in (Map, Node) for name in kind.__struct_fields__} - placed
    assert fields | {"begins"} == set(saying.FIELDS)
    with in_language(language):
        assert all(str(one) for one in saying.FIELDS.values())
