"""Outcomes: what somebody asks the way to, and the moments at which it came about.

Of each customer one moment counts on each side, her last: whoever has called a hundred times is
one customer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from zhiyin.journey.asking import Chosen, no_such_name, read_span
from zhiyin.journey.events import EPOCH, Events, microseconds
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter, parse
from zhiyin.kernel.periods import day_start
from zhiyin.kernel.text import _
from zhiyin.warehouse import lang
from zhiyin.warehouse.where import where

Kind = Literal["event", "answer", "contact", "stopped", "stopped_ordering"]
KINDS: tuple[Kind, ...] = ("event", "answer", "contact", "stopped", "stopped_ordering")
Against = Literal["others", "earlier"]
AGAINST: tuple[Against, ...] = ("others", "earlier")

_NUMBER = r"-?\d{1,9}(?:\.\d{1,9})?"
_BAND = re.compile(rf"({_NUMBER})(?:\s*[-–]\s*({_NUMBER}))?")


@dataclass(frozen=True, slots=True)
class Band:
    """Scores from `low` to `high`, both included."""

    low: float
    high: float

    def __str__(self) -> str:
        ends = dict.fromkeys((self.low, self.high))
        return "–".join(f"{end:g}" for end in ends)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is asked about.

    Args:
        kind: ``event``: one of that name; ``answer``: an answer to a question within a band;
            ``contact``: a service contact; ``stopped``: an event after which none came for a time;
            ``stopped_ordering``: an order after which none came.
        name: of the event, the question (or the measure), the reason; of ``stopped`` the event
            that stays away. None is any.
        band: of ``answer``.
        beside: the band that is compared with; None: every other answer.
        after: of ``stopped`` and ``stopped_ordering``, how long nothing came.
        where: only such rows; of an ``event``, those for which it does not hold are the others.
    """

    kind: Kind
    name: str | None = None
    band: Band | None = None
    beside: Band | None = None
    after: timedelta | None = None
    where: Filter | None = None

    @property
    def has_others(self) -> bool:
        """Whether there are moments of the same kind that are not the outcome."""
        if self.kind == "event":
            return self.where is not None
        return self.kind != "contact" or self.name is not None


def read_outcome(
    kind: str,
    name: str | None = None,
    *,
    band: str | None = None,
    beside: str | None = None,
    after: str | None = None,
    which: str | None = None,
) -> Outcome:
    """An outcome as people say it, blank and None alike.

    Raises:
        Problem: ``journey.outcome``, ``journey.band``, ``journey.span``; a filter that cannot be
            read.
    """
    known = next((one for one in KINDS if one == kind), None)
    if known is None:
        raise _wrong(_("There is no outcome {kind}.", kind=kind),
                     _("Outcomes are: {known}.", known=", ".join(KINDS)))  # fmt: skip
    found = Outcome(
        kind=known,
        name=name or None,
        band=read_band(band) if band else None,
        beside=read_band(beside) if beside else None,
        after=read_span(after) if after else None,
        where=parse(which) if which else None,
    )
    if known in ("event", "answer") and found.name is None:
        raise _wrong(_("The outcome has no name."),
                     _("Say which event, or which question."))  # fmt: skip
    if (known == "answer") != (found.band is not None) or (found.beside and not found.band):
        raise _wrong(_("A band of scores belongs to an answer."),
                     _("Write it as 0-6, for an answer and nothing else."))  # fmt: skip
    if known.startswith("stopped") != (found.after is not None):
        raise _wrong(_("How long nothing came belongs to a customer who stopped."),
                     _("Write it as 90d, for stopped and stopped_ordering."))  # fmt: skip
    if known == "stopped_ordering" and found.name is not None:
        raise _wrong(_("Orders have no names."), _("Leave the name out."))
    return found


