"""What the pages of touchpoint rules and of unit rules do alike: order, edit, preview, put back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext

from zhiyin.collect import caught, rules
from zhiyin.collect.caught import Preview
from zhiyin.collect.rules import Edit
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.warehouse.rules import Rule, Ruled
from zhiyin.web import htmx, personal
from zhiyin.web.views.reading import Here


@dataclass(frozen=True, slots=True)
class Page:
    """One of the two pages.

    Args:
        column: what its rules give.
        field: the name of what a rule gives, in its forms.
        name: of the list's address.
        template: with a part ``preview``.
        more: what else it shows, where it is asked for as a whole.
    """

    column: Ruled
    field: str
    name: str
    template: str
    more: Callable[[Here], Mapping[str, Any]]


def form(request: HttpRequest, here: Here, page: Page, place: int | None) -> HttpResponse:
    """The list and a form for a new rule, or one rule; a preview alone where a page asks for it.

    Args:
        place: of the rule that is edited; None is a new one.
    """
    log, problem = here.log, None
    previews: tuple[Preview, ...] = ()
    known = log.rules(here.slug, page.column)
    if place is not None and place >= len(known):
        raise Http404
    given = request.POST if request.method == "POST" else request.GET
    asked = rule_of(given, here, page)
    if place is not None:
        # Whoever may not see what the rule compares with cannot change it either.
        _check(here, known.listed[place])
        asked = asked if "where" in given else known.listed[place]
    try:
        if asked.where.strip():
            _check(here, asked)
        if request.method == "POST":
            _save(request, here, page, asked, place)
            messages.success(request, gettext("The rule is in every figure now."))
            return redirect(page.name, slug=here.slug)
        if asked.where.strip():
            previews = caught.preview(
                log, here.slug, page.column, asked, place=place, instead=place is not None
            )
    except Problem as refused:
        problem = refused
    is_part = htmx.is_part(request)
    context: dict[str, Any] = {
        "rules": known,
        "seen": rules.digest(known),
        "place": place,
        "asked": asked,
        "previews": previews,
        "names_none": bool(previews) and not any(one.names_any for one in previews),
        "problem": problem,
        "is_part": is_part,
        "gone": gone(request, page),
        "days": caught.DAYS,
        **({} if is_part else page.more(here)),
    }
    template = f"{page.template}#preview" if is_part else page.template
    return render(request, template, context, status=422 if problem else 200)


def gone(request: HttpRequest, page: Page) -> dict[str, str]:
    """The rule that was just deleted, to be put back."""
    names = ("place", "where", page.field, "table")
    found = {name: request.GET.get(f"gone_{name}", "") for name in names}
    return {**found, "gives": found[page.field]} if found["place"] else {}


def changed(request: HttpRequest, here: Here, page: Page) -> HttpResponse:
    """Move a rule, take one out, or put one back; then show the list."""
    given = request.POST
    place, doing = _number(given.get("place", "")), given.get("do", "")
    address = reverse(page.name, args=[here.slug])
    edit = _edit(request, here, page)
    try:
        if doing in ("up", "down"):
            rules.move(edit, place, to=place + (1 if doing == "down" else -1))
        elif doing == "remove":
            address += _to_put_back(here, page, rules.remove(edit, place), place)
        elif doing == "restore":
            back = rule_of(given, here, page)
            _check(here, back)
            rules.add(edit, back, place=place)
        elif doing in ("rules-first", "facts-first"):
            rules.put_first(edit, come_first=doing == "rules-first")
    except Problem as problem:
        messages.error(request, str(problem))
    return redirect(address)


def rule_of(given: QueryDict, here: Here, page: Page) -> Rule:
    """The rule that a form says."""
    gives = given.get(page.field, "")
    return Rule(given.get("where", ""), gives, here.workspace.timezone, given.get("table", ""))


def _to_put_back(here: Here, page: Page, rule: Rule, place: int) -> str:
    if personal.rule(rule.where, sees_it=here.sees_personal_data) != rule.where:
        return ""
    said = {"place": place, "where": rule.where, page.field: rule.gives, "table": rule.table}
    return "?" + urlencode({f"gone_{name}": value for name, value in said.items()})


def _save(request: HttpRequest, here: Here, page: Page, asked: Rule, place: int | None) -> None:
    edit = _edit(request, here, page)
    if place is None:
        rules.add(edit, asked)
    else:
        rules.change(edit, place, asked)


def _edit(request: HttpRequest, here: Here, page: Page) -> Edit:
    return Edit(here.by, here.log, here.workspace, page.column, request.POST.get("seen", ""))


def _check(here: Here, rule: Rule) -> None:
    personal.check_facts(parse(rule.where).columns(), sees_it=here.sees_personal_data)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1
