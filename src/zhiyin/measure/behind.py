"""The responses behind a figure: which they are, how many, and what each one said.

The rows are those that the figure counts, by the same questions, kind, window and filter; per
customer, each customer's latest. So the n of a figure and the list behind it are the same number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from zhiyin.kernel import masking
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.periods import day_start
from zhiyin.kernel.text import _
from zhiyin.kernel.wordforms import Sought
from zhiyin.measure import registry
from zhiyin.measure.requests import ScoreRequest
from zhiyin.measure.scores import prepared
from zhiyin.stats import proportion
from zhiyin.stats.totals import Totals
from zhiyin.warehouse import lang
from zhiyin.warehouse.holdings import PERSONAL
from zhiyin.warehouse.log import Log, Reader
from zhiyin.warehouse.newest import Place, newest_first
from zhiyin.warehouse.tables import COMMON, DIMENSION_PREFIX, TABLES
from zhiyin.warehouse.where import where

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

ANSWERED = "answered"
MOST_REASONS = 5


@dataclass(frozen=True, slots=True)
class Given:
    """What became of one question in one response.

    Args:
        text: what was said in her own words.
        row: the number of these words in the log, where there are any.
    """

    question: str
    metric: str
    state: str
    score: float | None
    low: float | None
    high: float | None
    choice: str | None
    text: str | None
    row: int | None

    def as_dict(self, *, sees_it: bool) -> dict[str, Any]:
        """As the API writes it; without `sees_it`, personal data in words is masked."""
        return {
            "question": self.question,
            "metric": self.metric or None,
            "state": self.state or None,
            "score": self.score,
            "scale_min": self.low,
            "scale_max": self.high,
            "choice": _words(self.choice, sees_it=sees_it),
            "text": _words(self.text, sees_it=sees_it),
            "row": self.row,
        }


def _words(text: str | None, *, sees_it: bool) -> str | None:
    return text if sees_it or not text else masking.in_text(text)


@dataclass(frozen=True, slots=True)
class Response:
    """One filling-in of a survey.

    Args:
        place: of the row in the list that it stands in.
        number: of its own row in the log; None where answers came without one.
        at: when it was given (UTC, naive).
        customer: the customer's key.
        score: of the answer that the figure counts; None in a list of all responses.
        answers: every question's state, in the order of arrival.
        columns: whatever else its row holds, by name.
    """

    place: Place
    number: int | None
    at: datetime
    customer: int
    score: float | None
    touchpoint: str | None
    channel: str | None
    answers: tuple[Given, ...]
    columns: Mapping[str, Any]

    @property
    def said(self) -> tuple[Given, ...]:
        """The questions that she answered in her own words."""
        return tuple(given for given in self.answers if given.text)

    @property
    def scored(self) -> tuple[Given, ...]:
        """The questions that she answered with a score."""
        return tuple(given for given in self.answers if given.score is not None)

    def as_dict(self, customer_id: str | None, *, sees_it: bool) -> dict[str, Any]:
        """As the API writes it.

        Args:
            customer_id: an id of the customer, where one is known.
            sees_it: whether who she is may be in it.
        """
        hers = frozenset() if sees_it else PERSONAL["responses"]
        return {
            "number": self.number,
            "at": f"{self.at.isoformat()}Z",
            "customer": customer_id if sees_it else None,
            "score": self.score,
            "touchpoint": self.touchpoint,
            "channel": self.channel,
            "answers": [one.as_dict(sees_it=sees_it) for one in self.answers],
            "columns": {name: held for name, held in self.columns.items() if name not in hers},
        }


@dataclass(frozen=True, slots=True)
class Behind:
    """The rows of a list, not read yet."""

    log: Log
    workspace: str
    rows: lang.Expression
    as_of: datetime | None = None

    def count(self) -> tuple[int, int]:
        """How many rows there are, and of how many customers."""
        query = self.rows.aggregate(n=self.rows.count(), customers=self.rows.customer.nunique())
        row = self.run(query).to_pylist()[0]
        return int(row["n"]), int(row["customers"])

    def page(self, *, limit: int, after: Place | None = None) -> list[Response]:
        """The newest rows, or those after a place, each with all that its response holds."""
        chosen = newest_first(self.rows, limit=limit, at="at", after=after)
        return self._filled(self.run(chosen, words=True).to_pylist())

    def one(self, number: int) -> Response | None:
        """The response whose row has this number, if it is in the list."""
        rows = self.run(self.rows.filter(self.rows.seq == number), words=True).to_pylist()
        return next(iter(self._filled(rows)), None)

    def _filled(self, rows: Sequence[Mapping[str, Any]]) -> list[Response]:
        ids = sorted({row["response"] for row in rows if row["response"]})
        answers = self._of("answers", "response", ids)
        said = {
            (row["source"], row["id"], row["question"]): row
            for row in self._of("verbatims", "response", ids)
        }
        own: dict[tuple[str, str], dict[str, Any]] = {
            (row["source"], row["id"]): row for row in self._of("responses", "id", ids)
        }
        alone = [row["seq"] for row in rows if not row["response"]]
        by_seq = {row["seq"]: _given(row, None) for row in self._of("answers", "seq", alone)}
        given: dict[tuple[str, str], list[Given]] = {}
        for row in sorted(answers, key=lambda row: row["seq"]):
            words = said.get((row["source"], row["id"], row["question"]))
            given.setdefault((row["source"], row["response"]), []).append(_given(row, words))
        found = []
        for listed in rows:
            key = (listed["source"], listed["response"])
            held = own.get(key, {})
            by_itself = [by_seq[listed["seq"]]] if listed["seq"] in by_seq else []
            found.append(
                Response(
                    place=Place(listed["at"], listed["seq"]),
                    number=held.get("seq"),
                    at=listed["at"],
                    customer=listed["customer"],
                    score=listed.get("score"),
                    touchpoint=listed["touchpoint"],
                    channel=listed["channel"],
                    answers=tuple(given.get(key, by_itself)),
                    columns=_columns(held),
                )
            )
        return found

    def _of(self, name: str, column: str, ids: Sequence[object]) -> list[dict[str, Any]]:
        """The rows of a table whose `column` is one of `ids`."""
        if not ids:
            return []
        table = lang.table(self.log.schema(self.workspace), name)
        query = table.filter(table[column].isin(list(ids)))
        found: list[dict[str, Any]] = self.run(query, words=True).to_pylist()
        return found

    def run(self, query: lang.Expression, *, words: bool = False) -> Any:
        """A query over the list, at its instant."""
        return self.log.execute(self.workspace, query, words=words, reader=Reader(as_of=self.as_of))


def check_asked(slug: str) -> None:
    """Refuse a measure that is read from anything but answers.

    Raises:
        Problem: ``responses.not-asked``; there is no such measure.
    """
    metric = registry.metric(slug)
    if not metric.is_asked:
        raise Problem(
            "responses.not-asked",
            _("{metric} is not read from answers: no response is behind it.", metric=metric.label),
            _("Choose a measure that customers were asked for."),
        )


def of_figure(
    log: Log,
    settings: Settings,
    request: ScoreRequest,
    *,
    state: str = ANSWERED,
    text: str | None = None,
) -> Behind:
    """The answers that a figure counts, or those that are counted beside it.

    Args:
        request: the figure; its measure is read from answers, and its groups are left out.
        state: of the answers; others than *answered* are in no figure.
        text: only responses in which these words were said; blank: any words at all.

    Raises:
        Problem: as `measure.scores.score` does.
    """
    ready = prepared(log, settings, request)
    cells = ready.cells
    if state == ANSWERED:
        facts = cells.chosen_within([ready.window])
    else:
        answers = cells.source.table("answers")
        code = cells.source.code("answer_state", state)
        facts = cells.chosen_within([ready.window], answers.filter(answers.answer_state == code))
    facts = facts.mutate(at=cells.moment(facts))
    if cells.latest and state == ANSWERED:
        facts = lang.latest(facts, of="customer", by=("at", "seq"))
    rows = facts.select(
        "seq", "at", "source", "response", "customer", "score", "touchpoint", "channel"
    )
    return Behind(log, settings.slug, _said(log, settings.slug, rows, text), request.as_of)


def of_all(
    log: Log,
    settings: Settings,
    *,
    start: date | None = None,
    end: date | None = None,
    chosen: Filter | None = None,
    text: str | None = None,
) -> Behind:
    """Every response.

    Args:
        start: the first local day.
        end: the day after the last.
        chosen: only responses for which this holds.
        text: only those in which these words were said; blank: any words at all.

    Raises:
        Problem: the filter names what is no column of responses.
    """
    schema = log.schema(settings.slug)
    rows = lang.table(schema, "responses")
    if start is not None:
        rows = rows.filter(rows.occurred_at >= lang.timestamp(day_start(start, settings.timezone)))
    if end is not None:
        rows = rows.filter(rows.occurred_at < lang.timestamp(day_start(end, settings.timezone)))
    if chosen is not None:
        zone = settings.timezone
        rows = rows.filter(where(chosen, rows, schema, table_name="responses", zone=zone))
    rows = rows.mutate(at=rows.occurred_at, response=rows.id).select(
        "seq", "at", "source", "response", "customer", "touchpoint", "channel"
    )
    return Behind(log, settings.slug, _said(log, settings.slug, rows, text))


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason that customers chose, of those that the question offers.

    Args:
        share: of the customers who chose any, with its interval; in per cent.
        n: customers who chose it, `of` so many.
    """

    question: str
    choice: str
    share: float
    low: float
    high: float
    n: int
    of: int


