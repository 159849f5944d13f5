"""Every measure that there is, by slug. Pages, commands and exports read this one list."""

from __future__ import annotations

import difflib

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.measure.definitions import asked, bought, said, visited
from zhiyin.measure.metric import Metric

METRICS: dict[str, Metric] = {
    metric.slug: metric for metric in (*asked.ALL, *visited.ALL, *bought.ALL, *said.ALL)
}


def metric(slug: str) -> Metric:
    """The measure called `slug`; hyphens are as good as underscores.

    Raises:
        Problem: ``measure.no-such-metric``.
    """
    found = METRICS.get(slug.lower().replace("-", "_"))
    if found is not None:
        return found
    near = difflib.get_close_matches(slug.lower(), METRICS, n=1)
    known = ", ".join(METRICS)
    raise Problem(
        "measure.no-such-metric",
        _("There is no measure called {slug}.", slug=slug),
        _("Did you mean {near}? There are: {known}.", near=near[0], known=known)
        if near
        else _("There are: {known}.", known=known),
    )
