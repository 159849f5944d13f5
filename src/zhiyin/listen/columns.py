"""Texts as numbers: what every model of `classifier` is given.

Two views side by side: the text's point (`embedding`), less the mean of those that were learned
from and of length one, and its signs (`signs`) by tf-idf, of length one, too. Behind them may stand
a column for each aspect that the text names (`naming`).
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from zhiyin.listen import naming, signs
from zhiyin.listen.embedding import Points

Floats = NDArray[np.float64]

NAMED = 1.5
"""What the column of an aspect is where a text names it alone."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which numbers a text becomes.

    Attributes:
        centre: the mean point of what was learned from; None without an embedder.
        vocabulary: the column of each sign, behind those of the point.
        rarity: inverse document frequency of each sign.
    """

    centre: Points | None
    vocabulary: dict[str, int]
    rarity: Floats

    def of(self, texts: Sequence[str], points: Points | None) -> Any:
        """Texts by columns, sparse.

        Args:
            points: a row a text, where there is a centre.
        """
        signed = self._signed(texts)
        if points is None or self.centre is None:
            return signed
        apart = points.astype(float) - self.centre
        apart /= np.maximum(np.linalg.norm(apart, axis=1, keepdims=True), 1e-9)
        return sparse.hstack([sparse.csr_array(apart), signed], format="csr")

    def _signed(self, texts: Sequence[str]) -> Any:
        """Term frequency by its logarithm, times rarity, each text of length one."""
        places: list[int] = []
        times: list[int] = []
        first = [0]
        known = self.vocabulary.get
        for text in texts:
            held = Counter(place for sign in signs.of(text) if (place := known(sign)) is not None)
            places += held.keys()
            times += held.values()
            first.append(len(places))
        columns = np.array(places, np.int64)
        weight = (1 + np.log(np.array(times, float))) * self.rarity[columns]
        row = np.repeat(np.arange(len(texts)), np.diff(first))
        length = np.sqrt(np.bincount(row, weight**2, len(texts)))
        shape = (len(texts), len(self.vocabulary))
        return sparse.csr_array((weight / length[row], columns, np.array(first)), shape=shape)


def learned_from(texts: Sequence[str], points: Points | None, *, least: int = 2) -> Columns:
    """The columns of what models learn from.

    Args:
        least: texts in which a sign must stand to be looked at.
    """
    counted = Counter(sign for text in texts for sign in set(signs.of(text)))
    kept = sorted((sign, n) for sign, n in counted.items() if n >= least)
    rarity = np.log((1 + len(texts)) / (1 + np.array([n for _sign, n in kept], float))) + 1
    return Columns(
        None if points is None else points.mean(axis=0),
        {sign: place for place, (sign, _n) in enumerate(kept)},
        rarity,
    )


def named(texts: Sequence[str], names: tuple[str, ...]) -> Any:
    """Texts by `names`, sparse: which aspects they name, each the less, the more there are."""
    place = {name: at for at, name in enumerate(names)}
    columns: list[int] = []
    values: list[float] = []
    first = [0]
    for text in texts:
        held = sorted(place[key] for key in naming.of(text) if key in place)
        columns += held
        values += [NAMED / max(len(held), 1) ** 0.5] * len(held)
        first.append(len(columns))
    shape = (len(texts), len(names))
    return sparse.csr_array((values, np.array(columns, np.int64), np.array(first)), shape=shape)


def written(columns: Columns) -> bytes:
    """The columns as a file: arrays alone, which reading cannot make do anything."""
    held = io.BytesIO()
    in_order = sorted(columns.vocabulary, key=columns.vocabulary.__getitem__)
    np.savez_compressed(
        held,
        vocabulary=packed(in_order),
        centre=np.zeros(0, np.float32) if columns.centre is None else columns.centre,
        rarity=columns.rarity.astype(np.float32),
    )
    return held.getvalue()


def read(content: bytes) -> Columns:
    """What `written` wrote."""
    with np.load(io.BytesIO(content), allow_pickle=False) as held:
        centre = held["centre"]
        return Columns(
            centre if len(centre) else None,
            {sign: place for place, sign in enumerate(unpacked(held["vocabulary"]))},
            held["rarity"].astype(float),
        )


def packed(texts: Sequence[str]) -> NDArray[np.uint8]:
    """Texts without new lines as one array."""
    return np.frombuffer("\n".join(texts).encode(), np.uint8)


def unpacked(held: NDArray[np.uint8]) -> list[str]:
    """What `packed` packed."""
    return held.tobytes().decode().split("\n") if len(held) else []
