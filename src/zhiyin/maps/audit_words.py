"""Figures of a competitor audit in words, the same on pages and in the terminal."""

from __future__ import annotations

from zhiyin.kernel import figures
from zhiyin.kernel.text import Text, _
from zhiyin.maps.audit_sites import Beside, Figure, Measure

UNITS = {"share": "percent", "seconds": "seconds", "count": "scale", "scale": "scale"}
"""As figures are written, by the unit of a measure."""


def factor(measure: Measure) -> float:
    """By what a value is multiplied before it is written: shares are per cent."""
    return 100.0 if measure.unit == "share" else 1.0


def written(value: float | None, measure: Measure) -> str:
    """A figure of a measure: ``75.0%``, ``1m 8s``, ``4.20``."""
    if value is None:
        return figures.MISSING
    if measure.unit == "share":
        return f"{figures.figure(100 * value, 'percent')}%"
    if measure.unit == "seconds":
        return figures.lasted(value)
    return figures.figure(value, "scale")


def interval(low: float | None, high: float | None, measure: Measure) -> str:
    """An interval of a measure."""
    if low is None or high is None:
        return figures.MISSING
    if measure.unit == "seconds":
        return figures.times(low, high)
    times = factor(measure)
    return figures.interval(times * low, times * high, UNITS[measure.unit])


def difference(beside: Beside | None, measure: Measure) -> str:
    """A difference to ours: ``▲ +12.0``, of times ``▼ × 0.52``; blank where nothing is said."""
    if beside is None or (beside.difference is None and beside.ratio is None):
        return ""
    sign = "≈" if not beside.marked else "▲" if beside.is_higher else "▼"
    if beside.ratio is not None:
        return f"{sign} × {figures.figure(beside.ratio, 'scale')}"
    times = factor(measure)
    value = times * (beside.difference or 0.0)
    return f"{sign} {figures.figure(value, UNITS[measure.unit], signed=True)}"


def ends(beside: Beside | None, measure: Measure) -> str:
    """The interval of a difference."""
    if beside is None or beside.low is None or beside.high is None:
        return ""
    if beside.ratio is not None:
        return f"× {figures.interval(beside.low, beside.high, 'scale')}"
    times = factor(measure)
    unit = UNITS[measure.unit]
    return figures.interval(times * beside.low, times * beside.high, unit, signed=True)


def verdict(beside: Beside | None, measure: Measure, figure: Figure) -> Text:
    """What is said of a site beside ours."""
    if beside is None:
        return _("our own")
    if figure.value is None:
        return _("no run tells it")
    if beside.state == "too_few":
        return _("not enough runs")
    if beside.state == "no_spread":
        return _("cannot be tested: no run differs")
    if not beside.marked:
        return _("no significant difference")
    is_good = beside.is_higher == (measure.better == "up")
    return _("better than ours") if is_good else _("worse than ours")
