"""The mapping for ``zhiyin import`` of a file of answers, made from the questionnaire that they
are answers to.

LimeSurvey heads its columns by codes: ``csat[staff]``. Qualtrics has two or three heads: names, the
wording, and where they stand the ids of the questions (``{"ImportId":"QID2-1"}``).
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import yaml

from zhiyin.collect.files import encodings, mapping
from zhiyin.collect.files.limits import LIMITS
from zhiyin.collect.files.staging import clean_names
from zhiyin.collect.surveys.definition import METRICS, SCORED
from zhiyin.collect.surveys.formats.brought import Brought
from zhiyin.collect.surveys.formats.translating import Target
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

_IDS = ("id", "responseid", "response id", "_id", "_uuid")
_TIMES = ("datestamp", "submitdate", "enddate", "recordeddate", "_submission_time", "end")
_CUSTOMERS = {
    "externaldatareference": None, "externalreference": None, "token": None,
    "recipientemail": "email",
}  # fmt: skip
_IMPORT_ID = re.compile(r"""\{\s*["']ImportId["']\s*:\s*["']([^"']+)["']""")
MOST_HEAD = 100_000
"""Characters of one line of heads."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """A mapping, and the columns of which it says nothing.

    Args:
        document: as a mapping file has it.
    """

    document: dict[str, Any]
    left: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {"mapping": self.written(), "columns_left": list(self.left)}

    def written(self) -> str:
        """The mapping file."""
        return yaml.safe_dump(self.document, sort_keys=False, allow_unicode=True, width=100)


@dataclass(frozen=True, slots=True)
class _Heads:
    """The heads of a file: names of columns, ids of questions, and lines before the answers.

    Args:
        is_renamed: two columns have one name, and have each another here.
    """

    names: tuple[str, ...]
    ids: tuple[str, ...]
    lines: int
    is_renamed: bool


def map_to(found: Brought, answers: Path, *, source: str) -> Mapped:
    """The mapping of a file of answers to a questionnaire.

    Args:
        found: the questionnaire.
        source: the name that the answers have in the log.

    Raises:
        Problem: ``survey.answers-…``: the file has no heads, no time, or no column of a question.
    """
    heads = _heads(answers)
    known = {_plain(name): target for name, target in found.names.items()}
    questions: list[dict[str, Any]] = []
    used: set[str] = set()
    taken: set[str] = set()
    for name, own in zip(heads.names, heads.ids, strict=True):
        target = _target(own, known) or _target(name, known)
        said = None if target is None else _question(name, target, found.survey.kind)
        if said is not None and said["question"] not in taken:
            taken.add(said["question"])
            questions.append(said)
            used.add(name)
    if not questions:
        raise Problem(
            "survey.answers-none",
            _("No column of {name} is of a question of this questionnaire.", name=answers.name),
            _("Export the answers with codes as heads, from the same survey."),
        )
    document: dict[str, Any] = {"as": "answers", "source": source}
    if heads.lines > 1 or heads.is_renamed:
        document["read"] = {"header": list(heads.names), "skip": heads.lines}
    document |= _who_and_when(heads.names, answers.name, used)
    document["questions"] = questions
    mapping.read(document, answers.name)
    return Mapped(document, tuple(name for name in heads.names if name not in used))


def _who_and_when(names: Sequence[str], file: str, used: set[str]) -> dict[str, Any]:
    folded = {name.casefold().replace("date last action", "datestamp"): name for name in names}
    at = next((folded[one] for one in _TIMES if one in folded), None)
    if at is None:
        raise Problem(
            "survey.answers-no-time",
            _("{name} has no column that says when it was answered.", name=file),
            _("Export the answers with their dates."),
        )
    found: dict[str, Any] = {"at": at}
    used.add(at)
    own = next((folded[one] for one in _IDS if one in folded), None)
    if own is not None:
        found["id"] = own
        used.add(own)
    customer = next((one for one in _CUSTOMERS if one in folded), None)
    if customer is not None:
        kind = _CUSTOMERS[customer]
        found["customer"] = {"column": folded[customer]} | ({"kind": kind} if kind else {})
        used.add(folded[customer])
    return found


def _question(column: str, target: Target, kind: str) -> dict[str, Any] | None:
    question = target.question
    if question.type == "statement":
        return None
    said: dict[str, Any] = {"column": column, "question": target.column}
    if target.choice:
        return said | {"question": f"{target.column}.{target.choice}", "metric": "choice"}
    said["metric"] = METRICS[question.type]
    if question.type in SCORED:
        low, high = question.scale
        if question.type != "nps":
            said["scale"] = {"min": low, "max": high, "direction": question.better}
        said["kind"] = question.kind or kind
        for state, mark in (("not_applicable", None), ("dont_know", "")):
            codes = sorted({one for one, ours in target.values.items() if ours == mark})
            if codes:
                said[state] = codes
    return said


def _plain(name: str) -> str:
    return re.sub(r"\W+", "_", name).strip("_").casefold()


def _target(name: str, known: Mapping[str, Target]) -> Target | None:
    plain = _plain(name)
    return known.get(plain) or known.get(plain.removesuffix("_text")) if plain else None


def _heads(path: Path) -> _Heads:
    rows = list(islice(_rows(path), 3))
    if not rows or not any(rows[0][0]):
        raise Problem(
            "survey.answers-empty",
            _("{name} has no heads of columns.", name=path.name),
            _("Export the answers as CSV, with heads."),
        )
    names = _apart(rows[0][0], path.name)
    is_renamed = len(set(filter(None, rows[0][0]))) < len(list(filter(None, rows[0][0])))
    for row, lines in rows[1:]:
        ids = [_IMPORT_ID.match(cell) for cell in row]
        if len(row) == len(names) and any(ids):
            found = tuple(one[1] if one else "" for one in ids)
            return _Heads(names, found, lines, is_renamed)
    is_named = len(rows) > 1 and rows[1][0][:1] == rows[0][0][:1]
    blank = ("",) * len(names)
    return _Heads(names, blank, rows[1][1] if is_named else rows[0][1], is_renamed)


def _apart(head: list[str], file: str) -> tuple[str, ...]:
    """The names of columns, those that several have with a number behind them."""
    plain = [" ".join(name.split()) for name in head]
    counts, seen = Counter(plain), Counter[str]()
    named = []
    for name in plain:
        seen[name] += 1
        named.append(f"{name} #{seen[name]}" if name and counts[name] > 1 else name)
    return clean_names(named, file, LIMITS)


def _rows(path: Path) -> Iterator[tuple[list[str], int]]:
    """The records at the beginning, each with the line on which it ends."""
    with path.open(encoding=encodings.detect(path), errors="replace", newline="") as file:
        first = file.readline(MOST_HEAD)
        file.seek(0)
        sign = max(",;\t", key=first.count)
        reader = csv.reader(file, delimiter=sign)
        try:
            for row in reader:
                yield [cell.removeprefix("\ufeff").strip() for cell in row], reader.line_num
        except csv.Error as error:
            raise Problem(
                "survey.answers-empty",
                _("{name} cannot be read: {why}.", name=path.name, why=str(error)),
                _("Export the answers as CSV, with heads."),
            ) from error
