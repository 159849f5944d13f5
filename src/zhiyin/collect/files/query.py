"""A mapping's query: one SELECT over the files of the folder, run apart from everything else."""

# ruff: noqa: S608 - paths and names are quoted

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from zhiyin.collect.files import sources
from zhiyin.collect.files.mapping import Mapping
from zhiyin.collect.files.staging import BadRows, Staged, Workshop, clean_names, human
from zhiyin.collect.files.values import literal, quoted
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

ALLOWED_FUNCTIONS = ("range", "generate_series", "unnest")
LEADING_ZERO = r"^[+-]?0\d"
ISO_DAY = r"^\d{4}-\d{2}-\d{2}"


def stage(path: Path, mapping: Mapping, shop: Workshop, data: Path) -> Staged:
    """The rows of a mapping's query, as text.

    Every file that the query names is read first, by the same reader as without a query, and
    handed to a child process as a table of that name. The child has no files of its own, no
    network, and limits on memory, time and size.

    Raises:
        Problem: ``import.query…``, and what is wrong with a file.
    """
    sql = mapping.shared.query or ""
    folder = path if path.is_dir() else path.parent
    names = files_of(sql, mapping)
    bad = shop.bad_rows()
    for number, name in enumerate(names):
        for found in _hand_over(folder, name, number, mapping, shop, data):
            bad.add(replace(found, file=name))
    out = _run(sql, names, mapping, shop)
    reader = f"read_parquet({literal(out)}, file_row_number = true)"
    columns = shop.connection.sql(f"FROM {reader} LIMIT 0").columns
    header = [name for name in columns if name != "file_row_number"]
    taken = clean_names(header, mapping.name, shop.limits)
    cells = "".join(f", nullif(trim({quoted(name)}), '') AS c{i}" for i, name in enumerate(header))
    shop.connection.execute(
        f"CREATE TABLE staged AS SELECT file_row_number + 1 AS line{cells} FROM {reader}"
    )
    return Staged(shop.connection, "staged", taken, bad)


def files_of(sql: str, mapping: Mapping) -> list[str]:
    """The files that a query names, if it is one SELECT and nothing else.

    Raises:
        Problem: ``import.query``.
    """
    with duckdb.connect() as parser:
        told = parser.execute("SELECT json_serialize_sql(?)", [sql]).fetchall()[0][0]
    tree = json.loads(told)
    if tree.get("error"):
        raise _wrong(mapping, str(tree.get("error_message", "")))
    if len(tree["statements"]) != 1:
        raise _wrong(mapping, "more than one statement")
    named: dict[str, None] = {}
    with_names: set[str] = set()
    for node in _nodes(tree):
        if node.get("type") == "TABLE_FUNCTION":
            function = str(node.get("function", {}).get("function_name", ""))
            if function not in ALLOWED_FUNCTIONS:
                raise Problem(
                    "import.query-function",
                    _("The query in {name} calls {function}, which is not allowed.",
                      name=mapping.name, function=function),
                    _("Name files of the folder in quotes: from 'orders.csv'."),
                )  # fmt: skip
        elif node.get("type") == "BASE_TABLE":
            if node.get("schema_name") or node.get("catalog_name"):
                raise _wrong(mapping, f"{node.get('schema_name')}.{node.get('table_name')}")
            named[str(node["table_name"])] = None
        if isinstance(node.get("cte_map"), dict):
            with_names.update(str(entry["key"]) for entry in node["cte_map"].get("map", []))
    return [name for name in named if name not in with_names]


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            yield node
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)


def _wrong(mapping: Mapping, said: str) -> Problem:
    return Problem(
        "import.query",
        _("The query in {name} cannot be run: {error}", name=mapping.name,
          error=" ".join(said.split())[:500]),
        _("A query is one SELECT over files of the folder, named in quotes: from 'orders.csv'."),
    )  # fmt: skip


