"""What the pages of responses call."""

from __future__ import annotations

from django import template

from zhiyin.kernel import figures
from zhiyin.kernel.answers import STATES

register = template.Library()


@register.filter
def score(value: float | None) -> str:
    """A score as it was given: 9, 4.5."""
    return figures.MISSING if value is None else f"{value:g}".replace("-", figures.MINUS)


@register.filter
def state(word: str) -> str:
    """What became of a question, in words."""
    return str(STATES.get(word, word))
