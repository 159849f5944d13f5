"""Pages and documents are sent compressed; files that somebody downloads are sent as they are."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

KINDS = frozenset({"text/html", "application/json", "application/problem+json"})


class Compressing(GZipMiddleware):
    """Gzip where the browser takes it.

    What is guessed from the length of an answer (BREACH) is hidden by bytes of chance in every
    answer, by a new mask on every form's token, and by a session that no other site can send.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """The answer, compressed where it is a page or a document."""
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        if response.streaming or kind not in KINDS:
            return response
        return super().process_response(request, response)
