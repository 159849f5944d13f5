"""*Saved views* 已保存的视图: found, made, renamed, shared, pinned, removed."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from zhiyin.accounts import saved_views
from zhiyin.accounts.models import SavedView
from zhiyin.accounts.rights import Right
from zhiyin.accounts.saved_views import Chosen
from zhiyin.kernel.errors import Problem
from zhiyin.web import personal
from zhiyin.web.views.reading import Here, needs, person_of


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_FIGURES)
def views(request: HttpRequest, here: Here) -> HttpResponse:
    """The views that one finds, by name; a new one of the page that was looked at."""
    problem = None
    if request.method == "POST":
        try:
            held = saved_views.save(
                by=here.by,
                workspace=here.slug,
                page=request.POST.get("page", ""),
                query=request.POST.get("query", ""),
                chosen=_chosen(request),
                may_share=here.access.may(Right.DEFINE),
            )
        except Problem as refused:
            problem = refused
        else:
            messages.success(request, gettext("“%(view)s” is saved.") % {"view": held.name})
            return redirect(saved_views.address(held))
    search = request.GET.get("q", "")
    found = saved_views.seen_by(here.slug, person_of(request), search)
    rows = [
        {
            "view": one,
            "address": saved_views.address(one),
            "figure": f"{one.page}/?{one.query}" if one.page in saved_views.FIGURED else "",
            "page": saved_views.PAGES.get(one.page, one.page),
            "may_change": _may_change(request, here, one),
        }
        for one in found
        if personal.may_open(one.query, sees_it=here.sees_personal_data)
    ]
    context = {"rows": rows, "search": search, "problem": problem}
    return render(request, "web/views.html", context, status=422 if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_FIGURES)
def view(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """Change a view's name, and who finds it where."""
    held, problem = _held(request, here, number), None
    given = Chosen(held.name, held.is_shared, held.is_pinned)
    if request.method == "POST":
        given = _chosen(request)
        try:
            saved_views.change(
                by=here.by,
                workspace=here.slug,
                number=number,
                chosen=given,
                may_share=here.access.may(Right.DEFINE),
            )
        except Problem as refused:
            problem = refused
        else:
            messages.success(request, gettext("“%(view)s” is changed.") % {"view": given.name})
            return redirect("views", slug=here.slug)
    can_pin = held.page in saved_views.FIGURED
    context = {"held": held, "given": given, "problem": problem, "can_pin": can_pin}
    return render(request, "web/view.html", context, status=422 if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_FIGURES)
def remove(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """Ask once, then take a view out."""
    held = _held(request, here, number)
    if request.method == "POST":
        may_share = here.access.may(Right.DEFINE)
        saved_views.remove(by=here.by, workspace=here.slug, number=number, may_share=may_share)
        messages.success(request, gettext("“%(view)s” is removed.") % {"view": held.name})
        return redirect("views", slug=here.slug)
    return render(request, "web/remove_view.html", {"held": held})


def _chosen(request: HttpRequest) -> Chosen:
    given = request.POST
    return Chosen(given.get("name", ""), "is_shared" in given, "is_pinned" in given)


def _held(request: HttpRequest, here: Here, number: int) -> SavedView:
    """A view that this person may change; for any other there is no such page."""
    mine = saved_views.seen_by(here.slug, person_of(request))
    held = next((one for one in mine if one.pk == number), None)
    if held is None or not _may_change(request, here, held):
        raise Http404
    return held


def _may_change(request: HttpRequest, here: Here, held: SavedView) -> bool:
    may_share = here.access.may(Right.DEFINE)
    return saved_views.may_change(held, person_of(request), may_share=may_share)