def _hand_over(
    folder: Path, name: str, number: int, mapping: Mapping, shop: Workshop, data: Path
) -> BadRows:
    """Read one file of the folder and leave it for the child, with the types that its words have.

    Numbers become numbers and ISO dates become times, so that a query can count with them;
    columns whose numbers begin with 0 stay text, for they are codes.
    """
    file = folder / name
    if Path(name).is_absolute() or ".." in Path(name).parts or not file.is_file():
        raise Problem(
            "import.query-file",
            _("The query in {name} names {file}, which is not in the folder {path}.",
              name=mapping.name, file=name, path=folder),
            _("Name files of the folder in quotes: from 'orders.csv'."),
        )  # fmt: skip
    table = f"file{number}"
    staged = sources.stage_file(file, mapping, shop, data, table)
    con = shop.connection
    columns = ", ".join(
        f"{_typed(con, table, f'c{i}')} AS {quoted(column)}"
        for i, column in enumerate(staged.names)
    )
    out = shop.folder / f"{table}.parquet"
    con.execute(f"COPY (SELECT {columns} FROM {table} ORDER BY line) TO {literal(out)}")
    con.execute(f"DROP TABLE {table}")
    return staged.bad


def _typed(con: duckdb.DuckDBPyConnection, table: str, cell: str) -> str:
    """SQL of a column as the narrowest type that says the same as its words."""
    found = con.execute(
        f"""
        SELECT count({cell}), count(*) FILTER (regexp_matches({cell}, '^[+-]?\\d+$')),
            count(try_cast({cell} AS DOUBLE)),
            count(*) FILTER (regexp_matches({cell}, {literal(LEADING_ZERO)}) OR {cell} LIKE '%\\_%'
                ESCAPE '\\' OR length({cell}) > 18 OR isnan(try_cast({cell} AS DOUBLE))),
            count(*) FILTER (regexp_matches({cell}, {literal(ISO_DAY)})
                AND try_cast({cell} AS TIMESTAMP) IS NOT NULL AND length({cell}) IN (10, 19)),
            count(*) FILTER (length({cell}) = 10)
        FROM {table}
        """
    ).fetchall()[0]
    filled, whole, real, odd, moment, day = found
    if not filled:
        return cell
    if moment == filled:
        return f"{cell}::{'DATE' if day == filled else 'TIMESTAMP'}"
    if odd:
        return cell
    return f"{cell}::BIGINT" if whole == filled else f"{cell}::DOUBLE" if real == filled else cell


def _run(sql: str, names: list[str], mapping: Mapping, shop: Workshop) -> Path:
    """Run the child; its answer is a Parquet file of text."""
    out, limits = shop.folder / "answer.parquet", shop.limits
    order = {
        "sql": sql,
        "tables": {name: f"file{number}.parquet" for number, name in enumerate(names)},
        "out": out.name,
        "bytes": limits.query_bytes,
        "rows": limits.query_rows,
        "seconds": limits.query_seconds,
        "memory": limits.query_memory,
    }
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(Path(__file__).with_name("sandbox.py"))],
            input=msgspec.json.encode(order),
            capture_output=True,
            cwd=shop.folder,
            env={"PATH": "/usr/bin:/bin", "HOME": str(shop.folder), "LANG": "C.UTF-8"},
            timeout=limits.query_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Problem(
            "import.query-slow",
            _("The query in {name} took more than {seconds} s.", name=mapping.name,
              seconds=f"{limits.query_seconds:g}"),
            _("Check that every join has a condition; select fewer columns."),
        ) from error  # fmt: skip
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        if done.returncode == 3:
            raise Problem(
                "import.query-large",
                _("The answer to the query in {name} is larger than allowed: {limit}.",
                  name=mapping.name, limit=said[-1] if said else ""),
                _("Check that every join has a condition; select fewer columns."),
            )  # fmt: skip
        if done.returncode == 4 or done.returncode < 0:  # no memory, or killed for want of it
            raise Problem(
                "import.query-memory",
                _("The query in {name} needs more memory than it may have, {limit}.",
                  name=mapping.name, limit=human(limits.query_memory)),
                _("Check that every join has a condition; select fewer columns."),
            )  # fmt: skip
        raise _wrong(mapping, " ".join(said[-3:]) or f"exit {done.returncode}")
    return out
