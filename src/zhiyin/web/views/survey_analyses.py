"""Pages of a survey beside its questions: response rates, quality and what follows."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from zhiyin.accounts.rights import Right
from zhiyin.collect.surveys import kept
from zhiyin.kernel.errors import Problem
from zhiyin.measure.surveys import targeting
from zhiyin.web import downloads, survey_analyses, surveys_page
from zhiyin.web.survey_analyses import Page
from zhiyin.web.views.finding import found_or_404
from zhiyin.web.views.reading import Here, needs

_NOTHING_YET = ("survey.not-published", "survey.no-targets")
"""No mistake in what was asked: there is nothing to tell yet."""


@require_safe
@needs(Right.SEE_FIGURES)
def analysis(request: HttpRequest, here: Here, key: str, view: str) -> HttpResponse:
    """One analysis of a survey."""
    page, title = _page(request, here, key, view)
    context = {
        "page": page, "title": title, "key": key, "analyses": survey_analyses.ANALYSES,
    }  # fmt: skip
    if view == "weights":
        context["document"] = survey_analyses.document_of(here.workspace, key)
    is_wrong = page.problem and page.problem.code not in _NOTHING_YET
    status = 422 if is_wrong else 200
    return render(request, "web/survey_analysis.html", context, status=status)


@require_POST
@needs(Right.DEFINE)
def declare(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """Declare to which margins a survey is weighted, or weight it no more."""
    found_or_404(lambda: kept.get(here.slug, key))
    try:
        if request.POST.get("do") == "remove":
            targeting.remove(by=here.by, workspace=here.slug, key=key)
            messages.success(request, gettext("The survey is weighted no more."))
        else:
            document = request.POST.get("document", "").encode()
            targeting.declare(by=here.by, workspace=here.slug, key=key, document=document)
            messages.success(request, gettext("The margins are declared."))
    except Problem as problem:
        messages.error(request, str(problem))
    return redirect("survey-analysis", slug=here.slug, key=key, view="weights")


@require_safe
@needs(Right.SEE_FIGURES)
def export(request: HttpRequest, here: Here, key: str, view: str) -> FileResponse:
    """One table of an analysis as a file; it raises the problem that the page would say."""
    page, _title = _page(request, here, key, view)
    if page.problem is not None:
        raise page.problem
    name = request.GET.get("sheet", "")
    sheet = next((one for one in page.sheets if one.name == name), None)
    if sheet is None:
        raise Http404
    return downloads.download(
        survey_analyses.file_of(sheet), name=f"{key}-{name}", kind=request.GET.get("as", "csv"),
        timezone=here.workspace.timezone,
    )  # fmt: skip


def _page(request: HttpRequest, here: Here, key: str, view: str) -> tuple[Page, str]:
    """(the page, what the survey is called).

    Raises:
        Http404: no such survey, or no such analysis.
    """
    held = found_or_404(lambda: kept.get(here.slug, key))
    if view not in survey_analyses.ANALYSES:
        raise Http404
    page = survey_analyses.build(
        here.log, here.workspace, held, view, request.GET, sees_it=here.sees_personal_data
    )
    return page, surveys_page.title_of(held)
