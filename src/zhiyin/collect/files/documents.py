"""What the command line and the API write of an import."""

from __future__ import annotations

from typing import Any

from zhiyin.collect.files.run import ImportResult


def imported(result: ImportResult) -> dict[str, Any]:
    """What became of every row."""
    return {
        "rows_read": result.rows_read,
        "rows_added": result.rows_added,
        "rows_duplicate": result.rows_duplicate,
        "rows_rejected": result.rows_rejected,
        "facts_added": result.facts_added,
        "rejects_file": None if result.rejects_file is None else str(result.rejects_file),
        "import_id": result.import_id,
        "seconds": round(result.seconds, 3),
        "notes": [str(note) for note in result.notes],
    }


def undone(import_id: str, facts: int) -> dict[str, Any]:
    """An import that was taken back."""
    return {"import_id": import_id, "facts_removed": facts}
