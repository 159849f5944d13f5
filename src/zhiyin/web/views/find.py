"""*Find* 查找: whatever is called so, by kind. *Help* 帮助: how to read what the pages show."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from zhiyin.accounts.access import Access, access_for
from zhiyin.warehouse.scoped import scoped
from zhiyin.web import finding
from zhiyin.web.log import the_log
from zhiyin.web.views.reading import person_of


@require_safe
def find(request: HttpRequest, slug: str) -> HttpResponse:
    """What is called so, among all that this member may open by the rights of the pages."""
    access = _access(request, slug)
    text = request.GET.get("q", "").strip()
    found = finding.find(scoped(the_log(), access.scope), access, text)
    return render(request, "web/find.html", {"text": text, "groups": found})


@require_safe
def help_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Where to begin, what the words beside a figure mean, and the keys of the keyboard."""
    access = _access(request, slug)
    return render(request, "web/help.html", {"settings": access.workspace})


def _access(request: HttpRequest, slug: str) -> Access:
    """The access of a member, whatever her rights."""
    access = access_for(person_of(request), slug)
    if access is None:
        raise Http404
    request.access = access  # type: ignore[attr-defined]
    return access
