"""Every request of a page: counted, timed, and written down under its name and never its path."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from http import HTTPStatus
from time import perf_counter
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from zhiyin.accounts.models import Person
from zhiyin.kernel import server_log, tracing
from zhiyin.kernel.exposition import Durations, Family, counter, histogram

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Tally:
    """What the web process has answered since it started. Any thread adds and reads."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._counts: dict[tuple[str, str, int], int] = {}
        self._durations: dict[str, Durations] = {}

    def answered(self, view: str, method: str, status: int, seconds: float) -> None:
        """A page was answered."""
        with self._guard:
            key = (view, method, status)
            self._counts[key] = self._counts.get(key, 0) + 1
            self._durations.setdefault(view, Durations()).add(seconds)

    def families(self) -> list[Family]:
        """Everything for ``/metrics``."""
        with self._guard:
            return [
                counter(
                    "zhiyin_page_requests_total",
                    "Requests that the web process has answered, by the name of the page.",
                    {
                        (("view", view), ("method", method), ("status", str(status))): count
                        for (view, method, status), count in self._counts.items()
                    },
                ),
                histogram(
                    "zhiyin_page_request_duration_seconds",
                    "From the request to the answer, by the name of the page.",
                    {(("view", view),): taken for view, taken in self._durations.items()},
                ),
            ]


TALLY = Tally()
"""The one of this process."""


class Requests:
    """Middleware, the first of all: what others answer in a view's place is a request too."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer as usual."""
        with (
            server_log.one_request(request.headers.get(server_log.HEADER, "")) as number,
            _traced(request, number) as span,
        ):
            began = perf_counter()
            answer = self.answer(request)
            seconds = perf_counter() - began
            method = request.method if request.method in METHODS else "other"
            view = _view(request)
            # Pages show who customers are: no copy stays in a browser or on the way to it.
            answer.headers.setdefault("Cache-Control", "no-store")
            TALLY.answered(view, method, answer.status_code, seconds)
            server_log.access(method, view, answer.status_code, seconds)
            if tracing.is_on():
                _note(span, request, method, view, answer.status_code)
            return answer

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        """Lines that the view writes say who asked for it."""
        if isinstance(request.user, Person):
            server_log.note_person(request.user.pk)


def _traced(request: HttpRequest, number: str) -> AbstractContextManager[tracing.Span]:
    """The span of a page or an operation of the API; what browsers load beside it has none."""
    if request.path.startswith(settings.STATIC_URL):
        return tracing.nothing()
    came_with = request.headers.get(tracing.HEADER, "")
    return tracing.serving("page", {"zhiyin.request_id": number}, came_with=came_with)


def _note(span: tracing.Span, request: HttpRequest, method: str, view: str, status: int) -> None:
    """Say which page it was, by its name and its pattern and never by its path."""
    span.rename(f"{method} {view}")
    facts: dict[str, str | int] = {
        "http.request.method": method,
        "http.response.status_code": status,
    }
    if request.resolver_match is not None:
        facts["http.route"] = f"/{request.resolver_match.route}"
    if workspace := server_log.about().workspace:
        facts["zhiyin.workspace"] = workspace
    span.note(facts)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        span.fail(str(status))


def _view(request: HttpRequest) -> str:
    if request.path.startswith(settings.STATIC_URL):
        return "static"
    return server_log.route_of(request)
