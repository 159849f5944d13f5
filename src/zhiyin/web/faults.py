"""Pages for what went wrong: not found, not allowed, our own fault."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext


def csrf(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's
    """A form that did not come from one of our pages, or came too late."""
    return _page(
        request,
        403,
        gettext("This form is no longer valid."),
        gettext("Go back, load the page again and send it once more."),
    )


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


def our_fault(request: HttpRequest) -> HttpResponse:
    """Something broke. Nothing about what is shown; the log has it."""
    return _page(
        request,
        500,
        gettext("Something went wrong on our side."),
        gettext("It has been written to the server's log. Try again in a moment."),
    )


def _page(request: HttpRequest, status: int, message: str, hint: str) -> HttpResponse:
    context = {"message": message, "hint": hint}
    return render(request, "web/fault.html", context, status=status)
