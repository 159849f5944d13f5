"""By what a workspace takes ids for one customer: shown, changed, and what the last run found."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from zhiyin.accounts.rights import Right
from zhiyin.kernel.errors import Problem
from zhiyin.unify import identity_rules, matching
from zhiyin.web.views.reading import Here, needs

WRITTEN = ("traits", "shared_by_at_most", "country", "cluster_limit")
SWITCHES = ("phone_alone", "gmail_dots")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_DATA, to_write=Right.CHANGE_DATA)
def rules(request: HttpRequest, here: Here) -> HttpResponse:
    """The identity rules of a workspace."""
    known = identity_rules.rules_of(here.slug)
    given: dict[str, object] = {name: getattr(known, name) for name in (*WRITTEN, *SWITCHES)}
    given["traits"] = ", ".join(known.traits)
    problem = None
    if request.method == "POST":
        given = {name: request.POST.get(name, "").strip() for name in WRITTEN}
        given["country"] = str(given["country"]).upper()
        given.update((name, name in request.POST) for name in SWITCHES)
        try:
            changes = identity_rules.read(f"{name}={value}" for name, value in given.items())
            identity_rules.change(here.log, by=here.by, workspace=here.slug, **changes)
        except Problem as refused:
            problem = refused
        else:
            messages.success(
                request, gettext("The rules are changed. They take effect within five minutes.")
            )
            return redirect("identity-rules", slug=here.slug)
    context = {"given": given, "problem": problem, "last": matching.last_run(here.slug)}
    return render(request, "web/identity_rules.html", context, status=422 if problem else 200)
