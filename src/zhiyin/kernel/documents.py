"""Documents as JSON: the one way in which the command line and the API write them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any


def as_json(document: Mapping[str, Any]) -> str:
    """One JSON document; times as ISO 8601, no NaN."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, set | frozenset | tuple):
        return sorted(value) if isinstance(value, set | frozenset) else list(value)
    if hasattr(value, "item"):  # a numpy scalar
        return value.item()
    return str(value)
