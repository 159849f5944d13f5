"""Of which kind a verbatim is: the dimension ``voice`` of the log's verbatims."""

from __future__ import annotations

from zhiyin.kernel.text import Text, _

DIMENSION = "voice"

VOICES: dict[str, Text] = {
    "survey": _("survey comment"),
    "review": _("review"),
    "complaint": _("complaint to us"),
    "regulator": _("complaint to the regulator"),
    "platform": _("complaint on a consumer platform"),
    "ticket": _("ticket"),
    "chat": _("chat"),
    "call": _("call"),
    "email": _("mail"),
    "post": _("social post"),
    "news": _("news"),
}
"""By the words that the log has; a company may have others of its own."""


def called(voice: str) -> str:
    """What people call a kind; one that a company made up is called as it is."""
    return str(VOICES.get(voice, voice))
