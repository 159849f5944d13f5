"""The survey builder: a page that edits the draft of a survey, and what its script asks."""

from __future__ import annotations

import secrets
from typing import Any, TypeVar

import msgspec
from csp.decorators import csp_update
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhiyin.accounts.rights import Right
from zhiyin.collect.models import Survey
from zhiyin.collect.surveys import actions, definition, differing, kept, texts, trying
from zhiyin.collect.surveys.html import page as shown
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _, in_customers_language
from zhiyin.web import surveys_page
from zhiyin.web.building import labels, logic, page, planned, trial_page
from zhiyin.web.views.finding import found_or_404
from zhiyin.web.views.reading import Here, needs

STALE = "survey.stale"

Sent = TypeVar("Sent")


class Edited(msgspec.Struct, forbid_unknown_fields=True):
    """A draft as the builder sends it; the document is read by the definition itself."""

    document: msgspec.Raw
    revision: int


class Publication(msgspec.Struct, forbid_unknown_fields=True):
    """What is decided when a draft is published; `beside` and `share` as `actions.publish` has
    them."""

    revision: int
    series: dict[str, str] = {}
    notes: str = ""
    beside: int | None = None
    share: float = 0.5


class Accepted(msgspec.Struct, forbid_unknown_fields=True):
    """A translation that holds as it is; `place` points to its text in the document."""

    language: str
    place: str
    revision: int


@csp_update({"frame-src": ["'self'"]})  # type: ignore[arg-type] # it knows views of one argument
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.DEFINE)
def edit(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """The builder; its changes come by POST, and 409 says what somebody else has made of it."""
    held = found_or_404(lambda: kept.get(here.slug, key))
    if request.method == "POST":
        return _kept(request, here, key)
    begins = page.begin(held, here.slug, may_publish=here.access.may(Right.PUBLISH))
    title = surveys_page.title_of(held)
    context = {
        "held": held, "title": title, "begins": begins, "usual": planned.USUAL,
        "measures": planned.MEASURES,
    }  # fmt: skip
    return render(request, "web/edit_survey.html", context)


def _kept(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    try:
        sent = _read(request, Edited)
        survey = definition.read(bytes(sent.document))
        actions.save(
            by=here.by, workspace=here.slug, key=key, survey=survey, revision=sent.revision
        )
    except Problem as problem:
        return _refused(here, key, problem)
    return JsonResponse(page.state(kept.get(here.slug, key)))


@require_POST
@needs(Right.PUBLISH)
def publish(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """Publish the draft with what was decided about its series."""
    found_or_404(lambda: kept.get(here.slug, key))
    try:
        sent = _read(request, Publication)
        actions.publish(
            by=here.by, workspace=here.slug, key=key, decisions=sent.series, notes=sent.notes,
            revision=sent.revision, beside=sent.beside, share=sent.share,
        )  # fmt: skip
    except Problem as problem:
        return _refused(here, key, problem)
    # A new series stands in the draft too.
    return JsonResponse(page.conflict(kept.get(here.slug, key)))


@require_POST
@needs(Right.DEFINE)
def accept(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """Let a translation hold although the text that it translates was changed."""
    held = found_or_404(lambda: kept.get(here.slug, key))
    try:
        sent = _read(request, Accepted)
        name = next((one.name for one in texts.of(kept.draft(held)) if one.place == sent.place), "")
        actions.accept(
            by=here.by, workspace=here.slug, key=key, language=sent.language,
            names=[name], revision=sent.revision,
        )  # fmt: skip
    except Problem as problem:
        return _refused(here, key, problem)
    return JsonResponse(page.state(kept.get(here.slug, key)))


@require_safe
@needs(Right.DEFINE)
@xframe_options_sameorigin
def preview(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """A page of the draft as customers see it, in a frame of the builder's."""
    survey = kept.draft(found_or_404(lambda: kept.get(here.slug, key)))
    language = request.GET.get("lang", "")
    if language not in survey.spoken():
        language = survey.language
    name, ending = request.GET.get("p", ""), _whole(request.GET.get("e", ""))
    with in_customers_language(language):
        answer = HttpResponse(shown.preview(survey, name, language, ending=ending))
    answer["Content-Security-Policy"] = shown.preview_policy(survey.colour)
    return answer


@require_safe
@needs(Right.DEFINE)
def drawn(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """The display logic as a drawing with its table."""
    survey = kept.draft(found_or_404(lambda: kept.get(here.slug, key)))
    return render(request, "web/survey_logic.html", {"logic": logic.of(survey)})


@require_safe
@needs(Right.DEFINE)
def trial(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """Simulated responses through the real logic; nothing of them is kept."""
    survey = kept.draft(found_or_404(lambda: kept.get(here.slug, key)))
    size = _whole(request.GET.get("n", "200"))
    try:
        found = trying.tried(survey, n=size, seed=secrets.randbelow(10**6))
    except Problem as problem:
        return render(request, "web/survey_trial.html", {"problem": problem}, status=422)
    context = {"trial": found, "rows": trial_page.rows(survey, found)}
    return render(request, "web/survey_trial.html", context)


@require_safe
@needs(Right.DEFINE)
def plan(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """What so many answers will tell."""
    found_or_404(lambda: kept.get(here.slug, key))
    try:
        found = planned.planned(request.GET.dict())
    except Problem as problem:
        context = {"problem": problem}
        return render(request, "web/survey_plan.html", context, status=422)
    return render(request, "web/survey_plan.html", {"plan": found})


@require_safe
@needs(Right.DEFINE)
def versions(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """What was published, the newest first, each with what it has otherwise than the one before."""
    held = found_or_404(lambda: kept.get(here.slug, key))
    return render(request, "web/survey_versions.html", {"versions": _versions(held)})


def _versions(held: Survey) -> list[dict[str, Any]]:
    documents = dict(kept.versions(held))
    rows: list[dict[str, Any]] = []
    for one in held.versions.order_by("number"):
        before = documents.get(one.number - 1)
        found = [] if before is None else differing.differences(before, documents[one.number])
        rows.append({
            **kept.version_as_dict(one),
            "percent": None if one.share is None else f"{one.share * 100:g}",
            "changes": [labels.told(change) for change in found],
        })  # fmt: skip
    if documents and (newest := documents[max(documents)]) != (draft := kept.draft(held)):
        changes = [labels.told(change) for change in differing.differences(newest, draft)]
        rows.append({"number": None, "changes": changes})
    return rows[::-1]


def _whole(text: str) -> int:
    """A whole number that was asked for; 0 where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def _read(request: HttpRequest, of: type[Sent]) -> Sent:
    try:
        return msgspec.json.decode(request.body, type=of)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(
            "survey.not-read",
            _("What was sent cannot be read."),
            _("Load the page again."),
        ) from error


def _refused(here: Here, key: str, problem: Problem) -> HttpResponse:
    found = problem.as_dict()
    if problem.code == STALE:
        return JsonResponse({**found, "now": page.conflict(kept.get(here.slug, key))}, status=409)
    if problem.code == "survey.none":
        raise Http404
    return JsonResponse(found, status=422)
