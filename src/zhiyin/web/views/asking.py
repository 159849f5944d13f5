"""Who may be asked 触达频控, and when an event asks 触发条件."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from zhiyin.accounts.rights import Right
from zhiyin.collect.models import Distribution
from zhiyin.collect.reaching import (
    distributions,
    rehearsal_words,
    rules,
    triggering,
)
from zhiyin.collect.reaching.rehearsing import MOST_DAYS, Rehearsed
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.web import htmx, personal, trigger_form
from zhiyin.web.views.finding import found_or_404
from zhiyin.web.views.reading import Here, needs

MOST_NAMES = 200
"""Names of events that the form offers."""


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_DATA, to_write=Right.CHANGE_WORKSPACE)
def contact_rules(request: HttpRequest, here: Here) -> HttpResponse:
    """Cool-down, quiet hours, consent and open incidents."""
    given: Mapping[str, Any] = rules.of(here.slug).as_dict()
    problem = None
    if request.method == "POST":
        given = _rules_given(request.POST)
        try:
            changes = rules.read(f"{name}={value}" for name, value in given.items())
            rules.change(by=here.by, workspace=here.slug, **changes)
        except Problem as refused:
            problem = refused
        else:
            messages.success(request, gettext("The rules hold for whoever is judged next."))
            return redirect("contact-rules", slug=here.slug)
    context = {"given": given, "problem": problem, "zone": here.workspace.timezone}
    return render(request, "web/contact_rules.html", context, status=422 if problem else 200)


def _rules_given(posted: Mapping[str, str]) -> dict[str, Any]:
    """What a form says; a switch that is off is not in it."""
    usual = rules.Rules().as_dict()
    return {
        name: name in posted if isinstance(value, bool) else posted.get(name, "").strip()
        for name, value in usual.items()
    }


@require_safe
@needs(Right.SEE_DATA)
def listed(request: HttpRequest, here: Here) -> HttpResponse:
    """The distributions, with the event that asks for each, and what it came to."""
    found = {one.held.key: one for one in triggering.of(here.slug)}
    context = {
        "rows": [
            (held, distributions.CHANNELS[held.channel], found.get(held.key))
            for held in distributions.of(here.slug)
        ],
    }
    return render(request, "web/triggers.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_DATA, to_write=Right.CHANGE_DATA)
def trigger(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """Which event asks for a distribution, with whom it would have asked over the last days."""
    held = found_or_404(lambda: distributions.get(here.slug, key))
    asked = request.POST if request.method == "POST" else request.GET
    typed = trigger_form.given(asked) if "event" in asked else None
    given = typed or trigger_form.of(None, held.sample_share)
    problem, tried = None, None
    try:
        if held.begins:
            # Whoever may not see what it compares with cannot change it either.
            _check(here, str(held.begins.get("where", "")))
            given = typed or trigger_form.of(held.begins, held.sample_share)
        if request.method == "POST":
            return _changed(request, here, held, given)
        if given["event"]:
            tried = _tried(here, held, given)
    except Problem as refused:
        problem = refused
    is_part = htmx.is_part(request)
    context = {
        "held": held,
        "channel": distributions.CHANNELS[held.channel],
        "given": given,
        "problem": problem,
        "tried": tried,
        "words": rehearsal_words.summary(tried) if tried else "",
        "left_out": rehearsal_words.left_out(tried) if tried else [],
        "most_days": MOST_DAYS,
        "is_part": is_part,
        "names": [] if is_part else _names(here),
        "counts": rehearsal_words.counted(triggering.counts(held)),
    }
    template = "web/trigger.html#preview" if is_part else "web/trigger.html"
    return render(request, template, context, status=422 if problem else 200)


def _changed(
    request: HttpRequest, here: Here, held: Distribution, given: Mapping[str, Any]
) -> HttpResponse:
    """Save the trigger, or take it away."""
    if request.POST.get("do") == "remove":
        triggering.remove(by=here.by, workspace=here.slug, key=held.key)
        messages.success(request, gettext("No event asks for it any more."))
        return redirect("triggers", slug=here.slug)
    wanted, share = trigger_form.read(given)
    _check(here, wanted.where)
    triggering.put(
        here.log, by=here.by, workspace=here.slug, key=held.key, trigger=wanted, share=share
    )
    messages.success(request, gettext("Events that arrive from now on ask."))
    return redirect("trigger", slug=here.slug, key=held.key)


def _tried(here: Here, held: Distribution, given: Mapping[str, Any]) -> Rehearsed:
    wanted, share = trigger_form.read(given)
    _check(here, wanted.where)
    return triggering.rehearsed(
        here.log, held, wanted, days=trigger_form.whole(given["days"] or "7"), share=share,
        as_if_live=bool(given["as_if_live"]),
    )  # fmt: skip


def _check(here: Here, where: str) -> None:
    if where.strip():
        personal.check_facts(parse(where).columns(), sees_it=here.sees_personal_data)


def _names(here: Here) -> list[str]:
    names = [seen.name for seen in here.log.catalogue(here.slug) if not seen.property]
    return names[:MOST_NAMES]
