"""What is told of a file: at a first look, and by a dry run. To show it, no file is read."""

from __future__ import annotations

import msgspec

from zhiyin.kernel.text import Text

Sentence = tuple[str, dict[str, str]]
"""A sentence that is kept: in English, and what its blanks are filled with."""


def kept(text: Text) -> Sentence:
    """A sentence as it is kept."""
    return text.sentence, {name: str(blank) for name, blank in text.blanks.items()}


def told(sentence: Sentence) -> Text:
    """A sentence that was kept, for whoever reads it."""
    return Text(sentence[0], dict(sentence[1]))


class Column(msgspec.Struct, frozen=True):
    """One column, as far as the first rows show it.

    Args:
        kind: ``empty``, ``int``, ``float``, ``time``, ``bool`` or ``text``.
        filled: rows in which something stands.
        distinct: different cells.
        low, high: of numbers.
        letters: of an average cell.
        formats: of dates that do not begin with the year: those that read every cell. Two of them
            where nobody can tell the day from the month.
        labels: how many codes the file itself names (SPSS).
    """

    name: str
    kind: str
    filled: int
    distinct: int
    examples: tuple[str, ...]
    low: float | None = None
    high: float | None = None
    letters: float = 0.0
    formats: tuple[str, ...] = ()
    labels: int = 0


class Look(msgspec.Struct, frozen=True):
    """What a file looks like.

    Args:
        rows: how many of the first rows were looked at, at most `looking.ROWS`.
        is_all: whether there are no more.
        broken: records among them that are no rows.
    """

    kind: str
    encoding: str
    delimiter: str
    sheet: str
    sheets: tuple[str, ...]
    rows: int
    is_all: bool
    broken: int
    columns: tuple[Column, ...]
    notes: tuple[Sentence, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Of the columns, in their order."""
        return tuple(column.name for column in self.columns)


class FirstRows(msgspec.Struct, frozen=True):
    """The first rows of one table of the log; columns that are blank in all of them are left out.

    Times are local to the workspace.
    """

    table: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Shown(msgspec.Struct, frozen=True):
    """What an import would bring.

    Args:
        new_dimensions: (table, name).
        new_touchpoints, new_questions: words new to the log, at most `showing.MOST_NEW`.
    """

    tables: tuple[FirstRows, ...]
    new_dimensions: tuple[tuple[str, str], ...]
    new_touchpoints: tuple[str, ...]
    new_questions: tuple[str, ...]

    @property
    def names_of_dimensions(self) -> tuple[str, ...]:
        """Of the new dimensions, each once, whatever tables it is declared for."""
        return tuple(dict.fromkeys(name for _table, name in self.new_dimensions))
