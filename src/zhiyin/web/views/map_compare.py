"""Two sides of a map beside each other, as a page and as a file."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from zhiyin.accounts.rights import Right
from zhiyin.maps import kept
from zhiyin.web import downloads, htmx, map_compare_export, map_compare_page
from zhiyin.web.views.finding import found_or_404
from zhiyin.web.views.reading import Here, needs


def _page(request: HttpRequest, here: Here, key: str, *, answers: bool) -> map_compare_page.Page:
    held = found_or_404(lambda: kept.get(here.slug, key))
    return map_compare_page.build(
        here.log,
        here.workspace,
        held,
        request.GET,
        sees_it=here.sees_personal_data,
        answers=answers,
    )


@require_safe
@needs(Right.SEE_FIGURES)
def compare(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """The page; its figures are asked for when it is there."""
    is_part = htmx.is_part(request)
    page = _page(request, here, key, answers=is_part or "now" in request.GET)
    template = "web/map_compare.html#figures" if is_part else "web/map_compare.html"
    context = {"page": page, "is_part": is_part, "shares": map_compare_page.SHARES}
    answer = render(request, template, context, status=422 if page.problem else 200)
    patch_vary_headers(answer, ["HX-Request"])
    return answer


@require_safe
@needs(Right.SEE_FIGURES)
def export(request: HttpRequest, here: Here, key: str) -> FileResponse:
    """The table as a file; it raises the problem that the page would say."""
    page = _page(request, here, key, answers=True)
    if page.problem is not None:
        raise page.problem
    return downloads.download(
        map_compare_export.table(page),
        name=f"{key}-compared",
        kind=request.GET.get("as", "csv"),
        timezone=here.workspace.timezone,
    )
