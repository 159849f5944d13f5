"""The tables of the experience log, declared once.

A column is *coded* when it holds few distinct words (touchpoint, channel, question,
event name…): the log stores a small integer and keeps the words in a dictionary, so
that grouping and filtering work on integers. Whoever writes gives words; whoever
reads gets integers from a query and words from `Log.execute(..., words=True)`.

Physical columns that are not declared here (`seq`, `batch`, the hashes) are the
warehouse's own business.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["int", "float", "text", "time", "bool", "json", "money"]

DIMENSION_PREFIX = "d_"
"""A declared dimension `state` is the column `d_state`: no later column of ours can collide."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a log table.

    Args:
        name: as queries and filters name it.
        kind: ``time`` is UTC, naive, microseconds; ``money`` is DECIMAL(18, 4).
        coded: stored as an integer with its words in a dictionary.
        says: what it holds, in one line (the docs print it).
    """

    name: str
    kind: Kind
    coded: bool = False
    says: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the log: what a row is, and its columns after the common ones."""

    name: str
    says: str
    columns: tuple[Column, ...]
    identity: tuple[str, ...] = ("id",)
    """With `source`, what makes a row the same row again."""

    def column(self, name: str) -> Column | None:
        """The column called `name`, or None."""
        return next((column for column in (*COMMON, *self.columns) if column.name == name), None)


def _coded(name: str, says: str = "") -> Column:
    return Column(name, "text", coded=True, says=says)


COMMON: tuple[Column, ...] = (
    Column("id", "text", says="the row's id in its source"),
    _coded("source", "the system or file family that the row came from"),
    Column("occurred_at", "time", says="when it happened, was said or was bought"),
    Column("received_at", "time", says="when the log took it"),
    Column("customer", "int", says="the customer, after merges (a key; see `ids`)"),
    _coded("role", "the customer's role in this row: buyer, user, payer"),
    _coded("unit", "the place in the organisation tree"),
    _coded("about_kind", "what was experienced: order, flight, contact, visit"),
    Column("about_id", "text", says="the id of what was experienced"),
    Column("experienced_at", "time", says="when it was experienced"),
)
"""Columns that every table has, after reading."""

_CURRENCY = _coded("currency", "ISO 4217 code of the amount")

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table(
            "events",
            "One thing that happened, at an instant.",
            (
                _coded("name", "by the public event specifications: Order Completed…"),
                _coded("touchpoint"),
                _coded("channel"),
                Column("session", "text"),
                Column("properties", "json", says="what no dimension declares"),
            ),
        ),
        Table(
            "answers",
            "One question put to one customer, with what became of it.",
            (
                Column("response", "text", says="the filling-in that it belongs to"),
                _coded("survey"),
                Column("version", "int", says="of the survey"),
                _coded("question", "the question's name in its series"),
                _coded(
                    "metric",
                    "nps, csat, ces, rating, text, choice, intent, file",
                ),
                _coded("kind", "relationship, journey or touchpoint"),
                Column("score", "float", says="null unless answered"),
                Column("scale_min", "float"),
                Column("scale_max", "float"),
                _coded("direction", "up: more is better; down: less is better"),
                _coded(
                    "answer_state",
                    "answered, skipped, hidden, dismissed, not_reached, shown,"
                    " not_applicable, dont_know, refused",
                ),
                Column("choice", "text", says="the option chosen, where the question has options"),
                _coded("touchpoint"),
                _coded("channel"),
                _coded("arm", "incentive arm"),
                Column("weight", "float", says="null counts as 1"),
            ),
            identity=("id", "question"),
        ),
        Table(
            "responses",
            "One filling-in of a survey.",
            (
                _coded("survey"),
                Column("version", "int"),
                Column("invitation", "text"),
                Column("started_at", "time"),
                Column("last_at", "time"),
                Column("ended_at", "time"),
                _coded("device"),
                _coded("language"),
                _coded("mode", "web, sms, wechat, mail, phone, file"),
                _coded("flags", "quality flags and `quota:name`, space-separated"),
                _coded("touchpoint"),
                _coded("channel"),
                _coded("arm", "incentive arm"),
            ),
        ),
        Table(
            "exposures",
            "One asking: the denominator of every response rate.",
            (
                _coded("survey"),
                Column("invitation", "text"),
                _coded(
                    "action",
                    "invited, reminded, delivered, opened, started, answered, dismissed, bounced,"
                    " stopped, withheld",
                ),
                _coded("touchpoint"),
                _coded("channel"),
                _coded("mode"),
                _coded("arm", "incentive arm"),
                _coded("distribution", "how it was sent out"),
                _coded("reason", "why she was not asked, or cannot be any more"),
            ),
            identity=("id", "action"),
        ),
        Table(
            "verbatims",
            "One thing said in a customer's own words, from any source.",
            (
                Column("response", "text"),
                _coded("question"),
                Column("text", "text"),
                _coded("language"),
                _coded("touchpoint"),
                _coded("channel"),
            ),
            identity=("id", "question"),
        ),
        Table(
            "orders",
            "One order.",
            (
                _coded("status"),
                Column("amount", "money"),
                _CURRENCY,
                _coded("touchpoint"),
                _coded("channel"),
            ),
        ),
        Table(
            "order_lines",
            "One line of an order.",
            (
                Column("order_id", "text"),
                Column("product", "text"),
                _coded("category"),
                Column("quantity", "float"),
                Column("amount", "money"),
                _CURRENCY,
            ),
        ),
        Table(
            "refunds",
            "Money given back.",
            (
                Column("order_id", "text"),
                Column("amount", "money"),
                _CURRENCY,
                _coded("reason"),
                _coded("channel"),
            ),
        ),
        Table(
            "costs",
            "Money spent on a customer, a contact, a delay, an initiative.",
            (
                _coded("cost_kind"),
                Column("amount", "money"),
                _CURRENCY,
                _coded("channel"),
            ),
        ),
        Table(
            "service_contacts",
            "One request for service, in any channel.",
            (
                _coded("channel"),
                _coded("touchpoint"),
                _coded("queue"),
                _coded("skill"),
                _coded("agent"),
                _coded("team"),
                Column("is_offered", "bool"),
                Column("is_answered", "bool"),
                Column("is_abandoned", "bool"),
                Column("wait_seconds", "float"),
                Column("talk_seconds", "float"),
                Column("hold_seconds", "float"),
                Column("wrap_up_seconds", "float"),
                Column("transfers", "int"),
                _coded("reason"),
                Column("issue", "text", says="the customer's issue, over repeated contacts"),
                Column("is_resolved", "bool"),
                _coded("resolved_by_word_of", "customer, agent, rule"),
                Column("is_reopened", "bool"),
                Column("cost", "money"),
                _CURRENCY,
            ),
        ),
        Table(
            "traits",
            "What is known of a customer, valid from `occurred_at`.",
            (_coded("name"), Column("value", "text")),
            identity=("id", "name"),
        ),
        Table(
            "consents",
            "Consent given or withdrawn, for a purpose and a channel.",
            (
                _coded("purpose"),
                _coded("channel", "null: every channel"),
                Column("is_given", "bool"),
                Column("evidence", "text", says="how it is known: a form, a call, a message"),
            ),
            identity=("id", "purpose", "channel"),
        ),
        Table(
            "assignments",
            "A customer put into an arm or a roll-out, from `occurred_at`.",
            (_coded("assignment"), _coded("arm"), _coded("assigned_by")),
            identity=("id", "assignment"),
        ),
        Table(
            "identities",
            "A reason why two ids are, or are not, one person.",
            (
                Column("other", "int", says="the key of the other id"),
                _coded("action", "link, unlink or withdraw (takes an earlier word back)"),
                _coded("reason"),
                Column("weight", "float", says="match weight, where a model suggested it"),
                _coded("linked_by", "who says so: person, import, rule, intake"),
                Column("evidence", "json", says="on what ground: values compared, a note, by whom"),
            ),
        ),
    )
}

