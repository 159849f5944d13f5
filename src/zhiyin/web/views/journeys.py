"""*Funnels* 漏斗, *Paths* 行为路径, *Retention* 留存, *Adoption* 接受度, *Tasks* 任务,
*Before an outcome* 之前, *Parting* 分叉 and *Losses* 流失: pages and files."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from zhiyin.accounts.rights import Right
from zhiyin.accounts.saved_views import FIGURED
from zhiyin.web import downloads, htmx, journeys_behind
from zhiyin.web.journeys_pages import (
    ADOPTION,
    BEFORE,
    COHORTS,
    FUNNELS,
    LOSSES,
    PARTING,
    PATHS,
    TASKS,
    Kind,
    Page,
)
from zhiyin.web.views.reading import Here, needs

SVG = "svg"


@require_safe
@needs(Right.SEE_FIGURES)
def funnels(request: HttpRequest, here: Here) -> HttpResponse:
    """How many customers pass steps in their order; the figures alone for a part."""
    return _shown(request, here, FUNNELS)


@require_safe
@needs(Right.SEE_FIGURES)
def export_funnel(request: HttpRequest, here: Here) -> HttpResponseBase:
    """The steps, of all and of groups and over time, or a chart.

    Raises:
        Problem: what the page would say in the place of its figures.
    """
    return _file(request, here, FUNNELS)


@require_safe
@needs(Right.SEE_FIGURES)
def paths(request: HttpRequest, here: Here) -> HttpResponse:
    """What directly follows what, or whole histories; the figures alone for a part."""
    return _shown(request, here, PATHS)


@require_safe
@needs(Right.SEE_FIGURES)
def export_paths(request: HttpRequest, here: Here) -> HttpResponseBase:
    """The edges or the histories, or the graph.

    Raises:
        Problem: what the page would say in the place of its figures.
    """
    return _file(request, here, PATHS)


@require_safe
@needs(Right.SEE_FIGURES)
def cohorts(request: HttpRequest, here: Here) -> HttpResponse:
    """Who comes again, by the period of the first event; the figures alone for a part."""
    return _shown(request, here, COHORTS)


@require_safe
@needs(Right.SEE_FIGURES)
def export_cohorts(request: HttpRequest, here: Here) -> HttpResponseBase:
    """Every cohort and all together, or their chart.

    Raises:
        Problem: what the page would say in the place of its figures.
    """
    return _file(request, here, COHORTS)


@require_safe
@needs(Right.SEE_FIGURES)
def tasks(request: HttpRequest, here: Here) -> HttpResponse:
    """How many attempts at something succeed, or the time between; the figures alone for a part."""
    return _shown(request, here, TASKS)


@require_safe
@needs(Right.SEE_FIGURES)
def export_tasks(request: HttpRequest, here: Here) -> HttpResponseBase:
    """Attempts of all, of groups and over time, or the times between, or a chart.

    Raises:
        Problem: what the page would say in the place of its figures.
    """
    return _file(request, here, TASKS)


@require_safe
@needs(Right.SEE_FIGURES)
def adoption(request: HttpRequest, here: Here) -> HttpResponse:
    """Who of those that were new starts something soon; the figures alone for a part."""
    return _shown(request, here, ADOPTION)


@require_safe
@needs(Right.SEE_FIGURES)
def export_adoption(request: HttpRequest, here: Here) -> HttpResponseBase:
    """Every cohort and all together, or their chart.

    Raises:
        Problem: what the page would say in the place of its figures.
    """
    return _file(request, here, ADOPTION)


@require_safe
@needs(Right.SEE_FIGURES)
def before(request: HttpRequest, here: Here) -> HttpResponse:
    """What customers did before an outcome; the figures alone for a part."""
    return _shown(request, here, BEFORE)


@require_safe
@needs(Right.SEE_FIGURES)
def export_before(request: HttpRequest, here: Here) -> HttpResponseBase:
    """Every row.

    Raises:
        Problem: what the page would say in the place of its figures.
    """
    return _file(request, here, BEFORE)


@require_safe
@needs(Right.SEE_FIGURES)
def parting(request: HttpRequest, here: Here) -> HttpResponse:
    """Where two groups go on differently; the figures alone for a part."""
    return _shown(request, here, PARTING)


@require_safe
@needs(Right.SEE_FIGURES)
def export_parting(request: HttpRequest, here: Here) -> HttpResponseBase:
    """Every next step of every node.

    Raises:
        Problem: what the page would say in the place of its figures.
    """
    return _file(request, here, PARTING)


@require_safe
@needs(Right.SEE_FIGURES)
def losses(request: HttpRequest, here: Here) -> HttpResponse:
    """Where unknown customers end who would go on elsewhere; the figures alone for a part."""
    return _shown(request, here, LOSSES)


@require_safe
@needs(Right.SEE_FIGURES)
def export_losses(request: HttpRequest, here: Here) -> HttpResponseBase:
    """Every place and step.

    Raises:
        Problem: what the page would say in the place of its figures.
    """
    return _file(request, here, LOSSES)


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


def is_answered(request: HttpRequest) -> bool:
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
    page = _page(request, here, kind, answers=is_answered(request))
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
