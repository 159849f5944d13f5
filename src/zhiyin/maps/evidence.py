"""What a mark rests on: figures that are asked anew, words by where they stand in the log, links.

Nothing of a customer is kept with a mark: her words are read from the log whenever somebody looks,
and are gone when she is erased.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel import masking
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.periods import Period, local_day
from zhiyin.kernel.text import _
from zhiyin.maps.models import Evidence, Pin
from zhiyin.measure import asking, comparisons, registry, scores
from zhiyin.measure.asked import asked
from zhiyin.measure.asking import Question
from zhiyin.measure.comparisons import Comparison
from zhiyin.measure.scores import Scores
from zhiyin.warehouse import lang
from zhiyin.warehouse.holdings import PERSONAL
from zhiyin.warehouse.log import Log, Reader

LONGEST = 4_000
"""Of an address of a figure."""
LONGEST_URL = 500
DIGITS = 18
"""A number of the log has at most so many."""

BEGINNING = date(1970, 1, 1)
"""Before whatever a log holds: the first day of a figure without one."""

ONE_FIGURE = dict.fromkeys(
    (
        "by", "every", "rolling", "against", "group", "other", "other_from", "other_until",
        "without", "drop",
    ),
    "",
)  # fmt: skip
"""A mark rests on the figure of all that is asked, compared with its own past alone."""

_COLUMNS = frozenset().union(*PERSONAL.values())


@dataclass(frozen=True, slots=True)
class Change:
    """How a figure of the days since a mark was made differs from that of the days before it.

    The days before are the figure's own, as they were on the day on which the mark was made; the
    days since are its own of today, none of them earlier than that day. No day is on both sides,
    so no answer is.

    Args:
        start, end: the days since, half-open.
        before_start, before_end: the days before.
        row: the comparison, one test.
        better: which way is good.
    """

    start: date
    end: date
    before_start: date
    before_end: date
    row: Comparison
    better: str

    @property
    def tone(self) -> str:
        """``good`` or ``bad`` where the difference is more than chance, else ``mid``."""
        if not self.row.marked or self.row.difference is None:
            return "mid"
        return "good" if (self.row.difference > 0) == (self.better == "up") else "bad"

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        is_open = self.before_start == BEGINNING
        return {
            "from": self.start,
            "to": self.end,
            "before_from": None if is_open else self.before_start,
            "before_to": self.before_end,
            "difference": self.row.difference,
            "low": self.row.low,
            "high": self.row.high,
            "p": self.row.p,
            "marked": self.row.marked,
            "state": self.row.state,
        }


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as it is now.

    Args:
        query: of the page *Scores*.
        found: None where it cannot be made; `problem` says why.
        change: None where no whole day has passed since the mark was made, or none before it is
            the figure's.
    """

    row: Evidence
    query: str
    found: Scores | None = None
    change: Change | None = None
    problem: Problem | None = None

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        found = self.found
        told = {} if found is None else scores.heading(found) | found.total.as_dict()
        names = (
            "metric", "unit", "from", "to", "value", "low", "high", "n", "customers", "state",
            "flags",
        )  # fmt: skip
        return {
            **_head(self.row),
            "query": self.query,
            **{name: told.get(name) for name in names},
            "change": self.change.as_dict() if self.change else None,
            "problem": str(self.problem.message) if self.problem else None,
        }


@dataclass(frozen=True, slots=True)
class Words:
    """What a customer said.

    Args:
        seq: of these words in the log.
        text: blank where they are gone, or not for this reader to see.
        question, touchpoint, channel: blank where they are not said.
    """

    row: Evidence
    seq: int
    text: str = ""
    question: str = ""
    touchpoint: str = ""
    channel: str = ""
    day: date | None = None

    @property
    def is_gone(self) -> bool:
        """Whether nobody, or not this reader, can read them any more."""
        return not self.text

    @property
    def about(self) -> str:
        """What they are about, and of which day."""
        return " · ".join(
            str(part) for part in (self.question, self.touchpoint, self.channel, self.day) if part
        )

    def as_dict(self, *, sees_it: bool) -> dict[str, Any]:
        """As the command line and the API write it; without `sees_it`, personal data is masked."""
        text = self.text if sees_it else masking.in_text(self.text)
        return {
            **_head(self.row),
            "row": self.seq,
            "text": text or None,
            "question": self.question or None,
            "touchpoint": self.touchpoint or None,
            "channel": self.channel or None,
            "day": self.day,
            "is_gone": self.is_gone,
        }


