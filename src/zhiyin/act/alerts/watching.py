"""Rules looked at: single rows every few minutes, figures once a day when it is over.

Cut off anywhere, it goes on: what fired is written down once, by the row or the window that it is
of, and nothing else says how far it has come.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from zhiyin.accounts import work
from zhiyin.accounts.models import Workspace
from zhiyin.accounts.workspaces import Settings, settings_of
from zhiyin.act.alerts import conditions, firing, rules, singles, telling, windows
from zhiyin.act.alerts.conditions import Leaving, Windowed
from zhiyin.act.alerts.firing import Shot
from zhiyin.act.alerts.models import Rule, Watch
from zhiyin.act.alerts.seen import Seen
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.periods import day_start, local_day
from zhiyin.kernel.progress import Progress, unseen
from zhiyin.stats import false_alarms
from zhiyin.warehouse.log import Log

Q = 0.1
"""Of all alerts about figures, the share of false ones that is expected at most."""

MOST_PAGES = 20
_DAY = timedelta(days=1)


def watch(
    log: Log,
    workspace: str,
    *,
    progress: Progress = unseen,
    now: Callable[[], datetime] = timezone.now,
) -> dict[str, int]:
    """Look at every rule that is on; returns how many ``rules`` were looked at and ``alerts``
    fired.

    A rule that cannot be looked at says why, and keeps no other from being looked at.
    """
    settings = settings_of(workspace)
    found = list(rules.of(workspace).filter(is_on=True))
    fired = 0
    for done, rule in enumerate(found):
        progress(done, len(found))
        trouble = ""
        try:
            fired += look(log, settings, rule, now())
        except Problem as problem:
            if problem.code.startswith("log."):
                raise  # the log is away or busy: all of it is tried again
            trouble = problem.code
        Rule.objects.filter(pk=rule.pk, version=rule.version).update(
            looked_at=now(), trouble=trouble
        )
    progress(len(found), len(found))
    if telling.has_due(workspace, now()):
        work.ask(by=None, kind="tell-alerts", workspace=workspace)
    return {"rules": len(found), "alerts": fired}


def look(log: Log, settings: Settings, rule: Rule, now: datetime) -> int:
    """Look at one rule; returns how many alerts fired.

    Raises:
        Problem: it cannot be looked at.
    """
    condition = rules.condition_of(rule)
    if isinstance(condition, Windowed):
        return _look_at_windows(log, settings, rule, condition, now)
    since, fired, after = _naive(rule.watches_since), 0, -1
    for _page in range(MOST_PAGES):
        rows = singles.fresh(
            log, settings, condition, since=since, now=_naive(now),
            branch=rules.branch_of(rule), after=after,
        )  # fmt: skip
        shots = [
            Shot(row.key, row.at, row.table, row.row, row.touchpoint, row.unit) for row in rows
        ]
        fired += len(firing.fire(rule, shots)) if shots else 0
        if len(rows) < singles.MOST:
            break
        after = rows[-1].row
    return fired


def _look_at_windows(
    log: Log, settings: Settings, rule: Rule, condition: Windowed, now: datetime
) -> int:
    """Look at the window that holds yesterday; and at the one before, where it was not finished."""
    today = local_day(_naive(now), settings.timezone)
    begun = local_day(_naive(rule.watches_since), settings.timezone)
    place = (today - _DAY - begun).days // condition.days
    fired = 0
    for number in range(max(0, place - 1), place + 1):
        starts_on = begun + timedelta(days=number * condition.days)
        until = min(today, starts_on + timedelta(days=condition.days))
        until = windows.known_until(condition, settings, until)
        held = _opened(rule, starts_on, condition.days)
        if held.fired_at is None and held.looked_until < until:
            fired += _look_at_one(log, settings, rule, condition, held, until)
    return fired


@transaction.atomic
def _opened(rule: Rule, starts_on: date, days: int) -> Watch:
    """The window as it is kept; a new one is the workspace's next hypothesis."""
    place = Workspace.objects.select_for_update().get(pk=rule.workspace_id)
    found = Watch.objects.filter(rule=rule, version=rule.version, starts_on=starts_on).first()
    return found or Watch.objects.create(
        workspace=place, number=next_number(place.slug), rule=rule, version=rule.version,
        starts_on=starts_on, ends_on=starts_on + timedelta(days=days), looked_until=starts_on,
    )  # fmt: skip


def next_number(workspace: str) -> int:
    """The number of the next hypothesis."""
    found = Watch.objects.filter(workspace__slug=workspace).aggregate(n=Max("number"))
    return int(found["n"] or 0) + 1


def alerts_so_far(workspace: str) -> int:
    """How many hypotheses have fired."""
    return Watch.objects.filter(workspace__slug=workspace, fired_at__isnull=False).count()


def _look_at_one(
    log: Log, settings: Settings, rule: Rule, condition: Windowed, held: Watch, until: date
) -> int:
    daily = windows.read(
        log, settings, condition, start=windows.first_day(condition, held.starts_on), end=until,
        branch=rules.branch_of(rule),
    )  # fmt: skip
    seen = windows.look(daily, condition, starts_on=held.starts_on, until=until, seed=held.number)
    e_value, n = float(seen.evidence.e_values[-1]), int(seen.evidence.n[-1])
    with transaction.atomic():
        # Locked, so that two alerts of one moment do not both count as the next.
        Workspace.objects.select_for_update().get(pk=rule.workspace_id)
        needed = false_alarms.threshold(held.number, alerts_so_far(settings.slug), q=Q)
        held.looked_until, held.e_value, held.threshold, held.n = until, e_value, needed, n
        is_fired = e_value >= needed and n >= conditions.least_of(condition, settings)
        if is_fired:
            held.fired_at = timezone.now()
            at = day_start(until, settings.timezone)
            firing.fire(rule, [_shot(held, condition, seen, needed, at)])
        held.save()
    return int(is_fired)


def _shot(held: Watch, condition: Windowed, seen: Seen, needed: float, at: datetime) -> Shot:
    figures: Mapping[str, object] = {
        **seen.figures,
        "e_value": float(seen.evidence.e_values[-1]),
        "threshold": needed,
        "q": Q,
        "number": held.number,
        "from": held.starts_on.isoformat(),
        "to": held.looked_until.isoformat(),
        "dispersion": seen.figures.get("dispersion"),
    }
    # By its id the owner of a touchpoint is found, who may be the one that is told.
    touchpoint = condition.touchpoint if isinstance(condition, Leaving) else ""
    key = f"v{held.version}:{held.starts_on.isoformat()}"
    return Shot(key, at, touchpoint=touchpoint, figures=figures)


def _naive(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None)
