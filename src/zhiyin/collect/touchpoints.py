"""Touchpoint rules: edited here, kept in the log, read with every query; what each one catches."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.workspaces import Settings
from zhiyin.collect.tail import Event, these
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.kernel.text import _
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log, Reader, TouchpointRule
from zhiyin.warehouse.where import where

OWN = Reader(has_rules=False)
DAYS = 30
"""What a rule catches is counted over so many days up to the newest event."""
EXAMPLES = 8
UNEXPLAINED = 20

# Editing


def digest(rules: Sequence[TouchpointRule]) -> str:
    """What stands for a list of rules in a form: who sends it has seen this list."""
    said = json.dumps([[r.where, r.touchpoint, r.zone] for r in rules], ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def add(
    *,
    by: Actor,
    log: Log,
    workspace: Settings,
    rule: TouchpointRule,
    place: int | None = None,
    seen: str,
) -> None:
    """Put a rule at `place`, by default behind the others.

    Raises:
        Problem: ``filter.…``, ``touchpoints.no-name``, ``touchpoints.changed``.
    """
    rules = _seen(log, workspace, seen)
    at = len(rules) if place is None else min(max(place, 0), len(rules))
    after = [*rules[:at], _neat(rule), *rules[at:]]
    _replace(by, log, workspace, "touchpoint_rule.added", rule, rules, after)


def change(
    *, by: Actor, log: Log, workspace: Settings, place: int, rule: TouchpointRule, seen: str
) -> None:
    """Put another rule in the place of one. Raises as `add` does."""
    rules = _seen(log, workspace, seen)
    _at(rules, place)
    after = [*rules[:place], _neat(rule), *rules[place + 1 :]]
    _replace(by, log, workspace, "touchpoint_rule.changed", rule, rules, after)


def move(*, by: Actor, log: Log, workspace: Settings, place: int, to: int, seen: str) -> None:
    """Move a rule: the first that holds decides. Raises as `add` does."""
    rules = _seen(log, workspace, seen)
    rule = _at(rules, place)
    after = [*rules[:place], *rules[place + 1 :]]
    after.insert(min(max(to, 0), len(after)), rule)
    if after != rules:
        _replace(by, log, workspace, "touchpoint_rule.moved", rule, rules, after)


def remove(*, by: Actor, log: Log, workspace: Settings, place: int, seen: str) -> TouchpointRule:
    """Take a rule out; returns it, so that it can be put back. Raises as `add` does."""
    rules = _seen(log, workspace, seen)
    rule = _at(rules, place)
    after = [*rules[:place], *rules[place + 1 :]]
    _replace(by, log, workspace, "touchpoint_rule.removed", rule, rules, after)
    return rule


def _seen(log: Log, workspace: Settings, seen: str) -> list[TouchpointRule]:
    rules = log.touchpoint_rules(workspace.slug)
    if digest(rules) != seen:
        raise Problem(
            "touchpoints.changed",
            _("Somebody else has changed the touchpoint rules in the meantime."),
            _("Look at the rules as they are now, and change them again."),
        )
    return rules


def _at(rules: Sequence[TouchpointRule], place: int) -> TouchpointRule:
    if not 0 <= place < len(rules):
        raise Problem(
            "touchpoints.no-such-rule",
            _("There is no rule {place}.", place=place + 1),
            _("Look at the rules as they are now, and change them again."),
        )
    return rules[place]


def _neat(rule: TouchpointRule) -> TouchpointRule:
    return TouchpointRule(rule.where.strip(), rule.touchpoint.strip(), rule.zone)


def _replace(
    by: Actor,
    log: Log,
    workspace: Settings,
    action: str,
    rule: TouchpointRule,
    before: Sequence[TouchpointRule],
    after: Sequence[TouchpointRule],
) -> None:
    # The log's own transaction is inside: where it refuses, nothing is recorded.
    with transaction.atomic():
        audit.record(
            by=by,
            action=action,
            subject=rule.touchpoint[:254],
            workspace=workspace.slug,
            before={"rules": [[r.where, r.touchpoint] for r in before]},
            after={"rules": [[r.where, r.touchpoint] for r in after]},
        )
        log.set_touchpoint_rules(workspace.slug, after, instead_of=before)


# What rules catch


@dataclass(frozen=True, slots=True)
class Caught:
    """A number of events and of the customers they are of."""

    events: int = 0
    customers: int = 0


@dataclass(frozen=True, slots=True)
class Traffic:
    """The events of the last days by what says their touchpoint.

    Args:
        since: the start of these days (UTC); None where there are no events.
        own: events that say it themselves.
        rules: what each rule catches, in order.
        nothing: events without a touchpoint.
        unexplained: these by name, the most frequent first.
    """

    since: datetime | None
    own: Caught
    rules: tuple[Caught, ...]
    nothing: Caught
    unexplained: tuple[tuple[str, Caught], ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule would catch at its place.

    Args:
        caught: events that it would give its touchpoint.
        own: events that it names and that say their own touchpoint; they keep it.
        before: events that earlier rules take first, by rule.
        taken: events that it takes from rules that have them now, by rule.
        examples: the newest events that it would catch.
    """

    caught: Caught
    own: int
    before: tuple[tuple[TouchpointRule, int], ...]
    taken: tuple[tuple[TouchpointRule, int], ...]
    examples: tuple[Event, ...]


