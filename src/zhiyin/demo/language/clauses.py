"""One clause: a remark, its details, what came of it."""

from __future__ import annotations

from zhiyin.demo.language.aspects import ASPECTS
from zhiyin.demo.language.chance import Dice
from zhiyin.demo.language.manner import Manner
from zhiyin.demo.language.mixing import mixed
from zhiyin.demo.language.phrases import Line, Topic, blocks, said, topics
from zhiyin.demo.language.slips import slipped
from zhiyin.demo.language.slots import Slots
from zhiyin.demo.language.texts import Polarity, Request

_EMOJI: dict[Polarity, tuple[str, ...]] = {
    -1: (
        "😡",
        "😤",
        "🙄",
        "😭",
        "😓",
        "👎",
        "🤬",
        "😮‍💨",
        "💔",
        "🤡",
        "😅",
        "🤦",
        "🤦‍♀️",
        "😡😡",
        "🙃",
        "😩",
    ),
    0: ("🤔", "😂", "👀", "🙏", "✈️", "🧐", "😶"),
    1: ("👍", "😊", "❤️", "🌹", "🥰", "👏", "😄", "👍👍", "✈️", "💯", "🙏", "😋", "🌟"),
    "mixed": ("😅", "🤷", "😂", "🙂", "🫠", "🤷‍♀️"),
}
_CODES: dict[Polarity, tuple[str, ...]] = {
    -1: ("[怒]", "[泪]", "[裂开]", "[捂脸]", "[费解]", "[衰]", "[流泪]", "[白眼]"),
    0: ("[思考]", "[吃瓜]", "[疑问]", "[围观]"),
    1: ("[赞]", "[鲜花]", "[心]", "[比心]", "[good]", "[鼓掌]"),
    "mixed": ("[捂脸]", "[允悲]", "[摊手]", "[笑cry]"),
}
_JOINS_EN = {
    "proper": (". ", ". ", ", ", " - ", "; "),
    "loose": (", ", " - ", ", ", ". ", " and ", ", ", ". ", ", "),
    "spaces": (", ", ". "), "loud": ("! ", ". ", ", "), "trailing": ("... ", ", ", ".. "),
}  # fmt: skip


_JUDGING = ("是，", "的是", "complaint:", "downside,")
_JUDGES = (
    *"最就主要冲对每回败硬槽亮惊没", "the worst", "the best", "the highlight", "worst", "biggest",
    "best", "nicest", "my ", "points", "lost",
)  # fmt: skip
_NAMES: dict[Polarity, str] = {-1: "negative", 0: "neutral", 1: "positive"}


def fits(tie: str, text: str) -> bool:
    """Not where both say that now comes the worst of it."""
    return not (any(t in tie for t in _JUDGING) and text.lower().startswith(_JUDGES))


