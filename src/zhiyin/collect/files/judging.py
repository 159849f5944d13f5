"""Every row of a staged file judged: its values, and what is wrong with it if anything is."""

# ruff: noqa: S608 - the statements are built from column places and quoted literals

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import duckdb
import msgspec

from zhiyin.collect.files import values
from zhiyin.collect.files.asking import Asked, asked
from zhiyin.collect.files.mapping import Mapping, Value, Who, nearest, value_of
from zhiyin.collect.files.mapping_sense import NEEDED, NEEDS_CUSTOMER
from zhiyin.collect.files.staging import Staged
from zhiyin.collect.files.values import Check, Converted, literal, quoted
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.warehouse.log import DimensionKind
from zhiyin.warehouse.pseudonyms import Pseudonyms
from zhiyin.warehouse.tables import TABLES, Column

if TYPE_CHECKING:  # it is read after Django is set up, not before
    from zhiyin.accounts.workspaces import Settings

ERASED = _("the customer was erased and is not taken again")

SEPARATOR = "chr(31)"
NOTHING = "chr(30)"


@dataclass(slots=True)
class Plan:
    """What a mapping makes of the columns of one staged file, as SQL over its row.

    Attributes:
        values: name of a log column (or ``d_…``) → SQL.
        checks: in the order in which a row's first fault is looked for.
        used: the staged columns whose words the facts depend on, questions apart.
        asked: the questions, of answers.
        traits: name of the trait → its cell, of a wide traits file.
    """

    mapping: Mapping
    staged: Staged
    values: dict[str, str] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)
    used: list[str] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    traits: dict[str, str] = field(default_factory=dict)
    lines: int = 0
    """The last line that was judged."""

    def cell(self, column: str) -> str:
        """The staged column called `column`.

        Raises:
            Problem: ``import.no-such-column``, ``import.column-twice``.
        """
        if column not in self.staged.names:
            raise no_column(self, column)
        if f"{column} (2)" in self.staged.names:
            raise Problem(
                "import.column-twice",
                _("The file has two columns called {name}.", name=column),
                _("Give each column a name of its own in the first line."),
            )
        return f"c{self.staged.names.index(column)}"

    def take(self, column: str) -> str:
        """The same, and note that the facts depend on it."""
        cell = self.cell(column)
        if cell not in self.used:
            self.used.append(cell)
        return cell


def no_column(plan: Plan, column: str) -> Problem:
    """The Problem of a column that the file lacks."""
    names = plan.staged.names
    shown = ", ".join(names[:40]) + (" …" if len(names) > 40 else "")
    near = nearest(column, names)
    return Problem(
        "import.no-such-column",
        _("The mapping {name} names the column {column}, which the file does not have.",
          name=plan.mapping.place(f"={column}"), column=column),
        _("Perhaps {near}? Its columns are: {columns}.", near=near, columns=shown)
        if near
        else _("Its columns are: {columns}.", columns=shown),
    )  # fmt: skip


def plan(
    mapping: Mapping, staged: Staged, workspace: Settings, declared: dict[str, DimensionKind]
) -> Plan:
    """How to judge and convert the rows of `staged`.

    Args:
        declared: the kinds of the dimensions that the log knows already.

    Raises:
        Problem: the mapping names a column that the file does not have.
    """
    found = Plan(mapping, staged)
    shared = mapping.shared
    _identity(found)
    at = value_of(shared.at)
    _put(found, "occurred_at", _instant(found, "occurred_at", at, workspace, needed=True))
    if shared.experienced_at is not None:
        given = value_of(shared.experienced_at)
        merged = msgspec.structs.replace(given, timezone=given.timezone or at.timezone)
        _put(
            found,
            "experienced_at",
            _instant(found, "experienced_at", merged, workspace, needed=False),
        )
    if shared.about is not None:
        found.values["about_id"] = found.take(shared.about.id)
        about = f"CASE WHEN about_id IS NOT NULL THEN {literal(shared.about.kind)} END"
        found.values["about_kind"] = about
    for key in ("customer", "role", "unit"):
        given = getattr(shared, key)
        if given is not None:
            _put(found, key, values.text(_cell(found, value_of(given))))
    if shared.customer is not None and mapping.table in NEEDS_CUSTOMER:
        _need(found, "customer", value_of(shared.customer))
    _own(found, workspace)
    for name, dimension in shared.dimensions.items():
        value = value_of(dimension)
        kind = value.kind or declared.get(name, "text")
        _put(found, f"d_{name}", _dimension(found, name, value, kind, workspace))
    for number, question in enumerate(shared.questions):
        for own in (question.touchpoint, question.channel):
            if own is not None and (column := value_of(own).column) is not None:
                found.take(column)
        found.asked.append(asked(mapping, number, found.cell(question.column), staged))
        found.checks += found.asked[-1].checks
    for column in properties_of(found):
        found.take(column)
    found.traits = {name: found.cell(column) for name, column in shared.traits.items()}
    return found


