"""Surveys as rows: askings, filled-in surveys, answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from zhiyin.demo.answering import (
    ARMS,
    DONT_KNOW,
    HIDDEN,
    MODES,
    NOT_APPLICABLE,
    NOT_REACHED,
    REFUSED,
    SKIPPED,
    STATES,
)
from zhiyin.demo.arrays import (
    NONE,
    Column,
    Floats,
    Ints,
    coded,
    instants,
    joined,
    numbered,
    same,
    stream,
)
from zhiyin.demo.chunks import Chunk
from zhiyin.demo.contacts import REASONS
from zhiyin.demo.happenings import ABOUT, DEVICES
from zhiyin.demo.organisation import CABINS, COUNTRIES, UNIT_SLUGS
from zhiyin.demo.people import LANGUAGES, REGION_NAMES, TIERS
from zhiyin.demo.people_facts import customer_ids, routes
from zhiyin.demo.questionnaires import SURVEYS, Question
from zhiyin.demo.surveys import Asked
from zhiyin.demo.touchpoints import SLUGS
from zhiyin.demo.voices import Said

ACTIONS = ("invited", "delivered", "opened", "started", "bounced", "dismissed")

DISMISSED_OF_OPENED = 40
"""Per cent of those who open and do not begin who close the page; the others let it lie."""
DELAYS = ("on time", "15 to 60 min", "1 to 2 h", "over 2 h", "cancelled")
ANSWERED = "answered"
_STATE_WORDS = (ANSWERED, *STATES.values())
_STATE_PLACE = {code: 1 + place for place, code in enumerate(STATES)}
_SURVEY_SLUGS = tuple(survey.slug for survey in SURVEYS)


def of(chunk: Chunk) -> dict[str, pa.Table]:
    """Exposures, responses and answers of all surveys of a chunk."""
    answered = [asked.pick(np.flatnonzero(asked.is_answered)) for asked in chunk.asked]
    return {
        "exposures": _joined([exposures(chunk, asked) for asked in chunk.asked]),
        "responses": _joined([responses(chunk, asked) for asked in answered]),
        "answers": _joined([answers(chunk, asked) for asked in answered]),
    }


def _joined(parts: list[pa.Table]) -> pa.Table:
    return pa.concat_tables(parts).unify_dictionaries().combine_chunks()


def _who(chunk: Chunk, who: Ints) -> dict[str, Column]:
    people = chunk.people
    return {
        "region": coded(people.region[who], REGION_NAMES),
        "country": coded(people.country[who], COUNTRIES),
        "tier": coded(people.tier[who], TIERS),
    }


def _survey(asked: Asked, size: int) -> Column:
    return coded(np.full(size, _SURVEY_SLUGS.index(asked.survey.slug)), _SURVEY_SLUGS)


def _touchpoint(asked: Asked, size: int) -> Column:
    slug = asked.survey.touchpoint
    return coded(np.full(size, NONE if slug is None else SLUGS.index(slug)), SLUGS)


def exposures(chunk: Chunk, asked: Asked) -> pa.Table:
    """Invited, delivered or bounced, opened, started or dismissed: a row each."""
    # Told from the invitation's number, so that it takes no draw from what others depend on.
    closes = (asked.number * 40_503 % 65_536) % 100 < DISMISSED_OF_OPENED
    flags = np.column_stack(
        [np.ones(len(asked), np.bool_), ~asked.is_bounced, asked.is_opened, asked.is_answered,
         asked.is_bounced, asked.is_opened & ~asked.is_answered & closes]
    )  # fmt: skip
    place, action = np.nonzero(flags)
    lag = np.array([0, 4, 300, 30, 20, 345])[action]
    at = np.where(action == 3, asked.answered_at[place] - 30, asked.at[place] + lag)
    opened_late = np.minimum(at, asked.answered_at[place] - 35)
    at = np.where(
        (action == 2) & asked.is_answered[place], np.maximum(opened_late, asked.at[place]), at
    )
    who = asked.customer[place]
    return pa.table(
        {
            "id": numbered("QJ", asked.number[place] * 10 + action),
            "occurred_at": instants(at),
            "customer": customer_ids(chunk.people, who),
            "unit": coded(asked.unit[place], UNIT_SLUGS),
            "survey": _survey(asked, len(place)),
            "invitation": numbered("QI", asked.number[place]),
            "action": coded(action, ACTIONS),
            "touchpoint": _touchpoint(asked, len(place)),
            "channel": coded(asked.mode[place], MODES),
            "mode": coded(asked.mode[place], MODES),
            "arm": coded(asked.arm[place], ARMS),
            **_who(chunk, who),
        }
    )


def responses(chunk: Chunk, asked: Asked) -> pa.Table:
    """One row a filled-in survey; `asked` holds answered invitations only."""
    rng = stream(
        chunk.world.plan.seed, "filling", chunk.number, int(asked.number[0]) if len(asked) else 0
    )
    size = len(asked)
    seconds = rng.integers(12, 30, size) + 6 * asked.scores.shape[1]
    broke = asked.scores[:, -1] == NOT_REACHED
    last = asked.answered_at - np.where(broke, seconds // 2, 0)
    who = asked.customer
    device = np.where(asked.mode == 2, np.where(rng.random(size) < 0.5, 0, 1), 1)
    found = {
        "id": numbered("QR", asked.number),
        "occurred_at": instants(asked.answered_at),
        "customer": customer_ids(chunk.people, who),
        **about(asked),
        "survey": _survey(asked, size),
        "version": pa.array(asked.version),
        "invitation": numbered("QI", asked.number),
        "started_at": instants(asked.answered_at - seconds),
        "last_at": instants(last),
        "ended_at": instants(asked.answered_at, broke),
        "device": coded(device, DEVICES),
        "language": coded(chunk.people.language[who], LANGUAGES),
        "mode": coded(asked.mode, MODES),
        "touchpoint": _touchpoint(asked, size),
        "channel": coded(asked.mode, MODES),
        "arm": coded(asked.arm, ARMS),
        **{name: column for name, column in _who(chunk, who).items() if name != "country"},
    }
    return pa.table(found)


def about(asked: Asked) -> dict[str, Column]:
    """What a filled-in survey is about, where, and when that was."""
    kind = asked.about_kind
    prefix = coded(kind, ("QO", "QF", "QK", "QV")).cast(pa.string())
    number = pa.array(asked.about, mask=kind < 0).cast(pa.string())
    return {
        "unit": coded(asked.unit, UNIT_SLUGS),
        "about_kind": coded(kind, ABOUT),
        "about_id": joined(prefix, number),
        "experienced_at": instants(asked.experienced_at, asked.experienced_at == NONE),
    }


CODES = {NOT_APPLICABLE: 95, DONT_KNOW: 96, REFUSED: 97}
"""How the files write these states; the others are an empty cell."""


def wide(chunk: Chunk, asked: Asked, said: Said) -> pa.Table:
    """One row a filled-in survey and one column a question: how survey tools give their files."""
    answered = np.flatnonzero(asked.is_answered)
    words: list[str | None] = [None] * len(asked)
    for place, text in zip(said.place, said.texts, strict=True):
        words[place] = text.text
    asked = asked.pick(answered)
    table = responses(chunk, asked)
    for place, question in enumerate(asked.survey.scored):
        found = asked.scores[:, place]
        for code, written in CODES.items():
            found = np.where(found == code, written, found)
        column = pa.array(found, mask=found < 0).cast(pa.int16())
        table = table.append_column(question.name, column)
    chosen = (asked.scores[:, -1] != NOT_REACHED) & (asked.reason >= 0)
    table = table.append_column("reason", coded(np.where(chosen, asked.reason, NONE), SLUGS))
    why = pa.array([words[place] for place in answered], pa.string())
    table = table.append_column("why", why)
    weight = pa.array(asked.weight, mask=np.isnan(asked.weight))
    table = table.append_column("weight", weight)
    more = {
        "country": coded(chunk.people.country[asked.customer], COUNTRIES),
        "cabin": coded(asked.cabin, [slug for slug, _en, _zh in CABINS]),
        "route": routes(chunk.world, asked.route),
        "delay": coded(delay_band(asked.delay), DELAYS),
        "contact_reason": _contact_reason(chunk, asked),
    }
    for name, column in more.items():
        table = table.append_column(name, column)
    return table


def _contact_reason(chunk: Chunk, asked: Asked) -> Column:
    """Why the customer had got in touch, where the survey is about a contact."""
    of = asked.contact
    if not len(chunk.contacts):
        return coded(np.full(len(asked), NONE), REASONS)
    return coded(np.where(of == NONE, NONE, chunk.contacts.reason[np.maximum(of, 0)]), REASONS)


def delay_band(minutes: Ints) -> Ints:
    """Position in `DELAYS`; NONE where there was no flight."""
    band = np.searchsorted([16, 61, 121, 9999], minutes, side="right")
    return np.where(minutes == NONE, NONE, band).astype(np.int64)


def answers(chunk: Chunk, asked: Asked) -> pa.Table:
    """One row a question of each filled-in survey, in the order of the survey's questions."""
    parts = []
    for place, question in enumerate(asked.survey.questions):
        if question.scale is None:
            parts.append(_unscored(chunk, asked, question))
        else:
            parts.append(_scored(chunk, asked, question, asked.scores[:, place]))
    return _joined(parts)


