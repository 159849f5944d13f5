"""Surveys of SurveyJS: JSON with pages, panels and elements.

Source: the library's own JSON schema (surveyjs/survey-library, MIT).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from zhiyin.collect.surveys.definition import Ending, Survey, Texts
from zhiyin.collect.surveys.formats import languages, loose
from zhiyin.collect.surveys.formats.brought import Brought
from zhiyin.collect.surveys.formats.draft import Condition, Draft, Quoting
from zhiyin.collect.surveys.formats.surveyjs_elements import Element, ask, by_language, condition
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

DEEPEST = 20
"""Panels in panels."""

_ROOT = frozenset(
    {"title", "description", "locale", "pages", "elements", "questions", "completedHtml",
     "completedHtmlOnCondition", "navigateToUrl", "triggers", "calculatedValues"}
)  # fmt: skip
_PAGE = frozenset(
    {"name", "title", "description", "elements", "questions", "visibleIf", "questionsOrder",
     "questionOrder"}
)  # fmt: skip
_PANEL = frozenset({"type", "name", "title", "description", "elements", "visibleIf"})
_QUOTES = re.compile(r"\{([^\W\d][\w.\-\[\]]*)\}")


def is_one(document: Mapping[str, Any]) -> bool:
    """Whether an object is such a survey, and not one of ours."""
    if "elements" in document or "questions" in document:
        return True
    return any("elements" in loose.table(page) for page in loose.many(document.get("pages")))


def read(document: Mapping[str, Any], name: str) -> Brought:
    """The survey of a document.

    Args:
        name: of the file, for a survey without a title.

    Raises:
        Problem: ``survey.file-broken``, ``survey.file-too-large``.
    """
    return _Reader(document, name).read()


class _Reader:
    def __init__(self, document: Mapping[str, Any], name: str) -> None:
        self._document = document
        self._name = name
        main = languages.code(loose.word(document.get("locale")))
        main = main or languages.of_words(_words(document, 0))
        found = dict.fromkeys(_locales(document, 0))
        self.draft = Draft(
            main, [code for code in found if code], quoting=Quoting(_QUOTES, lambda found: found[1])
        )

    def read(self) -> Brought:
        draft, document = self.draft, self._document
        title = self.texts(document.get("title"), "title", instead=self._name)
        welcome = self.texts(document.get("description"), "description")
        pages = document.get("pages")
        if not isinstance(pages, list):
            parts = ("elements", "questions")
            pages = [{"name": "page1"} | {key: document[key] for key in parts if key in document}]
        for number, page in enumerate(pages, start=1):
            self._page(loose.table(page), number)
        for part in ("triggers", "calculatedValues"):
            for number, one in enumerate(loose.many(document.get(part))):
                said = loose.table(one)
                what = loose.word(said.get("type")) or loose.word(said.get("name")) or part
                draft.lost(f"{part}[{number}]", _("No equal here: {what}.", what=what[:80]))
        self._endings()
        draft.idle("survey", [key for key in document if key not in _ROOT])
        return draft.finish(Survey(title, (), welcome=welcome))

    def texts(self, value: object, element: str, *, instead: str = "") -> Texts:
        """A localisable string: a text, or an object by locale."""
        return self.draft.texts(by_language(value, self.draft.language), element, instead=instead)

    def _page(self, page: dict[str, Any], number: int) -> None:
        name = loose.word(page.get("name")) or f"page{number}"
        order = loose.word(page.get("questionsOrder") or page.get("questionOrder"))
        shown = condition(f"{name}.visibleIf", page.get("visibleIf"))
        self.draft.page(name, shown, is_shuffled=order == "random")
        self._words(page, name, [])
        self.draft.idle(name, [key for key in page if key not in _PAGE])
        self._elements(page, [], 0)

    def _words(self, holder: dict[str, Any], name: str, shown: list[Condition]) -> None:
        title = self.texts(holder.get("title"), name)
        more = self.texts(holder.get("description"), name)
        self.draft.say(f"{name}_title", title, more, shown)

    def _elements(self, holder: dict[str, Any], shown: list[Condition], depth: int) -> None:
        if depth > DEEPEST:
            raise Problem(
                "survey.file-broken",
                _("Panels lie deeper than {most} in one another.", most=DEEPEST),
                _("Take some out of the others."),
            )
        listed = holder.get("elements")
        for value in loose.many(holder.get("questions") if listed is None else listed):
            said = loose.table(value)
            if loose.word(said.get("type")) == "panel":
                self._panel(said, shown, depth)
            else:
                ask(Element(self.draft, said, tuple(shown)))

    def _panel(self, panel: dict[str, Any], shown: list[Condition], depth: int) -> None:
        name = loose.word(panel.get("name")) or "panel"
        within = [*shown, *condition(f"{name}.visibleIf", panel.get("visibleIf"))]
        self._words(panel, name, within)
        self.draft.idle(name, [key for key in panel if key not in _PANEL])
        self._elements(panel, within, depth + 1)

    def _endings(self) -> None:
        draft, document = self.draft, self._document
        for number, one in enumerate(loose.many(document.get("completedHtmlOnCondition"))):
            said, element = loose.table(one), f"completedHtmlOnCondition[{number}]"
            text = self.texts(said.get("html"), element)
            shown = condition(element, said.get("expression"))
            if text and shown:
                draft.endings.append((Ending(text=text), tuple(shown)))
                draft.note(element, "kept")
            else:
                draft.lost(element, _("It has no text or no condition."))
        text = self.texts(document.get("completedHtml"), "completedHtml")
        link = loose.word(document.get("navigateToUrl"))
        if not re.match(r"https?://\S+$", link):
            if link:
                draft.lost("navigateToUrl", _("No equal here: {what}.", what=link[:200]))
            link = ""
        if text or link:
            label = draft.texts({}, "navigateToUrl", instead=link) if link else {}
            title = {} if text else label
            draft.endings.append((Ending(title=title, text=text, link=link, link_label=label), ()))


def _words(value: object, depth: int) -> Iterable[str]:
    """The texts of the document that name no language."""
    if depth > 2 * DEEPEST + 10:
        return
    if isinstance(value, dict):
        for key, one in value.items():
            if isinstance(one, str) and key in ("title", "text", "description", "html", "default"):
                yield one
            else:
                yield from _words(one, depth + 1)
    elif isinstance(value, list):
        for one in value:
            yield from _words(one, depth + 1)


def _locales(value: object, depth: int) -> Iterable[str]:
    """The languages that any text of the document has."""
    if depth > 2 * DEEPEST + 10:
        return
    if isinstance(value, dict):
        if isinstance(value.get("default"), str):
            yield from (languages.code(str(key)) for key in value if key != "default")
        for one in value.values():
            yield from _locales(one, depth + 1)
    elif isinstance(value, list):
        for one in value:
            yield from _locales(one, depth + 1)