def refuse_erased(found: Plan, pseudonyms: Pseudonyms, hashes: Sequence[str]) -> None:
    """Reject rows of customers who were erased, before anything else is said about them."""
    shared = found.mapping.shared
    kind = shared.customer.kind if isinstance(shared.customer, Who) else None
    who = {"customer": kind or "customer", "other": "customer"}
    found.staged.connection.execute(
        "CREATE OR REPLACE TABLE erased AS SELECT unnest(?::VARCHAR[]) AS hash", [list(hashes)]
    )
    for name, kind_of_id in who.items():
        if name not in found.values:
            continue
        hashed = pseudonyms.sql(literal(kind_of_id), quoted(name))
        bad = f"coalesce({hashed} IN (SELECT hash FROM erased), false)"
        found.checks.insert(0, Check(bad, "", "''", ERASED, keeps_cells=False))


def properties_of(found: Plan) -> tuple[str, ...]:
    """The columns that an event keeps as its properties."""
    given = found.mapping.shared.properties or []
    listed = [given] if isinstance(given, str) else given
    return found.staged.names if listed == ["*"] else tuple(listed)


def _identity(found: Plan) -> None:
    given = found.mapping.shared.id
    if given is None:
        return
    columns = given if isinstance(given, list) else [given]
    cells = [found.take(column) for column in columns]
    for column, cell in zip(columns, cells, strict=True):
        found.checks.append(Check(f"{cell} IS NULL", column, cell, _("the id is missing")))
    found.values["id"] = cells[0] if len(cells) == 1 else f"concat_ws('/', {', '.join(cells)})"


def _own(found: Plan, workspace: Settings) -> None:
    """The table's own columns."""
    table = found.mapping.table
    columns = {c.name: c for name in (table, "responses") for c in TABLES[name].columns}
    columns |= {c.name: c for c in TABLES[table].columns}
    for name, value in found.mapping.columns.items():
        _put(found, name, _typed(found, name, columns[name], value, workspace))
    for name in NEEDED.get(table, ()):
        _need(found, name, found.mapping.columns[name])
    if "amount" in found.values or "cost" in found.values:
        known = found.values.get("currency", "NULL")
        found.values["currency"] = f"upper(coalesce({known}, {literal(workspace.currency)}))"


def _typed(found: Plan, named: str, column: Column, value: Value, workspace: Settings) -> Converted:
    name = value.column or column.name
    decimal = found.mapping.shared.read.decimal
    if column.kind == "time":
        return _instant(found, named, value, workspace, needed=False)
    cell = _cell(found, value)
    if column.kind == "money":
        return values.money(named, cell, name, decimal)
    if column.kind == "float":
        return values.number(named, cell, name, decimal)
    if column.kind == "bool":
        return values.truth(named, cell, name)
    if column.kind == "int" and column.name != "other":
        return values.whole(named, cell, name, decimal)
    return values.text(_labelled(found, value, cell))


def _labelled(found: Plan, value: Value, cell: str) -> str:
    """The labels of codes, where the file has them."""
    labels = found.staged.labels.get(value.column or "", {})
    said = " ".join(f"WHEN {literal(code)} THEN {literal(word)}" for code, word in labels.items())
    return f"CASE {cell} {said} ELSE {cell} END" if said else cell


def _dimension(
    found: Plan, name: str, value: Value, kind: DimensionKind, workspace: Settings
) -> Converted:
    column = {"text": "text", "int": "int", "float": "float", "time": "time", "bool": "bool"}[kind]
    return _typed(found, f"d_{name}", Column(name, column), value, workspace)  # type: ignore[arg-type]


def _instant(
    found: Plan, named: str, value: Value, workspace: Settings, *, needed: bool
) -> Converted:
    zone = value.timezone or workspace.timezone
    cell = _cell(found, value)
    name = value.column or "at"
    return values.instant(named, cell, name, zone, value.format, needed=needed)


def _cell(found: Plan, value: Value) -> str:
    return found.take(value.column) if value.column is not None else literal(value.value)


def _need(found: Plan, name: str, value: Value) -> None:
    cell = _cell(found, value)
    reason = _("this is missing")
    found.checks.append(Check(f"{cell} IS NULL", value.column or name, cell, reason))


def _put(found: Plan, name: str, converted: Converted) -> None:
    found.values[name] = converted.sql
    found.checks += converted.checks


@dataclass(frozen=True, slots=True)
class Judged:
    """The table of judged rows, and how many rows are what."""

    table: str
    read: int
    good: int
    repeated: int
    faulty: int


