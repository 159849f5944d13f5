"""The fields of a map's parts as the workshop's form asks for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from zhiyin.kernel.text import Text, _
from zhiyin.maps import saying

Editor = Literal[
    "texts", "prose", "text", "wish", "channels", "member", "persona", "measure", "rule", "names",
    "span", "flag",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """One field.

    Args:
        editor: how it is written; `texts` in one line, `prose` in several, both by language.
        known: a list of words to choose from: ``events``, ``questions``.
        facts: what a rule is tried on.
        group: fields with one heading stand together.
    """

    name: str
    editor: Editor
    group: Text
    hint: Text | None = None
    known: str = ""
    facts: str = ""

    def as_dict(self) -> dict[str, str]:
        """As the script reads it, in the language of the moment."""
        return {
            "name": self.name,
            "label": str(saying.FIELDS[self.name]),
            "editor": self.editor,
            "group": str(self.group),
            "hint": str(self.hint) if self.hint else "",
            "known": self.known,
            "facts": self.facts,
        }


NAME = _("Name")
WANTS = _("What customers want")
WHOSE = _("Whose journey, and what for")
PROMISE = _("What we promise")
WHERE = _("Where, and who answers for it")
BOUND = _("What binds it to events and answers")
WAY = _("On the way")

NODE: tuple[Field, ...] = (
    Field("name", "texts", NAME),
    Field("wish", "wish", WANTS),
    Field("wants", "prose", WANTS),
    Field("promise", "prose", PROMISE, _("What customers may rely on here.")),
    Field("promise_question", "text", PROMISE, _("Its series, as the log names it."), "questions"),
    Field("channels", "channels", WHERE),
    Field("owner", "member", WHERE),
    Field(
        "events", "rule", BOUND,
        _("A filter over events. An event is at the first touchpoint whose rule holds."),
        facts="events",
    ),
    Field("answers", "rule", BOUND, _("A filter over answers that are about it."), facts="answers"),
    Field(
        "done", "names", BOUND,
        _("Names of events, parted by |: what customers came for is done."), "events",
    ),
    Field("within", "span", BOUND, _("So long after the first event here: 2h, 1d.")),
    Field(
        "bad", "rule", BOUND, _("A filter over events that are a bad experience here."),
        facts="events",
    ),
    Field("is_required", "flag", WAY, _("Who goes on without it has left the drawn way.")),
    Field("is_help", "flag", WAY),
    Field("cause", "prose", WAY, _("One sentence, once somebody has found it out.")),
)  # fmt: skip

STAGE: tuple[Field, ...] = (
    Field("name", "texts", NAME),
    Field(
        "begins", "flag", WAY,
        _("After the goal was reached, an event in this stage begins another journey."),
    ),
)  # fmt: skip

LANE: tuple[Field, ...] = (Field("name", "texts", NAME),)

MAP: tuple[Field, ...] = (
    Field("name", "texts", NAME),
    Field("about", "prose", NAME),
    Field("persona", "persona", WHOSE),
    Field(
        "goal", "names", WHOSE, _("Names of events, parted by |: what a journey is for."), "events"
    ),
    Field("pause", "span", WAY, _("A journey is over when nothing happens for so long: 30d.")),
    Field(
        "whole", "text", WAY, _("Its series; blank: all answers about whole journeys."), "questions"
    ),
    Field("metric", "measure", WAY),
)

FIELDS: dict[str, tuple[Field, ...]] = {"map": MAP, "stage": STAGE, "lane": LANE, "node": NODE}


def told() -> dict[str, list[dict[str, str]]]:
    """All of them, by part."""
    return {part: [one.as_dict() for one in listed] for part, listed in FIELDS.items()}
