"""*Cases* 工单: listed, as a file, one of them whole, and the rules by which they fall due."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from zhiyin.accounts.rights import Right
from zhiyin.act import subjects
from zhiyin.act.cases import hours, kept, rules, statuses
from zhiyin.act.cases.models import Case, Severity
from zhiyin.kernel.errors import Problem
from zhiyin.web import cases_export, cases_page, downloads
from zhiyin.web.views.finding import found_or_404
from zhiyin.web.views.reading import Here, needs

BLANKS = 3
"""Places for new reasons."""


@require_safe
@needs(Right.SEE_CUSTOMERS)
def listed(request: HttpRequest, here: Here) -> HttpResponse:
    """The cases that the address asks for."""
    page = cases_page.listed(here.log, here.access, request.GET)
    own = kept.own_of(here.access.scope)
    is_all = page.given["tab"] == "all"
    context = {
        "page": page,
        "people": cases_page.people_of(here.access),
        "waits": cases_page.waits(here.workspace, own) if is_all and page.counts.all else (),
    }
    return render(request, "web/cases.html", context, status=422 if page.problem else 200)


@require_safe
@needs(Right.EXPORT)
def export(request: HttpRequest, here: Here) -> HttpResponseBase:
    """The cases that the address asks for, as a file."""
    rows = cases_page.every_row(here.access, request.GET)
    return downloads.download(
        cases_export.table(rows, sees_it=here.sees_personal_data),
        name=f"{here.slug}-cases",
        kind=request.GET.get("as", "csv"),
        timezone=here.workspace.timezone,
    )


@require_safe
@needs(Right.SEE_CUSTOMERS)
def one(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """One case: what it is about, what was done, what may be done."""
    case = found_or_404(lambda: kept.get(here.slug, number, kept.own_of(here.access.scope)))
    return render(request, "web/case.html", context_of(here, case))


def context_of(here: Here, case: Case, **more: Any) -> dict[str, Any]:
    """What the page of a case shows."""
    shown = subjects.shown(case, here.log, here.workspace)
    (row,) = cases_page.rows_of(here.log, here.workspace, [case])
    return {
        "row": row,
        "case": case,
        "shown": shown,
        "said": cases_page.said(shown, here.workspace, sees_it=here.sees_personal_data),
        "history": cases_page.history(case),
        "ways": cases_page.ways(here.log, here.access, case),
        "severities": statuses.SEVERITIES.items(),
        **more,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_CUSTOMERS, to_write=Right.CHANGE_WORKSPACE)
def change_rules(request: HttpRequest, here: Here) -> HttpResponse:
    """Business hours, hours by severity and reasons: read by all, changed by administrators."""
    held, problem = rules.of(here.slug), None
    given: dict[str, Any] = _as_given(held)
    if request.method == "POST":
        given = _given(request.POST)
        try:
            rules.change(by=here.by, workspace=here.slug, rules=_wanted(held, given))
        except Problem as refused:
            problem = refused
        else:
            messages.success(request, gettext("The rules are changed."))
            return redirect("case-rules", here.slug)
    context = {
        "given": given,
        "problem": problem,
        "week": zip(rules.DAYS, given["week"], strict=True),
        "severities": [(one, statuses.SEVERITIES[one], given["hours"][one])
                       for one in Severity.values],
        "reasons": [*given["reasons"], *[("", "", False)] * BLANKS],
        "zone": here.workspace.timezone,
    }  # fmt: skip
    return render(request, "web/case_rules.html", context, status=422 if problem else 200)


def _as_given(held: rules.Rules) -> dict[str, Any]:
    return {
        "week": [str(span or "") for span in held.week],
        "has_holidays": held.has_holidays,
        "hours": {name: f"{value:g}" for name, value in held.hours.items()},
        "reasons": [(one.en, one.zh, one.is_retired) for one in held.reasons],
    }


def _given(form: QueryDict) -> dict[str, Any]:
    """The form as it was filled in."""
    retired = set(form.getlist("retired"))
    pairs = zip(form.getlist("en"), form.getlist("zh"), strict=False)
    return {
        "week": (form.getlist("day") + [""] * 7)[:7],
        "has_holidays": form.get("has_holidays") == "1",
        "hours": {name: form.get(f"hours-{name}", "") for name in Severity.values},
        "reasons": [(en, zh, str(place) in retired) for place, (en, zh) in enumerate(pairs)],
    }


def _wanted(held: rules.Rules, given: dict[str, Any]) -> rules.Rules:
    wanted = replace(
        held,
        week=tuple(hours.read(one) for one in given["week"]),
        has_holidays=given["has_holidays"],
        hours={name: rules.read_hours(value) for name, value in given["hours"].items()},
    )
    return rules.with_reasons(wanted, given["reasons"])
