"""Files that people bring in the browser: held, mapped, tried, imported, and gone.

A file lies in a folder of its own under ``uploads`` in the data folder, with what was seen in it.
The folder goes with the import, when somebody drops the file, or after `KEPT`.
"""

from __future__ import annotations

import hashlib
import secrets
import shutil
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from zhiyin.accounts import audit, jobs, work
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.jobs import Job
from zhiyin.accounts.workspaces import find
from zhiyin.collect.files.limits import MB, UPLOAD_BYTES
from zhiyin.collect.files.mapping import Reading
from zhiyin.collect.files.seen import Look
from zhiyin.collect.models import Upload
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

FOLDER = "uploads"

KEPT = timedelta(days=1)
"""A file that nobody has imported is removed in the night after so long."""

MOST_HELD = 20
"""So many files of a workspace may wait to be imported: they are copies of customers' data."""

LONGEST_NAME = 100

TRY, IMPORT = "try-import", "import-file"
"""Kinds of background work."""


def folder_of(upload: Upload, data: Path) -> Path:
    """Where the file lies, with what was seen in it."""
    return data / FOLDER / upload.folder


def file_of(upload: Upload, data: Path) -> Path:
    """The file itself.

    Raises:
        Problem: ``uploads.gone``.
    """
    file = folder_of(upload, data) / "file" / upload.name
    if not file.exists():
        raise Problem(
            "uploads.gone",
            _("The file {name} is no longer held.", name=upload.name),
            _("Upload it again."),
        )
    return file


def hold(
    *, by: Actor, workspace: str, name: str, content: Path | Iterable[bytes], data: Path
) -> Upload:
    """Keep a file until it is imported, and look at it once.

    Args:
        name: as the browser calls it.
        content: a file that is moved here, or its bytes.

    Raises:
        Problem: ``uploads.too-many``; ``import.…`` where it cannot be read: it is not held then.
    """
    if held(workspace).count() >= MOST_HELD:
        raise Problem(
            "uploads.too-many",
            _("{count} files wait to be imported.", count=MOST_HELD),
            _("Import or drop some of them first."),
        )
    upload = Upload(workspace=find(workspace), folder=secrets.token_hex(16), name=_safe(name))
    upload.uploaded_by = by.name
    folder = folder_of(upload, data)
    file = folder / "file" / upload.name
    file.parent.mkdir(parents=True, mode=0o700)
    try:
        _keep(content, file)
        upload.bytes = file.stat().st_size
        _look(upload, file, Reading(), data)
        with transaction.atomic():
            upload.save()
            audit.record(
                by=by, action="upload.held", subject=upload.name, workspace=workspace,
                after={"bytes": upload.bytes},
            )  # fmt: skip
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return upload


def _keep(content: Path | Iterable[bytes], file: Path) -> None:
    if isinstance(content, Path):
        shutil.move(content, file)
        file.chmod(0o600)
    else:
        size = 0
        with file.open("wb") as opened:
            for part in content:
                size += len(part)
                if size > UPLOAD_BYTES:
                    raise too_large(file.name)
                opened.write(part)
    if file.stat().st_size > UPLOAD_BYTES:
        raise too_large(file.name)


def too_large(name: str) -> Problem:
    """The Problem of a file that no page takes."""
    return Problem(
        "uploads.too-large",
        _("{name} is larger than {limit}.", name=name, limit=f"{UPLOAD_BYTES // MB} MB"),
        _("Pack it as .gz or .zip, split it, or bring it in on the server with: zhiyin import"),
    )


