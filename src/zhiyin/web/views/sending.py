"""Sending a survey 投放: how it stands, whom it asks, in which words."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhiyin.accounts.rights import Right
from zhiyin.collect.models import Channel
from zhiyin.collect.reaching import distributions, people, planning, trying
from zhiyin.collect.surveys import definition
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.figures import count
from zhiyin.kernel.text import _, language
from zhiyin.web import sending_page
from zhiyin.web.log import the_log
from zhiyin.web.views.finding import found_or_404
from zhiyin.web.views.reading import Here, needs, person_of


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.PUBLISH)
def new(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """A form for another way in which a survey is sent; the channel is chosen first."""
    survey = found_or_404(lambda: sending_page.of_survey(here.slug, key))
    chosen = request.POST.get("channel") or request.GET.get("channel", "")
    channel = chosen if chosen in Channel.values else Channel.EMAIL.value
    problem = None
    if request.method == "POST":
        try:
            made = distributions.create(
                by=here.by, workspace=here.slug, survey=key,
                key=request.POST.get("key", "").strip(),
                asked=sending_page.asked(request.POST.dict(), channel=channel),
            )  # fmt: skip
        except Problem as refused:
            problem = refused
        else:
            messages.success(request, gettext("It is made; it asks nobody yet."))
            return redirect("distribution", slug=here.slug, key=made.key)
    given = request.POST.dict() if request.method == "POST" else None
    context = {
        "survey": survey,
        "channel": channel,
        "channels": distributions.CHANNELS.items(),
        "given": given or {"share": "100", "reminders": "3, 7"},
        "spoken": sending_page.spoken(survey, channel, given, {}),
        "problem": problem,
    }
    return render(request, "web/new_distribution.html", context, status=422 if problem else 200)


@require_safe
@needs(Right.SEE_FIGURES)
def distribution(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """How one stands, and what it says."""
    held = found_or_404(lambda: distributions.get(here.slug, key))
    page = sending_page.build(here.log, held)
    return render(request, "web/distribution.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.PUBLISH)
def words(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """Change what it says and whom it asks."""
    held = found_or_404(lambda: distributions.get(here.slug, key))
    problem = None
    if request.method == "POST":
        try:
            before = distributions.read(distributions.as_asked(held))
            asked = sending_page.asked(request.POST.dict(), channel=held.channel, before=before)
            distributions.change(by=here.by, workspace=here.slug, key=key, asked=asked)
        except Problem as refused:
            problem = refused
        else:
            messages.success(request, gettext("It is changed: letters that wait say it so."))
            return redirect("distribution", slug=here.slug, key=key)
    now = {
        "name": held.name,
        "share": f"{held.sample_share * 100:g}",
        "reminders": ", ".join(map(str, held.reminders)),
        "has_first_question": held.has_first_question,
    }
    given = request.POST.dict() if request.method == "POST" else None
    context = {
        "held": held,
        "channel": held.channel,
        "given": given or now,
        "spoken": sending_page.spoken(held.survey, held.channel, given, held.texts),
        "problem": problem,
    }
    status = 422 if problem else 200
    return render(request, "web/distribution_words.html", context, status=status)


@require_POST
@needs(Right.PUBLISH)
def change(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """Pause it or go on, send again what is uncertain, or send oneself a letter."""
    held = found_or_404(lambda: distributions.get(here.slug, key))
    does = request.POST.get("do", "")
    try:
        if does == "again":
            n = distributions.send_uncertain(by=here.by, workspace=here.slug, key=key)
            said = gettext("%(n)s will be sent again.") % {"n": count(n)}
        elif does == "test":
            code = request.POST.get("language") or definition.language_of(language())
            trying.send_test(
                held, to=person_of(request).email, language=code, fields=sending_page.PREVIEWED
            )
            said = gettext("The letter is on its way to you.")
        else:
            is_paused = does == "pause"
            distributions.pause(by=here.by, workspace=here.slug, key=key, is_paused=is_paused)
            said = gettext("It is paused.") if is_paused else gettext("It goes on.")
    except Problem as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, said)
    return redirect("distribution", slug=here.slug, key=key)


@require_POST
@needs(Right.PUBLISH, personal=True)
def ask(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """Ask a list of people."""
    held = found_or_404(lambda: distributions.get(here.slug, key))
    chosen = request.FILES.get("people")
    try:
        if chosen is None:
            raise Problem(
                "survey.no-people",
                _("No file was chosen."),
                _("Choose a CSV file with a column customer."),
            )
        with tempfile.NamedTemporaryFile(suffix=".csv") as file:
            for chunk in chosen.chunks():
                file.write(chunk)
            file.flush()
            listed = people.read(
                Path(file.name), channel=held.channel, zone=here.workspace.timezone
            )
        # Whether somebody may be asked is judged by all that is known, whoever brings the list.
        done = planning.plan(the_log(), by=here.by, distribution=held, people=listed)
    except Problem as problem:
        messages.error(request, str(problem))
    else:
        said = gettext(
            "%(planned)s are to be asked, %(withheld)s are not, %(already)s were before."
        )
        numbers = {
            "planned": count(done.planned),
            "withheld": count(sum(done.withheld.values())),
            "already": count(done.already),
        }
        messages.success(request, said % numbers)
    return redirect("distribution", slug=here.slug, key=key)
