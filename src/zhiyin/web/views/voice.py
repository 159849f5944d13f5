"""*Voice* 客户之声: what customers say, about what, and where."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from zhiyin.accounts.rights import Right
from zhiyin.web import downloads, htmx, voice_export, voice_page
from zhiyin.web.views.reading import Here, needs


@require_safe
@needs(Right.SEE_FIGURES)
def voice(request: HttpRequest, here: Here) -> HttpResponse:
    """Aspects by touchpoint and, for whoever may see customers, what they said."""
    page = voice_page.build(
        here.log,
        here.workspace,
        request.GET,
        sees_it=here.sees_personal_data,
        sees_rows=Right.SEE_CUSTOMERS in here.access.rights,
    )
    is_part = htmx.is_part(request)
    template = "web/voice.html#found" if is_part else "web/voice.html"
    answer = render(
        request, template, {"page": page, "is_part": is_part}, status=422 if page.problem else 200
    )
    patch_vary_headers(answer, ["HX-Request"])
    return answer


@require_safe
@needs(Right.EXPORT, personal=True)
def export(request: HttpRequest, here: Here) -> HttpResponseBase:
    """What the page finds, a row for each clause, as CSV or Excel.

    Raises:
        Problem: what the page would say in its place.
    """
    given = voice_page.given_of(request.GET)
    wanted = voice_page.wanted_of(given, here.workspace, sees_it=here.sees_personal_data)
    return downloads.download(
        voice_export.rows(here.log, here.workspace, wanted),
        name="voice",
        kind=request.GET.get("as", "csv"),
        timezone=here.workspace.timezone,
    )
