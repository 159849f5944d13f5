"""What to do first on a map: its quadrant, and the difficulties of each group of customers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from zhiyin.accounts.rights import Right
from zhiyin.kernel.errors import Problem
from zhiyin.maps import kept
from zhiyin.web import htmx, map_priorities_page
from zhiyin.web.views.finding import found_or_404
from zhiyin.web.views.reading import Here, needs


@require_safe
@needs(Right.SEE_FIGURES)
def priorities(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """Touchpoints by necessity and convenience; the groups are asked for one after another."""
    held = found_or_404(lambda: kept.get(here.slug, key))
    is_part = htmx.is_part(request)
    page = map_priorities_page.build(
        here.log,
        here.workspace,
        held,
        request.GET,
        request.GET.getlist("group"),
        sees_it=here.sees_personal_data,
        answers=is_part or "now" in request.GET,
    )
    template = "web/map_priorities.html#figures" if is_part else "web/map_priorities.html"
    context = {"page": page, "is_part": is_part}
    answer = render(request, template, context, status=422 if page.problem else 200)
    patch_vary_headers(answer, ["HX-Request"])
    return answer


@require_safe
@needs(Right.SEE_FIGURES)
def group(request: HttpRequest, here: Here, key: str, group: str) -> HttpResponse:
    """The top difficulties of one group of customers: a part of the page."""
    held = found_or_404(lambda: kept.get(here.slug, key))
    try:
        page = map_priorities_page.of_group(
            here.log,
            here.workspace,
            held,
            group,
            request.GET.dict(),
            sees_it=here.sees_personal_data,
        )
    except Problem as problem:
        return render(request, "web/map_group.html", {"problem": problem}, status=422)
    return render(request, "web/map_group.html", {"page": page})
