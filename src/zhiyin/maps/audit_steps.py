"""Steps of a competitor audit side by side: touchpoint by touchpoint, how long each took on every
site, and what went wrong there with its proof."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from zhiyin.maps import audits
from zhiyin.maps.audit_sites import Figure, compared
from zhiyin.maps.models import Audit, AuditRun, AuditStep
from zhiyin.stats import task_times


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong at a step of a run.

    Args:
        run: its number.
        place: of the step, in its run.
        link: where the proof is; blank: nowhere.
        has_picture: whether the step has one as its proof.
    """

    run: int
    place: int
    says: str
    failed: str
    link: str
    has_picture: bool

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Cell:
    """What happened here on one site.

    Args:
        runs: that came here.
        of: runs of the site.
        failed_runs: of those that came here, those in which something went wrong here.
        seconds: how long a run spends here: the geometric mean of those that were timed.
    """

    site: str
    runs: int
    of: int
    failed_runs: int
    seconds: Figure
    failures: tuple[Failure, ...]

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {
            "site": self.site,
            "runs": self.runs,
            "of": self.of,
            "failed_runs": self.failed_runs,
            "seconds": self.seconds.as_dict(),
            "failures": [one.as_dict() for one in self.failures],
        }


@dataclass(frozen=True, slots=True)
class Row:
    """A touchpoint, or steps at none that are called the same.

    Args:
        node: id of the touchpoint; blank: none.
        name: the touchpoint's, else what the steps are called.
        is_gone: whether the map does not have the touchpoint any more.
        cells: one a site, in their order.
    """

    node: str
    name: str
    is_gone: bool
    cells: tuple[Cell, ...]

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {
            "node": self.node or None,
            "name": self.name,
            "is_gone": self.is_gone,
            "cells": [one.as_dict() for one in self.cells],
        }


def rows(audit: Audit, runs: Sequence[AuditRun]) -> tuple[Row, ...]:
    """The touchpoints in the map's order, then those that left it, then steps at none, by the place
    at which they usually come.

    Args:
        runs: of `audits.runs`.
    """
    known = audits.touchpoints(audit.map)
    names: dict[_Key, str] = {}
    places: dict[_Key, list[int]] = {}
    came: dict[tuple[_Key, int], _Came] = {}
    for run in runs:
        for step in run.steps.all():
            key = _key(step)
            names.setdefault(key, step.says)
            places.setdefault(key, []).append(step.place)
            here = came.setdefault((key, run.site_id), {})
            here.setdefault(run.pk, (run, []))[1].append(step)
    order = {node: at for at, node in enumerate(known)}

    def usual(key: _Key) -> tuple[int, float]:
        mean = sum(places[key]) / len(places[key])
        if key[0] in order:
            return 0, order[key[0]]
        return (1 if key[0] else 2), mean

    sites = [(site, sum(run.site_id == site.pk for run in runs)) for site in audit.sites.all()]
    return tuple(
        Row(
            node=key[0],
            name=known.get(key[0], key[0]) or names[key],
            is_gone=bool(key[0]) and key[0] not in known,
            cells=tuple(_cell(site.name, of, came.get((key, site.pk), {})) for site, of in sites),
        )
        for key in sorted(places, key=usual)
    )


def whole(audit: Audit) -> dict[str, Any]:
    """A walkthrough with all that is known of it, as the command line and the API write it."""
    runs = audits.runs(audit)
    return {
        **audits.as_dict(audit),
        "compared": compared(audit, runs).as_dict(),
        "steps": [one.as_dict() for one in rows(audit, runs)],
        "all_runs": [audits.run_as_dict(one) for one in runs],
    }


_Key = tuple[str, str]
"""A touchpoint, or the words of steps at none."""

_Came = dict[int, tuple[AuditRun, list[AuditStep]]]
"""Runs by number, each with its steps here."""


def _key(step: AuditStep) -> _Key:
    return (step.node, "") if step.node else ("", " ".join(step.says.split()).casefold())


def _cell(site: str, of: int, here: _Came) -> Cell:
    timed = [
        (time, audits.person(run))
        for run, steps in here.values()
        if (time := audits.total(steps)) is not None
    ]
    found = task_times.estimate(
        task_times.logs([time for time, _who in timed], [who for _time, who in timed])
    )
    failures = tuple(
        Failure(run.pk, one.place, one.says, one.failed, one.link, bool(one.picture))
        for run, steps in here.values()
        for one in steps
        if one.failed
    )
    return Cell(
        site=site,
        runs=len(here),
        of=of,
        failed_runs=len({one.run for one in failures}),
        seconds=Figure(None, None, None, 0, 0)
        if found is None
        else Figure(found.value, found.low, found.high, found.n, found.customers),
        failures=failures,
    )
