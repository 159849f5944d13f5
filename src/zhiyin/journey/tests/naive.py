"""What the questions mean, written again the plain way: by search, with no cleverness."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import TypeVar

from zhiyin.journey.asking import Order, Steps


@dataclass(frozen=True)
class Happened:
    """One event of a customer."""

    us: int
    name: str
    channel: str | None


Histories = Mapping[str, Sequence[Happened]]
"""Each customer's events in order."""


def chains(
    events: Sequence[Happened], steps: Steps, within: int, order: Order
) -> Iterator[tuple[int, int, int]]:
    """Every chain of a customer as far as every step: (step, place of its start, of its end)."""
    starts = [place for place, event in enumerate(events) if event.name in steps.names[0]]
    for start in starts[:1] if order == "earliest" else starts:
        yield 0, start, start
        yield from _longer(events, steps, within, order, 0, start, start)


def _longer(
    events: Sequence[Happened],
    steps: Steps,
    within: int,
    order: Order,
    step: int,
    start: int,
    last: int,
) -> Iterator[tuple[int, int, int]]:
    if step + 1 == len(steps.names):
        return
    places = range(last + 1, last + 2) if order == "strict" else range(last + 1, len(events))
    for place in places:
        if place >= len(events) or events[place].us - events[start].us > within:
            return
        if events[place].name in steps.names[step + 1]:
            yield step + 1, start, place
            yield from _longer(events, steps, within, order, step + 1, start, place)
        if order != "strict" and events[place].name in steps.between[step]:
            return


def funnel(
    histories: Histories, steps: Steps, within: int, order: Order, group: str | None = None
) -> list[tuple[int, float | None]]:
    """Customers a step, and the median of microseconds from the start of the latest chain that
    a customer first reached it by. With `group`, chains that start in that channel alone."""
    took: list[list[int]] = [[] for _step in steps.names]
    for events in histories.values():
        found = [
            chain
            for chain in chains(events, steps, within, order)
            if group is None or (events[chain[1]].channel or "") == group
        ]
        for step in range(len(steps.names)):
            reached = [(end, start) for at, start, end in found if at == step]
            if reached:
                end = min(reached)[0]
                start = max(start for one, start in reached if one == end)
                took[step].append(events[end].us - events[start].us)
    return [(len(one), median(one) if one else None) for one in took]


def waits(
    histories: Iterable[Sequence[Happened]],
    steps: Steps,
    within: int,
    until: int,
    group: str | None,
) -> tuple[list[int], list[int]]:
    """How long the way from the earliest start to the last step took; and, for those who never
    came there, how long they were watched. With `group`, of starts in that channel alone."""
    took, still = [], []
    for events in histories:
        found = list(chains(events, steps, within, "earliest"))
        if not found or group not in (None, events[found[0][1]].channel or ""):
            continue
        start = events[found[0][1]].us
        ends = [events[end].us for at, _start, end in found if at == len(steps.names) - 1]
        if ends:
            took.append(min(ends) - start)
        else:
            still.append(min(within, until - start))
    return sorted(took), sorted(still)


def edges(
    histories: Histories, gap: int | None, start: str | None, end: str | None = None
) -> dict[tuple[str, str], tuple[int, int, float]]:
    """Pairs, customers and median wait of each edge."""
    waits: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for customer, events in histories.items():
        names = [event.name for event in events]
        first = 0 if start is None else names.index(start) if start in names else len(names)
        is_last = [place for place, name in enumerate(names) if name == end]
        beyond = len(names) if end is None else is_last[-1] + 1 if is_last else 0
        for one, other in pairwise(events[first:beyond]):
            if gap is None or other.us - one.us <= gap:
                pair = (customer, other.us - one.us)
                waits.setdefault((one.name, other.name), []).append(pair)
    return {
        edge: (len(found), len({who for who, _wait in found}), median(w for _who, w in found))
        for edge, found in waits.items()
    }


