"""The customers behind a figure of journeys, answered by the compiled passes that count it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from zhiyin.warehouse.journeys import leading, questions
from zhiyin.warehouse.journeys.choosing import Chosen
from zhiyin.warehouse.journeys.passes import (
    adoption,
    before,
    engagement,
    funnel,
    locating,
    parting,
    paths,
    repeats,
    retention,
    variants,
)


class StepListed(questions.FunnelAsked, frozen=True, kw_only=True):
    """Who came to a step of a funnel.

    Args:
        step: from 0.
        part: the number of the period in which the chain began, or the code of the group's word,
            -1 for a missing one; None: in any.
    """

    page: locating.Page
    step: int
    stopped: bool
    part: int | None


class EdgeListed(questions.PathsAsked, frozen=True, kw_only=True):
    """Who has one node of some directly before one of others; None: on either side."""

    page: locating.Page
    before: list[int]
    after: list[int] | None


class VariantListed(questions.VariantsAsked, frozen=True, kw_only=True):
    """Whose whole history is a row of nodes."""

    page: locating.Page
    row: list[int]


class RepeatListed(questions.RepeatsAsked, frozen=True, kw_only=True):
    """Who is at one of some nodes, more than once, or again after being elsewhere."""

    page: locating.Page
    among: list[int]
    who: repeats.Who


class CohortListed(questions.RetentionAsked, frozen=True, kw_only=True):
    """Who first came in a period, and came so many periods later, or did not."""

    page: locating.Page
    first: int
    later: int
    came: bool


class AdoptionListed(questions.AdoptionAsked, frozen=True, kw_only=True):
    """Who was new in a period.

    Args:
        did: only those who took it up in time, or only those who did not.
    """

    page: locating.Page
    period: int
    did: bool | None


class EngagedListed(questions.EngagementAsked, frozen=True, kw_only=True):
    """Who has a session that begins in a period."""

    page: locating.Page
    period: int


class BeforeListed(leading.BeforeAsked, frozen=True, kw_only=True):
    """Who had something in the time before a moment.

    Args:
        side: 0: before ``here``; 1: before ``there``.
        among: nodes of which she had one; None: what her last nodes were is asked.
        row: these, in their order.
    """

    page: locating.Page
    side: int
    among: list[int] | None
    row: list[int]


class PartingListed(leading.PartingAsked, frozen=True, kw_only=True):
    """Who of a group went on from one of some nodes to one of others; None: to nothing."""

    page: locating.Page
    side: int
    left: list[int]
    reached: list[int] | None


def step(chosen: Chosen, asked: StepListed) -> locating.Located:
    """Those who came to a step of a funnel."""
    by, numbers = questions.parts_of(chosen, asked)
    if asked.part is not None and asked.part not in numbers:
        return locating.Located(np.zeros(0, np.int64), 0)
    row = 0 if asked.part is None else 1 + numbers.index(asked.part)
    return funnel.behind(
        chosen.histories,
        questions.steps_of(asked),
        asked.page,
        step=asked.step,
        stopped=asked.stopped,
        row=row,
        allowed=questions.allowed_by(chosen, asked),
        by=by,
    )


def edge(chosen: Chosen, asked: EdgeListed) -> locating.Located:
    """Those with one node directly after another."""
    return paths.behind(
        chosen.histories,
        questions.paths_of(chosen, asked),
        asked.page,
        before=_places(asked, asked.before),
        after=None if asked.after is None else _places(asked, asked.after),
        allowed=questions.allowed_by(chosen, asked),
    )


def variant(chosen: Chosen, asked: VariantListed) -> locating.Located:
    """Those whose whole history it is."""
    return variants.behind(
        chosen.histories,
        questions.nodes_of(chosen, asked.nodes),
        [asked.nodes.index(node) for node in asked.row],
        asked.page,
        allowed=questions.allowed_by(chosen, asked),
    )


def repeat(chosen: Chosen, asked: RepeatListed) -> locating.Located:
    """Those who are at a node, once or again."""
    return repeats.behind(
        chosen.histories,
        questions.nodes_of(chosen, asked.nodes),
        asked.page,
        among=_places(asked, asked.among),
        who=asked.who,
        allowed=questions.allowed_by(chosen, asked),
    )


def cohort(chosen: Chosen, asked: CohortListed) -> locating.Located:
    """Those who first came in a period, and came again, or did not."""
    return retention.behind(
        chosen.histories,
        np.array(asked.periods, np.int64),
        asked.page,
        first=asked.first,
        later=asked.later,
        came=asked.came,
        allowed=questions.allowed_by(chosen, asked),
    )


def new(chosen: Chosen, asked: AdoptionListed) -> locating.Located:
    """Those who were new in a period."""
    return adoption.behind(
        chosen.histories,
        questions.adoption_of(asked),
        asked.page,
        period=asked.period,
        did=asked.did,
        allowed=questions.allowed_by(chosen, asked),
    )


def engaged(chosen: Chosen, asked: EngagedListed) -> locating.Located:
    """Those who have a session that begins in a period."""
    return engagement.behind(
        chosen.histories,
        np.array(asked.periods, np.int64),
        asked.page,
        period=asked.period,
        gap=asked.gap,
        allowed=questions.allowed_by(chosen, asked),
    )


def moment(chosen: Chosen, asked: BeforeListed) -> locating.Located:
    """Those who had a node before a moment, or these last nodes."""
    moments, _ = leading.moments_of(chosen, asked)
    allowed, nodes = questions.allowed_by(chosen, asked), questions.nodes_of(chosen, asked.nodes)
    if asked.among is not None:
        return before.behind(
            chosen.histories, moments, nodes, asked.page, among=_places(asked, asked.among),
            side=asked.side, within=asked.within, allowed=allowed,
        )  # fmt: skip
    found = before.before(
        chosen.histories, moments, nodes, within=asked.within, steps=asked.steps, allowed=allowed
    )
    is_it = (
        found.rows == before.row_of([asked.nodes.index(one) for one in asked.row], nodes.count)
    ) & (moments.sides == asked.side)
    keys = np.unique(before.first_members(chosen.histories)[moments.keys[is_it]])
    shown = keys[asked.page.first :][: asked.page.limit]
    return locating.Located(shown.astype(np.int64), len(keys))


def parted(chosen: Chosen, asked: PartingListed) -> locating.Located:
    """Those of a group who went on from one node to another."""
    return parting.behind(
        chosen.histories,
        leading.parting_of(chosen, asked),
        asked.page,
        side=asked.side,
        left=_places(asked, asked.left),
        reached=None if asked.reached is None else _places(asked, asked.reached),
        allowed=questions.allowed_by(chosen, asked),
    )


def _places(asked: questions.Noded, nodes: list[int]) -> frozenset[int]:
    return frozenset(asked.nodes.index(node) for node in nodes)


def listed(found: locating.Located) -> pa.Table:
    """One row: ``customer``, the keys of one page of them, rising; and ``customers``, how many they
    are in all."""
    keys = pa.array([found.keys], pa.list_(pa.int64()))
    return pa.table({"customer": keys, "customers": [found.customers]})
