"""Regenerates the pages of the docs that follow from the code. `make docs` runs it."""

from __future__ import annotations

import sys
from pathlib import Path

from zhiyin.warehouse.tables import COMMON, TABLES, Column

DOCS = Path(__file__).resolve().parent

HEAD = """# The experience log

Generated from `src/zhiyin/warehouse/tables.py` by `make docs`; do not edit.

Everything a customer does, says or buys is one row in one of these tables. Facts are appended and
never updated. *Coded* columns hold a small integer for each word; filters and results use the words.
A mapping's `dimensions` become typed columns beside these.

体验日志：客户所做、所说、所买的每一件事都是以下某张表中的一行。事实只追加、从不修改。“coded” 列以小整数存词，筛选和结果仍用词本身。
"""


def log_page() -> str:
    """The page on the log's tables."""
    parts = [HEAD, "## Columns of every table\n", _table(COMMON)]
    for table in TABLES.values():
        parts.append(f"## {table.name}\n\n{table.says}\n")
        identity = ", ".join(f"`{name}`" for name in ("source", *table.identity))
        parts.append(f"The same row again: {identity}.\n")
        parts.append(_table(table.columns))
    return "\n".join(parts)


def _table(columns: tuple[Column, ...]) -> str:
    lines = ["| column | kind | says |", "|---|---|---|"]
    for column in columns:
        kind = "coded" if column.coded else column.kind
        lines.append(f"| `{column.name}` | {kind} | {column.says} |")
    return "\n".join(lines) + "\n"


PAGES = {"log.md": log_page}


def main() -> int:
    """Write every page; with ``--check`` only say whether one is stale."""
    stale = [name for name, page in PAGES.items() if _read(name) != page()]
    if "--check" in sys.argv:
        if stale:
            sys.stderr.write(f"stale: {', '.join(stale)}; run make docs\n")
        return 1 if stale else 0
    for name in stale:
        (DOCS / name).write_text(PAGES[name](), "utf-8")
    return 0


def _read(name: str) -> str:
    path = DOCS / name
    return path.read_text("utf-8") if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main())
