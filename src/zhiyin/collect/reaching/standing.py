"""How a distribution stands: how many wait, were asked, were not and why, and answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Sum

from zhiyin.collect.models import Asking, AskingState, Distribution
from zhiyin.collect.reaching import carriers, distributions, planning
from zhiyin.kernel.text import Text, _
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log

STATES: dict[str, Text] = {
    AskingState.WAITING: _("waiting"),
    AskingState.SENDING: _("being sent"),
    AskingState.SENT: _("sent"),
    AskingState.WITHHELD: _("withheld"),
    AskingState.BOUNCED: _("came back"),
    AskingState.FAILED: _("could not be sent"),
    AskingState.STOPPED: _("wants no more"),
    AskingState.UNCERTAIN: _("may have been sent"),
}
"""What people call each state, in the order in which they are shown."""

WHY: dict[str, Text] = {
    **planning.REASONS,
    "refused": _("was refused by the server of the address"),
    "returned": _("was sent back by the server of the address"),
    "not_taken": _("was not taken by our mail server or provider"),
    "given_up": _("was tried for hours in vain"),
    "cut_off": _("was being sent when the process or the connection ended"),
    "closed": _("was to be sent when the survey was closed"),
    "unsubscribed": _("asked for no more"),
    "complained": _("was reported as unwanted"),
    "bounced": _("came back before"),
    "td": _("answered TD"),
    "staff": _("was stopped by somebody here"),
}
"""Why an asking is in its state."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What has become of the askings of a distribution.

    Args:
        counts: by state and reason.
        reminders: how many were sent.
        began: of those who were asked, so many have answered something.
        finished: and so many have come to the end.
        next_at: when the next letter or reminder is due.
        can_send: whether the installation can send by the channel now.
    """

    counts: Mapping[tuple[str, str], int]
    reminders: int
    began: int
    finished: int
    next_at: datetime | None
    can_send: bool

    def states(self) -> dict[str, int]:
        """How many are in each state, all of them."""
        found = dict.fromkeys(STATES, 0)
        for (state, _reason), n in self.counts.items():
            found[state] += n
        return {str(state): n for state, n in found.items()}

    def reasons(self) -> list[tuple[str, str, int]]:
        """State, reason and how many, of those that have a reason."""
        return [(state, reason, n) for (state, reason), n in self.counts.items() if reason]

    @property
    def asked(self) -> int:
        """Whom a letter or message has reached, as far as anybody knows."""
        found = self.states()
        return found[AskingState.SENT] + found[AskingState.STOPPED]


def of(log: Log, held: Distribution) -> Standing:
    """How it stands now."""
    askings = Asking.objects.filter(distribution=held)
    counted = askings.values_list("state", "reason").annotate(n=Count("pk")).order_by()
    open_ones = askings.filter(is_over=False, state__in=(AskingState.WAITING, AskingState.SENT))
    began, finished = _answered(log, held)
    return Standing(
        {(state, reason): n for state, reason, n in sorted(counted)},
        askings.aggregate(n=Sum("reminders_sent"))["n"] or 0,
        began,
        finished,
        open_ones.aggregate(at=Min("due_at"))["at"],
        held.channel in carriers.usable(),
    )


def _answered(log: Log, held: Distribution) -> tuple[int, int]:
    """How many of those it invited have begun, and come to the end."""
    workspace = held.workspace.slug
    if workspace not in log.workspaces():
        return 0, 0
    schema = log.schema(workspace)
    exposures = lang.table(schema, "exposures")
    code = {word: n for n, word in log.words(workspace, "distribution").items()}.get(held.key)
    actions = {word: n for n, word in log.words(workspace, "action").items()}
    if code is None:
        return 0, 0
    invited = exposures.filter(
        exposures.distribution == code, exposures.action == actions.get("invited", -1)
    ).invitation
    started = exposures.filter(
        exposures.action == actions.get("started", -1), exposures.invitation.isin(invited)
    )
    responses = lang.table(schema, "responses")
    ended = responses.filter(
        responses.ended_at.notnull(), responses.invitation.isin(invited)
    ).select("invitation").distinct()  # fmt: skip
    begun = started.select("invitation").distinct()
    return _counted(log, workspace, begun), _counted(log, workspace, ended)


def _counted(log: Log, workspace: str, rows: lang.Expression) -> int:
    return int(log.execute(workspace, rows.aggregate(n=rows.count())).to_pylist()[0]["n"])


def as_dict(held: Distribution, standing: Standing) -> dict[str, Any]:
    """A distribution as the command line and the API write it."""
    return {
        "key": held.key,
        "survey": held.survey.key,
        **distributions.as_asked(held),
        "seed": held.seed,
        "trigger": held.begins["event"] if held.begins else None,
        "is_paused": held.is_paused,
        "can_send": standing.can_send,
        "states": standing.states(),
        "reasons": [
            {"state": state, "reason": reason, "n": n} for state, reason, n in standing.reasons()
        ],
        "reminders_sent": standing.reminders,
        "began": standing.began,
        "finished": standing.finished,
        "next_at": standing.next_at,
        "created_by": held.created_by,
        "created_at": held.created_at,
    }