def reasons(found: Behind, settings: Settings) -> list[Reason]:
    """What the customers behind a list chose as their reason, the most chosen first.

    Each customer counts once for each reason. Under the smallest base there is none.
    """
    answers = lang.table(found.log.schema(found.workspace), "answers")
    chosen = answers.filter(answers.choice.notnull()).semi_join(
        found.rows.select("source", "response"), ["source", "response"]
    )
    of_each = chosen.group_by("question").aggregate(of=chosen.customer.nunique())
    counted = chosen.group_by("question", "choice").aggregate(n=chosen.customer.nunique())
    query = counted.join(of_each, "question").order_by(lang.desc("n"), "choice").limit(MOST_REASONS)
    rows = found.run(query, words=True).to_pylist()
    enough = [row for row in rows if row["of"] >= max(settings.minimum_base, 1)]
    return [_reason(row["question"] or "", row["choice"], row["n"], row["of"]) for row in enough]


def _reason(question: str, choice: str, n: int, of: int) -> Reason:
    found = proportion.estimates(_once_each(n, of))
    share, low, high = (100 * float(end) for end in (found.value, found.low, found.high))
    return Reason(question, choice, share, low, high, n, of)


def _once_each(chose: int, of: int) -> Totals:
    """The sums of `of` customers of whom each counts once and `chose` said yes."""
    k, n = float(chose), float(of)
    return Totals(n=n, customers=n, num=k, den=n, yy=k, den2=n, tt=k, tn=k, nn=n)


