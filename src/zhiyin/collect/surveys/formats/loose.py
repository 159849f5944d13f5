"""Values out of a file, of any kind: each is taken as what it should be, or as nothing."""

from __future__ import annotations

import math
import re
from typing import Any


def table(value: object) -> dict[str, Any]:
    """An object; a list as one that is numbered from 0."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list):
        return {str(number): one for number, one in enumerate(value)}
    return {}


def many(value: object) -> list[Any]:
    """A list; an object as the list of its values."""
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def word(value: object) -> str:
    """A text, number or truth as text, without blanks around; anything else as none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).strip() if isinstance(value, str | int | float) else ""


def number(value: object) -> float | None:
    """A finite number, or the number that a text is."""
    written = word(value)
    if isinstance(value, bool) or not re.fullmatch(r"[+-]?\d{1,15}(\.\d{1,15})?", written):
        return None
    found = float(written)
    return found if math.isfinite(found) else None


def whole(value: object) -> int | None:
    """A whole number."""
    found = number(value)
    return int(found) if found is not None and found == int(found) else None


def is_yes(value: object) -> bool:
    """True, or a word that says so in one of the systems."""
    return word(value).lower() in ("true", "true()", "yes", "y", "on", "1")
