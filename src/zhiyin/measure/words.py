"""What pages and commands call units, countings, kinds, flags and states."""

from __future__ import annotations

from zhiyin.kernel.figures import count
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
    "finite_frame": _("corrected for a finite frame"),
    "several_questions": _("several questions"),
}
NOT_SHOWN = {
    "too_few": _("not enough answers"),
    "withheld": _("withheld, so that no other group can be calculated"),
}
"""Why a figure in a state other than ``ok`` is not there."""

COLUMNS = {
    "source": _("Source"),
    "role": _("Role"),
    "unit": _("Unit"),
    "about_kind": _("What it is about"),
    "survey": _("Survey"),
    "version": _("Survey version"),
    "question": _("Question"),
    "metric": _("Measure"),
    "kind": _("Kind"),
    "direction": _("Direction of the scale"),
    "scale_min": _("Lowest point of the scale"),
    "scale_max": _("Highest point of the scale"),
    "answer_state": _("State of the answer"),
    "touchpoint": _("Touchpoint"),
    "channel": _("Channel"),
    "arm": _("Incentive arm"),
    "name": _("Event"),
    "status": _("Order status"),
    "currency": _("Currency"),
    "action": _("Action"),
    "mode": _("Mode"),
    "aspect": _("Aspect"),
    "polarity": _("Polarity"),
    "emotion": _("Emotion"),
    "intent": _("Intent"),
    "effort": _("Effort"),
    "urgency": _("Urgency"),
    "language": _("Language"),
    "read_by": _("Version of the reading"),
    "voice": _("Kind of verbatim"),
    "place": _("Place in the text"),
    "starts": _("Where it begins"),
    "ends": _("Where it ends"),
}
"""What people call the log's own columns; a dimension is called as its mapping calls it."""


def customers(known: int | None, state: str, minimum: int) -> str:
    """How many customers a figure has: ``1,482``, or ``< 10`` where they are too few to say."""
    if known is None and state == "too_few":
        return f"< {minimum}"
    return count(known)
