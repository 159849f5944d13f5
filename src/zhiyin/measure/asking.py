"""What the address of a figure asks: read once, for its page, its files, its links and reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import (
    And,
    Compare,
    Filter,
    Missing,
    Node,
    Or,
    parse,
    render,
    write_node,
)
from zhiyin.kernel.periods import GRAINS, Grain, local_day, months_later, read_day, step_start
from zhiyin.kernel.text import Text, _
from zhiyin.measure import comparisons, ranking, references, registry, requests, rolling, scores
from zhiyin.measure.asked import Asked
from zhiyin.measure.comparisons import Comparison, Comparisons
from zhiyin.measure.metric import Metric
from zhiyin.measure.references import Against
from zhiyin.measure.requests import BreakColumn, ScoreRequest
from zhiyin.measure.scores import Group, Score, Scores
from zhiyin.warehouse.log import Log, Schema

FIELDS = (
    "metric", "by", "every", "rolling", "period", "from", "until", "where", "kind", "question",
    "per", "date_of", "against", "group", "other", "other_from", "other_until", "without", "drop",
)  # fmt: skip
IS = "is."
"""``is.channel=app`` asks for rows of one channel."""
MISSING = "–"
"""How the group without a value is called, and asked for."""

AGAINST: dict[str, Text] = {
    "rest": _("the rest"),
    "previous": _("the period before"),
    "last-year": _("the same period last year"),
    "lunar-year": _("the same period of the last lunar year"),
    "dates": _("other dates"),
    "group": _("another group"),
}
EVERY: dict[str, Text] = {
    "day": _("day"),
    "week": _("week"),
    "month": _("month"),
    "quarter": _("quarter"),
}
PRESETS: dict[str, Text] = {
    "last-7": _("the last 7 days"),
    "last-28": _("the last 28 days"),
    "last-90": _("the last 90 days"),
    "last-365": _("the last 365 days"),
    "month": _("this month"),
    "last-month": _("last month"),
    "quarter": _("this quarter"),
    "last-quarter": _("last quarter"),
    "last-week": _("the last whole week"),
    "last-13-weeks": _("the last 13 whole weeks"),
    "last-12-months": _("the last 12 whole months"),
    "year": _("this year"),
    "last-year": _("last year"),
}
"""Periods that move with the day on which a page is opened."""

OWN_PAST = frozenset(
    {
        "country", "country_code", "nation", "language", "lang", "locale",
        "国家", "国家或地区", "国家/地区", "语言", "语种",
    }
)  # fmt: skip
"""Columns whose groups answer scales in different ways, and are set against their own past."""

MOST_WORDS = 200
"""A column with more words than these is filtered by the filter language."""


@dataclass(frozen=True, slots=True)
class Question:
    """An address, read.

    Args:
        given: each of `FIELDS`, blank where it is not said.
        chosen: columns with the one value that is asked for.
        metric: what is measured.
        request: what is asked of the measures; of two groups, for both together.
        against: what is compared with; None for nothing and for another group.
        rolling: so many days at each step's end; None for plain periods.
        pair: the filters of the two groups that are compared.
    """

    given: Mapping[str, str]
    chosen: Mapping[str, str]
    metric: Metric
    request: ScoreRequest
    against: Against | None
    rolling: int | None
    pair: tuple[Filter, Filter] | None

    @property
    def columns(self) -> frozenset[str]:
        """Every column of facts that it names."""
        where = self.request.where
        return frozenset(self.request.by) | (where.columns() if where else frozenset())

    @property
    def query(self) -> str:
        """The address's query, without what is blank."""
        return query_of(self.given, self.chosen)


def query_of(
    given: Mapping[str, str], chosen: Mapping[str, str] | None = None, **changed: str
) -> str:
    """The query of an address, some of its fields changed."""
    asked = {**given, **changed}
    # A blank kind or column says "none", which is not what an address without it says.
    said = {
        name: value for name, value in asked.items() if value or name in ("by", "kind", "against")
    }
    return urlencode({**said, **{f"{IS}{name}": value for name, value in (chosen or {}).items()}})


