"""Customers' own words that may be put into a report: found by what they say, the newest first."""

from __future__ import annotations

from typing import Any

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.periods import local_day
from zhiyin.kernel.text import _
from zhiyin.kernel.wordforms import Sought
from zhiyin.reports.content import Quote
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log, Reader
from zhiyin.warehouse.newest import newest_first

SHOWN = 20

_COLUMNS = ("seq", "customer", "text", "touchpoint", "channel", "occurred_at")


def search(log: Log, settings: Settings, text: str) -> list[Quote]:
    """The newest verbatims that hold a text, whatever its capitals.

    Args:
        text: blank finds all.
    """
    said = lang.table(log.schema(settings.slug), "verbatims")
    found = said.filter(said.text.notnull())
    if text.strip():
        found = found.filter(lang.stands_in(Sought(text.strip().lower()), found.text))
    query = newest_first(found, limit=SHOWN).select(*_COLUMNS)
    rows = log.execute(settings.slug, query, reader=Reader(is_merged=False), words=True)
    return [_quote(row, settings.timezone) for row in rows.to_pylist()]


def read(log: Log, settings: Settings, rows: tuple[int, ...], reader: Reader) -> dict[int, Quote]:
    """The verbatims of these rows that `reader` may read, by row."""
    if not rows:
        return {}
    said = lang.table(log.schema(settings.slug), "verbatims")
    query = said.filter(said.seq.isin(list(rows))).select(*_COLUMNS)
    found = log.execute(settings.slug, query, reader=reader, words=True).to_pylist()
    return {row["seq"]: _quote(row, settings.timezone) for row in found}


def check(log: Log, settings: Settings, rows: tuple[int, ...], reader: Reader) -> None:
    """Refuse rows that `reader` does not read.

    Raises:
        Problem: ``reports.words-gone``.
    """
    if set(rows) - read(log, settings, rows, reader).keys():
        raise Problem(
            "reports.words-gone",
            _("These words are not there any more."),
            _("Choose others on the page Responses."),
        )


def _quote(row: dict[str, Any], timezone: str) -> Quote:
    """A row of verbatims as a report shows it."""
    day = local_day(row["occurred_at"], timezone)
    about = " · ".join(str(part) for part in (row["touchpoint"], row["channel"], day) if part)
    return Quote(row["seq"], row["customer"] or 0, row["text"] or "", about)
