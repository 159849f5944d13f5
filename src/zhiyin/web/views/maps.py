"""*Journey maps* 客户旅程地图: listed, shown with their figures, one touchpoint; personas."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhiyin.accounts.rights import Right
from zhiyin.kernel.errors import Problem
from zhiyin.maps import actions, kept, pins
from zhiyin.maps.document import said
from zhiyin.unify import segments
from zhiyin.web import htmx, map_node_page, map_page
from zhiyin.web.map_export import EXPORTS
from zhiyin.web.views.finding import found_or_404
from zhiyin.web.views.reading import Here, needs


@require_safe
@needs(Right.SEE_FIGURES)
def maps(request: HttpRequest, here: Here) -> HttpResponse:
    """Every map of the workspace; of one alone its page."""
    text = request.GET.get("q", "").strip().casefold()
    personas = {one.key: one for one in kept.personas(here.slug)}
    rows = []
    for held in kept.of(here.slug):
        one = kept.as_dict(held)
        name = said(kept.draft(held).name) or held.key
        if text in f"{held.key} {' '.join(one['name'].values())}".casefold():
            open_pins = pins.open_by_node(held)
            persona = personas.get(one["persona"])
            own = {"name": name, "persona": persona and kept.called(persona)}
            rows.append({**one, **own, "pins": sum(map(sum, open_pins.values()))})
    context = {"rows": rows, "q": text, "personas": personas}
    return render(request, "web/maps.html", context)


@require_safe
@needs(Right.SEE_FIGURES)
def map_(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """One map: the form first, and its figures when they are asked for."""
    held = found_or_404(lambda: kept.get(here.slug, key))
    is_part = htmx.is_part(request)
    is_wall = "wall" in request.GET
    page = map_page.build(
        here.log,
        here.workspace,
        held,
        request.GET,
        sees_it=here.sees_personal_data,
        answers=is_part or "now" in request.GET or is_wall,
    )
    template = "web/map.html#figures" if is_part else "web/map.html"
    context = {"page": page, "is_part": is_part, "is_wall": is_wall, "exports": EXPORTS}
    answer = render(request, template, context, status=422 if page.problem else 200)
    patch_vary_headers(answer, ["HX-Request"])
    return answer


@require_safe
@needs(Right.SEE_FIGURES)
def touchpoint(request: HttpRequest, here: Here, key: str, node: str) -> HttpResponse:
    """One touchpoint: the whole page, or what the drawer of the map shows."""
    held = found_or_404(lambda: kept.get(here.slug, key))
    page = found_or_404(
        lambda: map_node_page.build(
            here.log, here.workspace, held, node, request.GET, sees_it=here.sees_personal_data
        )
    )
    is_part = htmx.is_part(request)
    template = "web/map_node.html#touchpoint" if is_part else "web/map_node.html"
    context = {"page": page, "is_part": is_part, "held": held, "node": node}
    answer = render(request, template, context)
    patch_vary_headers(answer, ["HX-Request"])
    return answer


@require_safe
@needs(Right.SEE_FIGURES)
def cause(request: HttpRequest, here: Here, key: str, node: str) -> HttpResponse:
    """One sentence: what goes with a low score at a touchpoint. A part of other pages."""
    held = found_or_404(lambda: kept.get(here.slug, key))
    found = map_node_page.cause_of(
        here.log, here.workspace, held, node, request.GET, sees_it=here.sees_personal_data
    )
    if found is None:
        raise Http404
    why, unit = found
    return render(request, "web/map_cause.html", {"cause": why, "unit": unit})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_FIGURES, to_write=Right.DEFINE)
def personas(request: HttpRequest, here: Here) -> HttpResponse:
    """Whose journeys maps are; a form for a new one, or for one that is changed."""
    problem = None
    if request.method == "POST":
        try:
            made = actions.put_persona(
                by=here.by,
                workspace=here.slug,
                key=request.POST.get("key", "").strip(),
                **{
                    name: request.POST.get(name, "")
                    for name in ("name_en", "name_zh", "says_en", "says_zh", "customers")
                },
            )
        except Problem as refused:
            problem = refused
        else:
            messages.success(request, gettext("The persona is kept."))
            return redirect(f"{request.path}#{made.key}")
    known = kept.personas(here.slug)
    chosen = next((one for one in known if one.key == request.GET.get("key")), None)
    context = {
        "personas": known,
        "problem": problem,
        "given": request.POST if problem else chosen.__dict__ if chosen else {},
        "segments": segments.of(here.slug),
    }
    return render(request, "web/personas.html", context, status=422 if problem else 200)


@require_POST
@needs(Right.DEFINE)
def remove_persona(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """Take a persona out; maps of it show everybody's journey from then on."""
    try:
        actions.remove_persona(by=here.by, workspace=here.slug, key=key)
    except Problem as problem:
        raise Http404 from problem
    messages.success(request, gettext("The persona is gone."))
    return redirect("personas", slug=here.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.DEFINE)
def remove_map(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """Ask whether a map goes with its versions and marks, and take it out."""
    held = found_or_404(lambda: kept.get(here.slug, key))
    if request.method == "POST":
        actions.remove(by=here.by, workspace=here.slug, key=key)
        messages.success(request, gettext("The map is gone."))
        return redirect("maps", slug=here.slug)
    one = {**kept.as_dict(held), "name": said(kept.draft(held).name) or key}
    return render(request, "web/remove_map.html", {"map": one, "pins": held.pins.count()})
