"""A figure's query string as a question: what its page shows at that address."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import parse_qs

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.measure import asking, registry
from zhiyin.measure.asked import asked
from zhiyin.measure.asking import Question
from zhiyin.reports import journeys
from zhiyin.reports.blocks import SCORES, Figure
from zhiyin.unify import names, segments
from zhiyin.warehouse.holdings import PERSONAL
from zhiyin.warehouse.log import Log

LONGEST = 4_000


@dataclass(frozen=True, slots=True)
class Named:
    """A figure by its page and that page's query string."""

    page: str
    query: str

    @property
    def address(self) -> str:
        """As `tidy` reads it again."""
        return f"{self.page}/?{self.query}"


_COLUMNS = frozenset().union(*PERSONAL.values())


def tidy(query: str, log: Log, settings: Settings) -> Named:
    """The figure of a query string of *Scores*, or of a whole address of any of its pages, with all
    that the page would fill in.

    Raises:
        Problem: ``reports.no-figure``; whatever the question itself is refused for.
    """
    text = query.strip()
    path, _mark, rest = text.partition("?")
    page = next((one for one in journeys.FIELDS if path.rstrip("/").endswith(one)), "")
    if page and len(text) <= LONGEST:
        told = journeys.read(page, rest, settings, clock.now())
        _check_journeys(told, settings)
        return Named(page, told.query)
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
    return Named(SCORES, whole)


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
    _check_personal(found.columns)
    return found


def of_journeys(
    figure: Figure,
    settings: Settings,
    now: datetime,
    *,
    days: tuple[date | None, date | None] | None = None,
) -> journeys.Asked:
    """What a block of a page of journeys asks when it is made at `now`.

    Args:
        days: the first, and the day after the last, in place of its own.

    Raises:
        Problem: as `journeys.read`; ``reports.personal``.
    """
    found = journeys.read(figure.page, figure.query, settings, now, dates=figure.dates, days=days)
    _check_journeys(found, settings)
    return found


def _held(query: str) -> dict[str, str]:
    found = parse_qs(query, keep_blank_values=True, max_num_fields=100)
    return {name: values[-1].strip() for name, values in found.items()}


def _check_journeys(asked: journeys.Asked, settings: Settings) -> None:
    _check_personal(asked.columns)
    for text in (asked.chosen.customers, *journeys.segments_of(asked.address)):
        rule = segments.rule_of(settings.slug, text)
        _refuse(name for name in sorted(rule.columns() if rule else ()) if names.says_who(name))


def _check_personal(columns: Iterable[str]) -> None:
    """A report is read by members who may not see who customers are."""
    _refuse(name for name in sorted(columns) if name.split(".")[0] in _COLUMNS)


def _refuse(named: Iterator[str]) -> None:
    column = next(named, "")
    if column:
        raise Problem(
            "reports.personal",
            _("A report names no customers, so no figure in it is asked by {column}.",
              column=column),
            _("Filter by what says nothing of who a customer is: channel, touchpoint, tier."),
        )  # fmt: skip
