"""Alerts 预警 as they are kept: found, listed, told, and how many were false."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from zhiyin.act.alerts import conditions
from zhiyin.act.alerts.models import Alert, AlertStatus
from zhiyin.act.alerts.parts import Part
from zhiyin.kernel import masking
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _
from zhiyin.stats import proportion
from zhiyin.stats.estimate import Estimate
from zhiyin.stats.totals import Totals
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log

STATUSES: Mapping[str, Text] = {
    AlertStatus.OPEN: _("open"),
    AlertStatus.NOTED: _("taken note of"),
    AlertStatus.DISMISSED: _("dismissed"),
}
NOT_JUSTIFIED = "not_justified"
REASONS: Mapping[str, Text] = {
    NOT_JUSTIFIED: _("not justified: nothing is wrong"),
    "known": _("known already"),
    "duplicate": _("the same as another"),
    "over": _("it is over"),
}
CLOSED = "closed"
"""Of either status that is over."""

MOST_LOOKED_AT = 2_000
"""For readers of a part: so many of the newest alerts of single rows are looked at."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which alerts.

    Args:
        status: a key of `STATUSES`; `CLOSED`; ``all``; blank is open.
        severity: blank is every.
        rule: number of a rule.
        text: stands in the name of the rule.
    """

    status: str = ""
    severity: str = ""
    rule: int | None = None
    text: str = ""


def of(workspace: str) -> QuerySet[Alert]:
    """The alerts of a workspace, the newest first."""
    found = Alert.objects.filter(workspace__slug=workspace)
    return found.select_related("workspace", "rule", "unit").order_by("-number")


def chosen(workspace: str, asked: Chosen) -> QuerySet[Alert]:
    """Those that pass.

    Raises:
        Problem: ``alerts.status``.
    """
    found = of(workspace).filter(_status(asked.status))
    if asked.severity:
        found = found.filter(severity=asked.severity)
    if asked.rule is not None:
        found = found.filter(rule__number=asked.rule)
    if asked.text.strip():
        found = found.filter(rule_name__icontains=asked.text.strip())
    return found


def seen_by(found: QuerySet[Alert], part: Part, log: Log) -> QuerySet[Alert]:
    """Of these alerts, those that somebody may see.

    In a scope that are alerts about rows that she may read, and about figures of her branch of
    the tree.

    Args:
        log: as she may read it.
    """
    if part.scope is None:
        return found
    return found.filter(pk__in=_of_a_part(found, part, log))


def get(workspace: str, number: int) -> Alert:
    """The alert of this number.

    Raises:
        Problem: ``alerts.none``.
    """
    found = of(workspace).filter(number=number).first()
    if found is None:
        raise none_such(number)
    return found


def get_for(part: Part, log: Log, number: int) -> Alert:
    """The alert of this number, for somebody who may see it.

    Raises:
        Problem: ``alerts.none``, also where she may not.
    """
    found = seen_by(of(part.workspace).filter(number=number), part, log).first()
    if found is None:
        raise none_such(number)
    return found


def false_share(
    workspace: str, *, others_not_justified: Collection[int] = (), others_over: Collection[int] = ()
) -> Estimate | None:
    """Of the alerts that are over, the share that was not justified, with Wilson's interval.

    Args:
        others_not_justified: numbers of alerts that were judged so elsewhere: as a case.
        others_over: numbers of those that were done elsewhere.
    """
    over = dict(
        Alert.objects.filter(workspace__slug=workspace)
        .exclude(status=AlertStatus.OPEN)
        .values_list("number", "reason")
    )
    judged = {number: reason == NOT_JUSTIFIED for number, reason in over.items()}
    judged |= dict.fromkeys(others_over, False)
    judged |= dict.fromkeys(others_not_justified, True)
    if not judged:
        return None
    values = [float(one) for one in judged.values()]
    return proportion.estimate(Totals.of(values, range(len(values))))


def none_such(number: int) -> Problem:
    """That there is no such alert."""
    return Problem(
        "alerts.none",
        _("There is no alert {number}.", number=number),
        _("`zhiyin alert list` shows those that there are."),
    )


def as_dict(alert: Alert, *, sees_it: bool) -> dict[str, Any]:
    """An alert as the command line and the API write it: no words of customers are in it.

    Args:
        sees_it: whether personal data in what colleagues wrote is told.
    """
    condition = conditions.shown(conditions.read(alert.condition), sees_it=sees_it)
    return {
        "number": alert.number,
        "rule": alert.rule.number if alert.rule else None,
        "rule_name": alert.rule_name,
        "rule_version": alert.rule_version,
        "kind": condition["kind"],
        "condition": condition,
        "severity": alert.severity,
        "status": alert.status,
        "unit": alert.unit.key if alert.unit else None,
        "touchpoint": alert.touchpoint or None,
        "row": {"table": alert.table, "number": alert.row} if alert.table else None,
        "figures": alert.figures,
        "happened_at": _written(alert.happened_at),
        "fired_at": _written(alert.fired_at),
        "reason": alert.reason or None,
        "note": (alert.note if sees_it else masking.in_text(alert.note)) or None,
        "closed_by": alert.closed_by or None,
        "closed_at": _written(alert.closed_at),
    }


def known_status(text: str) -> str:
    """A status, ``all`` or `CLOSED`.

    Raises:
        Problem: ``alerts.status``.
    """
    if text in STATUSES or text in ("all", CLOSED):
        return text
    raise Problem(
        "alerts.status",
        _("No alert has the status {status}.", status=text[:40] or "“”"),
        _("Use one of: {known}.", known=", ".join([*map(str, STATUSES), CLOSED, "all"])),
    )


def _status(text: str) -> Q:
    status = known_status(text or AlertStatus.OPEN)
    if status == "all":
        return Q()
    return ~Q(status=AlertStatus.OPEN) if status == CLOSED else Q(status=status)


def _of_a_part(found: QuerySet[Alert], part: Part, log: Log) -> list[int]:
    slug = part.workspace
    rows = list(
        found.exclude(table="").order_by("-number").values_list("pk", "table", "row")
        [:MOST_LOOKED_AT]
    )  # fmt: skip
    visible: set[tuple[str, int]] = set()
    for table in {table for _pk, table, _row in rows}:
        facts = lang.table(log.schema(slug), table)
        seqs = [row for _pk, of, row in rows if of == table]
        query = facts.filter(facts.seq.isin(seqs)).select("seq")
        visible |= {(table, one["seq"]) for one in log.execute(slug, query).to_pylist()}
    mine = [pk for pk, table, row in rows if (table, row) in visible]
    mine += found.filter(
        table="", is_of_a_part=True, unit__key__in=part.units, workspace__slug=slug
    ).values_list("pk", flat=True)
    return mine


def _written(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
