"""What a source's records are: a mapping like that of a file, and records as the lines of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import yaml

from zhiyin.collect.files import mapping as files_mapping
from zhiyin.collect.files import written
from zhiyin.collect.files.mapping import Mapping as FileMapping
from zhiyin.collect.files.mapping import Value, Who, value_of
from zhiyin.collect.files.mapping_sense import sources as taken
from zhiyin.collect.sources.source import Record
from zhiyin.collect.sources.voices import DIMENSION
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

NOT_HERE = ("as", "source", "file", "query", "read", "questions", "traits", "properties")
DEEPEST = 6
MOST_FIELDS = 500


def as_yaml(mapping: Mapping[str, Any]) -> str:
    """A mapping as people read and change it."""
    return yaml.safe_dump(dict(mapping), allow_unicode=True, sort_keys=False)


def whole(
    text: str, *, source: str, voice: str = "", touchpoint: str = "", channel: str = ""
) -> dict[str, Any]:
    """The whole mapping: what was written, and what holds for all that a source brings.

    Raises:
        Problem: ``source.mapping``, ``import.mapping-…``.
    """
    found = written.documents_in(text, "mapping")
    if len(found) != 1 or not isinstance(found[0][0], dict):
        raise Problem(
            "source.mapping",
            _("The mapping must be a list of keys, such as `text: body`."),
            _("See docs/import.md for what each key means."),
        )
    given = found[0][0]
    for key in NOT_HERE:
        if key in given:
            raise Problem(
                "source.mapping",
                _("The key `{key}` has no place in the mapping of a source.", key=key),
                _("Take it out: it is always a list of verbatims, called like the source."),
            )
    if not given.get("id"):
        raise Problem(
            "source.mapping",
            _("The mapping does not say which field is the `id`."),
            _("Name the field that is another for each record: by it doubles are known."),
        )
    fixed = {"touchpoint": touchpoint, "channel": channel}
    all_of = {**given, **{name: {"value": said} for name, said in fixed.items() if said}}
    if voice:
        dimensions = {**(given.get("dimensions") or {}), DIMENSION: {"value": voice}}
        all_of["dimensions"] = dimensions
    full = {"as": "verbatims", "source": source, **all_of}
    files_mapping.read(full, "mapping")
    return full


def fields_of(full: Mapping[str, Any]) -> list[str]:
    """The fields that a whole mapping takes something from, each once."""
    read = files_mapping.read(full, "mapping")
    return list(dict.fromkeys(_fields(read)))


def _fields(read: FileMapping) -> Iterator[str]:
    id = read.shared.id or []
    yield from [id] if isinstance(id, str) else id
    if read.shared.about is not None:
        yield read.shared.about.id
    given: list[Value | Who | str] = [value for _key, value in taken(read)]
    given += [*read.columns.values(), *read.shared.dimensions.values()]
    for one in given:
        if (column := value_of(one).column) is not None:
            yield column


def write(file: Path, records: Sequence[Any], fields: Sequence[str]) -> None:
    """Records as JSON Lines; each has every one of `fields`, so that none is missing as a column.

    What is no object stays what it is, and is rejected as such.
    """
    wanted = dict.fromkeys(fields)
    with file.open("wb") as lines:
        for record in records:
            row = {**wanted, **flat(record, fields)} if isinstance(record, Mapping) else record
            lines.write(msgspec.json.encode(row) + b"\n")


def flat(record: Record, keep: Sequence[str] = ()) -> dict[str, Any]:
    """A record with the names of what lies inside of others joined by dots.

    Lists of words become words with commas between them; other lists stay as they are.

    Args:
        keep: names that are there whatever becomes of the others, which are at most `MOST_FIELDS`.
    """
    found: dict[str, Any] = {}
    for name, value in _flat(record, "", 0):
        if len(found) < MOST_FIELDS or name in keep:
            found.setdefault(name, value)
    return found


def _flat(record: Mapping[str, Any], before: str, depth: int) -> Iterator[tuple[str, Any]]:
    for name, value in record.items():
        at = f"{before}{name}"
        if isinstance(value, Mapping) and depth < DEEPEST:
            yield from _flat(value, f"{at}.", depth + 1)
        elif isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
            yield at, ", ".join(value)
        else:
            yield at, value
