"""Properties as values of declared dimensions: what fits, and what stays where it is."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from zhiyin.warehouse.log import DimensionKind

_LONGEST_TEXT = 200
"""A longer text is no word to break down by."""


def take_out(
    properties: list[dict[str, Any] | None], dimensions: Mapping[str, DimensionKind]
) -> dict[str, list[Any]]:
    """The values of declared properties by name; in `properties` those events have the rest.

    The dicts themselves stay as they are: what fails to load is loaded again.
    """
    values: dict[str, list[Any]] = {name: [None] * len(properties) for name in dimensions}
    fits = [(name, _FITS[kind]) for name, kind in dimensions.items()]
    for place, held in enumerate(properties):
        if not held:
            continue
        rest = None
        for name, fit in fits:
            if name not in held or (value := fit(held[name])) is None:
                continue
            if rest is None:
                rest = dict(held)
            del rest[name]
            values[name][place] = value
        if rest is not None:
            properties[place] = rest
    return values


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return value if isinstance(value, str) and 0 < len(value) <= _LONGEST_TEXT else None


def _int(value: object) -> int | None:
    number = _float(value)
    if number is None or number != int(number) or abs(number) > 2**53:
        return None
    return int(number)


def _float(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _bool(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value) if isinstance(value, str) else None


def _time(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


_FITS: dict[DimensionKind, Callable[[object], Any]] = {
    "text": _text,
    "int": _int,
    "float": _float,
    "bool": _bool,
    "time": _time,
}
