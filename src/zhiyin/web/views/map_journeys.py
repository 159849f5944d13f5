"""Whole journeys 整段旅程 and conformance 流程符合度 of a map."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from zhiyin.accounts.rights import Right
from zhiyin.maps import kept
from zhiyin.web import htmx, map_journeys_page
from zhiyin.web.views.finding import found_or_404
from zhiyin.web.views.reading import Here, needs


@require_safe
@needs(Right.SEE_FIGURES)
def whole(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """Journeys by how many touchpoints went badly, and what the last and the worst weigh."""
    return _shown(request, here, key, "map_whole", map_journeys_page.of_whole)


@require_safe
@needs(Right.SEE_FIGURES)
def conformance(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """Who follows the map, and where the others leave it."""
    return _shown(request, here, key, "map_conformance", map_journeys_page.of_conformance)


def _shown(
    request: HttpRequest, here: Here, key: str, name: str, build: Callable[..., Any]
) -> HttpResponse:
    """The whole page, or its figures alone, which the page asks for when it is there."""
    held = found_or_404(lambda: kept.get(here.slug, key))
    is_part = htmx.is_part(request)
    page = build(
        here.log,
        here.workspace,
        held,
        request.GET,
        sees_it=here.sees_personal_data,
        answers=is_part or "now" in request.GET,
    )
    template = f"web/{name}.html#figures" if is_part else f"web/{name}.html"
    context = {"page": page, "is_part": is_part}
    answer = render(request, template, context, status=422 if page.problem else 200)
    patch_vary_headers(answer, ["HX-Request"])
    return answer
