"""What becomes of askings, told to the log: each is a row of ``exposures``.

The store says what is still to be told, and the log takes the same row once: whoever is killed in
between tells it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa
from django.db.models import QuerySet

from zhiyin.collect.models import Asking, AskingState
from zhiyin.collect.surveys.facts import SOURCE
from zhiyin.kernel.clock import now
from zhiyin.kernel.ids import KNOWN
from zhiyin.warehouse.log import Log

AT_ONCE = 5_000

ACTIONS: dict[str, str] = {
    AskingState.WITHHELD: "withheld",
    AskingState.BOUNCED: "bounced",
    AskingState.FAILED: "bounced",
    AskingState.STOPPED: "stopped",
}
"""What `exposures` calls a state that nothing follows."""

_TEXTS = ("id", "invitation", "action", "survey", "mode", "customer", "customer_kind", "unit",
          "about_kind", "about_id", "touchpoint", "channel", "arm", "distribution",
          "reason")  # fmt: skip
_KINDS: dict[str, pa.DataType] = {
    "row": pa.int64(),
    "occurred_at": pa.timestamp("us"),
    "experienced_at": pa.timestamp("us"),
    **dict.fromkeys(_TEXTS, pa.string()),
}
_SCHEMA = pa.schema(_KINDS)


def tell(log: Log, workspace: str) -> int:
    """Tell what is over and was not told; returns how many askings."""
    told = 0
    while True:
        found = list(untold(workspace).select_related("distribution__survey")[:AT_ONCE])
        if not found:
            return told
        write(log, workspace, [(one, ACTIONS[one.state]) for one in found])
        for state in ACTIONS:
            pks = [one.pk for one in found if one.state == state]
            # One whose state has changed meanwhile is told again.
            Asking.objects.filter(pk__in=pks, state=state).update(is_in_log=True)
        told += len(found)


def untold(workspace: str) -> QuerySet[Asking]:
    """What is over and was not told, in no order: so an index finds it among all that was."""
    return Asking.objects.filter(
        workspace__slug=workspace,
        is_in_log__in=(False,),  # SQLite looks nothing up for NOT is_in_log
        state__in=list(ACTIONS),
    ).order_by()


def write(log: Log, workspace: str, said: Sequence[tuple[Asking, str]]) -> None:
    """Append rows: each asking with an action. A reminder has its number in its id."""
    at = now()
    rows = [_row(place, one, action, at) for place, (one, action) in enumerate(said)]
    with log.begin(workspace, source=SOURCE, label="reaching") as batch:
        batch.write("exposures", pa.Table.from_pylist(rows, schema=_SCHEMA))
        batch.commit()


def _row(place: int, one: Asking, action: str, at: datetime) -> dict[str, object]:
    held = one.distribution
    lived = one.experienced_at
    number = f":{one.reminders_sent + 1}" if action == "reminded" else ""
    return {
        "row": place,
        "id": one.token + number,
        "invitation": one.token,
        "action": action,
        "survey": held.survey.key,
        "mode": held.channel,
        "channel": held.channel,
        "occurred_at": at,
        "customer": one.customer or None,
        "customer_kind": one.customer_kind or KNOWN,
        "unit": one.unit or None,
        "about_kind": one.about_kind or None,
        "about_id": one.about_id or None,
        "experienced_at": lived.replace(tzinfo=None) if lived else None,
        "touchpoint": one.touchpoint or None,
        "arm": one.arm or None,
        "distribution": held.key,
        "reason": one.reason or None,
    }
