"""A survey on companies' own sites 网站弹窗: its rules, made, changed, switched on and off."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from zhiyin.accounts.rights import Right
from zhiyin.collect.models import Survey
from zhiyin.collect.surveys import kept as kept_surveys
from zhiyin.collect.widgets import actions, kept, placing
from zhiyin.collect.widgets.definition import Rule
from zhiyin.collect.widgets.models import WidgetRule
from zhiyin.kernel.errors import Problem
from zhiyin.unify import segments
from zhiyin.web import htmx, surveys_page, widget_page
from zhiyin.web.views.finding import found_or_404
from zhiyin.web.views.reading import Here, needs

MOST_NAMES = 200
"""Names of events that the form offers."""


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_FIGURES, to_write=Right.PUBLISH)
def widgets(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """The rules of a survey, the line for the site, and a form for a new rule."""
    survey = found_or_404(lambda: kept_surveys.get(here.slug, key))
    rows = [(one, kept.rule(one)) for one in kept.of(here.slug, key)]
    more = {"rows": rows, "snippet": placing.snippet(here.slug)}
    return _form(request, here, survey, None, more)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_FIGURES, to_write=Right.PUBLISH)
def widget(request: HttpRequest, here: Here, key: str, name: str) -> HttpResponse:
    """One rule: changed, switched on and off, removed."""
    survey = found_or_404(lambda: kept_surveys.get(here.slug, key))
    held = found_or_404(lambda: kept.get(here.slug, name))
    if held.survey_id != survey.pk:
        return redirect("widget", slug=here.slug, key=held.survey.key, name=name)
    return _form(request, here, survey, held, {})


def _form(
    request: HttpRequest, here: Here, survey: Survey, held: WidgetRule | None, more: dict[str, Any]
) -> HttpResponse:
    asked = request.POST if request.method == "POST" else request.GET
    name = held.name if held else asked.get("name", "").strip()
    texts = widget_page.of(kept.rule(held) if held else Rule())
    preview, problem = None, None
    try:
        if request.method == "POST" and (done := _done(request, here, survey, held, name)):
            return done
        if "origins" in asked:
            texts = widget_page.given(asked)
        if texts["origins"]:
            rule = widget_page.read(texts)
            preview = widget_page.preview(survey, rule, held.seed if held else None)
    except Problem as refused:
        texts = widget_page.given(asked) if "origins" in asked else texts
        problem = refused
    is_part = htmx.is_part(request)
    context = {
        "survey": survey, "title": surveys_page.title_of(survey), "held": held, "name": name,
        "given": texts, "preview": preview, "problem": problem,
        "events": [] if is_part else _events(here),
        "segments": [] if is_part else segments.of(here.slug),
        **widget_page.menus(), **more,
    }  # fmt: skip
    template = "web/widgets.html#preview" if is_part else "web/widgets.html"
    return render(request, template, context, status=422 if problem and not is_part else 200)


def _done(
    request: HttpRequest, here: Here, survey: Survey, held: WidgetRule | None, name: str
) -> HttpResponse | None:
    """Do what the form says. Raises the problem that hinders it."""
    does = request.POST.get("do", "save")
    if held and does in ("on", "off"):
        actions.switch(by=here.by, workspace=here.slug, name=name, is_on=does == "on")
        said = gettext("It asks within a minute.") if does == "on" else gettext("It asks nobody.")
        messages.success(request, said)
        return redirect("widget", slug=here.slug, key=survey.key, name=name)
    if held and does == "remove":
        actions.remove(by=here.by, workspace=here.slug, name=name)
        messages.success(request, gettext("The rule is removed."))
        return redirect("widgets", slug=here.slug, key=survey.key)
    if held is None and kept.of(here.slug).filter(name=name).exists():
        raise actions.name_taken(name)
    says = widget_page.read(widget_page.given(request.POST)).as_dict()
    actions.put(by=here.by, workspace=here.slug, survey=survey.key, name=name, says=says)
    messages.success(request, gettext("The rule is kept."))
    return redirect("widget", slug=here.slug, key=survey.key, name=name)


def _events(here: Here) -> list[str]:
    names = [seen.name for seen in here.log.catalogue(here.slug) if not seen.property]
    return names[:MOST_NAMES]
