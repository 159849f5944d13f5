"""Whether a source that sends nothing should have sent.

Every hour of a source is loud (at least one row) or silent. Its own last twelve weeks say how often
an hour of that weekday and time is loud; a silence is as unlikely as all its hours being silent
by chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

HOURS_A_WEEK = 168
WEEKS = 12
"""So much of the past says what is normal."""
LEAST_WEEKS = 4
"""With less of a past nothing is said."""
UNLIKELY = 1e-7
"""A silence that chance brings less often is reported. In simulated years of sources whose rows
come independently that is one false report in two hundred years of a source; see
`docs/data-health.md`."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Hours without a row that should have had some.

    Args:
        first: the first silent hour, as a place in the series.
        end: the hour after the last.
        expected: how many loud hours were due: the sum of the chances of its hours.
        chance: that all of them are silent by chance.
        is_open: whether it lasts to the end of the series.
    """

    first: int
    end: int
    expected: float
    chance: float
    is_open: bool

    @property
    def hours(self) -> int:
        """How long it lasts, in hours."""
        return self.end - self.first


def silences(rows: npt.ArrayLike, *, unlikely: float = UNLIKELY) -> list[Silence]:
    """The silences of a source that chance does not explain, in order.

    For each hour the chance of a row is estimated from the twelve weeks before the silence: of the
    n same hours of the week k were loud, of the same hours of all days the share s, and the chance
    is (k + s) / (n + 1), with s kept 1/(2n+2) off 0 and 1, so that no hour is ever certain. The log
    of the chance that all hours are silent is the sum of theirs, divided by how hours hang
    together: the variance of a day's loud hours over what independent hours would have, at least 1.

    An hour that was always loud thus weighs no more than its past allows: a source that sends once
    a day is reported after three missed days, one that sends all day after three or four hours, and
    a night, a weekend or a lunch hour that was always silent weighs nothing.

    It misleads where what happens is not in the weeks before: a holiday on which the source rests
    is reported. It says nothing of a source that sends too little: that is for the daily counts.

    Args:
        rows: how many rows each hour had, hour after hour in local time, from the first hour in
            which the source ever sent. Shape (hours,).
        unlikely: report chances below this.

    Returns:
        Silences. Empty where the series is shorter than four weeks.

    >>> import numpy as np
    >>> day = np.r_[np.zeros(8), np.ones(12), np.zeros(4)]
    >>> rows = np.tile(day, 60)
    >>> rows[50 * 24:54 * 24] = 0
    >>> [(s.first, s.hours) for s in silences(rows)]
    [(1196, 108)]
    """
    loud = np.asarray(rows) > 0
    if len(loud) < LEAST_WEEKS * HOURS_A_WEEK:
        return []
    found = []
    for first, end in _possible(loud, np.log(unlikely)):
        chances, together = _chances(loud, int(first), int(end))
        log_chance = float(np.log1p(-chances).sum()) / together
        if log_chance < np.log(unlikely):
            found.append(
                Silence(
                    int(first),
                    int(end),
                    float(chances.sum()),
                    float(np.exp(log_chance)),
                    bool(end == len(loud)),
                )
            )
    return found


def _possible(loud: npt.NDArray[np.bool_], limit: float) -> list[tuple[int, int]]:
    """Runs of silent hours that may be unlikely enough: a quick look that leaves out no other."""
    edges = np.diff(np.concatenate([[0], (~loud).astype(np.int8), [0]]))
    begins, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    known = begins >= LEAST_WEEKS * HOURS_A_WEEK
    begins, ends = begins[known], ends[known]
    often = np.zeros(len(loud))
    weeks = np.zeros(len(loud))
    for week in range(1, WEEKS + 1):
        often[week * HOURS_A_WEEK :] += loud[: -week * HOURS_A_WEEK]
        weeks[week * HOURS_A_WEEK :] += 1
    at_most = (often + 1 - 1 / (2 * weeks + 2)) / (weeks + 1)
    summed = np.concatenate([[0.0], np.cumsum(np.log1p(-at_most))])
    # The past of hours in a second week of silence is the silence itself.
    likely = (summed[ends] - summed[begins] > limit) & (ends - begins < HOURS_A_WEEK)
    return [(int(b), int(e)) for b, e in zip(begins[~likely], ends[~likely], strict=True)]


def _chances(
    loud: npt.NDArray[np.bool_], first: int, end: int
) -> tuple[npt.NDArray[np.float64], float]:
    """The chance of a row in each hour of a silence, from the weeks before it; and how hours hang
    together: the variance of a day's loud hours over what independent hours would have."""
    # Whole weeks, so that every hour of the week has the same past.
    weeks = min(first // HOURS_A_WEEK, WEEKS)
    start = first - weeks * HOURS_A_WEEK
    past = loud[start:first].reshape(weeks, HOURS_A_WEEK)
    of_day = past.reshape(weeks, 7, 24).mean(axis=(0, 1))
    least = 1 / (2 * weeks + 2)
    share = np.clip(np.tile(of_day, 7), least, 1 - least)
    chance = (past.sum(axis=0) + share) / (weeks + 1)
    apart = (past - past.mean(axis=0)).reshape(weeks, 7, 24).sum(axis=2)
    alone = (chance * (1 - chance)).reshape(7, 24).sum()
    together = (apart**2).sum() / max(weeks - 1, 1) / alone
    return chance[np.arange(end - first) % HOURS_A_WEEK], max(1.0, float(together))
