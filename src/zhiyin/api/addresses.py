"""Every address that the web process answers: the API's, and the pages'."""

from __future__ import annotations

from django.urls import include, path

from zhiyin.api import reference
from zhiyin.api.api import patterns
from zhiyin.api.problems import PREFIX
from zhiyin.web import urls

urlpatterns = [
    path(PREFIX[1:], include((patterns(), "ninja"), namespace="api")),
    path("api/", reference.reference, name="api-reference"),
    *urls.urlpatterns,
]


handler400 = "zhiyin.web.faults.not_taken"
handler404 = "zhiyin.web.faults.not_found"
handler500 = "zhiyin.web.faults.our_fault"
