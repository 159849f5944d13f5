"""Two groups of which the paths are compared: by what an event says, or by who the customer is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from zhiyin.journey.events import Events
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Compare, Filter, In, Missing, parse
from zhiyin.kernel.text import _
from zhiyin.unify import people, segments
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

Whose = Literal["events", "customers"]
WHOSE: tuple[Whose, ...] = ("events", "customers")


@dataclass(frozen=True, slots=True)
class Groups:
    """Two groups; what is in both, or in neither, is left out.

    Args:
        whose: ``events``: the visit to a node is in the group; ``customers``: the customer is.
        one: the first group.
        two: the second.
    """

    whose: Whose
    one: Filter
    two: Filter


def read_groups(log: Log, settings: Settings, whose: str, one: str, two: str) -> Groups:
    """Two groups as people say them; of customers also by the short name of a segment.

    Raises:
        Problem: ``journey.groups``, ``segments.none``; a filter that cannot be read.
    """
    known = next((each for each in WHOSE if each == whose), None)
    if known is None or not one.strip() or not two.strip():
        raise Problem(
            "journey.groups",
            _("Two groups are needed, of events or of customers."),
            _("Write two filters: channel = 'app' and channel = 'web'."),
        )
    if known == "events":
        return Groups(known, parse(one), parse(two))
    return Groups(known, *(segments.read(log, settings.slug, text) for text in (one, two)))


def marked(events: Events, groups: Groups) -> lang.Expression:
    """The rows of `Events.paths` with ``side``: 0 or 1, null in both groups or in neither. Of
    customers who are in neither there are no rows.

    Raises:
        Problem: ``filter.…``.
    """
    if groups.whose == "customers":
        return events.paths().join(sides(events, groups), "customer")
    rows = events.paths(marks={"one": groups.one, "two": groups.two})
    return rows.mutate(side=_side(rows.one, rows.two))


def sides(events: Events, groups: Groups) -> lang.Expression:
    """One row a customer in one of the groups: ``customer`` and ``side``."""
    settings = events.settings
    table, (one, two) = people.chosen_by(events.log, settings, _both(groups))
    found = table.select("customer", side=_side(one, two))
    return found.filter(found.side.notnull())


def known_sides(events: Events, groups: Groups) -> dict[str, bytes]:
    """The same as the journey index takes them."""
    found = events.run(sides(events, groups))
    return {
        "customers": found["customer"].to_numpy().astype(np.int32).tobytes(),
        "sides": found["side"].to_numpy().astype(np.uint8).tobytes(),
    }


def by_column(events: Events, groups: Groups) -> tuple[str, list[int], list[int]] | None:
    """The one column by whose words both groups are told apart, and the codes of their words; None
    where the groups say more than that."""
    columns = {next(iter(one.columns())) for one in _both(groups) if len(one.columns()) == 1}
    words = [_words(one) for one in _both(groups)]
    (column,) = columns if len(columns) == 1 else ("",)
    if column not in events.breakable() or words[0] is None or words[1] is None:
        return None
    codes = {word: code for code, word in events.words(events.column(column)).items()}
    one, two = ([codes[word] for word in each if word in codes] for each in words if each)
    return column, one, two


def _words(filter_: Filter) -> list[str | None] | None:
    """The words that a filter asks of its one column, None a missing one; None where it asks in
    another way."""
    match filter_.root:
        case Compare(_column, "=", str(word)):
            return [word]
        case In(_column, values, False) if all(isinstance(value, str) for value in values):
            return [str(value) for value in values]
        case Missing(_column):
            return [None]
    return None


def _both(groups: Groups) -> tuple[Filter, Filter]:
    return groups.one, groups.two


def _side(one: lang.Value, two: lang.Value) -> lang.Value:
    first, second = lang.literal(0, "int32"), lang.literal(1, "int32")
    return lang.cases((one & ~two, first), (two & ~one, second), else_=lang.null("int32"))
