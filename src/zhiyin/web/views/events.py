"""The page *Events* 行为事件: the live tail, volumes, one event."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from zhiyin.accounts.workspaces import Settings
from zhiyin.collect import tail
from zhiyin.collect.definitions import hidden_names, hidden_properties
from zhiyin.kernel import passes
from zhiyin.kernel.clock import now
from zhiyin.web import events_page, htmx
from zhiyin.web.log import the_log
from zhiyin.web.views.reading import required


@require_safe
def events(request: HttpRequest, slug: str) -> HttpResponse:
    """The newest events and how many came; what was found alone for a change of filter."""
    workspace = required(request, slug)
    page = events_page.build(the_log(), workspace, request.GET, hidden_names(workspace.slug))
    is_part = htmx.is_part(request)
    context = {
        "page": page,
        "is_part": is_part,
        "stream": "" if page.problem else _stream(workspace, request.GET),
    }
    template = "web/events.html#found" if is_part else "web/events.html"
    answer = render(request, template, context, status=422 if page.problem else 200)
    patch_vary_headers(answer, ["HX-Request"])
    return answer


@require_safe
def newest(request: HttpRequest, slug: str) -> HttpResponse:
    """The newest rows alone, asked for again and again; 304 while nothing has come."""
    workspace = required(request, slug)
    log = the_log()
    rules = hash((tuple(log.touchpoint_rules(slug)), hidden_names(slug)))
    count, last = tail.state(log, workspace.slug)
    etag = f'"{count}-{last}-{rules}-{get_language()}"'
    unchanged = get_conditional_response(request, etag=etag)
    if unchanged is not None:
        return unchanged
    hidden = hidden_names(workspace.slug)
    asked = events_page.search(request.GET, hidden)
    rows = tail.newest(log, workspace.slug, asked, zone=workspace.timezone, limit=events_page.ROWS)
    context = {"events": rows}
    answer = render(request, "web/events.html#rows", context)
    answer.headers["ETag"] = etag
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


@require_safe
def stream_pass(request: HttpRequest, slug: str) -> HttpResponse:
    """Where to listen: an address with a pass that is good for some minutes."""
    workspace = required(request, slug)
    answer = JsonResponse({"stream": _stream(workspace, request.GET)})
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _stream(workspace: Settings, query: QueryDict) -> str:
    asked = events_page.search(query, hidden_names(workspace.slug)).filter()
    key = str(settings.SECRET_KEY).encode()
    given = {
        "pass": passes.issue(key, workspace=workspace.slug, now=now()),
        **({"where": str(asked)} if asked else {}),
    }
    return f"/{workspace.slug}/stream/events?{urlencode(given)}"


@require_safe
def event(request: HttpRequest, slug: str, seq: int) -> HttpResponse:
    """One event, whole."""
    workspace = required(request, slug)
    found = tail.one(the_log(), workspace.slug, seq)
    if found is None:
        raise Http404
    context = {
        "event": found[0],
        "columns": found[1],
        "properties": tail.pretty(
            found[0].properties, hidden_properties(slug, found[0].name or "")
        ),
    }
    return render(request, "web/event.html", context)
