"""*Reports* 报告: listed, made, published, read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhiyin.accounts.models import LANGUAGES
from zhiyin.accounts.rights import Right
from zhiyin.kernel.errors import Problem
from zhiyin.reports import actions, blocks, changes, content, editions, files, verbatims
from zhiyin.reports.models import Edition, Report
from zhiyin.warehouse.log import Reader
from zhiyin.web import htmx, personal, reports_page
from zhiyin.web.views.finding import found_or_404
from zhiyin.web.views.reading import Here, needs

MOST = 200
"""Reports on the page; a search finds the others."""


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_FIGURES, to_write=Right.MAKE_REPORTS)
def reports(request: HttpRequest, here: Here) -> HttpResponse:
    """Every report that this person may read or make; a form for a new one."""
    problem = None
    if request.method == "POST":
        try:
            made = actions.create(
                by=here.by,
                workspace=here.slug,
                title=request.POST.get("title", ""),
                language=request.POST.get("language", ""),
            )
        except Problem as refused:
            problem = refused
        else:
            return redirect("edit-report", slug=here.slug, number=made.pk)
    text = request.GET.get("q", "").strip()
    listed = _listed(here, text)
    context = {
        "listed": listed[:MOST],
        "left_out": max(len(listed) - MOST, 0),
        "q": text,
        "problem": problem,
        "given": request.POST,
        "languages": LANGUAGES,
        "language": get_language() or here.workspace.language,
    }
    return render(request, "web/reports.html", context, status=422 if problem else 200)


@require_safe
@needs(Right.SEE_FIGURES)
def report(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """One report: what was published of it, and what can be done with it."""
    held = found_or_404(lambda: actions.get(here.slug, number))
    published = editions.of(held, here.access.scope)
    if not published and not here.access.may(Right.MAKE_REPORTS):
        raise Http404
    context = {"held": held, "published": published, "blocks": len(held.blocks)}
    return render(request, "web/report.html", context)


@require_safe
@needs(Right.MAKE_REPORTS)
def edit(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """The blocks of a report: ordered, written, taken out and put back."""
    held = found_or_404(lambda: actions.get(here.slug, number))
    context = _editing(request, here, held, None)
    status = 422 if context["problem"] else 200
    return render(request, "web/edit_report.html", context, status=status)


@require_POST
@needs(Right.MAKE_REPORTS)
def change(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """Change one thing of a report; then show it where it was."""
    held = found_or_404(lambda: actions.get(here.slug, number))
    doing = CHANGES.get(request.POST.get("do", ""))
    try:
        block = doing(here, number, request.POST) if doing else ""
    except Problem as problem:
        context = _editing(request, here, held, problem)
        return render(request, "web/edit_report.html", context, status=422)
    address = reverse("edit-report", args=[here.slug, number])
    return redirect(f"{address}#b-{block}" if block else address)


@require_safe
@needs(Right.MAKE_REPORTS)
def preview(request: HttpRequest, here: Here, number: int) -> HttpResponseBase:
    """A report as it would be published now; with ``file``, as PDF or slides."""
    held = found_or_404(lambda: actions.get(here.slug, number))
    made = editions.draft(held, here.log, here.access.scope)
    shown = made if here.sees_personal_data else content.masked(made)
    if kind := request.GET.get("file", ""):
        kind = found_or_404(lambda: files.kind_of(kind))
        answer = HttpResponse(files.MAKERS[kind](shown), content_type=files.TYPES[kind])
        answer.headers["Content-Disposition"] = _disposition(held, kind)
        return answer
    context = {"held": held, "page": reports_page.page(shown)}
    return render(request, "web/preview_report.html", context)


@require_POST
@needs(Right.MAKE_REPORTS)
def copy(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """A report like this one, to go on with."""
    made = found_or_404(lambda: actions.copy(by=here.by, workspace=here.slug, number=number))
    messages.success(request, gettext("This is the copy."))
    return redirect("edit-report", slug=here.slug, number=made.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.MAKE_REPORTS)
def remove(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """Ask once, then remove a report and all that was published of it."""
    held = found_or_404(lambda: actions.get(here.slug, number))
    if request.method != "POST":
        context = {"held": held, "count": held.editions.count()}
        return render(request, "web/remove_report.html", context)
    gone = actions.remove(by=here.by, workspace=here.slug, number=number)
    editions.sweep(here.slug, gone, settings.ZHIYIN_DATA)
    messages.success(request, gettext("The report is removed."))
    return redirect("reports", slug=here.slug)


@require_POST
@needs(Right.PUBLISH)
def publish(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """Freeze a report as it is now, for all who see as much as whoever publishes it."""
    held = found_or_404(lambda: actions.get(here.slug, number))
    try:
        edition = editions.publish(
            by=here.by,
            report=held,
            log=here.log,
            data=settings.ZHIYIN_DATA,
            scope=here.access.scope,
        )
    except Problem as problem:
        messages.error(request, str(problem))
        return redirect("edit-report", slug=here.slug, number=number)
    messages.success(request, gettext("It is published, and stays as it is."))
    return redirect("edition", slug=here.slug, number=number, edition=edition.number)


@require_safe
@needs(Right.SEE_FIGURES)
def edition(request: HttpRequest, here: Here, number: int, edition: int) -> HttpResponse:
    """A published report, as it was."""
    found = _edition(here, number, edition)
    shown = editions.shown(found, sees_personal_data=here.sees_personal_data)
    context = {"held": found.report, "edition": found, "page": reports_page.page(shown)}
    return render(request, "web/edition.html", context)


@require_safe
@needs(Right.SEE_FIGURES)
def edition_changes(request: HttpRequest, here: Here, number: int, edition: int) -> HttpResponse:
    """What has changed since a report was published, and why."""
    found = _edition(here, number, edition)
    since = changes.since(found, here.log)
    is_part = htmx.is_part(request)
    template = "web/edition_changes.html#changes" if is_part else "web/edition_changes.html"
    context = {"held": found.report, "edition": found, "since": since, "is_part": is_part}
    return render(request, template, context)


@require_safe
@needs(Right.SEE_FIGURES)
def edition_file(
    _request: HttpRequest, here: Here, number: int, edition: int, kind: str
) -> HttpResponseBase:
    """A published report as PDF or slides."""
    found = _edition(here, number, edition)
    known = found_or_404(lambda: files.kind_of(kind))
    path = files.of(found, known, settings.ZHIYIN_DATA, sees_personal_data=here.sees_personal_data)
    answer = FileResponse(path.open("rb"), content_type=files.TYPES[known])
    answer.headers["Content-Disposition"] = _disposition(found.report, known)
    return answer


# What a change of the editing page does; each returns the block to show


Change = Callable[[Here, int, QueryDict], str]


def _moved(steps: int) -> Change:
    def move(here: Here, number: int, given: QueryDict) -> str:
        block = given.get("block", "")
        actions.move(by=here.by, workspace=here.slug, number=number, block=block, steps=steps)
        return block

    return move


def _shown(here: Here, number: int, given: QueryDict) -> str:
    actions.show(
        by=here.by,
        workspace=here.slug,
        number=number,
        block=given.get("block", ""),
        show=given.get("show", ""),
        dates=given.get("dates", ""),
        title=given.get("title", ""),
    )
    return given.get("block", "")


def _written(here: Here, number: int, given: QueryDict) -> str:
    block = given.get("block", "")
    text = given.get("text", "")
    actions.write(by=here.by, workspace=here.slug, number=number, block=block, text=text)
    return block


def _taken_out(here: Here, number: int, given: QueryDict) -> str:
    actions.take_out(by=here.by, workspace=here.slug, number=number, block=given.get("block", ""))
    return ""


def _put_back(here: Here, number: int, _given: QueryDict) -> str:
    return actions.put_back(by=here.by, workspace=here.slug, number=number)


def _words_added(here: Here, number: int, given: QueryDict) -> str:
    text = given.get("text", "")
    return actions.add_words(by=here.by, workspace=here.slug, number=number, text=text).id


def _break_added(here: Here, number: int, _given: QueryDict) -> str:
    return actions.add_break(by=here.by, workspace=here.slug, number=number).id


def _verbatims_added(here: Here, number: int, given: QueryDict) -> str:
    rows = tuple(int(one) for one in given.getlist("row") if one.isascii() and one.isdigit())
    return actions.add_verbatims(by=here.by, workspace=here.slug, number=number, rows=rows).id


def _figure_added(here: Here, number: int, given: QueryDict) -> str:
    return actions.add_figure(
        by=here.by, log=here.log, workspace=here.slug, number=number, query=given.get("figure", "")
    ).id


def _renamed(here: Here, number: int, given: QueryDict) -> str:
    actions.rename(
        by=here.by,
        workspace=here.slug,
        number=number,
        title=given.get("title", ""),
        language=given.get("language", ""),
    )
    return ""


CHANGES: dict[str, Change] = {
    "up": _moved(-1),
    "down": _moved(1),
    "show": _shown,
    "write": _written,
    "take-out": _taken_out,
    "put-back": _put_back,
    "add-words": _words_added,
    "add-break": _break_added,
    "add-verbatims": _verbatims_added,
    "add-figure": _figure_added,
    "rename": _renamed,
}


# What the pages show


def _listed(here: Here, text: str) -> list[tuple[Report, Edition | None]]:
    """Reports whose title holds a text, each with its newest edition for this reader."""
    found = Report.objects.filter(workspace__slug=here.slug)
    if text:
        found = found.filter(title__icontains=text)
    listed = [(one, next(iter(editions.of(one, here.access.scope)), None)) for one in found]
    makes = here.access.may(Right.MAKE_REPORTS)
    return [(one, newest) for one, newest in listed if makes or newest is not None]


def _editing(
    request: HttpRequest, here: Here, held: Report, problem: Problem | None
) -> dict[str, Any]:
    given = blocks.read(held.blocks)
    rows = tuple(row for one in given if isinstance(one, blocks.Said) for row in one.rows)
    known = verbatims.read(here.log, here.workspace, rows, Reader(is_merged=False))
    asked = request.GET.get("say")
    see, found = here.sees_personal_data, []
    try:
        personal.check_search(asked or "", sees_it=see)
    except Problem as refused:
        problem = problem or refused
    else:
        found = [] if asked is None else verbatims.search(here.log, here.workspace, asked)
    return {
        "held": held,
        "edited": reports_page.edited(
            given,
            {row: reports_page.masked(one, see) for row, one in known.items()},
            here.log,
            here.workspace,
        ),
        "say": asked,
        "found": [reports_page.masked(one, see) for one in found],
        "problem": problem,
        "shows": blocks.SHOWS.items(),
        "dates": blocks.DATES.items(),
        "languages": LANGUAGES,
    }


def _edition(here: Here, number: int, edition: int) -> Edition:
    return found_or_404(lambda: editions.get(here.slug, number, edition, here.access.scope))


def _disposition(held: Report, kind: str) -> str:
    return content_disposition_header(kind != "pdf", f"{held.title}.{kind}") or ""
