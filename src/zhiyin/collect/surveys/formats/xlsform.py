"""XLSForms: questionnaires of ODK, Kobo and others as an Excel file of three sheets.

Source: the XLSForm reference (xlsform.org), and the spellings of older files that still go round.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from zhiyin.collect.surveys.definition import Survey
from zhiyin.collect.surveys.formats import languages, workbook, xlsform_questions
from zhiyin.collect.surveys.formats.brought import Brought
from zhiyin.collect.surveys.formats.draft import Condition, Draft, Quoting
from zhiyin.collect.surveys.formats.xlsform_rows import Row, rows_of
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

DEEPEST = 20
"""Groups in groups."""

is_one = workbook.is_one

_BEGIN = re.compile(r"begin[ _](group|repeat|loop|lgroup|looped group)\b(.*)")
_END = re.compile(r"end[ _](group|repeat|loop|lgroup|looped group)\b")
_QUOTES = re.compile(r"\$\{([^}]*)\}|%\(\w+\)s")
_SETTINGS = frozenset(
    {"form_title", "title", "form_id", "id_string", "version", "default_language", "name",
     "style", "instance_name"}
)  # fmt: skip


def read(data: bytes, name: str) -> Brought:
    """The survey of a workbook.

    Raises:
        Problem: ``survey.not-one``, ``survey.file-broken``, ``survey.file-too-large``.
    """
    sheets = workbook.read(data, name)
    if "survey" not in sheets:
        raise Problem(
            "survey.not-one",
            _("{name} has no sheet called survey; it has: {names}.",
              name=name, names=", ".join(sheets)[:200]),
            _("An XLSForm has the sheets survey and choices. Answers are imported on the page"
              " Import, or by zhiyin import."),
        )  # fmt: skip
    rows = rows_of(sheets["survey"])
    if not rows or not any(row.get("type") for row in rows):
        raise Problem(
            "survey.file-broken",
            _("The sheet survey of {name} has no column type with questions under it.", name=name),
            _("Its first row names the columns: type, name, label…"),
        )
    settings = next(iter(rows_of(sheets.get("settings", []))), Row({}, {}))
    choices = rows_of(sheets.get("choices", []) or sheets.get("columns", []))
    return _Reader(rows, choices, settings, name).read()


@dataclass(slots=True)
class _Group:
    """A group that is open: its conditions hold for what is in it."""

    kind: str
    name: str
    shown: list[Condition] = field(default_factory=list)


class _Reader:
    def __init__(self, rows: list[Row], choices: list[Row], settings: Row, name: str) -> None:
        self._rows = rows
        self._settings = settings
        self._name = name
        said = [code for row in (*rows[:1], *choices[:1]) for code in row.languages()]
        main = languages.code(settings.get("default_language"))
        codes = [languages.code(code) for code in said]
        first = next((code for code in codes if code), "en")
        plain = [row.get("label") for row in rows if row.get("label")]
        if plain and not main:
            first = languages.of_words(plain)
        self.draft = Draft(
            main or first, codes, quoting=Quoting(_QUOTES, lambda found: found[1] or "")
        )
        if plain and codes and not main:
            self.draft.changed(
                "label", _("Texts without a language are taken for {language}.", language=first)
            )
        for code in dict.fromkeys(said):
            if code and not languages.code(code):
                self.draft.lost(f"label::{code}", _("No language is called so here."))
        self.lists: dict[str, list[Row]] = {}
        for row in choices:
            self.lists.setdefault(row.get("list_name"), []).append(row)

    def read(self) -> Brought:
        draft, settings = self.draft, self._settings
        title = settings.get("form_title") or settings.get("title") or self._name
        spoken = (draft.language, *draft.others)
        whole = draft.texts(dict.fromkeys(spoken, title), "form_title")
        draft.idle("settings", [key for key in settings.plain if key not in _SETTINGS])
        draft.page("page")
        open_groups: list[_Group] = []
        for number, row in enumerate(self._rows, start=2):
            self._row(row, number, open_groups)
        if open_groups:
            draft.changed(open_groups[-1].name, _("It is not ended: it goes on to the end."))
        return draft.finish(Survey(whole, ()))

    def _row(self, row: Row, number: int, groups: list[_Group]) -> None:
        kind = " ".join(row.get("type").lower().split())
        if not kind:
            return
        begins = _BEGIN.match(kind)
        if begins:
            if len(groups) >= DEEPEST:
                raise Problem(
                    "survey.file-broken",
                    _("Row {row}: groups lie deeper than {most} in one another.",
                      row=number, most=DEEPEST),
                    _("Take some out of the others."),
                )  # fmt: skip
            self._begin(row, begins[1], groups)
        elif _END.match(kind):
            if not groups:
                raise Problem(
                    "survey.file-broken",
                    _("Row {row} of the sheet survey ends a group that is not begun.", row=number),
                    _("Take the row out, or begin the group."),
                )
            groups.pop()
            if not groups:
                self.draft.page("page")
        else:
            shown = [one for group in groups for one in group.shown]
            form = xlsform_questions.Form(self.draft, self.lists, row, shown, number)
            xlsform_questions.ask(form)

    def _begin(self, row: Row, kind: str, groups: list[_Group]) -> None:
        draft = self.draft
        name = row.get("name") or kind
        shown = xlsform_questions.relevant(name, row)
        if not groups:
            draft.page(name)
        groups.append(_Group(kind, name, shown))
        if kind != "group":
            draft.changed(name, _("What is repeated is asked once."))
        within = [one for group in groups for one in group.shown]
        label = draft.texts(row.texts("label", draft.language), name)
        hint = draft.texts(row.texts("hint", draft.language), name)
        draft.say(f"{name}_title", label, hint, within)
