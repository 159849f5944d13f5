"""*Add to report* 加入报告: a figure or customers' own words, from wherever they are shown."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext, ngettext
from django.views.decorators.http import require_http_methods

from zhiyin.accounts.models import LANGUAGES
from zhiyin.accounts.rights import Right
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.reports import actions, blocks, content, questions, verbatims
from zhiyin.reports.models import Report
from zhiyin.warehouse.log import Reader
from zhiyin.web import reports_page
from zhiyin.web.views.reading import Here, needs

MOST = 200
"""Reports to choose from; the newest ones."""


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.MAKE_REPORTS)
def add(request: HttpRequest, here: Here) -> HttpResponse:
    """Put a figure, named by its address, or words, by their rows, into a report or a new one."""
    asked = request.POST if request.method == "POST" else request.GET
    context: dict[str, Any] = {
        "given": asked,
        "known": Report.objects.filter(workspace__slug=here.slug)[:MOST],
        "shows": blocks.SHOWS.items(),
        "dates": blocks.DATES.items(),
        "languages": LANGUAGES,
        "language": get_language() or here.workspace.language,
    }
    try:
        if "row" in asked:
            context["quotes"] = quotes = _quotes(asked, here)
            if request.method == "POST":
                return _words_added(request, here, quotes)
        else:
            figure = questions.tidy(asked.get("figure", ""), here.log, here.workspace)
            context["figure"] = figure.address
            context["says"] = reports_page.sentence(figure, here.log, here.workspace)
            if request.method == "POST":
                return _figure_added(request, here, figure.address)
    except Problem as refused:
        context["problem"] = refused
    status = 422 if "problem" in context else 200
    return render(request, "web/add_to_report.html", context, status=status)


def _quotes(asked: QueryDict, here: Here) -> list[content.Quote]:
    """The words that are asked for, in the order asked, those that this person may read."""
    rows = tuple(int(one) for one in asked.getlist("row") if one.isascii() and one.isdigit())
    chosen = tuple(dict.fromkeys(row for row in rows if row < 2**63))
    known = verbatims.read(here.log, here.workspace, chosen, Reader(is_merged=False))
    found = [
        reports_page.masked(known[row], here.sees_personal_data) for row in chosen if row in known
    ]
    if not found:
        raise Problem(
            "reports.words-gone",
            _("These words are not there any more."),
            _("Choose others on the page Responses."),
        )
    return found


def _figure_added(request: HttpRequest, here: Here, figure: str) -> HttpResponse:
    given = request.POST
    held = _report(given, here)
    made = actions.add_figure(
        by=here.by,
        log=here.log,
        workspace=here.slug,
        number=held.pk,
        query=figure,
        show=given.get("show", ""),
        dates=given.get("dates", ""),
    )
    messages.success(request, gettext("The figure is in the report."))
    return _led(here, held, made.id)


def _words_added(request: HttpRequest, here: Here, quotes: list[content.Quote]) -> HttpResponse:
    held = _report(request.POST, here)
    rows = tuple(quote.row for quote in quotes)
    made = actions.add_verbatims(by=here.by, workspace=here.slug, number=held.pk, rows=rows)
    said = ngettext(
        "One customer's words are in the report.",
        "The words of %(n)s answers are in the report.",
        len(rows),
    )
    messages.success(request, said % {"n": len(rows)})
    return _led(here, held, made.id)


def _report(given: QueryDict, here: Here) -> Report:
    """The report that was chosen, or a new one."""
    number = given.get("report", "")
    if number.isascii() and number.isdigit() and len(number) < 10:
        return actions.get(here.slug, int(number))
    return actions.create(
        by=here.by,
        workspace=here.slug,
        title=given.get("title", ""),
        language=given.get("language", ""),
    )


def _led(here: Here, held: Report, block: str) -> HttpResponse:
    return redirect(reverse("edit-report", args=[here.slug, held.pk]) + f"#b-{block}")
