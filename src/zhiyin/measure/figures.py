"""From sums to estimates, for every kind of measure: the one bridge to `stats`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike

from zhiyin.measure.metric import Metric, Scale
from zhiyin.stats import mean, nps, proportion, ratio
from zhiyin.stats.difference import Differences
from zhiyin.stats.estimate import Estimates
from zhiyin.stats.totals import Cross, Totals

_SUMS = ("n", "customers", "num", "den", "yy", "den2", "tt", "tn", "nn")


def totals_of(table: pa.Table, metric: Metric) -> Totals:
    """The sums of a totals table as arrays, one entry a row."""
    sums = {name: table[name].to_numpy().astype(np.float64) for name in _SUMS}
    if metric.is_of_two_things:
        # Rows of a ratio are two things; num²/den says nothing about either.
        sums["yy"] = np.zeros_like(sums["yy"])
    return Totals(**sums)


def table_of(totals: Totals | None) -> pa.Table:
    """The totals table of one cell, or of none."""
    sums = {name: [] if totals is None else [float(getattr(totals, name))] for name in _SUMS}
    whole = ("n", "customers")
    return pa.table(
        {
            n: pa.array(v, pa.float64()).cast(pa.int64() if n in whole else pa.float64())
            for n, v in sums.items()
        }
    )


def cross_of(table: pa.Table, prefix: str) -> Cross:
    """Sums over shared customers: with the margin (``m``) or with the partner (``p``)."""
    return Cross(*(table[f"{prefix}_{pair}"].to_numpy() for pair in ("tt", "tn", "nt", "nn")))


def at_rows(totals: Totals, rows: ArrayLike) -> Totals:
    """The cells at `rows`; −1 is a cell without any row."""
    places = np.asarray(rows, dtype=np.int64)

    def taken(values: Any) -> Any:
        padded = np.append(np.asarray(values, dtype=np.float64), 0.0)
        return padded[places]

    return Totals(*(taken(getattr(totals, name)) for name in _SUMS))


def estimates(
    metric: Metric,
    totals: Totals,
    confidence: float,
    scale: Scale | None,
    frame: int | None = None,
) -> Estimates:
    """One estimate a cell, in units of 1 (not per cent); `frame` corrects for a finite one."""
    if metric.estimator == "nps":
        return nps.estimates(totals, confidence=confidence, population=frame)
    if metric.estimator == "proportion":
        return proportion.estimates(totals, confidence=confidence, population=frame)
    if metric.estimator == "ratio":
        return ratio.estimates(totals, confidence=confidence, population=frame)
    return mean.estimates(
        totals, confidence=confidence, scale=limits(metric, scale), population=frame
    )


def differences(
    metric: Metric, here: Totals, there: Totals, cross: Cross | None, confidence: float
) -> Differences:
    """Here less there, a cell each, in units of 1."""
    module: Any = {"nps": nps, "proportion": proportion, "mean": mean, "ratio": ratio}
    found: Differences = module[metric.estimator].differences(
        here, there, cross, confidence=confidence
    )
    return found


def against(metric: Metric, totals: Totals, value: float, confidence: float) -> Differences:
    """Each cell less a fixed value, in units of 1."""
    module: Any = {"nps": nps, "proportion": proportion, "mean": mean, "ratio": ratio}
    found: Differences = module[metric.estimator].against(totals, value, confidence=confidence)
    return found


def limits(metric: Metric, scale: Scale | None) -> tuple[float, float] | None:
    """Between which values a mean can lie; None where nobody can say."""
    if scale is not None:
        return scale.low, scale.high
    return None if metric.is_asked else (0.0, np.inf)


def nothing() -> Totals:
    """Sums of no cells at all."""
    return Totals(*(np.zeros(0) for _name in _SUMS))


def described(metric: Metric) -> dict[str, Any]:
    """A measure as the command line and the API write it, with the interval of its figures."""
    return {**metric.as_dict(), "interval": usual_method(metric)}


def usual_method(metric: Metric) -> str:
    """The kind of interval that figures of a measure get, as `Score.method` names it."""
    return estimates(metric, _ANY, 0.95, Scale(0, 1)).method


_ANY = Totals.of([1, 0], ["a", "b"])
