"""Every address that the web process answers: the API's, and the pages'."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from zhiyin.api import problems, reference
from zhiyin.api.api import VERSION, patterns
from zhiyin.web import faults, urls

PREFIX = f"/api/v{VERSION}/"

urlpatterns = [
    path(PREFIX[1:], include((patterns(), "ninja"), namespace="api")),
    path("api/", reference.reference, name="api-reference"),
    *urls.urlpatterns,
]


def handler404(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A page for people, a document for programs."""
    if request.path.startswith(PREFIX):
        return problems.not_found(request)
    return faults.not_found(request, exception)


handler400 = "zhiyin.web.faults.not_taken"
handler500 = "zhiyin.web.faults.our_fault"
