"""Groups of customers by the segments that they are in: one may be in several, or in none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import numpy.typing as npt

from zhiyin.journey.events import Events, Whose
from zhiyin.journey.withholding import State, within
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.text import _
from zhiyin.unify import people, segments

SEGMENTS = "segments"
"""What a break-down by segments is called where one by a column has the column's name."""

MOST = 8
"""Segments that are compared at once: each is one more pass over the events of its customers."""

Marks = npt.NDArray[np.bool_]
Signs = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Group:
    """The events of the customers of one segment.

    Args:
        word: the segment as it was asked for; None: customers in none of them.
    """

    word: str | None
    events: Events


@dataclass(frozen=True, slots=True, eq=False)
class Members:
    """The groups in the order in which they were asked for; last those who are in none.

    Args:
        kinds: [kind, group], which groups customers are in, each kind that there is once.
    """

    groups: tuple[Group, ...]
    kinds: Marks

    def states(
        self, counts: Sequence[Sequence[int]], wholes: Sequence[int], minimum: int
    ) -> list[list[State]]:
        """What is shown of each group's counts beside those of all customers.

        Groups overlap and lie within one another, so sums and differences of their counts and the
        whole may be the count of some customers: one less a part of it, or two that make up a third
        less that one, which are in both. Where these are somebody and fewer than the minimum, the
        smallest of the groups is withheld.

        Args:
            counts: by group and step, each step among the one before it.
            wholes: by step.
        """
        told = self._told()
        found = [within(row, minimum) for row in counts]
        for step, state in enumerate(within(wholes, minimum)):
            column = np.array([row[step] for row in counts], np.int64)
            hidden = np.array([row[step] != "ok" for row in found], np.bool_)
            if state == "ok":
                _hide(told, np.append(column, wholes[step]), hidden, minimum)
            else:
                hidden[:] = True
            for row, count, is_hidden in zip(found, column, hidden, strict=True):
                if is_hidden and row[step] == "ok" and count:
                    row[step] = "withheld"
        return found

    def _told(self) -> Signs:
        """Each sum and difference of groups, and last of everybody, that counts each customer once
        or not at all."""
        sets = np.hstack([self.kinds, np.ones((len(self.kinds), 1), np.bool_)])
        signs = np.array(list(product((-1, 0, 1), repeat=sets.shape[1])), np.int8)
        times = signs.astype(np.float32) @ sets.T.astype(np.float32)
        found: Signs = signs[((times == 0) | (times == 1)).all(axis=1) & times.any(axis=1)]
        return found


def _hide(told: Signs, sizes: npt.NDArray[np.int64], hidden: Marks, minimum: int) -> None:
    """Hide groups until no sum or difference counts too few customers.

    Args:
        sizes: of each group, and last of everybody.
        hidden: of each group; what becomes hidden is written there.
    """
    while True:
        shown = told[~told[:, :-1][:, hidden].any(axis=1)]
        left = shown @ sizes
        small = shown[(left > 0) & (left < minimum)]
        if not len(small):
            return
        of = np.flatnonzero((small[0, :-1] != 0) & (sizes[:-1] > 0))
        hidden[of[np.argmin(sizes[of])]] = True


def read(events: Events, by: str | None, texts: Sequence[str]) -> Members:
    """The customers of each segment as they are now, and those in none of them.

    Args:
        by: the column that is broken down by besides, which cannot be.
        texts: short names of segments, or rules over customers.

    Raises:
        Problem: ``journey.one-break-down``, ``journey.segments``, ``segments.none``; a rule that
            cannot be read.
    """
    if by is not None:
        raise Problem(
            "journey.one-break-down",
            _("A funnel is broken down by a column or by segments, not by both."),
            _("Choose a segment to ask of its customers alone, and break that down by the column."),
        )
    words = list(dict.fromkeys(texts))
    if len(words) > MOST:
        raise Problem(
            "journey.segments",
            _("A funnel is broken down by {most} segments at most, and these are {n}.",
              most=MOST, n=len(words)),
            _("Leave out those that say nothing about what you ask."),
        )  # fmt: skip
    rules = _rules(events, words)
    base = events.whose
    table, holds = people.chosen_by(events.log, events.settings, [*base.every, *rules])
    asked, own = holds[: len(base.every)], holds[len(base.every) :]
    columns = {f"in{place}": one for place, one in enumerate(own)}
    found = table.filter(*asked) if asked else table
    rows = events.run(found.select("customer", **columns).order_by("customer"))
    customers = rows["customer"].to_numpy().astype(np.int32)
    is_in = np.array([rows[name].to_numpy() for name in columns], dtype=np.bool_)
    is_in = np.vstack([is_in, ~is_in.any(axis=0)])
    groups = tuple(
        Group(word, replace(events, whose=whose, keys=customers[mine]))
        for word, whose, mine in zip([*words, None], _whose(base, rules), is_in, strict=True)
    )
    return Members(groups, np.unique(is_in.T, axis=0))


def of(events: Events, texts: Sequence[str], word: str | None) -> Events:
    """The events of the customers of one of those groups.

    Raises:
        ValueError: there is no such group.
        Problem: as `read`.
    """
    words = list(dict.fromkeys(texts))
    place = [*words, None].index(word)
    return replace(events, whose=_whose(events.whose, _rules(events, words))[place])


def _rules(events: Events, words: Sequence[str]) -> list[Filter]:
    return [segments.read(events.log, events.settings.slug, text) for text in words]


def _whose(base: Whose, rules: Sequence[Filter]) -> list[Whose]:
    """Of each rule, and of none of them, within the customers there are."""
    each = [Whose((*base.every, rule), base.none) for rule in rules]
    return [*each, Whose(base.every, (*base.none, *rules))]
