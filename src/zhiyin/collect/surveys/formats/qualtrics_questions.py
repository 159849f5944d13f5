"""The questions of Qualtrics by type and selector."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from zhiyin.collect.surveys.definition import Question, Texts, Type
from zhiyin.collect.surveys.formats import (
    choosing,
    forms,
    languages,
    loose,
    qualtrics_logic,
    scales,
)
from zhiyin.collect.surveys.formats.choosing import Choosing
from zhiyin.collect.surveys.formats.draft import Condition, Draft
from zhiyin.collect.surveys.formats.scales import Listed
from zhiyin.collect.surveys.formats.translating import Target
from zhiyin.kernel.text import _

MOST_CELLS = 200
_ALONE = "ExclusiveAnswer"
_CHOICES: dict[str, Type] = {
    "SAVR": "single", "SAHR": "single", "SACOL": "single", "DL": "dropdown", "SB": "dropdown",
    "MAVR": "multiple", "MAHR": "multiple", "MACOL": "multiple", "MSB": "multiple",
}  # fmt: skip
_CONTENTS: dict[str, Type] = {
    "ValidEmail": "email", "ValidPhone": "phone", "ValidNumber": "number", "ValidDate": "date",
}  # fmt: skip


@dataclass(slots=True)
class Asked:
    """One question, as the file has it.

    Args:
        skipped: conditions of skips that lead over it.
    """

    draft: Draft
    said: dict[str, Any]
    skipped: list[Condition]

    @property
    def id(self) -> str:
        """As conditions of the file name it."""
        return loose.word(self.said.get("QuestionID"))

    @property
    def tag(self) -> str:
        """As files of answers name it."""
        return loose.word(self.said.get("DataExportTag")) or self.id or "question"

    @property
    def selector(self) -> tuple[str, str]:
        """What the type says more exactly."""
        return loose.word(self.said.get("Selector")), loose.word(self.said.get("SubSelector"))

    @property
    def settings(self) -> dict[str, Any]:
        """What is asked of an answer."""
        return loose.table(loose.table(self.said.get("Validation")).get("Settings"))

    def texts(self, *path: str) -> dict[str, str]:
        """A text by language: its place in the question, and in each translation."""
        found: dict[str, str] = {}
        translations = loose.table(self.said.get("Language"))
        for code, holder in ((self.draft.language, self.said), *(
            (languages.code(code), loose.table(value)) for code, value in translations.items()
        )):  # fmt: skip
            value: Any = holder
            for step in path:
                value = loose.table(value).get(step)
            if code and loose.word(value):
                found.setdefault(code, loose.word(value))
        return found

    def question(self, kind: Type) -> Question:
        """What all questions have."""
        randomized = loose.table(self.said.get("Randomization"))
        return Question(
            self.draft.name(self.tag, self.tag),
            kind,
            self.draft.texts(self.texts("QuestionText"), self.tag, instead=self.tag),
            is_required=loose.word(self.settings.get("ForceResponse")) == "ON"
            and kind != "statement",
            is_shuffled=loose.word(randomized.get("Type")) == "All",
        )

    def shown(self) -> list[Condition]:
        """Its own condition, and those of skips."""
        own = qualtrics_logic.condition(f"{self.tag}: DisplayLogic", self.said.get("DisplayLogic"))
        return [*self.skipped, *own]

    def known(self, *parts: str) -> list[str]:
        """How logic and files of answers name it, or a part of it: by id, and by tag."""
        return ["/".join((name, *parts)) for name in (self.id, self.tag)]

    def listed(self, part: str, *, is_coded: bool = True) -> list[tuple[str, Listed]]:
        """Choices or answers in their order, each with the id that logic names it by."""
        held = loose.table(self.said.get(part))
        order = [loose.word(one) for one in loose.many(self.said.get(f"{part[:-1]}Order"))]
        keys = [key for key in order if key in held] or list(held)
        codes = loose.table(self.said.get("RecodeValues")) if is_coded else {}
        outside = loose.table(self.said.get("AnalyzeChoices"))
        return [
            (
                key,
                Listed(
                    loose.word(codes.get(key)) or key,
                    self.texts(part, key, "Display"),
                    loose.word(outside.get(key)).lower() in ("no", "off"),
                ),
            )
            for key in dict.fromkeys([*keys, *(key for key in held if key not in keys)])
        ]

    def conditional(self, part: str, listed: list[tuple[str, Listed]]) -> dict[str, Condition]:
        """Conditions of choices or rows, by value."""
        held = loose.table(self.said.get(part))
        return {
            one.value: condition
            for key, one in listed
            for condition in qualtrics_logic.condition(
                f"{self.tag}/{key}: DisplayLogic", loose.table(held.get(key)).get("DisplayLogic")
            )
        }


def ask(draft: Draft, said: dict[str, Any], skipped: list[Condition]) -> None:
    """Put one question on the page, or say why it is lost."""
    one = Asked(draft, said, skipped)
    kind, selector = loose.word(said.get("QuestionType")), one.selector[0]
    reader = _READERS.get(kind)
    if reader is None or (kind == "DB" and selector not in ("TB", "")):
        what = " ".join(filter(None, (kind, selector)))[:60]
        draft.lost(one.tag, _("Questions of type {type} have no equal here.", type=what))
        return
    reader(one)
    left = [key for key in ("DefaultChoices", "QuestionJS", "ChoiceGroups", "DynamicChoices",
                            "CarryForward", "GradingData") if said.get(key)]  # fmt: skip
    draft.idle(one.tag, left)


def _choice(one: Asked) -> None:
    draft = one.draft
    selector = one.selector[0]
    if selector == "NPS":
        _nps(one)
        return
    kind = _CHOICES.get(selector)
    if kind is None:
        draft.changed(one.tag, _("Selector {what} is a choice of one here.", what=selector[:30]))
        kind = "single"
    made = one.question(kind)
    if kind == "multiple":
        bounds = (loose.number(one.settings.get(end)) for end in ("MinChoices", "MaxChoices"))
        least, most = (bound or None for bound in bounds)
        made = msgspec.structs.replace(made, at_least=least, at_most=most)
    given = choices_of(one)
    each: dict[str, list[str]] = {}
    if kind == "multiple":
        each = {value: one.known(key) for key, value in given.ids.items()}
    choosing.ask(draft, made, one.tag, given, known_as=one.known(), each=each, shown=one.shown())


def choices_of(one: Asked) -> Choosing:
    """The choices of a question: the one that is typed apart, what excludes others marked."""
    listed = one.listed("Choices")
    held = loose.table(one.said.get("Choices"))
    other, ids, alone = "", {}, set()
    rest: list[tuple[str, Listed]] = []
    for key, choice in listed:
        own = loose.table(held.get(key))
        ids[key] = choice.value
        is_typed = loose.is_yes(own.get("TextEntry"))
        if is_typed and not other and scales.is_other(choice.label):
            other = choice.value
            continue
        if is_typed:
            one.draft.lost(f"{one.tag}/{key}", _("What is typed beside this choice."))
        if loose.is_yes(own.get(_ALONE)):
            alone.add(choice.value)
        rest.append((key, choice))
    values = [choice.value for _key, choice in rest]
    if len(set(values)) < len(values):
        one.draft.changed(one.tag, _("Two of its choices have one recoded value: ids instead."))
        rest = [(key, Listed(key, c.label, c.is_outside)) for key, c in rest]
        ids = {key: key for key in ids}
        alone = {key for key, _c in rest if loose.is_yes(loose.table(held[key]).get(_ALONE))}
    conditional = one.conditional("Choices", rest)
    return Choosing([c for _key, c in rest], other, frozenset(alone), conditional, ids)


def _nps(one: Asked) -> None:
    made = one.question("nps")
    made = msgspec.structs.replace(made, is_shuffled=False)
    held = loose.table(one.said.get("Choices"))
    values: dict[str, str | None] = {}
    for key, listed in one.listed("Choices"):
        label = next(iter(listed.label.values()), "")
        score = label if loose.whole(label) is not None else listed.value
        values[key] = score if loose.whole(score) in range(11) else None
    if len(values) != 11 or None in values.values():
        values = {str(key): str(key) for key in range(11)}
        if held:
            one.draft.changed(one.tag, _("Its scale is that of NPS, from 0 to 10."))
    columns = loose.table(one.said.get("ColumnLabels"))
    ends = [loose.word(loose.table(value).get("Display")) for value in columns.values()]
    if len(ends) >= 2:
        low, high = (
            one.draft.texts({one.draft.language: end}, one.tag) for end in (ends[0], ends[-1])
        )
        made = msgspec.structs.replace(made, low=low, high=high)
    known = dict.fromkeys(one.known(), Target(made.name, made, values))
    one.draft.ask(made, one.tag, known_as=known, shown=one.shown())


def _text(one: Asked) -> None:
    selector = one.selector[0]
    if selector == "FORM":
        _form(one)
        return
    kind: Type = "comment" if selector in ("ML", "ESTB") else "text"
    if selector == "PW":
        one.draft.changed(one.tag, _("Input of type {type} is a text here.", type="PW"))
    kind = _CONTENTS.get(loose.word(one.settings.get("ContentType")), kind)
    made = msgspec.structs.replace(one.question(kind), is_shuffled=False)
    if kind == "number":
        numbers = loose.table(one.settings.get("ValidNumber"))
        made = msgspec.structs.replace(
            made,
            at_least=loose.number(numbers.get("Min")),
            at_most=loose.number(numbers.get("Max")),
        )
    elif kind in ("text", "comment"):
        longest = loose.number(one.settings.get("TotalChars") or one.settings.get("MaxChars"))
        made = msgspec.structs.replace(made, at_most=longest or None)
    one.draft.ask(made, one.tag, known_as=one.known(), shown=one.shown())


def _file(one: Asked) -> None:
    made = msgspec.structs.replace(one.question("file"), is_shuffled=False)
    forms.ask_file(one.draft, made, one.tag, known_as=one.known(), shown=one.shown())


def _form(one: Asked) -> None:
    _each(one, "text")


def _each(one: Asked, kind: Type, low: float | None = None, high: float | None = None) -> None:
    """A question for each choice, under one title."""
    draft = one.draft
    draft.changed(one.tag, _("Each of its rows is a question of its own here."))
    made = one.question(kind)
    conditional = one.conditional("Choices", one.listed("Choices", is_coded=False))
    for key, choice in one.listed("Choices", is_coded=False):
        asked = msgspec.structs.replace(
            made,
            name=draft.name(f"{made.name}_{key}"),
            title=_under(made.title, choice),
            is_shuffled=False,
            at_least=low,
            at_most=high,
        )
        own = [conditional[key]] if key in conditional else []
        draft.ask(asked, f"{one.tag}_{key}", known_as=one.known(key),
                  shown=[*one.shown(), *own])  # fmt: skip


def _under(title: Texts, row: Listed) -> Texts:
    first = next(iter(row.label.values()), row.value)
    return {code: f"{text}\n{row.label.get(code) or first}" for code, text in title.items()}


def _matrix(one: Asked) -> None:
    selector, under = one.selector
    if selector not in ("Likert", "Bipolar", "TE", "Profile"):
        one.draft.lost(
            one.tag,
            _("Questions of type {type} have no equal here.", type=f"Matrix {selector}"[:60]),
        )
        return
    if selector == "TE":
        _cells(one)
        return
    kind: Type = "multiple" if under == "MultipleAnswer" else "matrix"
    _grid(one, one.question(kind), one.listed("Choices", is_coded=False))


def _grid(one: Asked, made: Question, rows: list[tuple[str, Listed]]) -> None:
    answers = one.listed("Answers")
    values = [listed.value for _key, listed in answers]
    if len(set(values)) < len(values):
        one.draft.changed(one.tag, _("Two of its choices have one recoded value: ids instead."))
        answers = [(key, Listed(key, c.label, c.is_outside)) for key, c in answers]
    given = Choosing(
        [listed for _key, listed in answers],
        shown=one.conditional("Answers", answers) if made.type != "matrix" else {},
        ids={key: listed.value for key, listed in answers},
    )
    if not rows or not answers:
        one.draft.lost(one.tag, _("It has no rows or columns, or too many."))
        return
    known = {row.value: one.known(key) for key, row in rows}
    choosing.grid(one.draft, made, one.tag, [row for _key, row in rows], given, known_as=known,
                  shown=one.shown(), row_shown=one.conditional("Choices", rows))  # fmt: skip


def _cells(one: Asked) -> None:
    draft = one.draft
    rows = one.listed("Choices", is_coded=False)
    columns = one.listed("Answers", is_coded=False)
    if not rows or not columns or len(rows) * len(columns) > MOST_CELLS:
        draft.lost(one.tag, _("It has no rows or columns, or too many."))
        return
    draft.changed(one.tag, _("Each of its cells or columns is a question of its own here."))
    kind: Type = "text" if one.selector[1] == "Short" else "comment"
    made = one.question(kind)
    for key, row in rows:
        for under, column in columns:
            asked = msgspec.structs.replace(
                made,
                name=draft.name(f"{made.name}_{key}_{under}"),
                title=_under(_under(made.title, row), column),
                is_shuffled=False,
            )
            draft.ask(asked, f"{one.tag}_{key}_{under}", known_as=one.known(key, under),
                      shown=one.shown())  # fmt: skip


def _side_by_side(one: Asked) -> None:
    """Columns that are questions of their own over the same rows."""
    draft = one.draft
    draft.changed(one.tag, _("Each of its cells or columns is a question of its own here."))
    for key, value in loose.table(one.said.get("AdditionalQuestions")).items():
        column = {**loose.table(value), "Choices": one.said.get("Choices"),
                  "ChoiceOrder": one.said.get("ChoiceOrder"), "QuestionType": "Matrix",
                  "QuestionID": f"{one.id}#{key}", "DataExportTag": f"{one.tag}_{key}",
                  "DisplayLogic": one.said.get("DisplayLogic"),
                  "Validation": one.said.get("Validation")}  # fmt: skip
        column.setdefault("Selector", "Likert")
        inner = Asked(draft, column, one.skipped)
        own = inner.texts("QuestionText")
        column["QuestionText"] = "\n".join(
            filter(None, (loose.word(one.said.get("QuestionText")), own.get(draft.language, "")))
        )
        _matrix(inner)


def _words(one: Asked) -> None:
    made = msgspec.structs.replace(one.question("statement"), is_shuffled=False)
    one.draft.ask(made, one.tag, shown=one.shown())


def _ranking(one: Asked) -> None:
    choosing.ask(one.draft, one.question("ranking"), one.tag, choices_of(one), known_as=one.known(),
                 shown=one.shown())  # fmt: skip


def _sum(one: Asked) -> None:
    one.draft.lost(one.tag, _("That the numbers make a sum is not checked."))
    _each(one, "number", 0.0)


def _slider(one: Asked) -> None:
    configuration = loose.table(one.said.get("Configuration"))
    if one.selector[0] == "STAR":
        count = loose.whole(configuration.get("StarCount")) or 5
        given = [Listed(str(number), {}) for number in range(1, min(count, 100) + 1)]
        rows = one.listed("Choices", is_coded=False)
        made = msgspec.structs.replace(one.question("matrix"), look="stars")
        known = {row.value: one.known(key) for key, row in rows}
        choosing.grid(one.draft, made, one.tag, [row for _key, row in rows], Choosing(given),
                      known_as=known, shown=one.shown())  # fmt: skip
        return
    one.draft.changed(one.tag, _("A slider is a number here."))
    low, high = (loose.number(configuration.get(f"CSSlider{end}")) for end in ("Min", "Max"))
    _each(one, "number", 0.0 if low is None else low, 100.0 if high is None else high)


_READERS: dict[str, Callable[[Asked], None]] = {
    "MC": _choice, "NPS": _nps, "TE": _text, "Matrix": _matrix, "SBS": _side_by_side,
    "DB": _words, "RO": _ranking, "CS": _sum, "Slider": _slider, "FileUpload": _file,
}  # fmt: skip
