"""*Sources of verbatims* 原声来源: where what customers say is fetched, and how each source is."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhiyin.accounts import keys
from zhiyin.accounts.rights import Right
from zhiyin.collect.sources import actions, kept, known, trying
from zhiyin.collect.sources.models import VerbatimSource
from zhiyin.collect.sources.voices import called
from zhiyin.kernel.errors import Problem
from zhiyin.web import sources_form
from zhiyin.web.htmx import is_part
from zhiyin.web.sources_form import Form
from zhiyin.web.views.finding import found_or_404
from zhiyin.web.views.imports import CSV, data_folder
from zhiyin.web.views.reading import Here, needs


@require_safe
@needs(Right.SEE_DATA)
def listed(request: HttpRequest, here: Here) -> HttpResponse:
    """The sources, and the other ways in."""
    context = {
        "rows": [
            (one, known.of(one.kind).label, sources_form.state(one), one.runs.first())
            for one in kept.of(here.slug)
        ],
        "kinds": known.all_kinds().values(),
        "webhooks": [
            one for one in keys.of(here.slug) if one.signing_secret and one.revoked_at is None
        ],
        "files": sum(not one.is_of_intake for one in here.log.imports(here.slug)),
    }
    return render(request, "web/sources.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.CHANGE_DATA)
def new(request: HttpRequest, here: Here, kind: str) -> HttpResponse:
    """Add a source: what it is told, a try, and then its first run."""
    source = found_or_404(lambda: known.of(kind))
    form = sources_form.blank(source)
    if request.method != "POST":
        return render(request, "web/new_source.html", {"form": form})
    if request.POST.get("do") == "try":
        return _tried(request, here, form, None, "web/new_source.html")
    wanted, key = sources_form.read(form, request.POST), request.POST.get("key", "").strip()
    try:
        held = actions.add(by=here.by, workspace=here.slug, key=key, wanted=wanted)
    except Problem as problem:
        return _again(request, form, problem, "web/new_source.html")
    messages.success(request, gettext("The source is added; its first run begins now."))
    return redirect("source", slug=here.slug, key=held.key)


@require_safe
@needs(Right.SEE_DATA)
def one(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """One source: how it is, what it is told, what its runs came to."""
    held = found_or_404(lambda: kept.get(here.slug, key))
    return _shown(request, held)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.CHANGE_DATA)
def change(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """Change what a source is told."""
    held = found_or_404(lambda: kept.get(here.slug, key))
    form = sources_form.of(held, known.of(held.kind))
    if request.method != "POST":
        return render(request, "web/change_source.html", {"form": form, "held": held})
    if request.POST.get("do") == "try":
        return _tried(request, here, form, held, "web/change_source.html")
    wanted = sources_form.read(form, request.POST)
    try:
        actions.change(by=here.by, workspace=here.slug, key=key, wanted=wanted)
    except Problem as problem:
        return _again(request, form, problem, "web/change_source.html", held=held)
    messages.success(request, gettext("The source is changed."))
    return redirect("source", slug=here.slug, key=key)


@require_POST
@needs(Right.CHANGE_DATA)
def act(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """Fetch now; pause; go on."""
    held = found_or_404(lambda: kept.get(here.slug, key))
    do = request.POST.get("do", "")
    try:
        if do == "run":
            actions.run_now(by=here.by, workspace=here.slug, key=key)
            messages.success(request, gettext("It is read now. Load the page again in a moment."))
        else:
            actions.pause(by=here.by, workspace=here.slug, key=key, is_paused=do == "pause")
    except Problem as problem:
        return _shown(request, held, problem=problem)
    return redirect("source", slug=here.slug, key=key)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.CHANGE_DATA)
def remove(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """Ask once, then remove a source. What it brought stays."""
    held = found_or_404(lambda: kept.get(here.slug, key))
    if request.method != "POST":
        return render(request, "web/remove_source.html", {"held": held})
    actions.remove(by=here.by, workspace=here.slug, key=key)
    messages.success(request, gettext("The source is removed. What it brought stays."))
    return redirect("sources", slug=here.slug)


@require_safe
@needs(Right.SEE_DATA, personal=True)
def rejects(_request: HttpRequest, here: Here, key: str, import_id: str) -> FileResponse:
    """The records of a run that could not be stored; what is in them is never a formula."""
    held = found_or_404(lambda: kept.get(here.slug, key))
    is_its_own = any(import_id in run.imports for run in held.runs.all())
    file = data_folder() / "rejects" / f"{import_id}.csv"
    if not is_its_own or not re.fullmatch("[0-9a-f]+", import_id) or not file.exists():
        raise Http404
    name = f"{held.key}-rejects.csv"
    return FileResponse(file.open("rb"), as_attachment=True, filename=name, content_type=CSV)


def _tried(
    request: HttpRequest, here: Here, form: Form, held: VerbatimSource | None, template: str
) -> HttpResponse:
    """What the first page would come to; without script, under the form as it was typed."""
    context: dict[str, Any] = {"form": sources_form.typed(form, request.POST), "held": held}
    key = form.key or request.POST.get("key", "").strip() or "new-source"
    try:
        found = actions.checked(sources_form.read(form, request.POST), key=key, held=held)
        context["tried"] = trying.try_out(
            here.log, here.workspace, found.source, found.settings, found.whole,
            data=data_folder(),
        )  # fmt: skip
    except Problem as problem:
        context["problem"] = problem
    if is_part(request):
        return render(request, "web/source_tried.html", context)
    return render(request, template, context, status=422 if "problem" in context else 200)


def _again(
    request: HttpRequest, form: Form, problem: Problem, template: str, **more: Any
) -> HttpResponse:
    context = {"form": sources_form.typed(form, request.POST), "problem": problem, **more}
    return render(request, template, context, status=422)


def _shown(
    request: HttpRequest, held: VerbatimSource, problem: Problem | None = None
) -> HttpResponse:
    context = {
        "held": held,
        "kind": known.of(held.kind),
        "form": sources_form.of(held, known.of(held.kind)),
        "state": sources_form.state(held),
        "voice": called(held.voice),
        "failed": kept.problem_of(held.error),
        "runs": [(one, kept.problem_of(one.error)) for one in kept.runs_of(held)],
        "problem": problem,
    }
    return render(request, "web/source.html", context, status=422 if problem else 200)
