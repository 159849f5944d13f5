"""How much a key or an address may send: buckets that fill at a steady rate."""

from __future__ import annotations

import time
from collections.abc import Callable

MOST_ADDRESSES = 50_000


class Buckets:
    """One bucket a name, each holding what comes in one second.

    What a request costs is known only when it has been read: it may come as long as one is left,
    and what it takes too much is waited for by the next.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._left: dict[str, tuple[float, float]] = {}

    def wait(self, name: str, rate: float) -> float:
        """Seconds until `name` may send again; 0 when it may now."""
        left = self._now(name, rate)
        return 0.0 if left >= 1 else (1 - left) / rate

    def take(self, name: str, rate: float, count: float) -> None:
        """`name` has sent `count`."""
        if len(self._left) > MOST_ADDRESSES:
            # Whoever is not in debt has lost nothing by being forgotten.
            self._left = {n: state for n, state in self._left.items() if state[0] < 0}
        self._left[name] = (self._now(name, rate) - count, self._clock())

    def _now(self, name: str, rate: float) -> float:
        known = self._left.get(name)
        if known is None:
            return max(rate, 1.0)
        left, at = known
        return min(left + (self._clock() - at) * rate, max(rate, 1.0))
