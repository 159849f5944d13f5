"""Pages for what went wrong: not found, not allowed, a store that is away, our own fault."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext

from zhiyin.accounts.access import Access
from zhiyin.accounts.rights import ROLE_NAMES, ROLES, SAYS, WHOLE, Right
from zhiyin.kernel import server_log
from zhiyin.kernel.errors import Problem
from zhiyin.web import htmx


class Problems:
    """Middleware: a `Problem` that a view did not show in its place gets a page that says it."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer as usual."""
        return self.answer(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """503 where the log is away or busy: asking again helps. Else 422."""
        if not isinstance(error, Problem):
            return None
        status = 503 if error.code.startswith("log.") else 422
        return _page(request, status, str(error.message), str(error.hint or ""))


def csrf(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's
    """A form that did not come from one of our pages, or came too late."""
    return _page(
        request,
        403,
        gettext("This form is no longer valid."),
        gettext("Go back, load the page again and send it once more."),
    )


def not_taken(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A request that is too large, or that no page of ours sends."""
    message = gettext("This request cannot be taken.")
    hint = gettext("Go back, load the page again and send it once more.")
    status = 400
    if isinstance(exception, RequestDataTooBig):
        status = 413
        message = gettext("This is more than a page takes at once.")
        hint = gettext("Send less at a time. Files are brought in on the page Import.")
    elif isinstance(exception, TooManyFieldsSent | TooManyFilesSent):
        message = gettext("This form has more fields than a page takes at once.")
        hint = gettext("Send less at a time. Files are brought in on the page Import.")
    return _bare(request, status, message, hint)


def too_often(request: HttpRequest, seconds: int) -> HttpResponse:
    """Somebody asked for more pages than people do."""
    message = gettext("There were too many requests from you or your network.")
    hint = gettext("Load the page again in %(seconds)s s.") % {"seconds": seconds}
    answer = _bare(request, 429, message, hint)
    answer.headers["Retry-After"] = str(seconds)
    return answer


def not_found(
    request: HttpRequest,
    exception: Exception | None = None,  # noqa: ARG001 - Django's
) -> HttpResponse:
    """There is no such page, or none that this person may see; the two look alike."""
    return _page(
        request,
        404,
        gettext("There is no such page."),
        gettext("Check the address, or begin from the first page."),
    )


def not_allowed(request: HttpRequest, right: Right, access: Access) -> HttpResponse:
    """A member's role, or the part of the workspace that she sees, does not allow this."""
    named = {"right": str(SAYS[right]), "role": str(ROLE_NAMES[access.role])}
    if right in WHOLE and right in ROLES[access.role]:
        message = gettext("You see a part of the workspace. To %(right)s needs all of it.") % named
    else:
        message = gettext("As %(role)s you cannot %(right)s.") % named
    hint = gettext("An administrator of the workspace can change what you may do.")
    return _page(request, 403, message, hint)


def masked(request: HttpRequest) -> HttpResponse:
    """This is about who customers are, and the member may not see that."""
    message = gettext("Your membership does not show personal data.")
    hint = gettext("An administrator of the workspace can change what you may do.")
    return _page(request, 403, message, hint)


def our_fault(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's
    """Something broke. Nothing about what is shown; the log has it."""
    context = {
        "message": gettext("Something went wrong on our side."),
        "hint": gettext("It has been written to the server's log. Try again in a moment."),
        "request_id": server_log.about().request_id,
    }
    # Without the request the shell asks no store, and what broke may be a store.
    return HttpResponse(render_to_string("web/fault.html", context), status=500)


def _bare(request: HttpRequest, status: int, message: str, hint: str) -> HttpResponse:
    """A page that asks no store: refusing must cost less than answering."""
    template = "web/fault.html#part" if htmx.is_part(request) else "web/fault.html"
    text = render_to_string(template, {"message": message, "hint": hint})
    return HttpResponse(text, status=status)


def _page(request: HttpRequest, status: int, message: str, hint: str) -> HttpResponse:
    context = {"message": message, "hint": hint}
    template = "web/fault.html#part" if htmx.is_part(request) else "web/fault.html"
    return render(request, template, context, status=status)
