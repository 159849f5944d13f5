"""The tables of *Tasks*, *Adoption* and *Engagement* as files; values are not rounded."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from zhiyin.collect.exports.rows import Rows, rows_of
from zhiyin.journey.shares import Figure
from zhiyin.journey.task import Success
from zhiyin.kernel.text import _
from zhiyin.web.adoption_page import Page as AdoptionPage
from zhiyin.web.engagement_page import Page as EngagementPage
from zhiyin.web.tasks_page import Page as TasksPage

_FIGURES = ("completion", "customer_share", "errors", "helped", "switches", "tries")
_COUNTS = ("attempts", "customers", "completed", "completed_customers", "missed_customers")
_QUARTILES = ("25", "50", "75")

_TASK: dict[str, pa.DataType] = {
    "start": pa.string(),
    "goal": pa.string(),
    "group": pa.string(),
    "period": pa.string(),
    **dict.fromkeys(_COUNTS, pa.int64()),
    **{f"{name}{end}": pa.float64() for name in _FIGURES for end in ("", "_low", "_high")},
    **{
        f"{kind}_{share}{end}": pa.float64()
        for kind in ("seconds", "seconds_of_all")
        for share in _QUARTILES
        for end in ("", "_low", "_high")
    },
    "state": pa.string(),
    "completed_state": pa.string(),
    "is_final": pa.bool_(),
}
_BETWEEN: dict[str, pa.DataType] = {
    "first": pa.string(),
    "next": pa.string(),
    "waits": pa.int64(),
    "customers": pa.int64(),
    "followed": pa.int64(),
    "followed_customers": pa.int64(),
    "share": pa.float64(),
    "seconds": pa.float64(),
    "low": pa.float64(),
    "high": pa.float64(),
    "seconds_of_all": pa.float64(),
    "low_of_all": pa.float64(),
    "high_of_all": pa.float64(),
}
_ENGAGEMENT: dict[str, pa.DataType] = {
    "period": pa.string(),
    "is_final": pa.bool_(),
    "customers": pa.int64(),
    "sessions": pa.int64(),
    **{
        f"{name}{end}": pa.float64()
        for name in ("per_customer", "seconds")
        for end in ("", "_low", "_high")
    },
    "state": pa.string(),
}
_ADOPTION: dict[str, pa.DataType] = {
    "period": pa.string(),
    "cohorts": pa.int64(),
    "customers": pa.int64(),
    "adopted": pa.int64(),
    "share": pa.float64(),
    "low": pa.float64(),
    "high": pa.float64(),
    "state": pa.string(),
    "adopted_state": pa.string(),
    "is_final": pa.bool_(),
}


def tasks(page: TasksPage) -> Rows:
    """The attempts of all, of each group and of each period; or the times between."""
    if page.waits is not None:
        return _between(page)
    named = {"start": page.given["start"], "goal": page.given["goal"]}
    rows = []
    if page.whole is not None:
        rows.append({**named, "group": str(_("Total")), **_success(page.whole.success)})
    rows += [{**named, "group": row.name, **_success(row.success)} for row in page.every_group]
    rows += [
        {**named, "period": row.name, "is_final": row.is_final, **_success(row.success)}
        for row in page.every_period
    ]
    return rows_of(_TASK, rows)


def engagement(page: EngagementPage) -> Rows:
    """Each period, and all that are over together."""
    rows = [(row.told.period, row.told.is_final, row.told.engaged) for row in page.every_row]
    if page.found is not None and page.found.together is not None:
        rows.append((str(_("Together")), True, page.found.together))
    return rows_of(
        _ENGAGEMENT,
        [
            {
                "period": period,
                "is_final": is_final,
                "customers": one.customers,
                "sessions": one.sessions,
                **_figure("per_customer", one.per_customer),
                **_figure("seconds", one.seconds),
                "state": one.state,
            }
            for period, is_final, one in rows
        ],
    )


def adoption(page: AdoptionPage) -> Rows:
    """Each cohort, then all that are final together."""
    found = page.found
    rows = [{**one.as_dict(), "cohorts": 1} for one in (found.cohorts if found else ())]
    if found and found.together:
        rows.append({**found.together.as_dict(), "period": str(_("Total")), "is_final": True})
    return rows_of(_ADOPTION, rows)


def _success(one: Success) -> dict[str, Any]:
    found: dict[str, Any] = {name: getattr(one, name) for name in (*_COUNTS, "state")}
    found["completed_state"] = one.completed_state
    for name in _FIGURES:
        found |= _figure(name, getattr(one, name))
    for kind, lengths in (("seconds", one.times), ("seconds_of_all", one.times_of_all)):
        for length in lengths:
            name = f"{kind}_{100 * length.share:g}"
            found |= {name: length.seconds, f"{name}_low": length.low, f"{name}_high": length.high}
    return found


def _figure(name: str, figure: Figure) -> dict[str, float | None]:
    return {name: figure.value, f"{name}_low": figure.low, f"{name}_high": figure.high}


def _between(page: TasksPage) -> Rows:
    waits = page.waits
    counts = {} if waits is None else {
        "waits": waits.waits,
        "customers": waits.customers,
        "followed": waits.followed,
        "followed_customers": waits.followed_customers,
    }  # fmt: skip
    named = {"first": page.given["start"], "next": page.given["goal"] or page.given["start"]}
    rows = [
        {
            **named, **counts,
            "share": one.share, "seconds": one.seconds, "low": one.low, "high": one.high,
            "seconds_of_all": all_.seconds, "low_of_all": all_.low, "high_of_all": all_.high,
        }
        for one, all_ in page.lengths
    ]  # fmt: skip
    return rows_of(_BETWEEN, rows)
