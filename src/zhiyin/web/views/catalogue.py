"""The catalogue of events 行为事件目录: what was seen, described, hidden, blocked."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from zhiyin.accounts.rights import Right
from zhiyin.collect import definitions
from zhiyin.kernel.errors import Problem
from zhiyin.web.views.reading import Here, needs

ROWS = 100


@require_safe
@needs(Right.SEE_DATA)
def catalogue(request: HttpRequest, here: Here) -> HttpResponse:
    """Every name with what people say of it, the most frequent first."""
    asked = request.GET.get("q", "").strip()
    page = request.GET.get("page", "0")
    at = int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 0
    entries = [
        one
        for one in definitions.catalogue(here.log, here.slug)
        if asked.lower() in one.name.lower()
    ]
    context = {
        "entries": entries[at * ROWS : (at + 1) * ROWS],
        "older": at + 1 if len(entries) > (at + 1) * ROWS else None,
        "asked": asked,
    }
    return render(request, "web/catalogue.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_DATA, to_write=Right.DEFINE)
def definition(request: HttpRequest, here: Here) -> HttpResponse:
    """One name, its properties, and what a person says of it or of one of them."""
    asked = request.POST if request.method == "POST" else request.GET
    name, of_property = asked.get("name", ""), asked.get("property", "")
    problem = None
    if request.method == "POST":
        try:
            definitions.define(
                by=here.by,
                workspace=here.slug,
                name=name,
                of_property=of_property,
                description_en=request.POST.get("description_en", ""),
                description_zh=request.POST.get("description_zh", ""),
                is_hidden="is_hidden" in request.POST,
                is_blocked="is_blocked" in request.POST,
            )
        except Problem as refused:
            problem = refused
        else:
            messages.success(request, gettext("Saved."))
            return redirect(
                reverse("definition", args=[here.slug]) + "?" + urlencode({"name": name})
            )
    entries = definitions.catalogue(here.log, here.slug, name=name)
    shown = next((one for one in entries if one.property == of_property), None)
    if not entries and problem is None:
        raise Http404
    context = {
        "name": name,
        "property": of_property,
        "event": next((one for one in entries if not one.property), None),
        "properties": [one for one in entries if one.property],
        "given": request.POST if problem else (shown.definition if shown else None),
        "problem": problem,
    }
    return render(request, "web/definition.html", context, status=422 if problem else 200)
