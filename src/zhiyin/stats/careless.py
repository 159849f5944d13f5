"""Signs that somebody answered without reading: haste, one value all the way, the same again.

A sign is no proof: satisfied customers do give one value to every row, and quick readers are quick.
So nothing is left out by itself; whoever looks decides, and sees what it changes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zhiyin.stats.estimate import Floats

Mask = NDArray[np.bool_]

SHARE = 1 / 3
"""Of the median time: what is faster is haste."""

LEAST = 30
"""So many times make a median of their own."""

ROWS = 4
"""Rows of a matrix from which one value all the way means something."""

ITEMS = 10
"""Closed items from which two responses that agree in all of them are hardly chance."""

ITEM_SECONDS = 0.5
"""Nobody reads and answers an item in less."""


def hasty(
    seconds: ArrayLike, stratum: ArrayLike, *, share: float = SHARE, least: int = LEAST
) -> tuple[Mask, Floats]:
    """(which took less than a share of the median of their like, that threshold).

    Those of one stratum (the same version, as many pages) are compared with one another; where
    fewer than `least` are in it, with all. A time that is not known (nan) is never haste.

    When it misleads: where most rush, the median rushes too; where a page takes long to load, all
    are slow. A response that paused in the middle hides its haste.

    Sources: Greszki, Meyer & Schoen, Public Opinion Quarterly 79 (2015) 471–503 (30, 40 and 50 %
    of the median as thresholds); Zhang & Conrad, Survey Research Methods 8 (2014) 127–135.

    >>> mask, at = hasty([90, 100, 110, 20], [0, 0, 0, 0], least=3)
    >>> mask.tolist(), round(float(at[0]), 2)
    ([False, False, False, True], 31.67)
    """
    time, like = np.asarray(seconds, dtype=np.float64), np.asarray(stratum)
    known = ~np.isnan(time)
    threshold = np.full(time.shape, np.nan)
    if known.any():
        threshold[:] = np.median(time[known]) * share
    for one in np.unique(like[known]):
        here = known & (like == one)
        if here.sum() >= least:
            threshold[like == one] = np.median(time[here]) * share
    with np.errstate(invalid="ignore"):
        return known & (time < threshold), threshold


def straight(n: ArrayLike, low: ArrayLike, high: ArrayLike, *, rows: int = ROWS) -> Mask:
    """Which gave one value to every row of a matrix, of at least so many rows answered.

    The *simple non-differentiation* of Kim, Dykema, Stevenson, Black & Moberg, Social Science
    Computer Review 37 (2019) 214–233.

    When it misleads: rows that all say the same thing (no row is worded the other way round)
    deserve one value.

    Args:
        n: rows answered, of each response.
        low: the lowest value given, and `high` the highest.

    >>> straight([4, 4, 3], [2, 2, 5], [2, 3, 5]).tolist()
    [True, False, False]
    """
    found: Mask = (np.asarray(n) >= rows) & (np.asarray(low) == np.asarray(high))
    return found


def again(pattern: ArrayLike, items: ArrayLike, *, least: int = ITEMS) -> Mask:
    """Which say in every closed item what an earlier one said, of at least so many items.

    Responses are in the order in which they came; the first of those that agree is not marked.

    When it misleads: few items with few choices agree by chance, and satisfied customers agree in
    many. Kuriakose & Robbins, Statistical Journal of the IAOS 32 (2016) 283–291, look for
    agreement in 85 % of many items; here all must agree.

    >>> again(["a", "b", "a", "a"], [12, 12, 12, 4]).tolist()
    [False, False, True, False]
    """
    said = np.asarray(pattern)
    counts = np.asarray(items) >= least
    found = np.zeros(said.shape, dtype=np.bool_)
    _values, first = np.unique(said[counts], return_index=True)
    place = np.flatnonzero(counts)
    found[place] = True
    found[place[first]] = False
    return found


def repeated(who: ArrayLike, at: NDArray[np.datetime64], *, within: np.timedelta64 | None) -> Mask:
    """Which were given by somebody who had given one already.

    Args:
        who: the same of those who may answer once (a customer, about one thing).
        at: when each was given.
        within: so long before at most; None: ever.

    >>> times = np.array(["2026-01-01T10", "2026-01-01T12", "2026-03-01T12"], "datetime64[us]")
    >>> repeated([7, 7, 7], times, within=np.timedelta64(24, "h")).tolist()
    [False, True, False]
    """
    _known, code = np.unique(np.asarray(who), return_inverse=True)
    order = np.lexsort((at, code))
    is_hers = np.zeros(len(order), dtype=np.bool_)
    is_hers[1:] = code[order][1:] == code[order][:-1]
    if within is not None and len(order):
        gap = np.full(len(order), np.timedelta64("NaT"), dtype="timedelta64[us]")
        gap[1:] = at[order][1:] - at[order][:-1]
        with np.errstate(invalid="ignore"):
            is_hers &= gap <= within
    found = np.zeros(len(order), dtype=np.bool_)
    found[order] = is_hers
    return found


def machine_fast(seconds: ArrayLike, items: ArrayLike, *, least: int = 3) -> Mask:
    """Which gave answers faster than anybody reads: under `ITEM_SECONDS` an item.

    >>> machine_fast([4.0, 1.0, 0.2], [10, 10, 1]).tolist()
    [True, True, False]
    """
    time, n = np.asarray(seconds, dtype=np.float64), np.asarray(items)
    with np.errstate(invalid="ignore"):
        found: Mask = (n >= least) & (time < ITEM_SECONDS * n)
    return found
