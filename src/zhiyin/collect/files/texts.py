"""Typed cells of workbooks, records and SPSS files as the text that the checks read."""

from __future__ import annotations

import math
from datetime import date, datetime, time, timedelta

import msgspec


def text_of(value: object) -> str | None:
    """A value as text: 5.0 is 5, a date is 2018-06-12, a truth is true; None where blank."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value.total_seconds())
    if isinstance(value, int):
        return str(value)
    return msgspec.json.encode(value).decode()
