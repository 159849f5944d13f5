"""What is said in calls and chats: recorded for a few, in turns of two speakers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhiyin.demo.arrays import Ints, stream
from zhiyin.demo.contacts import CHAT, COMPLAINT, PHONE, Contacts
from zhiyin.demo.language import Request, Text, Transcript, transcripts
from zhiyin.demo.language.texts import Clause, Kind, Language, Polarity
from zhiyin.demo.people import LANGUAGE_EN, People
from zhiyin.demo.trips import Trips
from zhiyin.demo.voices import COMPLAINED_OF, PERSONA
from zhiyin.demo.world import World

RECORDED = {PHONE: 0.03, CHAT: 0.05}
"""Share of answered contacts that are written down, by channel."""
ABOUT: tuple[tuple[str, Polarity], ...] = (
    ("booking", 0), ("rebooking", -1), ("refund", -1), ("punctuality", -1), ("baggage", -1),
    ("check_in", 0), ("staff", 0), ("miles", 0), ("payment", 0), ("other", -1),
)  # fmt: skip
"""What a customer calls about, by `contacts.REASONS`, and in which mood at best."""
SPEAKERS = {
    "zh": {"agent": "客服", "customer": "客户", "bot": "机器人"},
    "en": {"agent": "Agent", "customer": "Customer", "bot": "Bot"},
}


@dataclass(frozen=True, slots=True, eq=False)
class Conversations:
    """Recorded conversations: places of contacts, turns, and the whole as one text."""

    place: Ints
    held: list[Transcript]
    texts: list[Text]


def converse(world: World, people: People, trips: Trips, contacts: Contacts) -> Conversations:
    """The recorded conversations of a chunk."""
    rng = stream(world.plan.seed, "conversations", people.chunk)
    chance = rng.random((len(contacts), 3))
    share = np.select([contacts.channel == c for c in RECORDED], list(RECORDED.values()), 0.0)
    recorded = (chance[:, 0] < share) & contacts.is_answered & (contacts.at < world.plan.end)
    place = np.flatnonzero(recorded)
    requests = []
    for contact in place:
        who = contacts.customer[contact]
        kind: Kind = "call" if contacts.channel[contact] == PHONE else "chat"
        lang: Language = "en" if people.language[who] == LANGUAGE_EN else "zh"
        aspect, mood = ABOUT[contacts.reason[contact]]
        if contacts.reason[contact] == COMPLAINT:
            options = COMPLAINED_OF[contacts.kind[contact]]
            aspect = options[int(chance[contact, 1] * len(options))]
        elif mood == -1 and contacts.experience[contact] > 0.5 and chance[contact, 1] < 0.6:
            mood = 0
        trip = contacts.trip[contact]
        requests.append(
            Request(
                kind=kind,
                lang=lang,
                aspects=((aspect, mood, 0.3 + 0.6 * float(chance[contact, 2])),),
                persona=PERSONA[people.persona[who]],
                context={
                    "resolved": bool(contacts.is_resolved[contact]),
                    "flight": world.network.name(int(trips.flight[trip])),
                    "date": world.plan.date_of(int(trips.day[trip])),
                },
            )
        )
    held = transcripts(rng, requests)
    return Conversations(place, held, [as_text(each) for each in held])


def as_text(held: Transcript) -> Text:
    """The conversation in lines, each beginning with who speaks; clauses move along."""
    names = SPEAKERS["en" if held.lang == "en" else "zh"]
    colon = ": " if held.lang == "en" else "："
    lines: list[str] = []
    clauses: list[Clause] = []
    at = 0
    for turn in held.turns:
        head = names[turn.speaker] + colon
        for clause in turn.clauses:
            start, end = at + len(head) + clause.start, at + len(head) + clause.end
            clauses.append(Clause(clause.aspect, clause.polarity, start, end, clause.flags))
        lines.append(head + turn.text)
        at += len(lines[-1]) + 1
    return Text("\n".join(lines), held.lang, tuple(clauses), held.sentiment)
