"""Background work 后台任务, read: what runs, waits and is over, for pages and the command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from zhiyin.accounts.kinds import KINDS, Every, Nightly
from zhiyin.accounts.models import Work, WorkState
from zhiyin.accounts.work import OPEN, failures
from zhiyin.kernel.figures import count
from zhiyin.kernel.text import Text, _

STATES: dict[str, Text] = {
    WorkState.WAITING: _("waiting"),
    WorkState.RUNNING: _("running"),
    WorkState.DONE: _("done"),
    WorkState.FAILED: _("failed"),
    WorkState.CANCELLED: _("cancelled"),
}

OVER = (WorkState.DONE, WorkState.FAILED, WorkState.CANCELLED)

ASKED: dict[str, Text] = {
    "": _("what people asked for, and what failed"),
    "clock": _("what the clock asked for"),
    "all": _("everything"),
}
"""By whom the work of a history was asked for."""

LAST = 20
"""So many runs say how long a kind of work takes."""


@dataclass(frozen=True, slots=True)
class Told:
    """What went wrong, in words."""

    code: str
    message: Text
    hint: Text | None


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work as it is shown.

    Args:
        label: what it does, in words.
        asked_by: login; blank for the clock.
        not_before: when it may begin, where it waits.
        seconds: how long the last attempt took, or has taken so far; None where none began.
        parts: 0 where nobody knows how many.
        error: why it failed, or why the last attempt did.
    """

    number: int
    workspace: str
    kind: str
    label: Text
    arguments: Mapping[str, Any]
    asked_by: str
    asked_at: datetime
    state: str
    attempts: int
    not_before: datetime
    started_at: datetime | None
    ended_at: datetime | None
    seconds: float | None
    parts_done: int
    parts: int
    part_name: Text | None
    is_unwanted: bool
    result: Mapping[str, Any]
    error: Told | None

    @property
    def is_open(self) -> bool:
        """Whether it waits or runs."""
        return self.state in OPEN

    @property
    def can_be_repeated(self) -> bool:
        """Whether it can be run again."""
        return self.state in (WorkState.FAILED, WorkState.CANCELLED)

    @property
    def state_in_words(self) -> Text:
        """Waiting, running, done…"""
        if self.state == WorkState.RUNNING and self.is_unwanted:
            return _("being cancelled")
        return STATES[self.state]

    @property
    def did(self) -> Text | None:
        """What it has done; None where it has not, or an earlier release counted otherwise."""
        if self.state != WorkState.DONE or self.kind not in KINDS:
            return None
        written = {name: count(n) for name, n in self.result.items() if isinstance(n, int)}
        sentence = KINDS[self.kind].did.sentence
        try:
            sentence.format(**written)
        except KeyError:
            return None
        return Text(sentence, {**written})

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        error = self.error
        return {
            **{name: value for name, value in asdict(self).items() if name not in _IN_WORDS},
            "asked_by": self.asked_by or None,
            "label": str(self.label),
            "part_name": str(self.part_name) if self.part_name else None,
            "error": error and {
                "code": error.code,
                "message": str(error.message),
                "hint": str(error.hint) if error.hint else None,
            },
        }  # fmt: skip


