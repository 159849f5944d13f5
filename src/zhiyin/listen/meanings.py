"""Where in the space of meanings a clause lies, to be found by others that say the same.

What the embedder makes of a text says first in which language it is. Less the mean of our seeds in
that language, a Chinese and an English clause that say the same lie together; without it a search
in one language finds next to nothing in the other (`docs/accuracy.md`).
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.listen import language
from zhiyin.listen.embedding import Embedder, Points
from zhiyin.warehouse.findings import SPACE, Near
from zhiyin.warehouse.nearness import cosines, lengths_of

FAR = 3.5
"""From so many standard deviations of the likeness to our seeds on a likeness counts: short words
are like much, odd ones like little. Of 144 sentences of our own in two languages, each looked for
by its meaning, this finds six of ten that say the same, and two of three that it finds do. What is
found is put in order by likeness, so the doubtful comes last."""

FORM = 1
"""One more with every change of how a point is made of what the embedder says."""

LONGEST = 200
"""Characters of what may be looked for: a clause, not a letter."""

_LARGEST = 127.0


@dataclass(frozen=True, slots=True)
class Space:
    """Which points are comparable, and how.

    Args:
        embedder: its name.
        chinese: the mean point of what is said in Chinese; `others` that of other languages.
        spread: the second moments of points of the space, by direction.
    """

    embedder: str
    chinese: Points
    others: Points
    spread: Points

    @property
    def name(self) -> bytes:
        """Points whose spaces have another name are not comparable. More seeds move the middles by
        next to nothing, so what was read before them stays in the space."""
        return hashlib.blake2b(f"{FORM}/{self.embedder}".encode(), digest_size=SPACE).digest()

    def of(self, texts: Sequence[str], points: Points) -> list[bytes]:
        """Where texts lie, as a finding keeps it.

        Args:
            points: a row a text, as the embedder made them.
        """
        if not texts:
            return []
        apart = _apart(texts, points, self.chinese, self.others)
        # Of 384 directions none is far from the mean of all: four of its deviations fill a byte.
        wide = np.round(apart * (_LARGEST * apart.shape[1] ** 0.5 / 4))
        small = np.clip(wide, -_LARGEST, _LARGEST).astype(np.int8)
        name = self.name
        return [name + row.tobytes() for row in small]

    def near(self, point: bytes) -> Near:
        """What lies near a point, as far as that is more than usual for this one."""
        row = np.frombuffer(point, np.int8, offset=SPACE).astype(np.float32)
        row /= max(float(np.linalg.norm(row)), 1e-9)
        return Near(point, FAR * float(row @ self.spread @ row) ** 0.5)


def learned_from(texts: Sequence[str], points: Points, embedder: str) -> Space:
    """The space in which texts of both languages lie around the same middle."""
    is_chinese = np.array([language.is_chinese(text) for text in texts])
    chinese, others = points[is_chinese].mean(axis=0), points[~is_chinese].mean(axis=0)
    apart = _apart(texts, points, chinese, others)
    spread = (apart.T @ apart / len(texts)).astype(np.float32)
    return Space(embedder, chinese, others, spread)


def _apart(texts: Sequence[str], points: Points, chinese: Points, others: Points) -> Points:
    """Points less the mean of their languages, of length one."""
    is_chinese = np.array([language.is_chinese(text) for text in texts])
    apart: Points = points - np.where(is_chinese[:, None], chinese, others)
    apart /= np.maximum(np.linalg.norm(apart, axis=1, keepdims=True), 1e-9)
    return apart


def near(text: str, space: Space | None, embedder: Embedder | None) -> Near:
    """What is asked of the log for clauses that say what `text` says.

    Raises:
        Problem: ``voice.meaning``: this machine reads without an embedder.
    """
    if space is None or embedder is None:
        raise Problem(
            "voice.meaning",
            _("This machine finds words, and cannot look for what they mean."),
            _("It needs Linux and an x86-64 processor with AVX2, and no ZHIYIN_EMBEDDER=none."),
        )
    asked = " ".join(text.split())[:LONGEST]
    return space.near(space.of([asked], embedder.embed([asked]))[0])


def likeness(asked: Near, point: bytes | None) -> float | None:
    """Of one clause's point, as the log finds it; None where it is not near."""
    if point is None or point[:SPACE] != asked.point[:SPACE]:
        return None
    row = np.frombuffer(point, np.int8, offset=SPACE)[None]
    found = float(
        cosines(row, lengths_of(row), np.frombuffer(asked.point, np.int8, offset=SPACE))[0]
    )
    return found if found >= asked.least else None


def written(space: Space) -> bytes:
    """A space as a file: arrays alone."""
    held = io.BytesIO()
    np.savez_compressed(held, chinese=space.chinese, others=space.others, spread=space.spread)
    return held.getvalue()


def read(content: bytes, embedder: str) -> Space:
    """What `written` wrote."""
    with np.load(io.BytesIO(content), allow_pickle=False) as held:
        return Space(embedder, held["chinese"], held["others"], held["spread"])
