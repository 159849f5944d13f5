"""Which encoding a text file is in, and the file in UTF-8."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from itertools import pairwise
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
CUT = "\N{REPLACEMENT CHARACTER}"


def detect(path: Path) -> str:
    """The encoding of a text file: by its mark, else the first that reads the *whole* file.

    Strict UTF-8, then UTF-16 without a mark (every other byte is zero), then strict GB18030
    where the text is mostly common simplified characters, then a guess.

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
    if _looks_simplified(start) and reads(path, "gb18030"):
        return "gb18030"
    return _guess(path, start)


def reads(path: Path, encoding: str) -> bool:
    """Whether the whole file is text in `encoding`.

    Half a letter at the very end is no reason to take another encoding: the file was cut.
    """
    try:
        for _text in _decoded(path, encoding):
            pass
    except UnicodeDecodeError:
        return False
    return True


def is_cut(path: Path) -> bool:
    """Whether text that `in_utf8` gave ends in the middle of a letter."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(size - 3, 0))
        return file.read() == CUT.encode()


def _decoded(path: Path, encoding: str) -> Iterator[str]:
    """The text in parts; half a letter at the end becomes `CUT`."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield decoder.decode(chunk)
    try:
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        yield CUT


def _is_whole_utf8(path: Path) -> bool:
    try:
        return not any(text == CUT for text in _decoded(path, "utf-8"))
    except UnicodeDecodeError:
        return False


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
    if name == "utf-8" and _is_whole_utf8(path):
        return path
    out = folder / f"{path.name}.utf8"
    try:
        with out.open("w", encoding="utf-8", newline="") as write:
            for text in _decoded(path, name):
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


def _looks_simplified(start: bytes) -> bool:
    """Whether most letters above 127 are pairs in the rows of common simplified characters.

    Strict GB18030 also reads most Cyrillic and Big5 text, as rare characters: these are few here.
    """
    return _common(start, (*range(0xA1, 0xAA), *range(0xB0, 0xD8)), range(0xA1, 0xFF))


def _looks_traditional(start: bytes) -> bool:
    """The same for the common characters of Big5."""
    return _common(start, range(0xA1, 0xC7), (*range(0x40, 0x7F), *range(0xA1, 0xFF)))


def _common(start: bytes, leads: Iterable[int], trails: Iterable[int]) -> bool:
    leads, trails = frozenset(leads), frozenset(trails)
    high = common = i = 0
    sample = start[:200_000]
    while i < len(sample) - 1:
        if sample[i] < 0x80:
            i += 1
            continue
        high += 1
        common += sample[i] in leads and sample[i + 1] in trails
        i += 2
    return high > 0 and common >= high * 0.8


WESTERN = frozenset(
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿŒœŸ€£§©®°ºª«»¡¿·–—‘’“”„…™"
)


def _guess(path: Path, start: bytes) -> str:
    """By letter frequencies; Western text is told by its letters, for short texts mislead them."""
    from charset_normalizer import from_bytes

    sample = start[:500_000]
    high = sample.decode("cp1252", "replace")
    letters = [letter for letter in high if ord(letter) > 127]
    pairs = sum(a >= 0xC0 and b >= 0xC0 for a, b in pairwise(sample))
    is_western = all(letter in WESTERN for letter in letters) and pairs < len(letters) * 0.3
    if is_western and reads(path, "cp1252"):
        return "cp1252"
    if _looks_traditional(start) and reads(path, "cp950"):
        return "cp950"
    best = from_bytes(sample).best()
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
