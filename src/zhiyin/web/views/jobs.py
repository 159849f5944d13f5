"""*Jobs* 后台任务: what runs, what waits, what the clock asks for, and what became of the rest."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from zhiyin.accounts import jobs, work
from zhiyin.accounts.kinds import KINDS
from zhiyin.accounts.rights import Right
from zhiyin.kernel.errors import Problem
from zhiyin.web.htmx import is_part
from zhiyin.web.views.reading import Here, needs

PER_PAGE = 50


@require_safe
@needs(Right.CHANGE_WORKSPACE)
def listed(request: HttpRequest, here: Here) -> HttpResponse:
    """All background work of the workspace; a part of it is what runs and waits now."""
    now = {"running": jobs.running(here.slug), "waiting": jobs.waiting(here.slug)}
    if is_part(request):
        return render(request, "web/jobs.html#now", now)
    query = request.GET.copy()
    query.pop("before", None)
    found = _past(request, here)
    some, more = found[:PER_PAGE], found[PER_PAGE:]
    context = {
        **now,
        "schedules": jobs.schedules(here.slug),
        "past": some,
        "older": some[-1].number if more else None,
        "query": query.urlencode(),
        "given": request.GET,
        "kinds": [(slug, kind.label) for slug, kind in KINDS.items()],
        "states": [(state, jobs.STATES[state]) for state in jobs.OVER],
        "asked": jobs.ASKED.items(),
    }
    return render(request, "web/jobs.html", context)


@require_POST
@needs(Right.CHANGE_WORKSPACE)
def change(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """Cancel a piece of work, or run it again."""
    try:
        if request.POST.get("do") == "again":
            work.again(by=here.by, number=number, workspace=here.slug)
            messages.success(request, gettext("It is asked for again."))
        else:
            held = work.cancel(by=here.by, number=number, workspace=here.slug)
            messages.success(request, _cancelled(is_over=held.ended_at is not None))
    except Problem as problem:
        messages.warning(request, str(problem))
    return redirect("jobs", slug=here.slug)


def _cancelled(*, is_over: bool) -> str:
    if is_over:
        return gettext("It is cancelled.")
    return gettext("It stops as soon as the piece that it does is done.")


def _past(request: HttpRequest, here: Here) -> list[jobs.Job]:
    """One row more than a page shows, where there are more."""
    given = request.GET
    asked = jobs.Asked(
        kind=given.get("kind", ""),
        state=given.get("state", ""),
        asked=given.get("asked", ""),
        text=given.get("q", "").replace("\0", "").strip()[:100],
    )
    found = jobs.past(here.slug, asked)
    before = given.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        found = found.filter(pk__lt=int(before))
    return [jobs.seen(held) for held in found[: PER_PAGE + 1]]
