"""*Surveys* 问卷调研: listed, begun, published, closed; what came of one."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header, urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhiyin.accounts import audit
from zhiyin.accounts.rights import Right
from zhiyin.collect.exports import of_survey, run
from zhiyin.collect.surveys import actions, bringing, inviting, kept
from zhiyin.collect.surveys.formats import reading
from zhiyin.collect.surveys.library import sets
from zhiyin.kernel import qr
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.web import downloads, sending_page, surveys_page
from zhiyin.web.views.finding import found_or_404
from zhiyin.web.views.reading import Here, needs

MOST = 200
"""Surveys on the page; a search finds the others."""


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_FIGURES, to_write=Right.DEFINE)
def surveys(request: HttpRequest, here: Here) -> HttpResponse:
    """Every survey; a form for a new one, which begins with a ready set or with a file."""
    problem = None
    if request.method == "POST":
        try:
            return _begun(request, here)
        except Problem as refused:
            problem = refused
    text = request.GET.get("q", "").strip()
    listed = surveys_page.listed(here.slug, text)
    context = {
        "listed": listed[:MOST],
        "left_out": max(len(listed) - MOST, 0),
        "q": text,
        "problem": problem,
        "given": request.POST,
        "ready": sets.SETS,
    }
    return render(request, "web/surveys.html", context, status=422 if problem else 200)


def _begun(request: HttpRequest, here: Here) -> HttpResponse:
    """Make the draft that was asked for; of a file it is said what came over."""
    key, file = request.POST.get("key", "").strip(), request.FILES.get("file")
    if file is None:
        begun = bringing.begun(here.workspace, ready=request.POST.get("ready", ""))
        made = actions.create(by=here.by, workspace=here.slug, key=key, survey=begun)
        return redirect("survey", slug=here.slug, key=made.key)
    content = file.read(reading.MOST_BYTES + 1)
    brought = bringing.bring(
        by=here.by, workspace=here.slug, name=file.name or "", content=content, key=key
    )
    changes = surveys_page.changes(brought)
    return render(request, "web/survey_brought.html", {"brought": brought, "changes": changes})


@require_safe
@needs(Right.SEE_FIGURES)
def survey(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """One survey: whether it takes answers, its address, what came of it."""
    page = _page(request, here, key)
    context = {
        "page": page,
        "asked": urlencode(page.given),
        "code": qr.drawn(page.survey["link"]) if page.survey["version"] else "",
        "distributions": sending_page.rows(here.log, here.slug, key),
    }
    return render(request, "web/survey.html", context, status=422 if page.problem else 200)


@require_safe
@needs(Right.SEE_FIGURES)
def export(request: HttpRequest, here: Here, key: str) -> FileResponse:
    """What came of each question as a file; it raises the problem that the page would say."""
    page = _page(request, here, key)
    if page.problem is not None:
        raise page.problem
    return downloads.download(
        surveys_page.table(page),
        name=key,
        kind=request.GET.get("as", "csv"),
        timezone=here.workspace.timezone,
    )


@require_safe
@needs(Right.EXPORT, personal=True)
def responses(request: HttpRequest, here: Here, key: str) -> FileResponse:
    """The responses as a file, a row each; the audit log says that it was taken out.

    Raises:
        Problem: ``survey.no-version``; a filter that cannot be read.
    """
    held = found_or_404(lambda: kept.get(here.slug, key))
    kind = next((one for one in run.FORMATS if one == request.GET.get("as", "csv")), None)
    if kind is None:
        raise Http404
    given = surveys_page.given_of(request.GET)
    version, where = surveys_page.chosen_of(held, given)
    answer = downloads.written(
        lambda path: of_survey.export(
            here.log, here.workspace, key, kind, path, version=version, where=where
        ),
        name=f"{here.slug}-{key}",
        kind=kind,
    )  # fmt: skip
    audit.record(
        by=here.by, action="rows.exported", subject=f"survey {key}", workspace=here.slug,
        after={"format": kind},
    )  # fmt: skip
    return answer


@require_safe
@needs(Right.SEE_FIGURES)
def code(_request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """The QR code of a survey's address, to be printed."""
    held = found_or_404(lambda: kept.get(here.slug, key))
    answer = HttpResponse(qr.drawn(kept.link(held, {})), content_type="image/svg+xml")
    answer["Content-Disposition"] = content_disposition_header(True, f"{key}.svg") or ""
    return answer


@require_POST
@needs(Right.PUBLISH)
def change(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """Publish the draft as a version, take no answers any more, or take them again."""
    found_or_404(lambda: kept.get(here.slug, key))
    does = request.POST.get("do", "")
    try:
        if does == "close":
            actions.close(by=here.by, workspace=here.slug, key=key)
            said = gettext("It takes no answers any more.")
        elif does == "open":
            actions.reopen(by=here.by, workspace=here.slug, key=key)
            said = gettext("It takes answers again.")
        else:
            actions.publish(
                by=here.by, workspace=here.slug, key=key, notes=request.POST.get("notes", "")
            )
            said = gettext("It is published: customers see it now.")
    except Problem as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, said)
    return redirect("survey", slug=here.slug, key=key)


@require_POST
@needs(Right.PUBLISH, personal=True)
def invite(request: HttpRequest, here: Here, key: str) -> HttpResponseBase:
    """Make a link of her own for each of a list of people; the answer is the file of them."""
    found_or_404(lambda: kept.get(here.slug, key))
    chosen = request.FILES.get("people")
    try:
        if chosen is None:
            raise Problem(
                "survey.no-people",
                _("No file was chosen."),
                _("Choose a CSV file with a column customer."),
            )
        with tempfile.NamedTemporaryFile(suffix=".csv") as file:
            for chunk in chosen.chunks():
                file.write(chunk)
            file.flush()
            people = inviting.read_people(Path(file.name), zone=here.workspace.timezone)
        links = inviting.invite(here.log, by=here.by, workspace=here.slug, key=key, people=people)
    except Problem as problem:
        messages.error(request, str(problem))
        return redirect("survey", slug=here.slug, key=key)
    return downloads.download(
        inviting.links_of(people, links),
        name=f"{key}-links", kind="csv", timezone=here.workspace.timezone,
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.DEFINE)
def remove(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """Ask once, then remove a draft that was never published."""
    held = found_or_404(lambda: kept.get(here.slug, key))
    if request.method != "POST":
        title = surveys_page.title_of(held)
        return render(request, "web/remove_survey.html", {"held": held, "title": title})
    try:
        actions.remove(by=here.by, workspace=here.slug, key=key)
    except Problem as problem:
        messages.error(request, str(problem))
        return redirect("survey", slug=here.slug, key=key)
    messages.success(request, gettext("The draft is removed."))
    return redirect("surveys", slug=here.slug)


def _page(request: HttpRequest, here: Here, key: str) -> surveys_page.Page:
    held = found_or_404(lambda: kept.get(here.slug, key))
    return surveys_page.build(
        here.log, here.workspace, held, request.GET, sees_it=here.sees_personal_data
    )
