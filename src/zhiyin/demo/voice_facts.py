"""Words as rows: verbatims of every source, and the truth of their clauses."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from zhiyin.demo.answering import MODES
from zhiyin.demo.arrays import NONE, Column, Ints, coded, compute, instants, numbered, within
from zhiyin.demo.asked_facts import about
from zhiyin.demo.chunks import Chunk
from zhiyin.demo.contacts import CHANNELS as CONTACT_CHANNELS
from zhiyin.demo.contacts import COMPLAINT_KINDS
from zhiyin.demo.happenings import ABOUT
from zhiyin.demo.language import ASPECTS, Text
from zhiyin.demo.mentions import KINDS, OUTLET_NAMES
from zhiyin.demo.organisation import UNIT, UNIT_SLUGS
from zhiyin.demo.people import REGION_NAMES
from zhiyin.demo.people_facts import customer_ids, routes
from zhiyin.demo.surveys import Asked
from zhiyin.demo.touchpoints import SLUGS
from zhiyin.demo.voices import Said

LANGUAGES = ("zh", "en", "mixed")
VOICES = ("survey", "complaint", "call", "chat", "review", "platform", *KINDS)
CHANNELS = (*MODES, *(c for c in CONTACT_CHANNELS if c not in MODES), "review site",
            "complaint site", *OUTLET_NAMES)  # fmt: skip
_FLAGS = ("negated", "sarcastic", "typo", "suggestion", "dialect", "general")


def of(chunk: Chunk) -> dict[str, pa.Table]:
    """Verbatims by the source that they come from."""
    comments = [
        _comments(chunk, asked, said)
        for asked, said in zip(chunk.asked, chunk.voices.comments, strict=True)
    ]
    return {
        "verbatims_surveys": pa.concat_tables(comments).unify_dictionaries().combine_chunks(),
        "verbatims_service": pa.concat_tables([_complaints(chunk), _conversations(chunk)])
        .unify_dictionaries()
        .combine_chunks(),
        "verbatims_listening": _listening(chunk),
    }


def _row(size: int, texts: list[Text], **given: Column) -> pa.Table:
    """All columns of a verbatim, in one order; those not given say nothing."""
    language = np.array([LANGUAGES.index(t.lang) for t in texts], dtype=np.int64)
    nothing = np.full(size, NONE, dtype=np.int64)
    columns: dict[str, Column] = {
        "id": given["id"],
        "occurred_at": given["occurred_at"],
        "customer": given.get("customer", pa.nulls(size, pa.string())),
        "unit": given.get("unit", coded(nothing, UNIT_SLUGS)),
        "about_kind": given.get("about_kind", coded(nothing, ABOUT)),
        "about_id": given.get("about_id", pa.nulls(size, pa.string())),
        "experienced_at": given.get("experienced_at", pa.nulls(size, pa.timestamp("us"))),
        "response": given.get("response", pa.nulls(size, pa.string())),
        "question": given.get("question", coded(nothing, ("why",))),
        "text": pa.array([t.text for t in texts], pa.string()),
        "language": coded(language, LANGUAGES),
        "touchpoint": given["touchpoint"],
        "channel": given["channel"],
        "region": given.get("region", coded(nothing, REGION_NAMES)),
        "route": given.get("route", coded(nothing, ("",))),
        "voice": given["voice"],
        "complaint_kind": given.get("complaint_kind", coded(nothing, COMPLAINT_KINDS)),
        "reach": given.get("reach", pa.nulls(size, pa.int64())),
    }
    return pa.table(columns)


def _voice(word: str, size: int) -> Column:
    return coded(np.full(size, VOICES.index(word)), VOICES)


def _comments(chunk: Chunk, asked: Asked, said: Said) -> pa.Table:
    picked = asked.pick(said.place)
    size = len(picked)
    slug = picked.survey.touchpoint
    touchpoint = np.full(size, NONE if slug is None else SLUGS.index(slug))
    mode = np.array([CHANNELS.index(m) for m in MODES])[picked.mode]
    return _row(
        size, said.texts,
        id=numbered("QR", picked.number), occurred_at=instants(picked.answered_at),
        customer=customer_ids(chunk.people, picked.customer), **about(picked),
        response=numbered("QR", picked.number), question=coded(np.zeros(size, int), ("why",)),
        touchpoint=coded(touchpoint, SLUGS), channel=coded(mode, CHANNELS),
        region=coded(chunk.people.region[picked.customer], REGION_NAMES),
        route=routes(chunk.world, picked.route), voice=_voice("survey", size),
    )  # fmt: skip


def _complaints(chunk: Chunk) -> pa.Table:
    said = chunk.voices.complaints
    voice = np.full(len(said.place), VOICES.index("complaint"))
    return _of_contacts(chunk, "QK", said.place, said.texts, voice)


def _conversations(chunk: Chunk) -> pa.Table:
    held = chunk.conversations
    voice = np.array([VOICES.index(each.kind) for each in held.held], dtype=np.int64)
    return _of_contacts(chunk, "QY", held.place, held.texts, voice)


def _of_contacts(
    chunk: Chunk, prefix: str, place: Ints, texts: list[Text], voice: Ints
) -> pa.Table:
    contacts = chunk.contacts
    who = contacts.customer[place]
    channel = np.array([CHANNELS.index(c) for c in CONTACT_CHANNELS])[contacts.channel[place]]
    size = len(place)
    return _row(
        size, texts,
        id=numbered(prefix, contacts.number[place]), occurred_at=instants(contacts.at[place]),
        customer=customer_ids(chunk.people, who),
        unit=coded(np.full(size, UNIT["service-centre"]), UNIT_SLUGS),
        about_kind=coded(np.full(size, 2), ABOUT),
        about_id=numbered("QK", contacts.number[place]),
        touchpoint=coded(np.full(size, SLUGS.index("contact")), SLUGS),
        channel=coded(channel, CHANNELS), region=coded(chunk.people.region[who], REGION_NAMES),
        route=routes(chunk.world, chunk.trips.route[contacts.trip[place]]),
        voice=coded(voice, VOICES),
        complaint_kind=coded(contacts.kind[place], COMPLAINT_KINDS),
    )  # fmt: skip


def _listening(chunk: Chunk) -> pa.Table:
    """Reviews and mentions: nobody knows whose."""
    reviews, mentions = chunk.voices.reviews, chunk.mentions
    review_kind = np.array([VOICES.index(k) for k in reviews.kind], dtype=np.int64)
    site = np.where(review_kind == VOICES.index("review"), CHANNELS.index("review site"),
                    CHANNELS.index("complaint site"))  # fmt: skip
    outlet = CHANNELS.index(OUTLET_NAMES[0]) + mentions.outlet
    at = np.concatenate([reviews.at, mentions.at])
    size = len(at)
    number = (chunk.number + 1) * 1_000_000 + np.arange(size)
    route = np.concatenate([chunk.trips.route[reviews.trip], np.full(len(mentions.at), NONE)])
    kind = np.concatenate([review_kind, VOICES.index(KINDS[0]) + mentions.kind])
    reach = np.concatenate([np.zeros(len(reviews.at), np.int64), mentions.reach])
    touchpoint = np.concatenate([reviews.touchpoint, mentions.touchpoint])
    return _row(
        size, [*reviews.texts, *mentions.texts],
        id=numbered("QV", number), occurred_at=instants(at),
        touchpoint=coded(touchpoint, SLUGS),
        channel=coded(np.concatenate([site, outlet]), CHANNELS),
        route=routes(chunk.world, route), voice=coded(kind, VOICES),
        reach=pa.array(reach, mask=np.arange(size) < len(reviews.at)),
    )  # fmt: skip


def truth(chunk: Chunk) -> pa.Table:
    """One row a clause: where it stands, what it is about, whether it praises or blames."""
    ids: list[Column] = []
    texts: list[Text] = []
    for asked, said in zip(chunk.asked, chunk.voices.comments, strict=True):
        ids.append(numbered("QR", asked.number[said.place]))
        texts += said.texts
    ids.append(numbered("QK", chunk.contacts.number[chunk.voices.complaints.place]))
    texts += chunk.voices.complaints.texts
    ids.append(numbered("QY", chunk.contacts.number[chunk.conversations.place]))
    texts += chunk.conversations.texts
    heard = [*chunk.voices.reviews.texts, *chunk.mentions.texts]
    ids.append(numbered("QV", (chunk.number + 1) * 1_000_000 + np.arange(len(heard))))
    texts += heard
    counts: Ints = np.array([len(t.clauses) for t in texts], dtype=np.int64)
    place = np.repeat(np.arange(len(texts)), counts)
    clauses = [clause for text in texts for clause in text.clauses]
    words = {-1: "negative", 0: "neutral", 1: "positive", "mixed": "mixed"}
    every = pa.chunked_array(ids, pa.string()).combine_chunks()
    return pa.table(
        {
            "verbatim": compute.take(every, pa.array(place)),
            "aspect": pa.array([c.aspect for c in clauses], pa.string()),
            "polarity": pa.array([words[c.polarity] for c in clauses], pa.string()),
            "start": pa.array([c.start for c in clauses], pa.int64()),
            "end": pa.array([c.end for c in clauses], pa.int64()),
            "flags": pa.array(
                [" ".join(f for f in _FLAGS if f in c.flags) for c in clauses], pa.string()
            ),
            "sentiment": pa.array([words[texts[p].sentiment] for p in place], pa.string()),
            "is_hand_written": pa.array([texts[p].hand_written for p in place], pa.bool_()),
        }
    )


def turns(chunk: Chunk) -> pa.Table:
    """One row a turn of every recorded conversation."""
    held = chunk.conversations
    each = [turn for transcript in held.held for turn in transcript.turns]
    counts: Ints = np.array([len(t.turns) for t in held.held], dtype=np.int64)
    place = np.repeat(held.place, counts)
    return pa.table(
        {
            "verbatim": numbered("QY", chunk.contacts.number[place]),
            "contact": numbered("QK", chunk.contacts.number[place]),
            "turn": pa.array(within(counts)),
            "speaker": pa.array([turn.speaker for turn in each], pa.string()),
            "start_seconds": pa.array([float(turn.start_seconds) for turn in each], pa.float64()),
            "text": pa.array([turn.text for turn in each], pa.string()),
        }
    )


def aspects() -> pa.Table:
    """The aspects that clauses can be about."""
    every = list(ASPECTS.values())
    return pa.table(
        {
            "aspect": pa.array([a.slug for a in every]),
            "en": pa.array([a.english for a in every]),
            "zh": pa.array([a.chinese for a in every]),
            "complaint_heading_zh": pa.array([a.category for a in every]),
        }
    )