def read_band(text: str) -> Band:
    """Scores as people write them: ``0-6``, ``9-10``, ``1``.

    Raises:
        Problem: ``journey.band``.
    """
    found = _BAND.fullmatch(text.strip())
    low, high = (float(found[1]), float(found[2] or found[1])) if found else (1.0, 0.0)
    if low > high:
        raise Problem(
            "journey.band",
            _("“{text}” is no band of scores.", text=text),
            _("Write its lowest and its highest score: 0-6."),
        )
    return Band(low, high)


def _wrong(message: object, hint: object) -> Problem:
    return Problem("journey.outcome", message, hint)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Reach:
    """The time that the log tells of, in microseconds since 1970; None of an empty log."""

    first: int | None
    last: int | None


def reach(events: Events) -> Reach:
    """From the first event to the last, whatever is chosen."""
    rows = Events.of(events.log, events.settings, Chosen(), scope=events.reader.scope).rows()
    found = events.run(rows.aggregate(first=rows.us.min(), last=rows.us.max())).to_pylist()
    return Reach(found[0]["first"], found[0]["last"])


def moments(
    events: Events, outcome: Outcome, against: Against, within: timedelta, dates: Chosen
) -> lang.Expression:
    """One row a customer with a moment: ``customer``, ``here`` and ``there`` (microseconds since
    1970, null without one).

    ``here`` is when the outcome last came about. ``there`` is, against ``earlier``, so long before
    it as the window is; against ``others``, her last moment of the same kind that was not the
    outcome. A moment whose window, or earlier window, begins before the log's first event is left
    out.

    Args:
        dates: `start` and `end` bound the moments.

    Raises:
        Problem: ``journey.outcome``, ``journey.no-such-event``, ``filter.…``.
    """
    if against == "others" and not outcome.has_others:
        raise _wrong(_("Nothing else of this kind is there to compare with."),
                     _("Compare with the time before: earlier."))  # fmt: skip
    span = microseconds(within)
    log = reach(events)
    rows = _MADE[outcome.kind](events, outcome, log)
    zone = events.settings.timezone
    least = (log.first or 0) + span * (2 if against == "earlier" else 1)
    asked = [rows.us >= least]
    if dates.start is not None:
        asked.append(rows.us >= microseconds(day_start(dates.start, zone) - EPOCH))
    if dates.end is not None:
        asked.append(rows.us < microseconds(day_start(dates.end, zone) - EPOCH))
    rows = events.of_customers(rows.filter(*asked))
    nothing = lang.null("int64")
    found = rows.group_by("customer").aggregate(
        here=lang.ifelse(rows.is_here, rows.us, nothing).max(),
        there=lang.ifelse(rows.is_there, rows.us, nothing).max(),
    )
    if against == "earlier":
        return found.filter(found.here.notnull()).mutate(there=found.here - span)
    if outcome.after is not None:
        # Whoever stopped is compared with those who did not, not with herself the visit before.
        found = found.mutate(there=lang.ifelse(found.here.notnull(), nothing, found.there))
    return found.filter(found.here.notnull() | found.there.notnull())


def _of_event(events: Events, outcome: Outcome, _log: Reach) -> lang.Expression:
    table = lang.table(events.schema, "events")
    rows = table.filter(table.name == _code(events, "name", outcome.name))
    is_it = lang.literal(value=True)
    if outcome.where is not None:
        is_it = _holds(events, outcome.where, rows, "events")
    return _marked(rows, rows.occurred_at, is_it, ~is_it)


def _of_answer(events: Events, outcome: Outcome, _log: Reach) -> lang.Expression:
    table = lang.table(events.schema, "answers")
    questions = _codes(events, "question")
    if outcome.name in questions:
        is_asked = table.question == questions[outcome.name]
    else:
        is_asked = table.metric == _code(events, "metric", outcome.name, also=questions)
    answered = _codes(events, "answer_state").get("answered", -1)
    rows = table.filter(is_asked, table.answer_state == answered, table.score.notnull())
    rows = _only(events, outcome, rows, "answers")
    scales = events.run(rows.select("scale_min", "scale_max").distinct().limit(2))
    if scales.num_rows > 1:
        raise _wrong(_("These answers are on several scales, so no band means one thing."),
                     _("Name one question, or choose a survey with a filter."))  # fmt: skip
    is_it = _is_in(rows.score, outcome.band)
    other = ~is_it if outcome.beside is None else _is_in(rows.score, outcome.beside) & ~is_it
    return _marked(rows, lang.coalesce(rows.experienced_at, rows.occurred_at), is_it, other)


