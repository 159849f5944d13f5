"""Surveys of Qualtrics (.qsf): JSON of elements, whose flow says in which order blocks come.

The format is not documented; it is read as files of the field have it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from zhiyin.collect.surveys.conditions import FIELD
from zhiyin.collect.surveys.definition import Survey
from zhiyin.collect.surveys.formats import languages, loose, qualtrics_logic, qualtrics_questions
from zhiyin.collect.surveys.formats.brought import Brought
from zhiyin.collect.surveys.formats.draft import Condition, Draft, Quoting
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

DEEPEST = 20
"""Branches in branches."""

MOST_PAGES = 1_000
_QUOTES = re.compile(r"\$\{(?:q|e|m|lm|gr|date|rand)://[^}]*\}")
_QUOTED = re.compile(r"\$\{q://(QID\w+)/Choice(?:Group/SelectedChoices|TextEntryValue)[^}]*\}")
_FIELD = re.compile(r"\$\{(?:e://Field|m:/)/([^\W\d]\w*)\}")
_BOOKKEEPING = frozenset({"BL", "FL", "SQ", "SO", "PROJ", "STAT", "QC", "RS", "PL", "NT", "QG"})


def _quoted(found: re.Match[str]) -> str:
    if field := _FIELD.fullmatch(found[0]):
        return f"{FIELD}.{field[1]}"
    answer = _QUOTED.fullmatch(found[0])
    return answer[1] if answer else ""


def is_one(document: Mapping[str, Any]) -> bool:
    """Whether an object is such a survey."""
    return "SurveyEntry" in document or "SurveyElements" in document


def read(document: Mapping[str, Any], name: str) -> Brought:
    """The survey of a document.

    Args:
        name: of the file, for a survey without one.

    Raises:
        Problem: ``survey.file-broken``, ``survey.file-too-large``.
    """
    entry, elements = document.get("SurveyEntry"), document.get("SurveyElements")
    for part, value, kind in (("SurveyEntry", entry, dict), ("SurveyElements", elements, list)):
        if not isinstance(value, kind):
            raise Problem(
                "survey.file-broken",
                _("{name} has no {part}, as a survey of Qualtrics does.", name=name, part=part),
                _("In Qualtrics, export the survey (.qsf) again."),
            )
    return _Reader(
        loose.table(entry), [loose.table(one) for one in loose.many(elements)], name
    ).read()


class _Reader:
    def __init__(self, entry: dict[str, Any], elements: list[dict[str, Any]], name: str) -> None:
        self._title = loose.word(entry.get("SurveyName")) or name
        self._description = loose.word(entry.get("SurveyDescription"))
        by_code: dict[str, list[dict[str, Any]]] = {}
        for one in elements:
            by_code.setdefault(loose.word(one.get("Element")), []).append(one)
        self._by_code = by_code
        self._questions = {
            loose.word(said.get("QuestionID")): said
            for one in by_code.get("SQ", [])
            if (said := loose.table(one.get("Payload")))
        }
        self._blocks = {
            loose.word(said.get("ID")): said
            for one in by_code.get("BL", [])
            for value in loose.many(one.get("Payload"))
            if (said := loose.table(value))
        }
        others = [
            languages.code(str(code))
            for said in self._questions.values()
            for code in loose.table(said.get("Language"))
            if not str(code).isdecimal()
        ]
        main = languages.code(loose.word(entry.get("SurveyLanguage"))) or "en"
        self.draft = Draft(main, others, quoting=Quoting(_QUOTES, _quoted))
        self._seen: set[str] = set()
        self._asked: set[str] = set()
        self._skipping: list[tuple[Condition, str]] = []

    def read(self) -> Brought:
        draft = self.draft
        flows = self._by_code.get("FL", [])
        flow = loose.table(flows[0].get("Payload")).get("Flow") if flows else None
        if flow is None:
            flow = [{"Type": "Block", "ID": key} for key in self._blocks]
        self._flow(flow, [], 0)
        for key, block in self._blocks.items():
            if key not in self._seen:
                self._left_out(block)
        for code, listed in self._by_code.items():
            for one in listed if code not in _BOOKKEEPING else ():
                if any(loose.table(one.get("Payload")).values()):
                    draft.lost(
                        loose.word(one.get("PrimaryAttribute")) or code,
                        _("No equal here: {what}.", what=code[:20]),
                    )
        spoken = (draft.language, *draft.others)
        title = draft.texts(dict.fromkeys(spoken, self._title), "SurveyName")
        if self._description:
            draft.lost("SurveyDescription", _("It is a note for those who write the survey."))
        return draft.finish(Survey(title, ()))

    def _left_out(self, block: dict[str, Any]) -> None:
        is_trash = loose.word(block.get("Type")) == "Trash"
        for value in loose.many(block.get("BlockElements")):
            name = loose.word(loose.table(value).get("QuestionID"))
            if name and name not in self._asked:
                said = self._questions.get(name, {})
                element = loose.word(said.get("DataExportTag")) or name
                self.draft.lost(
                    element,
                    _("It lies in the trash.") if is_trash else _("The flow does not come to it."),
                )

    def _flow(self, flow: object, shown: list[Condition], depth: int) -> None:
        if depth > DEEPEST:
            raise Problem(
                "survey.file-broken",
                _("Branches of the flow lie deeper than {most} in one another.", most=DEEPEST),
                _("Take some out of the others."),
            )
        for value in loose.many(flow):
            said = loose.table(value)
            kind = loose.word(said.get("Type"))
            element = loose.word(said.get("FlowID")) or kind or "Flow"
            inner = said.get("Flow")
            if kind in ("Block", "Standard", "Default"):
                self._block(loose.word(said.get("ID")), shown)
            elif kind == "Branch":
                own = qualtrics_logic.condition(element, said.get("BranchLogic"))
                self._flow(inner, [*shown, *own], depth + 1)
            elif kind in ("Group", "Root"):
                self._flow(inner, shown, depth + 1)
            elif kind in ("BlockRandomizer", "Randomizer"):
                self.draft.lost(element, _("Its blocks come in the order of the file."))
                self._flow(inner, shown, depth + 1)
            else:
                self._elsewhere(element, kind, said)
                self._flow(inner, shown, depth + 1)

    def _elsewhere(self, element: str, kind: str, said: dict[str, Any]) -> None:
        if kind != "EmbeddedData":
            self.draft.lost(element, _("No equal here: {what}.", what=kind[:60]))
            return
        for value in loose.many(said.get("EmbeddedData")):
            name = loose.word(loose.table(value).get("Field"))
            self.draft.changed(
                f"{element}: {name}"[:100],
                _("Bring it with the link, as f.{name}=…: conditions call it field.{name}.",
                  name=name[:60]),
            )  # fmt: skip

    def _block(self, key: str, shown: list[Condition]) -> None:
        block = self._blocks.get(key)
        if block is None:
            self.draft.lost(key or "Block", _("The flow names a block that is not there."))
            return
        if key in self._seen:
            self.draft.lost(key, _("The flow comes to it a second time."))
            return
        self._seen.add(key)
        name = loose.word(block.get("Description")) or key
        options = loose.table(block.get("Options"))
        if loose.word(options.get("RandomizeQuestions")) not in ("", "false"):
            self.draft.lost(name, _("Its questions come in the order of the file."))
        if loose.word(options.get("Looping")) not in ("", "None"):
            self.draft.changed(name, _("What is repeated is asked once."))
        self.draft.page(name, shown)
        for value in loose.many(block.get("BlockElements")):
            said = loose.table(value)
            if loose.word(said.get("Type")) == "Page Break":
                if len(self.draft.sheets) < MOST_PAGES:
                    self.draft.page(name, shown)
                continue
            self._question(said)
        self._skipping = [one for one in self._skipping if one[1] != "ENDOFBLOCK"]

    def _question(self, place: dict[str, Any]) -> None:
        key = loose.word(place.get("QuestionID"))
        said = self._questions.get(key)
        if said is None or key in self._asked:
            if loose.word(place.get("Type")) == "Question":
                self.draft.lost(key or "Question", _("A block names a question that is not there."))
            return
        self._asked.add(key)
        self._skipping = [one for one in self._skipping if one[1] != key]
        qualtrics_questions.ask(self.draft, said, [one for one, _to in self._skipping])
        for value in loose.many(place.get("SkipLogic")):
            skip = loose.table(value)
            element = loose.word(said.get("DataExportTag")) or key
            to = loose.word(skip.get("SkipToDestination"))
            self._skipping.append((qualtrics_logic.skips(f"{element}: SkipLogic", skip), to))
            if to == "ENDOFSURVEY":
                self.draft.changed(
                    f"{element}: SkipLogic", _("Where it skips to the end, nothing more is shown.")
                )
