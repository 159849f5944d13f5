"""To which margins a survey's answers are weighted: one JSON document a survey.

Its ``margins`` are each of one thing (``by``: a question, a column of responses, ``trait.NAME``),
with the ``shares`` of its values, or ``from`` where these are counted: ``customers`` (the traits of
all customers) or ``asked`` (everybody who was asked). Declared shares need a ``source`` and the
``date`` of which they are.
"""

from __future__ import annotations

import datetime
from typing import Any, Literal

import msgspec
from django.db import transaction

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.collect.models import Survey
from zhiyin.collect.surveys import kept
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.measure.models import SurveyTargets

MOST_BYTES = 64 * 1024
OFF = 0.005
"""Declared shares may add up to so much more or less than 1: they are written rounded."""


class Margin(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is known of one thing.

    Args:
        shares: of each value, which add up to 1, or to 100.
        counted: where they are counted instead (in the document ``from``).
    """

    by: str
    shares: dict[str, float] = {}
    counted: Literal["", "customers", "asked"] = msgspec.field(default="", name="from")


class Targets(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The whole document.

    Args:
        source: who says so, and `date` of when it is.
        trim: no weight is more than so many times the mean; null: any may be.
        per: ``customer``: each customer weighs the same before, however often she answered.
    """

    margins: tuple[Margin, ...]
    source: str = ""
    date: datetime.date | None = None
    trim: float | None = 5.0
    per: Literal["response", "customer"] = "response"


_decoder = msgspec.json.Decoder(Targets)


def read(document: bytes) -> Targets:
    """A document, checked; shares in per cent are read as such.

    Raises:
        Problem: ``survey.targets``.
    """
    try:
        found = _decoder.decode(document[: MOST_BYTES + 1])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _wrong(_("This is no document of margins: {what}.", what=str(error)[:300])) from error
    if not found.margins or len(found.margins) > 20:
        raise _wrong(_("Give one margin at least, and 20 at most."))
    names = [one.by for one in found.margins]
    if len(set(names)) < len(names):
        raise _wrong(_("A thing is in two margins."))
    if found.trim is not None and found.trim < 1.01:
        raise _wrong(_("A weight cannot be limited to less than the mean: trim is above 1."))
    margins = tuple(_checked(one) for one in found.margins)
    if any(one.shares for one in margins) and not (found.source and found.date):
        raise _wrong(_("Declared shares need their source and the date of which they are."))
    return msgspec.structs.replace(found, margins=margins)


def _checked(one: Margin) -> Margin:
    if bool(one.shares) == bool(one.counted):
        raise _wrong(_("{name}: give shares, or from where they are counted.", name=one.by[:80]))
    if not one.shares:
        if one.counted == "customers" and not one.by.startswith("trait."):
            raise _wrong(
                _("{name}: of all customers only traits are known (trait.NAME).", name=one.by[:80])
            )
        return one
    total = sum(one.shares.values())
    unit = 100.0 if total > 2 else 1.0
    if len(one.shares) < 2 or min(one.shares.values()) <= 0 or abs(total / unit - 1) > OFF:
        raise _wrong(
            _("{name}: the shares of two values or more are above 0 and add up to 1; these add up"
              " to {total}.", name=one.by[:80], total=f"{total:g}")
        )  # fmt: skip
    return msgspec.structs.replace(
        one, shares={value: share / total for value, share in one.shares.items()}
    )


def _wrong(what: Any) -> Problem:
    return Problem(
        "survey.targets", what,
        _("docs/survey-results.md describes the document of margins, key by key."),
    )  # fmt: skip


def of(held: Survey) -> Targets | None:
    """The margins of a survey; None where none were declared."""
    found = SurveyTargets.objects.filter(survey=held).first()
    return None if found is None else read(found.document.encode())


@transaction.atomic
def declare(*, by: Actor, workspace: str, key: str, document: bytes) -> Targets:
    """Declare to which margins a survey is weighted; what was declared before is replaced.

    Raises:
        Problem: ``survey.none``, ``survey.targets``.
    """
    held = kept.get(workspace, key)
    targets = read(document)
    written = msgspec.json.format(msgspec.json.encode(targets), indent=2).decode()
    _row, is_new = SurveyTargets.objects.update_or_create(
        survey=held, defaults={"document": written, "changed_by": by.name}
    )
    audit.record(
        by=by, action="survey.targets-declared", subject=key, workspace=workspace,
        before=None if is_new else {"declared": True},
        after={"margins": [one.by for one in targets.margins]},
    )  # fmt: skip
    return targets


@transaction.atomic
def remove(*, by: Actor, workspace: str, key: str) -> None:
    """Weight a survey no more.

    Raises:
        Problem: ``survey.none``, ``survey.no-targets``.
    """
    held = kept.get(workspace, key)
    gone, _by_model = SurveyTargets.objects.filter(survey=held).delete()
    if not gone:
        raise none_declared(key)
    audit.record(by=by, action="survey.targets-removed", subject=key, workspace=workspace)


def none_declared(key: str) -> Problem:
    """That nobody has declared margins."""
    return Problem(
        "survey.no-targets",
        _("No margins are declared for the survey {key}.", key=key),
        _("Declare them: zhiyin survey weights {key} --set FILE", key=key),
    )


def as_dict(targets: Targets) -> dict[str, Any]:
    """The document as plain values."""
    found: dict[str, Any] = msgspec.to_builtins(targets)
    return found
