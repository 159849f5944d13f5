"""Which questions a figure would rest on, and the refusal to mix what must not be mixed.

Kinds, scales and directions are never put into one figure: a mean of an answer on 1–5 and one on
0–10 is about neither. So before a figure is made, the answers that it would take are counted by
question, kind, scale and state, in one query; a request that would mix is refused with the names
of the questions and the way to choose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _
from zhiyin.measure.metric import Metric, Per, Scale
from zhiyin.measure.requests import ScoreRequest

NPS_SCALE = (0.0, 10.0)
LEGACY_NPS_SCALE = (1.0, 10.0)


@dataclass(frozen=True, slots=True)
class Asked:
    """Answers alike in everything that must not be mixed, and how many there are."""

    question: str
    metric: str
    kind: str | None
    low: float | None
    high: float | None
    direction: str | None
    state: str
    n: int
    weighted: int = 0
    first: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Basis:
    """What a figure rests on.

    Args:
        questions: their names.
        kind: their one kind; None where none was said or nothing was asked.
        per: how they are counted.
        scale: their one scale; None where none was declared.
        states: how many answers are in each state, over all that was asked.
        is_legacy: whether NPS was asked on 1–10.
        has_weights: whether answers carry weights.
        first: the earliest answer's time (UTC, naive).
        last: the latest one's.
    """

    questions: tuple[str, ...]
    kind: str | None
    per: Per
    scale: Scale | None
    states: dict[str, int]
    is_legacy: bool
    has_weights: bool
    first: datetime | None
    last: datetime | None


def basis(metric: Metric, request: ScoreRequest, found: Iterable[Asked]) -> Basis:
    """Make sure that one figure may rest on `found`, and say what it rests on.

    Raises:
        Problem: ``score.mixed-measures``, ``score.mixed-kinds``, ``score.mixed-scales``,
            ``score.wrong-scale``.
    """
    asked = list(found)
    answered = [one for one in asked if one.state == "answered"]
    states: dict[str, int] = {}
    for one in asked:
        states[one.state] = states.get(one.state, 0) + one.n
    _one_measure(answered)
    kind = _one_kind(answered)
    scale = _one_scale(metric, answered)
    return Basis(
        questions=tuple(sorted({one.question for one in answered or asked})),
        kind=request.kind or kind,
        per=request.per or ("customer" if (request.kind or kind) == "relationship" else "answer"),
        scale=scale,
        states=dict(sorted(states.items())),
        is_legacy=metric.slug == "nps" and scale is not None and scale.low == 1,
        has_weights=any(one.weighted for one in answered),
        first=min((one.first for one in answered if one.first), default=None),
        last=max((one.last for one in answered if one.last), default=None),
    )


def _one_measure(answered: list[Asked]) -> None:
    if len({one.metric for one in answered}) > 1:
        named = _named(answered, lambda one: one.metric)
        raise Problem(
            "score.mixed-measures",
            _("These questions measure different things: {questions}.", questions=named),
            _("Choose with --question."),
        )


def _one_kind(answered: list[Asked]) -> str | None:
    kinds = {one.kind for one in answered}
    if len(kinds) > 1:
        named = _named(answered, lambda one: one.kind or "–")
        raise Problem(
            "score.mixed-kinds",
            _("Answers of different kinds are never in one figure: {questions}.", questions=named),
            _(
                "Choose with --kind {kinds}, or with --question.",
                kinds="|".join(sorted(kind for kind in kinds if kind)),
            ),
        )
    return next(iter(kinds), None)


def _one_scale(metric: Metric, answered: list[Asked]) -> Scale | None:
    scales = {(one.low, one.high, one.direction or "up") for one in answered}
    if len(scales) > 1:
        raise _mixed_scales(answered)
    if not scales:
        return None
    low, high, direction = next(iter(scales))
    if metric.slug == "nps":
        low, high = NPS_SCALE if low is None or high is None else (low, high)
        if (low, high) not in (NPS_SCALE, LEGACY_NPS_SCALE) or direction != "up":
            raise _wrong_scale(
                answered, _("NPS is asked on 0–10, 10 being best (legacy data: 1–10).")
            )
    if low is None or high is None:
        if metric.estimator == "proportion":
            raise _wrong_scale(answered, _("Declare the scale when you import the answers."))
        return None
    if metric.slug == "csat" and (low, high) != (1.0, 5.0):
        raise _wrong_scale(answered, _("CSAT is asked on 1–5. Ask for top_box or rating instead."))
    return Scale(low, high, "down" if direction == "down" else "up")


def _mixed_scales(answered: list[Asked]) -> Problem:
    named = _named(answered, _scale_words)
    of_question: dict[str, set[str]] = {}
    for one in answered:
        of_question.setdefault(one.question, set()).add(_scale_words(one))
    hint = _("Choose with --question.")
    if any(len(scales) > 1 for scales in of_question.values()):
        lows = len({one.low for one in answered}) > 1
        column, value = ("scale_min", answered[0].low) if lows else ("scale_max", answered[0].high)
        hint = _(
            'Choose with --question, or with --where "{column} = {value}".',
            column=column,
            value=f"{value:g}" if value is not None else "…",
        )
    return Problem(
        "score.mixed-scales",
        _("Answers on different scales are never in one figure: {questions}.", questions=named),
        hint,
    )


def _wrong_scale(answered: list[Asked], hint: Text) -> Problem:
    return Problem(
        "score.wrong-scale",
        _(
            "This figure cannot be made on that scale: {questions}.",
            questions=_named(answered, _scale_words),
        ),
        hint,
    )


def _scale_words(one: Asked) -> str:
    low, high = (("?" if end is None else f"{end:g}") for end in (one.low, one.high))
    return f"{low}–{high}" + ("" if one.direction in (None, "up") else " ↓")


def _named(answered: list[Asked], trait: Callable[[Asked], str]) -> str:
    pairs = sorted({(one.question, trait(one)) for one in answered})
    shown = [f"{question} ({said})" for question, said in pairs[:12]]
    return ", ".join(shown) + (" …" if len(pairs) > 12 else "")
