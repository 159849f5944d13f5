"""What people do with cases: take, give, move, note, write to the customer, change."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from zhiyin.accounts.rights import Right
from zhiyin.act import subjects
from zhiyin.act.cases import actions, kept
from zhiyin.act.cases.models import Case
from zhiyin.kernel.errors import Problem
from zhiyin.web import cases_page
from zhiyin.web.views.cases import context_of
from zhiyin.web.views.finding import found_or_404
from zhiyin.web.views.reading import Here, needs, person_of

DIGITS = 9


@require_POST
@needs(Right.WORK_CASES)
def take(request: HttpRequest, here: Here) -> HttpResponse:
    """Take an alert, words or a mark: posted are its ``kind`` and ``key``."""
    form = request.POST
    try:
        subject = subjects.find(
            form.get("kind", ""), form.get("key", ""), log=here.log, settings=here.workspace,
            scope=here.access.scope,
        )  # fmt: skip
        case, is_new = actions.open(
            by=here.by, workspace=here.workspace, subject=subject, owner=person_of(request),
            own=kept.own_of(here.access.scope),
        )  # fmt: skip
    except Problem as problem:
        return _refused(request, here, problem)
    if is_new:
        messages.success(request, gettext("The case is yours."))
    else:
        messages.info(request, gettext("There is a case about this already."))
    return redirect("case", here.slug, case.number)


@require_POST
@needs(Right.WORK_CASES)
def assign_several(request: HttpRequest, here: Here) -> HttpResponse:
    """Give the cases that are ticked to somebody, or take them oneself."""
    form = request.POST
    numbers = [int(one) for one in form.getlist("number") if _is_number(one)]
    login = person_of(request).login if form.get("do") == "take" else form.get("owner", "")
    try:
        done = actions.assign_several(
            by=here.by, workspace=here.workspace, numbers=numbers,
            owner=actions.owner_of(here.slug, login), own=kept.own_of(here.access.scope),
        )  # fmt: skip
    except Problem as problem:
        return _refused(request, here, problem)
    if done.done:
        told = gettext("Cases given: %(n)s.") % {"n": len(done.done)}
        messages.success(request, told)
    for number, why in done.refused:
        messages.error(request, f"{number}: {why.message}")
    query = form.get("query", "")
    return redirect(f"/{here.slug}/cases/" + (f"?{query}" if query else ""))


@require_POST
@needs(Right.WORK_CASES)
def assign(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """Give a case to somebody, or take it oneself."""
    form = request.POST
    login = person_of(request).login if form.get("do") == "take" else form.get("owner", "")

    def do(asked: dict[str, Any]) -> None:
        actions.assign(owner=actions.owner_of(here.slug, login), version=_version(form), **asked)

    return _done(request, here, number, do, gettext("The case is given."))


@require_POST
@needs(Right.WORK_CASES)
def move(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """Say how far a case is, with a reason or a note where one is needed."""
    form = request.POST

    def do(asked: dict[str, Any]) -> None:
        actions.move(
            status=form.get("status", ""), reason=form.get("reason", ""),
            note=form.get("note", ""), version=_version(form), **asked,
        )  # fmt: skip

    return _done(request, here, number, do, gettext("It is written down."))


@require_POST
@needs(Right.WORK_CASES)
def note(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """Write something down that only people who work here read."""
    text = request.POST.get("text", "")

    def do(asked: dict[str, Any]) -> None:
        actions.note(text=text, **asked)

    return _done(request, here, number, do, gettext("The note is kept."))


@require_POST
@needs(Right.WORK_CASES)
def write(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """Write to the customer, or write down what she was told otherwise."""
    form = request.POST

    def do(asked: dict[str, Any]) -> None:
        text, channel = form.get("says", ""), form.get("channel", "")
        actions.write(text=text, channel=channel, log=here.log, **asked)

    return _done(request, here, number, do, gettext("The message is kept."))


@require_POST
@needs(Right.WORK_CASES)
def change(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """Call a case otherwise, or say how much it matters."""
    form = request.POST

    def do(asked: dict[str, Any]) -> None:
        actions.change(
            title=form.get("title"), severity=form.get("severity"), version=_version(form), **asked
        )

    return _done(request, here, number, do, gettext("The case is changed."))


def _done(request: HttpRequest, here: Here, number: int, do: Any, told: str) -> HttpResponse:
    """The page of a case after something was done to it, or with why it was not."""
    own = kept.own_of(here.access.scope)
    found_or_404(lambda: kept.get(here.slug, number, own))
    try:
        do({"by": here.by, "workspace": here.workspace, "number": number, "own": own})
    except Problem as problem:
        return _again(request, here, kept.get(here.slug, number, own), problem)
    messages.success(request, told)
    return redirect("case", here.slug, number)


def _again(request: HttpRequest, here: Here, case: Case, problem: Problem) -> HttpResponse:
    """The page as it stands now, with what was written still in its fields."""
    context = context_of(here, case, problem=problem, written=request.POST)
    return render(request, "web/case.html", context, status=422)


def _refused(request: HttpRequest, here: Here, problem: Problem) -> HttpResponse:
    """The list, with why nothing was done."""
    page = cases_page.listed(here.log, here.access, {})
    context = {"page": page, "people": cases_page.people_of(here.access), "problem": problem}
    return render(request, "web/cases.html", context, status=422)


def _version(form: Any) -> int | None:
    text = form.get("version", "")
    return int(text) if _is_number(text) else None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= DIGITS
