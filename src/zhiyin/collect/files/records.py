"""The records of a CSV text one by one, with exact lines; one bad record costs one record."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from zhiyin.collect.files.limits import Limits
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _

MOST_OPEN_QUOTES = 500


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text file is cut into cells."""

    delimiter: str
    quote: str = '"'
    skip: int = 0


@dataclass(frozen=True, slots=True)
class Broken:
    """A record that cannot be cut into cells."""

    text: str
    reason: Text


class _OpenQuote(Exception):  # noqa: N818 - not an error of ours
    """The record goes on and on."""


class _Lines:
    """Physical lines with a way back to the start of the present record."""

    def __init__(self, lines: Iterator[str], limits: Limits) -> None:
        self.lines = lines
        self.limits = limits
        self.ahead: list[str] = []
        self.record: list[str] = []
        self.size = 0
        self.number = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self.ahead.pop() if self.ahead else next(self.lines)
        self.number += 1
        self.record.append(line)
        self.size += len(line)
        far = self.size > 8 * self.limits.cell_bytes
        if len(self.record) > self.limits.record_lines or (far and len(self.record) > 1):
            raise _OpenQuote
        return line

    def start(self) -> None:
        self.record = []
        self.size = 0

    def back(self) -> None:
        """Return to the record's second line."""
        self.ahead.extend(reversed(self.record[1:]))
        self.number -= len(self.record) - 1


def records(
    path: Path, dialect: Dialect, limits: Limits
) -> Iterator[tuple[int, list[str] | Broken]]:
    """(physical line of the start, cells or what is broken) of every record that is not blank.

    A quote that is opened and never closed costs its own line; reading goes on with the next.

    Raises:
        Problem: ``import.quotes`` when hundreds of quotes stay open.
    """
    csv.field_size_limit(limits.cell_bytes)
    with path.open(encoding="utf-8-sig", newline="") as file:
        source = _Lines(iter(file), limits)
        for _skipped in range(dialect.skip):
            next(source, None)
        source.start()
        reader = _reader(source, dialect)
        open_quotes = 0
        while True:
            first = source.number + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except (csv.Error, _OpenQuote) as error:
                if (mended := _mended(source.record, dialect, error)) is not None:
                    yield first, mended
                    source.start()
                    continue
                if _is_open(error):
                    open_quotes += 1
                    if open_quotes > MOST_OPEN_QUOTES:
                        raise _unbalanced(path) from error
                    source.back()
                    reader = _reader(source, dialect)
                yield first, Broken(source.record[0].rstrip("\r\n"), _why(error, limits))
            else:
                if cells:
                    yield first, cells
            source.start()


def _mended(record: list[str], dialect: Dialect, error: Exception) -> list[str] | None:
    """The cells of a record with spaces after a closing quote, which are common and harmless."""
    if "expected after" not in str(error) or not dialect.quote:
        return None
    quote, delimiter = re.escape(dialect.quote), re.escape(dialect.delimiter)
    tight = re.sub(f"{quote} +(?={delimiter}|\r?\n?$)", dialect.quote, "".join(record))
    try:
        found = list(_reader(io.StringIO(tight, newline=""), dialect))
    except csv.Error:
        return None
    return found[0] if len(found) == 1 else None


def _reader(source: Iterator[str], dialect: Dialect) -> Iterator[list[str]]:
    return csv.reader(
        source,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote or None,
        quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        strict=True,
    )


def _is_open(error: Exception) -> bool:
    return isinstance(error, _OpenQuote) or "unexpected end" in str(error)


def _why(error: Exception, limits: Limits) -> Text:
    if _is_open(error):
        return _("a quote is opened here and never closed")
    if "field larger" in str(error):
        return _("a cell is longer than {limit} letters", limit=f"{limits.cell_bytes:,}")
    return _("the quotes do not match: text stands after a closing quote")


def _unbalanced(path: Path) -> Problem:
    return Problem(
        "import.quotes",
        _("{name} opens hundreds of quotes that never close.", name=path.name),
        _("Say in the mapping which quote the file uses, in `read: {quote: …}`; \"\" is none."),
    )  # fmt: skip