def judge(found: Plan) -> Judged:
    """Make ``judged``: line, problem (place of the check, -1 for another row's id), values, cells.

    Rows of the file that say again what an earlier row of it said are left out and counted.
    """
    con, staged = found.staged.connection, found.staged
    cells = {asked.cell for asked in found.asked} | set(found.used) | set(found.traits.values())
    columns = ["line", *sorted(cells)]
    columns += [f"{sql} AS {quoted(name)}" for name, sql in found.values.items()]
    columns += [f"{a.number} AS n{i}" for i, a in enumerate(found.asked) if a.number is not None]
    if "id" not in found.values:
        columns.append(f"{_row_hash(found)} AS said")
    if _is_one(found):
        columns.append(f"{_hashed(found, found.asked[0].cell)} AS content_of_row")
    problem = " ".join(f"WHEN {c.bad} THEN {i}" for i, c in enumerate(found.checks))
    con.execute(
        f"""
        CREATE OR REPLACE TABLE judged AS
        SELECT ({f"CASE {problem} END" if problem else "NULL"})::SMALLINT AS problem, *
        FROM (SELECT {", ".join(columns)} FROM {staged.table})
        """
    )
    no_id = "id" not in found.values
    repeated = _give_ids(found) if no_id else _repeats(found)
    counts = "SELECT count(*), count(*) FILTER (problem IS NULL), coalesce(max(line), 0)"
    total, good, found.lines = _one(con, f"{counts} FROM judged")
    faulty = total - good
    read = total + repeated + len(staged.bad)
    return Judged("judged", read, good, repeated, faulty + len(staged.bad))


def content_of(found: Plan, cell: str | None) -> str:
    """SQL: a hash of what the mapping says and of the cells that a fact comes from."""
    return "content_of_row" if _is_one(found) else _hashed(found, cell)


def _is_one(found: Plan) -> bool:
    """Whether the row is one question's: then all its facts share one hash."""
    return len(found.asked) == 1 and found.mapping.table == "answers"


def _hashed(found: Plan, cell: str | None) -> str:
    salt = f"md5_number_lower({literal(found.mapping.says.decode())})::VARCHAR"
    words = [f"coalesce({c}, {NOTHING})" for c in (*found.used, *([cell] if cell else []))]
    return f"md5_number_lower(concat_ws({SEPARATOR}, {', '.join([salt, *words])}))"


def _row_hash(found: Plan) -> str:
    cells = [f"coalesce(c{i}, {NOTHING})" for i in range(len(found.staged.names))]
    return f"md5(concat_ws({SEPARATOR}, {', '.join(cells)}))"


def _give_ids(found: Plan) -> int:
    """Ids of rows that bring none: source, content, and the how-many-th of its kind."""
    con = found.staged.connection
    source = literal(found.mapping.shared.source)
    total, distinct = _one(con, "SELECT count(*), count(DISTINCT said) FROM judged")
    times = "1"
    if total != distinct:
        times = "row_number() OVER (PARTITION BY said ORDER BY line)"
    con.execute(
        f"""
        CREATE OR REPLACE TABLE judged AS
        SELECT * EXCLUDE (said), md5(concat_ws('|', {source}, said, {times})) AS id FROM judged
        """
    )
    return 0


def _repeats(found: Plan) -> int:
    """Tell apart a row that is there twice and two rows with one id; the first good one wins."""
    con, staged = found.staged.connection, found.staged
    key = _identity_of(found)
    ids = f"SELECT count(*), count(DISTINCT {key}) FROM judged WHERE problem IS NULL"
    total, distinct = _one(con, ids)
    if total == distinct:
        return 0
    con.execute(
        f"""
        CREATE OR REPLACE TABLE again AS
        WITH twice AS (
            SELECT {key} AS key, min(line) AS first FROM judged WHERE problem IS NULL
            GROUP BY ALL HAVING count(*) > 1
        ), said AS (
            SELECT j.line, t.first, {_row_hash(found)} AS words
            FROM (SELECT line, {key} AS key FROM judged WHERE problem IS NULL) j
            JOIN twice t USING (key) JOIN {staged.table} s ON s.line = j.line
        )
        SELECT a.line, a.words = b.words AS is_same
        FROM said a JOIN said b ON b.line = a.first WHERE a.line <> a.first
        """.replace("coalesce(c", "coalesce(s.c")
    )
    con.execute("DELETE FROM judged WHERE line IN (SELECT line FROM again WHERE is_same)")
    con.execute(
        "UPDATE judged SET problem = -1 WHERE line IN (SELECT line FROM again WHERE NOT is_same)"
    )
    return _one(con, "SELECT count(*) FROM again WHERE is_same")[0]


def _identity_of(found: Plan) -> str:
    """SQL: what makes a row the same row again within its source, as the log's table says.

    An invitation's id may come with several actions, a customer's with several traits.
    """
    more = [name for name in TABLES[found.mapping.table].identity if name in found.values]
    if more == ["id"]:
        return "id"
    cells = ", ".join(f"coalesce({quoted(name)}, {NOTHING})" for name in more)
    return f"concat_ws({SEPARATOR}, {cells})"


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[int, ...]:
    """The one row of a count."""
    return tuple(connection.execute(sql).fetchall()[0])
