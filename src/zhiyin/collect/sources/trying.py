"""A try: the first page is fetched, and shown as it would be stored. Nothing is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zhiyin.accounts.workspaces import Settings as Workspace
from zhiyin.collect.files.rejects import Reason
from zhiyin.collect.sources import bringing, mapped
from zhiyin.collect.sources.source import Settings, Source, reading
from zhiyin.warehouse.log import Log

MOST_FIELDS = 60


@dataclass(frozen=True, slots=True)
class Tried:
    """What a try found.

    Args:
        fields: that the records have, the first of them.
        absent: that the mapping names, and no record has.
        columns, rows: the first rows as the log would have them.
    """

    read: int = 0
    added: int = 0
    doubles: int = 0
    rejected: int = 0
    fields: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    reasons: tuple[Reason, ...] = ()


def try_out(
    log: Log,
    workspace: Workspace,
    source: Source,
    settings: Settings,
    mapping: Mapping[str, Any],
    *,
    data: Path,
) -> Tried:
    """Fetch the first page from the beginning, and look at what it would come to.

    Raises:
        Problem: why nothing could be fetched; ``import.…``.
    """
    with reading(source, {}, settings) as pages:
        page = next(pages, None)
    if page is None or not page.records:
        return Tried()
    found = bringing.bring(log, workspace, page.records, mapping, data=data, dry_run=True)
    if found.rejects_file is not None:
        found.rejects_file.unlink(missing_ok=True)
    seen: dict[str, None] = {}
    for record in page.records:
        if isinstance(record, Mapping):
            filled = {n: v for n, v in mapped.flat(record).items() if v not in (None, "")}
            seen.update(dict.fromkeys(filled))
    first = found.shown.tables[0] if found.shown and found.shown.tables else None
    return Tried(
        read=found.rows_read,
        added=found.rows_added,
        doubles=found.rows_duplicate,
        rejected=found.rows_rejected,
        fields=tuple(seen)[:MOST_FIELDS],
        absent=tuple(name for name in mapped.fields_of(mapping) if name not in seen),
        columns=first.columns if first else (),
        rows=first.rows if first else (),
        reasons=found.reasons,
    )
