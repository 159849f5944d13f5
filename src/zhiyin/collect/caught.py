"""What rules catch: the facts of the last days by what says their touchpoint or their unit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from zhiyin.collect.tail import Event, these
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log, Reader
from zhiyin.warehouse.newest import newest_first
from zhiyin.warehouse.rules import RULED, Rule, Ruled, Rules
from zhiyin.warehouse.ruling import TABLES, check_where, condition

DAYS = 30
"""What a rule catches is counted over so many days up to the newest fact."""
EXAMPLES = 8
UNEXPLAINED = 20

_OWN, _NOTHING = -1, -2


@dataclass(frozen=True, slots=True)
class Caught:
    """A number of facts and of the customers they are of."""

    facts: int = 0
    customers: int = 0

    def as_dict(self) -> dict[str, int]:
        """As the API writes it."""
        return {"facts": self.facts, "customers": self.customers}


@dataclass(frozen=True, slots=True)
class Traffic:
    """The facts of the last days by what says their touchpoint or unit.

    Args:
        since: the start of these days (UTC); None where there are no such facts.
        own: facts that say it themselves.
        rules: what each rule catches, in order.
        nothing: facts without one.
        unexplained: these by the event's name, or by source; the most frequent first.
    """

    table: str
    since: datetime | None = None
    own: Caught = Caught()
    rules: tuple[Caught, ...] = ()
    nothing: Caught = Caught()
    unexplained: tuple[tuple[str, Caught], ...] = ()

    @property
    def by_rule(self) -> int:
        """How many facts the rules catch together."""
        return sum(one.facts for one in self.rules)

    def as_dict(self) -> dict[str, Any]:
        """As the API and the command line write it."""
        return {
            "table": self.table,
            "since": None if self.since is None else f"{self.since.isoformat()}Z",
            "own": self.own.as_dict(),
            "rules": [one.as_dict() for one in self.rules],
            "nothing": self.nothing.as_dict(),
            "unexplained": [{"name": name, **one.as_dict()} for name, one in self.unexplained],
        }


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule would catch at its place.

    Args:
        caught: facts that it would give its word.
        own: facts that it names and that name a word of their own; they keep it, unless rules
            come first, and then they are among those caught.
        before: facts that earlier rules take first, by rule.
        taken: facts that it takes from rules that have them now, by rule.
        examples: the newest events that it would catch.
    """

    table: str
    caught: Caught
    own: int
    before: tuple[tuple[Rule, int], ...]
    taken: tuple[tuple[Rule, int], ...]
    examples: tuple[Event, ...]

    @property
    def names_any(self) -> bool:
        """Whether the rule's filter holds for any fact of this kind, whoever gets it."""
        return bool(self.caught.facts or self.own or self.before)

    def as_dict(self, column: Ruled) -> dict[str, Any]:
        """As the API and the command line write it: counts without the examples.

        Args:
            column: what the rules give.
        """
        return {
            "table": self.table,
            "facts": self.caught.facts,
            "customers": self.caught.customers,
            "own": self.own,
            "before": _counts(self.before, column),
            "taken": _counts(self.taken, column),
        }


def all_traffic(log: Log, workspace: str, column: Ruled) -> list[Traffic]:
    """The traffic of every kind of facts that the column's rules are about and that has come."""
    found = (traffic(log, workspace, column, table) for table in TABLES[column])
    return [one for one in found if one.since is not None]


def traffic(log: Log, workspace: str, column: Ruled, table: str) -> Traffic:
    """What says the touchpoint or unit of the newest days' facts: they, a rule, or nothing."""
    rules = log.rules(workspace, column)
    counting = _Counting(log, workspace, column, table)
    facts, since = counting.recent()
    if since is None:
        return Traffic(table, rules=tuple(Caught() for _rule in rules))
    first = counting.first(facts, list(enumerate(rules)))
    own = lang.ifelse(facts[column].notnull(), _OWN, lang.null("int32"))
    said = (first, own) if rules.come_first else (own, first)
    by = facts.mutate(said=lang.coalesce(*said, lang.literal(_NOTHING, "int32")))
    found = {row["said"]: _caught(row) for row in counting.counted(by.group_by("said"))}
    what = "name" if column == "touchpoint" else "source"
    rows = counting.counted(by.filter(by.said == _NOTHING).group_by(what))
    unexplained = sorted(
        ((str(row[what] or ""), _caught(row)) for row in rows), key=lambda pair: -pair[1].facts
    )
    return Traffic(
        table,
        since,
        found.get(_OWN, Caught()),
        tuple(found.get(place, Caught()) for place in range(len(rules))),
        found.get(_NOTHING, Caught()),
        tuple(unexplained[:UNEXPLAINED]),
    )


