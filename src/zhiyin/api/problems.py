"""Errors as RFC 9457 has them: ``application/problem+json``, in the caller's language."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from zhiyin.kernel import server_log
from zhiyin.kernel.documents import as_json
from zhiyin.kernel.errors import Problem

CONTENT_TYPE = "application/problem+json"

VERSION = "1"
"""In every address; what is documented under it changes only by adding."""

PREFIX = f"/api/v{VERSION}/"

FORBIDDEN = frozenset(
    {"api.right", "api.personal", "log.scope", "people.not-by-key", "personal.filter",
     "pins.not-yours",
     "personal.search", "units.not-by-key"}
)  # fmt: skip
CONFLICT = frozenset(
    {"api.in-progress", "aspects.changed", "aspects.key-taken", "distribution.taken",
     "import.already-undone", "map.key-taken", "map.settled", "merge.already-undone",
     "cases.changed", "pins.changed", "rules.changed", "suggestion.decided",
     "survey.key-taken", "survey.stale", "walkthrough.changed", "walkthrough.title-taken",
     "widget.taken", "work.not-failed", "work.over"}
)  # fmt: skip
MISSING = frozenset(
    {
        "alerts.no-rule", "alerts.none", "aspects.none", "calendar.none", "cases.none",
        "cases.no-subject", "channels.no-delivery", "channels.none", "customer.none",
        "customer.no-such-id", "distribution.none", "events.none",
        "import.no-rejects", "import.no-such-import", "keys.no-such-key", "mappings.none",
        "map.no-operation", "map.no-persona", "map.no-such-file", "map.no-version", "map.none",
        "pins.none", "pins.no-evidence",
        "measure.no-such-metric", "merge.no-such-merge", "reports.no-block", "reports.no-edition",
        "reports.no-such-file", "reports.none", "responses.none", "rights.no-such-customer",
        "rights.no-such-receipt", "segments.none", "suggestion.no-such", "survey.no-version",
        "survey.none", "target.none", "themes.none", "trigger.none",
        "units.no-such-unit", "views.none",
        "walkthrough.none", "walkthrough.no-picture", "walkthrough.no-run", "walkthrough.no-step",
        "widget.none",
        "work.not-there",
    }
)  # fmt: skip
BUSY = ("log.", "intake.")
"""Codes that begin like this say that a store is away, full or busy: asking again helps."""

_log = logging.getLogger("zhiyin.api")


def status_of(code: str) -> int:
    """403, 404, 409 or 503 for the codes above, 422 for all others."""
    for status, codes in ((403, FORBIDDEN), (404, MISSING), (409, CONFLICT)):
        if code in codes:
            return status
    return 503 if code.startswith(BUSY) else 422


def answer(
    status: int,
    code: str,
    title: str,
    detail: str = "",
    errors: Sequence[dict[str, str]] = (),
) -> HttpResponse:
    """A problem document."""
    document: dict[str, Any] = {
        "type": f"urn:zhiyin:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail or None,
        "code": code,
        "request_id": server_log.about().request_id,
    }
    if errors:
        document["errors"] = list(errors)
    found = HttpResponse(as_json(document), status=status, content_type=CONTENT_TYPE)
    found.headers["Cache-Control"] = "no-store"
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        found.headers["Retry-After"] = "1"
    if status == HTTPStatus.UNAUTHORIZED:
        found.headers["WWW-Authenticate"] = 'Bearer realm="zhiyin"'
    return found


def of(problem: Problem) -> HttpResponse:
    """A `Problem` as a document."""
    hint = str(problem.hint) if problem.hint else ""
    return answer(status_of(problem.code), problem.code, str(problem.message), hint)


def register(api: NinjaAPI) -> None:
    """Let every error of an operation be such a document."""

    @api.exception_handler(Problem)
    def told(_request: HttpRequest, error: Problem) -> HttpResponse:
        return of(error)

    @api.exception_handler(AuthenticationError)
    def unknown(_request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
        return answer(
            401,
            "api.no-key",
            gettext("There is no live API key of this secret."),
            gettext("Send the header Authorization: Bearer, and the secret of a key."),
        )

    @api.exception_handler(ValidationError)
    def unfit(_request: HttpRequest, error: ValidationError) -> HttpResponse:
        errors = [
            {"where": ".".join(str(part) for part in one["loc"]), "message": str(one["msg"])}
            for one in error.errors
        ]
        return answer(
            422,
            "api.not-as-described",
            gettext("The request is not as the API describes it."),
            gettext("Each fault is named in errors; the description is at /api/v1/openapi.json."),
            errors,
        )

    @api.exception_handler(HttpError)
    def refused(_request: HttpRequest, error: HttpError) -> HttpResponse:
        return answer(error.status_code, "api.not-as-described", str(error))

    @api.exception_handler(SuspiciousOperation)
    @api.exception_handler(MultiPartParserError)
    def unreadable(_request: HttpRequest, error: Exception) -> HttpResponse:
        if isinstance(error, RequestDataTooBig):
            return answer(
                413,
                "api.too-large",
                gettext("What stands in the form beside its file is over 2.5 MB."),
                gettext("Send what is large as the file."),
            )
        return _not_taken(400)

    @api.exception_handler(Exception)
    def broken(_request: HttpRequest, error: Exception) -> HttpResponse:
        _log.error("an operation of the API", exc_info=error)
        return our_fault()


def our_fault() -> HttpResponse:
    """Something broke."""
    return answer(
        500,
        "api.our-fault",
        gettext("Something went wrong on our side."),
        gettext("It has been written to the server's log. Try again in a moment."),
    )


def no_such_address() -> HttpResponse:
    """There is no such address."""
    return answer(
        404,
        "api.no-such-address",
        gettext("The API has no such address."),
        gettext("The addresses that there are stand at /api/v1/openapi.json."),
    )


class ForPrograms:
    """Middleware: what is answered in an operation's place is a problem document too."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer as usual, and let no page for people go to a program."""
        if request.path.startswith(PREFIX) and "\0" in request.path:
            return no_such_address()  # PostgreSQL has it in no text
        found = self.answer(request)
        is_page = found.headers.get("Content-Type", "").startswith("text/html")
        if not (request.path.startswith(PREFIX) and found.status_code >= 400 and is_page):
            return found
        made = _instead(found)
        for name in ("Allow", "Retry-After"):
            if name in found.headers:
                made.headers[name] = found.headers[name]
        return made


def _instead(page: HttpResponse) -> HttpResponse:
    status = page.status_code
    if status == HTTPStatus.NOT_FOUND:
        return no_such_address()
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        return answer(
            status,
            "api.no-such-method",
            gettext("This address does not know the method."),
            gettext("It knows: %(methods)s.") % {"methods": page.headers.get("Allow", "")},
        )
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return answer(
            status,
            "api.too-often",
            gettext("There were too many requests."),
            gettext("Retry-After says in how many seconds to ask again."),
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return our_fault()
    return _not_taken(status)


def _not_taken(status: int) -> HttpResponse:
    return answer(status, "api.not-taken", gettext("The request cannot be taken as it is."))
