"""A file that was uploaded, tried and imported in the background.

Both kinds of work may be cut off at any moment and begun again, and end as if they had run once.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import msgspec
from django.db import transaction
from django.utils import timezone

from zhiyin.accounts.running import Result, Running
from zhiyin.accounts.workspaces import settings_of
from zhiyin.collect import uploads
from zhiyin.collect.files.rejects import LONGEST_EXAMPLE, Reason
from zhiyin.collect.files.run import ImportResult, import_path
from zhiyin.collect.files.seen import kept
from zhiyin.collect.models import Upload
from zhiyin.collect.tries import REJECTS, Counts, Tried, Why, counts_of
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _, in_language
from zhiyin.warehouse.log import Log, new_import_id


def try_out(work: Running, log: Log, data: Path) -> Result:
    """Read and count the whole file, and write nothing into the log."""
    upload = _upload(work)
    if upload.is_imported or work.arguments.get("mapping") != uploads.digest_of(upload):
        # It was mapped otherwise since; that mapping has its own dry run.
        return {"rows": 0, "rejected": 0}
    found = _run(work, upload, log, data, dry_run=True, import_id="")
    folder = uploads.folder_of(upload, data)
    (folder / REJECTS).unlink(missing_ok=True)
    if found.rejects_file is not None:
        shutil.move(found.rejects_file, folder / REJECTS)
    if found.shown is not None:
        kept = Tried(uploads.digest_of(upload), _counts(found, with_examples=True), found.shown)
        half = folder / "tried.part"
        half.write_bytes(msgspec.json.encode(kept))
        half.replace(folder / "tried.json")
    return {"rows": found.rows_read, "rejected": found.rows_rejected}


def bring_in(work: Running, log: Log, data: Path) -> Result:
    """Import the file, and remove it."""
    upload = _upload(work)
    if not upload.is_imported:
        _take_back(upload, log)
        upload.tried_id = new_import_id()
        upload.save(update_fields=["tried_id"])
        found = _run(work, upload, log, data, dry_run=False, import_id=upload.tried_id)
        _finish(upload, found)
    shutil.rmtree(uploads.folder_of(upload, data), ignore_errors=True)
    done = counts_of(upload)
    return {"rows": done.rows_added, "rejected": done.rows_rejected}


def _upload(work: Running) -> Upload:
    found = uploads.get(work.workspace, int(work.arguments["upload"]))
    if found is None:
        raise Problem(
            "uploads.dropped",
            _("The file was dropped."),
            _("Upload it again."),
        )
    return found


def _take_back(upload: Upload, log: Log) -> None:
    """Undo what a try has committed that was killed before it could say so."""
    slug = upload.workspace.slug
    if upload.tried_id and any(
        one.import_id == upload.tried_id and one.undone_at is None for one in log.imports(slug)
    ):
        log.undo(slug, upload.tried_id)


def _run(
    work: Running, upload: Upload, log: Log, data: Path, *, dry_run: bool, import_id: str
) -> ImportResult:
    workspace = settings_of(work.workspace)
    file = uploads.file_of(upload, data)
    mapping = uploads.folder_of(upload, data) / "mapping.yaml"
    mapping.write_text(upload.mapping, "utf-8")
    # The reasons in the file of rejected rows are words, and all who work here may read it.
    with in_language(workspace.language):
        return import_path(
            log, workspace, file, mapping,
            data=data, dry_run=dry_run, replace=upload.replaces, import_id=import_id,
            progress=work.between,
        )  # fmt: skip


@transaction.atomic
def _finish(upload: Upload, found: ImportResult) -> None:
    upload.import_id, upload.imported_at = found.import_id, timezone.now()
    upload.result = msgspec.to_builtins(_counts(found, with_examples=False))
    upload.save(update_fields=["import_id", "imported_at", "result"])


def _counts(found: ImportResult, *, with_examples: bool) -> Counts:
    return Counts(
        rows_read=found.rows_read,
        rows_added=found.rows_added,
        rows_duplicate=found.rows_duplicate,
        rows_rejected=found.rows_rejected,
        facts=found.facts_added,
        by_table=dict(found.facts_by_table),
        seconds=round(found.seconds, 1),
        why=_why(found.reasons, with_examples=with_examples),
        notes=tuple(kept(note) for note in found.notes),
    )


def _why(reasons: Sequence[Reason], *, with_examples: bool) -> tuple[Why, ...]:
    return tuple(
        Why(
            one.column,
            kept(one.reason),
            one.rows,
            tuple((line, value[:LONGEST_EXAMPLE]) for line, value in one.examples)
            if with_examples
            else (),
        )
        for one in reasons
    )
