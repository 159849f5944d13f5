"""From text to values: the SQL that converts a cell, and the SQL that says a cell is bad.

Cells come without outer spaces, blank ones as null. A value is computed once, under its name;
the checks read it by that name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zhiyin.kernel.text import Text, _

YES = ("true", "t", "yes", "y", "1", "是", "真")
NO = ("false", "f", "no", "n", "0", "否", "假")
ISO = r"^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ]\d{1,2}:\d{1,2}(:\d{1,2}(\.\d+)?)?)?$"
ZONED = r"^\d{4}-\d{1,2}-\d{1,2}[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)? ?(Z|z|UTC|[+-]\d{2}(:?\d{2})?)$"
EARLIEST, LATEST = 1900, 2100
YEAR_FIRST = tuple(
    f"%Y年%m月%d日{space}{clock}"
    for clock in ("%H:%M:%S", "%H:%M", "%H时%M分%S秒", "%H时%M分", "")
    for space in ((" ", "") if clock else ("",))
)


@dataclass(frozen=True, slots=True)
class Check:
    """A condition that a good row does not meet.

    Args:
        bad: SQL over cells and named values, true where the cell is bad; never null.
        column: the column's name, as the file has it.
        cell: SQL of the cell, for the rejects file.
        reason: why it is rejected.
        keeps_cells: whether the rejects file shows the row's cells.
    """

    bad: str
    column: str
    cell: str
    reason: Text
    keeps_cells: bool = True


@dataclass(frozen=True, slots=True)
class Converted:
    """SQL of a value, and what makes it bad."""

    sql: str
    checks: tuple[Check, ...] = ()


def literal(value: object) -> str:
    """A text as SQL."""
    return "'" + str(value).replace("'", "''") + "'"


def quoted(name: str) -> str:
    """A name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def text(cell: str) -> Converted:
    """A word."""
    return Converted(cell)


def number_sql(cell: str, decimal: str, kind: str = "DOUBLE") -> str:
    """A number out of text, null where it is none. A sign for thousands is not guessed."""
    if decimal == ",":
        cell = f"CASE WHEN NOT contains({cell}, '.') THEN replace({cell}, ',', '.') END"
    return f"try_cast({cell} AS {kind})"


def is_no_number(cell: str, value: str) -> str:
    """SQL: the cell holds something, and no finite number as people write them (1_000 is none)."""
    finite = f"coalesce(isfinite({value}::DOUBLE), false)"
    return f"({cell} IS NOT NULL AND (NOT {finite} OR contains({cell}, '_')))"


def is_formula(cell: str, column: str) -> Check:
    """The cell is a formula, as a spreadsheet wrote it into text."""
    reason = _("this is a formula, not its value; save the file with values")
    return Check(f"coalesce(starts_with({cell}, '='), false)", column, cell, reason)


def number(name: str, cell: str, column: str, decimal: str) -> Converted:
    """A number; other text is bad."""
    check = Check(is_no_number(cell, quoted(name)), column, cell, _("this is not a number"))
    return Converted(number_sql(cell, decimal), (is_formula(cell, column), check))


def money(name: str, cell: str, column: str, decimal: str) -> Converted:
    """An amount, exact to four decimals."""
    check = Check(is_no_number(cell, quoted(name)), column, cell, _("this is not an amount"))
    sql = number_sql(cell, decimal, "DECIMAL(18, 4)")
    return Converted(sql, (is_formula(cell, column), check))


def whole(name: str, cell: str, column: str, decimal: str) -> Converted:
    """A whole number, of 64 bits."""
    value = number_sql(cell, decimal)
    sql = f"CASE WHEN {value} = floor({value}) THEN try_cast({value} AS BIGINT) END"
    reason = _("this is not a whole number")
    check = Check(is_no_number(cell, quoted(name)), column, cell, reason)
    broken = Check(_unread(name, cell), column, cell, reason)
    return Converted(sql, (is_formula(cell, column), check, broken))


def truth(name: str, cell: str, column: str) -> Converted:
    """Yes or no, in the words that files use."""
    said = f"lower({cell})"
    sql = f"CASE WHEN {said} IN {_tuple(YES)} THEN true WHEN {said} IN {_tuple(NO)} THEN false END"
    reason = _("this is neither yes nor no")
    return Converted(sql, (Check(_unread(name, cell), column, cell, reason),))


def instant(
    name: str,
    cell: str,
    column: str,
    zone: str,
    formats: str | Sequence[str] | None,
    *,
    needed: bool,
) -> Converted:
    """An instant in UTC out of a local time of `zone`.

    Without `formats`, only dates that begin with the year are read: 03/04/2018 is two days,
    and which one is meant is for the mapping to say. A time that names its own offset keeps it.
    """
    if formats:
        given = [formats] if isinstance(formats, str) else list(formats)
        listed = f"[{', '.join(literal(f) for f in given)}]"
        has_offset = any("%z" in f or "%Z" in f for f in given)
        read = f"(try_strptime({cell}, {listed}))"
        sql = f"{read} AT TIME ZONE 'UTC'" if has_offset else _local(read, zone)
        unread = _("this is not a date in the format {format}", format=" / ".join(given))
    else:
        iso = f"CASE WHEN regexp_matches({cell}, {literal(ISO)}) THEN {_dashed(cell)} END"
        own = f"CASE WHEN regexp_matches({cell}, {literal(ZONED)}) THEN {cell} END"
        year_first = ", ".join(literal(form) for form in YEAR_FIRST)
        other = (
            f"CASE WHEN {cell}[5] = '年' THEN try_strptime({cell}, [{year_first}])"
            f" WHEN regexp_matches({cell}, '^\\d{{8}}$') THEN try_strptime({cell}, '%Y%m%d') END"
        )
        sql = (
            f"coalesce({_local(f'try_cast({iso} AS TIMESTAMP)', zone)},"
            f" try_cast({own} AS TIMESTAMPTZ) AT TIME ZONE 'UTC', {_local(other, zone)})"
        )
        unread = _(
            "this is not a date that can be read without doubt; give `format` in the mapping,"
            " for instance '%d/%m/%Y'"
        )
    checks = [is_formula(cell, column), Check(_unread(name, cell), column, cell, unread)]
    if needed:
        checks.insert(0, Check(f"{cell} IS NULL", column, cell, _("the date is missing")))
    far = f"coalesce(year({quoted(name)}) NOT BETWEEN {EARLIEST} AND {LATEST}, false)"
    reason = _("the year is not between {first} and {last}", first=EARLIEST, last=LATEST)
    checks.append(Check(far, column, cell, reason))
    return Converted(sql, tuple(checks))


def _dashed(cell: str) -> str:
    """2018.06.12 and 2018/6/12 with dashes."""
    return (
        f"replace(replace({cell}, '/', '-'), '.', CASE WHEN {cell}[5] = '.' THEN '-' ELSE '.' END)"
    )


def _local(timestamp: str, zone: str) -> str:
    if zone in ("UTC", "Etc/UTC"):
        return timestamp
    return f"timezone({literal(zone)}, {timestamp}) AT TIME ZONE 'UTC'"


def _unread(name: str, cell: str) -> str:
    return f"({cell} IS NOT NULL AND {quoted(name)} IS NULL)"


def _tuple(words: Sequence[str]) -> str:
    return "(" + ", ".join(literal(word) for word in words) + ")"
