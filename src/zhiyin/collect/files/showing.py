"""What a dry run shows: the first rows as they would be stored, and the words that are new."""

# ruff: noqa: S608 - the statements are built from names of the log and quoted literals

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zhiyin.collect.files import facts
from zhiyin.collect.files.facts import Facts
from zhiyin.collect.files.judging import Plan
from zhiyin.collect.files.seen import FirstRows, Shown
from zhiyin.kernel.periods import to_local
from zhiyin.warehouse.log import Log
from zhiyin.warehouse.tables import DIMENSION_PREFIX

if TYPE_CHECKING:  # it is read after Django is set up, not before
    from zhiyin.accounts.workspaces import Settings

FIRST = 5
"""Rows of each table."""

MOST_NEW = 50

NOT_SHOWN = ("row", "content")
"""Columns of the batch and not of the log."""


def show(plan: Plan, log: Log, workspace: Settings) -> Shown:
    """What a judged file would bring. Call it before its dimensions are declared."""
    slug = workspace.slug
    known = log.schema(slug).dimensions
    by_table: dict[str, list[Facts]] = {}
    for found in facts.facts_of(plan):
        by_table.setdefault(found.table, []).append(found)
    dimensions = facts.dimensions_of(plan, {})
    touchpoints = set(log.words(slug, "touchpoint").values())
    questions = set(log.words(slug, "question").values())
    return Shown(
        tables=tuple(
            _first_rows(plan, table, found, workspace.timezone) for table, found in by_table.items()
        ),
        new_dimensions=tuple(
            (table, name)
            for table in by_table
            for name in dimensions
            if name not in known.get(table, {})
        ),
        new_touchpoints=_new(plan, by_table, touchpoints),
        new_questions=tuple(
            asked.question.name for asked in plan.asked if asked.question.name not in questions
        )[:MOST_NEW],
    )


def _first_rows(plan: Plan, table: str, all_facts: list[Facts], timezone: str) -> FirstRows:
    names: dict[str, None] = {}
    rows: list[dict[str, Any]] = []
    for found in all_facts[:FIRST]:
        listed = ", ".join(f'{sql} AS "{name}"' for name, sql in found.columns.items())
        rows += _asked(
            plan,
            f"SELECT {listed} FROM judged WHERE problem IS NULL AND {found.where}"
            f" ORDER BY line LIMIT {FIRST}",
        )
        names.update(dict.fromkeys(found.columns))
    rows = sorted(rows, key=lambda row: int(row["row"]))[:FIRST]
    filled = [
        name
        for name in names
        if name not in NOT_SHOWN and any(row.get(name) is not None for row in rows)
    ]
    return FirstRows(
        table,
        tuple(name.removeprefix(DIMENSION_PREFIX) for name in filled),
        tuple(tuple(_word(row.get(name), timezone) for name in filled) for row in rows),
    )


def _new(plan: Plan, by_table: dict[str, list[Facts]], known: set[str]) -> tuple[str, ...]:
    """Touchpoints that the log does not know."""
    new: dict[str, None] = {}
    for found in (each for all_facts in by_table.values() for each in all_facts):
        if "touchpoint" not in found.columns or len(new) >= MOST_NEW:
            continue
        sql = found.columns["touchpoint"]
        said = _asked(
            plan,
            f"SELECT DISTINCT {sql} AS word FROM judged"
            f" WHERE problem IS NULL AND {found.where} AND {sql} IS NOT NULL",
        )
        new.update(dict.fromkeys(sorted(str(row["word"]) for row in said)))
    return tuple(word for word in new if word not in known)[:MOST_NEW]


def _asked(plan: Plan, sql: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (
        plan.staged.connection.cursor().sql(sql).to_arrow_table().to_pylist()
    )
    return found


def _word(value: Any, timezone: str) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{to_local(value, timezone):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)
