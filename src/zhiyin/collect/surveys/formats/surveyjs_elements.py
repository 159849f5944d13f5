"""The questions of SurveyJS, one by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from zhiyin.collect.surveys.definition import Look, Question, Texts, Type
from zhiyin.collect.surveys.formats import (
    choosing,
    expressions,
    forms,
    languages,
    loose,
    scales,
)
from zhiyin.collect.surveys.formats.choosing import Choosing
from zhiyin.collect.surveys.formats.draft import Condition, Draft
from zhiyin.collect.surveys.formats.scales import Listed
from zhiyin.collect.surveys.formats.translating import condition as translated
from zhiyin.kernel.text import _

_TYPES: dict[str, Type] = {
    "radiogroup": "single", "buttongroup": "single", "imagepicker": "single",
    "dropdown": "dropdown", "checkbox": "multiple", "tagbox": "multiple", "ranking": "ranking",
}  # fmt: skip
_INPUTS: dict[str, Type] = {
    "": "text", "text": "text", "email": "email", "number": "number", "range": "number",
    "date": "date", "tel": "phone",
}  # fmt: skip
_LOOKS: dict[str, Look] = {"stars": "stars", "smileys": "faces"}
_HANDLED = frozenset({"type", "name", "title", "description", "isRequired", "visibleIf"})
MOST_CELLS = 200


@dataclass(slots=True)
class Element:
    """One element of a document.

    Args:
        said: its keys.
        shown: conditions of the panels that it stands in.
        used: keys that have an equal.
    """

    draft: Draft
    said: dict[str, Any]
    shown: tuple[Condition, ...]
    used: set[str] = field(default_factory=lambda: set(_HANDLED))

    @property
    def name(self) -> str:
        """As conditions of the document name it."""
        return loose.word(self.said.get("name")) or "question"

    @property
    def type(self) -> str:
        """Its type; a text where it says nothing."""
        return loose.word(self.said.get("type")) or "text"

    def get(self, key: str) -> Any:
        """The value of a key, which has an equal here."""
        self.used.add(key)
        return self.said.get(key)

    def texts(self, value: object, *, instead: str = "") -> Texts:
        """A localisable string of it."""
        given = by_language(value, self.draft.language)
        return self.draft.texts(given, self.name, instead=instead)

    def question(self, kind: Type) -> Question:
        """What all questions have."""
        return Question(
            self.draft.name(self.name, self.name),
            kind,
            self.texts(self.said.get("title"), instead=self.name),
            self.texts(self.said.get("description")),
            is_required=loose.is_yes(self.said.get("isRequired")),
        )

    def conditions(self) -> list[Condition]:
        """Those of its panels, and its own."""
        return [*self.shown, *condition(f"{self.name}.visibleIf", self.said.get("visibleIf"))]

    def listed(self, key: str) -> list[Listed]:
        """Items of a list: values, or objects with value and text."""
        found = []
        for item in loose.many(self.get(key)):
            if isinstance(item, dict):
                value = loose.word(item.get("value"))
                label = by_language(item.get("text"), self.draft.language)
            else:
                value, label = loose.word(item), {}
            if value:
                found.append(Listed(value, label))
        return found

    def shown_by(self, key: str) -> dict[str, Condition]:
        """Conditions of the items of a list, by value."""
        found: dict[str, Condition] = {}
        for item in loose.many(self.said.get(key)):
            said = loose.table(item) if isinstance(item, dict) else {}
            value = loose.word(said.get("value"))
            for one in condition(f"{self.name}.{key}[{value}].visibleIf", said.get("visibleIf")):
                found[value] = one
        return found


def condition(element: str, says: object) -> list[Condition]:
    """The condition of an element; none where it is blank."""
    written = loose.word(says)
    if not written:
        return []
    return [Condition(element, written, lambda find: translated(expressions.read(written), find))]


def by_language(value: object, main: str) -> dict[str, str]:
    """A localisable string by our codes."""
    if not isinstance(value, dict):
        written = loose.word(value)
        return {main: written} if written else {}
    found: dict[str, str] = {}
    for locale, text in value.items():
        code = main if locale == "default" else languages.code(str(locale))
        if code and loose.word(text):
            found.setdefault(code, loose.word(text))
    return found


def ask(element: Element) -> None:
    """Put one element on the page, or say why it is lost."""
    kind = element.type
    reader = _READERS.get(kind)
    if kind in _TYPES:
        _choice(element, _TYPES[kind])
    elif reader is not None:
        reader(element)
    else:
        element.draft.lost(
            element.name, _("Questions of type {type} have no equal here.", type=kind[:60])
        )
        return
    element.draft.idle(element.name, [key for key in element.said if key not in element.used])


def _choice(element: Element, kind: Type) -> None:
    draft = element.draft
    listed = element.listed("choices")
    other = ""
    for keys, value, default in (
        (("showNoneItem", "hasNone"), "none", "None"),
        (("showOtherItem", "hasOther"), "other", ""),
    ):
        if any(loose.is_yes(element.get(key)) for key in keys):
            if value == "other":
                other = "other"
            else:
                text = element.get("noneText") or default
                listed.append(Listed(value, by_language(text, draft.language)))
    if other and element.get("otherText"):
        draft.changed(element.name, _("The typed choice is called “Other” here."))
    question = element.question(kind)
    order = loose.word(element.get("choicesOrder"))
    bounds = (loose.number(element.get(f"{end}SelectedChoices")) for end in ("min", "max"))
    least, most = (one or None for one in bounds)
    question = msgspec.structs.replace(
        question,
        is_shuffled=order == "random",
        has_dont_know=loose.is_yes(element.get("showDontKnowItem")),
        at_least=least if kind == "multiple" else None,
        at_most=most if kind == "multiple" else None,
    )
    if order in ("asc", "desc"):
        draft.lost(element.name, _("No equal here: {what}.", what=f"choicesOrder: {order}"))
    given = Choosing(
        listed, other, frozenset({"none"}), element.shown_by("choices"),
    )  # fmt: skip
    choosing.ask(draft, question, element.name, given, known_as=[element.name],
                 shown=element.conditions())  # fmt: skip


def _rating(element: Element) -> None:
    draft = element.draft
    listed = element.listed("rateValues")
    if not listed:
        least = loose.whole(element.get("rateMin"))
        most = loose.whole(element.get("rateMax"))
        count, step = loose.whole(element.get("rateCount")), loose.whole(element.get("rateStep"))
        low, step = 1 if least is None else least, max(1, step or 1)
        high = most if most is not None else low + step * ((count or 5) - 1)
        listed = [Listed(str(n), {}) for n in range(low, min(high, low + 1000) + 1, step)]
    question = element.question("rating")
    scale = scales.of(listed)
    if scale is None:
        draft.changed(element.name, _("It is no scale of whole numbers: a choice instead."))
        question = msgspec.structs.replace(question, type="single")
        choosing.ask(draft, question, element.name, Choosing(listed),
                     known_as=[element.name], shown=element.conditions())  # fmt: skip
        return
    made = choosing.scored(draft, question, element.name, scale)
    low_text = element.texts(element.get("minRateDescription")) or made.low
    high_text = element.texts(element.get("maxRateDescription")) or made.high
    look = loose.word(element.get("rateType") or element.get("displayMode"))
    element.used |= {"rateType", "displayMode", "rateMin", "rateMax", "rateCount"}
    made = msgspec.structs.replace(
        made,
        low=low_text,
        high=high_text,
        look=_LOOKS.get(look, "numbers") if made.scale[0] == 1 else "numbers",
        direction=scales.direction(low_text, high_text),
    )
    score = scales.score_of(made.title, replace(scale, low=low_text, high=high_text))
    if score is not None:
        made = choosing.as_score(draft, made, element.name, score)
    draft.ask(made, element.name, known_as=[element.name], shown=element.conditions())


def _boolean(element: Element) -> None:
    language = element.draft.language
    labels = [("true", "labelTrue", "Yes"), ("false", "labelFalse", "No")]
    listed = []
    values: dict[str, str] = {}
    for truth, key, default in labels:
        given = element.get(key)
        listed.append(Listed(truth, by_language(given or default, language)))
        own = loose.word(element.get("valueTrue" if truth == "true" else "valueFalse"))
        if own:
            values[own] = truth
    choosing.ask(element.draft, element.question("single"), element.name,
                 Choosing(listed, ids=values), known_as=[element.name],
                 shown=element.conditions())  # fmt: skip


def _text(element: Element) -> None:
    kind = _INPUTS.get(loose.word(element.get("inputType")))
    if element.type == "comment":
        kind = "comment"
    if kind is None:
        element.draft.changed(
            element.name,
            _("Input of type {type} is a text here.", type=loose.word(element.said["inputType"])),
        )
        kind = "text"
    least, most = loose.number(element.get("min")), loose.number(element.get("max"))
    longest = loose.number(element.get("maxLength"))
    form, wrong = "", {}
    for value in loose.many(element.get("validators")):
        said = loose.table(value)
        match loose.word(said.get("type")):
            case "email" if kind == "text":
                kind = "email"
            case "numeric" if kind in ("text", "number"):
                kind = "number"
                least = loose.number(said.get("minValue")) if least is None else least
                most = loose.number(said.get("maxValue")) if most is None else most
            case "text" if kind in ("text", "comment"):
                least, longest = (
                    loose.number(said.get("minLength")),
                    loose.number(said.get("maxLength")),
                )
            case "regex" if (
                kind in ("text", "comment")
                and not form
                and (
                    form := forms.pattern(
                        loose.word(said.get("regex")),
                        ignores_case=loose.is_yes(said.get("caseInsensitive")),
                    )
                )
            ):
                wrong = element.texts(said.get("text"))
            case other:
                element.draft.lost(
                    f"{element.name}.validators",
                    _("A check of type {type} has no equal here.", type=other[:60]),
                )
    if kind in ("text", "comment"):
        least, most = least or None, longest if longest and longest > 0 else None
    elif kind != "number":
        if least is not None or most is not None:
            element.draft.lost(element.name, _("No equal here: {what}.", what="min, max"))
        least = most = None
    made = msgspec.structs.replace(
        element.question(kind), at_least=least, at_most=most, pattern=form, wrong=wrong
    )
    element.draft.ask(made, element.name, known_as=[element.name], shown=element.conditions())


def _file(element: Element) -> None:
    forms.ask_file(element.draft, element.question("file"), element.name,
                   known_as=[element.name], shown=element.conditions())  # fmt: skip


def _html(element: Element) -> None:
    text = element.texts(element.get("html"))
    name = element.name
    if not text:
        element.draft.lost(name, _("It shows no words."))
        return
    made = Question(element.draft.name(name, name), "statement", text)
    element.draft.ask(made, name, shown=element.conditions())


def _slider(element: Element) -> None:
    least, most = (loose.number(element.get(end)) for end in ("min", "max"))
    element.draft.changed(element.name, _("A slider is a number here."))
    made = msgspec.structs.replace(
        element.question("number"),
        at_least=0.0 if least is None else least,
        at_most=100.0 if most is None else most,
    )
    element.draft.ask(made, element.name, known_as=[element.name], shown=element.conditions())


def _matrix(element: Element) -> None:
    name = element.name
    rows = element.listed("rows")
    kind: Type = "multiple" if loose.word(element.get("cellType")) == "checkbox" else "matrix"
    if not rows:
        element.draft.lost(name, _("It has no rows."))
        return
    element.used.add("isAllRowRequired")
    question = msgspec.structs.replace(
        element.question(kind),
        is_shuffled=loose.word(element.get("rowsOrder") or element.get("rowOrder")) == "random",
    )
    known = {row.value: [f"{name}.{row.value}"] for row in rows}
    choosing.grid(element.draft, question, name, rows, Choosing(element.listed("columns")),
                  known_as=known, shown=element.conditions(),
                  row_shown=element.shown_by("rows"))  # fmt: skip


def _cells(element: Element) -> None:
    """A matrix whose columns are questions: a matrix for each score, else a question a cell."""
    draft, name = element.draft, element.name
    rows = element.listed("rows")
    columns = [loose.table(one) for one in loose.many(element.get("columns"))]
    if not rows or not columns or len(rows) * len(columns) > MOST_CELLS:
        draft.lost(name, _("It has no rows or columns, or too many."))
        return
    draft.changed(name, _("Each of its cells or columns is a question of its own here."))
    title = element.texts(element.said.get("title"), instead=name)
    choices = element.get("choices")
    for column in columns:
        cell = loose.word(column.get("cellType") or element.get("cellType")) or "dropdown"
        heading = loose.word(column.get("name"))
        label = by_language(column.get("title"), draft.language) or {draft.language: heading}
        for row in rows:
            words = {
                code: "\n".join(
                    part for part in (text, row.label.get(code) or row.value,
                                      label.get(code) or heading) if part
                )
                for code, text in title.items()
            }  # fmt: skip
            said = {"choices": choices, **column, "type": cell, "title": {"default": words.pop(
                draft.language), **words}, "name": f"{name}_{row.value}_{heading}"}  # fmt: skip
            said.pop("cellType", None)
            if choices is None and not column.get("choices"):
                said.pop("choices")
            ask(Element(draft, said, tuple(element.conditions())))


def _items(element: Element) -> None:
    """Several texts under one title: a question each."""
    element.draft.changed(element.name, _("Each of its rows is a question of its own here."))
    title = element.texts(element.said.get("title"), instead=element.name)
    for value in loose.many(element.get("items")):
        said = loose.table(value)
        item = loose.word(said.get("name")) or "item"
        label = by_language(said.get("title"), element.draft.language)
        words = {code: f"{text}\n{label.get(code) or item}" for code, text in title.items()}
        own = {**said, "type": "text", "name": f"{element.name}_{item}",
               "title": {"default": words.pop(element.draft.language), **words}}  # fmt: skip
        ask(Element(element.draft, own, tuple(element.conditions())))


_READERS: dict[str, Callable[[Element], None]] = {
    "rating": _rating, "boolean": _boolean, "text": _text, "comment": _text, "html": _html,
    "slider": _slider, "matrix": _matrix, "matrixdropdown": _cells, "multipletext": _items,
    "file": _file,
}  # fmt: skip