def fields_of(request: ScoreRequest) -> dict[str, str]:
    """The fields of an address that asks for a request's figure of all."""
    return {
        "metric": request.metric,
        "kind": request.kind or "",
        "question": request.questions[0] if request.questions else "",
        "per": request.per or "",
        "date_of": "experience" if request.date_of == "experience" else "",
        "from": request.start.isoformat() if request.start else "",
        "until": (request.end - timedelta(days=1)).isoformat() if request.end else "",
        "where": render(request.where) if request.where else "",
    }


# Reading


def given_of(
    query: Mapping[str, str], known: Sequence[Asked], schema: Schema, log: Log, workspace: str
) -> dict[str, str]:
    """What is asked, with what is not said filled in by what the log holds most of."""
    given = {name: query.get(name, "").strip() for name in FIELDS}
    scored = [a for a in known if a.metric in registry.METRICS]
    if given["metric"].lower().replace("-", "_") not in registry.METRICS:
        given["metric"] = scored[0].metric if scored else "nps"
    metric = registry.metric(given["metric"])
    given["metric"] = metric.slug
    if "kind" not in query:
        given["kind"] = usual_kind(metric, known)
    if "by" not in query:
        given["by"] = _telling_column(metric, schema, log, workspace)
    if "against" not in query or (given["against"] == "rest" and is_own_past(given["by"])):
        given["against"] = _usual_reference(given)
    return given


def usual_kind(metric: Metric, known: Sequence[Asked]) -> str:
    """The kind with the most answers, where a measure has several: they are never mixed."""
    mine = [a for a in known if a.metric in metric.scored] if metric.is_asked else []
    return (mine[0].kind or "") if len({a.kind for a in mine}) > 1 else ""


def chosen_of(query: Mapping[str, str]) -> dict[str, str]:
    """Columns with the value asked for, in the address's order."""
    return {
        name.removeprefix(IS): value.strip()
        for name, value in query.items()
        if name.startswith(IS) and value.strip()
    }


def is_own_past(column: str) -> bool:
    """Whether the groups of a column are compared with their own past alone."""
    return column.lower() in OWN_PAST


def read(
    given: Mapping[str, str],
    chosen: Mapping[str, str],
    log: Log,
    settings: Settings,
    now: datetime,
) -> Question:
    """What the address asks of the measures.

    Without dates, what is compared with another period is of the last complete month, as
    `comparisons.compare` has it: the figures and what stands beside them are of the same days.

    Raises:
        Problem: ``period.bad-date``, ``score.bad-date``, ``score.rolling``, ``score.group``,
            ``score.no-such-column``; a filter that cannot be read.
    """
    metric = registry.metric(given["metric"])
    start, end = dates(given, settings, now)
    possible = requests.breakable(metric, log.schema(settings.slug))
    where = _all(
        [
            *([parse(given["where"]).root] if given["where"] else []),
            *(_is(possible, metric, name, value) for name, value in chosen.items()),
        ]
    )
    by = given["by"]
    request = ScoreRequest(
        metric=metric.slug,
        by=(by,) if by else (),
        every=_grain(given["every"]),
        start=start,
        end=end,
        where=where,
        questions=(given["question"],) if given["question"] else (),
        kind=given["kind"] or None,
        per="answer" if given["per"] == "answer" else "customer" if given["per"] else None,
        date_of="experience" if given["date_of"] == "experience" and metric.is_asked else "answer",
    )
    days = _days(given["rolling"]) if request.every else None
    if given["against"] == "group" and not days:
        groups = given["group"], given["other"]
        request, pair = _two_groups(request, possible, metric, by, groups)
        return Question(given, chosen, metric, request, None, days, pair)
    against = None if days else _against(given, settings)
    if against is not None and references.takes_last_month(request, against):
        request = comparisons.in_last_month(log, settings, request, now)
    return Question(given, chosen, metric, request, against, days, None)


