"""The page *Scores* 体验指标."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from zhiyin.accounts.rights import Right
from zhiyin.web import htmx, scores_page
from zhiyin.web.views.reading import Here, needs


@require_safe
@needs(Right.SEE_FIGURES)
def scores(request: HttpRequest, here: Here) -> HttpResponse:
    """One measure by one column, with intervals; the figures alone for a change of filter."""
    page = scores_page.build(
        here.log,
        here.workspace,
        request.GET,
        sees_it=here.sees_personal_data,
        scope=here.access.scope,
    )
    is_part = htmx.is_part(request)
    template = "web/scores.html#figures" if is_part else "web/scores.html"
    answer = render(
        request, template, {"page": page, "is_part": is_part}, status=422 if page.problem else 200
    )
    patch_vary_headers(answer, ["HX-Request"])
    return answer
