"""One target 目标值 over its periods: the figure as a line with its interval, beside its target."""

from __future__ import annotations

from collections.abc import Sequence

from zhiyin.charts.series import Line, Point
from zhiyin.charts.trends import axis_of, trend
from zhiyin.kernel.text import _
from zhiyin.measure.targets import Held, Verdict
from zhiyin.measure.verdict_words import verdict_words
from zhiyin.web.scores_charts import WIDE

_MONTH_DAYS = 365.25 / 12


def picture(history: Sequence[Verdict], held: Held, *, width: float = WIDE) -> str:
    """The chart of the periods that are as long as that of `held`; blank where they are no line.

    Args:
        history: the verdicts of one measure, newest first.
    """
    like = [one for one in reversed(history) if _months(one.target) == _months(held)]
    figure = Line(str(_("Actual")), tuple(_point(one) for one in like))
    target = Line(
        str(_("Target")), tuple(Point(one.target.period, one.target.value) for one in like)
    )
    lines = [figure, target]
    axis = axis_of(lines, held.metric.unit)
    if axis is None or len(like) < 2 or all(one.value is None for one in like):
        return ""
    words = _("{metric} against its target, period by period; the table has the figures",
              metric=held.metric.label)  # fmt: skip
    return trend(lines, axis=axis, unit=held.metric.unit, words=str(words), width=width, height=240)


def _months(target: Held) -> int:
    """How long its period is; a month, a quarter and a year are never one line."""
    return round((target.end - target.first).days / _MONTH_DAYS)


def _point(one: Verdict) -> Point:
    return Point(
        label=one.target.period,
        value=one.value,
        low=one.low,
        high=one.high,
        n=one.n,
        is_final=one.is_over,
        note=str(verdict_words(one)),
    )
