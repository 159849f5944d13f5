"""A figure's query string as a question: what the page *Scores* shows at that address."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import parse_qs

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.measure import asking, registry
from zhiyin.measure.asked import asked
from zhiyin.measure.asking import Question
from zhiyin.reports.blocks import Figure
from zhiyin.warehouse.holdings import PERSONAL
from zhiyin.warehouse.log import Log

LONGEST = 4_000
_COLUMNS = frozenset().union(*PERSONAL.values())


def tidy(query: str, log: Log, settings: Settings) -> str:
    """A query string, or a whole address with one, with all that the page would fill in.

    Raises:
        Problem: ``reports.no-figure``; whatever the question itself is refused for.
    """
    text = query.strip()
    held = _held(text.partition("?")[2] if "?" in text else text) if len(text) <= LONGEST else {}
    if not held.get("metric"):
        raise Problem(
            "reports.no-figure",
            _("This is not the address of a figure."),
            _("Open the figure on the page Scores and add it from there, or copy its address."),
        )
    # The page takes another measure where one is not there; here that is said.
    registry.metric(held["metric"])
    known, schema = asked(log, settings.slug), log.schema(settings.slug)
    given = asking.given_of(held, known, schema, log, settings.slug)
    whole = asking.query_of(given, asking.chosen_of(held))
    read(whole, log, settings, clock.now())
    return whole


def of(figure: Figure, log: Log, settings: Settings, now: datetime) -> Question:
    """What a block asks when it is made at `now` (UTC, naive).

    Raises:
        Problem: as `read`.
    """
    return read(figure.query, log, settings, now, dates=figure.dates)


def read(query: str, log: Log, settings: Settings, now: datetime, *, dates: str = "") -> Question:
    """The question of a query string.

    Args:
        dates: a key of `asking.PRESETS` in place of its own dates.

    Raises:
        Problem: a measure, a filter or a date that cannot be read; ``reports.personal``.
    """
    held = _held(query)
    given = {name: held.get(name, "") for name in asking.FIELDS}
    if dates:
        given["period"] = dates
    found = asking.read(given, asking.chosen_of(held), log, settings, now)
    _check_personal(found)
    return found


def _held(query: str) -> dict[str, str]:
    found = parse_qs(query, keep_blank_values=True, max_num_fields=100)
    return {name: values[-1].strip() for name, values in found.items()}


def _check_personal(question: Question) -> None:
    """A report is read by members who may not see who customers are."""
    named = (name for name in sorted(question.columns) if name.split(".")[0] in _COLUMNS)
    column = next(named, "")
    if column:
        raise Problem(
            "reports.personal",
            _("A report names no customers, so no figure in it is asked by {column}.",
              column=column),
            _("Filter by what says nothing of who a customer is: channel, touchpoint, tier."),
        )  # fmt: skip
