"""Themes as they are kept: one of them, what it is called, what became of it."""

from __future__ import annotations

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _, language
from zhiyin.listen.themes.models import Theme


def get(workspace: str, number: int) -> Theme:
    """The theme of this number.

    Raises:
        Problem: ``themes.none``.
    """
    found = Theme.objects.filter(workspace__slug=workspace, number=number).first()
    if found is None:
        raise Problem(
            "themes.none",
            _("There is no theme {number}.", number=number),
            _("`zhiyin listen themes list` shows those that there are."),
        )
    return found


def name_of(theme: Theme) -> str:
    """What a theme is called: as a person named it, else by its words, those of the reader's
    language first; its number where many say it and no word is common to three."""
    if theme.given_name:
        return theme.given_name
    zh, en = theme.words_zh, theme.words_en
    words = (en or zh) if language() == "en" else (zh or en)
    return " · ".join(words[:MOST_WORDS]) or f"#{theme.number}"


MOST_WORDS = 3
