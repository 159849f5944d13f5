"""Filters are read as the grammar says, whoever types them and on whichever keyboard."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from zhiyin.kernel.filters import (
    LIMITS,
    And,
    Compare,
    Contains,
    FilterProblem,
    In,
    Missing,
    Node,
    Not,
    Or,
    both,
    parse,
    render,
)

A, B, C = Compare("a", "=", 1), Compare("b", "=", 2), Compare("c", "=", 3)


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("a = 1 or b = 2 and c = 3", Or((A, And((B, C))))),
        ("a = 1 and b = 2 or c = 3", Or((And((A, B)), C))),
        ("(a = 1 or b = 2) and c = 3", And((Or((A, B)), C))),
        ("a = 1 and b = 2 and c = 3", And((A, B, C))),
        ("a = 1 and (b = 2 and c = 3)", And((A, And((B, C))))),
        ("not a = 1 and b = 2", And((Not(A), B))),
        ("not (a = 1 and b = 2)", Not(And((A, B)))),
        ("not not a = 1", Not(Not(A))),
        ("((a = 1))", A),
        ("A = 1 OR a = 1 AND NOT b = 2", Or((Compare("A", "=", 1), And((A, Not(B)))))),
    ],
)
def test_not_binds_closest_then_and_then_or(text: str, root: Node) -> None:
    assert parse(text).root == root


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("a = 'x'", Compare("a", "=", "x")),
        ("a != 'x'", Compare("a", "!=", "x")),
        ("a<5", Compare("a", "<", 5)),
        ("a<=5", Compare("a", "<=", 5)),
        ("a>5", Compare("a", ">", 5)),
        ("a>=5", Compare("a", ">=", 5)),
        ("a ≠ 5", Compare("a", "!=", 5)),
        ("a ≤ 5", Compare("a", "<=", 5)),
        ("a ≥ 5", Compare("a", ">=", 5)),
        ("a in ('x', 'y')", In("a", ("x", "y"))),
        ("a not in (1, 2.5)", In("a", (1, 2.5), negated=True)),
        ("a contains 'x'", Contains("a", "x")),
        ("a not contains 'x'", Contains("a", "x", negated=True)),
        ("a is missing", Missing("a")),
        ("a is null", Missing("a")),
        ("a is not missing", Missing("a", negated=True)),
        ("a IS NOT NULL", Missing("a", negated=True)),
        ("a between 1 and 5", And((Compare("a", ">=", 1), Compare("a", "<=", 5)))),
        ("a not between 1 and 5", Not(And((Compare("a", ">=", 1), Compare("a", "<=", 5))))),
        ("a between 1 and 5 and c = 3",
         And((And((Compare("a", ">=", 1), Compare("a", "<=", 5))), C))),
    ],
)  # fmt: skip
def test_every_operator(text: str, root: Node) -> None:
    assert parse(text).root == root


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("7", 7),
        ("-7", -7),
        ("7.50", 7.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775808", -(2**63)),
        ("true", True),
        ("FALSE", False),
        ("2026-01-31", date(2026, 1, 31)),
        ("2026-01-31T10:00", datetime(2026, 1, 31, 10)),
        ("2026-01-31t10:00:05.5", datetime(2026, 1, 31, 10, 0, 5, 500_000)),
        ("'2026-01-31'", "2026-01-31"),
        ("'O''Hare'", "O'Hare"),
        ('"O\'Hare"', "O'Hare"),
        ('"say ""so"""', 'say "so"'),
        ("''", ""),
        ("''''", "'"),
        ("“浙江”", "浙江"),
        ("‘小程序’", "小程序"),
        ("”浙江“", "浙江"),
        ("＇a＇", "a"),
        ("'（，＝）'", "（，＝）"),
        ("'a＇b'", "a＇b"),
        ("'two\nlines'", "two\nlines"),
        ("７", 7),
        ("２０２６－０１－３１", date(2026, 1, 31)),
    ],
)
def test_values(written: str, value: object) -> None:
    """Would catch full-width signs that are changed, or that close a quote, inside quotes."""
    read = parse(f"a = {written}").root
    assert isinstance(read, Compare)
    assert (read.value, type(read.value)) == (value, type(value))


@pytest.mark.parametrize(
    ("written", "column"),
    [
        ("渠道", "渠道"),
        ("answer.score", "answer.score"),
        ("_id2", "_id2"),
        ("ｓｃｏｒｅ", "score"),
        ("`fare class`", "fare class"),
        ("`in`", "in"),
        ("`2nd-leg`", "2nd-leg"),
        ("`a``b`", "a`b"),
        ("`a｀b`", "a｀b"),
        ("`评分（满分10）`", "评分（满分10）"),
        ("inside", "inside"),
        ("nullable", "nullable"),
    ],
)
def test_column_names(written: str, column: str) -> None:
    assert parse(f"{written} = 1").columns() == {column}


def test_signs_of_a_chinese_keyboard() -> None:
    chinese = parse("渠道 ＝ ‘小程序’ and （省份 in （'浙江'、“江苏”，'上海'） or 评分＞＝9）")
    ascii_only = parse("渠道 = '小程序' and (省份 in ('浙江', '江苏', '上海') or 评分 >= 9)")
    assert chinese == ascii_only
    assert chinese.text != ascii_only.text


