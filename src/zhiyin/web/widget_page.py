"""The page of a rule of the website widget: its form read, and what it does said and drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from zhiyin.collect.models import Survey
from zhiyin.collect.surveys import definition as surveys
from zhiyin.collect.surveys import kept as kept_surveys
from zhiyin.collect.surveys import wordings
from zhiyin.collect.widgets import definition
from zhiyin.collect.widgets.definition import CORNERS, DEVICES, PARTS, PLACES, Rule
from zhiyin.kernel.text import Text, _, language

PLACE_WORDS: dict[str, Text] = {
    "popover": _("a card in a corner"),
    "embedded": _("inside an element of the page"),
}
CORNER_WORDS: dict[str, Text] = {
    "end": _("where lines end"),
    "start": _("where lines begin"),
}
DEVICE_WORDS: dict[str, Text] = {
    "phone": _("phone"),
    "tablet": _("tablet"),
    "desktop": _("computer"),
}


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule does, in words and as a picture.

    Args:
        lines: each a sentence.
        title, question: of the survey, as the card shows it.
    """

    lines: tuple[Text, ...]
    is_card: bool
    is_at_end: bool
    colour: str
    title: str
    question: str

    @property
    def points(self) -> range:
        """Where the points of the picture's scale begin."""
        return range(10, 154, 14)


def given(posted: Mapping[str, Any]) -> dict[str, str]:
    """What a form says of each part, as text; lists on lines."""
    lists = {"devices"}
    return {
        name: "\n".join(posted.getlist(name))  # type: ignore[attr-defined]
        if name in lists
        else str(posted.get(name, "")).strip()
        for name in PARTS
    }


def of(rule: Rule) -> dict[str, str]:
    """A rule as its form has it."""
    found = {}
    for name, value in rule.as_dict().items():
        if isinstance(value, list):
            found[name] = "\n".join(value)
        elif isinstance(value, bool):
            found[name] = "yes" if value else ""
        elif isinstance(value, float):
            found[name] = f"{value:g}"
        else:
            found[name] = str(value)
    return found


def read(texts: Mapping[str, str]) -> Rule:
    """A form as a rule. Raises as `definition.read`."""
    return definition.read(
        {name: definition.from_text(name, value) for name, value in texts.items()}
    )


def menus() -> dict[str, list[tuple[str, Text]]]:
    """What can be chosen, in words."""
    return {
        "places": [(one, PLACE_WORDS[one]) for one in PLACES],
        "corners": [(one, CORNER_WORDS[one]) for one in CORNERS],
        "devices": [(one, DEVICE_WORDS[one]) for one in DEVICES],
    }


def preview(held: Survey, rule: Rule, seed: int | None) -> Preview:
    """What a rule would do.

    Args:
        seed: of the rule; None: it has none yet.
    """
    survey = kept_surveys.draft(held)
    code = surveys.language_of(language())
    first = next(iter(survey.questions()), None)
    return Preview(
        lines=tuple(_lines(rule, seed)),
        is_card=rule.place == "popover",
        is_at_end=rule.corner == "end",
        colour=survey.colour,
        title=surveys.said(survey.company, code, survey)
        or surveys.said(survey.title, code, survey),
        question=wordings.title(first, code, survey) if first else "",
    )


def _lines(rule: Rule, seed: int | None) -> list[Text]:
    sites = ", ".join(rule.origins)
    pages = ", ".join(rule.pages)
    said = [
        _("On {sites}, on the pages {pages}.", sites=sites, pages=pages)
        if pages
        else _("On every page of {sites}.", sites=sites)
    ]
    said += [*_when(rule), *_whom(rule, seed), _how_often(rule)]
    if rule.needs_consent:
        said.append(_("Before she has consented nothing is kept or said of her."))
    return said


def _when(rule: Rule) -> list[Text]:
    said = []
    if rule.event and rule.where:
        said.append(_("When {event} happens and {where} holds.",
                      event=rule.event, where=rule.where))  # fmt: skip
    elif rule.event:
        said.append(_("When {event} happens.", event=rule.event))
    if rule.after_seconds:
        said.append(
            _("{n} seconds after the event.", n=rule.after_seconds)
            if rule.event
            else _("{n} seconds after the page was opened.", n=rule.after_seconds)
        )
    if rule.after_scroll:
        said.append(_("When {n}% of the page were seen.", n=rule.after_scroll))
    if rule.on_exit:
        said.append(_("When the pointer leaves the page at the top."))
    return said or [_("As soon as the page is open.")]


def _whom(rule: Rule, seed: int | None) -> list[Text]:
    said = []
    if rule.segment:
        said.append(
            _("Customers of the segment {segment} for whom the site’s server vouches.",
              segment=rule.segment)
        )  # fmt: skip
    if rule.percent < 100:
        share = f"{rule.percent:g}"
        said.append(
            _("{share}% of visitors, drawn with a seed.", share=share)
            if seed is None
            else _("{share}% of visitors, drawn with the seed {seed}.", share=share, seed=seed)
        )
    if rule.devices:
        devices = ", ".join(str(DEVICE_WORDS[one]) for one in rule.devices)
        said.append(_("Only on: {devices}.", devices=devices))
    return said


def _how_often(rule: Rule) -> Text:
    if rule.most_times:
        return _(
            "The same visitor again after {days} days, {times} times at most, and {pause} days"
            " after another survey of the widget.",
            days=rule.every_days, times=rule.most_times, pause=rule.pause_days,
        )  # fmt: skip
    return _(
        "The same visitor again after {days} days, and {pause} days after another survey of the"
        " widget.",
        days=rule.every_days, pause=rule.pause_days,
    )  # fmt: skip
