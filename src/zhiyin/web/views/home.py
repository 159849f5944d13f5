"""The first page: to the scores when there are answers, to the way in when there are none."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from zhiyin.accounts.access import workspaces_of
from zhiyin.measure.asked import asked
from zhiyin.web.log import the_log
from zhiyin.web.views.reading import person_of


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Lead to where this person's work is."""
    mine = workspaces_of(person_of(request))
    if not mine:
        return render(request, "web/nowhere.html", status=403)
    here = mine[0]
    page = "scores" if asked(the_log(), here.slug) else "imports"
    return redirect(page, slug=here.slug)
