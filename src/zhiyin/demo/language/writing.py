"""Texts of one writer: surveys, reviews, mentions and complaints."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from zhiyin.demo.language.by_hand import Drawer
from zhiyin.demo.language.chance import Dice
from zhiyin.demo.language.clauses import Speaker, fits
from zhiyin.demo.language.manner import Manner
from zhiyin.demo.language.page import Page
from zhiyin.demo.language.phrases import Line, blocks
from zhiyin.demo.language.texts import Polarity, Request, Text, sentiment_of

NAMES: dict[Polarity, str] = {-1: "negative", 0: "neutral", 1: "positive", "mixed": "mixed"}
_NEWSWORTHY = {"typhoon": ("punctuality", "rebooking", "information"), "promotion": ("price",)}
"""What a storm or a sale is news about, when nobody is praised or blamed."""
_OPENS = {"survey": 0.10, "review": 0.62, "microblog": 0.45, "forum": 0.72, "video": 0.08,
          "complaint": 1.0, "platform": 0.85}  # fmt: skip
_CLOSES = {"survey": 0.16, "review": 0.62, "microblog": 0.28, "forum": 0.55, "video": 0.12,
           "complaint": 1.0, "platform": 0.85}  # fmt: skip


def write(rng: np.random.Generator, requests: Sequence[Request]) -> list[Text]:
    """One text for each request; the same Generator state gives the same texts.

    Raises:
        KeyError: an aspect that is none of `ASPECTS`.
        ValueError: a request without aspects, or for a call or chat (`transcripts` makes those).
    """
    dice = Dice(rng)
    drawer = Drawer()
    return [_one(request, dice, drawer) for request in requests]


def _one(request: Request, dice: Dice, drawer: Drawer) -> Text:
    if request.kind in ("call", "chat"):
        raise ValueError(f"transcripts, not write, makes a {request.kind}")
    if not request.aspects:
        raise ValueError("a text is about something: name at least one aspect")
    if request.story is not None:
        found = drawer.take(request.story, request.lang, dice)
        if found is not None:
            return found
    manner = Manner.of(request, dice)
    page = Page(manner, dice)
    speaker = Speaker(request, manner, dice)
    if request.kind == "news":
        _news(page, speaker, request)
    else:
        _opinion(page, speaker, request, manner)
    clauses = tuple(page.clauses)
    return Text(page.text, request.lang, clauses, sentiment_of(c.polarity for c in clauses))


def _opinion(page: Page, speaker: Speaker, request: Request, manner: Manner) -> None:
    """Opening, one clause an aspect with what ties them, ending."""
    dice, kind = page.dice, request.kind
    overall = sentiment_of(p for _, p, _ in request.aspects)
    lang = speaker.main
    bare = (manner.length == 0 or request.aspects[0][0] == "other") and kind != "complaint"
    if not bare and dice.chance(_OPENS[kind]):
        _frame(page, speaker, _opening(request, lang, NAMES[overall], dice), lang, overall)
    before: Polarity | None = None
    for place, (aspect, polarity, intensity) in enumerate(request.aspects):
        lang = speaker.language_of(place)
        text, flags = speaker.clause(aspect, polarity, intensity, lang)
        if page.parts:
            page.part(lang)
            tie = speaker.tie(before, polarity, lang)
            if tie and aspect != "other" and "sarcastic" not in flags and fits(tie, text):
                page.say(tie, lang)
        page.say(text, lang, aspect, polarity, flags)
        before = polarity
        if dice.chance(manner.emoji * 0.3):
            page.put(speaker.emoji(polarity))
    lang = speaker.main
    if (manner.length > 0 or kind == "complaint") and dice.chance(_CLOSES[kind]):
        rows = blocks(lang, "frames").get((kind, "close", NAMES[overall]), ())
        if rows:
            page.part(lang)
            _frame(page, speaker, dice.one(rows), lang, overall)
    page.end(lang)
    if dice.chance(manner.emoji):
        page.put(speaker.emoji(overall))


def _opening(request: Request, lang: str, overall: str, dice: Dice) -> Line:
    found = blocks(lang, "frames")
    kind, persona = request.kind, request.persona
    rows = found.get((kind, "open", persona))
    if rows is None or dice.chance(0.45):
        rows = found.get((kind, "open", overall)) if dice.chance(0.4) else None
    return dice.one(rows or found[kind, "open", "any"])


def _frame(page: Page, speaker: Speaker, row: Line, lang: str, overall: Polarity) -> None:
    text = speaker.said(row, lang)
    if "general" in row.flags:
        page.say(text, lang, "other", overall, row.flags)
    else:
        page.say(text, lang)


def _news(page: Page, speaker: Speaker, request: Request) -> None:
    """A headline, then what happened, then who said what."""
    dice, lang = page.dice, speaker.main
    found = blocks(lang, "news")
    aspect, polarity, _ = request.aspects[0]
    fitting = (t for t in sorted(request.topics) if aspect in _NEWSWORTHY.get(t, ()))
    special = next(fitting, None) if polarity == 0 else None
    for place, (aspect, polarity, _) in enumerate(request.aspects[:3]):
        speaker.name(aspect, lang)
        tone = NAMES[polarity] if polarity != "mixed" else "negative"
        if place == 0:
            page.say(speaker.said(dice.one(found[special or tone, "head"]), lang), lang)
            page.put("\n" if dice.chance(0.5) else "　" if lang == "zh" else ". ")
        theme = special or tone if place == 0 else tone
        row = dice.one(found[theme, "lead" if place == 0 else "more"])
        page.say(speaker.said(row, lang), lang, aspect, polarity, row.flags)
        page.part(lang)
    page.say(speaker.said(dice.one(found["any", "close"]), lang), lang)
    page.end(lang)