def preview(
    log: Log, workspace: str, column: Ruled, rule: Rule, *, place: int | None, instead: bool
) -> tuple[Preview, ...]:
    """What `rule` would catch at `place` (None: behind all), `instead` of the rule there or not.

    Kinds of facts that the rule is not about, or of which there are none, are left out.

    Raises:
        Problem: ``filter.…``, ``rules.…``; a rule that gives nothing yet may be looked at.
    """
    check_where(log.schema(workspace), column, rule)
    rules = log.rules(workspace, column)
    at = len(rules) if place is None else place
    found = (
        _Counting(log, workspace, column, table).preview(rules, rule, at, instead=instead)
        for table in TABLES[column]
    )
    return tuple(one for one in found if one is not None)


@dataclass(frozen=True, slots=True)
class _Counting:
    """The questions about the facts of one table, as they are before the rules of the column."""

    log: Log
    workspace: str
    column: Ruled
    table: str

    @property
    def reader(self) -> Reader:
        return Reader(rules=RULED[: RULED.index(self.column)])

    def recent(self) -> tuple[lang.Expression, datetime | None]:
        facts = lang.table(self.log.schema(self.workspace), self.table)
        query = facts.aggregate(at=facts.occurred_at.max())
        newest = self.execute(query)[0]["at"]
        if newest is None:
            return facts, None
        # By the hour, so that the queries of one hour are compiled once.
        since = newest.replace(minute=0, second=0, microsecond=0) - timedelta(days=DAYS)
        return facts.filter(facts.occurred_at > lang.timestamp(since.isoformat(sep=" "))), since

    def preview(self, rules: Rules, rule: Rule, at: int, *, instead: bool) -> Preview | None:
        facts, since = self.recent()
        asked = self.condition(facts, rule)
        if since is None or asked is None:
            return None
        mine = facts.filter(asked)
        sorted_out = mine.mutate(
            is_own=mine[self.column].notnull(),
            before=lang.coalesce(self.first(mine, list(enumerate(rules))[:at]), -1),
            now=lang.coalesce(self.first(mine, list(enumerate(rules))), -1),
        )
        counts = self.counted(sorted_out.group_by("is_own", "before", "now"))
        is_free = lang.literal(True) if rules.come_first else ~sorted_out.is_own
        catches = sorted_out.filter(is_free & (sorted_out.before == -1))
        whole = catches.aggregate(n=catches.count(), customers=catches.customer.nunique())
        free = [row for row in counts if rules.come_first or not row["is_own"]]
        kept = {n for n in range(len(rules)) if not (instead and n == at)}
        return Preview(
            self.table,
            _caught(self.execute(whole)[0]),
            sum(
                row["n"]
                for row in counts
                if row["is_own"] and (not rules.come_first or row["before"] == -1)
            ),
            _by_rule(rules, ((row["before"], row["n"]) for row in free)),
            _by_rule(
                rules,
                (
                    (row["now"], row["n"])
                    for row in free
                    if row["before"] == -1 and row["now"] in kept
                ),
            ),
            self.examples(catches),
        )

    def examples(self, catches: lang.Expression) -> tuple[Event, ...]:
        if self.table != "events":
            return ()
        newest = newest_first(catches, limit=EXAMPLES)
        numbers = [row["seq"] for row in self.execute(newest.select("seq"))]
        return tuple(these(self.log, self.workspace, numbers, self.reader))

    def condition(self, facts: lang.Expression, rule: Rule) -> lang.Value | None:
        return condition(rule, facts, self.log.schema(self.workspace), table=self.table)

    def first(self, facts: lang.Expression, rules: Sequence[tuple[int, Rule]]) -> lang.Value:
        """The number of the first rule that holds, null where none does."""
        branches = [
            (asked, lang.literal(place, "int32"))
            for place, rule in rules
            if (asked := self.condition(facts, rule)) is not None
        ]
        nothing = lang.null("int32")
        return lang.cases(*branches, else_=nothing) if branches else nothing

    def counted(self, grouped: lang.Expression) -> list[dict[str, Any]]:
        query = grouped.aggregate(
            n=lambda rows: rows.count(), customers=lambda rows: rows.customer.nunique()
        )
        return self.execute(query)

    def execute(self, query: lang.Expression) -> list[dict[str, Any]]:
        found = self.log.execute(self.workspace, query, reader=self.reader, words=True)
        rows: list[dict[str, Any]] = found.to_pylist()
        return rows


def _by_rule(rules: Rules, counts: Iterable[tuple[int, int]]) -> tuple[tuple[Rule, int], ...]:
    found: dict[int, int] = {}
    for place, n in counts:
        if place >= 0:
            found[place] = found.get(place, 0) + n
    return tuple((rules.listed[place], n) for place, n in sorted(found.items()))


def _counts(by_rule: Iterable[tuple[Rule, int]], column: Ruled) -> list[dict[str, object]]:
    return [{column: rule.gives, "where": rule.where, "facts": n} for rule, n in by_rule]


def _caught(row: dict[str, Any]) -> Caught:
    return Caught(row["n"], row["customers"])
