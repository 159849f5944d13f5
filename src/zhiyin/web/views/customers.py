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
from zhiyin.collect.exports.rows import Rows
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.periods import local_day
from zhiyin.unify import customer as one_customer
from zhiyin.unify import lines, people, segments
from zhiyin.web import customers_page, htmx
from zhiyin.web.downloads import download
from zhiyin.web.templatetags.customers import customer_address
from zhiyin.web.views.reading import Here, needs


@require_safe
@needs(Right.SEE_CUSTOMERS)
def customers(request: HttpRequest, here: Here) -> HttpResponse:
    """Customers by a filter or a segment; one who is found alone is shown at once."""
    workspace = here.workspace
    page = customers_page.build(here.log, workspace, request.GET)
    if page.found is not None and len(page.found) == 1 and page.found[0].ids:
        return redirect(customer_address(here.slug, page.found[0].ids))
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
    if not colon:
        # An id as people say it, without its kind: found as in the field of search.
        return redirect(f"{reverse('customers', args=[here.slug])}?{urlencode({'q': who})}")
    part = {"timeline": "timeline", "older": "older"}.get(request.GET.get("part", ""))
    if not htmx.is_part(request):
        part = None
    held: Mapping[str, Sequence[Mapping[str, Any]]] = {}
    if part:
        key = one_customer.of_id(log, here.slug, kind, id_)
    else:
        key, held = one_customer.held_of_id(log, here.slug, kind, id_) or (None, held)
    if key is None:
        raise Http404
    chosen, problem = lines.Chosen(), None
    try:
        chosen = _chosen(request, workspace)
        place = lines.read_place(request.GET.get("before", ""))
        shown = lines.read(log, workspace, key, chosen, before=place, held=held)
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
    return render(request, "web/customer.html", context, status=status)


@require_safe
@needs(Right.EXPORT)
def export(request: HttpRequest, here: Here) -> HttpResponseBase:
    """The chosen customers as a file; text in it is never a formula."""
    workspace = here.workspace
    kind = request.GET.get("format", "csv")
    segment = request.GET.get("segment", "")
    chosen = customers_page.rule(
        segments.get(here.slug, segment) if segment else None, request.GET.get("where", "").strip()
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