def _safe(name: str) -> str:
    """The last part of a name, short enough for every disk, and never a hidden file."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(letter for letter in last if letter.isprintable()).strip().lstrip(".")
    stem, dot, end = plain.rpartition(".")
    if dot and len(end) <= 10:
        return f"{stem[: LONGEST_NAME - 11]}.{end}" if stem else f"file.{end}"
    return plain[:LONGEST_NAME] or "file"


def held(workspace: str) -> QuerySet[Upload]:
    """Files that are not imported yet, the newest first."""
    return Upload.objects.filter(workspace__slug=workspace, imported_at__isnull=True)


def get(workspace: str, number: int) -> Upload | None:
    """One upload of a workspace, imported ones too."""
    return Upload.objects.filter(workspace__slug=workspace, pk=number).first()


def read_look(upload: Upload, data: Path) -> Look:
    """What was seen in the file.

    Raises:
        Problem: ``uploads.gone``.
    """
    file_of(upload, data)
    return msgspec.json.decode((folder_of(upload, data) / "look.json").read_bytes(), type=Look)


def look_again(upload: Upload, reading: Reading, data: Path) -> Look:
    """Look at the file as another encoding, delimiter or sheet reads it.

    Raises:
        Problem: ``import.…``; what was seen before stays.
    """
    return _look(upload, file_of(upload, data), reading, data)


def _look(upload: Upload, file: Path, reading: Reading, data: Path) -> Look:
    # Files are read with an engine of their own, which a page that reads none need not load.
    from zhiyin.collect.files.looking import look

    seen = look(file, reading, data)
    _put(folder_of(upload, data) / "look.json", msgspec.json.encode(seen))
    return seen


@transaction.atomic
def map_columns(*, by: Actor, upload: Upload, mapping: str, replaces: bool) -> None:
    """Keep the mapping of a file; a dry run of another one says nothing any more.

    Raises:
        Problem: ``uploads.busy``.
    """
    found = Upload.objects.select_for_update().get(pk=upload.pk)
    _check_idle(found)
    if (found.mapping, found.replaces) != (mapping, replaces):
        found.mapping, found.replaces = mapping, replaces
        found.save(update_fields=["mapping", "replaces"])
        audit.record(
            by=by, action="upload.mapped", subject=found.name, workspace=found.workspace.slug
        )
    upload.mapping, upload.replaces = mapping, replaces


@transaction.atomic
def ask_try(*, by: Actor, upload: Upload) -> None:
    """Have the whole file read and counted, and nothing written."""
    _check_idle(upload)
    work.ask(by=by, kind=TRY, workspace=upload.workspace.slug, arguments=_about(upload))


@transaction.atomic
def ask_import(*, by: Actor, upload: Upload) -> None:
    """Have the file imported as it is mapped now.

    Raises:
        Problem: ``uploads.imported``.
    """
    found = Upload.objects.select_for_update().get(pk=upload.pk)
    if found.is_imported:
        raise _imported(found)
    slug = found.workspace.slug
    audit.record(by=by, action="import.asked", subject=found.name, workspace=slug)
    work.ask(by=by, kind=IMPORT, workspace=slug, arguments=_about(found))


def _about(upload: Upload) -> dict[str, object]:
    return {"upload": upload.pk, "mapping": digest_of(upload)}


def digest_of(upload: Upload) -> str:
    """What stands for the mapping in a job: another mapping has another."""
    said = f"{upload.replaces} {upload.mapping}"
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def job_of(upload: Upload, kind: str) -> Job | None:
    """The newest work of a kind on this file."""
    return jobs.last_of(upload.workspace.slug, kind, about={"upload": upload.pk})


def _check_idle(upload: Upload) -> None:
    if upload.is_imported:
        raise _imported(upload)
    job = job_of(upload, IMPORT)
    if job is not None and job.is_open:
        raise Problem(
            "uploads.busy",
            _("{name} is being imported.", name=upload.name),
            _("Cancel the import first, or wait for its end."),
        )


def _imported(upload: Upload) -> Problem:
    return Problem(
        "uploads.imported",
        _("{name} is imported already.", name=upload.name),
        _("To bring it in otherwise, undo the import and upload the file again."),
    )


@transaction.atomic
def drop(*, by: Actor, upload: Upload, data: Path) -> None:
    """Remove a file that is not imported, with all that was seen in it.

    Raises:
        Problem: ``uploads.busy``, ``uploads.imported``.
    """
    found = Upload.objects.select_for_update().get(pk=upload.pk)
    _check_idle(found)
    audit.record(by=by, action="upload.dropped", subject=found.name, workspace=found.workspace.slug)
    folder = folder_of(found, data)
    found.delete()
    transaction.on_commit(lambda: shutil.rmtree(folder, ignore_errors=True))


def remove_old(data: Path, now: datetime | None = None) -> int:
    """Remove files that nobody has imported, and folders that no file has; returns how many."""
    oldest = (now or timezone.now()) - KEPT
    old = Upload.objects.filter(imported_at__isnull=True, uploaded_at__lt=oldest)
    gone = 0
    for upload in old.select_related("workspace"):
        job = job_of(upload, IMPORT)
        if job is None or not job.is_open:
            upload.delete()
            gone += 1
    _sweep(data, oldest)
    return gone


def _sweep(data: Path, oldest: datetime) -> None:
    home = data / FOLDER
    if not home.is_dir():
        return
    kept = set(Upload.objects.filter(imported_at__isnull=True).values_list("folder", flat=True))
    for folder in home.iterdir():
        # One that is being filled has no row yet.
        if folder.name not in kept and folder.stat().st_mtime < oldest.timestamp():
            shutil.rmtree(folder, ignore_errors=True)


def forget_all(workspace: str, data: Path) -> int:
    """Remove every file of a workspace that waits: somebody in it is erased.

    Nobody can tell who is in a packed file or a workbook; her rows are refused when it comes again.
    """
    found = list(held(workspace))
    for upload in found:
        shutil.rmtree(folder_of(upload, data), ignore_errors=True)
    Upload.objects.filter(pk__in=[upload.pk for upload in found]).delete()
    return len(found)


def imported(workspace: str) -> QuerySet[Upload]:
    """Uploads that were imported, the newest first."""
    return Upload.objects.filter(~Q(import_id=""), workspace__slug=workspace)


def _put(file: Path, content: bytes) -> None:
    """A file that is whole at every moment."""
    half = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    half.write_bytes(content)
    half.replace(file)
