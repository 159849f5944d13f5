"""When somebody is told: at once or with the next digest, and not in quiet hours."""

from __future__ import annotations

from datetime import datetime, timedelta

from zhiyin.act.alerts.models import Pace
from zhiyin.collect.reaching import quiet
from zhiyin.kernel.periods import to_local, to_utc


def at(
    now: datetime, zone: str, *, pace: str, hour: int = 9, weekday: int = 0, quiet_hours: str = ""
) -> datetime:
    """The moment from `now` on at which to tell.

    Args:
        now: UTC, naive; so is what is returned.
        zone: of whoever is told.
        hour: of a digest, by her clock.
        weekday: of a weekly one; 0 is Monday.
        quiet_hours: as 21:00-09:00; blank: none.

    >>> at(datetime(2026, 3, 10, 1), "Asia/Shanghai", pace="daily", hour=9).isoformat()
    '2026-03-10T01:00:00'
    """
    found = now
    if pace != Pace.AT_ONCE:
        local = to_local(now, zone)
        first = local.replace(hour=hour, minute=0, second=0, microsecond=0)
        days = range(9)
        found = next(
            moment
            for moment in (to_utc(first + timedelta(days=day), zone) for day in days)
            if moment >= now and (pace == Pace.DAILY or to_local(moment, zone).weekday() == weekday)
        )
    hours = quiet.read(quiet_hours)
    return hours.due(found, zone) if hours else found
