"""*Pin to a map* 标记到地图: a figure or customers' own words, from wherever they are shown."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from zhiyin.accounts.rights import Right
from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.maps import evidence, kept, pinning, pins
from zhiyin.maps.audits import touchpoints
from zhiyin.maps.models import JourneyMap, Pin, PinKind
from zhiyin.maps.pin_wanted import Wanted
from zhiyin.maps.pinning import Proof
from zhiyin.measure.asking import PRESETS
from zhiyin.reports import blocks, verbatims
from zhiyin.reports.questions import Named
from zhiyin.warehouse.log import Reader
from zhiyin.web import faults, pins_page, reports_page
from zhiyin.web.views.pin_changes import place
from zhiyin.web.views.pins import writes
from zhiyin.web.views.reading import Here, needs

MOST = 200
"""Marks to choose from, the newest first, and words that are pinned at once."""

NEW = "new:"
"""Before the id of the touchpoint at which a new mark is made; a number is a mark that is there."""


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_FIGURES)
def add(request: HttpRequest, here: Here) -> HttpResponse:
    """Let a mark of a map, or a new one, rest on a figure or on words, named by their address."""
    asked = request.POST if request.method == "POST" else request.GET
    if not writes(here):
        return faults.not_allowed(request, Right.DEFINE, here.access)
    if "row" in asked and not here.access.may(Right.SEE_CUSTOMERS):
        return faults.not_allowed(request, Right.SEE_CUSTOMERS, here.access)
    held = _map(asked.get("map", ""), here)
    context: dict[str, Any] = {"given": asked, "held": held, "dates": blocks.DATES.items()}
    try:
        proofs = _proofs(asked, here, context)
        if request.method == "POST":
            pin = _pinned(asked, here, held, proofs)
            messages.success(request, gettext("It is pinned to the map."))
            return redirect(place(here, pin) + "#evidence")
    except Problem as refused:
        context["problem"] = refused
    context |= _where(here, held)
    status = 422 if "problem" in context else 200
    return render(request, "web/pin_it.html", context, status=status)


def _map(key: str, here: Here) -> JourneyMap | None:
    """The map that was chosen, else the one that was changed last; None where there is none."""
    known = kept.of(here.slug)
    return known.filter(key=key).first() or known.order_by("-changed_at").first()


def _where(here: Here, held: JourneyMap | None) -> dict[str, Any]:
    if held is None:
        return {}
    return {
        "maps": [(one.key, pins_page.name_of(one)) for one in kept.of(here.slug)],
        "touchpoints": touchpoints(held).items(),
        "known": pins.chosen(here.workspace, pins.Chosen(sort="newest"), held.key)[:MOST],
        "kinds": pins.KINDS.items(),
    }


def _proofs(asked: QueryDict, here: Here, context: dict[str, Any]) -> list[Proof]:
    """What is pinned; the page says what it is."""
    if "row" in asked:
        context["quotes"] = quotes = _quotes(asked, here)
        return [Proof("words", str(one.row)) for one in quotes]
    figure = _dated(asked.get("figure", ""), asked.get("dates", ""))
    query = evidence.figure_of(figure, here.log, here.workspace, clock.now())["query"]
    context["says"] = reports_page.sentence(Named("scores", query), here.log, here.workspace)
    return [Proof("figure", query)]


def _dated(figure: str, dates: str) -> str:
    """The address of a figure, over days that move on where these are chosen."""
    if dates not in PRESETS:
        return figure
    query = figure.partition("?")[2] if "?" in figure else figure
    kept_of = [(n, v) for n, v in parse_qsl(query, keep_blank_values=True) if n not in _DATES]
    return urlencode([*kept_of, ("period", dates)])


_DATES = ("period", "from", "until")


def _quotes(asked: QueryDict, here: Here) -> list[Any]:
    """The words that are asked for, those that this person may read."""
    texts = asked.getlist("row")[:MOST]
    rows = [int(one) for one in texts if one.isascii() and one.isdecimal() and len(one) <= 18]
    chosen = tuple(dict.fromkeys(rows))
    known = verbatims.read(here.log, here.workspace, chosen, Reader(is_merged=False))
    found = [
        reports_page.masked(known[row], here.sees_personal_data) for row in chosen if row in known
    ]
    if not found:
        raise Problem(
            "pins.words-gone",
            _("These words are not there, or not for you to see."),
            _("Choose others on the page Responses."),
        )
    return found


def _pinned(asked: QueryDict, here: Here, held: JourneyMap | None, proofs: list[Proof]) -> Pin:
    to = asked.get("to", "")
    if held is None or not to:
        raise Problem(
            "pins.where",
            _("Nobody has said where it is pinned."),
            _("Choose a touchpoint for a new mark, or a mark that is there."),
        )
    if to.startswith(NEW):
        wanted = Wanted(
            node=to.removeprefix(NEW), title=asked.get("title", ""),
            kind=asked.get("kind", "") or PinKind.PROBLEM,
        )  # fmt: skip
        return pinning.make(
            by=here.by, workspace=here.workspace, key=held.key, wanted=wanted, log=here.log,
            proofs=proofs,
        )  # fmt: skip
    number = int(to) if to.isascii() and to.isdecimal() and len(to) <= 9 else 0
    pinning.add_evidence(
        by=here.by, workspace=here.workspace, key=held.key, number=number, proofs=proofs,
        log=here.log,
    )  # fmt: skip
    return pins.get(here.slug, held.key, number)
