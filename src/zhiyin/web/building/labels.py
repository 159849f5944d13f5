"""What the builder calls the keys of a survey's document, in words."""

from __future__ import annotations

from zhiyin.collect.surveys.differing import Difference
from zhiyin.kernel.text import Text, _

TYPES: dict[str, Text] = {
    "nps": _("NPS"),
    "csat": _("CSAT"),
    "ces": _("CES"),
    "rating": _("rating"),
    "single": _("one choice"),
    "dropdown": _("one choice, dropdown"),
    "multiple": _("several choices"),
    "reasons": _("chosen reasons"),
    "ranking": _("ranking"),
    "matrix": _("matrix"),
    "number": _("a number"),
    "date": _("date"),
    "text": _("short text"),
    "comment": _("long text"),
    "email": _("e-mail address"),
    "phone": _("telephone number"),
    "consent": _("consent"),
    "statement": _("statement"),
    "file": _("picture or PDF"),
}

TYPE_HINTS: dict[str, Text] = {
    "nps": _("Likelihood to recommend, 0 to 10, in its fixed wording."),
    "csat": _("Satisfaction, in its fixed wording: numbers, stars or faces."),
    "ces": _("Effort, in one of its two fixed wordings."),
    "rating": _("A scale with a question of your own."),
    "reasons": _("Why a score was given: choices that may depend on it, each tied to an aspect."),
    "matrix": _("Several rows on one scale; each row is a series of its own."),
    "statement": _("Words without an answer."),
    "file": _("Sent from the page: pictures are drawn anew, without the place of their taking."),
}

GROUPS: dict[str, Text] = {
    "scored": _("Scales"),
    "chosen": _("Choices"),
    "written": _("Written answers"),
    "other": _("Others"),
}

OPTIONS: dict[str, Text] = {
    "": _("as the survey"),
    "relationship": _("the relationship as a whole"),
    "journey": _("a journey"),
    "touchpoint": _("a touchpoint"),
    "numbers": _("numbers"),
    "stars": _("stars"),
    "faces": _("faces"),
    "up": _("more is better"),
    "down": _("less is better"),
    "1": _("1: how much effort it took"),
    "2": _("2: whether it was made easy"),
}
"""Values of keys that have a few."""

_ANYWHERE: dict[str, tuple[Text, Text | str]] = {
    "shown_if": (_("Shown if"), ""),
    "is_shuffled": (
        _("Order drawn for each response"),
        _("The order is kept with the answers."),
    ),
    "touchpoint": (_("Touchpoint"), _("At which its answers are, in the log.")),
    "kind": (_("Kind of its scores"), _("Kinds are never in one figure.")),
}

_LABELS: dict[str, dict[str, tuple[Text, Text | str]]] = {
    "Survey": {
        "title": (_("Title"), ""),
        "pages": (_("Pages"), ""),
        "format": (_("Format"), ""),
        "language": (
            _("First language"),
            _("In which it was written; the others are translations."),
        ),
        "languages": (
            _("All its languages"),
            _("Every text must be there in each: en, zh-Hans, zh-Hant, pt-BR."),
        ),
        "company": (_("Company"), _("As customers know it; NPS and CES say it.")),
        "colour": (_("Colour"), _("Dark enough for white text on it.")),
        "channel": (_("Channel"), _("By which its answers come, in the log.")),
        "welcome": (_("Welcome"), _("Before the first page.")),
        "privacy": (_("What becomes of the answers"), _("A sentence or two.")),
        "endings": (_("Endings"), _("The first whose condition holds is shown.")),
        "closes_on": (_("Closes on"), _("The first day without answers.")),
        "most_responses": (_("Most responses"), _("It is full after so many.")),
        "is_anonymous": (
            _("Anonymous"),
            _("Nobody can tell who answered what; it stays so once it is published."),
        ),
        "quotas": (_("Quotas"), _("So many responses of a kind, and no more.")),
    },
    "Page": {
        "name": (_("Name"), _("Letters, digits and underscores.")),
        "questions": (_("Questions"), ""),
    },
    "Question": {
        "name": (_("Name"), _("Conditions and files speak of it.")),
        "type": (_("Type"), ""),
        "title": (_("Question"), ""),
        "help": (_("Note under it"), ""),
        "series": (_("Series"), _("Under which its answers stand in the log; blank: its name.")),
        "is_required": (_("Must be answered"), ""),
        "has_not_applicable": (_("Offer “does not apply”"), ""),
        "has_dont_know": (_("Offer “don’t know”"), ""),
        "choices": (_("Choices"), ""),
        "rows": (_("Rows"), ""),
        "has_other": (_("Offer “other”, to be typed"), ""),
        "variant": (_("Wording"), ""),
        "scale_min": (_("Scale from"), ""),
        "scale_max": (_("Scale to"), ""),
        "direction": (_("Better end"), ""),
        "low": (_("Words at the low end"), ""),
        "high": (_("Words at the high end"), ""),
        "look": (_("Look"), ""),
        "at_least": (
            _("At least"),
            _("Of a number its bound; of choices how many; of a text how long."),
        ),
        "at_most": (_("At most"), ""),
        "need": (_("Need"), _("Which need it tells of; blank: none.")),
        "pattern": (_("Form of the answer"), _("As a regular expression, of the whole of it.")),
        "step": (_("Steps of"), _("1 asks for whole numbers.")),
        "earliest": (_("Not before"), _("2026-01-31, today or today-18y.")),
        "latest": (_("Not after"), _("2026-01-31, today or today+1m.")),
        "wrong": (_("What is said of a wrong answer"), _("Blank: what the page says of itself.")),
        "is_welcome": (
            _("Asks what she wants to do"),
            _("The log keeps the answer as her intent."),
        ),
        "strength_of": (
            _("Strength of a need"),
            _("The question whose chosen need it says the strength of."),
        ),
    },
    "Quota": {
        "name": (_("Name"), _("Letters, digits and underscores.")),
        "shown_if": (_("Which responses count"), ""),
        "most": (_("Most"), ""),
    },
    "Choice": {
        "value": (_("Value"), _("What the log keeps when the label is worded anew.")),
        "label": (_("Label"), ""),
        "aspect": (_("Aspect"), _("Which aspect it counts under.")),
        "is_exclusive": (_("Chosen alone"), _("“None of these”.")),
    },
    "Ending": {
        "title": (_("Title"), ""),
        "text": (_("Text"), ""),
        "link": (_("Link"), _("Whole, with https://")),
        "link_label": (_("Words of the link"), ""),
        "is_redirect": (_("Lead on at once"), _("By the link, without showing the ending.")),
    },
}

