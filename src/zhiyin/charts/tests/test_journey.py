"""A journey map as a picture says all that it holds, in words that stay within their boxes."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhiyin.charts import touchpoint
from zhiyin.charts.axis import Axis
from zhiyin.charts.journey import WIDTH, Difficulty, Journey, Key, Lane, Stage, journey
from zhiyin.charts.markup import NORMAL, width_of
from zhiyin.charts.setting import Item, Run, flowed, wrapped
from zhiyin.charts.strings import Estimate
from zhiyin.charts.touchpoint import Touchpoint

SVG = "{http://www.w3.org/2000/svg}"
AXIS = Axis.of([20.0, 95.0], "percent")
EN = (
    "Flight search", "Passenger details", "Ticket office at the airport, also for rebooking",
    "Advertisements and promotions", "Donaudampfschifffahrtsgesellschaft", "Bag <drop> & more",
)  # fmt: skip
ZH = (
    "航班搜索",
    "乘机人信息填写",
    "机场售票柜台（也办理改签与退票）",
    "支付",
    "退票",
    "广告与促销",
)
KEY = Key(
    "below", "cannot be told from", "above", "bar: 95% interval", "open problems",
    "open suggestions", "customers", "ended here",
)  # fmt: skip


def counts(people: str, money: str, left: str) -> tuple[Item, ...]:
    def run(words: str) -> tuple[Run, ...]:
        return (Run(words, "soft", 11),)

    return (Item(run(people), "people"), Item(run(money)), Item(run(left), "left"))


def node(number: int, names: tuple[str, ...]) -> Touchpoint:
    value = 40.0 + number
    is_told = number % 5 != 4
    return Touchpoint(
        f"{names[number % len(names)]} {number}",
        value=f"{value:.1f}" if is_told else "",
        why=""
        if is_told
        else "不予显示，以免推算出其他组"
        if names is ZH
        else "not enough answers",
        estimate=Estimate(value, value - 3, value + 3) if is_told else None,
        tint=("", "bad-1", "bad-2", "good-1", "good-2")[number % 5],
        change="▼13.4" if number % 3 == 0 and is_told else "",
        change_tone="bad",
        counts=counts(f"{number}.6万" if names is ZH else f"{number}1.5k", "¥51.8M", "6.3%"),
        rank=number if 0 < number < 4 else 0,
        problems=number % 4,
        suggestions=12 if number % 3 else 0,
        is_bound=number != 5,
    )


def drawn(names: tuple[str, ...], stages: int, each: int = 1, busy: int = 3) -> Journey:
    """A map of two lanes with touchpoints in every cell, and a busy one."""
    numbers = iter(range(1_000))
    lanes = tuple(
        Lane(
            f"Lane {lane} 应用与微信",
            tuple(
                tuple(
                    node(next(numbers), names) for _n in range(busy if stage == lane == 0 else each)
                )
                for stage in range(stages)
            ),
        )
        for lane in range(2)
    )
    return Journey(
        title="Domestic trip 国内出行",
        about="version 7",
        asked="All customers, October, compared with September.",
        stages=tuple(
            Stage(
                f"Stage {n}: {names[n % len(names)]}",
                (Item((Run("96.4k", "soft"), Run("87%", "tick")), "people"),),
                2 if n == 0 and busy > 2 else 1,
                None if n == 1 else 20.0 - 9 * n,
                None if n == 1 else 15.0 - 9 * n,
                None if n == 1 else 25.0 - 9 * n,
            )
            for n in range(stages)
        ),
        lanes=lanes,
        key=KEY,
        foot="as of 2026-11-01; definition 1",
        words="A map.",
        difficulties=tuple(
            Difficulty(n, f"{names[n]}: the worst", ("38.4% [35.0, 42.0]", "Chen Wei"))
            for n in (1, 2, 3)
        ),
        emotion=("Emotion", "net satisfaction"),
        axis=AXIS,
        average=74.0,
        unexplained=(
            Item((Run("Traffic that no touchpoint explains", "strong", 13),)),
            Item((Run("Pet travel page " * 20, "soft", 13), Run("6,120", "strong", 13))),
        ),
    )


def parsed(markup: str) -> ET.Element:
    return ET.fromstring(markup)  # noqa: S314 - written by ourselves


def places(root: ET.Element) -> list[tuple[float, float, float, str]]:
    """Every text below: where it begins, where it ends, its base line, its words."""
    found = []
    for one in root.iter(f"{SVG}text"):
        if "%" in one.get("x", ""):
            continue  # on the curve, whose places are parts of its width
        spans = one.findall(f"{SVG}tspan") or [one]
        words = "".join(one.itertext())
        wide = sum(width_of(span.text or "", int(span.get("font-size", "13"))) for span in spans)
        wide += 4 * (len(spans) - 1)
        x, anchor = float(one.get("x", "0")), one.get("text-anchor", "start")
        left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
        found.append((left, left + wide, float(one.get("y", "0")), words))
    return found


def boxes(root: ET.Element) -> list[ET.Element]:
    return [one for one in root.iter(f"{SVG}g") if one.get("class") == "touchpoint"]


def corners(box: ET.Element) -> tuple[float, float, float, float]:
    rect = box.find(f"{SVG}rect")
    assert rect is not None
    x, y, width, height = (float(rect.get(one, "0")) for one in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


MAPS = {
    "en": drawn(EN, 6), "zh": drawn(ZH, 6), "narrow": drawn(EN, 16, each=2, busy=6),
    "narrow zh": drawn(ZH, 16, each=2, busy=6), "one": drawn(EN, 1),
}  # fmt: skip


@pytest.mark.parametrize("which", MAPS)
def test_every_touchpoint_has_its_name_and_figures(which: str) -> None:
    one = MAPS[which]
    root = parsed(journey(one))
    nodes = [node for lane in one.lanes for cell in lane.cells for node in cell]
    drawn_boxes = {box.findtext(f"{SVG}title"): box for box in boxes(root)}
    assert len(drawn_boxes) == len(nodes) == len(boxes(root))
    for each in nodes:
        told = ["".join(text.itertext()) for text in drawn_boxes[each.name].iter(f"{SVG}text")]
        lines = [line for line in told if "…" not in line]
        joined = "".join(lines).replace(" ", "")
        if len(lines) == len(told):
            assert each.name.replace(" ", "") in joined, told
        else:  # three lines are not enough: what is there is its beginning
            assert each.name.replace(" ", "").startswith(told[0].replace(" ", ""))
        if each.value:
            assert each.value in told
        else:
            assert each.why.replace(" ", "")[:9] in "".join(told).replace(" ", "")
        assert each.change == "" or each.change in told
        for item in each.counts:
            assert item.runs[0].words in told
        assert each.problems == 0 or str(each.problems) in told
        assert each.rank == 0 or str(each.rank) in told


@pytest.mark.parametrize("which", MAPS)
def test_no_words_leave_their_box_or_the_sheet(which: str) -> None:
    """Would catch a name that runs into the next stage, and a line under the edge of its box."""
    root = parsed(journey(MAPS[which]))
    height = float(root.get("height", "0"))
    assert float(root.get("width", "0")) == WIDTH
    for left, right, y, words in places(root):
        assert left >= 0, words
        assert right <= WIDTH + 0.1, words
        assert y <= height, words
    for box in boxes(root):
        x, y, end, bottom = corners(box)
        for left, right, base, words in places(box):
            assert x <= left + 8 and right <= end + 0.1, words  # noqa: PT018 - a rank stands out
            assert y - touchpoint.OVERHANG <= base - 9 <= bottom, words
            assert base <= bottom, words


@pytest.mark.parametrize("which", MAPS)
def test_boxes_and_lines_keep_apart(which: str) -> None:
    root = parsed(journey(MAPS[which]))
    found = [corners(box) for box in boxes(root)]
    for place, (x, y, end, bottom) in enumerate(found):
        for left, top, right, low in found[place + 1 :]:
            apart = end <= left or right <= x or bottom + 10 <= top or low + 10 <= y
            assert apart, (x, y, left, top)
    for box in boxes(root):
        bases = sorted({base for _l, _r, base, _w in places(box) if base > corners(box)[1] + 10})
        assert all(later - sooner >= 10 for sooner, later in pairwise(bases))


def test_a_stage_is_wide_only_where_there_is_room() -> None:
    few, many = (parsed(journey(drawn(EN, stages, busy=4))) for stages in (5, 16))

    def first_row(root: ET.Element) -> int:
        top = corners(boxes(root)[0])[1]
        return sum(corners(box)[1] == top for box in boxes(root)[:4])

    assert (first_row(few), first_row(many)) == (2, 1)


def test_the_curve_stands_above_its_stages() -> None:
    root = parsed(journey(drawn(EN, 6)))
    outer = next(one for one in root if one.tag == f"{SVG}svg")
    x, wide = float(outer.get("x", "0")), float(outer.get("width", "0"))
    beads = [
        x + wide * float(one.get("cx", "").rstrip("%")) / 100
        for one in outer.iter(f"{SVG}circle")
    ]  # fmt: skip
    rules = [
        (float(one.get("x1", "0")) + float(one.get("x2", "0"))) / 2
        for one in root
        if one.get("class") == "rule"
    ]
    del rules[1]  # of this stage too few answered
    assert beads == pytest.approx(rules, abs=0.6)


def test_what_is_bound_to_nothing_is_dashed_and_colours_are_written_in() -> None:
    markup = journey(drawn(EN, 6))
    assert "var(" not in markup
    dashed = [box for box in boxes(parsed(markup)) if "unbound" in ET.tostring(box, "unicode")]
    assert [box.findtext(f"{SVG}title") for box in dashed] == ["Bag <drop> & more 5"]


def test_a_map_without_difficulties_or_stages_is_drawn() -> None:
    bare = replace(
        drawn(EN, 1), stages=(), lanes=(), difficulties=(), no_difficulty="None is sure.",
        unexplained=(),
    )  # fmt: skip
    markup = journey(bare)
    assert "None is sure." in markup
    assert not boxes(parsed(markup))


# Setting words


@given(st.text(max_size=120), st.integers(14, 200), st.integers(1, 4))
def test_lines_are_as_wide_as_they_may_be(words: str, width: int, most: int) -> None:
    lines = wrapped(words, width, NORMAL, most)
    assert len(lines) <= most
    for line in lines:
        assert width_of(line, NORMAL) <= width + 0.1 or len(line) <= 1
    told = "".join("".join(lines).split())
    whole = "".join(words.split())
    assert told == whole or (told.endswith("…") and whole.startswith(told[:-1]))


@pytest.mark.parametrize(
    ("words", "width", "lines"),
    [
        ("Passenger details", 100, ["Passenger", "details"]),
        ("机场售票柜台，也办理退票", 13 * 6, ["机场售票柜", "台，也办理…"]),
        ("Wi-Fi 登录页面", 13 * 5, ["Wi-Fi 登", "录页面"]),
        ("", 50, []),
    ],
)
def test_words_break_where_they_may(words: str, width: float, lines: list[str]) -> None:
    assert wrapped(words, width, NORMAL, 2) == lines


def test_items_stand_side_by_side_until_a_line_is_full() -> None:
    items = [Item((Run("x" * n, size=10),)) for n in (5, 5, 5, 90)]
    lines: Any = flowed(items, 100, 10)
    assert [[round(x) for x, _item in line] for line in lines] == [[0, 40], [0], [0]]
    assert lines[2][0][1].width <= 100
