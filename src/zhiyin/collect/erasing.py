"""How askings, and the files that imports leave behind, show and forget a customer."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

import msgspec

from zhiyin.collect import uploads
from zhiyin.collect.holdings import HOLDINGS
from zhiyin.collect.surveys import answer_files
from zhiyin.collect.widgets import published as widgets
from zhiyin.kernel.text import _
from zhiyin.unify.places import Eraser, register
from zhiyin.unify.rows import ModelRows
from zhiyin.unify.subjects import Her

LARGEST_CELL = 2**31 - 1

ENCODINGS = ("utf-8", "gb18030", "utf-16-le")

NOT_SEARCHED = _("Files that waited to be imported were removed whole; they can be uploaded again.")


def register_all() -> None:
    """Called when the room starts."""
    register("model", "collect.Asking", Eraser(show_askings, erase_askings))
    register("folder", "rejects", Eraser(show_rejects, erase_rejects))
    register("folder", answer_files.FOLDER, Eraser(show_answer_files, erase_answer_files))
    register("folder", uploads.FOLDER, Eraser(show_uploads, erase_uploads, NOT_SEARCHED))
    register("folder", widgets.FOLDER, Eraser(show_lists, erase_lists))


def show_lists(her: Her) -> list[dict[str, Any]]:
    """Kept lists that the widget reads and in which a key of hers stands."""
    return [{"segment": path.stem} for path, keys in _lists(her) if not keys.isdisjoint(her.keys)]


def erase_lists(her: Her) -> int:
    """Write each without her keys; returns how many went."""
    count = 0
    for path, keys in _lists(her):
        if gone := keys & set(her.keys):
            count += len(gone)
            half = path.with_suffix(".part")
            half.write_bytes(msgspec.json.encode(sorted(keys - gone)))
            half.replace(path)
    return count


def _lists(her: Her) -> list[tuple[Path, set[int]]]:
    files = sorted((her.data / widgets.FOLDER / her.workspace).glob("*.json"))
    return [(path, set(msgspec.json.decode(path.read_bytes(), type=list[int]))) for path in files]


def show_answer_files(her: Her) -> list[dict[str, Any]]:
    """Files that she sent with her answers."""
    return [
        {"file": name}
        for one in her.ids
        for name in answer_files.of(her.data, her.workspace, (one.id, one.kind))
    ]


def erase_answer_files(her: Her) -> int:
    """Remove them."""
    return sum(answer_files.forget(her.data, her.workspace, (one.id, one.kind)) for one in her.ids)


def show_askings(her: Her) -> list[dict[str, Any]]:
    """What she is asked, and at which address."""
    return _askings().show(her)


def erase_askings(her: Her) -> int:
    """Remove her askings: what waits is not sent, and no reminder follows."""
    return _askings().erase(her)


def _askings() -> ModelRows:
    (holding,) = [one for one in HOLDINGS if one.place == "collect.Asking"]
    return ModelRows(holding)


def show_uploads(her: Her) -> list[dict[str, Any]]:
    """Files that wait to be imported and in which a name of hers stands as it is."""
    return [
        {"file": upload.name, "uploaded_at": upload.uploaded_at.isoformat()}
        for upload in uploads.held(her.workspace)
        if _stands_in(uploads.folder_of(upload, her.data) / "file" / upload.name, her)
    ]


def erase_uploads(her: Her) -> int:
    """Remove the files of her workspace that wait: nobody can tell who is in a packed one."""
    return uploads.forget_all(her.workspace, her.data)


def _stands_in(file: Path, her: Her) -> bool:
    if not file.exists() or not file.stat().st_size:
        return False
    forms = {name.encode(code, "ignore") for name in her.names for code in ENCODINGS}
    with file.open("rb") as opened, mmap(opened.fileno(), 0, access=ACCESS_READ) as found:
        return any(form and found.find(form) >= 0 for form in forms)


def show_rejects(her: Her) -> list[dict[str, Any]]:
    """Rejected rows that name her."""
    found = []
    for path in _files(her.data):
        rows = _rows(path)
        head = next(rows, [])
        found += [
            {"file": path.name, **dict(zip(head, row, strict=False))}
            for row in rows
            if _names(row, her)
        ]
    return found


def erase_rejects(her: Her) -> int:
    """Write each rejects file anew without the rows that name her; returns how many went.

    A cell names her that is one of her ids, mail addresses or telephone numbers, with or without
    the apostrophe that keeps spreadsheets from taking it for a formula.
    """
    count = 0
    for path in _files(her.data):
        rows = list(_rows(path))
        kept = [rows[0], *(row for row in rows[1:] if not _names(row, her))] if rows else []
        gone = len(rows) - len(kept)
        if not gone:
            continue
        count += gone
        if len(kept) == 1:
            path.unlink()
            continue
        half = path.with_suffix(".part")
        with half.open("w", encoding="utf-8-sig", newline="") as opened:
            csv.writer(opened).writerows(kept)
        half.replace(path)
    return count


def _files(data: Path) -> list[Path]:
    return sorted((data / "rejects").glob("*.csv"))


def _rows(path: Path) -> Iterator[list[str]]:
    csv.field_size_limit(LARGEST_CELL)
    with path.open(encoding="utf-8-sig", newline="") as opened:
        yield from csv.reader(opened)


def _names(row: list[str], her: Her) -> bool:
    return any(cell in her.names or cell.removeprefix("'") in her.names for cell in row)
