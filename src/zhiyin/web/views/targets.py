"""The pages of targets 目标: the list with its verdicts, one with its history, lists as files."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhiyin.accounts.rights import Right
from zhiyin.kernel.errors import Problem
from zhiyin.measure import actions, target_lists, targets
from zhiyin.measure.actions import TargetAsked
from zhiyin.measure.lists import number
from zhiyin.web import downloads, target_history, targets_page
from zhiyin.web.scores_charts import NARROW
from zhiyin.web.views import lists
from zhiyin.web.views.lists import BroughtIn
from zhiyin.web.views.reading import Here, needs

FIELDS = ("metric", "kind", "question", "unit", "period", "value")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_FIGURES, to_write=Right.SET_TARGETS)
def listed(request: HttpRequest, here: Here) -> HttpResponse:
    """The targets of a period with their verdicts; a form for another."""
    scope, problem = here.access.scope, None
    given = dict.fromkeys(FIELDS, "")
    if request.method == "POST":
        given = _given(request.POST)
        try:
            actions.set_target(
                by=here.by, workspace=here.workspace, asked=_asked(given), scope=scope
            )
        except Problem as refused:
            problem = refused
        else:
            messages.success(request, gettext("The target is set."))
            return redirect(_address(here, given["period"]))
    chosen, wrong = request.GET.get("period", ""), None
    try:
        page = targets_page.build(here.log, here.workspace, chosen, scope=scope)
    except Problem as refused:
        wrong = refused
        page = targets_page.build(here.log, here.workspace, "", scope=scope)
    context = {
        "page": page,
        "wrong": wrong,
        "problem": problem,
        "given": given,
        "choices": targets_page.choices(here.log, here.workspace, scope=scope),
        "gone": {name: request.GET.get(f"gone_{name}", "") for name in FIELDS},
    }
    status = 422 if problem or wrong else 200
    return render(request, "web/targets.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_FIGURES, to_write=Right.SET_TARGETS)
def one(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """One target: target against figure, period by period; a form to change it."""
    scope, problem = here.access.scope, None
    row = actions.get_target(here.slug, number, scope=scope)
    (held,) = targets.held(here.workspace, [row])
    given = targets_page.as_given(held)
    if request.method == "POST":
        given = _given(request.POST)
        try:
            actions.change_target(
                by=here.by, workspace=here.workspace, number=number, asked=_asked(given),
                scope=scope,
            )  # fmt: skip
        except Problem as refused:
            problem = refused
        else:
            messages.success(request, gettext("The target is changed."))
            return redirect("target", slug=here.slug, number=number)
    history = targets.history(here.log, here.workspace, held)
    (group,) = targets_page.groups(history, here.workspace)
    context = {
        "held": held,
        "group": group,
        "picture": target_history.picture(history, held),
        "narrow": target_history.picture(history, held, width=NARROW),
        "problem": problem,
        "given": given,
        "choices": targets_page.choices(here.log, here.workspace, scope=scope),
    }
    return render(request, "web/target.html", context, status=422 if problem else 200)


@require_POST
@needs(Right.SET_TARGETS)
def remove(request: HttpRequest, here: Here, number: int) -> HttpResponse:  # noqa: ARG001
    """Take a target out; the list offers to put it back."""
    gone = actions.remove_target(
        by=here.by, workspace=here.workspace, number=number, scope=here.access.scope
    )
    (held,) = targets.held(here.workspace, [gone])
    given = targets_page.as_given(held)
    return redirect(_address(here, held.period, **{f"gone_{name}": given[name] for name in FIELDS}))


@require_safe
@needs(Right.SEE_FIGURES)
def export(request: HttpRequest, here: Here) -> HttpResponse:  # noqa: ARG001
    """The targets as a list that can be brought in again."""
    found = targets.of(here.workspace, scope=here.access.scope)
    return downloads.of_list(target_lists.write(found), name=f"{here.slug}-targets")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SET_TARGETS)
def bring_in(request: HttpRequest, here: Here) -> HttpResponse:
    """A list: looked at first, then set whole or not at all."""
    scope = here.access.scope

    def write(preview: target_lists.Preview) -> str:
        done = actions.set_targets(
            by=here.by, workspace=here.workspace, asked=preview.asked, scope=scope
        )
        return ngettext("%(n)s target is set.", "%(n)s targets are set.", len(done)) % {
            "n": len(done)
        }

    kind = BroughtIn(
        columns=target_lists.COLUMNS,
        preview=lambda data: target_lists.preview(data, here.workspace, scope=scope),
        write=write,
        template="web/bring_targets.html",
        back=reverse("targets", args=[here.slug]),
    )
    return lists.bring_in(request, kind)


def _given(form: QueryDict) -> dict[str, str]:
    return {name: form.get(name, "").strip() for name in FIELDS}


def _asked(given: dict[str, str]) -> TargetAsked:
    return TargetAsked(
        metric=given["metric"],
        period=given["period"],
        value=number(given["value"]),
        unit=given["unit"],
        kind=given["kind"],
        question=given["question"],
    )


def _address(here: Here, period: str, **more: str) -> str:
    return f"{reverse('targets', args=[here.slug])}?{urlencode({'period': period, **more})}"
