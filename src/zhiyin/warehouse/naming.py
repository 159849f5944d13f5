"""Whether something that was kept as it came names a customer: alone and whole, never by a part."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

LONG = 6
"""Names shorter than this occur by chance in text that cannot be read as anything."""


def is_named_in(value: Any, names: Collection[str]) -> bool:
    """Whether a word of a JSON value is one of the names.

    A part of a longer word does not count: the customer 12 is not named by 2012.
    """
    return any(word in names for word in words(value))


def is_in_json(text: str | bytes, names: Collection[str]) -> bool:
    """The same for JSON text; what is no JSON is searched for the longer names."""
    try:
        return is_named_in(json.loads(text), names)
    except ValueError:
        said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        return any(name in said for name in names if len(name) >= LONG)


def may_be_in(text: bytes, names: Collection[str]) -> bool:
    """A quick look that never misses a name: as it is, or as JSON escapes it."""
    return any(
        name.encode() in text or json.dumps(name)[1:-1].encode() in text or "/" in name
        for name in names
    )


def words(value: Any) -> Iterator[str]:
    """Every word of a JSON value, keys and numbers too; JSON kept as text is read again."""
    if isinstance(value, str):
        yield value
        if value[:1] in "{[":
            try:
                yield from words(json.loads(value))
            except ValueError:
                return
    elif isinstance(value, dict):
        for key, one in value.items():
            yield str(key)
            yield from words(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from words(one)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)
