"""The pages of the calendar 日历: marks by month, one mark, lists as files, the holidays."""

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
from zhiyin.kernel.filters import parse
from zhiyin.measure import actions, calendar, mark_lists
from zhiyin.measure.actions import MarkAsked
from zhiyin.measure.calendar import Held
from zhiyin.web import calendar_page, downloads, personal
from zhiyin.web.views import lists
from zhiyin.web.views.lists import BroughtIn
from zhiyin.web.views.reading import Here, needs

FIELDS = tuple(column.name for column in mark_lists.COLUMNS)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_FIGURES, to_write=Right.DEFINE)
def months(request: HttpRequest, here: Here) -> HttpResponse:
    """Marks and holidays of a year by month; a form for another mark."""
    scope, problem = here.access.scope, None
    given = dict.fromkeys(FIELDS, "")
    if request.method == "POST":
        given = _given(request.POST)
        try:
            asked = _asked(here, given)
            actions.add_mark(by=here.by, workspace=here.workspace, asked=asked, scope=scope)
        except Problem as refused:
            problem = refused
        else:
            messages.success(request, gettext("The days are marked."))
            return redirect(_address(here, year=str(asked.first.year)))
    context = {
        "page": calendar_page.build(here.workspace, request.GET, scope=scope),
        "problem": problem,
        "given": given,
        "choices": calendar_page.choices(here.log, here.workspace, scope=scope),
        "holidays": calendar.holidays_of(here.workspace),
        "gone": {name: request.GET.get(f"gone_{name}", "") for name in FIELDS},
    }
    return render(request, "web/calendar.html", context, status=422 if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_FIGURES, to_write=Right.DEFINE)
def mark(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """One mark: whom it concerned; a form to change it."""
    scope, problem = here.access.scope, None
    held = calendar.get(here.workspace, number, scope=scope)
    given = calendar_page.as_given(held)
    if request.method == "POST":
        given = _given(request.POST)
        try:
            _check(here, held)
            actions.change_mark(
                by=here.by, workspace=here.workspace, number=number,
                asked=_asked(here, given), scope=scope,
            )  # fmt: skip
        except Problem as refused:
            problem = refused
        else:
            messages.success(request, gettext("The mark is changed."))
            return redirect(_address(here, year=given["first"][:4]))
    if not here.sees_personal_data:
        given = {**given, "where": personal.rule(held.where, sees_it=False), "customers": ""}
    context = {
        "held": held,
        "problem": problem,
        "given": given,
        "choices": calendar_page.choices(here.log, here.workspace, scope=scope),
    }
    return render(request, "web/mark.html", context, status=422 if problem else 200)


@require_POST
@needs(Right.DEFINE)
def remove(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """Take a mark out; the list offers to put it back."""
    held = calendar.get(here.workspace, number, scope=here.access.scope)
    actions.remove_mark(
        by=here.by, workspace=here.workspace, number=number, scope=here.access.scope
    )
    year = str(held.first.year)
    if held.customers or len(held.about) > MOST_IN_ADDRESS or not here.sees_personal_data:
        # Ids of customers do not stand in addresses: whoever wants it back marks it anew.
        messages.success(request, gettext("The mark is removed."))
        return redirect(_address(here, year=year))
    given = calendar_page.as_given(held)
    return redirect(_address(here, year=year, **{f"gone_{name}": given[name] for name in FIELDS}))


MOST_IN_ADDRESS = 20


@require_POST
@needs(Right.CHANGE_WORKSPACE)
def holidays(request: HttpRequest, here: Here) -> HttpResponse:
    """Choose whose holidays are shown."""
    try:
        actions.choose_holidays(
            by=here.by,
            workspace=here.workspace,
            country=request.POST.get("country", ""),
            lunar="lunar" in request.POST,
        )
    except Problem as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, gettext("The holidays are chosen."))
    return redirect("calendar", slug=here.slug)


@require_safe
@needs(Right.SEE_FIGURES)
def export(request: HttpRequest, here: Here) -> HttpResponse:  # noqa: ARG001
    """The marks as a list that can be brought in again."""
    found = calendar.of(here.workspace, scope=here.access.scope)
    text = mark_lists.write(found, sees_it=here.sees_personal_data)
    return downloads.of_list(text, name=f"{here.slug}-calendar")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.DEFINE)
def bring_in(request: HttpRequest, here: Here) -> HttpResponse:
    """A list: looked at first, then marked whole or not at all."""
    scope = here.access.scope

    def write(preview: mark_lists.Preview) -> str:
        for one in preview.asked:
            _check(here, one)
        done = actions.add_marks(
            by=here.by, workspace=here.workspace, asked=preview.asked, scope=scope
        )
        return ngettext("%(n)s mark is added.", "%(n)s marks are added.", len(done)) % {
            "n": len(done)
        }

    kind = BroughtIn(
        columns=mark_lists.COLUMNS,
        preview=lambda data: mark_lists.preview(data, here.workspace, scope=scope),
        write=write,
        template="web/bring_marks.html",
        back=reverse("calendar", args=[here.slug]),
    )
    return lists.bring_in(request, kind)


def _given(form: QueryDict) -> dict[str, str]:
    return {name: form.get(name, "").strip() for name in FIELDS}


def _asked(here: Here, given: dict[str, str]) -> MarkAsked:
    asked = mark_lists.read(given)
    _check(here, asked)
    return asked


def _check(here: Here, mark: MarkAsked | Held) -> None:
    """Whoever does not see who customers are names none in a mark, and changes none that does."""
    named = set(parse(mark.where).columns()) if mark.where.strip() else set()
    if mark.customers:
        named.add("customer")
    personal.check_facts(named, sees_it=here.sees_personal_data)


def _address(here: Here, **more: str) -> str:
    return f"{reverse('calendar', args=[here.slug])}?{urlencode(more)}"
