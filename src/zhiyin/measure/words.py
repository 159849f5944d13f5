"""What pages and commands call units, countings, kinds, states and flags."""

from __future__ import annotations

from zhiyin.kernel.text import _

UNITS = {
    "points": _("points"),
    "percent": _("per cent"),
    "scale": _("on the question's scale"),
    "count": _("count"),
    "money": _("money"),
    "seconds": _("seconds"),
}
PER = {"answer": _("per answer"), "customer": _("per customer")}
KINDS = {
    "relationship": _("relationship"),
    "journey": _("journey"),
    "touchpoint": _("touchpoint"),
}
FLAGS = {
    "small_base": _("small base"),
    "no_test": _("too few to test"),
    "preliminary": _("preliminary"),
    "unfinished": _("unfinished"),
    "legacy_scale": _("asked on 1–10"),
    "weighted": _("weighted"),
    "several_questions": _("several questions"),
}
STATES = {
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
TOO_FEW = _("not enough answers")