@dataclass(frozen=True, slots=True)
class Said:
    """One thing said in a customer's own words, from whatever source; `row` is its number."""

    row: int
    at: datetime
    text: str
    language: str | None
    touchpoint: str | None
    channel: str | None
    source: str | None


def newest_words(
    log: Log, settings: Settings, *, end: date, chosen: Filter | None = None, limit: int = 4
) -> list[Said]:
    """What customers said last before the end of a local day, whatever it is about.

    Args:
        end: the day after the last.
        chosen: only verbatims for which this holds.
    """
    schema = log.schema(settings.slug)
    said = lang.table(schema, "verbatims")
    said = said.filter(said.text.notnull())
    said = said.filter(said.occurred_at < lang.timestamp(day_start(end, settings.timezone)))
    if chosen is not None:
        zone = settings.timezone
        said = said.filter(where(chosen, said, schema, table_name="verbatims", zone=zone))
    query = newest_first(said, limit=limit).select(
        "seq", "occurred_at", "text", "language", "touchpoint", "channel", "source"
    )
    rows = log.execute(settings.slug, query, words=True).to_pylist()
    return [Said(row=row.pop("seq"), at=row.pop("occurred_at"), **row) for row in rows]


def _said(log: Log, workspace: str, rows: lang.Expression, text: str | None) -> lang.Expression:
    """Rows of responses in which these words were said, in any case."""
    if text is None:
        return rows
    said = lang.table(log.schema(workspace), "verbatims")
    held = said.filter(lang.stands_in(Sought(text.strip().lower()), said.text))
    return rows.semi_join(held.select("source", "response"), ["source", "response"])


def _given(row: Mapping[str, Any], words: Mapping[str, Any] | None) -> Given:
    return Given(
        question=row["question"] or "",
        metric=row["metric"] or "",
        state=row["answer_state"] or "",
        score=row["score"],
        low=row["scale_min"],
        high=row["scale_max"],
        choice=row["choice"],
        text=words["text"] if words else None,
        row=words["seq"] if words else None,
    )


def _columns(row: Mapping[str, Any]) -> dict[str, Any]:
    """What a response's row holds, without what is shown in a place of its own."""
    apart = {"seq", "id", "customer", "occurred_at", "touchpoint", "channel"}
    names = [c.name for c in (*COMMON, *TABLES["responses"].columns) if c.name not in apart]
    names += [name for name in row if name.startswith(DIMENSION_PREFIX)]
    return {
        name.removeprefix(DIMENSION_PREFIX): row[name]
        for name in names
        if row.get(name) is not None
    }
