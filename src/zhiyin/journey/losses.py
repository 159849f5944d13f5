"""Losses before anyone is known: sessions of unknown customers that ended, and what that cost."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from zhiyin.journey.asking import ALL, Chosen, Steps
from zhiyin.journey.brought import brought
from zhiyin.journey.elsewhere import Cell, cells, states
from zhiyin.journey.events import Events
from zhiyin.journey.withholding import State
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.public_names import CART, LOOKS, ORDERS
from zhiyin.kernel.text import _
from zhiyin.stats import families, shortfall
from zhiyin.stats.bases import Bases
from zhiyin.stats.estimate import number
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

GAP = timedelta(minutes=30)
USUAL_BY = ("channel",)


@dataclass(frozen=True, slots=True)
class LossesAsked:
    """One question about losses.

    Args:
        steps: the last is the goal; None: looking, a cart, an order, as far as the log has them.
        by: columns that say where a session was, at its first event.
        like: columns in which sessions elsewhere agree with those that they are compared with.
        gap: a session ends with a longer pause.
        confidence: one less the share of the marks that may be false.
    """

    steps: Steps | None = None
    by: tuple[str, ...] = USUAL_BY
    like: tuple[str, ...] = ()
    gap: timedelta = GAP
    chosen: Chosen = ALL
    confidence: float = 0.95

    @property
    def columns(self) -> tuple[str, ...]:
        """What a place is told by."""
        return tuple(dict.fromkeys((*self.by, *self.like)))


Place = tuple[tuple[str, str | None], ...]
"""Columns with their words; None for a missing one."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Anonymous sessions that came to a step in a place, and those that ended there.

    Money is in the workspace's currency. None is what is not shown, as `state` says, or what there
    is nothing to tell it from.

    Args:
        number: of the step, from 1.
        sessions, customers: of anonymous customers, that came to the step.
        lost, lost_customers: of them, those that ended there.
        of_everyone: whether the shares are of everybody's sessions, for want of anonymous ones
            that come to the goal.
        share, like_share: of sessions here and of like ones elsewhere that came to the step, those
            that went on; 0…1.
        like_sessions, like_customers: behind `like_share`.
        like_worth: what a like session that came to the step brought, anyone's.
        went_on_worth: what one that went on brought, anyone's.
        more_lost: so many more of these sessions ended here than if they had gone on as like ones.
        loss: `more_lost` × `went_on_worth`; below 0 where more went on here.
        low, high: of the interval that agrees with the mark, over customers.
        p, q: of the test that nothing was lost; None where too few customers tell.
        marked: whether the loss is more than chance, within the whole answer.
    """

    place: Place
    step: str
    number: int
    of_everyone: bool
    state: State = "ok"
    sessions: int | None = None
    customers: int | None = None
    lost: int | None = None
    lost_customers: int | None = None
    share: float | None = None
    like_sessions: int | None = None
    like_customers: int | None = None
    like_share: float | None = None
    like_worth: float | None = None
    went_on_worth: float | None = None
    more_lost: float | None = None
    loss: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    q: float | None = None
    marked: bool = False

    @property
    def short_step(self) -> str:
        """The step's first name, and how many more it has: ``Product Viewed +2``."""
        first, *others = self.step.split(" | ")
        return f"{first} +{len(others)}" if others else first

    @property
    def may_be_nothing(self) -> bool:
        """Whether nothing may have been lost, too: 0 is in the interval."""
        return self.low is not None and self.high is not None and self.low <= 0 <= self.high

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        found = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {**found, "place": dict(self.place)}


@dataclass(frozen=True, slots=True)
class Losses:
    """The losses, the one that is worst for certain first.

    Args:
        steps: what each is called; the last is the goal.
        tests: how many rows were tested; they are one family.
        interval_confidence: the level of the intervals, so that they agree with the marks.
    """

    steps: tuple[str, ...]
    by: tuple[str, ...]
    like: tuple[str, ...]
    gap_seconds: float
    currency: str
    confidence: float
    tests: int
    interval_confidence: float
    minimum_base: int
    losses: tuple[Loss, ...]

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        found = {name: getattr(self, name) for name in self.__dataclass_fields__}
        lists = {name: list(found[name]) for name in ("steps", "by", "like")}
        return {**found, **lists, "losses": [one.as_dict() for one in self.losses]}


