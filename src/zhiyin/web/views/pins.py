"""*Marks* 问题点与改进建议 of journey maps: listed, one of them whole, and one's own."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from zhiyin.accounts.rights import Right
from zhiyin.kernel import clock
from zhiyin.maps import evidence, kept, pins
from zhiyin.maps.audits import touchpoints
from zhiyin.maps.models import Pin
from zhiyin.reports.questions import Named
from zhiyin.web import downloads, pins_export, pins_page, reports_page
from zhiyin.web.views.finding import found_or_404
from zhiyin.web.views.reading import Here, needs, person_of


@require_safe
@needs(Right.SEE_FIGURES)
def listed(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """The marks of a map."""
    held = found_or_404(lambda: kept.get(here.slug, key))
    page = pins_page.of_map(here.workspace, held, request.GET)
    context = {
        "page": page,
        "held": held,
        "map_name": pins_page.name_of(held),
        "writes": writes(here),
        "has_any": held.pins.exists(),
    }
    return render(request, "web/pins.html", context, status=422 if page.problem else 200)


@require_safe
@needs(Right.SEE_FIGURES)
def export(request: HttpRequest, here: Here, key: str) -> HttpResponseBase:
    """The marks of a map that the address asks for, as a file."""
    held = found_or_404(lambda: kept.get(here.slug, key))
    rows = pins_page.every_row(here.workspace, held, request.GET)
    return downloads.download(
        pins_export.table(rows),
        name=f"{here.slug}-{key}-marks",
        kind=request.GET.get("as", "csv"),
        timezone=here.workspace.timezone,
    )


@require_safe
@needs(Right.SEE_FIGURES)
def mine(request: HttpRequest, here: Here) -> HttpResponse:
    """Over all maps: what one owns or contributes to, and what is overdue."""
    page = pins_page.of_person(here.workspace, person_of(request), request.GET)
    status = 422 if page.problem else 200
    return render(request, "web/my_pins.html", {"page": page}, status=status)


@require_safe
@needs(Right.SEE_FIGURES)
def one(request: HttpRequest, here: Here, key: str, number: int) -> HttpResponse:
    """One mark: what it says and rests on, who answers for it, votes, comments, history."""
    pin = found_or_404(lambda: pins.get(here.slug, key, number))
    return render(request, "web/pin.html", context_of(request, here, pin))


def writes(here: Here) -> bool:
    """Whether this person makes and changes marks."""
    return here.access.may(Right.DEFINE) or here.access.may(Right.SET_TARGETS)


def context_of(request: HttpRequest, here: Here, pin: Pin, **more: Any) -> dict[str, Any]:
    """What the page of a mark shows."""
    names = touchpoints(pin.map)
    person = person_of(request)
    (row,) = pins_page.rows_with_names(here.workspace, [pin])
    shown = evidence.shown(pin, here.log, here.workspace, clock.now())
    return {
        "row": row,
        "pin": pin,
        "evidence": [(one, _sentence(one, here)) for one in shown],
        "comments": pins_page.comments(pin),
        "history": pins_page.history(pin, names),
        "voters": pins.voters(pin),
        "has_voted": pin.votes.filter(person=person).exists(),
        "writes": writes(here),
        "progresses": pins.may_progress(pin, person, writes=writes(here)),
        "statuses": pins.STATUSES.items(),
        **more,
    }


def _sentence(one: evidence.Shown, here: Here) -> str:
    """What a figure asks, in one line; blank for anything else, and where it cannot be asked."""
    if not isinstance(one, evidence.Figure) or one.found is None:
        return ""
    return reports_page.sentence(Named("scores", one.query), here.log, here.workspace)
