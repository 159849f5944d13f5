"""What htmx says of a request."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from zhiyin.accounts.jobs import Job


def is_part(request: HttpRequest) -> bool:
    """Whether only the part that changed is wanted.

    When the browser goes back to a page that htmx has forgotten, htmx asks again in its own
    name and puts the answer in place of the whole page: a part would leave nothing around it.
    """
    asked = request.headers
    return asked.get("HX-Request") == "true" and "HX-History-Restore-Request" not in asked


def refreshed(part: HttpResponse, job: Job | None) -> HttpResponse:
    """A part that asks how far work is; when it is over the whole page is loaded anew, once."""
    if job is None or not job.is_open:
        part.headers["HX-Refresh"] = "true"
    return part
