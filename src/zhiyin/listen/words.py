"""What is read of a clause, as people call it."""

from __future__ import annotations

from zhiyin.kernel.text import Text, _

POLARITIES: dict[str, Text] = {
    "negative": _("negative"),
    "neutral": _("neutral"),
    "positive": _("positive"),
    "mixed": _("mixed"),
}

MARKS: dict[str, Text] = {
    "anger": _("anger"),
    "worry": _("worry"),
    "disappointment": _("disappointment"),
    "joy": _("joy"),
    "thanks": _("thanks"),
    "complain": _("wants to complain"),
    "ask": _("asks"),
    "praise": _("praises"),
    "suggest": _("suggests"),
    "leave": _("wants to leave"),
    "high": _("much effort"),
    "low": _("little effort"),
    "urgent": _("urgent"),
}
"""Emotions, intents, efforts and urgency."""
