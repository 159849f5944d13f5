"""*Voice* 客户之声: what customers say, about what, and where."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from zhiyin.accounts.rights import Right
from zhiyin.web import htmx, voice_page
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
