"""A question of choices from another system: a score where it is one, else a choice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from zhiyin.collect.surveys.definition import CHOSEN, MANY, Question, Texts
from zhiyin.collect.surveys.formats import scales
from zhiyin.collect.surveys.formats.draft import Condition, Draft
from zhiyin.collect.surveys.formats.scales import Listed, Scale, Score
from zhiyin.collect.surveys.formats.translating import Target
from zhiyin.kernel.text import _


@dataclass(frozen=True, slots=True)
class Choosing:
    """Choices as a file has them.

    Args:
        other: the file's value of the choice that is typed; blank: none.
        alone: values that exclude the others.
        shown: conditions of single choices, by the file's value.
        ids: other words that conditions of the file have for a value.
    """

    listed: Sequence[Listed]
    other: str = ""
    alone: frozenset[str] = frozenset()
    shown: Mapping[str, Condition] = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)


def ask(
    draft: Draft,
    question: Question,
    element: str,
    given: Choosing,
    *,
    known_as: Iterable[str],
    each: Mapping[str, Iterable[str]] | None = None,
    shown: Iterable[Condition] = (),
) -> None:
    """Ask a question of choices, single ones as a score where their values and words say so.

    Args:
        question: of a type of choices, without any.
        known_as: how conditions of the file name it.
        each: of one with several answers, how conditions name each choice, by value.
    """
    scale = scales.of(given.listed) if question.type in ("single", "dropdown") else None
    score = None if scale is None or given.other else scales.score_of(question.title, scale)
    if scale is not None and score is not None and not given.shown:
        made = scored(draft, question, element, scale)
        made = as_score(draft, made, element, score)
        values: dict[str, str | None] = {one.value: one.value for one in given.listed}
        values |= states(scale)
        target = Target(made.name, made, values | _by_id(given, values))
        draft.ask(made, element, known_as=dict.fromkeys(known_as, target), shown=shown)
        return
    offer = draft.offer(given.listed, element, other=given.other)
    values = offer.values | _by_id(given, offer.values)
    choices = offer.choices
    if question.type in MANY and given.alone:
        alone = {offer.values.get(value) for value in given.alone}
        choices = tuple(
            msgspec.structs.replace(one, is_exclusive=one.value in alone) for one in choices
        )
    has_other = bool(given.other)
    if not choices and not has_other:
        draft.changed(element, _("It has nothing to choose from: it is an open question."))
        asked = msgspec.structs.replace(question, type="text", is_shuffled=False,
                                        at_least=None, at_most=None)  # fmt: skip
        draft.ask(asked, element, known_as=known_as, shown=shown)
        return
    asked = msgspec.structs.replace(question, choices=choices, has_other=has_other)
    target = Target(asked.name, asked, values)
    targets = dict.fromkeys(known_as, target)
    for value, names in (each or {}).items():
        if ours := values.get(value):
            targets |= dict.fromkeys(names, Target(asked.name, asked, values, ours))
    conditional = {
        ours: one for value, one in given.shown.items() if (ours := offer.values.get(value))
    }
    draft.ask(asked, element, known_as=targets, shown=shown, choices=conditional)


def states(scale: Scale) -> dict[str, str | None]:
    """The file's values that are states: None does not apply, blank is not known."""
    return dict.fromkeys(scale.not_applicable) | dict.fromkeys(scale.dont_know, "")


def as_score(draft: Draft, made: Question, element: str, score: Score) -> Question:
    """A question on a scale as the score that it is."""
    if score.type == "nps":
        draft.changed(element, _("It asks from 0 to 10 for a recommendation: NPS."))
        return msgspec.structs.replace(
            made, type="nps", scale_min=None, scale_max=None, direction="up"
        )
    if score.type == "ces":
        draft.changed(
            element, _("It asks for ease or effort: CES {variant}.", variant=score.variant)
        )
        return msgspec.structs.replace(made, type="ces", variant=score.variant, direction="up")
    if score.type == "csat":
        draft.changed(element, _("It asks for satisfaction: CSAT."))
    return msgspec.structs.replace(made, type=score.type)


def scored(draft: Draft, question: Question, element: str, scale: Scale) -> Question:
    """A question on a scale, with the ends, states and direction that the choices have."""
    if scale.between and not scale.is_numbered:
        draft.changed(
            element,
            _("A scale from {low} to {high}: the labels between its ends are not shown: {what}.",
              low=scale.least, high=scale.most, what=", ".join(scale.between)[:200]),
        )  # fmt: skip
    way = scales.direction(scale.low, scale.high)
    if way == "down":
        draft.changed(element, _("Less is better on its scale."))
    low, high = (draft.texts(one, element) for one in (scale.low, scale.high))
    return msgspec.structs.replace(
        question,
        choices=(),
        scale_min=scale.least,
        scale_max=scale.most,
        low=low,
        high=high,
        direction=way,
        has_not_applicable=bool(scale.not_applicable),
        has_dont_know=bool(scale.dont_know),
    )


def grid(
    draft: Draft,
    question: Question,
    element: str,
    rows: Sequence[Listed],
    given: Choosing,
    *,
    known_as: Mapping[str, Sequence[str]],
    shown: Iterable[Condition] = (),
    row_shown: Mapping[str, Condition] | None = None,
) -> None:
    """Ask rows of the same choices: a matrix where they are a scale, else a question for each row.

    Args:
        question: a ``matrix`` without rows; or of a type of choices, for each row one.
        known_as: how conditions of the file name each row, by its value.
        row_shown: conditions of rows, by the file's value.
    """
    scale = scales.of(given.listed) if question.type == "matrix" else None
    conditions = row_shown or {}
    if scale is not None and not scale.is_ordered:
        draft.changed(
            element, _("Its labels are no ends of a scale: make it a matrix if they are.")
        )
        scale = None
    if scale is not None and rows:
        offer = draft.rows(rows, element)
        made = scored(draft, question, element, scale)
        made = msgspec.structs.replace(made, rows=offer.choices)
        values: dict[str, str | None] = {one.value: one.value for one in given.listed}
        values |= states(scale)
        values |= _by_id(given, values)
        targets: dict[str, Target] = {}
        ours = [one.value for one in offer.choices]
        for row, value in zip(rows, ours, strict=True):
            target = Target(f"{made.name}.{value}", made, values)
            targets |= dict.fromkeys(known_as.get(row.value, ()), target)
        by_row = {
            value: conditions[row.value]
            for row, value in zip(rows, ours, strict=True)
            if row.value in conditions
        }
        draft.ask(made, element, known_as=targets, shown=shown, rows=by_row)
        return
    kind = question.type if question.type in CHOSEN else "single"
    draft.changed(element, _("Each of its rows is a question of its own here."))
    for row in rows:
        own = [conditions[row.value]] if row.value in conditions else []
        one = msgspec.structs.replace(
            question,
            name=draft.name(f"{question.name}_{row.value}"),
            type=kind,
            title=_under(question.title, row.label, row.value),
        )
        known = known_as.get(row.value, ())
        each = {}
        if kind in MANY:
            each = {value: [f"{name}/{key}" for name in known] for key, value in given.ids.items()}
        ask(draft, one, element, given, known_as=known, each=each, shown=[*shown, *own])


def _under(title: Texts, label: Texts, value: str) -> Texts:
    """The title of a row: that of the whole, and its own."""
    first = next(iter(label.values()), value)
    return {code: f"{text}\n{label.get(code) or first}" for code, text in title.items()}


def _by_id(given: Choosing, values: Mapping[str, str | None]) -> dict[str, str | None]:
    return {said: values.get(value) for said, value in given.ids.items()}
