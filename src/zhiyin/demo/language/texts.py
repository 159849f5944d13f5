"""What is asked of the language, and what it gives back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Language = Literal["zh", "en", "mixed"]
Kind = Literal[
    "survey",
    "review",
    "news",
    "microblog",
    "forum",
    "video",
    "complaint",
    "platform",
    "call",
    "chat",
]
Persona = Literal["business", "family", "student", "senior", "organiser", "secretary", "any"]
Polarity = Literal[-1, 0, 1, "mixed"]
Flag = Literal["negated", "sarcastic", "typo", "suggestion", "dialect", "general"]

KINDS: tuple[Kind, ...] = (
    "survey", "review", "news", "microblog", "forum", "video", "complaint", "platform",
)  # fmt: skip
PERSONAS: tuple[Persona, ...] = (
    "business", "family", "student", "senior", "organiser", "secretary",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Request:
    """One text that somebody is to write.

    Args:
        kind: where it stands; ``call`` and ``chat`` go to `transcripts`.
        aspects: what it is about, in the order of mind: (aspect, polarity, intensity 0…1).
        context: what is known of the trip, all optional: ``origin`` and ``destination`` (station
            code or the city in the text's language), ``flight``, ``date`` (a date), ``minutes``
            (of delay), ``wait`` (minutes in a queue or at the belt), ``hold`` (minutes on the
            line), ``days`` (that the refund takes), ``amount`` and ``fee`` (yuan), ``resolved``.
        topics: special subjects that may be spoken of only now: ``typhoon``, ``promotion``, …
            (`phrases.special_topics`).
        story: write by hand if a verbatim of that story is left in this language.
    """

    kind: Kind
    lang: Language
    aspects: tuple[tuple[str, Polarity, float], ...]
    persona: Persona = "any"
    context: Mapping[str, object] = field(default_factory=dict)
    topics: frozenset[str] = frozenset()
    story: str | None = None


@dataclass(frozen=True, slots=True)
class Clause:
    """What is said in ``text[start:end]``: the truth about one stretch of a text."""

    aspect: str
    polarity: Polarity
    start: int
    end: int
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Text:
    """One text with its truth; `sentiment` is that of the whole."""

    text: str
    lang: Language
    clauses: tuple[Clause, ...]
    sentiment: Polarity
    hand_written: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a conversation; `speaker` is ``agent``, ``customer`` or ``bot``."""

    speaker: str
    start_seconds: float
    text: str
    clauses: tuple[Clause, ...] = ()


@dataclass(frozen=True, slots=True)
class Transcript:
    """A call or a chat; `sentiment` is the customer's over the whole of it."""

    kind: Kind
    lang: Language
    turns: tuple[Turn, ...]
    sentiment: Polarity
    seconds: float


def sentiment_of(polarities: Iterable[Polarity]) -> Polarity:
    """Mixed if praise and blame both occur, else whichever occurs, else neutral."""
    seen = set(polarities)
    if "mixed" in seen or {1, -1} <= seen:
        return "mixed"
    return 1 if 1 in seen else -1 if -1 in seen else 0