def traffic(log: Log, workspace: str) -> Traffic:
    """What says the touchpoint of the newest days' events: they, a rule, or nothing."""
    rules = log.touchpoint_rules(workspace)
    events, since = _recent(log, workspace)
    if since is None:
        return Traffic(None, Caught(), tuple(Caught() for _rule in rules), Caught(), ())
    first = _first(log, workspace, events, list(enumerate(rules)))
    said = lang.ifelse(events.touchpoint.notnull(), -1, lang.coalesce(first, -2))
    by = events.mutate(said=said)
    counted = _counted(log, workspace, by.group_by("said"))
    found = {row["said"]: _caught(row) for row in counted}
    lost = by.filter(by.said == -2)
    names = _counted(log, workspace, lost.group_by("name"))
    unexplained = sorted(
        ((str(row["name"] or ""), _caught(row)) for row in names), key=lambda pair: -pair[1].events
    )
    return Traffic(
        since,
        found.get(-1, Caught()),
        tuple(found.get(place, Caught()) for place in range(len(rules))),
        found.get(-2, Caught()),
        tuple(unexplained[:UNEXPLAINED]),
    )


def preview(
    log: Log, workspace: str, rule: TouchpointRule, *, place: int | None, instead: bool
) -> Preview:
    """What `rule` would catch at `place` (None: behind all), `instead` of the rule there or not.

    Raises:
        Problem: ``filter.…``; a rule without a touchpoint may be looked at.
    """
    rules = log.touchpoint_rules(workspace)
    at = len(rules) if place is None else place
    earlier = list(enumerate(rules[:at]))
    kept = {n for n in range(len(rules)) if not (instead and n == at)}
    events, _since = _recent(log, workspace)
    mine = events.filter(_condition(log, workspace, events, rule))
    sorted_out = mine.mutate(
        is_own=mine.touchpoint.notnull(),
        before=lang.coalesce(_first(log, workspace, mine, earlier), -1),
        now=lang.coalesce(_first(log, workspace, mine, list(enumerate(rules))), -1),
    )
    counts = _counted(log, workspace, sorted_out.group_by("is_own", "before", "now"))
    catches = sorted_out.filter(~sorted_out.is_own & (sorted_out.before == -1))
    whole = catches.aggregate(n=catches.count(), customers=catches.customer.nunique())
    newest = catches.order_by(lang.desc("occurred_at"), lang.desc("seq")).limit(EXAMPLES)
    numbers = log.execute(workspace, newest.select("seq"), reader=OWN).to_pylist()
    free = [row for row in counts if not row["is_own"]]
    return Preview(
        _caught(log.execute(workspace, whole, reader=OWN).to_pylist()[0]),
        sum(row["n"] for row in counts if row["is_own"]),
        _by_rule(rules, ((row["before"], row["n"]) for row in free)),
        _by_rule(
            rules,
            ((row["now"], row["n"]) for row in free if row["before"] == -1 and row["now"] in kept),
        ),
        tuple(these(log, workspace, [row["seq"] for row in numbers], OWN)),
    )


def _by_rule(
    rules: Sequence[TouchpointRule], counts: Iterable[tuple[int, int]]
) -> tuple[tuple[TouchpointRule, int], ...]:
    found: dict[int, int] = {}
    for place, n in counts:
        if place >= 0:
            found[place] = found.get(place, 0) + n
    return tuple((rules[place], n) for place, n in sorted(found.items()))


def _recent(log: Log, workspace: str) -> tuple[lang.Expression, datetime | None]:
    events = lang.table(log.schema(workspace), "events")
    query = events.aggregate(at=events.occurred_at.max())
    newest = log.execute(workspace, query, reader=OWN).to_pylist()[0]["at"]
    if newest is None:
        return events, None
    # By the hour, so that the queries of one hour are compiled once.
    since = newest.replace(minute=0, second=0, microsecond=0) - timedelta(days=DAYS)
    return events.filter(events.occurred_at > lang.timestamp(since.isoformat(sep=" "))), since


def _condition(
    log: Log, workspace: str, events: lang.Expression, rule: TouchpointRule
) -> lang.Value:
    schema = log.schema(workspace)
    return where(parse(rule.where), events, schema, table_name="events", zone=rule.zone)


def _first(
    log: Log,
    workspace: str,
    events: lang.Expression,
    rules: Sequence[tuple[int, TouchpointRule]],
) -> lang.Value:
    """The number of the first rule that holds, null where none does."""
    if not rules:
        return lang.null("int32")
    branches = [
        (_condition(log, workspace, events, rule), lang.literal(place, "int32"))
        for place, rule in rules
    ]
    return lang.cases(*branches, else_=lang.null("int32"))


def _counted(log: Log, workspace: str, grouped: lang.Expression) -> list[dict[str, int]]:
    query = grouped.aggregate(
        n=lambda rows: rows.count(), customers=lambda rows: rows.customer.nunique()
    )
    found: list[dict[str, int]] = log.execute(workspace, query, reader=OWN, words=True).to_pylist()
    return found


def _caught(row: dict[str, int]) -> Caught:
    return Caught(row["n"], row["customers"])
