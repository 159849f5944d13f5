"""Quiet hours 免打扰时段: when nobody is written to, by the clock of whoever would be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.periods import to_local, zone_info
from zhiyin.kernel.text import _

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Quiet:
    """From `start` up to, but not including, `end` by a local clock; over midnight where `end` is
    the earlier.

    Raises:
        Problem: ``contact.quiet-hours`` where both are the same.
    """

    start: time
    end: time

    def __post_init__(self) -> None:
        if self.start == self.end:
            raise Problem(
                "contact.quiet-hours",
                _("Quiet hours begin and end at {time}.", time=f"{self.start:%H:%M}"),
                _("Give two times, such as 21:00-09:00, or none for no quiet hours."),
            )

    @property
    def written(self) -> str:
        """``21:00-09:00``."""
        return f"{self.start:%H:%M}-{self.end:%H:%M}"

    def holds(self, at: datetime, zone: str) -> bool:
        """Whether the clock of the zone shows a quiet time at `at` (UTC, naive)."""
        shown = to_local(at, zone).time()
        if self.start < self.end:
            return self.start <= shown < self.end
        return shown >= self.start or shown < self.end

    def due(self, at: datetime, zone: str) -> datetime:
        """The first instant from `at` on that is not quiet; `at` itself where it is none.

        It goes by what the clock shows, also where that jumps: an end that a change of clocks
        skips is the change itself, and an hour that comes twice is quiet twice.
        """
        while self.holds(at, zone):
            local = to_local(at, zone)
            end = local.replace(hour=self.end.hour, minute=self.end.minute, second=0, microsecond=0)
            left = (end - local) % _DAY or _DAY
            change = _change(at, at + left, zone)
            # Before a change of clocks the time is as quiet as it was at `at`.
            at = at + left if change is None else change
        return at


def read(written: str) -> Quiet | None:
    """``21:00-09:00``; ``none`` or nothing are no quiet hours.

    Raises:
        Problem: ``contact.quiet-hours``.
    """
    text = written.strip().replace("：", ":").replace("–", "-")
    if text in ("", "-", "none"):
        return None
    first, _dash, last = (part.strip() for part in text.partition("-"))
    try:
        start, end = (time.fromisoformat(part.zfill(5)) for part in (first, last))
    except ValueError:
        raise Problem(
            "contact.quiet-hours",
            _("{text} are no quiet hours.", text=written.strip()[:40]),
            _("Give two times, such as 21:00-09:00, or none for no quiet hours."),
        ) from None
    return Quiet(start.replace(second=0, microsecond=0, tzinfo=None),
                 end.replace(second=0, microsecond=0, tzinfo=None))  # fmt: skip


def is_zone(text: str) -> bool:
    """Whether there is a time zone of this name."""
    try:
        zone_info(text)
    except Problem:
        return False
    return True


def _change(start: datetime, end: datetime, zone: str) -> datetime | None:
    """The first instant after `start`, and up to `end`, at which the clock jumps; None where it
    does not. In a day it jumps once at most."""
    before = _offset(start, zone)
    if _offset(end, zone) == before:
        return None
    low, high = start.replace(microsecond=0), end.replace(microsecond=0)
    while high - low > _SECOND:
        middle = low + (high - low) // 2
        middle = middle.replace(microsecond=0)
        if _offset(middle, zone) == before:
            low = middle
        else:
            high = middle
    return high


def _offset(at: datetime, zone: str) -> timedelta:
    return to_local(at, zone) - at