def answer(
    log: Log, settings: Settings, question: Question, now: datetime
) -> tuple[Scores, Comparisons | None]:
    """The figures that an address asks for, and what they are compared with.

    Raises:
        Problem: as `scores.score` and `comparisons.compare`.
    """
    request = question.request
    if question.rolling is not None:
        return rolling.score(log, settings, request, days=question.rolling, now=now), None
    if question.pair is not None:
        here, there = question.pair
        found = scores.score(log, settings, request, now=now)
        whole = replace(request, by=(), every=None, where=here)
        return found, comparisons.compare(log, settings, whole, there, now=now)
    if question.against is None:
        return scores.score(log, settings, request, now=now), None
    return comparisons.scored_and_compared(log, settings, request, question.against, now=now)


Key = tuple[str, str | None]
"""A group's name and, in a series, its period."""


@dataclass(frozen=True, slots=True)
class Beside:
    """Per figure of an answer, what it is compared with.

    In a series a figure stands beside the comparison of its period, else beside the one of its
    group; of two groups, the one comparison stands beside the first.
    """

    question: Question
    held: Mapping[Key, Comparison]

    @classmethod
    def of(cls, question: Question, compared: Comparisons | None) -> Beside:
        """Of what `answer` gave."""
        rows = compared.rows if compared else ()
        if question.pair is not None:
            first = question.given["group"], None
            return cls(
                question, dict.fromkeys([first], replace(rows[0], place=None)) if rows else {}
            )
        return cls(question, {cls._key(question, row): row for row in rows})

    def find(self, row: Score) -> Comparison | None:
        """The comparison of a figure."""
        return self.held.get(self._key(self.question, row))

    @staticmethod
    def _key(question: Question, row: Score | Comparison) -> Key:
        return group_name(row.group), row.period if question.request.every else None


def ordered(question: Question, found: Scores) -> tuple[Score, ...]:
    """The figures in the order in which they are read.

    A series by group and time; groups that are set against their own past by name; all others
    from the worst.
    """
    if question.request.every:
        return found.rows
    if is_own_past(question.given["by"]):
        return tuple(sorted(found.rows, key=lambda row: group_name(row.group)))
    average = found.total.value
    return tuple(
        sorted(
            found.rows,
            key=lambda row: ranking.worst_first(row, average, found.better, group_name(row.group)),
        )
    )


def group_name(group: Group) -> str:
    """What a group is called; one without a value by a dash."""
    return " · ".join(MISSING if value is None else str(value) for value in group.values())


def dates(
    given: Mapping[str, str], settings: Settings, now: datetime
) -> tuple[date | None, date | None]:
    """The first day and the day after the last: of the preset, else as they are written.

    Raises:
        Problem: ``period.bad-date``.
    """
    if given["period"] in PRESETS:
        return preset(given["period"], local_day(now, settings.timezone), settings)
    until = read_day(given["until"], _("The last day"))
    return (
        read_day(given["from"], _("The first day")),
        until + timedelta(days=1) if until else None,
    )


def preset(name: str, today: date, settings: Settings) -> tuple[date, date]:
    """The days of one of `PRESETS`: the first, and the day after the last."""
    if name.startswith("last-") and name[5:].isdecimal():
        return today - timedelta(days=int(name[5:]) - 1), today + timedelta(days=1)
    month, fiscal = today.replace(day=1), settings.fiscal_year_start
    quarter = step_start(today, "quarter", fiscal_year_start=fiscal)
    week = step_start(today, "week", settings.week_start)
    year = months_later(month, -((month.month - fiscal) % 12))
    return {
        "month": (month, months_later(month, 1)),
        "last-month": (months_later(month, -1), month),
        "quarter": (quarter, months_later(quarter, 3)),
        "last-quarter": (months_later(quarter, -3), quarter),
        "last-week": (week - timedelta(days=7), week),
        "last-13-weeks": (week - timedelta(days=91), week),
        "last-12-months": (months_later(month, -12), month),
        "year": (year, months_later(year, 12)),
        "last-year": (months_later(year, -12), year),
    }[name]


