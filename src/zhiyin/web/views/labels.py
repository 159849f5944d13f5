"""What clauses mean by people's word: asked about, put right, learned from, and how right it is."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhiyin.accounts import work
from zhiyin.accounts.rights import Right
from zhiyin.kernel.errors import Problem
from zhiyin.listen import documents, own_learning
from zhiyin.web import htmx, labels_page, rightness_page
from zhiyin.web.log import the_log
from zhiyin.web.views.finding import found_or_404
from zhiyin.web.views.reading import Here, needs


@require_safe
@needs(Right.DEFINE)
def asked(request: HttpRequest, here: Here) -> HttpResponse:
    """Some clauses that people are asked about."""
    return render(request, "web/labels.html", {"cards": labels_page.asked(here)})


@require_safe
@needs(Right.DEFINE)
def clauses(request: HttpRequest, here: Here, row: int) -> HttpResponse:
    """One verbatim's clauses as they count, to be put right."""
    heard, cards = found_or_404(lambda: labels_page.of_verbatim(here, row))
    return render(request, "web/labels.html", {"cards": cards, "heard": heard})


@require_POST
@needs(Right.DEFINE)
def say(request: HttpRequest, here: Here) -> HttpResponse:
    """What somebody says of one clause, or takes back; answered by the clause as it counts now."""
    problem, card = None, None
    try:
        card = labels_page.card(here, labels_page.say(here, the_log(), request.POST))
    except Problem as refused:
        problem = refused
    if htmx.is_part(request):
        context = {"card": card, "problem": problem}
        return render(request, "web/labels.html#said", context, status=422 if problem else 200)
    if problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, gettext("Noted."))
    return redirect("voice-labels", slug=here.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_FIGURES, to_write=Right.DEFINE)
def rightness(request: HttpRequest, here: Here) -> HttpResponse:
    """How rightly this workspace's texts are read; a POST asks that it learns now."""
    if request.method == "POST":
        work.ask(by=here.by, kind="learn", workspace=here.slug)
        messages.success(request, gettext("It learns in the background; then all is read anew."))
        return redirect("voice-rightness", slug=here.slug)
    page = rightness_page.build(documents.rightness(own_learning.kept(here.slug)), here.slug)
    return render(request, "web/rightness.html", {"page": page})
