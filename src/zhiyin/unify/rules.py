"""What a workspace decides about rights: the stated time, rows of erased ids, retention."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import Workspace
from zhiyin.accounts.workspaces import find
from zhiyin.kernel.clock import now
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.unify.models import ErasedIds, Retention, RightsRules
from zhiyin.warehouse.log import Log
from zhiyin.warehouse.rights import KeptSince
from zhiyin.warehouse.tables import TABLES

KEPT_ALWAYS = ("identities",)
"""Tables without retention: a merge that expires would change figures of the present."""

MOST_MONTHS = 1200


def of(workspace: Workspace) -> RightsRules:
    """The rules of a workspace; where it has decided nothing, the defaults."""
    found = RightsRules.objects.filter(workspace=workspace).first()
    return found or RightsRules(workspace=workspace)


def change(
    *, by: Actor, log: Log, workspace: str, stated_days: int, erased_ids: str
) -> RightsRules:
    """Change the stated time and what becomes of rows of erased ids.

    Raises:
        Problem: ``rights.stated-days``, ``rights.erased-ids``.
    """
    if not 1 <= stated_days <= 90:
        raise Problem(
            "rights.stated-days",
            _("The stated time is 1 to 90 days."),
            _("Laws give a month for most requests; 7 days is the default."),
        )
    if erased_ids not in ErasedIds.values:
        raise Problem(
            "rights.erased-ids",
            _("Rows of erased ids are refused or start anew."),
            _("Choose one of the two."),
        )
    with transaction.atomic():
        place = find(workspace)
        rules = of(place)
        before = {"stated_days": rules.stated_days, "erased_ids": rules.erased_ids}
        rules.stated_days, rules.erased_ids = stated_days, erased_ids
        rules.save()
        audit.record(
            by=by,
            action="rights_rules.changed",
            subject=workspace,
            workspace=workspace,
            before=before,
            after={"stated_days": stated_days, "erased_ids": erased_ids},
        )
        # Last, so that a log that is away leaves everything as it was.
        log.refuse_erased(workspace, refuse=erased_ids == ErasedIds.REFUSE)
    return rules


def retention(workspace: str) -> dict[tuple[str, str], int]:
    """(table, pattern of event names) → months."""
    found = Retention.objects.filter(workspace__slug=workspace)
    return {(one.table, one.pattern): one.months for one in found}


def keep(*, by: Actor, workspace: str, months: Mapping[tuple[str, str], int]) -> None:
    """Replace what is kept how long. It takes effect with the next nightly run.

    Raises:
        Problem: ``rights.retention`` for a table or a number that cannot be.
    """
    _check(months)
    with transaction.atomic():
        place = find(workspace)
        before = {f"{t} {p}".strip(): n for (t, p), n in retention(workspace).items()}
        Retention.objects.filter(workspace=place).delete()
        Retention.objects.bulk_create(
            Retention(workspace=place, table=table, pattern=pattern, months=number)
            for (table, pattern), number in months.items()
        )
        audit.record(
            by=by,
            action="retention.changed",
            subject=workspace,
            workspace=workspace,
            before=before,
            after={f"{t} {p}".strip(): n for (t, p), n in months.items()},
        )


def going(log: Log, workspace: str, months: Mapping[tuple[str, str], int]) -> dict[str, int]:
    """Rows per table that would be read no longer if this were kept how long.

    Raises:
        Problem: ``rights.retention``.
    """
    _check(months)
    return log.expiring(workspace, horizons(months))


def _check(months: Mapping[tuple[str, str], int]) -> None:
    for (table, pattern), number in months.items():
        if table not in TABLES or table in KEPT_ALWAYS or (pattern and table != "events"):
            raise Problem(
                "rights.retention",
                _("{table} has no retention of its own.", table=table),
                _("Choose one of the tables that the page lists; patterns are for events only."),
            )
        if not 1 <= number <= MOST_MONTHS:
            raise Problem(
                "rights.retention",
                _("Data is kept 1 to {most} months, or for good.", most=MOST_MONTHS),
                _("Leave the field blank to keep it for good."),
            )


def horizons(months: Mapping[tuple[str, str], int], at: datetime | None = None) -> list[KeptSince]:
    """From when on each kind is kept: midnight (UTC) so many months ago."""
    today = (at or now()).replace(hour=0, minute=0, second=0, microsecond=0)
    return [
        KeptSince(table, pattern, _months_before(today, number))
        for (table, pattern), number in sorted(months.items())
    ]


def apply(workspace: str, log: Log) -> dict[str, int]:
    """Hide what is kept no longer; returns rows per table that went, for the log of work."""
    since = horizons(retention(workspace))
    went = log.expiring(workspace, since)
    log.keep_since(workspace, since)
    # Said again every night, for a store that was brought back may say otherwise.
    log.refuse_erased(workspace, refuse=of(find(workspace)).erased_ids == ErasedIds.REFUSE)
    if went:
        audit.record(
            by=Actor(person=None, where="background"),
            action="retention.applied",
            subject=workspace,
            workspace=workspace,
            after=went,
        )
    return went


def _months_before(day: datetime, months: int) -> datetime:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    if year < 1:
        return datetime(1, 1, 1)
    last = monthrange(year, month + 1)[1]
    return day.replace(year=year, month=month + 1, day=min(day.day, last))
