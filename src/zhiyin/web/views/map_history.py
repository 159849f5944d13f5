"""The history of a map: its versions and operations, what two versions differ in, and undoing."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from zhiyin.accounts.rights import Right
from zhiyin.kernel.errors import Problem
from zhiyin.maps import actions, kept
from zhiyin.maps.document import said
from zhiyin.maps.models import Outcome
from zhiyin.web.views.finding import found_or_404
from zhiyin.web.views.reading import Here, needs
from zhiyin.web.workshop import history as page


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_FIGURES, to_write=Right.DEFINE)
def history(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """What was done and kept, the newest first; by POST, one operation is taken back."""
    held = found_or_404(lambda: kept.get(here.slug, key))
    problem = None
    if request.method == "POST":
        try:
            given = request.POST
            made = actions.undo(
                by=here.by, workspace=here.slug, key=key, id_=given.get("id", ""),
                number=_number(given.get("number")) or 0, seen=_number(given.get("seen")) or 0,
            )  # fmt: skip
        except Problem as refused:
            problem = refused
        else:
            if made.outcome == Outcome.OPEN:
                text = gettext("Somebody has changed the same since: decide in the workshop.")
            else:
                text = gettext("It is taken back.")
            messages.success(request, text)
            return redirect("map-history", slug=here.slug, key=key)
    found = page.read(
        held, before=_number(request.GET.get("before")), person=request.GET.get("person", "")[:254],
        sees_it=here.sees_personal_data,
    )  # fmt: skip
    context = {"page": found, "title": _title(here, key), "problem": problem}
    return render(request, "web/map_history.html", context, status=422 if problem else 200)


@require_safe
@needs(Right.SEE_FIGURES)
def differences(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """What one version has otherwise than another, or than the draft."""
    held = found_or_404(lambda: kept.get(here.slug, key))
    newest = held.versions.order_by("-number").values_list("number", flat=True).first()
    before = _number(request.GET.get("from")) or newest
    after = _number(request.GET.get("to"))
    found = found_or_404(
        lambda: page.differences(held, before, after, sees_it=here.sees_personal_data)
    )
    context = {
        "page": found, "title": _title(here, key),
        "before": page.said_of(found.before), "after": page.said_of(found.after),
    }  # fmt: skip
    return render(request, "web/map_differences.html", context)


def _title(here: Here, key: str) -> str:
    return said(kept.draft(kept.get(here.slug, key)).name) or key


def _number(text: str | None) -> int | None:
    """A number of an address; None where it is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None
