"""What people do to marks on journey maps: make, change, comment, vote, give evidence, remove."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from zhiyin.accounts.rights import Right
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.periods import read_day
from zhiyin.kernel.text import _
from zhiyin.maps import kept, pinning, pins
from zhiyin.maps.audits import touchpoints
from zhiyin.maps.models import JourneyMap, Pin, PinKind, PinStatus
from zhiyin.maps.pin_wanted import Wanted, wanted_of
from zhiyin.maps.pinning import Proof, ProofKind
from zhiyin.web import faults, pins_page
from zhiyin.web.views.finding import found_or_404
from zhiyin.web.views.pins import context_of, writes
from zhiyin.web.views.reading import Here, needs, person_of

FIELDS = ("kind", "node", "title", "says", "status", "owner", "due_on")
DIGITS = 9
"""Of a revision."""


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_FIGURES)
def make(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """A form for a new mark of a map, its touchpoint perhaps chosen by the address."""
    held = found_or_404(lambda: kept.get(here.slug, key))
    if not writes(here):
        return faults.not_allowed(request, Right.DEFINE, here.access)
    given = _given(request.POST if request.method == "POST" else request.GET)
    problem = None
    if request.method == "POST":
        try:
            made = pinning.make(
                by=here.by, workspace=here.workspace, key=key, wanted=_wanted(given),
                log=here.log, proofs=_proofs(request.POST),
            )  # fmt: skip
        except Problem as refused:
            problem = refused
        else:
            messages.success(request, gettext("The mark is on the map."))
            return redirect(place(here, made))
    context = {**_form(here, held), "given": given, "problem": problem}
    return render(request, "web/pin_form.html", context, status=422 if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_FIGURES)
def change(request: HttpRequest, here: Here, key: str, number: int) -> HttpResponse:
    """A form with what a mark says; from its page, how far it is alone."""
    pin = found_or_404(lambda: pins.get(here.slug, key, number))
    if not pins.may_progress(pin, person_of(request), writes=writes(here)):
        return faults.not_allowed(request, Right.DEFINE, here.access)
    stands = wanted_of(pin)
    given, problem = _as_given(stands), None
    wanted = stands
    if request.method == "POST":
        form = request.POST
        is_whole = "title" in form
        given = _given(form) if is_whole else {**given, "status": form.get("status", "")}
        try:
            wanted = _wanted(given)
            pinning.change(
                by=here.by, workspace=here.workspace, key=key, number=number,
                revision=_revision(form), wanted=wanted, writes=writes(here),
            )  # fmt: skip
        except Problem as refused:
            problem = refused
        else:
            messages.success(request, gettext("The mark is changed."))
            return redirect(place(here, pin))
    elif not writes(here):
        return redirect(place(here, pin))
    context = {
        **_form(here, pin.map),
        "pin": pin,
        "given": given,
        "problem": problem,
        "stands": pins_page.differing(wanted, stands, touchpoints(pin.map))
        if problem is not None and problem.code == "pins.changed"
        else (),
    }
    return render(request, "web/pin_form.html", context, status=422 if problem else 200)


@require_POST
@needs(Right.SEE_FIGURES)
def comment(request: HttpRequest, here: Here, key: str, number: int) -> HttpResponse:
    """Say something about a mark."""
    pin = found_or_404(lambda: pins.get(here.slug, key, number))
    text = request.POST.get("text", "")
    try:
        pinning.say(by=here.by, workspace=here.workspace, key=key, number=number, text=text)
    except Problem as problem:
        return _again(request, here, pin, problem, text=text)
    return redirect(place(here, pin) + "#comments")


@require_POST
@needs(Right.SEE_FIGURES)
def vote(request: HttpRequest, here: Here, key: str, number: int) -> HttpResponse:
    """Vote for a mark, or take that back."""
    pin = found_or_404(lambda: pins.get(here.slug, key, number))
    pinning.vote(
        by=here.by, workspace=here.workspace, key=key, number=number,
        login=person_of(request).login, is_for=request.POST.get("is_for") == "1",
    )  # fmt: skip
    return redirect(place(here, pin))


@require_POST
@needs(Right.SEE_FIGURES)
def add_evidence(request: HttpRequest, here: Here, key: str, number: int) -> HttpResponse:
    """Let a mark rest on a figure or a link more."""
    pin = found_or_404(lambda: pins.get(here.slug, key, number))
    if not pins.may_progress(pin, person_of(request), writes=writes(here)):
        return faults.not_allowed(request, Right.DEFINE, here.access)
    try:
        pinning.add_evidence(
            by=here.by, workspace=here.workspace, key=key, number=number,
            proofs=_proofs(request.POST), log=here.log, writes=writes(here),
        )  # fmt: skip
    except Problem as problem:
        written = {name: request.POST.get(name, "") for name in ("proof", "address")}
        return _again(request, here, pin, problem, **written)
    return redirect(place(here, pin) + "#evidence")


@require_POST
@needs(Right.SEE_FIGURES)
def remove_evidence(
    request: HttpRequest, here: Here, key: str, number: int, proof: int
) -> HttpResponse:
    """Let a mark rest on one thing less."""
    pin = found_or_404(lambda: pins.get(here.slug, key, number))
    if not pins.may_progress(pin, person_of(request), writes=writes(here)):
        return faults.not_allowed(request, Right.DEFINE, here.access)
    try:
        pinning.remove_evidence(
            by=here.by, workspace=here.workspace, key=key, number=number, proof=proof,
            writes=writes(here),
        )  # fmt: skip
    except Problem as problem:
        return _again(request, here, pin, problem)
    return redirect(place(here, pin) + "#evidence")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_FIGURES)
def remove(request: HttpRequest, here: Here, key: str, number: int) -> HttpResponse:
    """Ask once, then take a mark off the map."""
    pin = found_or_404(lambda: pins.get(here.slug, key, number))
    if not writes(here):
        return faults.not_allowed(request, Right.DEFINE, here.access)
    if request.method == "POST":
        pinning.remove(by=here.by, workspace=here.workspace, key=key, number=number)
        messages.success(request, gettext("The mark is removed."))
        return redirect("pins", slug=here.slug, key=key)
    (row,) = pins_page.rows_with_names(here.workspace, [pin])
    return render(request, "web/remove_pin.html", {"row": row, "pin": pin})


def place(here: Here, pin: Pin) -> str:
    """Where a mark is shown."""
    return reverse("pin", args=[here.slug, pin.map.key, pin.number])


def _again(
    request: HttpRequest, here: Here, pin: Pin, problem: Problem, **more: Any
) -> HttpResponse:
    """The page of a mark with what was refused, and what was written, in its place."""
    context = context_of(request, here, pin, problem=problem, written=more)
    return render(request, "web/pin.html", context, status=422)


def _form(here: Here, held: JourneyMap) -> dict[str, Any]:
    return {
        "held": held,
        "map_name": pins_page.name_of(held),
        "touchpoints": touchpoints(held).items(),
        "members": pins_page.members(here.workspace),
        "kinds": pins.KINDS.items(),
        "statuses": pins.STATUSES.items(),
    }


def _given(form: QueryDict) -> dict[str, Any]:
    given: dict[str, Any] = {name: form.get(name, "") for name in FIELDS}
    return {**given, "contributors": form.getlist("contributors")}


def _as_given(stands: Wanted) -> dict[str, Any]:
    given = {name: getattr(stands, name) for name in (*FIELDS, "contributors")}
    return {**given, "due_on": stands.due_on.isoformat() if stands.due_on else ""}


def _wanted(given: dict[str, Any]) -> Wanted:
    return Wanted(
        node=given["node"],
        title=given["title"],
        kind=given["kind"] or PinKind.PROBLEM,
        says=given["says"],
        status=given["status"] or PinStatus.OPEN,
        owner=given["owner"],
        contributors=tuple(given["contributors"]),
        due_on=read_day(given["due_on"].strip(), _("The day")),
    )


def _proofs(form: QueryDict) -> list[Proof]:
    """A figure or a link; words come from where they are read."""
    kind, address = form.get("proof", ""), form.get("address", "")
    return [Proof(cast("ProofKind", kind), address)] if kind in ("figure", "link") else []


def _revision(form: QueryDict) -> int:
    text = form.get("revision", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= DIGITS else 0
