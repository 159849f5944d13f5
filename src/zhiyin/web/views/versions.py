"""Two versions of a reading side by side."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from zhiyin.accounts.rights import Right
from zhiyin.web import downloads, htmx, versions_page
from zhiyin.web.views.reading import Here, needs


@require_safe
@needs(Right.SEE_FIGURES)
def versions(request: HttpRequest, here: Here) -> HttpResponse:
    """What moved between two versions and, for whoever may see customers, which clauses."""
    page = versions_page.build(
        here.log,
        here.workspace,
        request.GET,
        sees_it=here.sees_personal_data,
        sees_rows=Right.SEE_CUSTOMERS in here.access.rights,
    )
    is_part = htmx.is_part(request)
    template = "web/versions.html#found" if is_part else "web/versions.html"
    answer = render(
        request, template, {"page": page, "is_part": is_part}, status=422 if page.problem else 200
    )
    patch_vary_headers(answer, ["HX-Request"])
    return answer


@require_safe
@needs(Right.SEE_FIGURES)
def export(request: HttpRequest, here: Here) -> HttpResponseBase:
    """The whole table as CSV or Excel."""
    return downloads.download(
        versions_page.table(versions_page.compared(here.log, here.workspace, request.GET)),
        name="versions",
        kind=request.GET.get("as", "csv"),
        timezone=here.workspace.timezone,
    )
