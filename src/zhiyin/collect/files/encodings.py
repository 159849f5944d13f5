"""Which encoding a text file is in, and the file in UTF-8."""

from __future__ import annotations

import codecs
import io
from pathlib import Path

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CHUNK = 4 * 1024 * 1024


def detect(path: Path) -> str:
    """The encoding of a text file: by its mark, else the first that reads the *whole* file.

    Strict UTF-8, then UTF-16 without a mark (every other byte is zero), then strict GB18030,
    then a guess by letter frequencies. GB18030 reads almost nothing that it did not write
    unless the file is Latin text with few accents: there the guess is asked too.

    Raises:
        Problem: ``import.not-text``.
    """
    with path.open("rb") as file:
        start = file.read(CHUNK)
    for mark, name in MARKS:
        if start.startswith(mark):
            return name
    if reads(path, "utf-8"):
        if b"\0" in start:
            raise not_text(path)
        return "utf-8"
    if (wide := _without_mark(start)) is not None:
        return wide
    if b"\0" in start:
        raise not_text(path)
    is_chinese = _looks_chinese(start) and reads(path, "gb18030")
    return "gb18030" if is_chinese else _guess(path, start)


def reads(path: Path, encoding: str) -> bool:
    """Whether the whole file is text in `encoding`."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    with path.open("rb") as file:
        try:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def in_utf8(path: Path, encoding: str, folder: Path) -> Path:
    """The same text in UTF-8 without a mark; the file itself where it is that already.

    Raises:
        Problem: ``import.encoding`` where the text is not in `encoding`.
    """
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        raise Problem(
            "import.encoding",
            _("Nobody knows the encoding {encoding}.", encoding=encoding),
            _("Use a name such as utf-8, gb18030, big5, utf-16 or windows-1252."),
        ) from None
    if name == "utf-8" and reads(path, "utf-8"):
        return path
    out = folder / f"{path.name}.utf8"
    try:
        with (
            io.open(path, encoding=name, errors="strict", newline="") as read,  # noqa: UP020
            out.open("w", encoding="utf-8", newline="") as write,
        ):
            while text := read.read(CHUNK):
                write.write(text)
    except (UnicodeDecodeError, UnicodeEncodeError) as error:
        raise Problem(
            "import.encoding",
            _("{name} is not text in {encoding}: {error}",
              name=path.name, encoding=encoding, error=error.reason),
            _("Leave `read.encoding` out of the mapping, or name the right one."),
        ) from error  # fmt: skip
    return out


def _without_mark(start: bytes) -> str | None:
    sample = start[: 2 * (min(len(start), 4096) // 2)]
    if not sample:
        return None
    for name, zeros in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[0::2])):
        if zeros.count(0) > len(zeros) * 0.3:
            return name
    return None


def _looks_chinese(start: bytes) -> bool:
    """Whether bytes above 127 come in runs, as two-byte letters do; accents stand alone."""
    high = pairs = i = 0
    sample = start[:200_000]
    while i < len(sample):
        if sample[i] < 0x80:
            i += 1
            continue
        run = i
        while run < len(sample) and sample[run] >= 0x80:
            run += 1
        high += run - i
        pairs += run - i if run - i >= 2 else 0
        i = run + 1 if (run - i) % 2 else run  # the second byte of a pair may be a plain letter
    return high > 0 and pairs >= high * 0.6


def _guess(path: Path, start: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(start[:500_000]).best()
    for name in (best.encoding if best else None, "gb18030", "cp1252", "latin-1"):
        if name is not None and reads(path, name):
            return name
    raise not_text(path)


def not_text(path: Path) -> Problem:
    """The Problem of a file that is none of the kinds that are read."""
    return Problem(
        "import.not-text",
        _("{name} is not a text file.", name=path.name),
        _("Zhiyin reads CSV, TSV, XLSX, Parquet, JSON Lines, SPSS .sav and .zsav,"
          " plain or in .gz or .zip."),
    )  # fmt: skip
