"""What a LimeSurvey file says of one thing, out of its tables of either generation."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from zhiyin.collect.surveys.formats import expressions, languages, loose
from zhiyin.collect.surveys.formats.draft import Condition, Draft
from zhiyin.collect.surveys.formats.expressions import NoEqual
from zhiyin.collect.surveys.formats.scales import Listed
from zhiyin.collect.surveys.formats.translating import (
    Find,
    all_of,
    any_of,
    equal,
    negated,
    ordered,
)
from zhiyin.collect.surveys.formats.translating import condition as translated
from zhiyin.collect.surveys.formats.xmlrows import Row, Tables
from zhiyin.kernel.filters import Node
from zhiyin.kernel.text import _

_SUFFIX = re.compile(r"(?<=[\w])\.(NAOK|value|code|valueNAOK)\b")


def group_rows(tables: Tables) -> list[Row]:
    """The groups in their order, each once."""
    return _once(tables.of("groups"), "gid", "group_order")


class Source:
    """The tables, by what they are of.

    Args:
        sid: the number of the survey, which names of columns begin with.
    """

    def __init__(self, tables: Tables, draft: Draft, sid: str) -> None:
        self.tables = tables
        self.draft = draft
        self.sid = sid
        self._main = draft.language
        self._questions = defaultdict[str, list[Row]](list)
        for row in _once(tables.of("questions"), "qid", "question_order"):
            if row.get("parent_qid", "0") in ("0", ""):
                self._questions[row.get("gid", "")].append(row)
        self._parts = defaultdict[str, list[Row]](list)
        for row in _once(tables.of("subquestions"), "qid", "question_order"):
            self._parts[row.get("parent_qid", "")].append(row)
        self._answers = defaultdict[tuple[str, str], list[Row]](list)
        for row in tables.of("answers"):
            self._answers[row.get("qid", ""), row.get("scale_id", "0") or "0"].append(row)
        self._texts = {
            "questions": _by(tables, ("questions", "subquestions", "question_l10ns"), "qid"),
            "groups": _by(tables, ("groups", "group_l10ns"), "gid"),
            "answers": _by(tables, ("answer_l10ns",), "aid"),
        }
        self._attributes = _by(tables, ("question_attributes",), "qid")
        self._conditions = _by(tables, ("conditions",), "qid")

    def settings(self) -> list[Row]:
        """Its texts as a whole, a row a language."""
        return self.tables.of("surveys_languagesettings")

    def questions(self, gid: str) -> list[Row]:
        """The questions of a group, in order."""
        return self._questions.get(gid, [])

    def parts(self, qid: str, scale: str = "0") -> list[Row]:
        """The subquestions of a question, in order."""
        return [row for row in self._parts.get(qid, ()) if (row.get("scale_id") or "0") == scale]

    def question_texts(self, qid: str, key: str) -> dict[str, str]:
        """The text of a question by language."""
        return _texts(self._texts["questions"].get(qid, ()), key)

    def group_texts(self, gid: str, key: str) -> dict[str, str]:
        """The text of a group by language."""
        return _texts(self._texts["groups"].get(gid, ()), key)

    def rows(self, qid: str, scale: str = "0") -> list[Listed]:
        """Subquestions as rows or choices: their code, and their label."""
        return [
            Listed(row.get("title", ""), self.question_texts(row.get("qid", ""), "question"))
            for row in self.parts(qid, scale)
        ]

    def answers(self, qid: str, scale: str = "0") -> list[Listed]:
        """The answers to choose from, in order."""
        found: dict[str, dict[str, str]] = {}
        listed = self._answers.get((qid, scale), [])
        for row in sorted(listed, key=lambda one: loose.number(one.get("sortorder")) or 0.0):
            labels = found.setdefault(row.get("code", ""), {})
            labels |= _texts(self._texts["answers"].get(row.get("aid", ""), ()), "answer")
            labels |= _texts([row], "answer") if row.get("language") else {}
        return [Listed(code, labels) for code, labels in found.items() if code]

    def attributes(self, qid: str) -> dict[str, str]:
        """Settings of a question that are set."""
        found: dict[str, str] = {}
        for row in self._attributes.get(qid, ()):
            code = languages.code(row.get("language", ""))
            if row.get("value") and (not code or code == self._main):
                found.setdefault(row.get("attribute", ""), row["value"])
        return found

    def condition(self, element: str, says: str, qid: str = "") -> list[Condition]:
        """What shows a question or group: its relevance, or else the rows of ``conditions``."""
        says = says.strip()
        if says and says != "1":
            plain = _SUFFIX.sub("", says)
            return [
                Condition(element, says, lambda find: translated(expressions.read(plain), find))
            ]
        rows = self._conditions.get(qid, []) if qid else []
        if not rows:
            return []
        words = " ".join(f"{r.get('cfieldname')}{r.get('method')}{r.get('value')}" for r in rows)
        return [Condition(element, words, lambda find: _of_rows(rows, find))]


def _of_rows(rows: Iterable[Row], find: Find) -> Node:
    """Scenarios of which one must hold; in it all questions, of each one of its values."""
    scenarios = defaultdict[str, dict[str, list[Node]]](lambda: defaultdict(list))
    for row in rows:
        field = row.get("cfieldname", "").lstrip("+")
        by_question = scenarios[row.get("scenario", "1")]
        by_question[row.get("cqid", field)].append(_of_row(row, field, find))
    return any_of([all_of([any_of(nodes) for nodes in one.values()]) for one in scenarios.values()])


def _of_row(row: Row, field: str, find: Find) -> Node:
    target, value = find(field), row.get("value", "").strip()
    method = row.get("method", "==").strip()
    if value.startswith(("@", "{")):
        raise NoEqual(_("It compares answers with each other, or calculates with them."))
    if method in ("==", "=", "eq"):
        return equal(target, value)
    if method == "!=":
        return negated(equal(target, value))
    if method in ("<", "<=", ">", ">="):
        return ordered(target, method, value)
    raise NoEqual(_("It compares by {method}.", method=method[:20]))


def _once(rows: list[Row], key: str, order: str) -> list[Row]:
    """Each row once, whatever its languages, in order."""
    found: dict[str, Row] = {}
    for row in rows:
        found.setdefault(row.get(key, ""), row)
    return sorted(found.values(), key=lambda row: loose.number(row.get(order)) or 0.0)


def _by(tables: Tables, names: tuple[str, ...], key: str) -> dict[str, list[Row]]:
    found = defaultdict[str, list[Row]](list)
    for name in names:
        for row in tables.of(name):
            found[row.get(key, "")].append(row)
    return found


def _texts(rows: Iterable[Row], key: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in rows:
        code = languages.code(row.get("language", ""))
        if code and row.get(key):
            found.setdefault(code, row[key])
    return found
