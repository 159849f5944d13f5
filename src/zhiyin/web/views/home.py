"""The first page: to the overview when there are answers, to the way in when there are none."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from zhiyin.accounts.access import Access, access_for, workspaces_of
from zhiyin.accounts.rights import Right
from zhiyin.measure.asked import asked
from zhiyin.web.log import the_log
from zhiyin.web.views.data import is_empty
from zhiyin.web.views.reading import person_of


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Lead to where this person's work is."""
    person = person_of(request)
    mine = workspaces_of(person)
    access = access_for(person, mine[0].slug) if mine else None
    if access is None:
        return render(request, "web/nowhere.html", status=403)
    return _led(access)


@require_safe
def enter(request: HttpRequest, slug: str) -> HttpResponse:
    """Lead to where this person's work is in one of her workspaces."""
    access = access_for(person_of(request), slug)
    if access is None:
        raise Http404
    return _led(access)


def _led(access: Access) -> HttpResponse:
    slug = access.workspace.slug
    if not access.may(Right.SEE_FIGURES):
        return redirect("customers", slug=slug)
    if access.may(Right.SEE_DATA) and not asked(the_log(), slug):
        return redirect("begin" if is_empty(the_log(), slug) else "data", slug=slug)
    return redirect("overview", slug=slug)
