"""A day of intake, as it stands among the imports."""

from __future__ import annotations

from datetime import date

from zhiyin.warehouse.log import OF_INTAKE

SOURCE = "intake"
"""What `batches` calls the source of a day of intake."""


def import_id(day: date) -> str:
    """What `Log.imports` calls a day of intake."""
    return f"{OF_INTAKE}{day}"


def is_intake(import_id: str) -> bool:
    """Whether an import is a day of intake."""
    return import_id.startswith(OF_INTAKE)


def in_sql(column: str) -> str:
    """The condition that this column names a day of intake."""
    return f"starts_with({column}, '{OF_INTAKE}')"
