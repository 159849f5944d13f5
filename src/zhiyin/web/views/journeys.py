"""*Funnels* 漏斗, *Paths* 行为路径, *Retention* 留存, *Losses* 流失: pages, files, lists behind."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from zhiyin.accounts.rights import Right
from zhiyin.charts.markup import FILE
from zhiyin.collect.definitions import hidden_names
from zhiyin.collect.exports.rows import Rows
from zhiyin.web import (
    cohorts_page,
    downloads,
    funnels_page,
    htmx,
    journeys_behind,
    journeys_export,
    losses_page,
    paths_page,
)
from zhiyin.web.views.reading import Here, needs

SVG = "svg"


@require_safe
@needs(Right.SEE_FIGURES)
def funnels(request: HttpRequest, here: Here) -> HttpResponse:
    """How many customers pass steps in their order; the figures alone for a part."""
    return _shown(request, "funnels", _funnel(request, here, answers=_answers(request)))


@require_safe
@needs(Right.SEE_FIGURES)
def export_funnel(request: HttpRequest, here: Here) -> HttpResponseBase:
    """The steps, of all and of groups and over time, as CSV or Excel.

    Raises:
        Problem: what the page would say in the place of its figures.
    """
    page = _funnel(request, here)
    if page.problem is not None:
        raise page.problem
    return _file(request, here, journeys_export.funnel(page), "funnel")


@require_safe
@needs(Right.SEE_FIGURES)
def paths(request: HttpRequest, here: Here) -> HttpResponse:
    """What directly follows what, or whole histories; the figures alone for a part."""
    return _shown(request, "paths", _paths(request, here, answers=_answers(request)))


@require_safe
@needs(Right.SEE_FIGURES)
def export_paths(request: HttpRequest, here: Here) -> HttpResponseBase:
    """The edges or the histories as CSV or Excel, the graph as SVG: ``as`` says which.

    Raises:
        Problem: what the page would say in the place of its figures.
    """
    page = _paths(request, here)
    if page.problem is not None:
        raise page.problem
    if request.GET.get("as") == SVG:
        drawing = paths_page.picture(page, FILE)
        if not drawing:
            raise Http404
        kept = {"Content-Disposition": 'attachment; filename="paths.svg"'}
        return HttpResponse(drawing, content_type="image/svg+xml", headers=kept)
    return _file(request, here, journeys_export.paths(page), "paths")


@require_safe
@needs(Right.SEE_FIGURES)
def cohorts(request: HttpRequest, here: Here) -> HttpResponse:
    """Who comes again, by the period of the first event; the figures alone for a part."""
    return _shown(request, "cohorts", _cohorts(request, here, answers=_answers(request)))


@require_safe
@needs(Right.SEE_FIGURES)
def export_cohorts(request: HttpRequest, here: Here) -> HttpResponseBase:
    """Every cohort and all together as CSV or Excel.

    Raises:
        Problem: what the page would say in the place of its figures.
    """
    page = _cohorts(request, here)
    if page.problem is not None:
        raise page.problem
    return _file(request, here, journeys_export.cohorts(page), "retention")


@require_safe
@needs(Right.SEE_FIGURES)
def losses(request: HttpRequest, here: Here) -> HttpResponse:
    """Where unknown customers end who would go on elsewhere; the figures alone for a part."""
    return _shown(request, "losses", _losses(request, here, answers=_answers(request)))


@require_safe
@needs(Right.SEE_FIGURES)
def export_losses(request: HttpRequest, here: Here) -> HttpResponseBase:
    """Every place and step as CSV or Excel.

    Raises:
        Problem: what the page would say in the place of its figures.
    """
    page = _losses(request, here)
    if page.problem is not None:
        raise page.problem
    return _file(request, here, journeys_export.losses(page), "losses")


@require_safe
@needs(Right.SEE_CUSTOMERS)
def customers(request: HttpRequest, here: Here) -> HttpResponse:
    """The customers behind a figure of these pages."""
    page = journeys_behind.build(
        here.log, here.workspace, request.GET, sees_it=here.sees_personal_data
    )
    return render(
        request, "web/journey_customers.html", {"page": page}, status=422 if page.problem else 200
    )


def _answers(request: HttpRequest) -> bool:
    """Whether the figures are wanted now: a browser with script shows the form first, and asks."""
    return htmx.is_part(request) or "now" in request.GET


def _funnel(request: HttpRequest, here: Here, *, answers: bool = True) -> funnels_page.Page:
    return funnels_page.build(
        here.log,
        here.workspace,
        request.GET,
        hidden_names(here.slug),
        sees_it=here.sees_personal_data,
        sees_rows=here.access.may(Right.SEE_CUSTOMERS),
        answers=answers,
    )


def _paths(request: HttpRequest, here: Here, *, answers: bool = True) -> paths_page.Page:
    return paths_page.build(
        here.log,
        here.workspace,
        request.GET,
        sees_it=here.sees_personal_data,
        sees_rows=here.access.may(Right.SEE_CUSTOMERS),
        answers=answers,
    )


def _cohorts(request: HttpRequest, here: Here, *, answers: bool = True) -> cohorts_page.Page:
    return cohorts_page.build(
        here.log,
        here.workspace,
        request.GET,
        sees_it=here.sees_personal_data,
        sees_rows=here.access.may(Right.SEE_CUSTOMERS),
        answers=answers,
    )


def _losses(request: HttpRequest, here: Here, *, answers: bool = True) -> losses_page.Page:
    return losses_page.build(
        here.log,
        here.workspace,
        request.GET,
        sees_it=here.sees_personal_data,
        sees_rows=here.access.may(Right.SEE_CUSTOMERS),
        answers=answers,
    )


Page = funnels_page.Page | paths_page.Page | cohorts_page.Page | losses_page.Page


def _shown(request: HttpRequest, name: str, page: Page) -> HttpResponse:
    """The whole page, or its figures; a part is kept in the browser by its own short address."""
    is_part = htmx.is_part(request)
    is_asked = is_part and request.headers.get("HX-Trigger") != "figures"
    template = f"web/{name}.html#figures" if is_part else f"web/{name}.html"
    context = {"page": page, "is_part": is_part, "is_asked": is_asked}
    answer = render(request, template, context, status=422 if page.problem else 200)
    patch_vary_headers(answer, ["HX-Request", "HX-Trigger"])
    if is_asked:
        answer.headers["HX-Push-Url"] = f"{request.path}?{page.query}"
    return answer


def _file(request: HttpRequest, here: Here, rows: Rows, name: str) -> HttpResponseBase:
    kind = request.GET.get("as", "csv")
    return downloads.download(rows, name=name, kind=kind, timezone=here.workspace.timezone)