def _of_contact(events: Events, outcome: Outcome, _log: Reach) -> lang.Expression:
    table = lang.table(events.schema, "service_contacts")
    rows = _only(events, outcome, table, "service_contacts")
    if outcome.name is None:
        everything = lang.literal(value=True)
        return _marked(rows, rows.occurred_at, everything, ~everything)
    is_it = lang.coalesce(rows.reason == _code(events, "reason", outcome.name), False)
    return _marked(rows, rows.occurred_at, is_it, ~is_it)


def _of_silence(events: Events, outcome: Outcome, log: Reach) -> lang.Expression:
    table = lang.table(events.schema, "events")
    rows = table.filter(table.name.notnull())
    if outcome.name is not None:
        rows = rows.filter(rows.name == _code(events, "name", outcome.name))
    return _stops(events, outcome, rows, "events", log)


def _of_no_order(events: Events, outcome: Outcome, log: Reach) -> lang.Expression:
    return _stops(events, outcome, lang.table(events.schema, "orders"), "orders", log)


def _stops(
    events: Events, outcome: Outcome, rows: lang.Expression, table: str, log: Reach
) -> lang.Expression:
    """Rows by whether another came in time; those of whom it is not known yet are left out.

    The row itself belongs to what happened before: it is the last thing of which anything is known.
    """
    rows = _only(events, outcome, rows, table)
    wait = microseconds(outcome.after or timedelta())
    rows = rows.mutate(own=_us(rows.occurred_at))
    following = rows.own.lead().over(group_by="customer", order_by=["own", "seq"])
    rows = rows.mutate(following=following)
    comes = lang.coalesce(rows.following - rows.own <= wait, False)
    # Also of those whose next one is known already: else the newest would all have come again.
    is_known = rows.own + wait <= (log.last or 0)
    return rows.filter(is_known).select("customer", us=rows.own + 1, is_here=~comes, is_there=comes)


_MADE = {
    "event": _of_event,
    "answer": _of_answer,
    "contact": _of_contact,
    "stopped": _of_silence,
    "stopped_ordering": _of_no_order,
}


def _marked(
    rows: lang.Expression, at: lang.Value, is_here: lang.Value, is_there: lang.Value
) -> lang.Expression:
    return rows.select("customer", us=_us(at), is_here=is_here, is_there=is_there)


def _us(at: lang.Value) -> lang.Value:
    return at.delta(lang.timestamp(EPOCH), unit="microsecond")


def _only(events: Events, outcome: Outcome, rows: lang.Expression, table: str) -> lang.Expression:
    if outcome.where is None:
        return rows
    return rows.filter(_holds(events, outcome.where, rows, table))


def _holds(events: Events, asked: Filter, rows: lang.Expression, table: str) -> lang.Value:
    zone = events.settings.timezone
    return lang.coalesce(where(asked, rows, events.schema, table_name=table, zone=zone), False)


def _is_in(score: lang.Value, band: Band | None) -> lang.Value:
    found = band or Band(0, 0)
    return (score >= found.low) & (score <= found.high)


def _codes(events: Events, domain: str) -> dict[str | None, int]:
    words = events.log.words(events.settings.slug, domain)
    return {word: code for code, word in words.items()}


def _code(events: Events, domain: str, word: str | None, *, also: Iterable[str | None] = ()) -> int:
    """The code of a word, or the Problem that says which are near."""
    codes = _codes(events, domain)
    if word in codes:
        return codes[word]
    near = [one for one in (*codes, *also) if one]
    if domain == "name":
        raise no_such_name(str(word), near)
    raise _wrong(_("Nothing is called {name}.", name=word),
                 _("Known are: {known}.", known=", ".join(sorted(near)[:20])))  # fmt: skip
