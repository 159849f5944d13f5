"""Conversations: calls of two speakers, and service chats that begin with a robot."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from zhiyin.demo.language.aspects import ASPECTS
from zhiyin.demo.language.chance import Dice
from zhiyin.demo.language.clauses import Speaker
from zhiyin.demo.language.manner import Manner
from zhiyin.demo.language.page import STOPS, Page
from zhiyin.demo.language.phrases import blocks
from zhiyin.demo.language.texts import Polarity, Request, Transcript, Turn, sentiment_of

_ZH_PER_SECOND = 4.3
_EN_PER_SECOND = 14.0
"""Characters that are spoken in a second."""


def transcripts(rng: np.random.Generator, requests: Sequence[Request]) -> list[Transcript]:
    """One conversation for each request of kind ``call`` or ``chat``.

    The customer says what the request asks for, then what they think of the outcome (aspect
    ``hotline`` in a call, ``app`` in a chat), which ``context["resolved"]`` decides.

    Raises:
        ValueError: a request of another kind, or without aspects.
    """
    dice = Dice(rng)
    return [_Talk(request, dice).held() for request in requests]


class _Talk:
    """One conversation as it goes on."""

    def __init__(self, request: Request, dice: Dice) -> None:
        if request.kind not in ("call", "chat"):
            raise ValueError(f"write, not transcripts, makes a {request.kind}")
        if not request.aspects:
            raise ValueError("a conversation is about something: name at least one aspect")
        self.request = request
        self.dice = dice
        self.manner = Manner.of(request, dice)
        self.speaker = Speaker(request, self.manner, dice)
        self.lang = self.speaker.main
        self.at = 0.0
        self.turns: list[Turn] = []
        self.paused = False
        """Somebody was silent: what the agent says next is a turn of its own."""

    def held(self) -> Transcript:
        """The whole conversation."""
        first, tone, _ = self.request.aspects[0]
        overall = sentiment_of(p for _, p, _ in self.request.aspects)
        self._opening(overall)
        self._customer(0)
        self._identified()
        for place in range(1, len(self.request.aspects)):
            self._customer(place)
            self._agent("nod")
        if overall in (-1, "mixed"):
            self._agent("sorry")
            if self.dice.chance(0.6):
                self._asked()
        resolved = self._resolved(overall)
        self._outcome(first, tone, overall, resolved=resolved)
        if self.dice.chance(0.7):
            self._agent("anything")
            self._say("customer", "nothing")
        self._agent("bye" if resolved or overall in (0, 1) else "bye_cold")
        everything = [c for turn in self.turns for c in turn.clauses]
        return Transcript(
            self.request.kind,
            self.request.lang,
            tuple(self.turns),
            sentiment_of(c.polarity for c in everything),
            round(self.at, 1),
        )

    def _opening(self, overall: Polarity) -> None:
        if self.request.kind == "chat":
            self._say("bot", "bot")
            if self.dice.chance(0.35):
                self._say("customer", "hello")
                self._say("bot", "bot_again")
            self._say("customer", "to_human")
            self._say("bot", "queue")
            self.at += self.dice.between(5, 240)
            self.paused = True
        self._agent("greet")

    def _identified(self) -> None:
        if self.request.aspects[0][1] == 0 and self.dice.chance(0.6):
            return
        self._agent("verify_sorry" if self.request.aspects[0][1] == -1 else "verify")
        self._say("customer", "give")
        self._agent("search")
        self.at += self.dice.between(2, 25)
        self.paused = True

    def _asked(self) -> None:
        """The agent's question and the answer that belongs to it."""
        found = blocks(self.lang, "dialogue")
        questions, replies = (found[self.request.kind, what] for what in ("ask", "tell"))
        place = self.dice.between(0, len(questions) - 1)
        self._put("agent", self.speaker.said(questions[place], self.lang))
        self._put("customer", self.speaker.said(replies[place], self.lang))

    def _resolved(self, overall: Polarity) -> bool:
        known = self.request.context.get("resolved")
        return (
            bool(known) if known is not None else self.dice.chance(0.6 if overall == -1 else 0.85)
        )

    def _outcome(self, aspect: str, tone: Polarity, overall: Polarity, *, resolved: bool) -> None:
        if tone == 1 and overall == 1:
            self._agent("any", "thank")
            return
        if tone == 0 and overall != -1:
            wish = "suggestion" in next(c.flags for turn in self.turns for c in turn.clauses)
            self._agent("suggestion" if wish else self._fitting("answer", aspect), "answer")
            self._say("customer", "fine")
            return
        if self.dice.chance(0.4):
            self._agent("hold")
            self.at += self.dice.between(10, 120)
            self.paused = True
            self._agent("back")
        # What was praised needs no solution: the first blame does.
        blamed = next((a for a, p, _ in self.request.aspects if p in (-1, "mixed")), aspect)
        kind = "solve" if resolved else "stall"
        self._agent(self._fitting(kind, blamed), kind)
        about = "hotline" if self.request.kind == "call" else "app"
        self._say("customer", "pleased" if resolved else "unhappy", about, 1 if resolved else -1)

    def _fitting(self, kind: str, aspect: str) -> str:
        found = blocks(self.lang, "dialogue")
        for key in (aspect, ASPECTS[aspect].group):
            if (kind, key) in found:
                return key
        return "any"

    def _customer(self, place: int) -> None:
        """The customer says what the request asks for at that place."""
        aspect, polarity, intensity = self.request.aspects[place]
        page = Page(self.manner, self.dice)
        lang = self.lang
        text, flags = self.speaker.clause(aspect, polarity, intensity, lang)
        if place == 0:
            wish = "_wish" if "suggestion" in flags else "_question"
            tone = "_praise" if polarity == 1 else wish if polarity == 0 else ""
            if self.request.kind == "call":
                page.say(self._line("call", "hello" + tone), lang)
        elif self.dice.chance(0.5):
            page.say(self._line(self.request.kind, "filler"), lang)
        if page.parts and lang == "en":
            page.put(" ")
        page.say(text, lang, aspect, polarity, flags)
        page.end(lang)
        self._turn("customer", page)

    def _agent(self, what: str, section: str = "") -> None:
        self._say("agent", what, section=section)

    def _say(
        self,
        who: str,
        what: str,
        aspect: str | None = None,
        polarity: Polarity = 0,
        section: str = "",
    ) -> None:
        text = self._line(section or self.request.kind, what)
        self._put(who, text, aspect, polarity)

    def _put(self, who: str, text: str, aspect: str | None = None, polarity: Polarity = 0) -> None:
        typed = who == "customer" and self.request.kind == "chat"
        page = Page(self.manner if typed else _PLAIN, self.dice)
        page.say(text, self.lang, aspect, polarity)
        self._turn(who, page)

    def _line(self, section: str, what: str) -> str:
        row = self.dice.one(blocks(self.lang, "dialogue")[section, what])
        return self.speaker.said(row, self.lang)

    def _gap(self, before: str) -> str:
        ended = before[-1] in STOPS + "，,🤖"
        return ("" if ended else "，") if self.lang == "zh" else (" " if ended else ". ")

    def _turn(self, who: str, page: Page) -> None:
        text = page.text
        last = self.turns[-1] if self.turns else None
        if last and last.speaker == who == "agent" and not self.paused:
            joined = last.text + self._gap(last.text) + text
            self.turns[-1] = Turn(who, last.start_seconds, joined)
        else:
            self.turns.append(Turn(who, round(self.at, 1), text, tuple(page.clauses)))
        self.paused = False
        if self.request.kind == "call":
            pace = _ZH_PER_SECOND if self.lang == "zh" else _EN_PER_SECOND
            self.at += len(text) / pace + 0.2 + self.dice.draw() * 1.2
        else:
            self.at += 1.0 if who == "bot" else 2 + len(text) * 0.6 + self.dice.draw() * 25


_PLAIN = Manner(1, "proper", False, False, 0.0, 0.0, 0.0, False, True)
"""How agents and robots write: as their rules say."""
