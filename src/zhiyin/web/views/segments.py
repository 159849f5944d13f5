"""*Segments* 客群: saved rules over customers, counted while they are written."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhiyin.kernel.errors import Problem
from zhiyin.unify import people, segments
from zhiyin.unify.models import Segment
from zhiyin.warehouse.customers import PLAIN, WINDOWED
from zhiyin.web import customers_page
from zhiyin.web.log import the_log
from zhiyin.web.views.reading import actor_of, required


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, slug: str) -> HttpResponse:
    """Write a segment, from a template or from nothing."""
    return _edited(request, slug, None)


@require_http_methods(["GET", "HEAD", "POST"])
def segment(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Change a segment."""
    required(request, slug)
    return _edited(request, slug, segments.get(slug, name))


@require_safe
def count(request: HttpRequest, slug: str) -> HttpResponse:
    """How many customers a rule chooses now: the part of the form that changes while typing."""
    workspace = required(request, slug)
    problem, counted = customers_page.counted(the_log(), workspace, request.GET.get("rule", ""))
    # A rule that is half written is no fault of the request, and must be swapped in as it is.
    return render(request, "web/segment.html#count", {"problem": problem, "count": counted})


@require_POST
def remove(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Take a segment out."""
    required(request, slug)
    segments.remove(by=actor_of(request), workspace=slug, slug=name)
    messages.success(request, gettext("The segment is removed. Its customers stay as they are."))
    return redirect("customers", slug=slug)


def _edited(request: HttpRequest, slug: str, held: Segment | None) -> HttpResponse:
    workspace = required(request, slug)
    problem, log = None, the_log()
    template = next((t for t in segments.TEMPLATES if t.slug == request.GET.get("from")), None)
    name = held.name if held else str(template.name) if template else ""
    rule = held.rule if held else template.rule if template else request.GET.get("where", "")
    if request.method == "POST":
        name, rule = request.POST.get("name", ""), request.POST.get("rule", "")
        try:
            people.count(log, workspace, customers_page.rule(None, rule))
            saved = _save(request, slug, held, name, rule)
        except Problem as wrong:
            problem = wrong
        else:
            messages.success(request, gettext("The segment is saved."))
            return redirect(f"/{slug}/customers/?segment={saved.slug}")
    draft = customers_page.draft(
        log, workspace, name=name, rule=rule, segment=held, problem=problem
    )
    context = {
        "draft": draft,
        "problem": draft.problem,
        "count": draft.count,
        "templates": () if held else segments.TEMPLATES,
        "columns": (*PLAIN, *(f"{counted}_30d" for counted in WINDOWED)),
        "traits": people.trait_names(log, slug),
    }
    return render(request, "web/segment.html", context, status=422 if problem else 200)


def _save(request: HttpRequest, slug: str, held: Segment | None, name: str, rule: str) -> Segment:
    by = actor_of(request)
    if held is None:
        return segments.create(by=by, workspace=slug, name=name, rule=rule)
    return segments.change(by=by, workspace=slug, slug=held.slug, name=name, rule=rule)
