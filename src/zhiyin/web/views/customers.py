"""*Customers* 客户: the list, one customer, and their export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from zhiyin.accounts.rights import Right
from zhiyin.accounts.workspaces import Settings
from zhiyin.act.cases import about, kept
from zhiyin.collect.exports.rows import Rows
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.periods import local_day
from zhiyin.unify import customer as one_customer
from zhiyin.unify import lines, people, segments
from zhiyin.web import customers_page, faults, htmx, personal
from zhiyin.web.downloads import download
from zhiyin.web.views.reading import Here, needs

LONGEST_KEY = 18
"""Digits of a key that fits 64 bits."""


@require_safe
@needs(Right.SEE_CUSTOMERS)
def customers(request: HttpRequest, here: Here) -> HttpResponse:
    """Customers by a filter or a segment; one who is found alone is shown at once."""
    sees_it = here.sees_personal_data
    if request.GET.get("q", "").strip() and not sees_it:
        return faults.masked(request)
    page = customers_page.build(here.log, here.workspace, request.GET, sees_it=sees_it)
    if page.found is not None and len(page.found) == 1 and page.found[0].ids:
        only = page.found[0]
        return redirect(personal.address(here.slug, only.key, str(only.ids[0]), sees_it=sees_it))
    is_part = htmx.is_part(request)
    template = "web/customers.html#list" if is_part else "web/customers.html"
    status = 422 if page.problem else 200
    answer = render(request, template, {"page": page, "is_part": is_part}, status=status)
    patch_vary_headers(answer, ["HX-Request"])
    return answer


@require_safe
@needs(Right.SEE_CUSTOMERS)
def customer(request: HttpRequest, here: Here, who: str) -> HttpResponse:
    """One customer; a page of older lines, or the lines of another filter, for htmx."""
    workspace = here.workspace
    log = here.log
    kind, colon, id_ = who.partition(":")
    if kind != personal.BY_KEY and not here.sees_personal_data:
        # The same whether somebody has this id or nobody.
        return faults.masked(request)
    if not colon:
        # An id as people say it, without its kind: found as in the field of search.
        return redirect(f"{reverse('customers', args=[here.slug])}?{urlencode({'q': who})}")
    part = {"timeline": "timeline", "older": "older"}.get(request.GET.get("part", ""))
    if not htmx.is_part(request):
        part = None
    key, held = _who(here, kind, id_, is_part=part is not None)
    chosen, problem = lines.Chosen(), None
    try:
        chosen = _chosen(request, workspace)
        place = lines.read_place(request.GET.get("before", ""))
        shown = lines.read(
            log, workspace, key, chosen, before=place, held=held,
            is_masked=not here.sees_personal_data,
        )  # fmt: skip
    except Problem as wrong:
        shown, problem, place = lines.Page((), None), wrong, None
    context = {
        "who": who,
        "days": lines.by_day(shown.lines, workspace),
        "older": _address(request, lines.write_place(shown.older)) if shown.older else "",
        "chosen": chosen,
        "kinds": _kinds(chosen),
        "given": request.GET,
        "is_first": place is None,
        "problem": problem,
    }
    status = 422 if problem else 200
    if part:
        # Lines that go on under those of the same day need no second heading.
        if part == "older" and place is not None:
            context["continues"] = local_day(place[0], workspace.timezone)
        return render(request, f"web/customer.html#{part}", context, status=status)
    context["customer"] = one_customer.read(log, workspace, key, held=held)
    context["cases"] = about.customer(log, here.slug, key, kept.own_of(here.access.scope))
    return render(request, "web/customer.html", context, status=status)


Held = Mapping[str, Sequence[Mapping[str, Any]]]


def _who(here: Here, kind: str, id_: str, *, is_part: bool) -> tuple[int, Held]:
    """The key of the customer whom the address names, and her rows where they are needed."""
    nothing: Held = {}
    found: tuple[int, Held] | None
    if kind == personal.BY_KEY:
        is_key = id_.isascii() and id_.isdigit() and len(id_) <= LONGEST_KEY
        found = one_customer.held_of_key(here.log, here.slug, int(id_)) if is_key else None
    elif is_part:
        key = one_customer.of_id(here.log, here.slug, kind, id_)
        found = None if key is None else (key, nothing)
    else:
        found = one_customer.held_of_id(here.log, here.slug, kind, id_)
    if found is None:
        raise Http404
    return found


@require_safe
@needs(Right.EXPORT, personal=True)
def export(request: HttpRequest, here: Here) -> HttpResponseBase:
    """The chosen customers as a file; text in it is never a formula."""
    workspace = here.workspace
    kind = request.GET.get("format", "csv")
    segment = request.GET.get("segment", "")
    chosen = customers_page.rule(
        here.log,
        segments.get(here.slug, segment) if segment else None,
        request.GET.get("where", "").strip(),
        sees_it=here.sees_personal_data,
    )
    schema, parts = people.export(here.log, workspace, chosen)
    name = f"{here.slug}-{segment or 'customers'}"
    return download(Rows(schema, parts), name=name, kind=kind, timezone=workspace.timezone)


def _chosen(request: HttpRequest, workspace: Settings) -> lines.Chosen:
    """The filter of the time line that the address asks for.

    Raises:
        Problem: a date that is none.
    """
    asked = request.GET
    start, end = lines.days(workspace, asked.get("from", ""), asked.get("until", ""))
    kinds = tuple(kind for kind in asked.getlist("kind") if kind in lines.KINDS)
    channel = asked.get("channel", "")
    return lines.Chosen(
        kinds=kinds or lines.SHOWN_FIRST,
        channels=(channel,) if channel else (),
        what=asked.get("what", "").strip(),
        start=start,
        end=end,
    )


def _kinds(chosen: lines.Chosen) -> list[tuple[str, str, bool]]:
    return [
        (kind, str(name), kind in chosen.kinds) for kind, (name, _tables) in lines.KINDS.items()
    ]


def _address(request: HttpRequest, place: str) -> str:
    """The same filter, from this place on."""
    asked = request.GET.copy()
    asked["before"] = place
    asked.pop("part", None)
    return asked.urlencode()