def test_columns_and_both() -> None:
    left, right = parse("a = 1 or not b is missing"), parse("c in (1) and a contains 'x'")
    assert left.columns() == {"a", "b"}
    joined = both(left, right)
    assert joined is not None
    assert joined == parse("(a = 1 or not b is missing) and (c in (1) and a contains 'x')")
    assert parse(joined.text) == joined
    assert joined.columns() == {"a", "b", "c"}
    assert both(None, right) is right
    assert both(left, None) is left
    assert both(None, None) is None


def test_filters_are_equal_when_they_say_the_same() -> None:
    assert parse("( a=1 )") == parse("a = 1")
    assert len({parse("a = 1"), parse("a=1"), parse("a = true"), parse("a = 1.0")}) == 3
    assert parse("a = 1") != parse("a = 2")
    assert parse("a = 1") != "a = 1"
    assert str(parse(" a=1")) == " a=1"
    assert render(parse(" a=1")) == "a = 1"


# Errors


@pytest.mark.parametrize(
    ("text", "at", "length", "said"),
    [
        ("", 1, 1, "is empty"),
        ("  ", 1, 1, "is empty"),
        ("a", 2, 1, "ends where a comparison"),
        ("a =", 4, 1, "ends where a value"),
        ("a = b", 5, 1, "'b'"),
        ("a = null", 5, 4, "is missing"),
        ("a == 1", 3, 2, "Write = instead"),
        ("a = 1 && b = 2", 7, 2, "Write and instead"),
        ("a => 1", 3, 2, "Write >= instead"),
        ("!a = 1", 1, 1, "Write not instead"),
        ("a like 'x'", 3, 4, "contains"),
        ("a not = 1", 7, 1, "not (a = 1)"),
        ("a = 'x", 5, 1, "never closed"),
        ("a = 'it's'", 10, 1, "written twice"),
        ("`a = 1", 1, 1, "never closed"),
        ("` ` = 1", 1, 3, "no column name"),
        ("`a\nb` = 1", 1, 5, "no column name"),
        ("(a = 1", 1, 1, "never closed"),
        ("a = 1)", 6, 1, "Remove this parenthesis"),
        ("a = 1 b = 2", 7, 1, "Join conditions"),
        ("a = 1,000", 6, 1, "thousands"),
        ("a in 1", 6, 1, "in parentheses"),
        ("a in ()", 7, 1, "a value"),
        ("a in (1 2)", 9, 1, "commas"),
        ("a in (1, 'x')", 10, 3, "another kind"),
        ("a in (1, true)", 10, 4, "another kind"),
        ("a contains 5", 12, 1, "text in quotes"),
        ("a between 1", 12, 1, "and"),
        ("a between false and true", 11, 5, "no order"),
        ("a < true", 5, 4, "no order"),
        ("a is 5", 6, 1, "is missing"),
        ("5 = a", 1, 1, "Begin with the column"),
        ("in = 5", 1, 2, "backquotes"),
        ("and a = 1", 1, 3, "backquotes"),
        ("a = 2026-02-30", 5, 10, "not a date"),
        ("a = 2026-2-3", 5, 8, "not a date"),
        ("a = 31/01/2026", 5, 10, "not a date"),
        ("a = 2026-01-31T25:00", 5, 16, "not a date"),
        ("a = 0001-01-01", 5, 10, "not a date"),
        ("a = 9999-12-31", 5, 10, "not a date"),
        ("a = 9223372036854775808", 5, 19, "too large"),
        ("a = -9223372036854775809", 5, 20, "too large"),
        ("a = 1e999", 5, 5, "too large"),
        ("a = 5x", 5, 1, "in quotes"),
        ("a - b = 1", 3, 1, "backquotes"),
        ("a = #", 5, 1, "cannot be read"),
        ("渠道 ＝ 小程序", 6, 3, "'小程序'"),
    ],
)
def test_errors_point_at_the_character(text: str, at: int, length: int, said: str) -> None:
    with pytest.raises(FilterProblem) as refused:
        parse(text)
    problem = refused.value
    assert problem.code == "filter.syntax"
    assert (problem.position, max(1, problem.length)) == (at, length)
    assert said in str(problem)


def test_the_mark_stands_under_the_character() -> None:
    with pytest.raises(FilterProblem) as refused:
        parse("a = 1 and\n\t渠道 = 小程序 or c = 3")
    lines = str(refused.value.hint).split("\n")
    assert lines[1:] == ["   渠道 = 小程序 or c = 3", "   \u3000\u3000   ^^^"]


# Limits


def too_large(text: str) -> FilterProblem:
    with pytest.raises(FilterProblem) as refused:
        parse(text)
    assert refused.value.code == "filter.too-large"
    return refused.value


def test_limits() -> None:
    """Each holds to the last: as much is read, one more is refused."""
    padded = "a = 1".ljust(LIMITS.characters)
    assert parse(padded).root == A
    assert str(LIMITS.characters + 1) in str(too_large(padded + " "))

    deep = "(" * (LIMITS.depth - 1) + "a = 1" + ")" * (LIMITS.depth - 1)
    assert parse(deep).root == A
    assert too_large(f"({deep})").position == LIMITS.depth + 1
    too_large("not " * LIMITS.depth + "a = 1")

    many = " or ".join(["a = 1"] * LIMITS.conditions)
    assert parse(many).columns() == {"a"}
    too_large(many + " or a = 1")

    long = ", ".join(["1"] * LIMITS.values)
    assert parse(f"a in ({long})").columns() == {"a"}
    too_large(f"a in ({long}, 1)")