def of_group(request: ScoreRequest, column: BreakColumn, value: object) -> Filter:
    """The request's filter, and that a column has one value."""
    own = _has(column, value)
    return _joined([request.where.root, own] if request.where else [own])


def _two_groups(
    request: ScoreRequest,
    possible: Mapping[str, BreakColumn],
    metric: Metric,
    by: str,
    groups: tuple[str, str],
) -> tuple[ScoreRequest, tuple[Filter, Filter]]:
    """The request for both groups' figures, and the filter of each."""
    if not by or not all(groups) or groups[0] == groups[1]:
        raise Problem(
            "score.group",
            _("Two different groups of one column are compared."),
            _("Choose a column to break down by, one of its groups, and another one."),
        )
    column = _column(possible, metric, by)
    here, there = (of_group(request, column, value) for value in groups)
    either: Node = Or((_has(column, groups[0]), _has(column, groups[1])))
    both = _joined([request.where.root, either] if request.where else [either])
    return replace(request, where=both), (here, there)


def _telling_column(metric: Metric, schema: Schema, log: Log, workspace: str) -> str:
    """The first column with more than one word, touchpoints before all others."""
    possible = requests.breakable(metric, schema)
    first: tuple[str, ...] = ("touchpoint", "channel")
    order = [n for n in first if n in possible]
    order += [n for n in schema.dimensions_of(metric.table) if n in possible]
    for name in order:
        domain = possible[name].domain
        if domain and 1 < len(log.words(workspace, domain)) <= MOST_WORDS:
            return name
    return ""


def _usual_reference(given: Mapping[str, str]) -> str:
    """The rest for groups, their own past for countries; a series has none until one is asked."""
    if given["every"] or not given["by"]:
        return ""
    return "previous" if is_own_past(given["by"]) else "rest"


def _against(given: Mapping[str, str], settings: Settings) -> Against | None:
    name = given["against"]
    if not name or (name == "rest" and not given["by"]):
        return None
    if name == "dates":
        first, last = given["other_from"], given["other_until"]
        start, end = read_day(first, _("The first day")), read_day(last, _("The last day"))
        if start is None or end is None:
            raise Problem(
                "score.bad-date",
                _("The dates to compare with are not both there."),
                _("Write a date as 2026-01-31."),
            )
        name = f"{start}..{end + timedelta(days=1)}"
    return references.read(name, settings.timezone)


def _is(possible: Mapping[str, BreakColumn], metric: Metric, name: str, value: str) -> Node:
    return _has(_column(possible, metric, name), value)


def _has(column: BreakColumn, value: object) -> Node:
    if value is None or value == MISSING:
        return Missing(column.name)
    if column.domain is not None or isinstance(value, bool | int | float):
        return Compare(column.name, "=", value)  # type: ignore[arg-type]
    root = parse(f"x = {value}").root  # a number, or yes or no, as the filter language reads it
    return replace(root, column=column.name) if isinstance(root, Compare) else root


def _column(possible: Mapping[str, BreakColumn], metric: Metric, name: str) -> BreakColumn:
    if name in possible:
        return possible[name]
    raise Problem(
        "score.no-such-column",
        _("{table} have no column {column}.", table=metric.table, column=name),
        _("Columns to break down by: {known}.", known=", ".join(possible)),
    )


def _all(nodes: Sequence[Node]) -> Filter | None:
    return _joined(nodes) if nodes else None


def _joined(nodes: Sequence[Node]) -> Filter:
    root = And(tuple(nodes)) if len(nodes) > 1 else nodes[0]
    return Filter(root, write_node(root))


def _grain(name: str) -> Grain | None:
    if not name:
        return None
    found = next((grain for grain in GRAINS if grain == name), None)
    if found is None:
        raise Problem(
            "score.every",
            _("There are no periods called {every}.", every=name),
            _("Use one of: {known}.", known=", ".join(GRAINS)),
        )
    return found


def _days(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 5):
        raise Problem(
            "score.rolling",
            _("“{text}” is no number of days.", text=text),
            _("Write a whole number, such as {days}.", days=rolling.DAYS),
        )
    return int(text)
