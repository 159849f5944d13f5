"""*Definitions* 指标口径: what each measure is, in plain words."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from zhiyin.accounts.rights import Right
from zhiyin.measure import figures
from zhiyin.measure.methods import METHODS
from zhiyin.measure.metric import Metric, Scale
from zhiyin.measure.registry import METRICS
from zhiyin.measure.words import UNITS
from zhiyin.stats.totals import Totals
from zhiyin.web.views.reading import Here, needs

_ANY = Totals.of([1, 0], ["a", "b"])


@require_safe
@needs(Right.SEE_FIGURES)
def definitions(request: HttpRequest, _here: Here) -> HttpResponse:
    """Every measure: the question that it answers, what is counted over what, its interval."""
    rows = [
        {"metric": one, "unit": UNITS[one.unit], "interval": METHODS[_interval(one)]}
        for one in METRICS.values()
    ]
    return render(request, "web/definitions.html", {"rows": rows})


def _interval(metric: Metric) -> str:
    """The kind of interval that its figures get, as `METHODS` calls it."""
    return figures.estimates(metric, _ANY, 0.95, Scale(0, 1)).method
