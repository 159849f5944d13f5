"""Every text of a survey: its name, which stays when others move, and where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from zhiyin.collect.surveys import wordings
from zhiyin.collect.surveys.definition import Question, Survey, Texts


@dataclass(frozen=True, slots=True)
class Spoken:
    """One text in all its languages.

    Args:
        name: as ``recommend.title`` or ``recommend.choices.slow.label``.
        place: into the document (RFC 6901), without the language.
        texts: as the document has it; blank where a fixed wording stands for it.
        is_wanted: it must be there.
        fixed: the wording that stands where it is blank.
        asker: the question that says it; None: the survey itself, or an ending.
    """

    name: str
    place: str
    texts: Texts
    is_wanted: bool = False
    fixed: Texts | None = None
    asker: Question | None = None

    @property
    def shown(self) -> Texts:
        """What customers read: its own words, else the fixed ones."""
        return self.texts or self.fixed or {}


def of(survey: Survey) -> Iterator[Spoken]:
    """Every text, in the order of the document."""
    yield Spoken("title", "/title", survey.title, is_wanted=True)
    says_company = any(_says_company(one) for one in survey.questions())
    yield Spoken("company", "/company", survey.company, is_wanted=says_company)
    yield Spoken("welcome", "/welcome", survey.welcome)
    yield Spoken("privacy", "/privacy", survey.privacy)
    for number, page in enumerate(survey.pages):
        for count, question in enumerate(page.questions):
            yield from _of_question(f"/pages/{number}/questions/{count}", question)
    for number, ending in enumerate(survey.endings):
        name, at = f"endings.{number + 1}", f"/endings/{number}"
        yield Spoken(f"{name}.title", f"{at}/title", ending.title, is_wanted=not ending.text)
        yield Spoken(f"{name}.text", f"{at}/text", ending.text)
        label = ending.link_label
        yield Spoken(f"{name}.link_label", f"{at}/link_label", label, is_wanted=bool(ending.link))


def _of_question(at: str, one: Question) -> Iterator[Spoken]:
    fixed = wordings.of(one)
    name = one.name
    # Of its own words a question needs those that the fixed wording lacks.
    yield Spoken(f"{name}.title", f"{at}/title", one.title, True, fixed.title, one)
    yield Spoken(f"{name}.help", f"{at}/help", one.help, asker=one)
    yield Spoken(f"{name}.low", f"{at}/low", one.low, fixed=fixed.low, asker=one)
    yield Spoken(f"{name}.high", f"{at}/high", one.high, fixed=fixed.high, asker=one)
    yield Spoken(f"{name}.wrong", f"{at}/wrong", one.wrong, asker=one)
    for part, listed in (("choices", one.choices), ("rows", one.rows)):
        for number, choice in enumerate(listed):
            label = f"{name}.{part}.{choice.value}.label"
            yield Spoken(label, f"{at}/{part}/{number}/label", choice.label, True, asker=one)


def _says_company(question: Question) -> bool:
    return not question.title and "{company}" in "".join(wordings.of(question).title.values())
