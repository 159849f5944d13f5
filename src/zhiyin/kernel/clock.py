"""The one clock."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """This instant: UTC, naive, microseconds."""
    return datetime.now(UTC).replace(tzinfo=None)
