"""What a workspace's labels add to the models of the seeds, as numbers that can be kept.

The columns are those of the seeds, so no word of a customer is in it that the seeds do not have.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from zhiyin.listen.adapting import Adapted
from zhiyin.listen.columns import packed, unpacked

KINDS = ("comments", "polarity", "aspect")


def _nothing() -> Adapted:
    return Adapted((), 1.0, np.zeros(0), np.zeros(0, np.int64), np.zeros((0, 0)))


@dataclass(frozen=True, slots=True)
class Own:
    """One for each thing that is learned; nothing by default.

    Attributes:
        comments: polarity of texts and clauses, from comments with a score; where it helps.
        polarity: of clauses, from what people said of them.
        aspect: likewise.
    """

    comments: Adapted = field(default_factory=_nothing)
    polarity: Adapted = field(default_factory=_nothing)
    aspect: Adapted = field(default_factory=_nothing)

    @property
    def is_nothing(self) -> bool:
        """Whether the seeds alone read."""
        return all(getattr(self, kind).strictness is None for kind in KINDS)


def written(own: Own) -> bytes:
    """As a file: arrays alone, which reading cannot make do anything."""
    arrays: dict[str, Any] = {}
    for kind in KINDS:
        one: Adapted = getattr(own, kind)
        if one.strictness is not None:
            numbers = (one.of_base, one.temperature, one.strictness)
            arrays[f"{kind}_classes"] = packed(one.classes)
            arrays[f"{kind}_numbers"] = np.array(numbers)
            arrays[f"{kind}_bias"] = one.bias
            arrays[f"{kind}_columns"] = one.columns.astype(np.int32)
            arrays[f"{kind}_weights"] = one.weights.astype(np.float32)
    held = io.BytesIO()
    np.savez_compressed(held, **arrays)
    return held.getvalue()


def read(content: bytes) -> Own:
    """What `written` wrote."""
    made: dict[str, Adapted] = {}
    with np.load(io.BytesIO(content), allow_pickle=False) as held:
        for kind in KINDS:
            if f"{kind}_classes" in held:
                of_base, temperature, strictness = held[f"{kind}_numbers"].tolist()
                made[kind] = Adapted(
                    tuple(unpacked(held[f"{kind}_classes"])),
                    of_base,
                    held[f"{kind}_bias"],
                    held[f"{kind}_columns"].astype(np.int64),
                    held[f"{kind}_weights"].astype(float),
                    temperature,
                    strictness,
                )
    return Own(**made)


def digest(own: Own) -> str:
    """What was learned, in 16 hexadecimal digits; blank where nothing was."""
    if own.is_nothing:
        return ""
    parts = (getattr(own, kind) for kind in KINDS)
    told = repr([(one.classes, one.strictness, one.of_base) for one in parts]).encode()
    weights = b"".join(getattr(own, kind).weights.astype(np.float32).tobytes() for kind in KINDS)
    return hashlib.sha256(told + weights).hexdigest()[:16]
