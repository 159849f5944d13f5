"""*Responses* 答卷: the rows behind a figure, and one of them whole."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from zhiyin.accounts import audit
from zhiyin.accounts.rights import Right
from zhiyin.collect import tail
from zhiyin.collect.surveys import answer_files
from zhiyin.measure import behind
from zhiyin.web import htmx, responses_page
from zhiyin.web.views.reading import Here, needs


@require_safe
@needs(Right.SEE_CUSTOMERS)
def responses(request: HttpRequest, here: Here) -> HttpResponse:
    """The newest responses, or those behind a figure; the list alone for a change of filter."""
    page = responses_page.build(
        here.log, here.workspace, request.GET, sees_it=here.sees_personal_data
    )
    is_part = htmx.is_part(request)
    template = "web/responses.html#found" if is_part else "web/responses.html"
    answer = render(
        request, template, {"page": page, "is_part": is_part}, status=422 if page.problem else 200
    )
    patch_vary_headers(answer, ["HX-Request"])
    return answer


@require_safe
@needs(Right.SEE_CUSTOMERS)
def response(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """One response with every question's state."""
    found = behind.of_all(here.log, here.workspace).one(number)
    if found is None:
        raise Http404
    ids = tail.ids_of(here.log, here.slug, [found.customer])
    context = {
        "response": found,
        "customer_id": ids.get(found.customer),
        "columns": responses_page.columns(found, sees_it=here.sees_personal_data),
    }
    return render(request, "web/response.html", context)


@require_safe
@needs(Right.SEE_CUSTOMERS, personal=True)
def file(request: HttpRequest, here: Here, number: int, name: str) -> FileResponse:  # noqa: ARG001
    """A file that a customer sent with an answer of this response: downloaded, never shown."""
    found = behind.of_all(here.log, here.workspace).one(number)
    is_its_own = found is not None and any(
        one.metric == "file" and one.choice == name for one in found.answers
    )
    path = answer_files.path_of(Path(settings.ZHIYIN_DATA), here.slug, name)
    if not is_its_own or path is None:
        raise Http404
    audit.record(by=here.by, action="answer_file.taken", subject=str(number), workspace=here.slug)
    answer = FileResponse(
        path.open("rb"), as_attachment=True, filename=f"{here.slug}-{number}{path.suffix}",
        content_type="application/octet-stream",
    )  # fmt: skip
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
