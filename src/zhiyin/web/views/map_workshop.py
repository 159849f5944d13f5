"""The workshop 共创: a page on which several people edit one map at once, and what its script asks.

Whoever sees figures may look on; who may write surveys and segments edits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhiyin.accounts.rights import Right
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.kernel.text import _
from zhiyin.maps import actions, kept, telling, trying
from zhiyin.maps.document import RULES, said
from zhiyin.maps.models import JourneyMap, Operation
from zhiyin.maps.operations import Wanted
from zhiyin.web import personal
from zhiyin.web.views.finding import found_or_404
from zhiyin.web.views.reading import Here, needs, person_of
from zhiyin.web.workshop import page

MOST_AT_ONCE = 100
"""Operations that come together; an editor that was long without a network sends several times."""
MOST_SINCE = 300
"""Who has missed more is told the whole draft, which is shorter."""

Sent = TypeVar("Sent")


class Undo(msgspec.Struct, forbid_unknown_fields=True):
    """Which operation is taken back, as `actions.undo` has it."""

    id: str
    number: int
    seen: int


class Decision(msgspec.Struct, forbid_unknown_fields=True):
    """Which of two values holds, as `actions.settle` has it."""

    number: int
    takes: bool


class Version(msgspec.Struct, forbid_unknown_fields=True):
    """What is new in a version."""

    notes: str = ""


class Held(msgspec.Struct, forbid_unknown_fields=True):
    """Which part a page is at, as ``node:refund``."""

    visitor: str
    holds: str = ""


@require_safe
@needs(Right.SEE_FIGURES)
def workshop(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """The page; with ``add``, it begins with a new touchpoint for an event of that name."""
    held = _found(here, key)
    add = request.GET.get("add", "").strip()[: page.LONGEST_NAME]
    begins = page.begin(here, held, person_of(request).login, add)
    title = said(kept.draft(held).name) or key
    return render(request, "web/workshop.html", {"held": held, "title": title, "begins": begins})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_FIGURES, to_write=Right.DEFINE)
def operations(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """What came after a number, or the whole draft; by POST, one operation or several in order.

    One is answered with what became of it, or 422; each of several with either, so that one that
    cannot be hinders none of the others.
    """
    if request.method != "POST":
        return JsonResponse(_since(request, here, _found(here, key)))
    try:
        wanted: Wanted | list[Wanted] = _read(request, Wanted | list[Wanted])  # type: ignore[arg-type]
    except Problem as problem:
        return _refused(problem)
    if isinstance(wanted, Wanted):
        return _answered(here, lambda: _performed(here, key, wanted))
    if len(wanted) > MOST_AT_ONCE:
        return _refused(_too_many())
    return JsonResponse({"done": [_told(here, key, one) for one in wanted]})


@require_POST
@needs(Right.DEFINE)
def undo(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """Take an operation back."""

    def undone() -> Operation:
        sent = _read(request, Undo)
        return actions.undo(
            by=here.by, workspace=here.slug, key=key, number=sent.number, id_=sent.id,
            seen=sent.seen,
        )  # fmt: skip

    return _answered(here, undone)


@require_POST
@needs(Right.DEFINE)
def settle(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """Decide which of two values holds."""

    def settled() -> Operation:
        sent = _read(request, Decision)
        return actions.settle(
            by=here.by, workspace=here.slug, key=key, number=sent.number, takes=sent.takes
        )

    return _answered(here, settled)


@require_POST
@needs(Right.DEFINE)
def keep(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """Keep the draft as a version, which pages show from now on."""
    try:
        notes = _read(request, Version).notes
        made = found_or_404(
            lambda: actions.keep(by=here.by, workspace=here.slug, key=key, notes=notes)
        )
    except Problem as problem:
        return _refused(problem)
    return JsonResponse({"version": made.number})


@require_POST
@needs(Right.SEE_FIGURES)
def holding(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """Which part somebody is at: the others see it, and nobody is kept from anything."""
    _found(here, key)
    try:
        sent = _read(request, Held)
    except Problem as problem:
        return _refused(problem)
    telling.of_holding(
        here.slug, key, visitor=sent.visitor, who=person_of(request).login, holds=sent.holds
    )
    return HttpResponse(status=204)


@require_safe
@needs(Right.DEFINE)
def try_rule(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """How many events or answers a rule finds, and of how many customers."""
    _found(here, key)
    table: trying.Facts = "answers" if request.GET.get("facts") == "answers" else "events"
    rule = request.GET.get("rule", "")
    try:
        personal.check_facts(parse(rule).columns(), sees_it=here.sees_personal_data)
        found = trying.tried(here.log, here.workspace, rule, table)
    except Problem as problem:
        return _refused(problem)
    return JsonResponse(found.as_dict())


@require_safe
@needs(Right.SEE_FIGURES)
def marks(request: HttpRequest, here: Here, key: str, node: str) -> HttpResponse:
    """What is pinned to a touchpoint, as its own page shows it."""
    return render(request, "web/pins_of_node.html", {"held": _found(here, key), "node": node})


def _since(request: HttpRequest, here: Here, held: JourneyMap) -> dict[str, Any]:
    me, after = person_of(request).login, request.GET.get("after", "")
    if not _is_number(after) or not 0 <= held.number - int(after) <= MOST_SINCE:
        return page.whole(here, held, me)
    came = kept.since(held, int(after))
    if any(one.does == "put" for one in came):
        return page.whole(here, held, me)
    return {
        "number": int(after) + len(came),
        "operations": [page.told(one, sees_it=here.sees_personal_data) for one in came],
        "stream": page.stream(here, held, me),
    }


def _told(here: Here, key: str, wanted: Wanted) -> dict[str, Any]:
    """What became of one of several."""
    try:
        done = found_or_404(lambda: _performed(here, key, wanted))
        return page.told(done, sees_it=here.sees_personal_data)
    except Problem as problem:
        return {"id": wanted.id, "problem": problem.as_dict()}


def _performed(here: Here, key: str, wanted: Wanted) -> Operation:
    part = wanted.value if isinstance(wanted.value, dict) else {wanted.field: wanted.value}
    for rule in map(part.get, RULES):
        if isinstance(rule, str) and rule:
            personal.check_facts(parse(rule).columns(), sees_it=here.sees_personal_data)
    return actions.perform(by=here.by, workspace=here.slug, key=key, wanted=wanted)


def _answered(here: Here, doing: Callable[[], Operation]) -> HttpResponse:
    try:
        return JsonResponse(page.told(found_or_404(doing), sees_it=here.sees_personal_data))
    except Problem as problem:
        return _refused(problem)


def _refused(problem: Problem) -> HttpResponse:
    return JsonResponse(problem.as_dict(), status=422)


def _found(here: Here, key: str) -> JourneyMap:
    return found_or_404(lambda: kept.get(here.slug, key))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _read(request: HttpRequest, of: type[Sent]) -> Sent:
    try:
        return msgspec.json.decode(request.body, type=of)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(
            "map.not-read",
            _("What was sent cannot be read."),
            _("Load the page again."),
        ) from error


def _too_many() -> Problem:
    return Problem(
        "map.too-many-at-once",
        _("At most {most} changes come together.", most=MOST_AT_ONCE),
        _("Send the others after them."),
    )
