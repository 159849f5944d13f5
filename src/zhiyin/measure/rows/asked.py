"""Answers: only *answered* counts; every other state is counted beside (`questions.states`)."""

from __future__ import annotations

from zhiyin.measure.metric import Scale, Source
from zhiyin.warehouse import lang

PROMOTER_FROM = 9
DETRACTOR_TO = 6


def nps(source: Source) -> lang.Expression:
    """+1 a promoter (9–10), −1 a detractor (0–6, on the legacy scale 1–6), 0 a passive."""
    answers = answered(source)
    promoter = answers.score >= PROMOTER_FROM
    detractor = answers.score <= DETRACTOR_TO
    vote = _small(lang.cases((promoter, 1), (detractor, -1), else_=0))
    return _weighted(source, answers, vote)


def top_box(source: Source) -> lang.Expression:
    """1 in the two boxes at the good end of the scale, else 0."""
    answers = answered(source)
    return _weighted(source, answers, _flag(in_boxes(source.scale, answers.score, good=True)))


def bottom_box(source: Source) -> lang.Expression:
    """1 in the two boxes at the bad end of the scale, else 0."""
    answers = answered(source)
    return _weighted(source, answers, _flag(in_boxes(source.scale, answers.score, good=False)))


def easy(source: Source) -> lang.Expression:
    """1 in the easy boxes: two at the easy end on 1–5, three on 1–7."""
    answers = answered(source)
    held = in_boxes(source.scale, answers.score, good=True, boxes=easy_boxes(source.scale))
    return _weighted(source, answers, _flag(held))


def mean(source: Source) -> lang.Expression:
    """The score itself."""
    answers = answered(source)
    return _weighted(source, answers, answers.score)


def answered(source: Source) -> lang.Expression:
    """Answers in the state *answered*, with a score."""
    answers = source.table("answers")
    is_answered = answers.answer_state == source.code("answer_state", "answered")
    return answers.filter(is_answered, answers.score.notnull())


def in_boxes(scale: Scale | None, score: lang.Value, *, good: bool, boxes: int = 2) -> lang.Value:
    """Whether a score lies in the `boxes` boxes at the good or the bad end of its scale."""
    scale = scale or Scale(1, 5)
    high_end = (scale.direction == "up") == good
    return score > scale.high - boxes if high_end else score < scale.low + boxes


def easy_boxes(scale: Scale | None) -> int:
    """How many boxes of an effort scale are *easy*: 5–7 on 1–7, 4–5 on 1–5, mirrored when down."""
    return 3 if scale is not None and scale.high - scale.low >= 6 else 2


def _flag(condition: lang.Value) -> lang.Value:
    return _small(lang.ifelse(condition, 1, 0))


def _small(value: lang.Value) -> lang.Value:
    # Ibis takes small literals for int8 already and drops a plain cast; the engine does not.
    return value.cast("int16").cast("int8")


def _weighted(source: Source, answers: lang.Expression, value: lang.Value) -> lang.Expression:
    if not source.is_weighted:
        return answers.mutate(num=value)
    weight = lang.coalesce(answers.weight, 1.0)
    # A weight of 0 takes the answer out of the base.
    return answers.mutate(num=weight * value, den=weight).filter(weight > 0)
