"""The cases about one customer, whichever of her ids they were opened under."""

from __future__ import annotations

from zhiyin.act.cases import kept
from zhiyin.act.cases.kept import Own
from zhiyin.act.cases.models import Case
from zhiyin.unify import finding
from zhiyin.warehouse.log import Log

MOST = 20


def customer(log: Log, workspace: str, key: int, own: Own = None) -> list[Case]:
    """The newest cases about a customer that a reader sees, open ones first.

    Args:
        key: hers, after merges.
    """
    keys = [one.own for one in finding.ids_of(log, workspace, key)]
    found = kept.of(workspace, own).filter(customer__in=keys).order_by("-number")[:MOST]
    return sorted(found, key=lambda one: one.is_over)
