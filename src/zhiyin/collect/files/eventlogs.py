"""Event logs of process mining: XES files, and CSV files with its names of columns.

They say themselves what their columns are, so they need no mapping. XES is IEEE 1849.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from zhiyin.collect.files.mapping import Mapping, read
from zhiyin.collect.files.staging import Form, Staged, Workshop, clean_names, fill, trimmed
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

CASE, NAME, AT = "case:concept:name", "concept:name", "time:timestamp"
POSITION = "event:position"
"""Of the columns of an XES file, the one that is not written in it: the event's place in its
case, from 1."""

_ATTRIBUTES = frozenset({"string", "date", "int", "float", "boolean", "id"})
_CHUNK = 1024 * 1024
_DEEPEST = 100
"""So deep elements may lie in one another; real logs need six."""


def mapping_of(name: str, columns: Collection[str]) -> Mapping | None:
    """What the columns of an event log are; None where they are not those of one.

    The case is the customer. Another log counts its cases anew, so their ids are a space of names
    of their own. The file's name is the source.
    """
    if not {CASE, NAME, AT} <= set(columns):
        return None
    source = name.split(".")[0] or name
    document: dict[str, object] = {
        "as": "events",
        "source": source,
        "at": AT,
        "customer": {"column": CASE, "kind": f"case of {source}"},
        "name": NAME,
        "properties": "*",
    }
    if POSITION in columns:
        document["id"] = [CASE, POSITION]
    return read(document, name)


def is_xes(start: bytes) -> bool:
    """By its first element, which comes after comments."""
    return start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<") and b"<log" in start


def stage(path: Path, shop: Workshop, table: str, name: str) -> Staged:
    """An XES file: one row an event, with its case and its place in it.

    Attributes of the case are columns that begin with ``case:``. Attributes of attributes and
    lists are left out, and so is what the log says of itself.

    Raises:
        Problem: ``import.xes-unsafe``, ``import.xes``, ``import.no-events``.
    """
    seen = dict.fromkeys((CASE, POSITION, NAME, AT))
    count = 0
    for event in _events(path, name):
        count += 1
        seen.update(dict.fromkeys(event))
        if len(seen) > shop.limits.columns:
            clean_names(list(seen), name, shop.limits)
        if count == shop.first:
            break
    if not count:
        raise Problem(
            "import.no-events",
            _("{name} has no event in a trace.", name=name),
            _("An XES log holds traces, and a trace holds events."),
        )
    names = clean_names(list(seen), name, shop.limits)
    rows = enumerate(([event.get(key) for key in seen] for event in _events(path, name)), 1)
    fill(shop, table, names, rows)
    return Staged(shop.connection, table, names, shop.bad_rows(), form=Form("xes"))


def _events(path: Path, name: str) -> Iterator[dict[str, str | None]]:
    """The events of a file, a part of it at a time."""
    reader = _Reader(name)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.begin
    parser.EndElementHandler = reader.end
    parser.StartDoctypeDeclHandler = reader.refuse
    with path.open("rb") as file:
        fed = 0
        while True:
            chunk = file.read(_CHUNK)
            fed += len(chunk)
            try:
                parser.Parse(chunk, not chunk)
            except expat.ExpatError as error:
                raise Problem(
                    "import.xes",
                    _("{name} cannot be read as XML from line {line} on: {reason}.", name=name,
                      line=f"{error.lineno:,}", reason=expat.ErrorString(error.code)),
                    _("Copy or export it again."),
                ) from error  # fmt: skip
            if fed - parser.CurrentByteIndex > 8 * _CHUNK:
                raise reader.unsafe()
            yield from reader.events
            reader.events.clear()
            if not chunk:
                return


@dataclass(slots=True)
class _Reader:
    """What the parser tells of a log, put together to events.

    Attributes:
        events: that are whole and not fetched yet.
    """

    name: str
    events: list[dict[str, str | None]] = field(default_factory=list)
    _inside: list[str] = field(default_factory=list)
    _case: dict[str, str | None] = field(default_factory=dict)
    _event: dict[str, str | None] = field(default_factory=dict)
    _places: Counter[str | None] = field(default_factory=Counter)

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        parent = self._inside[-1] if self._inside else ""
        self._inside.append(tag)
        if len(self._inside) > _DEEPEST:
            raise self.unsafe()
        if tag == "trace":
            self._case = {}
        elif tag == "event":
            self._event = {}
        elif tag in _ATTRIBUTES and parent == "event":
            self._event[attributes.get("key", "")] = trimmed(attributes.get("value"))
        elif tag in _ATTRIBUTES and parent == "trace":
            self._case[f"case:{attributes.get('key', '')}"] = trimmed(attributes.get("value"))

    def end(self, tag: str) -> None:
        self._inside.pop()
        if tag == "event" and self._inside[-1:] == ["trace"]:
            # A case may be told in several traces.
            case = self._case.get(CASE)
            self._places[case] += 1
            self.events.append({**self._case, **self._event, POSITION: str(self._places[case])})

    def refuse(self, *_declared: object) -> None:
        raise self.unsafe()

    def unsafe(self) -> Problem:
        return Problem(
            "import.xes-unsafe",
            _("{name} has what no XES log needs: a document type, elements nested without end, or"
              " an endless one.", name=self.name),
            _("Export the log again, as plain XES."),
        )  # fmt: skip
