"""*Definitions* 指标口径: what each measure is, in plain words."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from zhiyin.accounts.rights import Right
from zhiyin.measure import figures
from zhiyin.measure.methods import METHODS
from zhiyin.measure.registry import METRICS
from zhiyin.measure.words import UNITS
from zhiyin.web.views.reading import Here, needs


@require_safe
@needs(Right.SEE_FIGURES)
def definitions(request: HttpRequest, _here: Here) -> HttpResponse:
    """Every measure: the question that it answers, what is counted over what, its interval."""
    rows = [
        {"metric": one, "unit": UNITS[one.unit], "interval": METHODS[figures.usual_method(one)]}
        for one in METRICS.values()
    ]
    return render(request, "web/definitions.html", {"rows": rows})
