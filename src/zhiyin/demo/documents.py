"""The surveys of Qingchuan Air as documents, in the versions to which its customers answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zhiyin.collect.surveys.definition import Choice, Page, Question, Survey, Texts
from zhiyin.demo import questionnaires
from zhiyin.demo.questionnaires import FLIGHT, RECOMMEND_VERSION_2, RELATIONSHIP, SURVEYS
from zhiyin.demo.touchpoints import RATED, TOUCHPOINTS, Touchpoint

if TYPE_CHECKING:  # it is read after Django is set up, not before
    from zhiyin.accounts.audit import Actor
    from zhiyin.accounts.workspaces import Settings

COLOUR = "#0a5c7a"


def versions(survey: questionnaires.Survey) -> list[Survey]:
    """What was asked, the oldest version first."""
    first = _document(survey, [_question(one, survey) for one in survey.questions])
    if survey is not RELATIONSHIP:
        return [first]
    recommend, *others = first.questions()
    worded = Question(recommend.name, recommend.type, _both(*RECOMMEND_VERSION_2))
    return [first, _document(survey, [*others, worded])]


def add(workspace: Settings, *, by: Actor) -> None:
    """Publish those that the workspace does not have."""
    from zhiyin.collect.models import Survey as Kept
    from zhiyin.collect.surveys import actions

    known = set(Kept.objects.filter(workspace__slug=workspace.slug).values_list("key", flat=True))
    for survey in SURVEYS:
        if survey.slug in known:
            continue
        first, *later = versions(survey)
        actions.create(by=by, workspace=workspace.slug, key=survey.slug, survey=first)
        actions.publish(by=by, workspace=workspace.slug, key=survey.slug)
        for revision, document in enumerate(later, start=1):
            actions.save(
                by=by, workspace=workspace.slug, key=survey.slug, survey=document,
                revision=revision,
            )  # fmt: skip
            # Asked otherwise and taken for the same: one of the traps of the company's history.
            actions.publish(
                by=by, workspace=workspace.slug, key=survey.slug, decisions={"recommend": "same"}
            )


def remove(workspace: Settings, *, by: Actor) -> None:
    """Take out those that nobody has changed."""
    from django.db import transaction

    from zhiyin.accounts import audit
    from zhiyin.collect.models import Survey as Kept
    from zhiyin.collect.surveys import kept, snapshot

    ours = {survey.slug: versions(survey) for survey in SURVEYS}
    for held in Kept.objects.filter(workspace__slug=workspace.slug, key__in=list(ours)):
        wanted = ours[held.key]
        published = [document for _number, document in kept.versions(held)]
        if published == wanted and kept.draft(held) == wanted[-1]:
            audit.record(
                by=by, action="survey.removed", subject=held.key, workspace=workspace.slug,
                before={"id": held.public_id},
            )  # fmt: skip
            held.delete()
    transaction.on_commit(snapshot.publish)


def _document(survey: questionnaires.Survey, questions: Sequence[Question]) -> Survey:
    scored = tuple(one for one in questions if one.type not in ("single", "comment"))
    said = tuple(one for one in questions if one.type in ("single", "comment"))
    # What was asked last was on a page of its own.
    last = scored[-1:] if survey is RELATIONSHIP and questions[-1].type == "nps" else ()
    pages = [Page("scores", tuple(one for one in scored if one not in last)), Page("why", said)]
    if last:
        pages.append(Page("last", last))
    return Survey(
        title=_both(survey.english, survey.chinese),
        pages=tuple(pages),
        language="zh-Hans",
        languages=("en",),
        company=_both("Qingchuan Air", "晴川航空"),
        colour=COLOUR,
        touchpoint=survey.touchpoint or "",
    )


def _question(one: questionnaires.Question, survey: questionnaires.Survey) -> Question:
    title = _both(one.english, one.chinese)
    kind = one.kind
    touchpoint = one.touchpoint or ""
    match one.metric:
        case "choice":
            choices = tuple(Choice(t.slug, _both(t.english, t.chinese)) for t in _reasons(survey))
            return Question(one.name, "single", title, choices=choices, touchpoint=touchpoint)
        case "text":
            return Question(one.name, "comment", title, touchpoint=touchpoint)
    low, high = one.scale or (None, None)
    is_nps = one.metric == "nps"
    return Question(
        one.name, one.metric, title, kind=kind, touchpoint=touchpoint,  # type: ignore[arg-type]
        scale_min=None if is_nps else low, scale_max=None if is_nps else high,
        has_not_applicable=one.name.startswith("rate_"),
    )  # fmt: skip


def _reasons(survey: questionnaires.Survey) -> tuple[Touchpoint, ...]:
    """What may be named: of a flight what was rated, of one touchpoint itself, else everything."""
    if survey is FLIGHT:
        return tuple(TOUCHPOINTS[place] for place in RATED)
    return tuple(t for t in TOUCHPOINTS if survey.touchpoint in (None, t.slug))


def _both(english: str, chinese: str) -> Texts:
    return {"en": english, "zh-Hans": chinese}
