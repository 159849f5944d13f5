"""*Before an outcome* 之前 and *Parting* 分叉: pages and files."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from zhiyin.accounts.rights import Right
from zhiyin.web import before_page, leading_export, parting_page
from zhiyin.web.views.journeys import file_of, is_answered, shown
from zhiyin.web.views.reading import Here, needs


@require_safe
@needs(Right.SEE_FIGURES)
def before(request: HttpRequest, here: Here) -> HttpResponse:
    """What customers did before an outcome; the figures alone for a part."""
    return shown(request, "before", _before(request, here, answers=is_answered(request)))


@require_safe
@needs(Right.SEE_FIGURES)
def export_before(request: HttpRequest, here: Here) -> HttpResponseBase:
    """Every row as CSV or Excel.

    Raises:
        Problem: what the page would say in the place of its figures.
    """
    page = _before(request, here)
    if page.problem is not None:
        raise page.problem
    return file_of(request, here, leading_export.before(page), "before")


@require_safe
@needs(Right.SEE_FIGURES)
def parting(request: HttpRequest, here: Here) -> HttpResponse:
    """Where two groups go on differently; the figures alone for a part."""
    return shown(request, "parting", _parting(request, here, answers=is_answered(request)))


@require_safe
@needs(Right.SEE_FIGURES)
def export_parting(request: HttpRequest, here: Here) -> HttpResponseBase:
    """Every next step of every node as CSV or Excel.

    Raises:
        Problem: what the page would say in the place of its figures.
    """
    page = _parting(request, here)
    if page.problem is not None:
        raise page.problem
    return file_of(request, here, leading_export.parting(page), "parting")


def _before(request: HttpRequest, here: Here, *, answers: bool = True) -> before_page.Page:
    return before_page.build(
        here.log,
        here.workspace,
        request.GET,
        sees_it=here.sees_personal_data,
        sees_rows=here.access.may(Right.SEE_CUSTOMERS),
        answers=answers,
    )


def _parting(request: HttpRequest, here: Here, *, answers: bool = True) -> parting_page.Page:
    return parting_page.build(
        here.log,
        here.workspace,
        request.GET,
        sees_it=here.sees_personal_data,
        sees_rows=here.access.may(Right.SEE_CUSTOMERS),
        answers=answers,
    )
