"""What htmx says of a request."""

from __future__ import annotations

from django.http import HttpRequest


def is_part(request: HttpRequest) -> bool:
    """Whether only the part that changed is wanted.

    When the browser goes back to a page that htmx has forgotten, htmx asks again in its own
    name and puts the answer in place of the whole page: a part would leave nothing around it.
    """
    asked = request.headers
    return asked.get("HX-Request") == "true" and "HX-History-Restore-Request" not in asked
