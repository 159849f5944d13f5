"""The one clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1)
MICROSECOND = timedelta(microseconds=1)


def now() -> datetime:
    """This instant: UTC, naive, microseconds."""
    return datetime.now(UTC).replace(tzinfo=None)


def minute() -> datetime:
    """The beginning of this minute. A page that asks as of it asks what the reader a few seconds
    before her asked, and is answered from memory; no figure of days or longer is another."""
    return now().replace(second=0, microsecond=0)


def microseconds(moment: datetime) -> int:
    """A time (UTC, naive) in microseconds since 1970."""
    return (moment - EPOCH) // MICROSECOND


def moment(microseconds: int) -> datetime:
    """The time (UTC, naive) so many microseconds after 1970 began."""
    return EPOCH + microseconds * MICROSECOND
