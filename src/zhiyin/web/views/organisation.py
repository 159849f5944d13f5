"""The workspace's settings 工作区设置, and its organisation tree 组织架构."""

from __future__ import annotations

from zoneinfo import available_timezones

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from zhiyin.accounts import units
from zhiyin.accounts.actions import SETTINGS, change_workspace
from zhiyin.accounts.models import LANGUAGES
from zhiyin.accounts.rights import Right
from zhiyin.collect.rules import given_units
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.web.views.reading import Here, needs

NUMBERS = ("week_start", "fiscal_year_start", "minimum_base", "test_base", "small_base")
WEEKDAYS = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"),
            _("Saturday"), _("Sunday"))  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.CHANGE_WORKSPACE)
def workspace(request: HttpRequest, here: Here) -> HttpResponse:
    """What every figure of the workspace goes by."""
    given: dict[str, object] = {name: getattr(here.workspace, name) for name in SETTINGS}
    problem = None
    if request.method == "POST":
        typed = {
            name: request.POST.get(name, "").strip()
            for name in SETTINGS
            if name != "requires_second_step"
        }
        given = {**typed, "requires_second_step": "requires_second_step" in request.POST}
        try:
            change_workspace(
                by=here.by,
                slug=here.slug,
                requires_second_step=bool(given["requires_second_step"]),
                **{name: _whole(text) if name in NUMBERS else text for name, text in typed.items()},
            )
        except Problem as refused:
            problem = refused
        else:
            messages.success(request, gettext("The settings are changed."))
            return redirect("workspace", slug=here.slug)
    context = {
        "given": given,
        "problem": problem,
        "zones": sorted(available_timezones()),
        "weekdays": [(str(number), name) for number, name in enumerate(WEEKDAYS)],
        "languages": LANGUAGES,
    }
    return render(request, "web/workspace.html", context, status=422 if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.CHANGE_WORKSPACE)
def tree(request: HttpRequest, here: Here) -> HttpResponse:
    """The tree; units that facts name and the tree lacks; a form for another unit."""
    return _edited(request, here, None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.CHANGE_WORKSPACE)
def unit(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """One unit: its name, its kind, what it is under."""
    return _edited(request, here, _place(here, number))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.CHANGE_WORKSPACE)
def remove_unit(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """Ask once, then take a unit out."""
    held, problem = _place(here, number).unit, None
    if request.method == "POST":
        try:
            units.remove(
                by=here.by,
                workspace=here.slug,
                key=held.key,
                by_rule=given_units(here.log, here.slug),
            )
        except Problem as refused:
            problem = refused
        else:
            messages.success(request, gettext("%(unit)s is taken out.") % {"unit": held.name})
            return redirect("units", slug=here.slug)
    context = {"held": held, "problem": problem}
    return render(request, "web/remove_unit.html", context, status=422 if problem else 200)


def _edited(request: HttpRequest, here: Here, place: units.Place | None) -> HttpResponse:
    held = place.unit if place else None
    given: dict[str, object] = {"key": request.GET.get("key", "")}
    if held is not None:
        parent = held.parent.key if held.parent else ""
        given = {"key": held.key, "name": held.name, "kind": held.kind, "parent": parent}
    problem = None
    if request.method == "POST":
        typed = {name: request.POST.get(name, "") for name in ("key", "name", "kind", "parent")}
        if held is not None:
            typed["key"] = held.key  # facts name it so
        given = {**typed}
        try:
            saved = units.save(by=here.by, workspace=here.slug, **typed)
        except Problem as refused:
            problem = refused
        else:
            messages.success(request, gettext("%(unit)s is saved.") % {"unit": saved.name})
            return redirect("units", slug=here.slug)
    places = units.tree(here.slug)
    known = {one.unit.key for one in places}
    context = {
        "places": places,
        "held": held,
        "given": given,
        "problem": problem,
        "unknown": sorted(set(here.log.words(here.slug, "unit").values()) - known),
    }
    return render(request, "web/units.html", context, status=422 if problem else 200)


def _place(here: Here, number: int) -> units.Place:
    place = next((one for one in units.tree(here.slug) if one.unit.pk == number), None)
    if place is None:
        raise Http404
    return place


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 8):
        raise Problem(
            "accounts.workspace-settings",
            _("“{text}” is no whole number.", text=text),
            _("Correct it and try again."),
        )
    return int(text)
