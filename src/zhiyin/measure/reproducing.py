"""The R call that makes a figure's interval again, from sums that it names."""

from __future__ import annotations

import math

import numpy as np

from zhiyin.measure import figures
from zhiyin.measure.metric import Metric, Scale
from zhiyin.stats.clusters import Spread, spread
from zhiyin.stats.totals import Totals


def r_call(
    metric: Metric, totals: Totals, confidence: float, scale: Scale | None, frame: int | None = None
) -> str:
    """Lines of R that print the interval's ends, in units of 1; blank where there is none.

    Where every customer answered once they need base R and the counts alone. Where customers
    answered again, the n is the effective one and the degrees of freedom those of
    `stats.clusters.spread`, which R's ``survey`` package finds from the rows. The interval of
    answers that are all equal is a rule of three, and has no call.

    Args:
        totals: the sums of one cell.
    """
    found = figures.estimates(metric, totals, confidence, scale, frame)
    if not np.isfinite(found.low) or not np.isfinite(found.high):
        return ""
    cells = spread(totals, frame)
    level = f"{(1 + confidence) / 2:.10g}"
    if metric.estimator == "nps":
        return _nps(cells, level)
    if metric.estimator == "proportion":
        return _share(totals, cells, level, confidence)
    return _mean(cells, level, figures.limits(metric, scale))


def _share(totals: Totals, cells: Spread, level: str, confidence: float) -> str:
    """Wilson's interval."""
    is_plain = math.isinf(float(cells.extra_df)) and float(cells.noise) * float(totals.n) == 1.0
    if is_plain and _is_whole(totals.num):
        return (
            f"prop.test({float(totals.num):.0f}, {float(totals.n):.0f},"
            f" conf.level = {confidence:.10g}, correct = FALSE)$conf.int"
        )
    return (
        f"p <- {_said(cells.ratio)}; n <- {_said(1 / cells.noise)}; {_quantile(cells, level)}\n"
        "(p + k^2 / (2 * n) + c(-1, 1) * k * sqrt(p * (1 - p) / n + k^2 / (4 * n^2)))"
        " / (1 + k^2 / n)"
    )


def _nps(cells: Spread, level: str) -> str:
    """The adjusted Wald interval: three answers added, three quarters of them at the ends."""
    return (
        f"nps <- {_said(cells.ratio)}; ends <- {_said(cells.second)};"
        f" n <- {_said(1 / cells.noise)}; {_quantile(cells, level)}\n"
        "m <- nps * n / (n + 3); v <- ((ends * n + 1.5) / (n + 3) - m^2) / (n + 3)\n"
        "pmin(pmax(m + c(-1, 1) * k * sqrt(v), -1), 1)"
    )


def _mean(cells: Spread, level: str, limits: tuple[float, float] | None) -> str:
    """Student's interval over customers, cut to the scale; blank where answers are all equal."""
    if not float(cells.variance) > 0:
        return ""
    call = f"m + c(-1, 1) * qt({level}, df) * se"
    if limits is not None:
        low, high = ("-Inf" if e == -math.inf else "Inf" if e == math.inf else f"{e:.10g}"
                     for e in limits)  # fmt: skip
        call = f"pmin(pmax({call}, {low}), {high})"
    values = f"m <- {_said(cells.ratio)}; se <- {_said(np.sqrt(cells.variance))}"
    return f"{values}; df <- {_said(cells.df)}\n{call}"


def _quantile(cells: Spread, level: str) -> str:
    df = float(cells.extra_df)
    return f"k <- qnorm({level})" if math.isinf(df) else f"k <- qt({level}, {_said(df)})"


def _said(value: object) -> str:
    return f"{float(value):.12g}"  # type: ignore[arg-type]


def _is_whole(value: object) -> bool:
    return float(value).is_integer()  # type: ignore[arg-type]
