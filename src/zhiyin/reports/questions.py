"""A figure's query string as a question: what the page *Scores* would show at that address."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from urllib.parse import parse_qs, urlencode

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.kernel.periods import GRAINS, Grain, local_day, months_later, step_start
from zhiyin.kernel.text import Text, _
from zhiyin.measure import registry
from zhiyin.measure.references import Against
from zhiyin.measure.references import read as read_against
from zhiyin.measure.requests import ScoreRequest
from zhiyin.reports.blocks import Dates, Figure
from zhiyin.warehouse.holdings import PERSONAL

NAMES = ("metric", "by", "every", "from", "until", "where", "kind", "question", "per", "against")
"""The names of the query string that say what is asked; others are passed over."""

LONGEST = 4_000
_COLUMNS = frozenset().union(*PERSONAL.values())

_STEPS: dict[Dates, tuple[Grain, int]] = {
    "last-week": ("week", 1),
    "last-month": ("month", 1),
    "last-quarter": ("quarter", 1),
    "last-13-weeks": ("week", 13),
    "last-12-months": ("month", 12),
}
"""Per kind of moving dates how many whole steps they are."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a figure asks.

    Args:
        against: what it is compared with; None is nothing.
    """

    request: ScoreRequest
    against: Against | None


def tidy(query: str) -> str:
    """A query string, or a whole address with one, with nothing but what a figure asks.

    Raises:
        Problem: ``reports.no-figure``; whatever the question itself is refused for.
    """
    text = query.strip()
    if len(text) > LONGEST:
        raise _no_figure()
    given = _given(text.partition("?")[2] if "?" in text else text)
    if not given.get("metric"):
        raise _no_figure()
    kept = urlencode({name: given[name] for name in NAMES if given.get(name)})
    read(kept, "UTC")
    return kept


def of(figure: Figure, settings: Settings, now: datetime) -> Question:
    """What a block asks when it is made at `now` (UTC, naive).

    Raises:
        Problem: a measure, a filter or a date that cannot be read; ``reports.personal``.
    """
    asked = read(figure.query, settings.timezone)
    if figure.dates == "own":
        return asked
    grain, count = _STEPS[figure.dates]
    end = step_start(
        local_day(now, settings.timezone), grain, settings.week_start, settings.fiscal_year_start
    )
    days = 7 * count
    start = (
        end - timedelta(days=days)
        if grain == "week"
        else months_later(end, -count * (3 if grain == "quarter" else 1))
    )
    return replace(asked, request=replace(asked.request, start=start, end=end))


def read(query: str, zone: str) -> Question:
    """The question of a query string.

    Raises:
        Problem: as `of`.
    """
    given = _given(query)
    where = parse(given["where"]) if given.get("where") else None
    by = given.get("by", "")
    _check_personal({by, *(where.columns() if where else ())})
    until = _day(given.get("until", ""), _("The last day"))
    metric = registry.metric(given.get("metric", ""))
    per = given.get("per", "")
    request = ScoreRequest(
        metric=metric.slug,
        by=(by,) if by else (),
        every=_grain(given.get("every", "")),
        start=_day(given.get("from", ""), _("The first day")),
        end=until + timedelta(days=1) if until else None,
        where=where,
        questions=(given["question"],) if given.get("question") else (),
        kind=given.get("kind") or None,
        per="answer" if per == "answer" else "customer" if per else None,
    )
    named = given.get("against", "")
    # Nothing is the rest of a figure that is not broken down.
    is_possible = named and (by or named != "rest")
    return Question(request, read_against(named, zone) if is_possible else None)


def _given(query: str) -> dict[str, str]:
    found = parse_qs(query, keep_blank_values=True, max_num_fields=50)
    return {name: values[-1].strip() for name, values in found.items() if name in NAMES}


def _check_personal(columns: set[str]) -> None:
    """A report is read by members who may not see who customers are."""
    named = next((name for name in sorted(columns) if name.split(".")[0] in _COLUMNS), "")
    if named:
        raise Problem(
            "reports.personal",
            _("A report names no customers, so no figure in it is asked by {column}.",
              column=named),
            _("Filter by what says nothing of who a customer is: channel, touchpoint, tier."),
        )  # fmt: skip


def _grain(text: str) -> Grain | None:
    if not text:
        return None
    found = next((grain for grain in GRAINS if grain == text), None)
    if found is None:
        raise Problem(
            "score.every",
            _("There are no periods called {every}.", every=text),
            _("Use one of: {known}.", known=", ".join(GRAINS)),
        )
    return found


def _day(text: str, name: Text) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Problem(
            "score.bad-date",
            _("{name}, {text}, is not a date.", name=name, text=text),
            _("Write a date as 2026-01-31."),
        ) from None


def _no_figure() -> Problem:
    return Problem(
        "reports.no-figure",
        _("This is not the address of a figure."),
        _("Open the figure on the page Scores and add it from there, or copy its address."),
    )
