"""A theme keeps its number by what it shares; splits, mergers and returns are told."""

from __future__ import annotations

import numpy as np

from zhiyin.listen.themes import following, grouping, members, words
from zhiyin.listen.themes.grouping import ALONE
from zhiyin.listen.themes.words import Said


def follow(now: list[int], before: list[int]) -> following.Followed:
    return following.follow(np.array(now, np.int32), np.array(before, np.int64))


def test_groups_in_another_order_are_the_same_themes() -> None:
    found = follow([1, 1, 1, 0, 0, ALONE], [7, 7, 7, 4, 4, 0])
    assert found.number == (4, 7)
    assert (found.split_from, found.merged_into) == ({}, {})


def test_clauses_that_are_new_do_not_count_against_a_theme() -> None:
    """Nine of ten are of this week: a program that divides by all of them loses the theme."""
    assert follow([0] * 20, [5, 5] + [-1] * 18).number == (5,)


def test_a_split_keeps_the_number_for_the_larger_part_and_says_whence_the_other_came() -> None:
    found = follow([0] * 6 + [1] * 4, [3] * 10)
    assert found.number == (3, None)
    assert found.split_from == {1: 3}


def test_a_merger_keeps_the_larger_number_and_says_where_the_other_went() -> None:
    found = follow([0] * 10, [3] * 6 + [4] * 4)
    assert found.number == (3,)
    assert found.merged_into == {4: 0}


def test_a_silent_theme_comes_back_by_its_middle() -> None:
    middles = np.array([[1.0, 0.0], [0.0, 1.0]])
    found = following.follow(
        np.array([0, 0, 1, 1], np.int32), np.array([2, 2, -1, -1], np.int64), middles,
        {9: np.array([0.1, 0.995])},
    )  # fmt: skip
    assert found.number == (2, 9)


def test_nothing_follows_nothing() -> None:
    assert follow([], []).number == ()
    assert follow([0, 0], [-1, -1]).number == (None,)
    assert follow([ALONE], [3]).number == ()


def test_groups_are_found_and_what_lies_alone_is_left_out() -> None:
    chance = np.random.default_rng(3)
    middle = np.eye(6)[:3]
    near = np.repeat(middle, 30, axis=0) + chance.normal(0, 0.1, (90, 6))
    alone = chance.normal(size=(10, 6)) * np.array([0, 0, 0, 1, 1, 1])
    rows = np.vstack([near, alone])
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    found = grouping.group(rows, np.ones(100), least=12)
    assert [len(set(found[at : at + 30].tolist())) for at in (0, 30, 60)] == [1, 1, 1]
    assert len(set(found[:90].tolist())) == 3
    assert set(found[90:].tolist()) == {ALONE}
    np.testing.assert_array_equal(found, grouping.group(rows, np.ones(100), least=12))


def test_members_are_found_again_as_they_were_written() -> None:
    clause = members.key_of(np.array([5, 5, 2]), np.array([0, 7, 3]))
    made = members.of(clause, np.array([1, 2, 0], np.int32), np.array([0.5, 1, 0], np.float32))
    again = members.read(members.written(made))
    asked = members.key_of(np.array([5, 2, 5, 8]), np.array([7, 3, 0, 0]))
    assert again.themes_of(asked, unseen=-1).tolist() == [2, 0, 1, -1]
    assert again.near_of(asked).round(1).tolist() == [1.0, 0.0, 0.5, 0.0]
    assert members.Members.none().themes_of(asked, unseen=-1).tolist() == [-1] * 4


def test_words_set_a_theme_apart_and_few_customers_words_are_not_told() -> None:
    said = [Said("空调滴水把衣服弄湿", "zh", at) for at in range(8)]
    said += [Said("空调滴水 Zhangsan", "zh", at) for at in (0, 1)]
    said += [Said("the refund took weeks", "en", at) for at in range(8)]
    groups = np.array([0] * 10 + [1] * 8, np.int32)
    first, second = words.of_groups(said, groups)
    assert "空调" in first["zh"] or "滴水" in first["zh"]
    assert "zhangsan" not in str(first)
    assert "refund" in " ".join(second["en"])