_GROUP_OF = {
    "name": "log", "series": "log", "kind": "log", "touchpoint": "log", "need": "log",
    "channel": "log", "shown_if": "shown", "is_shuffled": "answer",
    "closes_on": "limits", "most_responses": "limits", "quotas": "limits", "is_welcome": "log",
    "strength_of": "log",
    "language": "languages", "languages": "languages",
}  # fmt: skip

_ASKED = frozenset({"title", "help", "text", "link", "link_label", "label", "value", "welcome",
                    "privacy", "company", "colour", "endings"})  # fmt: skip

HEADS: dict[str, Text | str] = {
    "asked": "",
    "answer": _("Answer"),
    "shown": _("When it is shown"),
    "log": _("In the log"),
    "limits": _("Limits"),
    "languages": _("Languages"),
}
"""Under which heads keys stand, in order."""


def of(owner: str, name: str) -> tuple[Text | str, Text | str]:
    """What a key is called and what is said of it; its own name where nobody has worded it."""
    found = _LABELS.get(owner, {}).get(name) or _ANYWHERE.get(name)
    return found or (name.replace("_", " "), "")


def is_worded(owner: str, name: str) -> bool:
    """Whether a key has words."""
    return name in _LABELS.get(owner, {}) or name in _ANYWHERE


def group(owner: str, name: str) -> str:
    """Under which head a key stands."""
    if name in _ASKED or (owner == "Choice" and name != "shown_if"):
        return "asked"
    return _GROUP_OF.get(name, "answer")


_OWNERS = {"survey": "Survey", "page": "Page", "question": "Question", "ending": "Ending"}


def told(change: Difference) -> Text:
    """What is otherwise, as a sentence."""
    name = change.name
    match change.part, change.how:
        case "page", "added":
            return _("Page {name} is added.", name=name)
        case "page", "removed":
            return _("Page {name} is taken out.", name=name)
        case "ending", "added":
            return _("Ending {name} is added.", name=name)
        case "ending", "removed":
            return _("Ending {name} is taken out.", name=name)
        case "question", "added":
            return _("Question {name} is added.", name=name)
        case "question", "removed":
            return _("Question {name} is taken out.", name=name)
        case "page", "moved":
            return _("Page {name} is elsewhere.", name=name)
        case _, "moved":
            return _("Question {name} is elsewhere.", name=name)
    what = ", ".join(str(of(_OWNERS[change.part], key)[0]) for key in change.what)
    match change.part:
        case "survey":
            return _("Of the whole: {what}", what=what)
        case "page":
            return _("Page {name}: {what}", name=name, what=what)
        case "ending":
            return _("Ending {name}: {what}", name=name, what=what)
    return _("Question {name}: {what}", name=name, what=what)
