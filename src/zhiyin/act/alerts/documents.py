"""Alerts as whole documents: the same for the command line and the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zhiyin.accounts.workspaces import Settings
from zhiyin.act.alerts import fired, saying
from zhiyin.act.alerts.models import Alert
from zhiyin.stats.estimate import Estimate
from zhiyin.warehouse.log import Log


def listed(
    alerts: Sequence[Alert], log: Log, settings: Settings, *, sees_it: bool
) -> list[dict[str, Any]]:
    """Alerts with why they fired, in the language of the moment.

    Args:
        log: as whoever asks may read it.
        sees_it: whether personal data is told.
    """
    quotes = saying.quotes(log, settings.slug, alerts)
    found = []
    for alert in alerts:
        quote = quotes.get(alert.number)
        found.append(
            {
                **fired.as_dict(alert, sees_it=sees_it),
                "title": saying.title(alert),
                "why": [str(one) for one in saying.why(alert, quote, sees_it=sees_it)],
                "text": saying.quoted(quote, sees_it=sees_it) if quote and quote.text else None,
            }
        )
    return found


def share(found: Estimate | None) -> dict[str, Any] | None:
    """The share of alerts that were not justified, from 0 to 1."""
    if found is None:
        return None
    return {"share": found.value, "low": found.low, "high": found.high, "n": found.n}
