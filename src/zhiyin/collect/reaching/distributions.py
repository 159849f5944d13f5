"""Distributions 投放: how a survey is sent out, made and changed, each with its audit entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.collect.models import Asking, AskingState, Channel, Distribution
from zhiyin.collect.reaching import drawing, texts
from zhiyin.collect.surveys import definition, kept
from zhiyin.collect.surveys.actions import KEY, must_be_published
from zhiyin.collect.surveys.definition import Survey
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _

MOST_REMINDERS = 5
LONGEST_DAYS = 90
MOST_ARMS = 10

CHANNELS: dict[str, Text] = {
    Channel.EMAIL: _("e-mail"),
    Channel.SMS: _("SMS"),
    Channel.PUSH: _("app push"),
    Channel.LINK: _("links"),
}


class Arm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One incentive that is offered, for the log to tell its effect.

    Args:
        arm: what the log calls it.
        kind: none, voucher, draw, points…
        value: what it is worth, in words or in money.
        share: of those who are asked; shares need not add up to 1.
    """

    arm: str
    kind: str = "none"
    value: str = ""
    share: float = 1.0


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody wants of a distribution.

    Args:
        texts: by language, see `texts.Words`; what is left out is what is ready.
        reminders: days after the letter.
        has_first_question: the letter asks the first question itself.
        sample_share: of those who could be asked.
    """

    channel: str = "email"
    name: str = ""
    texts: dict[str, Any] = {}
    reminders: tuple[int, ...] = ()
    has_first_question: bool = False
    arms: tuple[Arm, ...] = ()
    sample_share: float = 1.0


def of(workspace: str) -> QuerySet[Distribution]:
    """The distributions of a workspace, by key."""
    found = Distribution.objects.filter(workspace__slug=workspace)
    return found.select_related("survey", "workspace").order_by("key")


def get(workspace: str, key: str) -> Distribution:
    """The distribution of a key.

    Raises:
        Problem: ``distribution.none``.
    """
    found = of(workspace).filter(key=key).first()
    if found is None:
        raise Problem(
            "distribution.none",
            _("There is no distribution {key}.", key=key[:80]),
            _("`zhiyin reach list` shows those that there are."),
        )
    return found


def survey_of(held: Distribution) -> Survey:
    """The survey that it sends, as customers see it now.

    Raises:
        Problem: ``survey.not-published``.
    """
    newest = held.survey.versions.order_by("-number").first()
    if newest is None:
        raise kept.not_published(held.survey.key)
    return definition.read(newest.document.encode())


@transaction.atomic
def create(*, by: Actor, workspace: str, survey: str, key: str, asked: Asked) -> Distribution:
    """Make one; nobody is asked by it yet.

    Raises:
        Problem: ``survey.none``, ``survey.not-published``, ``distribution.key``,
            ``distribution.taken``, ``distribution.texts``, ``distribution.wrong``.
    """
    of_survey = kept.get(workspace, survey)
    must_be_published(of_survey)
    if not KEY.fullmatch(key):
        raise Problem(
            "distribution.key",
            _("{key} cannot be the key of a distribution.", key=key[:60] or "“”"),
            _("Small letters, digits and hyphens, up to 60; it begins with a letter or digit."),
        )
    made = Distribution(
        workspace=of_survey.workspace, survey=of_survey, key=key, seed=drawing.new_seed(),
        created_by=by.name, changed_by=by.name,
    )  # fmt: skip
    _put(made, asked)
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:
        raise Problem(
            "distribution.taken",
            _("There is a distribution {key} already.", key=key),
            _("Choose another key, or change that one."),
        ) from None
    audit.record(
        by=by, action="distribution.created", subject=key, workspace=workspace,
        after={"survey": survey, "channel": made.channel, "seed": made.seed},
    )  # fmt: skip
    return made


@transaction.atomic
def change(*, by: Actor, workspace: str, key: str, asked: Asked) -> Distribution:
    """Say otherwise what it says and whom it asks; letters that wait are written in the new words.

    Raises:
        Problem: as `create`.
    """
    held = _locked(workspace, key)
    before = as_asked(held)
    if asked.channel != held.channel:
        raise _wrong("channel")
    _put(held, asked)
    after = as_asked(held)
    if before != after:
        held.changed_by = by.name
        held.save()
        changed = [name for name, value in after.items() if value != before[name]]
        audit.record(
            by=by, action="distribution.changed", subject=key, workspace=workspace,
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
        )  # fmt: skip
    return held


@transaction.atomic
def pause(*, by: Actor, workspace: str, key: str, is_paused: bool) -> Distribution:
    """Send nothing by it for now, or go on."""
    held = _locked(workspace, key)
    if held.is_paused != is_paused:
        held.is_paused, held.changed_by = is_paused, by.name
        held.save(update_fields=["is_paused", "changed_by", "changed_at"])
        action = "distribution.paused" if is_paused else "distribution.resumed"
        audit.record(by=by, action=action, subject=key, workspace=workspace)
    return held


@transaction.atomic
def send_uncertain(*, by: Actor, workspace: str, key: str) -> int:
    """Send again what may or may not have gone out when a process ended; returns how many.

    Whoever got it will get it twice: that is why nobody does it without a word.
    """
    held = _locked(workspace, key)
    found = Asking.objects.filter(
        distribution=held, state=AskingState.UNCERTAIN, is_over=False
    ).exclude(address="")
    again = found.update(state=AskingState.WAITING, reason="", holder="")
    audit.record(
        by=by, action="distribution.sent_again", subject=key, workspace=workspace,
        after={"askings": again},
    )  # fmt: skip
    return again


def as_asked(held: Distribution) -> dict[str, Any]:
    """What somebody wanted of it."""
    return {
        "channel": held.channel,
        "name": held.name,
        "texts": held.texts,
        "reminders": held.reminders,
        "has_first_question": held.has_first_question,
        "arms": held.arms,
        "sample_share": held.sample_share,
    }


def read(document: Mapping[str, Any]) -> Asked:
    """What somebody wants, out of a document.

    Raises:
        Problem: ``distribution.wrong``.
    """
    try:
        return msgspec.convert(document, Asked)
    except msgspec.ValidationError as error:
        raise _wrong(str(error)[:200]) from error


def _put(held: Distribution, asked: Asked) -> None:
    survey = survey_of(held)
    if asked.channel not in CHANNELS:
        raise _wrong("channel")
    _check_days(asked.reminders)
    _check_arms(asked.arms)
    if not 0 < asked.sample_share <= 1:
        raise _wrong("sample_share")
    if len(asked.name) > 120:
        raise _wrong("name")
    held.channel = asked.channel
    held.name = asked.name
    held.texts = texts.kept(texts.read(asked.texts, survey, asked.channel))
    held.reminders = list(asked.reminders) if asked.channel != Channel.LINK else []
    held.has_first_question = asked.has_first_question and asked.channel == Channel.EMAIL
    held.arms = msgspec.to_builtins(asked.arms)
    held.sample_share = asked.sample_share


def _check_days(days: Sequence[int]) -> None:
    rising = all(a < b for a, b in zip((0, *days), days, strict=False))
    if len(days) > MOST_REMINDERS or not rising or any(day > LONGEST_DAYS for day in days):
        raise _wrong("reminders")


def _check_arms(arms: Sequence[Arm]) -> None:
    names = [one.arm for one in arms]
    fine = all(one.arm and len(one.arm) <= 60 and 0 < one.share <= 1_000 for one in arms)
    if len(arms) > MOST_ARMS or len(set(names)) < len(names) or not fine:
        raise _wrong("arms")


def _locked(workspace: str, key: str) -> Distribution:
    found = get(workspace, key)
    return (
        Distribution.objects.select_for_update(of=("self",))
        .select_related("survey", "workspace")
        .get(pk=found.pk)
    )


def _wrong(what: str) -> Problem:
    return Problem(
        "distribution.wrong",
        _("This cannot be a distribution: {what}.", what=what),
        _("docs/reaching.md says what one has: its channel stays, reminders are rising days up to"
          " 90, five at most, a share is above 0 and at most 1, arms have names of their own."),
    )  # fmt: skip
