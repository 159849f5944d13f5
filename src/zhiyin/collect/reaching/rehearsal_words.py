"""What a dry run of a trigger came to, and what its askings came to, in words."""

from __future__ import annotations

from collections.abc import Sequence

from zhiyin.collect.reaching.planning import REASONS
from zhiyin.collect.reaching.rehearsing import Rehearsed
from zhiyin.collect.reaching.standing import WHY
from zhiyin.kernel.figures import count
from zhiyin.kernel.text import Text, _


def summary(done: Rehearsed) -> Text:
    """How many it would have asked, and how many withheld."""
    days = (done.until - done.since).days
    return _(
        "Over the last {days} days this would have asked {customers} customers {asked} times, and"
        " withheld {withheld} of {events} events.",
        days=days, customers=count(done.customers), asked=count(done.asked),
        withheld=count(done.all_withheld), events=count(done.events),
    )  # fmt: skip


def left_out(done: Rehearsed) -> list[tuple[Text, int]]:
    """Why the other events asked nobody, with how many each; what left nobody out is not told."""
    told = [
        (_("came with an import"), done.imported),
        (_("names nobody"), done.nameless),
        (_("its delay is not over"), done.waiting),
        (_("not in the sample"), done.left_out),
        (_("withheld: {reason}", reason=REASONS["late"]), done.late),
        *(
            (_("withheld: {reason}", reason=REASONS[name]), n)
            for name, n in sorted(done.withheld.items(), key=lambda pair: -pair[1])
        ),
    ]
    if done.is_cut:
        told.append(
            (_("there are more events than a dry run reads; these are the first"), done.events)
        )
    return [(says, n) for says, n in told if n]


STATES: dict[str, Text] = {
    "waiting": _("wait to be sent"),
    "sending": _("are being sent"),
    "sent": _("were sent"),
    "withheld": _("were withheld"),
    "failed": _("could not be sent"),
    "bounced": _("came back"),
    "stopped": _("were ended by the customer"),
    "uncertain": _("may have been sent"),
}


def counted(counts: Sequence[tuple[str, str, int]]) -> list[tuple[str, int]]:
    """Askings by state, with the reason where there is one."""
    told = []
    for state, reason, n in counts:
        said = STATES.get(state, state)
        why = _("{state}: {reason}", state=said, reason=WHY.get(reason, reason))
        told.append((str(why if reason else said), n))
    return told
