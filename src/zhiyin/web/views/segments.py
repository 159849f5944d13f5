"""*Segments* 客群: rules over customers, counted while they are written, and kept lists."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhiyin.accounts.rights import Right
from zhiyin.journey.behind import Listing
from zhiyin.kernel.errors import Problem
from zhiyin.unify import names, people, segments
from zhiyin.unify.models import Segment
from zhiyin.warehouse.customers import PLAIN, WINDOWED
from zhiyin.web import customers_page, faults, journeys_behind
from zhiyin.web.views.reading import Here, needs


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.DEFINE)
def new(request: HttpRequest, here: Here) -> HttpResponse:
    """Write a segment, from a template or from nothing."""
    return _edited(request, here, None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_CUSTOMERS, to_write=Right.DEFINE)
def segment(request: HttpRequest, here: Here, name: str) -> HttpResponse:
    """Change a segment."""
    return _edited(request, here, segments.get(here.slug, name))


@require_POST
@needs(Right.DEFINE)
def keep(request: HttpRequest, here: Here) -> HttpResponse:
    """Keep the customers behind a figure of journeys, as they are now, under a name."""
    if not here.access.may(Right.SEE_CUSTOMERS):
        return faults.not_allowed(request, Right.SEE_CUSTOMERS, here.access)
    query = QueryDict(request.POST.get("figure", ""))
    page = journeys_behind.build(here.log, here.workspace, query, sees_it=here.sees_personal_data)
    try:
        find = journeys_behind.finder(here.workspace, query, sees_it=here.sees_personal_data)
        found = find(Listing(here.log, here.workspace, 0, segments.MOST_KEPT + 1))
        saved = segments.keep(
            by=here.by,
            workspace=here.slug,
            name=request.POST.get("name", ""),
            customers=found.keys,
        )
    except Problem as problem:
        context = {"page": page, "problem": problem, "figure": query.urlencode()}
        return render(request, "web/journey_customers.html", context, status=422)
    messages.success(request, gettext("The segment is saved, with those who are in it now."))
    return redirect(f"/{here.slug}/customers/?segment={saved.slug}")


@require_safe
@needs(Right.SEE_CUSTOMERS)
def count(request: HttpRequest, here: Here) -> HttpResponse:
    """How many customers a rule chooses now: the part of the form that changes while typing."""
    workspace = here.workspace
    problem, counted = customers_page.counted(
        here.log, workspace, request.GET.get("rule", ""), sees_it=here.sees_personal_data
    )
    # A rule that is half written is no fault of the request, and must be swapped in as it is.
    return render(request, "web/segment.html#count", {"problem": problem, "count": counted})


@require_POST
@needs(Right.DEFINE)
def remove(request: HttpRequest, here: Here, name: str) -> HttpResponse:
    """Take a segment out."""
    segments.remove(by=here.by, workspace=here.slug, slug=name)
    messages.success(request, gettext("The segment is removed. Its customers stay as they are."))
    return redirect("customers", slug=here.slug)


def _edited(request: HttpRequest, here: Here, held: Segment | None) -> HttpResponse:
    workspace = here.workspace
    problem, log, sees_it = None, here.log, here.sees_personal_data
    if held is not None:
        # Whoever may not see what the rule compares with cannot change it either.
        customers_page.in_segment(log, held, sees_it=sees_it)
    template = next((t for t in segments.TEMPLATES if t.slug == request.GET.get("from")), None)
    name = held.name if held else str(template.name) if template else ""
    rule = held.rule if held else template.rule if template else request.GET.get("where", "")
    if request.method == "POST":
        name, rule = request.POST.get("name", ""), request.POST.get("rule", "")
        try:
            if held is None or not held.is_kept:
                people.count(log, workspace, customers_page.rule(log, None, rule, sees_it=sees_it))
            saved = _save(here, held, name, rule)
        except Problem as wrong:
            problem = wrong
        else:
            messages.success(request, gettext("The segment is saved."))
            return redirect(f"/{here.slug}/customers/?segment={saved.slug}")
    draft = customers_page.draft(
        log, workspace, name=name, rule=rule, segment=held, sees_it=sees_it, problem=problem
    )
    context = {
        "draft": draft,
        "problem": draft.problem,
        "count": draft.count,
        "templates": () if held else segments.TEMPLATES,
        "columns": (*PLAIN, *(f"{counted}_30d" for counted in WINDOWED)),
        "traits": [
            one for one in people.trait_names(log, here.slug) if sees_it or names.is_plain(one)
        ],
    }
    return render(request, "web/segment.html", context, status=422 if problem else 200)


def _save(here: Here, held: Segment | None, name: str, rule: str) -> Segment:
    if held is None:
        return segments.create(by=here.by, workspace=here.slug, name=name, rule=rule)
    return segments.change(by=here.by, workspace=here.slug, slug=held.slug, name=name, rule=rule)
