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

LANGUAGES: dict[str, Text] = {
    "zh": _("Chinese"),
    "en": _("English"),
    "pt": _("Portuguese"),
    "es": _("Spanish"),
    "fr": _("French"),
    "de": _("German"),
    "it": _("Italian"),
    "nl": _("Dutch"),
    "vi": _("Vietnamese"),
    "id": _("Indonesian"),
    "tr": _("Turkish"),
    "pl": _("Polish"),
    "sv": _("Swedish"),
    "ja": _("Japanese"),
    "ko": _("Korean"),
    "th": _("Thai"),
    "ar": _("Arabic"),
    "ru": _("Russian"),
    "und": _("no language"),
}
"""By the codes of `language.of`; what a source calls otherwise is called as it is."""
