"""Merge suggestions 合并建议, and why some ids are one customer."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from zhiyin.accounts import jobs, work
from zhiyin.accounts.rights import Right
from zhiyin.kernel.errors import Problem
from zhiyin.unify import merging, suggestions
from zhiyin.unify.why import explain
from zhiyin.web import matches_page
from zhiyin.web.htmx import is_part, refreshed
from zhiyin.web.views.reading import Here, needs

DECISIONS = {
    "accept": suggestions.accept,
    "reject": suggestions.reject,
    "reopen": suggestions.reopen,
}


@require_safe
@needs(Right.JOIN, personal=True)
def matches(request: HttpRequest, here: Here) -> HttpResponse:
    """Pairs that may be one customer, side by side, the strongest first."""
    job = jobs.last_of(here.slug, "suggest-merges")
    if is_part(request):
        return refreshed(render(request, "web/matches.html#work", {"job": job}), job)
    page = matches_page.build(here.workspace, request.GET)
    return render(request, "web/matches.html", {"page": page, "job": job})


@require_POST
@needs(Right.JOIN, personal=True)
def compare(request: HttpRequest, here: Here) -> HttpResponse:  # noqa: ARG001 - Django's
    """Ask for a comparison of all customers; the page shows how far it is."""
    work.ask(by=here.by, kind="suggest-merges", workspace=here.slug)
    return redirect("matches", slug=here.slug)


@require_POST
@needs(Right.JOIN, personal=True)
def decide_match(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """Accept or reject a suggestion, or undo that."""
    decide = DECISIONS.get(request.POST.get("decision", ""))
    if decide is not None:
        try:
            row = decide(here.log, by=here.by, workspace=here.slug, pk=number)
        except Problem as problem:
            messages.warning(request, str(problem))
        else:
            messages.success(request, _said(row.state))
    return redirect(_back(request, reverse("matches", args=[here.slug])))


@require_safe
@needs(Right.JOIN, personal=True)
def why(request: HttpRequest, here: Here) -> HttpResponse:
    """Every id of a customer, by what it was joined, and what was held back."""
    asked, found, problem = request.GET.get("id", "").strip(), None, None
    if asked:
        try:
            found = explain(here.log, workspace=here.slug, written=asked)
        except Problem as told:
            problem = told
    context = {"asked": asked, "found": found, "problem": problem}
    return render(request, "web/matches_why.html", context, status=404 if problem else 200)


@require_POST
@needs(Right.JOIN, personal=True)
def merge_customers(request: HttpRequest, here: Here) -> HttpResponse:
    """Make the customers of two ids one, or undo such a merge."""
    log = here.log
    given = {name: request.POST.get(name, "").strip() for name in ("a", "b", "note", "undo")}
    try:
        if given["undo"]:
            merging.unmerge(log, by=here.by, workspace=here.slug, merge_id=given["undo"])
            messages.success(request, gettext("The merge is undone; figures are as before."))
        else:
            merging.merge(
                log, by=here.by, workspace=here.slug, a=given["a"], b=given["b"],
                note=given["note"][:500],
            )  # fmt: skip
            messages.success(request, gettext("One customer now. It can be undone here."))
    except Problem as problem:
        messages.warning(request, str(problem))
    return redirect(f"{reverse('why', args=[here.slug])}?{urlencode({'id': given['a']})}")


def _said(state: str) -> str:
    return {
        "accepted": gettext("Merged: one customer now."),
        "rejected": gettext("Kept apart: no rule will join them."),
        "pending": gettext("Undone: the suggestion waits again."),
    }[state]


def _back(request: HttpRequest, otherwise: str) -> str:
    back = request.POST.get("back", "")
    good = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return back if good else otherwise
