"""A year of made-up events of customers, straight into a run of the journey index.

Sessions of one to nine events; few customers have many; 200 names, some far more frequent; 9,000 tuples of
touchpoint, channel, region and segment, the last two of which seldom change; three times in ten on a whole second.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from zhiyin.warehouse.journeys import runs
from zhiyin.warehouse.journeys.histories import MERGED, PLAIN, SKIPPED, Histories, Ints, Slices
from zhiyin.warehouse.journeys.tuples import Numbers
from zhiyin.warehouse.journeys.words import Bits

SECOND = 1_000_000
YEAR = 365 * 86_400 * SECOND
EPOCH = 1_735_689_600 * SECOND
"""2025-01-01."""
NAMES = 200
TOUCHPOINTS, CHANNELS, REGIONS, SEGMENTS = 30, 6, 10, 5
TUPLES = TOUCHPOINTS * CHANNELS * REGIONS * SEGMENTS
MEAN_OF_SESSION = 5
BLOCK = 4_000_000
"""Events made at a time."""


BITS = Bits(EPOCH - 366 * 86_400 * SECOND, name_bits=9, low_bits=8, rest_bits=8)
"""Those of an index of such a log."""


def make(folder: Path, events: int, customers: int) -> None:
    """Write a run of about so many events."""
    rng = np.random.default_rng(7)
    share = np.diff((np.arange(customers + 1) / customers) ** (2 / 3))
    sessions = rng.poisson(events / MEAN_OF_SESSION * share)
    cuts = np.searchsorted(
        np.cumsum(sessions), np.arange(0, sessions.sum(), BLOCK // MEAN_OF_SESSION)
    )
    offsets = np.zeros(customers + 1, np.int64)
    writer = runs.Writer(folder, BITS.kind)
    try:
        for first, last in zip(cuts, [*cuts[1:], customers], strict=True):
            owner, us, name, number = _block(rng, int(first), sessions[first:last])
            offsets[first + 1 : last + 1] = np.bincount(owner, minlength=last - first)
            writer.add(BITS.packed(us, name, number), BITS.rests(number))
        numbers = np.arange(TUPLES)
        parts = (TOUCHPOINTS, CHANNELS, REGIONS, SEGMENTS)
        codes = np.stack(np.unravel_index(numbers, parts), axis=1).astype(np.int32)
        writer.end(np.cumsum(offsets), codes)
    finally:
        writer.close()


def repeat(folder: Path, of: Path, times: int) -> None:
    """Write a run that has the events of another so many times, of other customers each time."""
    base = runs.open_slices(of)
    writer = runs.Writer(folder, BITS.kind)
    try:
        for _time in range(times):
            writer.add(base.words, base.rests)
        shifted = [base.offsets[:-1] + time * len(base.words) for time in range(times)]
        offsets = np.concatenate([*shifted, [times * len(base.words)]])
        writer.end(offsets, runs.open_codes(of))
    finally:
        writer.close()


def _block(
    rng: np.random.Generator, first: int, sessions: npt.NDArray[np.int64]
) -> tuple[Ints, Ints, npt.NDArray[np.int32], Numbers]:
    """Owner, time, name and tuple of each event of some customers, in their order."""
    of_session = np.repeat(np.arange(len(sessions)), sessions)
    sizes = rng.integers(1, 2 * MEAN_OF_SESSION, len(of_session))
    place = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    count = len(place)
    time = np.repeat(rng.integers(0, YEAR - 900 * SECOND, len(sizes)), sizes)
    time += place * 90 * SECOND + rng.integers(0, 80 * SECOND, count)
    time -= np.where(rng.random(count) < 0.3, time % SECOND, 0)
    name = (rng.random(count) ** 2 * 50).astype(np.int64)
    rare = rng.random(count) < 0.2
    name[rare] = rng.integers(50, NAMES, int(rare.sum()))
    owner = np.repeat(of_session, sizes)
    customer = of_session + first
    region, segment = customer * 7 % REGIONS, customer * 11 % 55 % SEGMENTS
    drift = rng.random(len(customer))
    region = np.where(drift < 0.02, rng.integers(0, REGIONS, len(drift)), region)
    segment = np.where(drift > 0.975, rng.integers(0, SEGMENTS, len(drift)), segment)
    channel = rng.integers(0, CHANNELS, len(customer))
    of_place = (channel * REGIONS + region) * SEGMENTS + segment
    touchpoint = (rng.random(count) ** 1.6 * TOUCHPOINTS).astype(np.int64)
    code = touchpoint * (CHANNELS * REGIONS * SEGMENTS) + np.repeat(of_place, sizes)
    order = np.argsort(owner << 45 | time)
    return (
        owner,
        EPOCH + time[order],
        name[order].astype(np.int32),
        code[order].astype(np.uint32),
    )


def channel_of(tuples: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The channel of each tuple."""
    return tuples // (REGIONS * SEGMENTS) % CHANNELS


def region_of(tuples: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The region of each tuple."""
    return tuples // SEGMENTS % REGIONS


def opened(folder: Path) -> Histories:
    """The run as the passes read it, nobody merged."""
    base = runs.open_slices(folder)
    keys = len(base.offsets) - 1
    return Histories(
        epoch=BITS.epoch,
        name_bits=BITS.name_bits,
        low_bits=BITS.low_bits,
        base=base,
        tail=Slices(np.zeros(1, np.int64), base.words[:0].copy(), base.rests[:0].copy()),
        tail_place=np.full(keys, -1, np.int32),
        flags=np.where(np.diff(base.offsets) > 0, PLAIN, SKIPPED).astype(np.uint8),
        group=np.full(keys, -1, np.int32),
        group_offsets=np.zeros(1, np.int64),
        members=np.zeros(0, np.int32),
    )


def merged(histories: Histories, share: float) -> Histories:
    """The same, with such a share of all keys merged in pairs that lie far apart."""
    keys = len(histories.flags)
    rng = np.random.default_rng(3)
    pairs = int(keys * share / 2)
    members = np.sort(rng.permutation(keys)[: 2 * pairs].reshape(pairs, 2), axis=1)
    members = members[np.argsort(members[:, 0])]
    flags, group = histories.flags.copy(), histories.group.copy()
    flags[members[:, 1]] = SKIPPED
    flags[members[:, 0]] = MERGED
    group[members[:, 0]] = np.arange(pairs)
    return replace(
        histories,
        flags=flags,
        group=group,
        group_offsets=np.arange(0, 2 * pairs + 1, 2),
        members=members.ravel().astype(np.int32),
    )
