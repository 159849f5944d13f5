"""The pages of journeys, their files, and the customers behind their figures."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from zhiyin.accounts.rights import Right
from zhiyin.accounts.saved_views import FIGURED
from zhiyin.web import downloads, htmx, journeys_behind
from zhiyin.web.journeys_pages import Kind, Page
from zhiyin.web.views.reading import Here, needs

SVG = "svg"


View = Callable[..., HttpResponseBase]


def page(kind: Kind) -> View:
    """The view of a page: the whole of it, or its figures alone for a part."""

    @require_safe
    @needs(Right.SEE_FIGURES)
    def shown(request: HttpRequest, here: Here) -> HttpResponse:
        return _shown(request, here, kind)

    return shown


def file(kind: Kind) -> View:
    """The view that gives a page's tables and charts as files.

    It raises the problem that the page would say in the place of its figures.
    """

    @require_safe
    @needs(Right.SEE_FIGURES)
    def kept(request: HttpRequest, here: Here) -> HttpResponseBase:
        return _file(request, here, kind)

    return kept


@require_safe
@needs(Right.SEE_CUSTOMERS)
def customers(request: HttpRequest, here: Here) -> HttpResponse:
    """The customers behind a figure of these pages."""
    page = journeys_behind.build(
        here.log, here.workspace, request.GET, sees_it=here.sees_personal_data
    )
    return render(
        request,
        "web/journey_customers.html",
        {"page": page, "figure": request.GET.urlencode()},
        status=422 if page.problem else 200,
    )


def _is_answered(request: HttpRequest) -> bool:
    """Whether the figures are wanted now: a browser with script shows the form first, and asks."""
    return htmx.is_part(request) or "now" in request.GET


def _page(request: HttpRequest, here: Here, kind: Kind, *, answers: bool = True) -> Page:
    page: Page = kind.build(
        here.log,
        here.workspace,
        request.GET,
        sees_it=here.sees_personal_data,
        sees_rows=here.access.may(Right.SEE_CUSTOMERS),
        answers=answers,
    )
    return page


def _shown(request: HttpRequest, here: Here, kind: Kind) -> HttpResponse:
    """The whole page, or its figures; a part is kept in the browser by its own short address."""
    page = _page(request, here, kind, answers=_is_answered(request))
    is_part = htmx.is_part(request)
    is_asked = is_part and request.headers.get("HX-Trigger") != "figures"
    template = f"web/{kind.name}.html#figures" if is_part else f"web/{kind.name}.html"
    context = {
        "page": page,
        "charts": kind.charts_of(page),
        "figured": FIGURED,
        "is_part": is_part,
        "is_asked": is_asked,
    }
    answer = render(request, template, context, status=422 if page.problem else 200)
    patch_vary_headers(answer, ["HX-Request", "HX-Trigger"])
    if is_asked:
        answer.headers["HX-Push-Url"] = f"{request.path}?{page.query}"
    return answer


def _file(request: HttpRequest, here: Here, kind: Kind) -> HttpResponseBase:
    """A table as CSV or Excel, a chart as SVG, as ``as`` says: that of ``table`` or ``chart``."""
    wanted = request.GET.get("as", "csv")
    if wanted not in {SVG, *downloads.WRITERS}:
        raise Http404
    page = _page(request, here, kind)
    if page.problem is not None:
        raise page.problem
    if wanted != SVG:
        called = request.GET.get("table") or next(iter(kind.tables))
        if called not in kind.tables:
            raise Http404
        rows, zone = kind.tables[called](page), here.workspace.timezone
        return downloads.download(rows, name=called, kind=wanted, timezone=zone)
    name = request.GET.get("chart") or next(iter(kind.charts))
    if name not in page.charts:
        raise Http404
    chart = kind.charts[name]
    kept = {"Content-Disposition": f'attachment; filename="{chart.file}.svg"'}
    return HttpResponse(chart.as_file(page), content_type="image/svg+xml", headers=kept)
