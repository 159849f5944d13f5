"""Which facts a rule is about, and what it asks of them."""

from __future__ import annotations

from collections.abc import Mapping

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter, parse
from zhiyin.kernel.text import Text, _
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Schema
from zhiyin.warehouse.rules import Rule, Ruled
from zhiyin.warehouse.tables import HAPPENING
from zhiyin.warehouse.where import Dictionaries, where

TABLES: Mapping[Ruled, tuple[str, ...]] = {"touchpoint": ("events",), "unit": HAPPENING}
"""Of which facts the rules of a column are; what is known of customers is of no unit."""

_LACKING: Mapping[Ruled, tuple[Text, Text]] = {
    "touchpoint": (
        _("A rule needs a touchpoint."),
        _("Write the touchpoint that its events are at."),
    ),
    "unit": (_("A rule needs a unit."), _("Choose the unit that its facts are of.")),
}


def condition(
    rule: Rule,
    facts: lang.Expression,
    schema: Schema,
    *,
    table: str,
    dictionaries: Dictionaries | None = None,
) -> lang.Value | None:
    """What a rule asks of the facts of a table; None where it is not about them.

    It is about those of the table that it names, or about all that have the columns that it names.

    Args:
        facts: rows of `table`.
        dictionaries: look words up here instead of in the query.
    """
    if rule.table not in ("", table):
        return None
    try:
        return where(
            parse(rule.where),
            facts,
            schema,
            table_name=table,
            zone=rule.zone,
            dictionaries=dictionaries,
        )
    except Problem:
        return None


def check(schema: Schema, column: Ruled, rule: Rule) -> None:
    """Refuse a rule that cannot be read.

    Raises:
        Problem: ``filter.…``, ``rules.gives-nothing``, ``rules.no-such-table``,
            ``rules.no-such-facts``.
    """
    if not rule.gives.strip():
        raise Problem("rules.gives-nothing", *_LACKING[column])
    check_where(schema, column, rule)


def check_where(schema: Schema, column: Ruled, rule: Rule) -> None:
    """Refuse a rule whose filter cannot be read, whatever it gives. Raises as `check` does."""
    if rule.table and rule.table not in TABLES[column]:
        raise Problem(
            "rules.no-such-table",
            _("A rule cannot be about {table}.", table=rule.table),
            _("It may be about: {tables}.", tables=", ".join(TABLES[column])),
        )
    filter_ = parse(rule.where)
    tables = (rule.table,) if rule.table else TABLES[column]
    refused = [found for table in tables if (found := _refused(schema, table, rule, filter_))]
    if len(refused) < len(tables):
        return
    # Where facts have the columns, what is wrong with the rule says more than which lack them.
    telling = [one for one in refused if one.code != "filter.no-such-column"]
    if telling or len(tables) == 1:
        raise (telling or refused)[0]
    raise Problem(
        "rules.no-such-facts",
        _("No kind of facts has all these columns: {columns}.",
          columns=", ".join(sorted(filter_.columns()))),
        _("Check the spelling, or declare the dimension in a mapping."),
    )  # fmt: skip


def _refused(schema: Schema, table: str, rule: Rule, filter_: Filter) -> Problem | None:
    try:
        where(filter_, lang.table(schema, table), schema, table_name=table, zone=rule.zone)
    except Problem as problem:
        return problem
    return None
