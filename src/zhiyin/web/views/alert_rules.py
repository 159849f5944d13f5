"""*Alert rules* 预警规则: written with a rehearsal, switched, removed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhiyin.accounts import units
from zhiyin.accounts.rights import Right
from zhiyin.act.alerts import actions, conditions, parts, rehearsing, rules
from zhiyin.act.alerts.conditions import KIND_NAMES
from zhiyin.act.alerts.models import Rule
from zhiyin.act.alerts.rehearsing import Rehearsal
from zhiyin.kernel.errors import Problem
from zhiyin.web import alerts_page, personal
from zhiyin.web.views.finding import found_or_404
from zhiyin.web.views.reading import Here, needs


@require_safe
@needs(Right.DEFINE)
def listed(request: HttpRequest, here: Here) -> HttpResponse:
    """The rules, with how often they fired."""
    found = rules.seen_by(rules.of(here.slug), parts.of(here.access))
    rows = [(one, KIND_NAMES[conditions.plain(rules.condition_of(one))["kind"]],
             rules.SEVERITIES[one.severity], rules.PACES[one.pace], rules.is_snoozed(one))
            for one in found]  # fmt: skip
    return render(request, "web/alert_rules.html", {"rows": rows, "starters": alerts_page.STARTERS})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.DEFINE)
def new(request: HttpRequest, here: Here) -> HttpResponse:
    """Write a rule, see what it would have done, save it."""
    asked = request.POST if request.method == "POST" else request.GET
    kind = asked.get("kind", "") if asked.get("kind") in KIND_NAMES else "verbatim"
    typed = alerts_page.form_of(kind, asked)
    return _written(request, here, typed, None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.DEFINE)
def one(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """Change a rule."""
    rule = found_or_404(lambda: rules.get_for(parts.of(here.access), number))
    held = rules.condition_of(rule)
    # Whoever may not see what it compares with cannot change it either.
    personal.check_facts(conditions.columns_of(held), sees_it=here.sees_personal_data)
    typed = alerts_page.form_of_rule(rule)
    if request.method == "POST":
        typed = alerts_page.form_of(str(typed["kind"]), request.POST)
    return _written(request, here, typed, rule)


@require_POST
@needs(Right.DEFINE)
def switch(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """Have a rule watch, or not."""
    found_or_404(lambda: rules.get_for(parts.of(here.access), number))
    is_on = request.POST.get("is_on") == "1"
    actions.switch(by=here.by, workspace=here.slug, number=number, is_on=is_on)
    return redirect("alert-rules", slug=here.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.DEFINE)
def remove(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """Ask once, then remove a rule; what it fired stays."""
    rule = found_or_404(lambda: rules.get_for(parts.of(here.access), number))
    if request.method == "POST":
        actions.remove(by=here.by, workspace=here.slug, number=number)
        messages.success(request, gettext("The rule is removed."))
        return redirect("alert-rules", slug=here.slug)
    return render(request, "web/remove_alert_rule.html", {"rule": rule})


def _written(
    request: HttpRequest, here: Here, typed: dict[str, Any], rule: Rule | None
) -> HttpResponse:
    """The form of a rule; saved, or rehearsed, where that is asked for."""
    problem: Problem | None = None
    rehearsed: Rehearsal | None = None
    if request.method == "POST":
        try:
            if request.POST.get("do") == "rehearse":
                rehearsed = _rehearsed(here, typed)
            else:
                return _saved(request, here, typed, rule)
        except Problem as refused:
            problem = refused
    context = {
        "rule": rule,
        "form": typed,
        "kinds": alerts_page.kinds(),
        "starters": alerts_page.STARTERS,
        "problem": problem,
        "rehearsed": rehearsed,
        **alerts_page.choices(here.access, typed),
    }
    return render(request, "web/alert_rule.html", context, status=422 if problem else 200)


def _saved(
    request: HttpRequest, here: Here, typed: Mapping[str, Any], rule: Rule | None
) -> HttpResponse:
    parts.of(here.access).check_unit(typed["unit"])
    wanted = alerts_page.wanted_in(typed, sees_it=here.sees_personal_data)
    if rule is None:
        actions.add(by=here.by, workspace=here.slug, wanted=wanted, log=here.log)
        messages.success(request, gettext("The rule watches from now on."))
    else:
        actions.change(
            by=here.by, workspace=here.slug, number=rule.number, wanted=wanted, log=here.log
        )
        messages.success(request, gettext("The rule is changed."))
    return redirect("alert-rules", slug=here.slug)


def _rehearsed(here: Here, typed: Mapping[str, Any]) -> Rehearsal:
    parts.of(here.access).check_unit(typed["unit"])
    condition = alerts_page.condition_in(typed, sees_it=here.sees_personal_data)
    branch = units.branch_filter(units.find(here.slug, typed["unit"])) if typed["unit"] else None
    return rehearsing.rehearse(here.log, here.workspace, condition, branch=branch)
