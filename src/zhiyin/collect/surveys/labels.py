"""How the surveys of a workspace ask their questions: what a file of their answers must know."""

from __future__ import annotations

from zhiyin.accounts.workspaces import settings_of
from zhiyin.collect.exports.asked import Asked, Several
from zhiyin.collect.surveys import kept, wordings
from zhiyin.collect.surveys.definition import MANY, OTHER, Item, Survey, language_of, said


def by_surveys(workspace: str, *, key: str | None = None) -> dict[str, Asked]:
    """Every question that a published version asks, by series, in the order of the newest; in the
    language of the workspace where a survey has it, else in its own.

    Args:
        key: of one survey; None: of all.

    Raises:
        Problem: ``survey.none``.
    """
    language = language_of(settings_of(workspace).language)
    found: dict[str, Asked] = {}
    for held in kept.of(workspace) if key is None else [kept.get(workspace, key)]:
        for _number, survey in reversed(kept.versions(held)):
            for item in survey.items():
                found.setdefault(item.series, _asked(item, survey, language))
    return found


def _asked(item: Item, survey: Survey, language: str) -> Asked:
    question = item.question
    title = wordings.title(question, language, survey)
    if item.row is not None:
        title = f"{title}: {said(item.row.label, language, survey)}"
    choices = {one.value: said(one.label, language, survey) for one in question.choices}
    if question.has_other:
        choices[OTHER] = OTHER
    several: Several | None = None
    if question.type in MANY:
        several = "places" if question.type == "ranking" else "choices"
    return Asked(title, choices, question.has_other, several)
