"""Chance in blocks: one draw costs a tenth of what a Generator's own scalar draw costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

import numpy as np

_T = TypeVar("_T")
_BLOCK = 4096


class Dice:
    """Draws from one Generator, in blocks, so it uses more of the Generator than it returns."""

    __slots__ = ("_rng", "draw")

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self.draw = self._stream().__next__

    def _stream(self) -> Iterator[float]:
        while True:
            yield from self._rng.random(_BLOCK).tolist()

    def one(self, options: Sequence[_T]) -> _T:
        """One of them, each as likely."""
        return options[int(self.draw() * len(options))]

    def chance(self, share: float) -> bool:
        """True in that share of draws."""
        return self.draw() < share

    def between(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return low + int(self.draw() * (high - low + 1))
