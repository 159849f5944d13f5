"""The pages of sending a survey: how it stands, and the form that says what is sent to whom."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from zhiyin.accounts import mail
from zhiyin.collect.models import Channel, Distribution, Survey
from zhiyin.collect.reaching import distributions, standing, trying
from zhiyin.collect.reaching.distributions import Asked
from zhiyin.collect.reaching.standing import Standing
from zhiyin.collect.reaching.texts import READY, Words
from zhiyin.collect.reaching.trying import Preview
from zhiyin.collect.surveys import definition, kept
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _, language
from zhiyin.warehouse.log import Log

PREVIEWED = {"name": "Mei"}
"""What a preview says of whoever would get it."""

FIELDS = ("subject", "body", "button", "reminder_subject", "reminder_body")
OF_SMS = ("signature", "template", "variables", "body")

_DAYS = re.compile(r"[,，、\s]+")


@dataclass(frozen=True, slots=True)
class Line:
    """One state of a distribution's askings, with the reasons that there are.

    Args:
        share: of all its askings, per cent.
    """

    state: str
    name: Text
    n: int
    share: float
    reasons: tuple[tuple[Text | str, int], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A distribution in the list of a survey."""

    held: Distribution
    channel: Text
    states: Mapping[str, int]
    began: int


@dataclass(frozen=True, slots=True)
class Page:
    """One distribution.

    Args:
        may_be_tried: a letter can be sent to oneself.
        uncertain: how many may or may not have got it.
    """

    held: Distribution
    title: str
    channel: Text
    standing: Standing
    lines: tuple[Line, ...]
    all: int
    previews: tuple[Preview, ...]
    may_be_tried: bool
    uncertain: int
    problem: Problem | None = None


def rows(log: Log, workspace: str, survey: str) -> list[Row]:
    """The distributions of a survey, the newest first."""
    found = distributions.of(workspace).filter(survey__key=survey).order_by("-pk")
    return [_row(log, held) for held in found]


def _row(log: Log, held: Distribution) -> Row:
    stands = standing.of(log, held)
    return Row(held, distributions.CHANNELS[held.channel], stands.states(), stands.began)


def build(log: Log, held: Distribution) -> Page:
    """The page of one."""
    stands = standing.of(log, held)
    states = stands.states()
    whole = sum(states.values())
    lines = tuple(
        Line(
            state,
            standing.STATES[state],
            n,
            100 * n / whole,
            tuple(
                (standing.WHY.get(reason, reason), count)
                for of, reason, count in stands.reasons()
                if of == state
            ),
        )
        for state, n in states.items()
        if n
    )
    try:
        previews: list[Preview] = trying.previews(held, PREVIEWED)
        problem = None
    except Problem as found:
        previews, problem = [], found
    return Page(
        held,
        held.name or held.key,
        distributions.CHANNELS[held.channel],
        stands,
        lines,
        whole,
        tuple(previews),
        held.channel == Channel.EMAIL and mail.is_set_up(),
        states["uncertain"],
        problem,
    )


@dataclass(frozen=True, slots=True)
class Spoken:
    """The part of the form that is about one language."""

    code: str
    name: str
    words: Mapping[str, str]


NAMES = {"en": "English", "zh-Hans": "简体中文", "zh-Hant": "繁體中文"}


def spoken(
    held: Survey, channel: str, given: Mapping[str, str] | None, now: Mapping[str, Any]
) -> list[Spoken]:
    """The form's texts: as they were given, as they are, or as they are ready.

    Args:
        now: the texts of a distribution that is there.
    """
    survey = definition.read(held.versions.order_by("-number")[0].document.encode())
    own = definition.language_of(language())
    codes = sorted(survey.spoken(), key=lambda code: code != own)
    names = OF_SMS if channel == Channel.SMS else FIELDS
    found = []
    for code in codes:
        usual = READY.get(code, Words()) if channel == Channel.EMAIL else Words()
        held_words = now.get(code, {})
        words = {
            name: (given or {}).get(f"{name}.{code}", "")
            if given is not None
            else _shown(held_words.get(name) or getattr(usual, name))
            for name in names
        }
        found.append(Spoken(code, NAMES.get(code, code), words))
    return found


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return "\n".join(f"{name}={said}" for name, said in value.items())
    return str(value)


def asked(posted: Mapping[str, str], *, channel: str, before: Asked | None = None) -> Asked:
    """What the form asks for.

    Args:
        before: what the form does not speak of is as in it.

    Raises:
        Problem: ``distribution.wrong``.
    """
    said: dict[str, dict[str, Any]] = {}
    for name, value in posted.items():
        field, dot, code = name.partition(".")
        if not dot or field not in {*FIELDS, *OF_SMS} or not value.strip():
            continue
        said.setdefault(code, {})[field] = (
            _pairs(value) if field == "variables" else value.strip().replace("\r\n", "\n")
        )
    return distributions.read(
        {
            "channel": channel,
            "name": posted.get("name", "").strip(),
            "texts": said,
            "reminders": _days(posted.get("reminders", "")),
            "has_first_question": "has_first_question" in posted,
            "arms": [] if before is None else [
                {"arm": one.arm, "kind": one.kind, "value": one.value, "share": one.share}
                for one in before.arms
            ],
            "sample_share": _share(posted.get("share", "100")),
        }
    )  # fmt: skip


def _days(text: str) -> list[int]:
    parts = [part for part in _DAYS.split(text.strip()) if part]
    if not all(part.isdecimal() for part in parts):
        raise _wrong(_("the days of reminders are whole numbers such as 3, 7"))
    return [int(part) for part in parts]


def _share(text: str) -> float:
    try:
        return float(text.strip().rstrip("%％")) / 100
    except ValueError:
        raise _wrong(_("the share is a number of per cent such as 20")) from None


def _pairs(text: str) -> dict[str, str]:
    return {
        name.strip(): value.strip()
        for name, _is, value in (line.partition("=") for line in text.splitlines())
        if name.strip()
    }


def _wrong(what: Text) -> Problem:
    return Problem(
        "distribution.wrong",
        _("This cannot be a distribution: {what}.", what=what),
        _("Change it in the form."),
    )


def of_survey(workspace: str, key: str) -> Survey:
    """A survey that customers can meet.

    Raises:
        Problem: ``survey.none``, ``survey.not-published``.
    """
    held = kept.get(workspace, key)
    if not held.versions.exists():
        raise kept.not_published(key)
    return held
