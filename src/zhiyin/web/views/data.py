"""How data gets in, and a small sample that shows it."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhiyin.accounts import jobs, work
from zhiyin.accounts.rights import Right
from zhiyin.demo import filling
from zhiyin.measure.asked import asked
from zhiyin.web import sample
from zhiyin.web.htmx import is_part, refreshed
from zhiyin.web.views.reading import Here, needs


@require_safe
@needs(Right.SEE_DATA)
def imports(request: HttpRequest, here: Here) -> HttpResponse:
    """What to type to import a file, beside a mapping and what it reads; the imports so far."""
    context = {
        "mapping": sample.mapping(),
        "head": sample.head(),
        "imports": here.log.imports(here.slug)[:50],
        "has_answers": bool(asked(here.log, here.slug)),
        "data_folder": settings.ZHIYIN_DATA,
    }
    return render(request, "web/imports.html", context)


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
