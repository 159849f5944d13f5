"""The first page of an empty workspace; a small sample, and the demo company taken out."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhiyin.accounts import jobs, work
from zhiyin.accounts.rights import Right
from zhiyin.demo import company, filling
from zhiyin.kernel.errors import Problem
from zhiyin.warehouse.log import Log
from zhiyin.web import sample
from zhiyin.web.htmx import is_part, refreshed
from zhiyin.web.views.reading import Here, needs


@require_safe
@needs(Right.SEE_DATA)
def begin(request: HttpRequest, here: Here) -> HttpResponse:
    """The first page of an empty workspace: the ways in, and a sample that shows it."""
    context = {"head": sample.head(), "is_empty": is_empty(here.log, here.slug)}
    return render(request, "web/begin.html", context)


def is_empty(log: Log, slug: str) -> bool:
    """Whether nothing has ever come into the workspace, not even what was refused."""
    return not (log.imports(slug) or log.catalogue(slug) or log.dead_letter_counts(slug))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.CHANGE_WORKSPACE)
def fill_demo(request: HttpRequest, here: Here) -> HttpResponse:
    """Say what would come, then have the demo company put in; the page shows how far that is."""
    job, problem = jobs.last_of(here.slug, "fill-demo"), None
    if is_part(request):
        return refreshed(render(request, "web/fill_demo.html#work", {"job": job}), job)
    if job is None or not job.is_open:
        try:
            filling.check(here.log, here.slug, plan := company.of_today())
        except Problem as refused:
            problem = refused
        else:
            if request.method == "POST":
                arguments = company.as_arguments(plan)
                work.ask(by=here.by, kind="fill-demo", workspace=here.slug, arguments=arguments)
                return redirect("fill-demo", slug=here.slug)
    context = {"job": job, "problem": problem}
    is_refused = problem is not None and request.method == "POST"
    return render(request, "web/fill_demo.html", context, status=422 if is_refused else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.CHANGE_DATA)
def remove_demo(request: HttpRequest, here: Here) -> HttpResponse:
    """Ask once, then have the demo company taken out whole; the page shows how far that is."""
    if request.method == "POST":
        if filling.is_demo(here.log, here.slug):
            work.ask(by=here.by, kind="remove-demo", workspace=here.slug)
        return redirect("remove-demo", slug=here.slug)
    job = jobs.last_of(here.slug, "remove-demo")
    if is_part(request):
        return refreshed(render(request, "web/remove_demo.html#work", {"job": job}), job)
    return render(request, "web/remove_demo.html", {"job": job})


@require_POST
@needs(Right.CHANGE_DATA)
def load_sample(request: HttpRequest, here: Here) -> HttpResponse:
    """Import the sample; once, however often it is asked for."""
    workspace = here.workspace
    done = sample.load(here.log, workspace, settings.ZHIYIN_DATA)
    if done.rows_added:
        messages.success(request, gettext("The sample is loaded."))
    return redirect("scores", slug=here.slug)
