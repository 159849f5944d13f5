"""What pages and commands call verdicts on targets and kinds of marks."""

from __future__ import annotations

import math

from zhiyin.kernel.figures import figure
from zhiyin.kernel.text import Text, _
from zhiyin.measure.targets import Verdict

VERDICTS: dict[str, Text] = {
    "reached": _("reached"),
    "missed": _("missed"),
    "open": _("cannot tell yet"),
    "too_few": _("not enough answers"),
    "not_begun": _("has not begun"),
    "impossible": _("no figure"),
}
SO_FAR: dict[str, Text] = {
    "reached": _("reached so far"),
    "missed": _("missed so far"),
    "open": _("cannot tell yet"),
}
"""The verdict on a period that is not over is on what is in."""


_ENDS = {"points": (-100.0, 100.0), "percent": (0.0, 100.0)}


def verdict_words(one: Verdict) -> Text:
    """The verdict in words."""
    return VERDICTS[one.state] if one.is_over else SO_FAR.get(one.state, VERDICTS[one.state])


def chance_words(one: Verdict) -> str:
    """The chance of reaching the target by the end of the period: ``74%``, ``< 1%``; or blank."""
    if one.outlook is None:
        return ""
    percent = one.outlook.chance * 100
    if percent < 1:
        return "< 1%"
    return "> 99%" if percent > 99 else f"{percent:.0f}%"


def needed_words(one: Verdict) -> Text | str:
    """What the rest of the period must bring, where there is a rest."""
    outlook = one.outlook
    if outlook is None or outlook.needed is None:
        return ""
    least, most = _ENDS.get(one.target.metric.unit, (-math.inf, math.inf))
    if not least <= outlook.needed <= most:
        return ""  # no rest can bring so much, or any will do
    return _(
        "the rest, some {count} more, must bring {needed} or better",
        count=f"{outlook.to_come:,.0f}",
        needed=figure(outlook.needed, one.target.metric.unit),
    )
