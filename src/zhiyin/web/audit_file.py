"""The audit log 审计日志 as a file: all entries that pass, the newest first."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC
from typing import Any

import pyarrow as pa
from django.http import FileResponse

from zhiyin.accounts import audit, trail
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import AuditEntry
from zhiyin.accounts.workspaces import Settings
from zhiyin.collect.exports.rows import Rows
from zhiyin.web import downloads

WORDS = ("by", "where", "action", "subject", "before", "after")
_FIELDS: list[pa.Field[Any]] = [pa.field("at", pa.timestamp("us"))]
_FIELDS += [pa.field(name, pa.string()) for name in WORDS]
COLUMNS = pa.schema(_FIELDS)
PART = 5_000


def download(workspace: Settings, asked: trail.Asked, kind: str, *, by: Actor) -> FileResponse:
    """An answer that is the file; that it was taken out is an entry, too, which is not in it.

    Args:
        kind: ``csv`` or ``xlsx``.

    Raises:
        Http404: another kind.
    """
    rows = Rows(COLUMNS, _parts(workspace.slug, asked))
    answer = downloads.download(
        rows, name=f"{workspace.slug}-audit", kind=kind, timezone=workspace.timezone
    )
    audit.record(
        by=by, action="rows.exported", subject="audit", workspace=workspace.slug,
        after={"format": kind},
    )  # fmt: skip
    return answer


def _parts(slug: str, asked: trail.Asked) -> Iterator[pa.Table]:
    before: int | None = None
    while True:
        found = trail.page(slug, asked, before=before, limit=PART)
        yield pa.Table.from_pylist([_row(entry) for entry in found.entries], schema=COLUMNS)
        if found.older is None:
            return
        before = found.older


def _row(entry: AuditEntry) -> dict[str, object]:
    return {
        "at": entry.at.astimezone(UTC).replace(tzinfo=None),
        "by": entry.by,
        "where": entry.where,
        "action": entry.action,
        "subject": entry.subject,
        "before": json.dumps(entry.before, ensure_ascii=False) if entry.before else "",
        "after": json.dumps(entry.after, ensure_ascii=False) if entry.after else "",
    }