def _scored(chunk: Chunk, asked: Asked, question: Question, found: Ints) -> pa.Table:
    state = np.zeros(len(found), dtype=np.int64)
    for code, place in _STATE_PLACE.items():
        state[found == code] = place
    score: Floats = found.astype(np.float64)
    low, high = question.scale or (0, 0)
    return _answers(
        chunk, asked, question,
        score=pa.array(score, mask=found < 0),
        scale_min=pa.array(np.full(len(found), float(low))),
        scale_max=pa.array(np.full(len(found), float(high))),
        direction=same("up", len(found)),
        answer_state=coded(state, _STATE_WORDS),
        choice=pa.nulls(len(found), pa.string()),
    )  # fmt: skip


def _unscored(chunk: Chunk, asked: Asked, question: Question) -> pa.Table:
    """The chosen reason, or whether the open question was answered."""
    size = len(asked)
    reached = asked.scores[:, -1] != NOT_REACHED
    is_text = question.metric == "text"
    given = asked.speaks if is_text else asked.reason >= 0
    hidden = np.zeros(size, np.bool_) if is_text else asked.reason < NONE
    state = np.select(
        [~reached, given, hidden],
        [_STATE_PLACE[NOT_REACHED], 0, _STATE_PLACE[HIDDEN]],
        _STATE_PLACE[SKIPPED],
    )
    return _answers(
        chunk, asked, question,
        score=pa.nulls(size, pa.float64()),
        scale_min=pa.nulls(size, pa.float64()),
        scale_max=pa.nulls(size, pa.float64()),
        direction=same(None, size).cast(pa.dictionary(pa.int8(), pa.string())),
        answer_state=coded(state, _STATE_WORDS),
        choice=coded(
            np.where((state == 0) & (not is_text), asked.reason, NONE), SLUGS
        ).cast(pa.string()),
    )  # fmt: skip


def _answers(chunk: Chunk, asked: Asked, question: Question, **own: Any) -> pa.Table:
    size, who = len(asked), asked.customer
    touchpoint = NONE if question.touchpoint is None else SLUGS.index(question.touchpoint)
    return pa.table(
        {
            "id": numbered("QR", asked.number),
            "occurred_at": instants(asked.answered_at),
            "customer": customer_ids(chunk.people, who),
            **about(asked),
            "response": numbered("QR", asked.number),
            "survey": _survey(asked, size),
            "version": pa.array(asked.version),
            "question": same(question.name, size),
            "metric": same(question.metric, size),
            "kind": same(question.kind, size),
            "touchpoint": coded(np.full(size, touchpoint), SLUGS),
            "channel": coded(asked.mode, MODES),
            "arm": coded(asked.arm, ARMS),
            "weight": pa.array(asked.weight, mask=np.isnan(asked.weight)),
            **own,
            **_who(chunk, who),
            "cabin": coded(asked.cabin, [slug for slug, _en, _zh in CABINS]),
            "route": routes(chunk.world, asked.route),
            "delay": coded(delay_band(asked.delay), DELAYS),
            "contact_reason": _contact_reason(chunk, asked),
        }
    )
