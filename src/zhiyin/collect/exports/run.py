"""`zhiyin export`: the rows of one kind into one file, whole or not at all."""

from __future__ import annotations

import dataclasses
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from zhiyin.collect.exports import plain, spss, workbook
from zhiyin.collect.exports.asked import NOTHING, Asked
from zhiyin.collect.exports.rows import Rows, What, ahead, flat
from zhiyin.collect.exports.wide import responses
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.text import Text, _
from zhiyin.warehouse.log import Log, Reader

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

Format = Literal["csv", "xlsx", "parquet", "jsonl", "sav"]
FORMATS: tuple[Format, ...] = ("csv", "xlsx", "parquet", "jsonl", "sav")


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written.

    Args:
        codebook: beside a .sav file, with all labels in full.
        notes: what the reader of the file must know: texts cut, answers left out.
    """

    file: str
    format: Format
    rows: int
    columns: int
    bytes: int
    seconds: float
    codebook: str | None
    notes: tuple[Text, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {**asdict(self), "notes": [str(note) for note in self.notes]}


def export(
    log: Log,
    settings: Settings,
    what: What,
    kind: Format,
    path: Path,
    *,
    condition: Filter | None = None,
    as_of: datetime | None = None,
    scope: Filter | None = None,
    asked: Mapping[str, Asked] = NOTHING,
    only_asked: bool = False,
    replace: bool = False,
    progress: Callable[[int], None] = lambda _rows: None,
) -> Exported:
    """Write `what` to `path`. A file of that name is replaced only when asked, and only when done.

    Answers in a .sav file are laid side by side: one row a response, as of responses, but with
    those answers alone for which the condition holds.

    Args:
        asked: how surveys ask the questions: labels, and where several choices have a column each.
        only_asked: of responses only these questions, in this order.

    Raises:
        Problem: ``export.exists``, ``export.no-folder``, ``export.cannot-write``,
            ``export.too-many-columns``.
    """
    began = time.monotonic()
    codebook = path.with_name(f"{path.name}.codebook.csv") if kind == "sav" else None
    _check(path, codebook, replace)
    rows = read(
        log, settings, what, condition=condition, reader=Reader(scope, as_of), kind=kind,
        asked=asked, only_asked=only_asked,
    )  # fmt: skip
    rows = dataclasses.replace(rows, parts=ahead(rows.parts))
    columns = len(rows.schema)
    _check_columns(kind, columns)
    with _Draft(path) as draft:
        if codebook is not None:
            variables = spss.write_sav(rows, draft.path, settings.timezone, progress)
            columns = len(variables)
            spss.write_codebook(variables, draft.path.with_name(codebook.name))
        else:
            WRITERS[kind](rows, draft.path, settings.timezone, progress)
        draft.finish()
    return Exported(
        file=str(path),
        format=kind,
        rows=rows.tally.rows,
        columns=columns,
        bytes=path.stat().st_size,
        seconds=round(time.monotonic() - began, 3),
        codebook=str(codebook) if codebook else None,
        notes=_notes(rows, codebook),
    )


def write(
    rows: Rows, kind: Literal["csv", "xlsx"], path: Path, zone: str, *, replace: bool = False
) -> Exported:
    """Write rows that another room has made, under the same promises as `export`.

    Raises:
        Problem: ``export.exists``, ``export.no-folder``, ``export.cannot-write``,
            ``export.too-many-columns``.
    """
    began = time.monotonic()
    _check(path, None, replace)
    _check_columns(kind, len(rows.schema))
    with _Draft(path) as draft:
        WRITERS[kind](rows, draft.path, zone, lambda _rows: None)
        draft.finish()
    return Exported(
        file=str(path),
        format=kind,
        rows=rows.tally.rows,
        columns=len(rows.schema),
        bytes=path.stat().st_size,
        seconds=round(time.monotonic() - began, 3),
        codebook=None,
        notes=_notes(rows, None),
    )


WRITERS: dict[str, Callable[[Rows, Path, str, plain.Progress], None]] = {
    "csv": plain.write_csv,
    "jsonl": plain.write_json_lines,
    "parquet": plain.write_parquet,
    "xlsx": workbook.write_workbook,
}


def read(
    log: Log,
    settings: Settings,
    what: What,
    *,
    condition: Filter | None = None,
    reader: Reader = Reader(),  # noqa: B008 - frozen
    kind: Format = "parquet",
    asked: Mapping[str, Asked] = NOTHING,
    only_asked: bool = False,
) -> Rows:
    """The rows of an export, part by part."""
    if what == "responses":
        return responses(log, settings, reader, condition, asked=asked, only_asked=only_asked)
    if what == "answers" and kind == "sav":
        return responses(log, settings, reader, condition, only_answers=True, asked=asked)
    return flat(log, settings, what, reader, condition)


def _check(path: Path, codebook: Path | None, replace: bool) -> None:
    if not path.parent.is_dir():
        raise Problem(
            "export.no-folder",
            _("There is no folder {folder}.", folder=path.parent),
            _("Make it, or name another."),
        )
    for target in (path, codebook):
        if target is not None and target.exists() and not replace:
            raise Problem(
                "export.exists",
                _("There is already a file {path}.", path=target),
                _("Name another, or say --force to replace it."),
            )


def _check_columns(kind: Format, columns: int) -> None:
    if kind == "xlsx" and columns > workbook.COLUMNS_A_SHEET:
        raise Problem(
            "export.too-many-columns",
            _(
                "There are {columns} columns, and an Excel sheet takes {most}.",
                columns=columns,
                most=workbook.COLUMNS_A_SHEET,
            ),
            _("Choose csv or parquet."),
        )


def _notes(rows: Rows, codebook: Path | None) -> tuple[Text, ...]:
    notes = []
    if rows.tally.repeated:
        notes.append(
            _(
                "{count} answers were left out: a later one to the same question is in the"
                " same response.",
                count=rows.tally.repeated,
            )
        )
    if rows.tally.cut and codebook is not None:
        notes.append(
            _(
                "{count} texts were longer than SPSS takes and were cut; the codebook says in"
                " which variables.",
                count=rows.tally.cut,
            )
        )
    elif rows.tally.cut:
        notes.append(
            _("{count} texts were longer than a cell takes and were cut.", count=rows.tally.cut)
        )
    return tuple(notes)


class _Draft:
    """A folder beside the wanted file, on the same disk, from which finished files are moved."""

    def __init__(self, path: Path) -> None:
        self._target = path
        try:
            self._folder = Path(tempfile.mkdtemp(dir=path.parent, prefix=".zhiyin-"))
        except OSError as error:
            raise Problem(
                "export.cannot-write",
                _("Nothing can be written to {folder}.", folder=path.parent),
                _("The system says: {reason}.", reason=error.strerror or error),
            ) from error
        self.path = self._folder / path.name

    def finish(self) -> None:
        """Put all files in their place, the wanted one last."""
        made = sorted(self._folder.iterdir(), key=lambda file: file == self.path)
        for file in made:
            with file.open("rb") as opened:
                os.fsync(opened.fileno())
        for file in made:
            file.replace(self._target.with_name(file.name))

    def __enter__(self) -> _Draft:
        return self

    def __exit__(self, *_error: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