def variants(histories: Histories) -> Counter[tuple[str, ...]]:
    """Customers of each order of events."""
    return Counter(tuple(event.name for event in events) for events in histories.values() if events)


def stretches(histories: Histories, gap: int) -> list[list[Happened]]:
    """The sessions."""
    found: list[list[Happened]] = []
    for events in histories.values():
        for place, event in enumerate(events):
            if place and event.us - events[place - 1].us <= gap:
                found[-1].append(event)
            else:
                found.append([event])
    return found


def cohorts(came: Iterable[tuple[str, int]]) -> dict[tuple[int, int], int]:
    """(first period, period) → customers, from pairs of customer and number of a period."""
    periods: dict[str, set[int]] = {}
    for customer, period in came:
        periods.setdefault(customer, set()).add(period)
    return dict(Counter((min(all_), one) for all_ in periods.values() for one in all_))


def repeats(histories: Iterable[Sequence[Happened]]) -> dict[str, tuple[int, int, int, int, int]]:
    """Of each name: events, customers, those with more than one, those who were elsewhere between,
    events that follow at once."""
    found: dict[str, tuple[int, int, int, int, int]] = {}
    for events in histories:
        names = [event.name for event in events]
        for name, times in Counter(names).items():
            at_once = sum(one == other == name for one, other in pairwise(names))
            new = (times, 1, int(times > 1), int(times - at_once > 1), at_once)
            a, b, c, d, e = (x + y for x, y in zip(found.get(name, (0,) * 5), new, strict=True))
            found[name] = a, b, c, d, e
    return found


def last_nodes(events: Sequence[Happened], time: int, within: int, steps: int) -> tuple[str, ...]:
    """The last names before a time, a row of the same being one."""
    names = [e.name for e in events if time - within <= e.us < time]
    changes = [name for place, name in enumerate(names) if names[place - 1 : place] != [name]]
    return tuple(changes[-steps:])


Customer = TypeVar("Customer", int, str)


def before(
    histories: Mapping[Customer, Sequence[Happened]],
    moments: Iterable[tuple[Customer, int, int]],
    within: int,
    steps: int = 0,
) -> dict[tuple[str, ...], tuple[int, int, int, int, int]]:
    """Of each name, or of each row of last names: customers who had it before a moment of side 0,
    of side 1, of both; and of those with moments of both, of side 0, of side 1."""
    had: dict[Customer, tuple[set[tuple[str, ...]], set[tuple[str, ...]]]] = {}
    sides: dict[Customer, set[int]] = {}
    for customer, time, side in moments:
        events = histories.get(customer, ())
        sides.setdefault(customer, set()).add(side)
        hers = had.setdefault(customer, (set(), set()))[side]
        if steps:
            hers.add(last_nodes(events, time, within, steps))
        else:
            hers.update((e.name,) for e in events if time - within <= e.us < time)
    found: dict[tuple[str, ...], tuple[int, int, int, int, int]] = {}
    for customer, (here, there) in had.items():
        shared = len(sides[customer]) == 2
        for one in here | there:
            h, t = one in here, one in there
            new = (h, t, h and t, h and shared, t and shared)
            a, b, c, d, e = (x + y for x, y in zip(found.get(one, (0,) * 5), new, strict=True))
            found[one] = a, b, c, d, e
    return found


def parting(
    histories: Iterable[Sequence[Happened]],
    side_of: Callable[[Happened], int | None],
    gap: int,
    until: int,
) -> Counter[tuple[int, str, str | None]]:
    """Customers by (group, name, next name) after the first visit in a group to each name."""
    found: Counter[tuple[int, str, str | None]] = Counter()
    for events in histories:
        seen: set[str] = set()
        for place, event in enumerate(events):
            side = side_of(event)
            if side is None or event.name in seen:
                continue
            seen.add(event.name)
            if event.us + gap > until:
                continue
            follows = events[place + 1 : place + 2]
            in_time = [one.name for one in follows if one.us - event.us <= gap]
            found[side, event.name, in_time[0] if in_time else None] += 1
    return found
