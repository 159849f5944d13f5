"""*Alerts* 预警: what fired, why, and what became of it."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from zhiyin.accounts.rights import Right
from zhiyin.act import judged
from zhiyin.act.alerts import actions, fired, parts, rules
from zhiyin.kernel.errors import Problem
from zhiyin.web import alerts_page
from zhiyin.web.views.finding import found_or_404
from zhiyin.web.views.reading import Here, needs


@require_safe
@needs(Right.SEE_FIGURES)
def listed(request: HttpRequest, here: Here) -> HttpResponse:
    """The alerts, the newest first."""
    page = alerts_page.listed(here.access, here.log, request.GET, sees_it=_sees(here))
    share = judged.false_share(here.slug) if here.access.scope is None else None
    context = {
        "page": page,
        "has_rules": rules.seen_by(rules.of(here.slug), parts.of(here.access)).exists(),
        "false_share": share.times(100) if share else None,
    }
    return render(request, "web/alerts.html", context, status=422 if page.problem else 200)


@require_safe
@needs(Right.SEE_FIGURES)
def one(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """One alert: why it fired, the row or the figures, who was told, what became of it."""
    return _shown(request, here, number)


@require_POST
@needs(Right.SEE_CUSTOMERS)
def note(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """Take note of an alert."""
    found_or_404(lambda: fired.get_for(parts.of(here.access), here.log, number))
    try:
        actions.note(by=here.by, workspace=here.slug, number=number)
    except Problem as problem:
        return _shown(request, here, number, problem)
    messages.success(request, gettext("It is taken note of."))
    return redirect("alert", slug=here.slug, number=number)


@require_POST
@needs(Right.SEE_CUSTOMERS)
def dismiss(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """Dismiss an alert with its reason."""
    found_or_404(lambda: fired.get_for(parts.of(here.access), here.log, number))
    try:
        actions.dismiss(
            by=here.by, workspace=here.slug, number=number,
            reason=request.POST.get("reason", ""), note=request.POST.get("note", ""),
        )  # fmt: skip
    except Problem as problem:
        return _shown(request, here, number, problem)
    messages.success(request, gettext("It is dismissed."))
    return redirect("alert", slug=here.slug, number=number)


@require_POST
@needs(Right.SEE_CUSTOMERS)
def reopen(_request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """Open an alert again."""
    found_or_404(lambda: fired.get_for(parts.of(here.access), here.log, number))
    actions.reopen(by=here.by, workspace=here.slug, number=number)
    return redirect("alert", slug=here.slug, number=number)


@require_POST
@needs(Right.DEFINE)
def rest(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """Let the rule of an alert rest for some days, or no longer."""
    alert = found_or_404(lambda: fired.get_for(parts.of(here.access), here.log, number))
    rule = found_or_404(
        lambda: rules.get_for(parts.of(here.access), alert.rule.number if alert.rule else 0)
    )
    days = request.POST.get("days", "")
    until = timezone.now() + timedelta(days=int(days)) if days in ("1", "7", "30") else None
    actions.snooze(by=here.by, workspace=here.slug, number=rule.number, until=until)
    messages.success(
        request,
        gettext("Nobody is told until then.") if until else gettext("People are told again."),
    )
    return redirect("alert", slug=here.slug, number=number)


def _sees(here: Here) -> bool:
    return here.sees_personal_data and here.access.may(Right.SEE_CUSTOMERS)


def _shown(
    request: HttpRequest, here: Here, number: int, problem: Problem | None = None
) -> HttpResponse:
    alert = found_or_404(lambda: fired.get_for(parts.of(here.access), here.log, number))
    context = {
        "whole": alerts_page.whole(alert, here.access, here.log, sees_it=_sees(here)),
        "alert": alert,
        "reasons": fired.REASONS.items(),
        "is_snoozed": alert.rule is not None and rules.is_snoozed(alert.rule),
        "problem": problem,
        "tells_customers": here.access.may(Right.SEE_CUSTOMERS),
    }
    return render(request, "web/alert.html", context, status=422 if problem else 200)
