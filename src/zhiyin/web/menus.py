"""The menus of a page's address: what can be chosen, and what is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zhiyin.kernel.text import _
from zhiyin.measure.asked import Asked
from zhiyin.measure.metric import Metric
from zhiyin.measure.words import KINDS, PER


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a menu."""

    value: str
    label: str
    is_chosen: bool


def menu(chosen: str, options: Mapping[str, object]) -> tuple[Choice, ...]:
    """The options by their values; what is chosen and is none of them stands last."""
    if chosen and chosen not in options:
        options = {**options, chosen: chosen}
    return tuple(Choice(v, str(label), v == chosen) for v, label in options.items())


def of_answers(
    metric: Metric | None, known: Sequence[Asked], given: Mapping[str, str]
) -> dict[str, tuple[Choice, ...]]:
    """Which answers to a measure's questions are counted, and how.

    Args:
        metric: None where the address names none that there is.
        known: the questions that were asked.
    """
    named = () if metric is None else (*metric.scored, *metric.by_name)
    mine = [one for one in known if one.metric in named]
    kinds = {one.kind: KINDS.get(one.kind, one.kind) for one in mine if one.kind}
    questions = {one.question: one.question for one in sorted(mine, key=lambda one: one.question)}
    return {
        "kind": menu(given["kind"], {"": _("all kinds"), **kinds}),
        "question": menu(given["question"], {"": _("all questions"), **questions}),
        "per": menu(given["per"], {"": _("as defined"), **PER}),
    }
