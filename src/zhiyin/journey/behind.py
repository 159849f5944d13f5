"""The customers behind a count of journeys: whoever may see customers opens them from the figure.

Nothing is withheld here: these are lists of customers, in their reader's scope.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhiyin.journey import adoption, before, engagement, funnel, membership, parting, paths
from zhiyin.journey.adoption import AdoptionAsked, each_new
from zhiyin.journey.asking import Chosen
from zhiyin.journey.attempts import CAME, Attempts, Marks, attempts, gaps
from zhiyin.journey.attempts import known_until as watched_until
from zhiyin.journey.before import BeforeAsked, events_before, last_nodes, windows
from zhiyin.journey.between import BetweenAsked
from zhiyin.journey.brought import came_of, known_customers
from zhiyin.journey.brought import visits as visits_of
from zhiyin.journey.engagement import EngagementAsked
from zhiyin.journey.events import EPOCH, NOBODY, Events, instants, microseconds
from zhiyin.journey.funnel import FunnelAsked, Part, chains, each_customer
from zhiyin.journey.losses import LossesAsked, Place, steps_of
from zhiyin.journey.outcomes import moments
from zhiyin.journey.parting import PartingAsked, first_visits, known_until
from zhiyin.journey.paths import PathsAsked, pairs_of
from zhiyin.journey.repeats import Who
from zhiyin.journey.repeats import each_customer as each_at_node
from zhiyin.journey.retention import periods, visits
from zhiyin.journey.task import TaskAsked
from zhiyin.journey.variants import histories
from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.periods import Grain
from zhiyin.kernel.text import _
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

Side = Literal["here", "there"]


@dataclass(frozen=True, slots=True)
class Behind:
    """Customers in the order of their keys.

    Args:
        keys: those of one page.
        customers: how many they are in all.
    """

    keys: tuple[int, ...]
    customers: int


@dataclass(frozen=True, slots=True)
class StepAsked:
    """Who came to a step of a funnel.

    Args:
        step: its number, 0 is the first.
        stopped: only those who came no further.
        group: only those who started in this group of `funnel.by`, or who are in this one of
            `funnel.by_segments`; None is the group without a value, or of those in no segment.
        is_grouped: whether `group` is asked for.
        period: only those who started in the period of this label.
        every: the length of that period.
    """

    funnel: FunnelAsked
    step: int
    stopped: bool = False
    group: str | None = None
    is_grouped: bool = False
    period: str | None = None
    every: Grain = "week"


Which = Literal["tried", "done", "never"]


@dataclass(frozen=True, slots=True)
class TaskListed:
    """Who attempted a task.

    Args:
        which: everybody who tried; who completed an attempt; who tried and never did.
        group: only attempts that began in this group of `task.by`; None is the group without a
            value.
        is_grouped: whether `group` is asked for.
        period: only attempts that began in the period of this label, of the length `task.every`.
    """

    task: TaskAsked
    which: Which = "tried"
    group: str | None = None
    is_grouped: bool = False
    period: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """Where customers are listed from, and which of them.

    Args:
        first: how many are passed over.
        limit: how many are returned.
    """

    log: Log
    settings: Settings
    first: int = 0
    limit: int = 50
    scope: Filter | None = None

    def of_step(self, asked: StepAsked) -> Behind:
        """Those who came to a step of a funnel.

        Raises:
            Problem: as `funnel`; ``journey.behind``.
        """
        names = asked.funnel.steps.names
        if not 0 <= asked.step < len(names):
            raise no_figure()
        events = self._events(asked.funnel.chosen)
        if asked.is_grouped and asked.funnel.by_segments:
            events = _of_segment(events, asked)
        part, code = _part(events, asked)
        question = {**funnel.question_of(events, asked.funnel, part), "step": asked.step}
        question |= {"stopped": asked.stopped, "part": None if part is None else code}
        by = asked.funnel.by if part is not None and not part.periods else None
        found = self._located(events, "behind-step", question, by)
        if found is not None:
            return found
        rows = chains(events, asked.funnel, part)
        each = each_customer(rows, asked.funnel.steps, () if part is None else ("part",))
        came = each[f"took{asked.step}"].notnull()
        if asked.stopped and asked.step + 1 < len(names):
            came = came & each[f"took{asked.step + 1}"].isnull()
        if part is not None:
            came = came & (each.part == code)
        return self._listed(events, each.filter(came))

    def of_edge(self, asked: PathsAsked, before: str, after: str | None) -> Behind:
        """Those with one node directly after another; with `before` on either side of a pair
        where `after` is None.

        Raises:
            Problem: ``journey.no-such-event``, ``filter.…``.
        """
        events = self._events(asked.chosen)
        left = events.nodes_called(before)
        reached = left if after is None else events.nodes_called(after)
        question = {**paths.question_of(events, asked), "before": left}
        question["after"] = None if after is None else reached
        found = self._located(events, "behind-edge", question, events.nodes_by)
        if found is not None:
            return found
        pairs = pairs_of(events, asked)
        is_left, is_reached = pairs.node.isin(left), pairs.following.isin(reached)
        is_it = is_left | is_reached if after is None else is_left & is_reached
        return self._listed(events, pairs.filter(is_it))

    def of_variant(self, chosen: Chosen, steps: tuple[str, ...]) -> Behind:
        """Those whose whole history is this row of nodes.

        Raises:
            Problem: ``journey.no-such-event``, ``filter.…``; ``journey.behind`` where a node has
                two meanings.
        """
        events = self._events(chosen)
        nodes = [events.nodes_called(word) for word in steps]
        if any(len(one) > 1 for one in nodes) or not nodes:
            raise no_figure()
        question = {"nodes": list(events.nodes), "row": [number for (number,) in nodes]}
        found = self._located(events, "behind-variant", question, events.nodes_by)
        if found is not None:
            return found
        each = histories(events)
        told = ",".join(str(number) for (number,) in nodes)
        return self._listed(events, each.filter(each.told == told))

    def of_repeat(self, chosen: Chosen, node: str, who: Who) -> Behind:
        """Those who are at a node, more than once, or again after being elsewhere.

        Raises:
            Problem: ``journey.no-such-event``, ``filter.…``; ``journey.behind`` where the node has
                two meanings.
        """
        events = self._events(chosen)
        nodes = events.nodes_called(node)
        if len(nodes) > 1:
            raise no_figure()
        question = {"nodes": list(events.nodes), "among": nodes, "who": who}
        found = self._located(events, "behind-repeat", question, events.nodes_by)
        if found is not None:
            return found
        each = each_at_node(events)
        is_it = {"customers": each.events > 0, "again": each.events > 1, "back": each.stays > 1}
        return self._listed(events, each.filter(each.node.isin(nodes) & is_it[who]))

    def of_cohort(
        self, chosen: Chosen, every: Grain, period: str, later: int, *, came: bool = True
    ) -> Behind:
        """Those who first came in a period, and came again so many periods later, or did not.

        Raises:
            Problem: ``filter.…``; ``journey.behind``.
        """
        events = self._events(chosen)
        buckets = periods(events, every)
        labels = [bucket.label for bucket in buckets]
        if period not in labels or not 0 <= later < len(labels) - labels.index(period):
            raise no_figure()
        first = labels.index(period)
        question = {"periods": instants(buckets), "first": first, "later": later, "came": came}
        found = self._located(events, "behind-cohort", question)
        if found is not None:
            return found
        rows = visits(events, buckets)
        mine = rows.filter(rows["first"] == first)
        again = mine.filter(mine.period == first + later)
        if came:
            return self._listed(events, again)
        each = mine.group_by("customer").aggregate(
            again=(mine.period == first + later).cast("int64").max()
        )
        return self._listed(events, each.filter(each.again == 0))

    def of_before(
        self,
        asked: BeforeAsked,
        side: Side,
        *,
        node: str | None = None,
        steps: tuple[str, ...] | None = None,
    ) -> Behind:
        """Those who had a node in the time before a moment, or these last nodes.

        Args:
            side: ``here``: before the outcome; ``there``: before what it is compared with.

        Raises:
            Problem: as `before`; ``journey.behind`` where a node has two meanings.
        """  # fmt: skip
        events = events_before(self.log, self.settings, asked, scope=self.scope)
        at = moments(events, asked.outcome, asked.compares, asked.within, asked.chosen)
        wanted = [] if node is None else events.nodes_called(node)
        nodes = [] if wanted else [events.nodes_called(word) for word in steps or ()]
        if any(len(one) > 1 for one in nodes):
            raise no_figure()
        question = before.question_of(events, asked, events.run(at))
        if question is not None:
            question["side"] = ("here", "there").index(side)
            question["among"] = wanted or None
            question["row"] = [number for (number,) in nodes]
            found = self._located(events, "behind-moment", question, events.nodes_by)
            if found is not None:
                return found
        rows = windows(events, asked, at)
        if wanted:
            is_it = rows.node.isin(wanted) & (rows[f"in_{side}"] == 1)
            return self._listed(events, rows.filter(is_it))
        last = last_nodes(rows, asked.steps)
        told = last[f"told_{side}"]
        if nodes:
            written = ",".join(str(number) for (number,) in nodes)
            return self._listed(events, last.filter(told == written))
        had = last.filter(told.notnull())
        return self._listed(events, at.filter(at[side].notnull()).anti_join(had, "customer"))

    def of_parting(self, asked: PartingAsked, side: int, node: str, then: str | None) -> Behind:
        """Those of a group who went on from a node to another, or to nothing where `then` is None.

        Raises:
            Problem: as `parting`; ``journey.no-such-event``.
        """
        events = self._events(asked.chosen)
        until = known_until(events)
        nodes = events.nodes_called(node)
        reached = None if then is None else events.nodes_called(then)
        question = parting.question_of(events, asked, until)
        if question is not None:
            pair = {"left": nodes, "reached": reached, "side": side}
            found = self._located(
                events, "behind-parting", {**question[0], **pair}, also=question[1]
            )
            if found is not None:
                return found
        rows = first_visits(events, asked, until)
        is_it = rows.node.isin(nodes) & (rows.side == side)
        is_next = rows.following.isnull() if reached is None else rows.following.isin(reached)
        return self._listed(events, rows.filter(is_it & is_next))

    def of_task(self, asked: TaskListed) -> Behind:
        """Those who attempted a task whose time is over, completed one, or never did.

        Raises:
            Problem: ``journey.no-such-event``, ``journey.no-such-column``, ``filter.…``;
                ``journey.behind``.
        """
        task, events = asked.task, self._events(asked.task.chosen)
        by = task.by if asked.is_grouped else None
        until, span = watched_until(events, clock.now()), microseconds(task.within)
        found = attempts(events, task.names, within=span, until=until, by=by)
        mine = found.began + span <= until
        if by is not None:
            mine = mine & (found.part == _group(events, events.column(by), asked.group))
        if asked.period is not None:
            mine = mine & _began_in(events, asked, found)
        tried, done = found.of(mine), found.of(mine & (found.state == CAME))
        which = {
            "tried": np.unique(tried.customer),
            "done": np.unique(done.customer),
            "never": np.setdiff1d(tried.customer, done.customer),
        }
        return self._sliced(which[asked.which])

    def of_between(self, asked: BetweenAsked, *, followed: bool) -> Behind:
        """Those with an event that the time counts from, or with one that another followed.

        Raises:
            Problem: ``journey.no-such-event``, ``filter.…``.
        """
        events = self._events(asked.chosen)
        found = gaps(events, asked.first, asked.then, until=watched_until(events, clock.now()))
        return self._sliced(np.unique(found.customer[found.came] if followed else found.customer))

    def of_adoption(self, asked: AdoptionAsked, period: str, *, which: Which) -> Behind:
        """Those who were new in a period (tried), took it up in time (done), or did not (never).

        Raises:
            Problem: ``journey.no-such-event``, ``filter.…``; ``journey.behind``.
        """
        events = self._events(asked.chosen)
        buckets = periods(events, asked.every)
        place = _number([bucket.label for bucket in buckets].index, period)
        question = adoption.question_of(events, asked, buckets) | {"period": place}
        question["did"] = {"tried": None, "done": True, "never": False}[which]
        found = self._located(events, "behind-adoption", question)
        if found is not None:
            return found
        each = each_new(events, asked, buckets)
        mine = each.filter(each.period == place)
        if which != "tried":
            did = mine.did >= asked.times
            mine = mine.filter(did if which == "done" else ~did)
        return self._listed(events, mine)

    def of_engaged(self, asked: EngagementAsked, period: str) -> Behind:
        """Those who have a session that begins in a period.

        Raises:
            Problem: ``filter.…``; ``journey.behind``.
        """
        events = self._events(asked.chosen)
        buckets = periods(events, asked.every)
        place = _number([bucket.label for bucket in buckets].index, period)
        question = engagement.question_of(asked, buckets, 0) | {"period": place}
        found = self._located(events, "behind-engagement", question)
        if found is not None:
            return found
        each = engagement.each_period(events, asked, buckets)
        return self._listed(events, each.filter(each.period == place))

    def _sliced(self, keys: npt.NDArray[np.int64]) -> Behind:
        page = keys[self.first : self.first + self.limit]
        return Behind(tuple(page.tolist()), len(keys))

    def of_loss(self, asked: LossesAsked, place: Place, step: int, *, stopped: bool) -> Behind:
        """Unknown customers with a session that came to a step in a place, or that ended there.

        Raises:
            Problem: as `losses`; ``journey.behind``.
        """
        events = self._events(asked.chosen)
        steps = steps_of(events, asked)
        columns = [events.column(name) for name in asked.columns]
        if dict(place).keys() != set(asked.columns) or not 0 <= step < len(steps.names) - 1:
            raise no_figure()
        words = dict(place)
        codes = []
        for name, column in zip(asked.columns, columns, strict=True):
            known = {word: code for code, word in events.words(column).items()}
            codes.append(_number(known.__getitem__, words[name]))
        came = came_of(events, steps, asked.columns, asked.gap)
        if came is not None:
            return self._sliced(_ended(events, came[0], codes, step, stopped=stopped))
        each = visits_of(events, steps, columns, asked.gap)
        is_it = each.reached == step if stopped else each.reached >= step
        for number, code in enumerate(codes):
            is_it = is_it & (each[f"at{number}"] == code)
        each = each.filter(is_it)
        known_ones = known_customers()
        joined = each.left_join(known_ones, each.customer == known_ones.known)
        return self._listed(events, joined.filter(joined.known.isnull()))

    def _events(self, chosen: Chosen) -> Events:
        return Events.of(self.log, self.settings, chosen, scope=self.scope)

    def _located(
        self,
        events: Events,
        question: str,
        asked: Mapping[str, Any],
        by: str | None = None,
        *,
        also: Sequence[str] = (),
    ) -> Behind | None:
        """The page out of the journey index; None where a query must tell it."""
        page = {"first": self.first, "limit": self.limit}
        found = events.ask(question, {**asked, "page": page}, by, also=also)
        if found is None:
            return None
        (row,) = found.to_pylist()
        return Behind(tuple(row["customer"]), row["customers"])

    def _listed(self, events: Events, rows: lang.Expression) -> Behind:
        of = rows.select("customer").distinct()
        (counted,) = events.run(of.aggregate(customers=of.count())).to_pylist()
        page = of.order_by("customer").limit(self.limit, offset=self.first)
        keys = tuple(row["customer"] for row in events.run(page).to_pylist())
        return Behind(keys, counted["customers"])


def _ended(
    events: Events, came: pa.Table, codes: Sequence[int], step: int, *, stopped: bool
) -> npt.NDArray[np.int64]:
    """Unknown customers with a session in a place that came to a step, or that ended there."""
    sessions = came[f"came{step}"].to_numpy()
    if stopped:
        sessions = sessions - came[f"came{step + 1}"].to_numpy()
    is_it = sessions > 0
    for number, code in enumerate(codes):
        is_it &= came[f"at{number}"].to_numpy() == code
    known = events.run(known_customers())["known"].to_numpy()
    return np.setdiff1d(came["customer"].to_numpy()[is_it], known)


def _began_in(events: Events, asked: TaskListed, found: Attempts) -> Marks:
    """Which attempts began in the period that is asked for."""
    buckets = [] if asked.task.every is None else periods(events, asked.task.every)
    bucket = {one.label: one for one in buckets}.get(asked.period or "")
    if bucket is None:
        raise no_figure()
    start, end = (microseconds(at - EPOCH) for at in (bucket.start, bucket.end))
    return (found.began >= start) & (found.began < end)


def _of_segment(events: Events, asked: StepAsked) -> Events:
    try:
        return membership.of(events, asked.funnel.by_segments, asked.group)
    except ValueError:
        raise no_figure() from None


def _part(events: Events, asked: StepAsked) -> tuple[Part | None, int]:
    """What the chains are grouped by, and the number of the group that is asked for."""
    if asked.period is not None:
        buckets = periods(events, asked.every)
        labels = [bucket.label for bucket in buckets]
        return Part("occurred_at", tuple(buckets)), _number(labels.index, asked.period)
    if not asked.is_grouped or asked.funnel.by is None:
        return None, NOBODY
    column = events.column(asked.funnel.by)
    return Part(column), _group(events, column, asked.group)


def _group(events: Events, column: str, word: str | None) -> int:
    """The code of a group's word."""
    codes = {word: code for code, word in events.words(column).items()}
    return _number(codes.__getitem__, word)


def _number(find: Callable[..., int], word: str | None) -> int:
    try:
        return find(word)
    except (KeyError, ValueError):
        raise no_figure() from None


def no_figure() -> Problem:
    """The Problem of an address that names no figure."""
    return Problem(
        "journey.behind",
        _("This address names no figure that customers are behind."),
        _("Open the list from the figure itself."),
    )
