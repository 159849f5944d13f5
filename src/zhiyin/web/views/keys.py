"""The page of write keys 写入密钥: made, shown with how to use them, revoked."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from zhiyin.accounts import keys as write_keys
from zhiyin.accounts.rights import Right
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.web.views.reading import Here, needs


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_DATA, to_write=Right.CHANGE_DATA)
def keys(request: HttpRequest, here: Here) -> HttpResponse:
    """Every key of the workspace; a form for a new one."""
    problem = None
    if request.method == "POST":
        try:
            made = write_keys.create(
                by=here.by,
                workspace=here.slug,
                source=request.POST.get("source", "").strip(),
                origins=request.POST.get("origins", "").split(),
                events_per_second=_rate(request.POST.get("rate", "")),
            )
        except Problem as refused:
            problem = refused
        else:
            messages.success(
                request, gettext("The key for %(source)s is made.") % {"source": made.source}
            )
            return redirect("keys", slug=here.slug)
    known = write_keys.of(here.slug)
    context = {
        "keys": known,
        "live": next((key for key in known if key.revoked_at is None), None),
        "problem": problem,
        "given": request.POST,
        "address": settings.ZHIYIN_PUBLIC_URL.rstrip("/"),
    }
    return render(request, "web/keys.html", context, status=422 if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.CHANGE_DATA)
def revoke(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """Ask once, then end the key."""
    key = next((key for key in write_keys.of(here.slug) if key.pk == number), None)
    if key is None:
        raise Http404
    if request.method != "POST":
        return render(request, "web/revoke_key.html", {"key": key})
    write_keys.revoke(by=here.by, workspace=here.slug, key=key.key)
    messages.success(
        request, gettext("The key for %(source)s is revoked.") % {"source": key.source}
    )
    return redirect("keys", slug=here.slug)


def _rate(text: str) -> int:
    try:
        rate = int(text or 0)
    except ValueError:
        rate = -1
    if not 0 <= rate <= 1_000_000:
        raise Problem(
            "keys.rate",
            _("“{text}” is no number of events a second.", text=text),
            _("Write a whole number up to 1000000, or 0 for no limit."),
        )
    return rate
