"""The page *Events* 行为事件: the live tail, volumes, one event."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from zhiyin.accounts.rights import Right
from zhiyin.collect import tail
from zhiyin.collect.definitions import hidden_names, hidden_properties
from zhiyin.warehouse.rules import RULED
from zhiyin.web import events_page, htmx
from zhiyin.web.views.reading import Here, needs


@require_safe
@needs(Right.SEE_DATA)
def events(request: HttpRequest, here: Here) -> HttpResponse:
    """The newest events and how many came; what was found alone for a change of filter."""
    workspace = here.workspace
    sees_it = here.sees_personal_data
    page = events_page.build(
        here.log, workspace, request.GET, hidden_names(here.slug), sees_it=sees_it
    )
    is_part = htmx.is_part(request)
    may_listen = sees_it and not page.problem
    context = {
        "page": page,
        "is_part": is_part,
        "stream": events_page.stream(workspace, request.GET) if may_listen else "",
    }
    template = "web/events.html#found" if is_part else "web/events.html"
    answer = render(request, template, context, status=422 if page.problem else 200)
    patch_vary_headers(answer, ["HX-Request"])
    return answer


@require_safe
@needs(Right.SEE_DATA)
def newest(request: HttpRequest, here: Here) -> HttpResponse:
    """The newest rows alone, asked for again and again; 304 while nothing has come."""
    workspace = here.workspace
    log = here.log
    rules = hash((*(log.rules(here.slug, column) for column in RULED), hidden_names(here.slug)))
    count, last = tail.state(log, here.slug)
    sees_it = here.sees_personal_data
    etag = f'"{count}-{last}-{rules}-{get_language()}-{sees_it:d}"'
    unchanged = get_conditional_response(request, etag=etag)
    if unchanged is not None:
        return unchanged
    hidden = hidden_names(here.slug)
    asked = events_page.search(request.GET, hidden, sees_it=sees_it)
    rows = tail.newest(log, here.slug, asked, zone=workspace.timezone, limit=events_page.ROWS)
    context = {"events": rows}
    answer = render(request, "web/events.html#rows", context)
    answer.headers["ETag"] = etag
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


@require_safe
@needs(Right.SEE_DATA, personal=True)
def stream_pass(request: HttpRequest, here: Here) -> HttpResponse:
    """Where to listen: an address with a pass that is good for some minutes."""
    workspace = here.workspace
    answer = JsonResponse({"stream": events_page.stream(workspace, request.GET)})
    answer.headers["Cache-Control"] = "no-store"
    return answer


@require_safe
@needs(Right.SEE_DATA, personal=True)
def event(request: HttpRequest, here: Here, seq: int) -> HttpResponse:
    """One event, whole."""
    found = tail.one(here.log, here.slug, seq)
    if found is None:
        raise Http404
    context = {
        "event": found[0],
        "columns": found[1],
        "properties": tail.pretty(
            found[0].properties, hidden_properties(here.slug, found[0].name or "")
        ),
    }
    return render(request, "web/event.html", context)
