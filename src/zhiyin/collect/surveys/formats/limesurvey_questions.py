"""The questions of LimeSurvey by type, which is one letter or sign."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import msgspec

from zhiyin.collect.surveys.definition import Question, Texts, Type
from zhiyin.collect.surveys.formats import choosing, forms, loose
from zhiyin.collect.surveys.formats.choosing import Choosing
from zhiyin.collect.surveys.formats.draft import Condition, together
from zhiyin.collect.surveys.formats.limesurvey_source import Source
from zhiyin.collect.surveys.formats.scales import Listed
from zhiyin.collect.surveys.formats.translating import Find, Target, equal, negated
from zhiyin.collect.surveys.formats.xmlrows import Row
from zhiyin.kernel.filters import Node
from zhiyin.kernel.text import _

MOST_CELLS = 200
_WRITTEN: dict[str, Type] = {"S": "text", "T": "comment", "U": "comment"}
_WORDS: dict[str, Texts] = {
    "Yes": {"zh-Hans": "是", "zh-Hant": "是", "de": "Ja", "fr": "Oui", "es": "Sí", "it": "Sì",
            "pt": "Sim", "ru": "Да"},
    "No": {"zh-Hans": "否", "zh-Hant": "否", "de": "Nein", "fr": "Non", "es": "No", "it": "No",
           "pt": "Não", "ru": "Нет"},
    "Uncertain": {"zh-Hans": "不确定", "zh-Hant": "不確定", "de": "Unsicher", "fr": "Incertain",
                  "es": "Dudoso", "it": "Incerto", "pt": "Incerto", "ru": "Не уверен"},
    "Female": {"zh-Hans": "女", "zh-Hant": "女", "de": "Weiblich", "fr": "Féminin",
               "es": "Femenino", "it": "Femmina", "pt": "Feminino", "ru": "Женский"},
    "Male": {"zh-Hans": "男", "zh-Hant": "男", "de": "Männlich", "fr": "Masculin",
             "es": "Masculino", "it": "Maschio", "pt": "Masculino", "ru": "Мужской"},
    "Increase": {"zh-Hans": "增加", "zh-Hant": "增加", "de": "Zunahme", "fr": "Augmentation",
                 "es": "Aumentar", "it": "Aumento", "pt": "Aumento", "ru": "Увеличение"},
    "Same": {"zh-Hans": "不变", "zh-Hant": "不變", "de": "Gleich", "fr": "Sans changement",
             "es": "Igual", "it": "Uguale", "pt": "Igual", "ru": "Без изменений"},
    "Decrease": {"zh-Hans": "减少", "zh-Hant": "減少", "de": "Abnahme", "fr": "Diminution",
                 "es": "Disminuir", "it": "Diminuzione", "pt": "Diminuição", "ru": "Уменьшение"},
}  # fmt: skip
"""What LimeSurvey offers by itself, and no file says; by the English word."""

_FIXED: dict[str, tuple[tuple[str, str], ...]] = {
    "Y": (("Y", "Yes"), ("N", "No")),
    "G": (("F", "Female"), ("M", "Male")),
    "C": (("Y", "Yes"), ("N", "No"), ("U", "Uncertain")),
    "E": (("I", "Increase"), ("S", "Same"), ("D", "Decrease")),
}
_LOST = {"I": _("switching the language"), "*": _("calculating")}
_PREG = re.compile(r"\s*(?P<edge>[/#~!])(?P<body>.*)(?P=edge)(?P<flags>[a-zA-Z]*)\s*", re.DOTALL)
_USED = frozenset(
    {"min_answers", "max_answers", "min_num_value_n", "max_num_value_n", "maximum_chars",
     "exclude_all_others", "random_order", "array_filter", "array_filter_exclude",
     "multiflexible_min", "multiflexible_max", "answer_order", "numbers_only", "id",
     "relevance"}
)  # fmt: skip
_LOOKS = ("statistics_", "location_map", "display_", "time_limit", "hide_tip", "text_input",
          "answer_width", "save_as_default", "samechoiceheight", "samelistheight", "cssclass",
          "printable_", "page_break", "label_input", "repeat_headings", "category_separator",
          "public_statistics", "assessment_value", "showpopups", "fix_", "keep_aspect", "crop_",
          "horizontal_",
          "input_boxes", "other_position", "random_group_", "slider_layout")  # fmt: skip


@dataclass(slots=True)
class Lime:
    """One question, with what its type says nothing about."""

    source: Source
    row: Row
    attributes: dict[str, str]

    @property
    def name(self) -> str:
        """Its code, as conditions of the file name it."""
        return self.row.get("title") or f"Q{self.row.get('qid', '')}"

    @property
    def qid(self) -> str:
        """Its number, as the tables name it."""
        return self.row.get("qid", "")

    def question(self, kind: Type) -> Question:
        """What all questions have."""
        draft = self.source.draft
        texts = self.source.question_texts
        is_mandatory = self.row.get("mandatory", "N") in ("Y", "S")
        return Question(
            draft.name(self.name, self.name),
            kind,
            draft.texts(texts(self.qid, "question"), self.name, instead=self.name),
            draft.texts(texts(self.qid, "help"), self.name),
            is_required=is_mandatory,
            is_shuffled=self.attributes.get("random_order") == "1"
            or self.attributes.get("answer_order") == "random",
        )

    def shown(self) -> list[Condition]:
        """Its relevance."""
        # Older files have it among the attributes.
        says = self.row.get("relevance") or self.attributes.get("relevance", "")
        return self.source.condition(f"{self.name}.relevance", says, self.qid)

    def shown_parts(self, scale: str = "0") -> dict[str, Condition]:
        """Conditions of the subquestions, by code: their own, and what was chosen elsewhere."""
        found: dict[str, Condition] = {}
        for row in self.source.parts(self.qid, scale):
            code = row.get("title", "")
            own = self.source.condition(f"{self.name}_{code}.relevance", row.get("relevance", ""))
            both = [*own, *self._filters(code)]
            if both:
                found[code] = together(both)
        return found

    def _filters(self, code: str) -> Iterable[Condition]:
        """A row is there where the choice of the same code was made in another question."""
        for attribute, is_without in (("array_filter", False), ("array_filter_exclude", True)):
            for other in re.split(r"[;,\s]+", self.attributes.get(attribute, "")):
                if other:
                    yield _filtered(f"{self.name}_{code}.{attribute}", other, code, is_without)

    def pattern(self) -> str:
        """The form of a text; blank: none, or one that has no equal."""
        found = _PREG.fullmatch(self.row.get("preg", ""))
        if found is None or set(found["flags"]) - set("iu"):
            return ""
        return forms.pattern(found["body"], ignores_case="i" in found["flags"])

    def known(self, *codes: str) -> list[str]:
        """How conditions name the question, or a part of it: by title, and by column."""
        column = f"{self.source.sid}X{self.row.get('gid', '')}X{self.qid}"
        return ["_".join((self.name, *codes)), column + "".join(codes)]

    def fixed(self) -> list[Listed]:
        """The choices that LimeSurvey has for a type by itself, as it says them."""
        draft = self.source.draft
        spoken = (draft.language, *draft.others)
        if not all(code in ("en", *_WORDS["Yes"]) for code in spoken):
            draft.changed(self.name, _("Some of its answers are in English: translate them."))
        return [
            Listed(code, {said: _WORDS[word].get(said, word) for said in spoken})
            for code, word in _FIXED[self.row.get("type", "")]
        ]

    def bounded(self, made: Question, low: str, high: str) -> Question:
        """A number with the bounds that two settings say."""
        least, most = self.number(low), self.number(high)
        return msgspec.structs.replace(made, at_least=least, at_most=most)

    def number(self, key: str) -> float | None:
        """A setting that is a number."""
        return loose.number(self.attributes.get(key))


def _filtered(element: str, other: str, code: str, is_without: bool) -> Condition:
    def build(find: Find) -> Node:
        node = equal(find(f"{other}_{code}"), "Y")
        return negated(node) if is_without else node

    return Condition(element, f"{other}_{code}", build)


def ask(source: Source, row: Row) -> None:
    """Put one question on the page, or say why it is lost."""
    one = Lime(source, row, source.attributes(row.get("qid", "")))
    kind, draft = row.get("type", ""), source.draft
    reader = _READERS.get(kind)
    if one.attributes.get("hidden") == "1":
        draft.lost(one.name, _("It is hidden: a field of the link takes its place."))
        return
    if reader is None:
        what = _LOST.get(kind)
        draft.lost(
            one.name,
            _("No equal here: {what}.", what=what)
            if what
            else _("Questions of type {type} have no equal here.", type=kind[:60]),
        )
        return
    reader(one)
    left = (key for key, value in one.attributes.items() if value not in ("0", "N"))
    draft.idle(one.name, sorted(k for k in left if k not in _USED and not k.startswith(_LOOKS)))
    if row.get("preg") and not (kind in _WRITTEN and one.pattern()):
        draft.lost(one.name, _("No equal here: {what}.", what=f"preg {row['preg']}"))


def _written(one: Lime) -> None:
    kind = _WRITTEN[one.row["type"]]
    if one.attributes.get("numbers_only") == "1":
        kind = "number"
    made = one.question(kind)
    most = one.number("maximum_chars")
    if kind != "number":
        longest = most if most and most > 0 else None
        made = msgspec.structs.replace(made, at_most=longest, pattern=one.pattern())
    _plain(one, made)


def _number(one: Lime) -> None:
    _plain(one, one.bounded(one.question("number"), "min_num_value_n", "max_num_value_n"))


def _file(one: Lime) -> None:
    forms.ask_file(one.source.draft, one.question("file"), one.name, known_as=one.known(),
                   shown=one.shown())  # fmt: skip


def _date(one: Lime) -> None:
    _plain(one, one.question("date"))


def _words(one: Lime) -> None:
    made = msgspec.structs.replace(one.question("statement"), is_required=False)
    one.source.draft.ask(made, one.name, shown=one.shown())


def _plain(one: Lime, made: Question) -> None:
    made = msgspec.structs.replace(made, is_shuffled=False)
    one.source.draft.ask(made, one.name, known_as=one.known(), shown=one.shown())


def _single(one: Lime) -> None:
    kind = one.row["type"]
    made = one.question("dropdown" if kind == "!" else "single")
    listed = one.fixed() if kind in _FIXED else one.source.answers(one.qid)
    given = Choosing(listed, "-oth-" if one.row.get("other") == "Y" else "")
    choosing.ask(one.source.draft, made, one.name, given, known_as=one.known(), shown=one.shown())
    if kind == "O":
        one.source.draft.changed(one.name, _("Its comment is a question of its own here."))
        _comment(one, made, one.known("comment"))


def _five(one: Lime) -> None:
    _plain(one, one.question("rating"))


def _multiple(one: Lime) -> None:
    made, rows = one.question("multiple"), one.source.rows(one.qid)
    made = msgspec.structs.replace(
        made,
        at_least=one.number("min_answers") or None,
        at_most=one.number("max_answers") or None,
    )
    alone = one.attributes.get("exclude_all_others", "").replace(",", ";").split(";")
    other = "other" if one.row.get("other") == "Y" else ""
    given = Choosing(rows, other, frozenset(filter(None, alone)), one.shown_parts())
    each = {row.value: one.known(row.value) for row in rows} | {"other": one.known("other")}
    choosing.ask(one.source.draft, made, one.name, given, known_as=one.known(), each=each,
                 shown=one.shown())  # fmt: skip
    if one.row["type"] == "P":
        one.source.draft.changed(one.name, _("Its comments are one question here."))
        _comment(one, made, [])


def _ranking(one: Lime) -> None:
    listed = one.source.answers(one.qid) or one.source.rows(one.qid)
    made = msgspec.structs.replace(
        one.question("ranking"),
        at_most=one.number("max_answers") or None,
        at_least=one.number("min_answers") or None,
    )
    choosing.ask(one.source.draft, made, one.name, Choosing(listed), known_as=one.known(),
                 shown=one.shown())  # fmt: skip


def _grid(one: Lime) -> None:
    kind = one.row["type"]
    points = {"A": 5, "B": 10}.get(kind)
    if points:
        listed = [Listed(str(n), {}) for n in range(1, points + 1)]
    else:
        listed = one.fixed() if kind in _FIXED else one.source.answers(one.qid)
    _rows(one, one.question("matrix"), Choosing(listed))


def _two_grids(one: Lime) -> None:
    """Rows with two scales: a grid for each."""
    draft = one.source.draft
    draft.changed(one.name, _("Each of its two scales is a question of its own here."))
    made = one.question("matrix")
    for scale, letter in (("0", "A"), ("1", "B")):
        heading = one.attributes.get(f"dualscale_header{letter}", letter)
        one.attributes.pop(f"dualscale_header{letter}", None)
        name = made.name if scale == "0" else draft.name(f"{made.name}_{letter}")
        own = msgspec.structs.replace(
            made, name=name, title={c: f"{t}\n{heading}" for c, t in made.title.items()}
        )
        _rows(one, own, Choosing(one.source.answers(one.qid, scale)), scale)


def _rows(one: Lime, made: Question, given: Choosing, scale: str = "") -> None:
    rows = one.source.rows(one.qid)
    known = {row.value: one.known(row.value, *([scale] if scale else [])) for row in rows}
    if not rows:
        one.source.draft.lost(one.name, _("It has no rows."))
        return
    choosing.grid(one.source.draft, made, one.name, rows, given, known_as=known,
                  shown=one.shown(), row_shown=one.shown_parts())  # fmt: skip


def _several(one: Lime) -> None:
    """Several numbers or texts under one title: a question each."""
    kind: Type = "number" if one.row["type"] == "K" else "text"
    made = one.question(kind)
    if kind == "number":
        made = one.bounded(made, "min_num_value_n", "max_num_value_n")
    one.source.draft.changed(one.name, _("Each of its rows is a question of its own here."))
    own = one.shown_parts()
    for row in one.source.rows(one.qid):
        shown = [*one.shown(), *([own[row.value]] if row.value in own else [])]
        _part(one, made, row.value, one.known(row.value), shown, _under(made.title, row))


def _cells(one: Lime) -> None:
    """Numbers or texts in rows and columns: a question a cell."""
    kind: Type = "number" if one.row["type"] == ":" else "text"
    rows, columns = one.source.rows(one.qid), one.source.rows(one.qid, "1")
    draft = one.source.draft
    if not rows or not columns or len(rows) * len(columns) > MOST_CELLS:
        draft.lost(one.name, _("It has no rows or columns, or too many."))
        return
    draft.changed(one.name, _("Each of its cells or columns is a question of its own here."))
    made, own = one.question(kind), one.shown_parts()
    if kind == "number":
        made = one.bounded(made, "multiflexible_min", "multiflexible_max")
    for row in rows:
        for column in columns:
            title = _under(_under(made.title, row), column)
            shown = [*one.shown(), *([own[row.value]] if row.value in own else [])]
            known = one.known(row.value, column.value)
            _part(one, made, f"{row.value}_{column.value}", known, shown, title)


def _comment(one: Lime, made: Question, known: list[str]) -> None:
    """The comment beside a choice: a question of its own."""
    _part(one, Question(made.name, "comment"), "comment", known, one.shown(), made.title)


def _part(
    one: Lime,
    made: Question,
    code: str,
    known: list[str],
    shown: Iterable[Condition],
    title: Texts,
) -> None:
    """A question for a part of one."""
    draft = one.source.draft
    name = draft.name(f"{made.name}_{code}")
    asked = msgspec.structs.replace(made, name=name, title=title, help={}, is_shuffled=False)
    target = Target(name, asked)
    draft.ask(asked, f"{one.name}_{code}", known_as=dict.fromkeys(known, target), shown=shown)


def _under(title: Texts, row: Listed) -> Texts:
    first = next(iter(row.label.values()), row.value)
    return {code: f"{text}\n{row.label.get(code) or first}" for code, text in title.items()}


_READERS: dict[str, Callable[[Lime], None]] = {
    **dict.fromkeys("STU", _written), "N": _number, "D": _date, "X": _words, "5": _five, "|": _file,
    **dict.fromkeys("YGL!O", _single), **dict.fromkeys("MP", _multiple), "R": _ranking,
    **dict.fromkeys("ABCEFH", _grid), "1": _two_grids, **dict.fromkeys("KQ", _several),
    **dict.fromkeys(":;", _cells),
}  # fmt: skip
