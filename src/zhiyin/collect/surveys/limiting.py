"""Quotas, welcome questions, strengths of needs, endings that lead on: what of them cannot be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from zhiyin.collect.surveys.definition import CHOSEN, NAME, SCORED, Question, Survey
from zhiyin.collect.surveys.fault import Fault
from zhiyin.collect.surveys.validating import idle
from zhiyin.kernel.text import _

MOST_QUOTAS = 50


def faults(survey: Survey) -> Iterator[Fault]:
    """Everything that is wrong with them."""
    yield from _of_quotas(survey)
    for number, ending in enumerate(survey.endings):
        if ending.is_redirect and not ending.link:
            yield Fault(
                f"/endings/{number}/is_redirect", "survey.redirect",
                _("The ending leads on, and has no link."),
                _("Give it a link, or let it stay."),
            )  # fmt: skip
    before: dict[str, Question] = {}
    for page_number, page in enumerate(survey.pages):
        for count, question in enumerate(page.questions):
            at = f"/pages/{page_number}/questions/{count}"
            if question.is_welcome and question.type not in ("single", "dropdown"):
                yield idle(f"{at}/is_welcome", question)
            if question.strength_of:
                yield from _of_strength(at, question, before)
            before.setdefault(question.name, question)


def _of_quotas(survey: Survey) -> Iterator[Fault]:
    if len(survey.quotas) > MOST_QUOTAS:
        yield Fault(
            "/quotas", "survey.many-quotas",
            _("A survey has at most {most} quotas.", most=MOST_QUOTAS),
            _("Put some of them together."),
        )  # fmt: skip
    names: Counter[str] = Counter()
    for number, quota in enumerate(survey.quotas):
        at = f"/quotas/{number}"
        names[quota.name] += 1
        if not NAME.fullmatch(quota.name) or names[quota.name] == 2:
            yield Fault(
                f"{at}/name", "survey.quota-name",
                _("“{name}” cannot be the name of a quota, or is there twice.",
                  name=quota.name[:60]),
                _("Begin with a letter; up to 59 letters, digits and underscores follow."),
            )  # fmt: skip
        if not quota.shown_if:
            yield Fault(
                f"{at}/shown_if", "survey.quota-of-all",
                _("The quota {name} has no condition.", name=quota.name[:60]),
                _("Say which responses count in it; of all, most_responses is the limit."),
            )  # fmt: skip
        if quota.most < 1:
            yield Fault(
                f"{at}/most", "survey.quota-most",
                _("The quota {name} would be full before anybody answers.", name=quota.name[:60]),
                _("Let it take at least one response, or leave it out."),
            )  # fmt: skip


def _of_strength(at: str, question: Question, before: dict[str, Question]) -> Iterator[Fault]:
    asked = before.get(question.strength_of)
    if question.type not in SCORED:
        yield idle(f"{at}/strength_of", question)
    elif asked is None or asked.type not in CHOSEN or not asked.need:
        yield Fault(
            f"{at}/strength_of", "survey.strength-of",
            _("{name}: {other} asks for no need before it.",
              name=question.name[:60], other=question.strength_of[:60]),
            _("Name an earlier question with choices and a need."),
        )  # fmt: skip
