"""A journey map as a file."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from zhiyin.accounts.rights import Right
from zhiyin.maps import kept
from zhiyin.web import map_export, map_masked, map_page
from zhiyin.web.views.finding import found_or_404
from zhiyin.web.views.reading import Here, needs


@require_safe
@needs(Right.SEE_FIGURES)
def export(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """The map as its page shows it for the same query, as ``as`` says."""
    held = found_or_404(lambda: kept.get(here.slug, key))
    kind = found_or_404(lambda: map_export.kind_of(request.GET.get("as", "")))
    built = map_page.build(
        here.log,
        here.workspace,
        held,
        request.GET,
        sees_it=here.sees_personal_data,
        answers=kind != "json",
    )
    shown = map_masked.map_(built.map, sees_it=here.sees_personal_data)
    page = replace(built, map=shown) if kind == "json" else built
    told = {"Content-Disposition": f'attachment; filename="{held.key}.{kind}"'}
    content = map_export.made(kind, page, here.workspace)
    return HttpResponse(content, content_type=map_export.TYPES[kind], headers=told)
