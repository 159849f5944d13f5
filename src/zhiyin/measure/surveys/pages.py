"""Page by page: who stopped there, and how long it takes; out of the times of the answers.

The log has no time at which a page was left. What it has is when each answer was given, so a page
takes from the last answer on the pages before it (at first from the start) to its own last answer.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from zhiyin.kernel.filters import Filter
from zhiyin.kernel.text import _
from zhiyin.measure.metric import NO_CODE
from zhiyin.measure.surveys.rates import CONFIDENCE, Share, share_of
from zhiyin.measure.surveys.reading import ANSWERED, Fillings, Ints, Reading, Times
from zhiyin.measure.surveys.sheets import Column, Lead, Sheet
from zhiyin.stats import middle
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

PAUSE_SECONDS = 1800.0
"""After so long without an answer she was elsewhere: the time is of no page."""

UNSEEN = ("hidden", "not_reached")


@dataclass(frozen=True, slots=True)
class Lasted:
    """A median in seconds with its interval, and the quartiles, of `n` responses."""

    n: int
    median: float
    low: float | None
    high: float | None
    lower_quartile: float
    upper_quartile: float


@dataclass(frozen=True, slots=True)
class Page:
    """One page.

    Args:
        items: how many it has.
        seen: responses that were shown it; None where too few customers were.
        stopped: of these, which ended nowhere and saw nothing after it.
        dismissed: how many of them said that they would rather not answer.
        seconds: None where too few customers' times are known.
    """

    name: str
    items: int
    state: Literal["ok", "too_few"]
    seen: int | None = None
    customers: int | None = None
    stopped: Share | None = None
    dismissed: int | None = None
    seconds: Lasted | None = None


@dataclass(frozen=True, slots=True)
class Pages:
    """A survey page by page, in the order of its newest version."""

    key: str
    as_of: datetime
    minimum_base: int
    responses: int
    customers: int
    pages: tuple[Page, ...]

    @property
    def is_shown(self) -> bool:
        """Whether enough customers have a response."""
        return self.customers >= max(self.minimum_base, 1)

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {
            "key": self.key,
            "as_of": self.as_of.isoformat() + "Z",
            "confidence": CONFIDENCE,
            "minimum_base": self.minimum_base,
            "state": "ok" if self.is_shown else "too_few",
            "responses": self.responses if self.is_shown else None,
            "pages": [asdict(one) for one in self.pages],
        }

    def lead(self) -> Lead | None:
        """None: no page stands for the others."""
        return None

    def sheets(self) -> tuple[Sheet, ...]:
        """The pages."""
        rows = []
        for one in self.pages:
            row: dict[str, Any] = {"page": one.name, "items": one.items, "seen": one.seen,
                                   "dismissed": one.dismissed}  # fmt: skip
            if one.stopped is not None:
                row |= {"stopped": int(one.stopped.n), "value": one.stopped.value,
                        "low": one.stopped.low, "high": one.stopped.high}  # fmt: skip
            if one.seconds is not None:
                row |= {"median": one.seconds.median, "faster": one.seconds.low,
                        "slower": one.seconds.high, "lower_quartile": one.seconds.lower_quartile,
                        "upper_quartile": one.seconds.upper_quartile}  # fmt: skip
            rows.append(row)
        return (
            Sheet(
                "pages", _("Break-off and time by page"),
                _("Stopped here: of the responses that were shown the page, those that are over"
                  " without an end and saw none after it. Time: from the last answer on the pages"
                  " before to the last on this one, at the median; where she paused for more than"
                  " 30 minutes, or came back to change an earlier page, it is not counted."),
                (Column("page", _("Page")), Column("items", _("Items"), "count", is_minor=True),
                 Column("seen", _("Saw it"), "count"),
                 Column("stopped", _("Stopped here"), "count"), Column("value", "%", "percent"),
                 Column("low", _("Interval"), "percent", upper="high"),
                 Column("dismissed", _("Would rather not"), "count", is_minor=True),
                 Column("median", _("Time"), "lasted"),
                 Column("faster", _("Interval"), "lasted", upper="slower"),
                 Column("lower_quartile", _("Middle half"), "lasted", upper="upper_quartile",
                        is_minor=True)),
                tuple(rows), bar="value",
            ),
        )  # fmt: skip


def pages(
    log: Log,
    settings: Settings,
    key: str,
    *,
    version: int | None = None,
    where: Filter | None = None,
    now: datetime | None = None,
) -> Pages:
    """Who stopped on which page, and how long each takes.

    Args:
        where: of responses.

    Raises:
        Problem: ``survey.none``, ``survey.no-version``, ``survey.not-published``.
    """
    reading = Reading.of(log, settings, key, version=version, where=where, now=now)
    settings = reading.settings
    fillings = reading.fillings()
    made = Pages(key, reading.as_of, settings.minimum_base, len(fillings), fillings.customers, ())
    if not made.is_shown:
        return made
    names = of_survey(reading)
    seen = visits(reading, fillings, names)
    last_seen = np.full(len(fillings), -1)
    np.maximum.at(last_seen, seen.filling[seen.is_seen], seen.page[seen.is_seen])
    is_over = ~np.isnat(fillings.last) & ~fillings.has_ended
    dismissed = fillings.flagged("dismissed")
    took = seconds(fillings, seen)
    found = []
    for at, (name, series) in enumerate(names.items()):
        here = seen.filling[(seen.page == at) & seen.is_seen]
        customers = len(np.unique(fillings.customer[here]))
        if customers < reading.minimum:
            found.append(Page(name, len(series), "too_few"))
            continue
        stops = is_over[here] & (last_seen[here] == at)
        times = took[seen.page == at]
        known = ~np.isnan(times)
        of_times = fillings.customer[seen.filling[seen.page == at][known]]
        is_told = len(np.unique(of_times)) >= reading.minimum
        found.append(
            Page(
                name, len(series), "ok", len(here), customers,
                share_of(stops, fillings.customer[here]), int(dismissed[here][stops].sum()),
                lasted(times[known]) if is_told else None,
            )
        )  # fmt: skip
    return Pages(key, reading.as_of, settings.minimum_base, len(fillings), fillings.customers,
                 tuple(found))  # fmt: skip


def lasted(seconds_: NDArray[np.float64]) -> Lasted | None:
    """The median of times; None without any."""
    found = middle.estimate(seconds_, confidence=CONFIDENCE)
    if found is None:
        return None
    lower, upper = (float(one) for one in np.quantile(seconds_, [0.25, 0.75]))
    return Lasted(len(seconds_), found.value, found.low, found.high, lower, upper)


def of_survey(reading: Reading) -> dict[str, list[str]]:
    """The pages by name, each with its series; a series stands where it was asked last."""
    found: dict[str, list[str]] = {}
    placed: set[str] = set()
    for _number, survey in reversed(reading.versions):
        for page in survey.pages:
            for question in page.questions:
                for item in question.items():
                    if item.series not in placed:
                        placed.add(item.series)
                        found.setdefault(page.name, []).append(item.series)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Visits:
    """A response on a page each.

    Args:
        filling: the place of the response.
        page: the place of the page.
        is_seen: whether it was shown, and not only decided about.
        last: when the last answer on it was given; NaT without one.
    """

    filling: Ints
    page: Ints
    is_seen: NDArray[np.bool_]
    last: Times


def visits(reading: Reading, fillings: Fillings, names: dict[str, list[str]]) -> Visits:
    """Every response on every page of which something is known, by response and page."""
    rows = reading.answers("question", "answer_state", "occurred_at")
    page = lang.cases(
        *(
            (rows.question.isin(reading.codes("question", series) or [NO_CODE]), at)
            for at, series in enumerate(names.values())
        ),
        else_=-1,
    )
    said = rows.answer_state.isin(reading.codes("answer_state", [*ANSWERED, "skipped"]))
    unseen = rows.answer_state.isin(reading.codes("answer_state", UNSEEN))
    rows = rows.mutate(
        page=page.cast("int32"),
        seen=lang.ifelse(unseen, 0, 1),
        said_at=lang.ifelse(said, rows.occurred_at, lang.null()),
    )
    query = rows.filter(rows.page >= 0).group_by("filling", "page")
    found = reading.run(
        query.aggregate(
            seen=lambda one: one.seen.max(), last=lambda one: one.said_at.max()
        ).order_by("filling", "page"),
        words=False,
    )
    return Visits(
        fillings.places(found["filling"]),
        found["page"].to_numpy().astype(np.int64),
        found["seen"].to_numpy() > 0,
        found["last"].to_numpy().astype("datetime64[us]"),
    )


def seconds(fillings: Fillings, seen: Visits) -> NDArray[np.float64]:
    """How long each visit took; nan where it is not known (see the module)."""
    found = np.full(len(seen.filling), np.nan)
    before = fillings.started.copy()
    # By response and page, so the pages before one have been passed when it comes.
    for at in _by_page(seen):
        filling, last = seen.filling[at], seen.last[at]
        gap = (last - before[filling]) / np.timedelta64(1, "s")
        with np.errstate(invalid="ignore"):
            counts = (gap > 0) & (gap <= PAUSE_SECONDS)
        found[at] = np.where(counts, gap, np.nan)
        before[filling] = np.fmax(before[filling], last)
    return found


def _by_page(seen: Visits) -> list[Ints]:
    return [np.flatnonzero(seen.page == one) for one in np.unique(seen.page)]
