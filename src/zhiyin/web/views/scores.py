"""The page *Scores* 体验指标, and what it shows as files."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from zhiyin.accounts.rights import Right
from zhiyin.web import downloads, htmx, scores_export, scores_page
from zhiyin.web.views.reading import Here, needs

SVG = "svg"


@require_safe
@needs(Right.SEE_FIGURES)
def scores(request: HttpRequest, here: Here) -> HttpResponse:
    """One measure, by column and over time, with intervals; the figures alone for a part."""
    page = _page(request, here)
    is_part = htmx.is_part(request)
    template = "web/scores.html#figures" if is_part else "web/scores.html"
    answer = render(
        request, template, {"page": page, "is_part": is_part}, status=422 if page.problem else 200
    )
    patch_vary_headers(answer, ["HX-Request"])
    return answer


@require_safe
@needs(Right.SEE_FIGURES)
def export(request: HttpRequest, here: Here) -> HttpResponseBase:
    """The table as CSV or Excel, the chart as SVG: ``as`` says which.

    Raises:
        Problem: what the page would say in the place of its figures.
    """
    kind = request.GET.get("as", "csv")
    if kind not in {SVG, *downloads.WRITERS}:
        raise Http404
    page = _page(request, here)
    if page.problem is not None:
        raise page.problem
    if kind == SVG:
        drawing = scores_export.picture(page, here.workspace)
        if not drawing:
            raise Http404
        name = f'attachment; filename="{page.metric.slug}.svg"'
        return HttpResponse(
            drawing, content_type="image/svg+xml", headers={"Content-Disposition": name}
        )
    return downloads.download(
        scores_export.table(page),
        name=page.metric.slug,
        kind=kind,
        timezone=here.workspace.timezone,
    )


def _page(request: HttpRequest, here: Here) -> scores_page.Page:
    return scores_page.build(
        here.log,
        here.workspace,
        request.GET,
        sees_it=here.sees_personal_data,
        sees_rows=here.access.may(Right.SEE_CUSTOMERS),
        scope=here.access.scope,
    )
