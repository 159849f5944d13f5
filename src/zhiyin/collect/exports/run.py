"""`zhiyin export`: the rows of one kind into one file, whole or not at all."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from zhiyin.collect.exports import plain, rows, spss, workbook
from zhiyin.collect.exports.rows import What
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.text import _
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

Format = Literal["csv", "xlsx", "parquet", "jsonl", "sav"]
FORMATS: tuple[Format, ...] = ("csv", "xlsx", "parquet", "jsonl", "sav")


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written. `codebook` is beside a .sav file, with all labels in full."""

    file: str
    format: Format
    rows: int
    columns: int
    bytes: int
    seconds: float
    codebook: str | None

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return asdict(self)


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
    replace: bool = False,
    progress: Callable[[int], None] = lambda _rows: None,
) -> Exported:
    """Write `what` to `path`. A file of that name is replaced only when asked, and only when done.

    Raises:
        Problem: ``export.exists``, ``export.no-folder``, ``export.sav-of-responses``.
    """
    began = time.monotonic()
    _check(what, kind, path, replace)
    found = rows.read(log, settings, what, condition=condition, as_of=as_of, scope=scope)
    codebook = path.with_name(f"{path.name}.codebook.csv") if kind == "sav" else None
    draft = _draft(path)
    try:
        if kind == "sav":
            variables = spss.write_sav(found, draft, settings.timezone, progress)
            columns = len(variables)
            assert codebook is not None  # noqa: S101 - it is, for this kind
            spss.write_codebook(variables, codebook)
        else:
            columns = found.table.num_columns
            WRITERS[kind](found.table, draft, settings.timezone, progress)
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return Exported(
        file=str(path),
        format=kind,
        rows=found.table.num_rows,
        columns=columns,
        bytes=path.stat().st_size,
        seconds=round(time.monotonic() - began, 3),
        codebook=str(codebook) if codebook else None,
    )


WRITERS = {
    "csv": plain.write_csv,
    "jsonl": plain.write_json_lines,
    "parquet": plain.write_parquet,
    "xlsx": workbook.write_workbook,
}


def _check(what: What, kind: Format, path: Path, replace: bool) -> None:
    if kind == "sav" and what != "responses":
        raise Problem(
            "export.sav-of-responses",
            _(
                "An SPSS file has one row a response, so {what} cannot be written to one.",
                what=what,
            ),
            _("Export responses, or choose csv, xlsx, parquet or jsonl."),
        )
    if not path.parent.is_dir():
        raise Problem(
            "export.no-folder",
            _("There is no folder {folder}.", folder=path.parent),
            _("Make it, or name another."),
        )
    if path.exists() and not replace:
        raise Problem(
            "export.exists",
            _("There is already a file {path}.", path=path),
            _("Name another, or say --force to replace it."),
        )


def _draft(path: Path) -> Path:
    """A file beside the wanted one, on the same disk, with the same ending."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".zhiyin-", suffix=path.suffix)
    os.close(descriptor)
    return Path(name)
