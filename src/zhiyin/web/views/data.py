"""How data gets in, and a small sample that shows it."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhiyin.demo import filling
from zhiyin.measure.asked import asked
from zhiyin.web import sample
from zhiyin.web.log import the_log
from zhiyin.web.views.reading import required


@require_safe
def imports(request: HttpRequest, slug: str) -> HttpResponse:
    """What to type to import a file, beside a mapping and what it reads; the imports so far."""
    workspace = required(request, slug)
    context = {
        "mapping": sample.mapping(),
        "head": sample.head(),
        "imports": the_log().imports(workspace.slug)[:50],
        "has_answers": bool(asked(the_log(), workspace.slug)),
        "data_folder": settings.ZHIYIN_DATA,
    }
    return render(request, "web/imports.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def remove_demo(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask once, then take the demo company out whole."""
    workspace = required(request, slug)
    if request.method != "POST":
        return render(request, "web/remove_demo.html")
    filling.remove(the_log(), workspace.slug)
    messages.success(request, gettext("The demo company is gone."))
    return redirect("imports", slug=slug)


@require_POST
def load_sample(request: HttpRequest, slug: str) -> HttpResponse:
    """Import the sample; once, however often it is asked for."""
    workspace = required(request, slug)
    done = sample.load(the_log(), workspace, settings.ZHIYIN_DATA)
    if done.rows_added:
        messages.success(request, gettext("The sample is loaded."))
    return redirect("scores", slug=slug)