class Speaker:
    """Somebody who says clauses in one manner, about one trip."""

    __slots__ = ("_dice", "_manner", "_recent", "_request", "_topic_before", "main", "slots")

    def __init__(self, request: Request, manner: Manner, dice: Dice) -> None:
        self._dice = dice
        self._manner = manner
        self._request = request
        self._recent: list[Line] = []
        self._topic_before = ""
        context = dict(request.context)
        if "typhoon" in request.topics and not context.keys() & {"origin", "destination"}:
            # The storm is in Shanghai.
            context[dice.one(("origin", "destination"))] = dice.one(("SHA", "PVG"))
        self.slots = Slots(dice, context, formal=request.kind in ("news", "complaint", "platform"))
        self.main = "en" if request.lang == "en" else "zh"

    @property
    def _writes(self) -> bool:
        return self._request.kind not in ("call", "chat")

    def language_of(self, place: int) -> str:
        """In mixed texts one clause in four after the first is English."""
        free = place and not self._manner.formal
        if self._request.lang == "mixed" and free and self._dice.chance(0.3):
            return "en"
        return self.main

    def said(self, row: Line, lang: str) -> str:
        """A line with its choices made and its blanks filled."""
        return said(row.phrase, self._dice, self.slots.words(lang))

    def name(self, aspect: str, lang: str) -> None:
        """Settle what the news calls the aspect that it writes about next."""
        self.slots.keep(
            "subject", self.said(blocks(lang, "news")["subject", aspect][0], lang), lang
        )

    def clause(
        self, aspect: str, polarity: Polarity, intensity: float, lang: str
    ) -> tuple[str, frozenset[str]]:
        """One clause and its flags."""
        if polarity == "mixed":
            good, good_flags = self._half(aspect, 1, lang)
            bad, bad_flags = self._half(aspect, -1, lang)
            first, second = (good, bad) if self._dice.chance(0.65) else (bad, good)
            tie = self.tie(1 if first is good else -1, -1 if first is good else 1, lang, sure=True)
            text = f"{first}，{tie}{second}" if lang == "zh" else f"{first}, {tie}{second}"
            flags = good_flags | bad_flags
        else:
            text, flags = self._plain(aspect, polarity, intensity, lang)
        if self._request.lang == "mixed" and lang == "zh":
            text = mixed(text, polarity, self._dice, tails=not self._manner.formal)
        if self._manner.typo and self._dice.chance(self._manner.typo):
            wrong = slipped(text, lang, self._dice)
            if wrong != text:
                text, flags = wrong, flags | {"typo"}
        return text, flags

    def tie(self, before: Polarity | None, now: Polarity, lang: str, *, sure: bool = False) -> str:
        """What ties a clause to the one before it, often nothing."""
        turn = (
            "down"
            if (before, now) in ((1, -1), (1, "mixed"))
            else "up"
            if (before, now) == (-1, 1)
            else "same"
        )
        if before is None or not (sure or self._dice.chance(0.75 if turn != "same" else 0.28)):
            return ""
        row = self._dice.one(blocks(lang, "frames")["tie", turn])
        return self.said(row, lang) + (" " if lang == "en" else "")

    def emoji(self, polarity: Polarity) -> str:
        """One emoji, or the code of one on a microblog."""
        coded = self._request.kind in ("microblog", "video") and self.main == "zh"
        if coded and self._dice.chance(0.5):
            return self._dice.one(_CODES[polarity]) * self._dice.one((1, 1, 1, 2, 3))
        return self._dice.one(_EMOJI[polarity])

    def _half(self, aspect: str, polarity: Polarity, lang: str) -> tuple[str, frozenset[str]]:
        """One side of a mixed clause: a plain remark, on another topic than the side before."""
        rows = topics(lang)[aspect, _NAMES[polarity]]
        others = tuple(t for t in rows if t.name != self._topic_before)
        topic = self._topic(others if any(not t.special for t in others) else rows)
        self._topic_before = topic.name if polarity == 1 else ""
        row = self._fresh(self._sayable(topic))
        return self.said(row, lang), row.flags

    def _plain(
        self, aspect: str, polarity: Polarity, intensity: float, lang: str
    ) -> tuple[str, frozenset[str]]:
        dice, manner = self._dice, self._manner
        known = topics(lang)
        if polarity == -1 and dice.chance(manner.sarcasm):
            rows = known.get((aspect, "sarcastic"), ())
            if rows:
                row = self._fresh(self._topic(rows).say)
                return self.said(row, lang), frozenset({"sarcastic"})
        name = _NAMES[polarity]
        topic = self._topic(known[aspect, name])
        alone = aspect != "other" or len(self._request.aspects) == 1
        if manner.length == 0 and topic.short and alone:
            row = self._fresh(topic.short)
            return self.said(row, lang), row.flags
        parts = [self._fresh(self._sayable(topic))]
        if aspect != "other" and not topic.special and self._writes and dice.chance(0.16):
            parts = [self._opinion(aspect, name, lang)]
        if "suggestion" not in parts[0].flags and not parts[0].question:
            details = (0, 1 if dice.chance(0.12) else 0, 1, 2, 4)[manner.length]
            for _ in range(min(details, len(topic.details))):
                row = self._fresh(topic.details)
                if row not in parts:
                    parts.append(row)
            remark = self._remark(aspect, name, intensity, lang)
            if remark is not None:
                parts.append(remark)
        flags = frozenset(f for row in parts for f in row.flags)
        return self._joined([self.said(row, lang) for row in parts], lang), flags

    def _opinion(self, aspect: str, name: str, lang: str) -> Line:
        """An opinion that fits any aspect, with this one's noun in it."""
        found = blocks(lang, "opinions")
        self.slots.keep("noun", self.said(found["noun", aspect][0], lang), lang)
        return self._fresh(found[name, "plain"])

    def _sayable(self, topic: Topic) -> tuple[Line, ...]:
        """Whoever calls or writes to the service without blame asks or suggests something."""
        if self._request.kind in ("call", "chat"):
            wanted = tuple(r for r in topic.say if r.question or "suggestion" in r.flags)
            return wanted or topic.say
        return topic.say

    def _topic(self, rows: tuple[Topic, ...]) -> Topic:
        wanted = [t for t in rows if t.special and t.name in self._request.topics]
        if wanted and self._dice.chance(0.85):
            return self._dice.one(wanted)
        plain = [t for t in rows if not t.special]
        # A topic with more lines is spoken of more often, so no line stands out.
        weights = [len(t.say) + 1 for t in plain]
        point = self._dice.draw() * sum(weights)
        for topic, weight in zip(plain, weights, strict=True):
            point -= weight
            if point < 0:
                return topic
        return plain[-1]

    def _fresh(self, rows: tuple[Line, ...]) -> Line:
        """A line that this text has not used yet, of a dialect only for those who speak it."""
        for _ in range(6):
            row = self._dice.one(rows)
            if "dialect" in row.flags and not self._manner.dialect:
                continue
            if row not in self._recent:
                self._recent.append(row)
                return row
        return row

    def _remark(self, aspect: str, name: str, intensity: float, lang: str) -> Line | None:
        """What came of it, or how it felt."""
        if name == "neutral" or self._manner.formal or not self._writes:
            return None
        share = (0.0, 0.12, 0.20, 0.42, 0.9)[self._manner.length] * (0.5 + intensity)
        if not self._dice.chance(share):
            return None
        found = blocks(lang, "remarks")
        group = ASPECTS[aspect].group
        persona = self._request.persona
        keys = [(g, name, p) for g in (group, "any") for p in (persona, "any")]
        rows = [found[key] for key in keys if key in found]
        if not rows:
            return None
        return self._fresh(self._dice.one(rows))

    def _joined(self, parts: list[str], lang: str) -> str:
        text = parts[0]
        for part in parts[1:]:
            if lang == "zh":
                text += ("，" if text[-1] not in "，。！？…～" else "") + part
                continue
            join = self._dice.one(_JOINS_EN[self._manner.habit])
            if text[-1] in "!?.":
                join = " "
            if join[0] in ".!" or join == " ":
                part = part[:1].upper() + part[1:]
            text += join + part
        return text
