"""Answers by key after a call 按键评价: a telephone system tells which key was pressed for what.

Each is a row of ``answers`` like those of the page. A call that is told of twice counts once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
import pyarrow as pa
from django.db import transaction

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.collect.surveys import answering, definition, facts, kept, logic
from zhiyin.collect.surveys.definition import CHOSEN, Survey
from zhiyin.collect.surveys.facts import SOURCE, WIRE, About, Filling, Told
from zhiyin.collect.surveys.logic import Answer
from zhiyin.kernel.clock import microseconds, now
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.ids import KNOWN
from zhiyin.kernel.text import Text, _
from zhiyin.warehouse.arriving import Letter
from zhiyin.warehouse.log import Log

MODE = CHANNEL = "phone"

_TIMES = ("occurred_at", "experienced_at", "started_at", "last_at", "ended_at")


class Pressed(msgspec.Struct, frozen=True):
    """One key.

    Args:
        call: its id in the telephone system.
        question: its name in the survey.
        key: the score, or the place of the choice, from 1.
        at: UTC, naive.
        customer: who called; blank: it is not known.
    """

    call: str
    question: str
    key: str
    at: datetime
    customer: str = ""
    customer_kind: str = KNOWN
    about_kind: str = ""
    about_id: str = ""
    unit: str = ""
    touchpoint: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of keys.

    Args:
        wrong: by place in what was told, why a key is no answer.
    """

    answers: int
    repeated: int
    wrong: dict[int, Text]


def take(log: Log, *, by: Actor, workspace: str, key: str, pressed: Sequence[Pressed]) -> Taken:
    """Write what was pressed.

    Raises:
        Problem: ``survey.none``, ``survey.not-published``, ``survey.anonymous``.
    """
    held = kept.get(workspace, key)
    newest = held.versions.order_by("-number").first()
    if newest is None:
        raise kept.not_published(key)
    survey = definition.read(newest.document.encode())
    if survey.is_anonymous:
        raise Problem(
            "survey.anonymous",
            _("The survey {key} is anonymous, and a call says who answers.", key=key),
            _("Ask in a survey that is not."),
        )
    wrong: dict[int, Text] = {}
    told: list[Told] = []
    for place, one in enumerate(pressed):
        said = _said(survey, key, newest.number, one)
        if isinstance(said, Text):
            wrong[place] = said
        else:
            told.append(said)
    added = _written(log, workspace, key, told) if told else 0
    with transaction.atomic():
        audit.record(
            by=by, action="keys.taken", subject=key, workspace=workspace,
            after={"answers": added, "wrong": len(wrong)},
        )  # fmt: skip
    return Taken(added, len(told) - added, wrong)


def _said(survey: Survey, key: str, version: int, one: Pressed) -> Told | Text:
    question = next((held for held in survey.questions() if held.name == one.question), None)
    if question is None or len(question.items()) != 1:
        return _("The survey has no question {name}.", name=one.question[:60])
    (item,) = question.items()
    asked = logic.Asked(question, question.choices, question.rows)
    value = one.key.strip()
    if question.type in CHOSEN and value.isdecimal() and 1 <= int(value) <= len(question.choices):
        value = question.choices[int(value) - 1].value
    form = {f"a.{item.name}": [value]}
    answer = answering.one(asked, item, form, today=one.at.date(), language=one.language)
    if not isinstance(answer, Answer):
        # A question may say in its own words what is wrong; whoever sends keys knows none of them.
        return answer if isinstance(answer, Text) else _("No key was pressed.")
    if answer.state != "answered":
        return _("No key was pressed.")
    at = microseconds(one.at)
    about = About(
        survey=key,
        version=version,
        response=_response(key, one.call),
        started_at=at,
        language=one.language or survey.language,
        mode=MODE,
        customer=one.customer,
        customer_kind=one.customer_kind,
        touchpoint=one.touchpoint or survey.touchpoint,
        channel=CHANNEL,
        unit=one.unit,
        about_kind=one.about_kind,
        about_id=one.about_id,
        experienced_at=at,
    )
    return Told(about, at, (facts.said(survey, item, answer, 1),), Filling(2, at, at))


def _response(key: str, call: str) -> str:
    """What the log calls the response of a call: always the same."""
    return "call-" + hashlib.sha256(f"{key}\0{call}".encode()).hexdigest()[:32]


def _written(log: Log, workspace: str, key: str, told: Sequence[Told]) -> int:
    """Append what is new; returns how many answers were."""
    by_table: dict[str, list[dict[str, object]]] = {}
    for place, one in enumerate(told):
        letter = Letter(workspace, SOURCE, WIRE, now(), facts.body(one))
        for table, columns in facts.read(letter).facts.items():
            for values in zip(*columns.values(), strict=True):
                row = {"row": place, **dict(zip(columns, values, strict=True))}
                by_table.setdefault(table, []).append(row)
    with log.begin(workspace, source=SOURCE, label=f"{key} keys") as batch:
        for table, rows in by_table.items():
            batch.write(table, _table(rows))
        receipt = batch.commit()
    return receipt.by_table.get("answers", 0)


def _table(rows: Sequence[dict[str, object]]) -> pa.Table:
    found = pa.Table.from_pylist(list(rows))
    for name in _TIMES:
        if name in found.column_names:
            place = found.column_names.index(name)
            times = found.column(name).cast(pa.int64()).cast(pa.timestamp("us"))
            found = found.set_column(place, name, times)
    return found
