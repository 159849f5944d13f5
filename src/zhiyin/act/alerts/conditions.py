"""What a rule watches, as people write it and the store keeps it."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel import masking
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter, parse
from zhiyin.kernel.text import Text, _
from zhiyin.listen.themes import kept as themes
from zhiyin.maps import kept as maps
from zhiyin.maps.document import Map, Node
from zhiyin.measure import registry
from zhiyin.measure.metric import KINDS, Metric
from zhiyin.warehouse import lang
from zhiyin.warehouse.holdings import PERSONAL
from zhiyin.warehouse.log import Log
from zhiyin.warehouse.tables import READ
from zhiyin.warehouse.where import where as where_of

Direction = Literal["down", "up"]
COUNTED = ("clauses", "verbatims", "answers", "events", "service_contacts", "refunds")
"""Tables whose customers of a day are counted."""

BOUNDED = ("nps", "proportion", "mean")
"""Estimators of figures that lie within known limits, so that they can be watched."""

KIND_NAMES: dict[str, Text] = {
    "answer": _("one answer of a customer"),
    "verbatim": _("one thing that a customer wrote"),
    "measure": _("a score or share"),
    "often": _("how often something happens"),
    "theme": _("a theme that comes up or grows"),
    "leaving": _("customers who leave at a touchpoint"),
}


class Answer(
    msgspec.Struct, frozen=True, tag="answer", tag_field="kind", forbid_unknown_fields=True
):
    """One answer within limits.

    Attributes:
        metric: of the question.
        low, high: both within.
        has_words: only where she also wrote something.
        where: more that must hold of the answer.
    """

    metric: str
    low: float
    high: float
    has_words: bool = False
    where: str = ""


class Verbatim(
    msgspec.Struct, frozen=True, tag="verbatim", tag_field="kind", forbid_unknown_fields=True
):
    """One thing said.

    Attributes:
        text: words that must all stand in it; “in quotes” a phrase.
        where: that must hold of one of its clauses: aspect, polarity, emotion, urgency, touchpoint…
    """

    text: str = ""
    where: str = ""


class Measured(
    msgspec.Struct, frozen=True, tag="measure", tag_field="kind", forbid_unknown_fields=True
):
    """A score or share that falls or rises.

    Attributes:
        metric: slug of the measure.
        direction: which way fires.
        target: the value that it is set against, as pages show it; None: its own earlier days.
        question, answers_kind: as in a request for the figure.
        days: of the window.
        least: customers without whom nothing fires.
    """

    metric: str
    direction: Direction = "down"
    target: float | None = None
    where: str = ""
    question: str = ""
    answers_kind: str = ""
    days: int = 28
    least: int = 30


class Often(msgspec.Struct, frozen=True, tag="often", tag_field="kind", forbid_unknown_fields=True):
    """How many customers a day something happens to, against the same weekdays before.

    Attributes:
        table: one of `COUNTED`.
        where: that must hold of a row.
        direction: which way fires.
        days: of the window.
        least: so many must have been counted before anything fires.
    """

    table: str
    where: str = ""
    direction: Direction = "up"
    days: int = 28
    least: int = 10


class Growing(
    msgspec.Struct, frozen=True, tag="theme", tag_field="kind", forbid_unknown_fields=True
):
    """A theme that nobody spoke of before, or that is spoken of by a larger share of customers.

    Attributes:
        theme: number of the one; None: every theme that nobody has hidden.
        where: over clauses: only what passes is heard, of the theme and of everything.
        days: of the window.
        least: so many must have spoken of it before anything fires.
    """

    theme: int | None = None
    where: str = ""
    days: int = 28
    least: int = 10


class Leaving(
    msgspec.Struct, frozen=True, tag="leaving", tag_field="kind", forbid_unknown_fields=True
):
    """The share of the customers at a touchpoint of a map whose journey ends there short of its
    goal.

    Attributes:
        map: key of the journey map.
        touchpoint: id of the touchpoint on it.
        direction: which way fires.
        target: percent that it is set against; None: its own earlier days.
        where: over events: the others are as if they had never happened.
        days: of the window.
        least: customers without whom nothing fires.
    """

    map: str
    touchpoint: str
    direction: Direction = "up"
    target: float | None = None
    where: str = ""
    days: int = 28
    least: int = 30


Condition = Answer | Verbatim | Measured | Often | Growing | Leaving
Windowed = Measured | Often | Growing | Leaving

_SAYS_WHO = frozenset().union(*PERSONAL.values())

EARLIER = 3
"""How many times as long as the window the earlier days are."""

EARLIER_OF_THEMES = 2
"""The same of themes: the weeks in which they are looked for hold the longest window and these."""

LONGEST_OF_THEMES = 28


def read(held: Any) -> Condition:
    """A condition out of its JSON values.

    Raises:
        Problem: ``alerts.condition``.
    """
    try:
        found: Condition = msgspec.convert(held, Condition)
    except msgspec.ValidationError as error:
        raise Problem(
            "alerts.condition",
            _("The condition cannot be read: {error}.", error=str(error)[:200]),
            _("docs/alerts.md shows each kind with its fields."),
        ) from error
    return found


def plain(condition: Condition) -> dict[str, Any]:
    """Its JSON values, all of them."""
    found: dict[str, Any] = msgspec.to_builtins(condition)
    return found


def is_windowed(condition: Condition) -> bool:
    """Whether a figure is watched day by day, and no single row."""
    return isinstance(condition, Windowed)


def least_of(condition: Windowed, settings: Settings) -> int:
    """How many must be counted before anything fires: never fewer than a figure is shown of."""
    return max(condition.least, settings.minimum_base)


def filter_of(condition: Condition) -> Filter | None:
    """What it narrows to."""
    return parse(condition.where) if condition.where.strip() else None


def table_of(condition: Condition) -> str:
    """The table of the log whose columns its filter names."""
    match condition:
        case Answer():
            return "answers"
        case Verbatim():
            return "clauses"
        case Often():
            return condition.table
        case Growing():
            return "clauses"
        case Leaving():
            return "events"
    return registry.metric(condition.metric).table


def columns_of(condition: Condition) -> frozenset[str]:
    """The columns that its filter names."""
    found = filter_of(condition)
    return found.columns() if found else frozenset()


def shown(condition: Condition, *, sees_it: bool) -> dict[str, Any]:
    """Its JSON values for a reader: without what would say who a customer is, where she may not
    see that."""
    found = plain(condition)
    if not sees_it:
        found["where"] = filter_shown(condition, sees_it=False)
        if found.get("text"):
            found["text"] = masking.in_text(found["text"])
    return found


def filter_shown(condition: Condition, *, sees_it: bool) -> str:
    """Its filter as it was written; an ellipsis where it names who a customer is."""
    if sees_it or not (columns_of(condition) & _SAYS_WHO):
        return condition.where
    return "…"


def checked(condition: Condition, log: Log, settings: Settings) -> Condition:
    """The condition, if it can be watched here.

    Raises:
        Problem: ``alerts.limits``, ``alerts.says-nothing``, ``alerts.not-bounded``,
            ``alerts.table``, ``alerts.days``, ``alerts.target``, ``alerts.touchpoint``,
            ``themes.none``, ``map.none``; a filter that cannot be read.
    """
    match condition:
        case Answer():
            _check_limits(condition)
        case Verbatim():
            if not condition.text.strip() and not condition.where.strip():
                raise Problem(
                    "alerts.says-nothing",
                    _("This rule would fire for everything that customers write."),
                    _(
                        "Give words, or a filter such as: aspect = 'refund' and polarity ="
                        " 'negative'"
                    ),
                )
        case Measured():
            _check_measured(condition)
        case Often():
            _check_often(condition)
        case Growing():
            _check_growing(condition, settings)
        case Leaving():
            _check_leaving(condition, settings)
    schema, table = log.schema(settings.slug), table_of(condition)
    chosen = filter_of(condition)
    if chosen is not None:
        facts = lang.table(schema, table)
        where_of(chosen, facts, schema, table_name=table, zone=settings.timezone)
    return condition


def node_of(condition: Leaving, workspace: str) -> tuple[Map, Node]:
    """The map as readers see it, and the touchpoint that is watched.

    Raises:
        Problem: ``map.none``, ``alerts.touchpoint``.
    """
    _version, drawn = maps.shown(maps.get(workspace, condition.map))
    node = drawn.node(condition.touchpoint)
    if node is None or not node.events:
        raise Problem(
            "alerts.touchpoint",
            _("Nobody is seen at the touchpoint {id} of the map {map}.",
              id=condition.touchpoint[:80] or "“”", map=condition.map),
            _("Choose a touchpoint that the map has, and bind it to events there."),
        )  # fmt: skip
    return drawn, node


def metric_of(condition: Measured) -> Metric:
    """The measure that is watched."""
    return registry.metric(condition.metric)


def _check_limits(condition: Answer) -> None:
    if condition.metric not in {slug for m in registry.METRICS.values() for slug in m.scored}:
        raise Problem(
            "alerts.limits",
            _("There are no answers of {metric}.", metric=condition.metric[:40] or "“”"),
            _("Use one of: {known}.",
              known=", ".join(sorted({s for m in registry.METRICS.values() for s in m.scored}))),
        )  # fmt: skip
    if not condition.low <= condition.high:
        raise Problem(
            "alerts.limits",
            _("No answer lies from {low} to {high}.", low=condition.low, high=condition.high),
            _("Give the lower limit first, such as 0 and 6."),
        )


def _check_measured(condition: Measured) -> None:
    metric = metric_of(condition)
    if metric.estimator not in BOUNDED or metric.unit not in ("points", "percent", "scale"):
        raise Problem(
            "alerts.not-bounded",
            _("{metric} has no upper limit, so it cannot be watched day by day.",
              metric=metric.label),
            _("Choose a score or a share; or watch how often something happens."),
        )  # fmt: skip
    if condition.answers_kind and condition.answers_kind not in KINDS:
        raise Problem(
            "score.no-such-kind",
            _("There is no kind called {kind}.", kind=condition.answers_kind),
            _("Use one of: {known}.", known=", ".join(KINDS)),
        )
    lowest = {"points": -100.0, "percent": 0.0}.get(metric.unit)
    if lowest is not None:
        _check_target(condition.target, lowest, metric.label)
    _check_days(condition.days, condition.least)


def _check_often(condition: Often) -> None:
    if condition.table not in COUNTED or condition.table not in READ:
        raise Problem(
            "alerts.table",
            _("Nothing is counted of {table}.", table=condition.table[:40] or "“”"),
            _("Use one of: {known}.", known=", ".join(COUNTED)),
        )
    _check_weeks(condition.days)
    _check_days(condition.days, condition.least)


def _check_growing(condition: Growing, settings: Settings) -> None:
    if condition.theme is not None:
        themes.get(settings.slug, condition.theme)
    if condition.days > LONGEST_OF_THEMES:
        raise Problem(
            "alerts.days",
            _("Themes are looked for in twelve weeks, too few for a window of {days} days.",
              days=condition.days),
            _("Use 7, 14, 21 or 28 days."),
        )  # fmt: skip
    _check_weeks(condition.days)
    _check_days(condition.days, condition.least)


def _check_leaving(condition: Leaving, settings: Settings) -> None:
    node_of(condition, settings.slug)
    _check_target(condition.target, 0.0, _("The share of those who leave"))
    _check_days(condition.days, condition.least)


def _check_target(target: float | None, lowest: float, what: object) -> None:
    if target is not None and not lowest < target < 100:
        raise Problem(
            "alerts.target",
            _("{metric} cannot be set against {value}.", metric=what, value=target),
            _("Give a value between {low} and {high}, as pages show it.", low=f"{lowest:g}",
              high="100"),
        )  # fmt: skip


def _check_weeks(days: int) -> None:
    if days % 7:
        raise Problem(
            "alerts.days",
            _("A window of {days} days has unequal weekdays.", days=days),
            _("Use whole weeks: 7, 14, 28…"),
        )


def _check_days(days: int, least: int) -> None:
    if not 7 <= days <= 90:
        raise Problem(
            "alerts.days",
            _("A window of {days} days is too short or too long.", days=days),
            _("Use 7 to 90 days; 28 are usual."),
        )
    if least < 1:
        raise Problem(
            "alerts.least",
            _("At least one customer must be counted."),
            _("Use 30 for scores, 10 for counts; the workspace's smallest base always holds."),
        )
