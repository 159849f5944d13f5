"""What is true of every filter, whatever it says."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhiyin.kernel.filters import (
    And,
    Compare,
    Contains,
    Filter,
    FilterProblem,
    In,
    Missing,
    Node,
    Not,
    Operator,
    Or,
    both,
    holds,
    parse,
    render,
    write_value,
)
from zhiyin.kernel.text import in_language

# Signs that end a quote, a name or a line on one keyboard or another come up often.
SIGNS = "'\"`’‘“”＇＂｀（），、＝ \n\t\\%_渠道aß1.-"
TEXTS = st.text(st.one_of(st.sampled_from(SIGNS), st.characters(exclude_categories=["Cs"])))
NAMES = st.one_of(
    st.sampled_from(["a", "客\u3000户", "渠道", "in", "NOT", "true", "2nd", "a.b", "ｉｎ"]),
    TEXTS.filter(lambda name: bool(name.strip()) and name.splitlines() == [name]),
)
DATES = st.dates(date(2, 1, 1), date(9998, 12, 31))
TIMES = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31, 23, 59, 59, 999_999))
NUMBERS = st.one_of(
    st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False)
)
ORDERED = st.one_of(TEXTS, NUMBERS, DATES, TIMES)


def compares(op: Operator) -> st.SearchStrategy[Node]:
    values = st.one_of(ORDERED, st.booleans()) if op in ("=", "!=") else ORDERED
    return st.builds(Compare, NAMES, st.just(op), values)


def lists(values: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(values, min_size=1, max_size=4).map(tuple)


LISTS = st.one_of(
    lists(TEXTS), lists(NUMBERS), lists(st.one_of(DATES, TIMES)), lists(st.booleans())
)
LEAVES: st.SearchStrategy[Node] = st.one_of(
    *[compares(op) for op in ("=", "!=", "<", "<=", ">", ">=")],
    st.builds(In, NAMES, LISTS, st.booleans()),
    st.builds(Contains, NAMES, TEXTS, st.booleans()),
    st.builds(Missing, NAMES, st.booleans()),
)


def joined(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(st.builds(And, several), st.builds(Or, several), st.builds(Not, inner))


NODES = st.recursive(LEAVES, joined, max_leaves=6)
FILTERS = NODES.map(lambda node: Filter(node, ""))
quick = settings(max_examples=200, deadline=None)


@given(FILTERS)
@quick
def test_what_is_written_reads_back_as_the_same(written: Filter) -> None:
    """The tree itself, and not its text only, which would hide that both are wrong."""
    read = parse(render(written))
    assert read == written
    assert read.root == written.root
    assert render(read) == render(written)


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_what_the_language_cannot_say_is_not_written(value: float) -> None:
    with pytest.raises(ValueError, match="cannot hold"):
        write_value(value)


PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            ["a", "渠道", "=", "==", "<>", "!", "≥", "＝", "(", "）", ",", "、", "and", "OR", "not",
             "in", "is", "missing", "null", "between", "contains", "like", "true", "'x'", "“y”",
             "`", "'", "2026-01-31", "2026-02-30", "31/01/2026", "9999-12-31", "1", "-", "1e999",
             "٣", "²", "1_0", "1.", "..", "\u200b", "\n"]
        ),
        TEXTS,
    ),
    max_size=12,
).map(" ".join)  # fmt: skip


@given(st.one_of(TEXTS, PIECES, st.text()))
@settings(max_examples=400, deadline=None)
def test_any_text_is_a_filter_or_a_problem_that_points_into_it(text: str) -> None:
    read = filter_or_problem(text)
    if isinstance(read, Filter):
        assert parse(render(read)) == read
        return
    assert read.code in ("filter.syntax", "filter.too-large")
    assert 1 <= read.position <= len(text) + 1
    for language in ("en", "zh-hans"):
        with in_language(language):
            assert str(read)


def filter_or_problem(text: str) -> Filter | FilterProblem:
    try:
        return parse(text)
    except FilterProblem as problem:
        return problem


# What a filter says of rows

KINDS = {"word": "text", "number": "number", "flag": "truth", "at": "time"}
ROWS = st.fixed_dictionaries(
    {
        "word": st.none() | st.sampled_from(["", "app", "App 7", "7", "渠道"]),
        "number": st.none() | st.sampled_from([-1, 0, 7, 7.5]),
        "flag": st.none() | st.booleans(),
        "at": st.none() | st.datetimes(datetime(2026, 1, 30), datetime(2026, 2, 2)),
    }
)
VALUES = st.sampled_from(
    ["", "app", "7", 7, 7.0, -1, "2026-01-31", date(2026, 1, 31), datetime(2026, 2, 1, 12)]
)
COLUMNS = st.sampled_from([*KINDS, "absent"])
SIMPLE: st.SearchStrategy[Node] = st.one_of(
    st.builds(Compare, COLUMNS, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), VALUES),
    st.builds(Compare, COLUMNS, st.sampled_from(["=", "!="]), st.booleans()),
    st.builds(In, COLUMNS, lists(VALUES), st.booleans()),
    st.builds(Contains, COLUMNS, st.sampled_from(["", "A", "7"]), st.booleans()),
    st.builds(Missing, COLUMNS, st.booleans()),
)
CONDITIONS = st.recursive(SIMPLE, joined, max_leaves=4)
ZONES = st.sampled_from(["UTC", "Asia/Shanghai", "America/Sao_Paulo"])


@given(CONDITIONS, CONDITIONS, ROWS, ZONES)
@quick
def test_conditions_are_true_or_false_and_join_as_in_logic(
    a: Node, b: Node, row: dict[str, object], zone: str
) -> None:
    """Would catch a third truth value: `not` is the plain complement, De Morgan holds."""

    def true(node: Node) -> bool:
        return holds(Filter(node, ""), row, zone=zone)

    assert true(Not(a)) is not true(a)
    assert true(And((a, b))) is (true(a) and true(b))
    assert true(Or((a, b))) is (true(a) or true(b))
    assert true(Not(Or((a, b)))) is true(And((Not(a), Not(b))))
    joint = both(Filter(a, ""), Filter(b, ""))
    assert joint is not None
    assert true(joint.root) is true(And((a, b)))


@pytest.mark.parametrize(
    ("held", "condition", "is_true"),
    [
        ("7", "x = 7", True),
        ("7", "x = 7.0", True),
        ("7.0", "x = 7", False),
        ("7.5", "x in (1, 7.5)", True),
        ("07", "x != 7", True),
        ("10", "x < 9", True),  # as text
        ("true", "x = true", True),
        ("True", "x = true", False),
        ("2026-01-31", "x = 2026-01-31", True),
        ("2026-02-01", "x > 2026-01-31", True),
        (7, "x = '7'", False),
        (7, "x < '8'", False),
        (1, "x = true", False),
        (True, "x = 1", False),
        (7, "x contains '7'", False),
    ],
)
def test_what_is_compared_with_text_is_taken_as_it_is_written(
    held: object, condition: str, is_true: bool
) -> None:
    assert holds(parse(condition), {"x": held}) is is_true


@given(SIMPLE)
def test_a_missing_value_satisfies_the_negated_conditions_alone(node: Node) -> None:
    negated = (
        node.op == "!="
        if isinstance(node, Compare)
        else isinstance(node, In | Contains | Missing)
        and node.negated is not isinstance(node, Missing)
    )
    for row in ({}, dict.fromkeys([*KINDS, "absent"])):
        assert holds(Filter(node, ""), row) is negated
