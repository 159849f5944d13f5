"""How one person writes: length, punctuation, capitals, emoji, slips of the keyboard."""

from __future__ import annotations

from dataclasses import dataclass

from zhiyin.demo.language.chance import Dice
from zhiyin.demo.language.texts import Request

_LENGTHS: dict[str, tuple[float, ...]] = {
    # shares of: four words · one remark · with a detail · with two · everything that happened
    "survey": (0.20, 0.36, 0.31, 0.11, 0.02),
    "review": (0.00, 0.14, 0.42, 0.32, 0.12),
    "microblog": (0.08, 0.37, 0.38, 0.17),
    "forum": (0.02, 0.22, 0.42, 0.26, 0.08),
    "video": (0.34, 0.48, 0.18, 0.00),
    "complaint": (0.00, 0.04, 0.42, 0.42, 0.12),
    "platform": (0.00, 0.12, 0.46, 0.32, 0.10),
    "call": (0.00, 0.40, 0.50, 0.10),
    "chat": (0.12, 0.55, 0.33, 0.00),
}
_EMOJI = {
    "survey": 0.07,
    "review": 0.10,
    "microblog": 0.45,
    "forum": 0.14,
    "video": 0.50,
    "chat": 0.10,
}
_FORMAL = ("complaint", "news")


@dataclass(frozen=True, slots=True)
class Manner:
    """One writer's habits on one day.

    `habit` is how they punctuate: ``proper``, ``loose``, ``spaces``, ``loud`` or ``trailing``.
    """

    length: int
    habit: str
    halfwidth: bool
    lower: bool
    emoji: float
    typo: float
    sarcasm: float
    dialect: bool
    formal: bool

    @classmethod
    def of(cls, request: Request, dice: Dice) -> Manner:
        """The habits of somebody who writes this request."""
        kind, persona = request.kind, request.persona
        blame = max((i for _, p, i in request.aspects if p in (-1, "mixed")), default=0.0)
        praise = max((i for _, p, i in request.aspects if p == 1), default=0.0)
        formal = kind in _FORMAL
        length = _length(kind, max(blame, praise), dice)
        if persona == "senior" and length < 3 and dice.chance(0.3):
            length += 1
        young = persona in ("student", "any")
        spoken = kind == "call"
        return cls(
            length=length,
            habit="proper" if spoken else _habit(kind, persona, blame, dice),
            halfwidth=not (formal or spoken) and dice.chance(0.08),
            lower=not (formal or spoken) and dice.chance(0.22 if young else 0.08),
            emoji=_EMOJI.get(kind, 0.0) * (0.5 if persona in ("business", "secretary") else 1.0),
            typo=0.0 if formal or not dice.chance(0.10) else 0.7,
            sarcasm=0.0 if formal or kind == "call" else 0.10 + 0.16 * blame * (blame > 0.5),
            dialect=not formal and dice.chance(0.09),
            formal=formal,
        )


def _length(kind: str, intensity: float, dice: Dice) -> int:
    shares = _LENGTHS.get(kind, _LENGTHS["survey"])
    point = dice.draw() ** (1.25 - 0.5 * intensity)
    for length, share in enumerate(shares):
        point -= share
        if point < 0:
            return length
    return len(shares) - 1 if shares[-1] else 2


def _habit(kind: str, persona: str, blame: float, dice: Dice) -> str:
    if kind in ("complaint", "news"):
        return "proper"
    point = dice.draw()
    if blame > 0.75 and point < 0.30:
        return "loud"
    point = dice.draw()
    careful = 0.62 if persona in ("business", "secretary", "organiser") else 0.38
    if kind in ("review", "platform"):
        careful += 0.15
    if point < careful:
        return "proper"
    point = dice.draw()
    return "loose" if point < 0.62 else "spaces" if point < 0.84 else "trailing"