_IN_WORDS = ("asked_by", "label", "part_name", "error")


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A kind of work that the clock asks for.

    Args:
        last: the newest run, also one that somebody asked for.
        next_at: when the clock asks next.
        usual_seconds: the median of the last runs that were done; None where there was none.
    """

    kind: str
    label: Text
    schedule: Every | Nightly
    last: Job | None
    next_at: datetime
    usual_seconds: float | None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "kind": self.kind,
            "label": str(self.label),
            "cron": self.schedule.cron,
            "next_at": self.next_at,
            "last": self.last and self.last.as_dict(),
            "usual_seconds": self.usual_seconds,
        }


@dataclass(frozen=True, slots=True)
class Asked:
    """Which work of the past; what is blank asks nothing.

    Args:
        asked: a key of `ASKED`.
        text: in the kind's name, or in who asked.
    """

    kind: str = ""
    state: str = ""
    asked: str = ""
    text: str = ""


def of(workspace: str) -> QuerySet[Work]:
    """The work of a workspace, and that of the installation."""
    return Work.objects.filter(workspace__in=[workspace, ""])


def running(workspace: str) -> list[Job]:
    """What is being done now, the oldest first."""
    return _jobs(of(workspace).filter(state=WorkState.RUNNING).order_by("started_at"))


def waiting(workspace: str) -> list[Job]:
    """What waits, in the order in which it may begin."""
    return _jobs(of(workspace).filter(state=WorkState.WAITING).order_by("not_before", "pk"))


def last_of(workspace: str, kind: str, about: Mapping[str, str | int] | None = None) -> Job | None:
    """The newest piece of work of a kind, whatever became of it.

    Args:
        about: arguments that it must have.
    """
    wanted = {f"arguments__{name}": value for name, value in (about or {}).items()}
    found = Work.objects.filter(workspace=workspace, kind=kind, **wanted).order_by("-pk").first()
    return seen(found) if found else None


def past(workspace: str, asked: Asked) -> QuerySet[Work]:
    """Work that is over and passes, the newest first."""
    found = of(workspace).filter(state__in=OVER)
    if asked.kind:
        found = found.filter(kind=asked.kind)
    if asked.state:
        found = found.filter(state=asked.state)
    if asked.text:
        named = [
            kind for kind, one in KINDS.items() if asked.text.lower() in str(one.label).lower()
        ]
        found = found.filter(Q(kind__in=named) | Q(asked_by__icontains=asked.text))
    if asked.asked == "clock":
        found = found.filter(asked_by="")
    elif asked.asked != "all":
        found = found.filter(~Q(asked_by="") | Q(state=WorkState.FAILED))
    return found.order_by("-pk")


def schedules(workspace: str, now: datetime | None = None) -> list[Scheduled]:
    """What the clock asks for: the last run, the next one, and how long it usually takes."""
    at = now or timezone.now()
    found = []
    for kind, one in KINDS.items():
        if one.schedule is None:
            continue
        runs = of(workspace).filter(kind=kind).order_by("-pk")
        last = runs.first()
        found.append(
            Scheduled(
                kind=kind,
                label=one.label,
                schedule=one.schedule,
                last=seen(last) if last else None,
                next_at=one.schedule.next_after(at),
                usual_seconds=_median_seconds(runs),
            )
        )
    return found


def counts() -> dict[tuple[str, str], int]:
    """How many wait, run and have failed for good, by (kind, state); every pair is there."""
    found: dict[tuple[str, str], int] = {
        (kind, state): 0 for kind in KINDS for state in (*OPEN, WorkState.FAILED)
    }
    for held in [*Work.objects.filter(state__in=OPEN), *failures()]:
        found[held.kind, held.state] = found.get((held.kind, held.state), 0) + 1
    return found


def seen(held: Work) -> Job:
    """A piece of work as it is shown."""
    known = KINDS.get(held.kind)
    return Job(
        number=held.pk,
        workspace=held.workspace,
        kind=held.kind,
        # What an earlier release did keeps its name.
        label=known.label if known else Text(held.kind, {}),
        arguments=held.arguments,
        asked_by=held.asked_by,
        asked_at=held.asked_at,
        state=held.state,
        attempts=held.attempts,
        not_before=held.not_before,
        started_at=held.started_at,
        ended_at=held.ended_at,
        seconds=_seconds(held),
        parts_done=held.parts_done,
        parts=held.parts,
        part_name=Text(held.part_name, {}) if held.part_name else None,
        is_unwanted=held.is_unwanted,
        result=held.result,
        error=_told(held.error) if held.error else None,
    )


def _jobs(found: QuerySet[Work]) -> list[Job]:
    return [seen(held) for held in found]


def _seconds(held: Work) -> float | None:
    if held.started_at is None or held.state == WorkState.WAITING:
        return None
    until = held.ended_at or timezone.now()
    return round((until - held.started_at).total_seconds(), 1)


def _median_seconds(runs: QuerySet[Work]) -> float | None:
    lately = runs.filter(state=WorkState.DONE)[:LAST]
    taken = sorted(seconds for one in lately if (seconds := _seconds(one)) is not None)
    return taken[len(taken) // 2] if taken else None


def _told(error: Mapping[str, Any]) -> Told:
    hint = error.get("hint")
    return Told(error["code"], Text(*error["message"]), Text(*hint) if hint else None)
