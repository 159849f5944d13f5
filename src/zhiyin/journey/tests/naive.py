"""What the questions mean, written again the plain way: by search, with no cleverness."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

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
    histories: Histories, gap: int | None, start: str | None
) -> dict[tuple[str, str], tuple[int, int, float]]:
    """Pairs, customers and median wait of each edge."""
    waits: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for customer, events in histories.items():
        names = [event.name for event in events]
        first = 0 if start is None else names.index(start) if start in names else len(names)
        for one, other in pairwise(events[first:]):
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


def repeats(histories: Iterable[Sequence[Happened]]) -> dict[str, tuple[int, int, int, int]]:
    """Of each name: events, customers, those with more than one, events that follow at once."""
    found: dict[str, tuple[int, int, int, int]] = {}
    for events in histories:
        names = [event.name for event in events]
        for name, times in Counter(names).items():
            at_once = sum(one == other == name for one, other in pairwise(names))
            new = (times, 1, int(times > 1), at_once)
            a, b, c, d = (x + y for x, y in zip(found.get(name, (0,) * 4), new, strict=True))
            found[name] = a, b, c, d
    return found


def before(
    histories: Mapping[int, Sequence[Happened]], moments: Iterable[tuple[int, int]], within: int
) -> tuple[Counter[str], Counter[str]]:
    """Of each name: moments (a customer and a time) before which it happened; and customers."""
    found = [
        (customer, {e.name for e in histories.get(customer, ()) if time - within <= e.us < time})
        for customer, time in moments
    ]
    pairs = {(customer, name) for customer, names in found for name in names}
    return Counter(name for _who, names in found for name in names), Counter(n for _w, n in pairs)
