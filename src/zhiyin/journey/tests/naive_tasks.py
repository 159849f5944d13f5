"""Tasks, waits, adoption and visits, written again the plain way: by search."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from zhiyin.journey.tests.naive import Happened, Histories, stretches

Names = frozenset[str]
CAME, GAVE_UP, OPEN = range(3)


@dataclass(frozen=True)
class Parts:
    """What a task is made of."""

    begins: Names
    goal: Names
    error: Names
    help: Names
    within: int


@dataclass(frozen=True, order=True)
class Tried:
    """One attempt."""

    began: int
    lasted: int
    state: int
    errors: int
    helps: int
    switches: int
    channel: str


def tried(row: Iterable[int], channel: str | None) -> Tried:
    """An attempt out of the columns of an answer."""
    began, lasted, state, errors, helps, switches = map(int, row)
    return Tried(began, lasted, state, errors, helps, switches, channel or "")


def attempts(events: Sequence[Happened], task: Parts, until: int) -> Iterator[Tried]:
    """A customer's attempts in order."""
    place = 0
    while True:
        starts = [p for p in range(place, len(events)) if events[p].name in task.begins]
        if not starts:
            return
        first = starts[0]
        began = events[first].us
        later = range(first + 1, len(events))
        inside = [p for p in later if events[p].us - began <= task.within]
        goals = [p for p in inside if events[p].name in task.goal]
        if goals:
            state, lasted = CAME, events[goals[0]].us - began
            inside = [p for p in inside if p <= goals[0]]
        else:
            is_over = until - began >= task.within
            state, lasted = (GAVE_UP, task.within) if is_over else (OPEN, until - began)
        told = [e.channel for e in events[first : first + len(inside) + 1] if e.channel is not None]
        yield Tried(
            began,
            lasted,
            state,
            sum(events[p].name in task.error for p in inside),
            sum(events[p].name in task.help for p in inside),
            sum(one != other for one, other in pairwise(told)),
            events[first].channel or "",
        )
        place = first + len(inside) + 1


def gaps(
    events: Sequence[Happened], first: Names, then: Names, until: int
) -> Iterator[tuple[int, int, bool]]:
    """(when it began, how long, whether the next came) of each wait of a customer."""
    for place, event in enumerate(events):
        if event.name in first:
            next_ = [e.us for e in events[place + 1 :] if e.name in then]
            end = next_[0] if next_ else until
            yield event.us, end - event.us, bool(next_)


def adopted(
    histories: Histories, names: Names, since: Names | None, within: int, times: int
) -> dict[str, tuple[int, bool]]:
    """When each customer was new, and whether she did it often enough in time."""
    found = {}
    for customer, events in histories.items():
        starts = [e.us for e in events if since is None or e.name in since]
        if starts:
            did = [e for e in events if e.name in names and 0 <= e.us - starts[0] <= within]
            found[customer] = starts[0], len(did) >= times
    return found


def visits(histories: Histories, gap: int) -> list[tuple[str, int, int]]:
    """(customer, when it began, how long) of each session."""
    return [
        (customer, one[0].us, one[-1].us - one[0].us)
        for customer, events in histories.items()
        for one in stretches({customer: events}, gap)
    ]
