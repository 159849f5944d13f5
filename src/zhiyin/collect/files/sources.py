"""Which file a mapping means, and how each format becomes a staged table."""

from __future__ import annotations

from pathlib import Path

from zhiyin.collect.files import csvfiles, eventlogs, unpacking
from zhiyin.collect.files.mapping import Mapping, Reading
from zhiyin.collect.files.staging import Staged, Workshop, check_size
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

IGNORED = (".yaml", ".yml", ".md", ".pdf")
OLD_EXCEL = b"\xd0\xcf\x11\xe0"


def stage(path: Path, mapping: Mapping, shop: Workshop, data: Path) -> tuple[Staged, str]:
    """Read the file that a mapping means, or the rows of its query; and what to call it.

    Raises:
        Problem: no such file, which file, or what is wrong with it.
    """
    if mapping.shared.query is not None:
        from zhiyin.collect.files import query

        if path.is_file() and unpacking.is_zip(_start(path)) and not unpacking.is_workbook(path):
            check_size(path, data, shop.limits)
            path = unpacking.unzip_all(path, shop.folder, shop.limits)
        return query.stage(path, mapping, shop, data), mapping.name
    file = file_of(path, mapping)
    return stage_file(file, mapping, shop, data, "staged"), file.name


def stage_file(file: Path, mapping: Mapping, shop: Workshop, data: Path, table: str) -> Staged:
    """One file, whatever its format, as `table`."""
    return stage_as(file, mapping.shared.read, mapping.shared.file, shop, data, table)


def stage_as(
    file: Path, reading: Reading, member: str | None, shop: Workshop, data: Path, table: str
) -> Staged:
    """One file, read as `reading` says; `member` is which file of a packed one."""
    check_size(file, data, shop.limits)
    name, limits = file.name, shop.limits
    found = file
    for _layer in range(2):
        start = _start(found)
        if unpacking.is_gzip(start):
            found = unpacking.gunzip(found, shop.folder, limits)
        elif unpacking.is_zip(start) and not unpacking.is_workbook(found):
            found = unpacking.unzip(found, shop.folder, limits, member)
    if found is not file:
        check_size(found, data, limits)
    start = _start(found)
    if unpacking.is_gzip(start) or (unpacking.is_zip(start) and not unpacking.is_workbook(found)):
        raise Problem(
            "import.packed-twice",
            _("{name} is packed again and again.", name=name),
            _("Unpack it first."),
        )
    if unpacking.is_zip(start):
        from zhiyin.collect.files import sheets

        return sheets.stage(found, reading, shop, table, name)
    if start.startswith(OLD_EXCEL):
        raise Problem(
            "import.old-excel",
            _("{name} is a workbook of the old form, or locked with a password.", name=name),
            _("Save it as .xlsx without a password, or as CSV."),
        )
    if start.startswith((b"PAR1", b"$FL2", b"$FL3")):
        from zhiyin.collect.files import otherfiles

        read = otherfiles.stage_parquet if start[:4] == b"PAR1" else otherfiles.stage_spss
        return read(found, shop, table, name)
    if eventlogs.is_xes(start):
        return eventlogs.stage(found, shop, table, name)
    if _is_json(found, start):
        from zhiyin.collect.files import otherfiles

        return otherfiles.stage_json(found, reading, shop, table, name)
    return csvfiles.stage(found, reading, shop, table, name)


def _start(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(4096)


def _is_json(file: Path, start: bytes) -> bool:
    named = file.suffix.lower() in (".jsonl", ".ndjson", ".json")
    said = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    return named or said.startswith((b'{"', b'{ "'))


def file_of(path: Path, mapping: Mapping) -> Path:
    """The one data file that a mapping is about.

    Raises:
        Problem: ``import.no-file``, ``import.which-file``.
    """
    name = mapping.shared.file
    if path.is_file():
        return path
    if name is not None and (Path(name).is_absolute() or ".." in Path(name).parts):
        raise _no_file(path, mapping, name)
    found = sorted(
        file
        for file in (path.glob(name) if name else path.iterdir())
        if file.is_file()
        and (name or file.suffix.lower() not in IGNORED)
        and not file.name.startswith(".")
    )
    if len(found) == 1:
        return found[0]
    if not found:
        raise _no_file(path, mapping, name or "")
    raise Problem(
        "import.which-file",
        _("{path} holds several files, and the mapping {name} does not say which.",
          path=path, name=mapping.name),
        _("Write `file: NAME` in the mapping, or a `query` over the files."),
    )  # fmt: skip


def _no_file(path: Path, mapping: Mapping, file: str) -> Problem:
    return Problem(
        "import.no-file",
        _("The mapping {name} finds no file {file} in {path}.",
          name=mapping.name, file=file, path=path),
        _("The file must be in the folder that is imported."),
    )  # fmt: skip
