"""What becomes of a question that was put to somebody."""

from __future__ import annotations

from zhiyin.kernel.text import Text, _

STATES: dict[str, Text] = {
    "answered": _("answered"),
    "shown": _("shown"),
    "skipped": _("skipped"),
    "hidden": _("hidden"),
    "dismissed": _("dismissed"),
    "not_reached": _("not reached"),
    "not_applicable": _("does not apply"),
    "dont_know": _("don't know"),
    "refused": _("refused"),
}
