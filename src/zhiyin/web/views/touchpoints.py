"""The page of touchpoint rules 触点规则: ordered, edited, with what each one catches."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from zhiyin.accounts.rights import Right
from zhiyin.accounts.workspaces import Settings
from zhiyin.collect import touchpoints
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.warehouse.log import TouchpointRule
from zhiyin.web import htmx, personal
from zhiyin.web.views.reading import Here, needs


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_DATA, to_write=Right.CHANGE_DATA)
def rules(request: HttpRequest, here: Here) -> HttpResponse:
    """The rules in order, what nothing explains, and a form for a new one with its preview."""
    return _form(request, here, place=None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_DATA, to_write=Right.CHANGE_DATA)
def rule(request: HttpRequest, here: Here, place: int) -> HttpResponse:
    """One rule: edited, with a preview."""
    if place >= len(here.log.touchpoint_rules(here.slug)):
        raise Http404
    return _form(request, here, place=place)


@require_POST
@needs(Right.CHANGE_DATA)
def change_rules(request: HttpRequest, here: Here) -> HttpResponse:
    """Move a rule, take one out, or put one back; then show the list."""
    workspace = here.workspace
    given = request.POST
    by, log, seen = here.by, here.log, given.get("seen", "")
    place, doing = _number(given.get("place", "")), given.get("do", "")
    address = reverse("touchpoint-rules", args=[here.slug])
    try:
        if doing in ("up", "down"):
            to = place + (1 if doing == "down" else -1)
            touchpoints.move(by=by, log=log, workspace=workspace, place=place, to=to, seen=seen)
        elif doing == "remove":
            gone = touchpoints.remove(by=by, log=log, workspace=workspace, place=place, seen=seen)
            if personal.rule(gone.where, sees_it=here.sees_personal_data) == gone.where:
                address += "?" + urlencode(
                    {"gone": place, "gone_where": gone.where, "gone_touchpoint": gone.touchpoint}
                )
        elif doing == "restore":
            back = _rule(given, workspace)
            _check(here, back)
            touchpoints.add(by=by, log=log, workspace=workspace, rule=back, place=place, seen=seen)
    except Problem as problem:
        messages.error(request, str(problem))
    return redirect(address)


def _form(request: HttpRequest, here: Here, place: int | None) -> HttpResponse:
    workspace, log, problem, preview = here.workspace, here.log, None, None
    known = log.touchpoint_rules(here.slug)
    given = request.POST if request.method == "POST" else request.GET
    asked = _rule(given, workspace)
    if place is not None and "where" not in given:
        asked = known[place]
    if place is not None:
        # Whoever may not see what the rule compares with cannot change it either.
        _check(here, known[place])
    try:
        if asked.where.strip():
            _check(here, asked)
        if request.method == "POST":
            _save(request, here, asked, place)
            messages.success(request, gettext("The rule is in every figure now."))
            return redirect("touchpoint-rules", slug=here.slug)
        if asked.where.strip():
            preview = touchpoints.preview(
                log, here.slug, asked, place=place, instead=place is not None
            )
    except Problem as refused:
        problem = refused
    is_part = htmx.is_part(request)
    context: dict[str, Any] = {
        "rules": known,
        "seen": touchpoints.digest(known),
        "place": place,
        "asked": asked,
        "preview": preview,
        "problem": problem,
        "is_part": is_part,
        "gone": request.GET.get("gone", ""),
        "gone_where": request.GET.get("gone_where", ""),
        "gone_touchpoint": request.GET.get("gone_touchpoint", ""),
        "days": touchpoints.DAYS,
    }
    if not is_part:
        found = touchpoints.traffic(log, here.slug)
        context["traffic"] = found
        context["rows"] = list(zip(known, found.rules, strict=True))
        context["touchpoints"] = sorted(log.words(here.slug, "touchpoint").values())
    template = "web/touchpoints.html#preview" if is_part else "web/touchpoints.html"
    return render(request, template, context, status=422 if problem else 200)


def _save(request: HttpRequest, here: Here, asked: TouchpointRule, place: int | None) -> None:
    workspace, by, log, seen = here.workspace, here.by, here.log, request.POST.get("seen", "")
    if place is None:
        touchpoints.add(by=by, log=log, workspace=workspace, rule=asked, seen=seen)
    else:
        touchpoints.change(by=by, log=log, workspace=workspace, place=place, rule=asked, seen=seen)


def _check(here: Here, rule: TouchpointRule) -> None:
    personal.check_facts(parse(rule.where).columns(), sees_it=here.sees_personal_data)


def _rule(given: QueryDict, workspace: Settings) -> TouchpointRule:
    where, touchpoint = given.get("where", ""), given.get("touchpoint", "")
    return TouchpointRule(where, touchpoint, workspace.timezone)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1