@dataclass(frozen=True, slots=True)
class Link:
    """An address elsewhere."""

    row: Evidence
    url: str

    @property
    def host(self) -> str:
        """Where it leads."""
        return urlsplit(self.url).hostname or ""

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {**_head(self.row), "url": self.url, "host": self.host}


Shown = Figure | Words | Link


def _head(row: Evidence) -> dict[str, Any]:
    return {
        "number": row.pk,
        "kind": row.kind,
        "added_by": row.added_by,
        "added_at": row.added_at.isoformat(),
    }


def as_dict(one: Shown, *, sees_it: bool) -> dict[str, Any]:
    """Evidence as the command line and the API write it."""
    return one.as_dict(sees_it=sees_it) if isinstance(one, Words) else one.as_dict()


# What may be kept


def figure_of(address: str, log: Log, settings: Settings, now: datetime) -> dict[str, str]:
    """What is kept of a figure: the query of an address of *Scores* that asks for it alone.

    Args:
        address: of the page, or its query string.

    Raises:
        Problem: ``pins.no-figure``, ``pins.personal``; whatever the question is refused for.
    """
    text = address.strip()
    held = _held(text.partition("?")[2] if "?" in text else text) if len(text) <= LONGEST else {}
    if not held.get("metric"):
        raise Problem(
            "pins.no-figure",
            _("This is not the address of a figure."),
            _("Open the figure on the page Scores and pin it from there, or copy its address."),
        )
    # The page takes another measure where one is not there; here that is said.
    registry.metric(held["metric"])
    known, schema = asked(log, settings.slug), log.schema(settings.slug)
    given = asking.given_of({**held, **ONE_FIGURE}, known, schema, log, settings.slug)
    query = asking.query_of({**given, **ONE_FIGURE}, asking.chosen_of(held))
    question_of(query, log, settings, now)
    return {"query": query}


def words_of(row: str | int, log: Log, settings: Settings) -> dict[str, int]:
    """What is kept of words: their number in the log.

    Raises:
        Problem: ``pins.words-gone``: there are none that whoever asks may read.
    """
    text = str(row).strip()
    seq = int(text) if text.isascii() and text.isdecimal() and len(text) <= DIGITS else -1
    if seq not in _read(log, settings, [seq]):
        raise Problem(
            "pins.words-gone",
            _("These words are not there, or not for you to see."),
            _("Choose others on the page Responses."),
        )
    return {"row": seq}


def link_of(url: str) -> dict[str, str]:
    """What is kept of a link.

    Raises:
        Problem: ``pins.link``.
    """
    text = url.strip()
    try:
        parts = urlsplit(text)
        is_right = parts.scheme in ("http", "https") and bool(parts.hostname)
        is_right = is_right and parts.username is None and parts.port != 0
    except ValueError:
        is_right = False
    if not is_right or len(text) > LONGEST_URL or not text.isprintable() or " " in text:
        raise Problem(
            "pins.link",
            _("This is no address of a page."),
            _("It begins with http:// or https://, and has at most {most} characters.",
              most=LONGEST_URL),
        )  # fmt: skip
    return {"url": text}


