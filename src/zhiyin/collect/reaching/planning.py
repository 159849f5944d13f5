"""Whom a distribution asks, written down: who is asked when, and who is not and why.

Nobody is asked twice by one distribution about the same: a list that is read again, by whoever
was not sure that it had been read, adds only who is new in it.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.collect.models import Asking, AskingState, Distribution, Stopped
from zhiyin.collect.reaching import addresses, distributions, drawing, eligibility, telling
from zhiyin.collect.reaching.people import Person
from zhiyin.collect.surveys import tokens
from zhiyin.collect.surveys.definition import NAME
from zhiyin.collect.surveys.inviting import MOST
from zhiyin.collect.surveys.tokens import INVITATION, Tokens
from zhiyin.kernel.clock import now
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _
from zhiyin.unify import identity_rules
from zhiyin.warehouse.log import Log

AT_ONCE = 2_000

REASONS: dict[str, Text] = {
    "no_address": _("has no address of this channel"),
    "bad_address": _("has an address that can be none"),
    "stopped": _("wants no more of these"),
    "not_drawn": _("is not in the sample"),
    "late": _("would have been asked too late"),
    **eligibility.REASONS,
}
"""Why somebody is withheld, as `exposures` calls it."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What became of a list.

    Args:
        planned: are to be sent.
        withheld: by reason.
        already: were asked before by the same distribution about the same.
    """

    planned: int
    withheld: Mapping[str, int]
    already: int

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        withheld = dict(sorted(self.withheld.items()))
        return {"planned": self.planned, "withheld": withheld, "already": self.already}


def _nothing(_done: int, _of: int) -> None:
    return


def plan(
    log: Log,
    *,
    by: Actor | None,
    distribution: Distribution,
    people: Sequence[Person],
    due_at: datetime | Sequence[datetime] | None = None,
    known: Sequence[str] | None = None,
    progress: Callable[[int, int], None] = _nothing,
) -> Planned:
    """Write down who is to be asked, and who is not and why; all of the latter is told to the log.

    Args:
        by: who asks; None: the clock, by the distribution's trigger.
        due_at: UTC, naive: one moment, or one for each; None: now.
        known: of each, why she is withheld, where whoever asks knows it already; else blank.

    Raises:
        Problem: ``survey.too-many-people``, ``survey.not-published``, ``survey.closed``,
            ``survey.field``.
    """
    workspace = distribution.workspace.slug
    _check(distribution, people)
    moments = [due_at or now()] * len(people) if not isinstance(due_at, Sequence) else list(due_at)
    reasons: Counter[str] = Counter()
    planner = _Planner(log, distribution, workspace)
    for start in range(0, len(people), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        reasons.update(planner.write(people[part], moments[part], known and known[part]))
        progress(min(start + AT_ONCE, len(people)), len(people))
    telling.tell(log, workspace)
    planned, already = reasons.pop("", 0), reasons.pop("already", 0)
    done = Planned(planned, dict(reasons), already)
    if by is not None:
        audit.record(
            by=by, action="distribution.planned", subject=distribution.key, workspace=workspace,
            after=done.as_dict(),
        )  # fmt: skip
    return done


def foresee(
    log: Log, *, distribution: Distribution, people: Sequence[Person], due_at: Sequence[datetime]
) -> list[str]:
    """What would become of each, were she asked at her moment (UTC, naive): why she would be
    withheld, or blank. Nothing is written."""
    return _Planner(log, distribution, distribution.workspace.slug).foresee(people, due_at)


def _check(distribution: Distribution, people: Sequence[Person]) -> None:
    if len(people) > MOST:
        raise Problem(
            "survey.too-many-people",
            _("The list has {n} people; {most} can be invited at once.", n=len(people), most=MOST),
            _("Invite them in parts."),
        )
    distributions.survey_of(distribution)
    if not distribution.survey.is_open:
        raise Problem(
            "survey.closed",
            _("The survey {key} takes no answers.", key=distribution.survey.key),
            _("Open it again: zhiyin survey open {key}", key=distribution.survey.key),
        )
    names = {name for one in people for name in one.fields}
    for name in sorted(names):
        if not NAME.fullmatch(name):
            raise Problem(
                "survey.field",
                _("{name} cannot be the name of a field.", name=name[:60] or "“”"),
                _("Begin with a letter; up to 59 letters, digits and underscores follow."),
            )


class _Planner:
    """Writes the askings of one distribution, a part of the list at a time."""

    def __init__(self, log: Log, held: Distribution, workspace: str) -> None:
        self._log = log
        self._held = held
        self._workspace = workspace
        self._kind = eligibility.kinds_of(workspace).get(held.survey.key, "")
        self._tokens = Tokens(tokens.key(settings.ZHIYIN_DATA), INVITATION)
        self._secret = addresses.key(settings.ZHIYIN_DATA)
        self._country = identity_rules.rules_of(workspace).country

    def write(
        self,
        people: Sequence[Person],
        due: Sequence[datetime],
        reasons: Sequence[str] | None = None,
    ) -> list[str]:
        """Write a part; returns what became of each: a reason, ``already``, or blank.

        Args:
            reasons: of each, why she is withheld, where that is known; else blank.
        """
        once = [self._once(one) for one in people]
        known = set(
            Asking.objects.filter(distribution=self._held, once__in=once).values_list(
                "once", flat=True
            )
        )
        outcomes = ["already"] * len(people)
        made: dict[int, Asking] = {}
        for place, one in enumerate(people):
            if once[place] not in known:
                known.add(once[place])
                made[place] = self._asking(one, once[place])
                if reasons and reasons[place]:
                    made[place].reason = reasons[place]
        self._judge(people, due, made)
        with transaction.atomic():
            # Who was written down by another at this moment stays as he wrote her.
            Asking.objects.bulk_create(made.values(), ignore_conflicts=True, batch_size=500)
        for place, asking in made.items():
            outcomes[place] = asking.reason
        return outcomes

    def foresee(self, people: Sequence[Person], due: Sequence[datetime]) -> list[str]:
        """What would become of each, a reason or blank; nothing is written."""
        made = {place: self._asking(one, "") for place, one in enumerate(people)}
        self._judge(people, due, made)
        return [asking.reason for asking in made.values()]

    def _once(self, one: Person) -> str:
        about = one.cause or "\0".join(
            (one.customer_kind, one.customer, one.about_kind, one.about_id)
        )
        said = f"{self._held.pk}\0{about}".encode()
        return hmac.digest(self._secret, said, "sha256").hex()

    def _asking(self, one: Person, once: str) -> Asking:
        held = self._held
        subject = one.cause or drawing.SEPARATOR.join((one.customer_kind, one.customer))
        address = addresses.normal(held.channel, one.address, country=self._country)
        reason = ""
        if held.channel != "link" and not address:
            reason = "bad_address" if one.address.strip() else "no_address"
        elif not drawing.is_in_sample(held.seed, subject, held.sample_share):
            reason = "not_drawn"
        lived = one.experienced_at
        return Asking(
            workspace=held.workspace,
            distribution=held,
            token=self._tokens.new(),
            once=once,
            customer=one.customer[:300],
            customer_kind=one.customer_kind,
            address=address,
            address_hash=(
                addresses.hashed(self._secret, self._workspace, held.channel, address)
                if address
                else ""
            ),
            language=one.language[:20],
            fields=dict(one.fields),
            about_kind=one.about_kind,
            about_id=one.about_id,
            experienced_at=lived.replace(tzinfo=UTC) if lived else None,
            touchpoint=one.touchpoint,
            unit=one.unit,
            arm=one.arm or drawing.arm(held.seed, subject, held.arms),
            reason=reason,
        )

    def _judge(
        self, people: Sequence[Person], due: Sequence[datetime], made: Mapping[int, Asking]
    ) -> None:
        """Say of each when she is asked, or why she is not."""
        stopped = stopped_among(self._workspace, self._held.channel, list(made.values()))
        for place, asking in made.items():
            asking.due_at = due[place].replace(tzinfo=UTC)
            if not asking.reason and asking.address_hash in stopped:
                asking.reason = "stopped"
        asked = [place for place, asking in made.items() if not asking.reason]
        verdicts = eligibility.judge(
            self._log, workspace=self._workspace, kind=self._kind, channel=self._held.channel,
            people=[people[place] for place in asked], at=[due[place] for place in asked],
        )  # fmt: skip
        for place, verdict in zip(asked, verdicts, strict=True):
            made[place].due_at = verdict.due_at.replace(tzinfo=UTC)
            made[place].reason = verdict.reason
        for asking in made.values():
            if asking.reason:
                withhold(asking)


def withhold(asking: Asking) -> None:
    """Make it one that is not sent: what only a letter needs is not kept."""
    asking.state = AskingState.WITHHELD
    asking.is_over, asking.is_in_log = True, False
    asking.address, asking.fields = "", {}


def stopped_among(workspace: str, channel: str, askings: Sequence[Asking]) -> set[str]:
    """Which of their addresses, as hashes, want no more."""
    found: set[str] = set()
    hashes = sorted({one.address_hash for one in askings if one.address_hash})
    for start in range(0, len(hashes), 500):
        found |= set(
            Stopped.objects.filter(
                workspace__slug=workspace,
                channel=channel,
                address_hash__in=hashes[start : start + 500],
            ).values_list("address_hash", flat=True)
        )
    return found
