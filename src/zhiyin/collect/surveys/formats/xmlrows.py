"""The tables of a LimeSurvey file: rows of columns, read with a parser that opens nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

Row = dict[str, str]
DEEPEST = 50
MOST_ROWS = 200_000


@dataclass(slots=True)
class Tables:
    """What is in a file.

    Args:
        root: the name of its first element.
        plain: the text of elements right under it.
        rows: of each table, by name.
    """

    root: str = ""
    plain: Row = field(default_factory=dict)
    rows: dict[str, list[Row]] = field(default_factory=dict)

    def of(self, *names: str) -> list[Row]:
        """The rows of a table, under the first of its names that is there."""
        return next((self.rows[name] for name in names if name in self.rows), [])


def read(data: bytes, name: str) -> Tables:
    """The tables of a document.

    Raises:
        Problem: ``survey.file-broken``; ``survey.file-trap``: it declares a document type, by
            which a small file becomes a large one, or reads other files.
    """
    reader = _Reader(name)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.StartElementHandler = reader.begin
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.words
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        line = getattr(error, "lineno", 1)
        raise Problem(
            "survey.file-broken",
            _("{name} cannot be read as XML from line {line} on: {why}.",
              name=name, line=line, why=str(error)[:200]),
            _("Copy or export it again."),
        ) from error  # fmt: skip
    return reader.found


class _Reader:
    def __init__(self, name: str) -> None:
        self.found = Tables()
        self._name = name
        self._path: list[str] = []
        self._row: Row = {}
        self._words: list[str] = []
        self._count = 0

    def refuse(self, *_said: object) -> None:
        raise Problem(
            "survey.file-trap",
            _("{name} declares a document type (DOCTYPE), as traps do and LimeSurvey does not.",
              name=self._name),
            _("Export the survey structure (.lss) again."),
        )  # fmt: skip

    def begin(self, name: str, _attributes: dict[str, str]) -> None:
        if not self._path:
            self.found.root = name
        self._path.append(name)
        if len(self._path) > DEEPEST:
            raise self._too_much()
        if self._is_row():
            self._row = {}
            self._count += 1
            if self._count > MOST_ROWS:
                raise self._too_much()
        self._words = []

    def words(self, said: str) -> None:
        self._words.append(said)

    def end(self, name: str) -> None:
        said = "".join(self._words).strip()
        depth = len(self._path)
        if self._is_row():
            self.found.rows.setdefault(self._path[1], []).append(self._row)
        elif depth == 5 and self._path[3] == "row":
            self._row[name] = said
        elif depth == 2 and said:
            self.found.plain[name] = said
        elif depth == 3 and name == "language":
            self.found.rows.setdefault("languages", []).append({"language": said})
        self._words = []
        self._path.pop()

    def _is_row(self) -> bool:
        return len(self._path) == 4 and self._path[2:] == ["rows", "row"]

    def _too_much(self) -> Problem:
        return Problem(
            "survey.file-trap",
            _("{name} holds far more than a questionnaire does.", name=self._name),
            _("Export the survey structure (.lss) again."),
        )
