"""A response on its way into the log: what the survey page tells intake, and the facts it means.

The body of a letter holds all that its facts need, so that a replay needs no survey. What is said
again has a higher number than before, and supersedes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from zhiyin.collect.surveys.definition import METRICS, Item, Survey
from zhiyin.collect.surveys.logic import Answer
from zhiyin.kernel.ids import ANONYMOUS
from zhiyin.warehouse.arriving import Change, Letter, Reading

SOURCE = "surveys"
"""The log's source of what the survey page takes."""

WIRE = "survey"
GROUP = "survey-group"
"""Several responses in one letter: of an anonymous survey."""


class Said(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was said to one item.

    Args:
        name: the series.
        number: 1 for the first time that something was said to it, then 2…
        is_ranked: the order of what was chosen counts.
    """

    name: str
    number: int
    state: str
    metric: str
    kind: str = ""
    score: float | None = None
    scale: tuple[int, int] | None = None
    direction: str = ""
    chosen: tuple[str, ...] = ()
    text: str = ""
    touchpoint: str = ""
    is_ranked: bool = False


class Filling(msgspec.Struct, frozen=True, omit_defaults=True):
    """How the filling-in stands: told when it begins, and when it is over.

    Args:
        number: 1 when it begins, 2 when it is over.
        last_at, ended_at: microseconds since 1970; without an end it was broken off.
    """

    number: int
    last_at: int | None = None
    ended_at: int | None = None
    flags: str = ""


class About(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whose response it is and how it came to be: the same in every letter of it.

    Args:
        survey: its key in the workspace.
        started_at: microseconds since 1970, as `experienced_at`.
        customer: blank: nobody is known, and the response stands for somebody.
        fields: what the link said, which conditions may use.
    """

    survey: str
    version: int
    response: str
    started_at: int
    language: str
    mode: str = "web"
    device: str = ""
    customer: str = ""
    customer_kind: str = ""
    invitation: str = ""
    touchpoint: str = ""
    channel: str = ""
    unit: str = ""
    arm: str = ""
    about_kind: str = ""
    about_id: str = ""
    experienced_at: int | None = None
    fields: dict[str, str] = {}


class Told(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of a letter.

    Args:
        has_answered: of its invitation no more than that it was answered.
    """

    about: About
    at: int
    said: tuple[Said, ...] = ()
    filling: Filling | None = None
    has_answered: bool = False


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Told)
_group_decoder = msgspec.json.Decoder(list[Told])


def body(told: Told) -> bytes:
    """A letter's body."""
    return _encoder.encode(told)


def group_body(group: list[Told]) -> bytes:
    """The body of a letter about several responses, in the order in which the log has them."""
    return _encoder.encode(group)


def said(survey: Survey, item: Item, answer: Answer, number: int) -> Said:
    """An answer as the log keeps it."""
    question = item.question
    metric = question.metric
    has_scale = question.type in ("nps", "csat", "ces", "rating", "matrix")
    return Said(
        name=item.series,
        number=number,
        state=answer.state,
        metric=metric,
        kind=(question.kind or survey.kind) if has_scale else "",
        score=answer.score,
        scale=question.scale if has_scale else None,
        direction=question.better if has_scale else "",
        chosen=answer.chosen,
        text=answer.text,
        touchpoint=question.touchpoint or survey.touchpoint,
        is_ranked=question.type == "ranking",
    )


def read(letter: Letter) -> Reading:
    """Facts of a letter of the survey page."""
    return _read([_decoder.decode(letter.body)])


def read_group(letter: Letter) -> Reading:
    """Facts of a letter about several responses."""
    return _read(_group_decoder.decode(letter.body))


def _read(group: list[Told]) -> Reading:
    pairs = [(told, one) for told in group for one in told.said]
    facts = {
        "answers": _columns([row for told, one in pairs for row in _answer_rows(told, one)]),
        "verbatims": _columns([_verbatim(told, one) for told, one in pairs if one.text]),
        "responses": _columns([_response(told, told.filling) for told in group if told.filling]),
        "exposures": _columns([row for told in group for row in _exposures(told)]),
    }
    # What comes second may be read first: the log keeps the greatest number.
    changes = [
        change
        for told, one in pairs
        for change in (_change(told, "answers", one), _change(told, "verbatims", one))
    ]
    for told in group:
        if told.filling is not None:
            response, number = told.about.response, told.filling.number
            changes.append(
                Change("responses", response, None, f"{response}:{number}", told.about.started_at)
            )
    return Reading({name: columns for name, columns in facts.items() if columns}, changes=changes)


def _change(told: Told, table: str, one: Said) -> Change:
    response = told.about.response
    return Change(table, response, one.name, f"{response}:{one.number}", told.about.started_at)


def _answer_rows(told: Told, one: Said) -> Iterable[dict[str, Any]]:
    """A row an answer; of several choices a row each, of a ranking with its place as score."""
    about = told.about
    base = {
        **_common(told, f"{about.response}:{one.number}"),
        "response": about.response,
        "version": about.version,
        "question": one.name,
        "metric": one.metric,
        "kind": one.kind or None,
        "score": one.score,
        "scale_min": float(one.scale[0]) if one.scale else None,
        "scale_max": float(one.scale[1]) if one.scale else None,
        "direction": one.direction or None,
        "answer_state": one.state,
        "choice": None,
        "touchpoint": one.touchpoint or about.touchpoint or None,
        "arm": about.arm or None,
    }
    if one.metric == "choice" and one.score is not None:
        yield {**base, "choice": f"{one.score:g}"}
    elif not one.chosen:
        yield base
    else:
        for place, choice in enumerate(one.chosen, 1):
            row_id = f"{base['id']}:{place}" if len(one.chosen) > 1 else base["id"]
            score = float(place) if one.is_ranked else None
            yield {**base, "id": row_id, "choice": choice, "score": score}


def _verbatim(told: Told, one: Said) -> dict[str, Any]:
    about = told.about
    found = _common(told, f"{about.response}:{one.number}")
    del found["survey"]
    return {
        **found,
        "response": about.response,
        "question": one.name,
        "text": one.text,
        "language": about.language or None,
        "touchpoint": one.touchpoint or about.touchpoint or None,
    }


def _response(told: Told, filling: Filling) -> dict[str, Any]:
    about = told.about
    return {
        **_common(told, f"{about.response}:{filling.number}"),
        "version": about.version,
        "invitation": about.invitation or None,
        "started_at": about.started_at,
        "last_at": filling.last_at,
        "ended_at": filling.ended_at,
        "device": about.device or None,
        "language": about.language or None,
        "mode": about.mode or None,
        "flags": filling.flags or None,
        "touchpoint": about.touchpoint or None,
        "arm": about.arm or None,
    }


def _exposures(told: Told) -> Iterable[dict[str, Any]]:
    """That somebody who was invited begins; of an anonymous survey, that she has answered."""
    if told.has_answered:
        yield _exposure(told, "answered")
    elif told.about.invitation and told.filling is not None and told.filling.number == 1:
        yield _exposure(told, "started")


def _exposure(told: Told, action: str) -> dict[str, Any]:
    about = told.about
    return {
        **_common(told, about.invitation),
        "invitation": about.invitation,
        "action": action,
        "touchpoint": about.touchpoint or None,
        "mode": about.mode or None,
        "arm": about.arm or None,
    }


def _common(told: Told, row_id: str) -> dict[str, Any]:
    about = told.about
    return {
        "id": row_id,
        "occurred_at": told.at,
        "customer": about.customer or about.response or about.invitation,
        "customer_kind": about.customer_kind if about.customer else ANONYMOUS,
        "unit": about.unit or None,
        "about_kind": about.about_kind or None,
        "about_id": about.about_id or None,
        "experienced_at": about.experienced_at,
        "survey": about.survey,
        "channel": about.channel or None,
    }


def _columns(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in rows[0]} if rows else {}


def recovered(
    survey: Survey, answers: Iterable[Mapping[str, Any]], texts: Iterable[Mapping[str, Any]]
) -> dict[str, tuple[Answer, int]]:
    """What a response has said so far, out of the log: by item its answer and number.

    Args:
        answers: its live rows of ``answers``, with words for codes.
        texts: its live rows of ``verbatims``.
    """
    by_series: dict[str, list[Mapping[str, Any]]] = {}
    for row in answers:
        by_series.setdefault(row["question"], []).append(row)
    typed = {row["question"]: row["text"] for row in texts}
    found: dict[str, tuple[Answer, int]] = {}
    for item in survey.items():
        rows = sorted(by_series.get(item.series, ()), key=lambda row: _places(row["id"]))
        if not rows:
            continue
        first = rows[0]
        number = _places(first["id"])[0]
        is_chosen = (
            METRICS[item.question.type] in ("choice", "file") and item.question.type != "number"
        )
        chosen = tuple(row["choice"] for row in rows if row["choice"]) if is_chosen else ()
        score = None if is_chosen else first["score"]
        text = typed.get(item.series, "")
        found[item.name] = (Answer(first["answer_state"], score, chosen, text), number)
    return found


def _places(row_id: str) -> tuple[int, ...]:
    """The number, and the place among several, of a row's id."""
    return tuple(int(part) for part in row_id.split(":")[1:])
