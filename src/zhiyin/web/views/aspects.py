"""The page of aspects 评价维度: what chosen reasons count under."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods

from zhiyin.accounts.rights import Right
from zhiyin.collect.aspects import actions, kept, starters
from zhiyin.collect.models import Aspect
from zhiyin.kernel.errors import Problem
from zhiyin.web.views.finding import found_or_404
from zhiyin.web.views.reading import Here, needs


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_FIGURES, to_write=Right.DEFINE)
def aspects(request: HttpRequest, here: Here) -> HttpResponse:
    """The list; a form for another one; in an empty list the industries to begin with."""
    return _edited(request, here, None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_FIGURES, to_write=Right.DEFINE)
def aspect(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """One aspect: its labels, what it is under, whether it is offered."""
    return _edited(request, here, found_or_404(lambda: kept.get(here.slug, key)))


def _edited(request: HttpRequest, here: Here, held: Aspect | None) -> HttpResponse:
    given = _given(held)
    problem = None
    if request.method == "POST":
        try:
            said = (
                _begun(request, here) if "starter" in request.POST else _saved(request, here, held)
            )
        except Problem as refused:
            given, problem = {name: request.POST.get(name, "") for name in given}, refused
        else:
            messages.success(request, said)
            return redirect("aspects", slug=here.slug)
    context = {
        "listed": kept.tree(here.slug),
        "held": held,
        "given": given,
        "problem": problem,
        "industries": [(name, says) for name, (says, _keys) in starters.INDUSTRIES.items()],
    }
    return render(request, "web/aspects.html", context, status=422 if problem else 200)


def _given(held: Aspect | None) -> dict[str, str]:
    if held is None:
        return dict.fromkeys(("key", "en", "zh", "parent", "place", "is_retired"), "")
    return {
        "key": held.key, "en": held.label_en, "zh": held.label_zh,
        "parent": held.parent.key if held.parent else "", "place": str(held.place),
        "is_retired": "1" if held.is_retired else "",
    }  # fmt: skip


def _begun(request: HttpRequest, here: Here) -> str:
    written = starters.of(request.POST.get("starter", ""))
    made = actions.bring(by=here.by, workspace=here.slug, written=written)
    return ngettext("%(n)s aspect is added.", "%(n)s aspects are added.", len(made)) % {
        "n": len(made)
    }


def _saved(request: HttpRequest, here: Here, held: Aspect | None) -> str:
    typed = {name: request.POST.get(name, "").strip() for name in ("en", "zh", "parent")}
    if held is None:
        key = request.POST.get("key", "").strip()
        actions.add(by=here.by, workspace=here.slug, key=key, **typed)
    else:
        place, revision = (request.POST.get(name, "") for name in ("place", "revision"))
        actions.edit(
            by=here.by, workspace=here.slug, key=held.key, **typed,
            place=int(place) if place.isdecimal() and len(place) < 8 else None,
            is_retired="is_retired" in request.POST,
            revision=int(revision) if revision.isdecimal() and len(revision) < 8 else None,
        )  # fmt: skip
    return gettext("The aspect is saved.")
