"""The tables of *Funnels*, *Paths*, *Retention* and *Losses* as files; values are not rounded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from zhiyin.collect.exports.rows import Rows, rows_of
from zhiyin.journey.asking import write_steps
from zhiyin.journey.funnel import Step
from zhiyin.kernel.text import _
from zhiyin.web.cohorts_page import Page as CohortsPage
from zhiyin.web.funnels_page import Page as FunnelsPage
from zhiyin.web.losses_page import Page as LossesPage
from zhiyin.web.paths_page import Page as PathsPage

_SHARE = pa.float64()
_FUNNEL: dict[str, pa.DataType] = {
    "funnel": pa.string(),
    "group": pa.string(),
    "period": pa.string(),
    "number": pa.int64(),
    "step": pa.string(),
    "customers": pa.int64(),
    "share_of_first": _SHARE,
    "low": _SHARE,
    "high": _SHARE,
    "share_of_previous": _SHARE,
    "previous_low": _SHARE,
    "previous_high": _SHARE,
    "median_seconds": pa.float64(),
    "state": pa.string(),
    "is_final": pa.bool_(),
}


def funnel(page: FunnelsPage) -> Rows:
    """Each step of all, then of each group, then of each period. Shares lie in 0…1."""
    title = write_steps(page.asked.steps) if page.asked else ""
    rows: list[dict[str, Any]] = []

    def add(steps: Sequence[Step], **more: Any) -> None:
        for number, step in enumerate(steps, start=1):
            rows.append({"funnel": title, "number": number, **step.as_dict(), **more})

    add([row.step for row in page.rows], group=str(_("Total")))
    for group in page.every_group:
        add([row.step for row in group.rows], group=group.name)
    for period in page.every_period:
        add([row.step for row in period.rows], period=period.name, is_final=period.is_final)
    return rows_of(_FUNNEL, rows)


_WAITS: dict[str, pa.DataType] = {
    "first": pa.string(),
    "last": pa.string(),
    "within_seconds": _SHARE,
    "began": pa.int64(),
    "seconds": _SHARE,
    "still": _SHARE,
    "low": _SHARE,
    "high": _SHARE,
    "at_risk": pa.int64(),
    "arrived": pa.int64(),
    "median_seconds": _SHARE,
    "median_low": _SHARE,
    "median_high": _SHARE,
}


def waits(page: FunnelsPage) -> Rows:
    """Each moment of the survival curve that is told. Shares lie in 0…1."""
    found = page.waits
    whole = found.as_dict() if found else {}
    moments = found.moments if found else ()
    return rows_of(_WAITS, [{**whole, **one.as_dict()} for one in moments])


_EDGES: dict[str, pa.DataType] = {
    "from": pa.string(),
    "to": pa.string(),
    "count": pa.int64(),
    "share_of_pairs": _SHARE,
    "customers": pa.int64(),
    "median_seconds": pa.float64(),
    "edges_in_all": pa.int64(),
    "edges_withheld": pa.int64(),
    "pairs": pa.int64(),
}
_VARIANTS: dict[str, pa.DataType] = {
    "steps": pa.string(),
    "customers": pa.int64(),
    "share": _SHARE,
    "median_seconds": pa.float64(),
    "variants_in_all": pa.int64(),
    "variants_withheld": pa.int64(),
}
_REPEATS: dict[str, pa.DataType] = {
    "node": pa.string(),
    "customers": pa.int64(),
    "again": pa.int64(),
    "again_share": _SHARE,
    "again_low": _SHARE,
    "again_high": _SHARE,
    "again_state": pa.string(),
    "back": pa.int64(),
    "back_share": _SHARE,
    "back_low": _SHARE,
    "back_high": _SHARE,
    "back_state": pa.string(),
    "events": pa.int64(),
    "at_once": pa.int64(),
    "nodes_in_all": pa.int64(),
    "nodes_withheld": pa.int64(),
}
_COHORTS: dict[str, pa.DataType] = {
    "cohort": pa.string(),
    "cohort_customers": pa.int64(),
    "cohorts": pa.int64(),
    "later": pa.int64(),
    "period": pa.string(),
    "customers": pa.int64(),
    "share": _SHARE,
    "low": _SHARE,
    "high": _SHARE,
    "state": pa.string(),
    "is_final": pa.bool_(),
}

_LOSSES: dict[str, pa.DataType] = {
    "place": pa.string(),
    "number": pa.int64(),
    "step": pa.string(),
    "sessions": pa.int64(),
    "customers": pa.int64(),
    "lost": pa.int64(),
    "lost_customers": pa.int64(),
    "of_everyone": pa.bool_(),
    "share": _SHARE,
    "like_share": _SHARE,
    "like_sessions": pa.int64(),
    "like_customers": pa.int64(),
    "like_worth": pa.float64(),
    "went_on_worth": pa.float64(),
    "more_lost": pa.float64(),
    "loss": pa.float64(),
    "low": pa.float64(),
    "high": pa.float64(),
    "p": pa.float64(),
    "q": pa.float64(),
    "marked": pa.bool_(),
    "currency": pa.string(),
    "state": pa.string(),
}


def paths(page: PathsPage) -> Rows:
    """Every edge that is shown, or the whole histories, or what comes again."""
    if page.repeats is not None:
        some = {"nodes_in_all": page.repeats.nodes_in_all,
                "nodes_withheld": page.repeats.nodes_withheld}  # fmt: skip
        return rows_of(_REPEATS, [{**row.repeat.as_dict(), **some} for row in page.every_repeat])
    if page.histories is not None:
        all_ = {
            "variants_in_all": page.histories.variants_in_all,
            "variants_withheld": page.histories.variants_withheld,
        }
        told = [
            {**row.variant.as_dict(), "steps": " > ".join(row.variant.steps), **all_}
            for row in page.every_variant
        ]
        return rows_of(_VARIANTS, told)
    if page.found is None:
        return rows_of(_EDGES, [])
    found = page.found
    all_ = {
        "edges_in_all": found.edges_in_all,
        "edges_withheld": found.edges_withheld,
        "pairs": found.pairs,
    }
    edges = [{**row.edge.as_dict(), "share_of_pairs": row.share, **all_} for row in page.every_row]
    return rows_of(_EDGES, edges)


def cohorts(page: CohortsPage) -> Rows:
    """Each later period of each cohort, then of all cohorts together."""
    found = page.found
    rows: list[dict[str, Any]] = []
    for cohort in found.cohorts if found else ():
        named = {"cohort": cohort.period, "cohort_customers": cohort.customers, "cohorts": 1}
        rows += [{**named, **one.as_dict()} for one in cohort.returns]
    for one in found.together if found else ():
        named = {"cohort": str(_("Total")), "cohort_customers": one.of, "is_final": True}
        rows.append({**one.as_dict(), **named})
    return rows_of(_COHORTS, rows)


def losses(page: LossesPage) -> Rows:
    """Every step of every place."""
    found = page.found
    told = [
        {**row.loss.as_dict(), "place": row.name, "currency": found.currency if found else None}
        for row in page.every_row
    ]
    return rows_of(_LOSSES, told)
