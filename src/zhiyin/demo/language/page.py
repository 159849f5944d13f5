"""A text as it grows: stretches are added, clauses know where they stand."""

from __future__ import annotations

import re

from zhiyin.demo.language.chance import Dice
from zhiyin.demo.language.manner import Manner
from zhiyin.demo.language.texts import Clause, Polarity

_ZH_BETWEEN = {"proper": "。", "loose": "，", "spaces": " ", "loud": "！", "trailing": "。。"}
_EN_BETWEEN = {"proper": ". ", "loose": ", ", "spaces": ". ", "loud": "! ", "trailing": "... "}
_ZH_ENDS = {
    "proper": ("。", "。", "。", ""), "loose": ("", "", "。", "～"), "spaces": ("",),
    "loud": ("！", "！！", "！！！", "！"), "trailing": ("。。。", "……", "...", "。。"),
}  # fmt: skip
_EN_ENDS = {
    "proper": (".",), "loose": ("", ""), "spaces": (".", ""),
    "loud": ("!", "!!", "!!!", "!"), "trailing": ("...", "...", ".."),
}  # fmt: skip
STOPS = "。！？!?.…～~：:"
NAMED = re.compile(r"(#|[@#][A-Za-z]+|@晴川航空)$")
"""Ends with a hashtag or a mention."""


class Page:
    """Collects stretches of text, and the clauses among them."""

    __slots__ = ("_at", "_last", "_manner", "clauses", "dice", "parts")

    def __init__(self, manner: Manner, dice: Dice) -> None:
        self.parts: list[str] = []
        self.clauses: list[Clause] = []
        self.dice = dice
        self._manner = manner
        self._at = 0
        self._last = ""

    def put(self, text: str) -> None:
        """Add characters as they are."""
        self.parts.append(text)
        self._at += len(text)
        self._last = text.rstrip(" ")[-1:] or self._last

    def say(
        self,
        text: str,
        lang: str,
        aspect: str | None = None,
        polarity: Polarity = 0,
        flags: frozenset[str] = frozenset(),
    ) -> None:
        """Add a stretch in this writer's manner; with an aspect it is a clause."""
        text = self._manners(text, lang)
        start = self._at
        self.put(text)
        if aspect is not None:
            self.clauses.append(Clause(aspect, polarity, start, self._at, flags))

    def part(self, lang: str, *, light: bool = False) -> None:
        """Put a break between two stretches; a light one does not end the sentence."""
        if self.parts and NAMED.search(self.parts[-1]):
            self.put(" ")  # a comma would become part of the name
        if not self.parts or self.parts[-1][-1:] in STOPS + " \n，　":
            if self.parts and lang == "en" and self.parts[-1][-1:] not in " \n":
                self.put(" ")
            return
        habit = self._manner.habit
        if lang == "zh":
            if light or (habit in ("proper", "loud") and self.dice.chance(0.35)):
                self.put(" " if habit == "spaces" else self._half("，"))
            else:
                self.put(self._half(_ZH_BETWEEN[habit]))
        else:
            self.put(", " if light else _EN_BETWEEN[habit])

    def end(self, lang: str) -> None:
        """The last mark, where this writer sets one."""
        last = self.parts[-1] if self.parts else ""
        if last and last[-1] not in STOPS + "）" and not NAMED.search(last):
            ends = _ZH_ENDS if lang == "zh" else _EN_ENDS
            self.put(self.dice.one(ends[self._manner.habit]))

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(self.parts)

    def _half(self, mark: str) -> str:
        if self._manner.halfwidth:
            return {"，": ",", "。": ".", "！": "!"}.get(mark, mark)
        return mark

    def _manners(self, text: str, lang: str) -> str:
        manner = self._manner
        if lang == "zh":
            if manner.habit == "spaces":
                return text.replace("，", " ").replace("。", " ")
            if manner.halfwidth:
                return text.replace("，", ",")
            return text
        if manner.lower:
            return text.lower()
        if not self._last or self._last in STOPS + "\n":
            return text[:1].upper() + text[1:]
        return text
