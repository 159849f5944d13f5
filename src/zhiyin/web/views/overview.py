"""The page *Overview* 体验总览."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from zhiyin.accounts import saved_views
from zhiyin.accounts.rights import Right
from zhiyin.web import htmx, overview_page
from zhiyin.web.views.reading import Here, needs

MOST_PINNED = 8


@require_safe
@needs(Right.SEE_FIGURES)
def overview(request: HttpRequest, here: Here) -> HttpResponse:
    """One period at a glance; the figures alone for a change of period or unit."""
    page = overview_page.build(
        here.log,
        here.workspace,
        request.GET,
        scope=here.access.scope,
        sees_it=here.sees_personal_data,
        pinned=saved_views.pinned(here.slug, here.access.person)[:MOST_PINNED],
    )
    is_part = htmx.is_part(request)
    template = "web/overview.html#figures" if is_part else "web/overview.html"
    answer = render(request, template, {"page": page, "is_part": is_part})
    patch_vary_headers(answer, ["HX-Request"])
    return answer