def question_of(query: str, log: Log, settings: Settings, now: datetime) -> Question:
    """The question that a figure asks at an instant (UTC, naive).

    Raises:
        Problem: a measure, a filter or a date that cannot be read; ``pins.personal``.
    """
    held = _held(query)
    given = {name: held.get(name, "") for name in asking.FIELDS}
    found = asking.read({**given, **ONE_FIGURE}, asking.chosen_of(held), log, settings, now)
    for name in sorted(found.columns):
        if name.split(".")[0] in _COLUMNS:
            raise Problem(
                "pins.personal",
                _("A mark names no customers, so no figure of it is asked by {column}.",
                  column=name),
                _("Filter by what says nothing of who a customer is: channel, touchpoint, tier."),
            )  # fmt: skip
    return found


def _held(query: str) -> dict[str, str]:
    found = parse_qs(query, keep_blank_values=True, max_num_fields=100)
    return {name: values[-1].strip() for name, values in found.items()}


# What is shown


def shown(pin: Pin, log: Log, settings: Settings, now: datetime) -> list[Shown]:
    """All that a mark rests on, in the order in which it was added.

    Args:
        log: as this reader may read it: figures are of her scope, and so are words.
        now: the instant of asking (UTC, naive).
    """
    rows = list(pin.evidence.order_by("pk"))
    said = _read(log, settings, [one.says["row"] for one in rows if one.kind == "words"])
    return [_shown(one, pin, said, log, settings, now) for one in rows]


def _shown(
    row: Evidence,
    pin: Pin,
    said: Mapping[int, Mapping[str, Any]],
    log: Log,
    settings: Settings,
    now: datetime,
) -> Shown:
    if row.kind == "link":
        return Link(row, row.says["url"])
    if row.kind == "figure":
        return _figure(row, pin, log, settings, now)
    seq = row.says["row"]
    held = said.get(seq)
    if held is None:
        return Words(row, seq)
    return Words(
        row,
        seq,
        text=held["text"] or "",
        question=held["question"] or "",
        touchpoint=held["touchpoint"] or "",
        channel=held["channel"] or "",
        day=local_day(held["occurred_at"], settings.timezone),
    )


def _figure(row: Evidence, pin: Pin, log: Log, settings: Settings, now: datetime) -> Figure:
    query = row.says["query"]
    try:
        question = question_of(query, log, settings, now)
        found = scores.score(log, settings, question.request, now=now)
        change = _change(question, pin.made_at, log, settings, now)
    except Problem as problem:
        if problem.code.startswith("log."):
            raise  # the log is away or busy: the page says so
        return Figure(row, query, problem=problem)
    return Figure(row, query, found, change)


def _change(
    question: Question, made_at: datetime, log: Log, settings: Settings, now: datetime
) -> Change | None:
    made, today = (
        local_day(at, settings.timezone)
        for at in (made_at.astimezone(UTC).replace(tzinfo=None), now)
    )
    then = asking.dates(question.given, settings, made_at.astimezone(UTC).replace(tzinfo=None))
    before = then[0] or BEGINNING, min(then[1] or made, made)
    own = question.request.start, question.request.end
    since = max(own[0] or made, made), min(own[1] or today, today)
    if not (before[0] < before[1] and since[0] < since[1]):
        return None
    request = replace(question.request, start=since[0], end=since[1])
    against = Period.of_days(*before, settings.timezone)
    try:
        found = comparisons.compare(log, settings, request, against, now=now)
    except Problem as problem:
        if problem.code.startswith("log."):
            raise
        return None  # nothing was asked on one of the sides, or nothing that may be mixed
    if not found.rows:
        return None
    return Change(*since, *before, found.rows[0], found.better)


def _read(log: Log, settings: Settings, rows: list[int]) -> dict[int, Mapping[str, Any]]:
    """The words of these rows that the log shows to this reader, by row."""
    if not rows:
        return {}
    said = lang.table(log.schema(settings.slug), "verbatims")
    query = said.filter(said.seq.isin(rows)).select(
        "seq", "text", "question", "touchpoint", "channel", "occurred_at"
    )
    # By the id's own key: an erasure names those, whoever was one with whom when this was pinned.
    found = log.execute(settings.slug, query, reader=Reader(is_merged=False), words=True)
    return {row["seq"]: row for row in found.to_pylist()}
