"""Packed files: .gz, and .zip with one data file in it; a bomb is noticed while it unpacks."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import IO

from zhiyin.collect.files.limits import MB, Limits
from zhiyin.collect.files.staging import human
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

CHUNK = 1024 * 1024
FREE_OF_RATIO = 100 * MB


def is_gzip(start: bytes) -> bool:
    """By its first bytes."""
    return start.startswith(b"\x1f\x8b")


def is_zip(start: bytes) -> bool:
    """By its first bytes."""
    return start.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def is_workbook(path: Path) -> bool:
    """Whether a zip file is an Excel workbook."""
    try:
        with zipfile.ZipFile(path) as pack:
            return any(name.startswith("xl/workbook") for name in pack.namelist())
    except zipfile.BadZipFile:
        return False


def gunzip(path: Path, folder: Path, limits: Limits) -> Path:
    """What is in a .gz file.

    Raises:
        Problem: ``import.bomb``, ``import.too-large``, ``import.damaged``.
    """
    name = path.name.removesuffix(".gz") or "data"
    out = folder / f"unpacked-{name}"
    with gzip.open(path) as packed:
        _copy(packed.read, out, path, limits)
    return out


def unzip(path: Path, folder: Path, limits: Limits, wanted: str | None) -> Path:
    """The one data file in a .zip file, or the one called `wanted`.

    Names inside the file are never used as places on the disk.

    Raises:
        Problem: also ``import.zip-…``.
    """
    try:
        pack = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise damaged(path) from error
    with pack:
        member = _member(path, pack, wanted)
        out = folder / f"unpacked-{PurePosixPath(member.filename).name}"
        _take_out(path, pack, member, out, limits)
    return out


def unzip_all(path: Path, folder: Path, limits: Limits) -> Path:
    """A folder with the data files of a .zip file, for a query over them.

    Raises:
        Problem: as `unzip`; the limits hold for all of them together.
    """
    out = folder / "unpacked"
    out.mkdir()
    left = limits.file_bytes
    try:
        pack = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise damaged(path) from error
    with pack:
        for member in _members(pack):
            file = out / PurePosixPath(member.filename).name
            if file.exists():
                raise _which(path, pack)
            _take_out(path, pack, member, file, replace(limits, file_bytes=left))
            left -= file.stat().st_size
    return out


def _take_out(
    path: Path, pack: zipfile.ZipFile, member: zipfile.ZipInfo, out: Path, limits: Limits
) -> None:
    if member.flag_bits & 0x1:
        raise Problem(
            "import.zip-locked",
            _("{name} is locked with a password.", name=path.name),
            _("Unpack it first."),
        )
    try:
        with pack.open(member) as packed:
            _copy(packed.read, out, path, limits, member.compress_size)
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise damaged(path) from error


def _members(pack: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    return [
        info
        for info in pack.infolist()
        if not info.is_dir()
        and not info.filename.startswith("__MACOSX/")
        and not PurePosixPath(info.filename).name.startswith(".")
        and PurePosixPath(info.filename).suffix.lower() not in (".yaml", ".yml", ".md", ".pdf")
    ]


def _member(path: Path, pack: zipfile.ZipFile, wanted: str | None) -> zipfile.ZipInfo:
    found = _members(pack)
    if wanted is not None and len(found) != 1:
        found = [i for i in found if wanted in (i.filename, PurePosixPath(i.filename).name)]
    if len(found) == 1:
        return found[0]
    raise _which(path, pack)


def _which(path: Path, pack: zipfile.ZipFile) -> Problem:
    names = ", ".join(info.filename for info in pack.infolist()[:10])
    return Problem(
        "import.zip-which",
        _("{name} holds no single data file. In it: {names}.", name=path.name, names=names),
        _("Write `file: NAME` in the mapping, or unpack it and import the folder."),
    )


def _copy(
    read: Callable[[int], bytes], out: Path, path: Path, limits: Limits, packed: int = 0
) -> None:
    packed = packed or path.stat().st_size
    most = min(limits.file_bytes, max(min(FREE_OF_RATIO, limits.file_bytes), packed * limits.ratio))
    size = 0
    try:
        with out.open("wb") as write:
            while chunk := read(CHUNK):
                size += len(chunk)
                if size > most:
                    raise bomb(path, packed, size)
                write.write(chunk)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise damaged(path) from error


def total_of(file: IO[bytes], most: int) -> int:
    """How many bytes really come out of a packed file; stops counting over `most`."""
    size = 0
    while size <= most and (chunk := file.read(CHUNK)):
        size += len(chunk)
    return size


def bomb(path: Path, packed: int, size: int) -> Problem:
    """The Problem of a file that unpacks to far more than it says."""
    return Problem(
        "import.bomb",
        _("{name} is {packed} and unpacks to more than {size}: this looks like a trap.",
          name=path.name, packed=human(packed), size=human(size)),
        _("If the file is really yours, unpack it and import what comes out."),
    )  # fmt: skip


def damaged(path: Path) -> Problem:
    """The Problem of a file that cannot be unpacked or read to its end."""
    return Problem(
        "import.damaged",
        _("{name} is damaged, or was not copied whole.", name=path.name),
        _("Copy or export it again."),
    )