_VERBATIMS = TABLES["verbatims"]

CLAUSES = Table(
    "clauses",
    "One clause of a verbatim, with what it was found to mean. The common columns are those of"
    " the verbatim.",
    (
        *(column for column in _VERBATIMS.columns if column.name != "language"),
        _coded("language", "of the verbatim, as found: zh, en…"),
        Column("place", "int", says="which clause of the verbatim, from 0"),
        Column("starts", "int", says="where it begins in the text, in characters"),
        Column("ends", "int", says="behind its last character"),
        _coded("aspect", "what it is about, of the workspace's aspects; null: no single thing"),
        _coded("polarity", "negative, neutral, positive or mixed"),
        Column("probability", "float", says="of that polarity"),
        _coded("emotion", "anger, worry, disappointment, joy or thanks"),
        _coded("intent", "complain, ask, praise, suggest or leave"),
        _coded("effort", "high or low"),
        _coded("urgency", "urgent"),
        _coded("read_by", "the version of what found this"),
    ),
    identity=("id", "question", "place"),
)
"""Read like a table of facts, and kept as findings beside the verbatims: when and where a clause
was said, and by whom, is what the log says of its verbatim at the moment of asking."""

_COMPARED = ("language", "place", "starts", "ends", "aspect", "polarity", "read_by")

EARLIER_CLAUSES = Table(
    "earlier_clauses",
    "One clause of a verbatim that was read anew, with what the version before found it to mean:"
    " the last that had read everything. The common columns are those of the verbatim.",
    (
        *(column for column in _VERBATIMS.columns if column.name != "language"),
        *(column for column in CLAUSES.columns if column.name in _COMPARED),
    ),
    identity=CLAUSES.identity,
)
"""Read and kept as `CLAUSES`, so that two versions can be compared."""

PARTS: dict[str, str] = {
    CLAUSES.name: _VERBATIMS.name,
    EARLIER_CLAUSES.name: _VERBATIMS.name,
}
"""Tables of which a row is a part of a fact, and the table of those facts."""

READ: dict[str, Table] = {**TABLES, **{one.name: one for one in (CLAUSES, EARLIER_CLAUSES)}}
"""Every table that a query may name."""


def facts_of(table: str) -> str:
    """The table of facts whose rows, or parts of them, a table has."""
    return PARTS.get(table, table)


HAPPENING: tuple[str, ...] = tuple(
    name for name in TABLES if name not in ("traits", "identities", "consents", "assignments")
)
"""Tables of what happens; what is known of customers has no times and no unit of its own."""

COLUMN_NAMES: frozenset[str] = frozenset(
    column.name for table in TABLES.values() for column in (*COMMON, *table.columns)
)
"""Every name that a dimension may not take."""
