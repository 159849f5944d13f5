"""What two groups say differently, and what to fix first."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from zhiyin.accounts.rights import Right
from zhiyin.collect.exports.rows import Rows
from zhiyin.web import apart_page, downloads, htmx
from zhiyin.web.views.reading import Here, needs


@require_safe
@needs(Right.SEE_FIGURES)
def apart(request: HttpRequest, here: Here) -> HttpResponse:
    """What distinguishes two groups by what they say."""
    page = apart_page.build(here.log, here.workspace, request.GET, sees_it=here.sees_personal_data)
    return _shown(request, "web/apart.html", page)


@require_safe
@needs(Right.SEE_FIGURES)
def first(request: HttpRequest, here: Here) -> HttpResponse:
    """The aspects whose blame goes with low scores and is often there."""
    page = apart_page.build_first(
        here.log, here.workspace, request.GET, sees_it=here.sees_personal_data
    )
    return _shown(request, "web/first.html", page)


@require_safe
@needs(Right.SEE_FIGURES)
def export_apart(request: HttpRequest, here: Here) -> HttpResponseBase:
    """The whole table as CSV or Excel.

    Raises:
        Problem: what the page would say in the place of its figures.
    """
    page = apart_page.build(here.log, here.workspace, request.GET, sees_it=here.sees_personal_data)
    if page.problem is not None:
        raise page.problem
    return _file(request, here, apart_page.table(page), "apart")


@require_safe
@needs(Right.SEE_FIGURES)
def export_first(request: HttpRequest, here: Here) -> HttpResponseBase:
    """The whole table as CSV or Excel.

    Raises:
        Problem: what the page would say in the place of its figures.
    """
    page = apart_page.build_first(
        here.log, here.workspace, request.GET, sees_it=here.sees_personal_data
    )
    if page.problem is not None:
        raise page.problem
    return _file(request, here, apart_page.first_table(page), "first")


def _file(request: HttpRequest, here: Here, rows: Rows, name: str) -> HttpResponseBase:
    return downloads.download(
        rows, name=name, kind=request.GET.get("as", "csv"), timezone=here.workspace.timezone
    )


def _shown(
    request: HttpRequest, template: str, page: apart_page.Page | apart_page.FirstPage
) -> HttpResponse:
    is_part = htmx.is_part(request)
    answer = render(
        request,
        f"{template}#found" if is_part else template,
        {"page": page, "is_part": is_part},
        status=422 if page.problem else 200,
    )
    patch_vary_headers(answer, ["HX-Request"])
    return answer