def losses(
    log: Log, settings: Settings, asked: LossesAsked, *, scope: Filter | None = None
) -> Losses:
    """What it cost that unknown customers ended where like ones elsewhere go on.

    Raises:
        Problem: ``journey.no-steps``, ``journey.nowhere-else``, ``journey.no-such-event``,
            ``journey.no-such-column``, ``filter.…``.
    """
    events = Events.of(log, settings, asked.chosen, scope=scope)
    steps = steps_of(events, asked)
    columns = [events.column(name) for name in asked.columns]
    found = brought(events, steps, asked.columns, asked.gap)
    alike = [place for place, name in enumerate(asked.columns) if name in asked.like]
    words = [events.words(column) for column in columns]
    return _told(settings, asked, steps, list(cells(found, alike)), words)


def steps_of(events: Events, asked: LossesAsked) -> Steps:
    """The steps that are asked about, or the usual ones.

    Raises:
        Problem: ``journey.no-steps``, ``journey.no-between``, ``journey.nowhere-else``.
    """
    steps = asked.steps or usual_steps(events.names)
    if steps is None:
        raise Problem(
            "journey.no-steps",
            _("No event of this log is called as a look at a page, a cart or an order usually is."),
            _("Name the steps; the last one is the goal."),
        )
    if any(steps.between):
        raise Problem(
            "journey.no-between",
            _("How far a session came is told by its events, whatever comes between."),
            _("Leave out the names with an exclamation mark."),
        )
    if set(asked.by) <= set(asked.like):
        raise Problem(
            "journey.nowhere-else",
            _("Like sessions elsewhere must differ in something."),
            _("Name a column to break down by that like sessions need not agree in."),
        )
    return steps


def usual_steps(names: Collection[str]) -> Steps | None:
    """Looking, a cart, an order, by the names of the public specifications that have come in; None
    where there is no goal or nothing before it."""
    known = [frozenset(name for name in of if name in names) for of in (LOOKS, CART, ORDERS)]
    found = [step for step in known if step]
    if not known[-1] or len(found) < 2:
        return None
    return Steps(tuple(found), (frozenset(),) * (len(found) - 1))


def _told(
    settings: Settings,
    asked: LossesAsked,
    steps: Steps,
    found: Sequence[Cell],
    words: Sequence[dict[int, str | None]],
) -> Losses:
    """The cells as they are shown: one family of tests, the worst for certain first."""
    bases = Bases(settings.minimum_base, settings.test_base, settings.small_base)
    state = states(found, bases.minimum)
    is_told = [one == "ok" and cell.has_money for cell, one in zip(found, state, strict=True)]
    is_tested = [
        is_one and min(cell.here_customers, cell.like_customers, cell.further_customers)
        >= bases.test
        for cell, is_one in zip(found, is_told, strict=True)
    ]  # fmt: skip
    compared = shortfall.differences([cell.found for cell in found], confidence=asked.confidence)
    family = families.mark(np.where(is_tested, compared.p, np.nan), 1 - asked.confidence)
    low, high = families.intervals(family, compared.interval)
    rows = []
    for at, cell in enumerate(found):
        place = tuple(
            (name, word[code])
            for name, word, code in zip(asked.columns, words, cell.place, strict=True)
        )
        label = steps.labels[cell.step]
        row = Loss(place, label, cell.step + 1, cell.of_everyone, state[at])
        if state[at] == "ok":
            row = _shown(row, cell)
        if is_told[at]:
            row = replace(row, loss=cell.found.value, low=number(low[at]), high=number(high[at]))
        if is_tested[at]:
            row = replace(
                row,
                p=number(compared.p[at]),
                q=number(family.q_values[at]),
                marked=bool(family.marked[at]),
            )
        rows.append(row)
    return Losses(
        steps=steps.labels,
        by=asked.by,
        like=asked.like,
        gap_seconds=asked.gap.total_seconds(),
        currency=settings.currency,
        confidence=asked.confidence,
        tests=family.tests,
        interval_confidence=family.confidence,
        minimum_base=bases.minimum,
        losses=tuple(sorted(rows, key=_worst_first)),
    )


def _shown(row: Loss, cell: Cell) -> Loss:
    """The row with its counts, shares and what like sessions brought."""
    found = cell.found
    fewer = None
    if found.share is not None and found.share_there is not None:
        fewer = cell.sessions * (found.share_there - found.share)
    return replace(
        row,
        sessions=cell.sessions,
        customers=cell.customers,
        lost=cell.lost,
        lost_customers=cell.lost_customers,
        share=found.share,
        like_sessions=cell.like_sessions,
        like_customers=cell.like_customers,
        like_share=found.share_there,
        like_worth=cell.like_worth if cell.has_money else None,
        went_on_worth=found.worth if cell.has_money else None,
        more_lost=fewer,
    )


def _worst_first(row: Loss) -> tuple[Any, ...]:
    place = tuple((word is None, word or "") for _name, word in row.place)
    known = row.low is not None
    return (not known, -(row.low or 0.0), -(row.loss or 0.0), -(row.lost or 0), place, row.number)
