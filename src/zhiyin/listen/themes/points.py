"""Clauses as points that lie together where they say the same, and what is kept of that work.

A point is what the embedder makes of a clause beside the clause's signs, brought down to a few
dimensions; without an embedder the signs alone. What the embedder made is kept by the clause's hash
in a file of the workspace, so that a day's work is that day's clauses; a clause that is not looked
at any more is out of the file when it is next written, and an erasure removes the file.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zhiyin.kernel.durable import replace
from zhiyin.kernel.progress import Progress, unseen
from zhiyin.listen import signs
from zhiyin.listen.columns import Floats, packed, unpacked
from zhiyin.listen.embedding import Embedder, Points
from zhiyin.listen.themes import words

FOLDER = "themes"

FORM = 1
"""One more with every change of how points or groups are made."""

DIMENSIONS = 64
SIGN_DIMENSIONS = 100
FEWEST = 4
PER_DIMENSION = 16
"""Texts for each dimension: of few texts many would tell each apart from all others."""

SIGNS_WEIGH = 0.7
LEARNED_FROM = 20_000
"""Clauses from which the directions are learned; drawn by lot where there are more."""

WRITTEN_EVERY = 4096
"""New points between two writings of the file: what is cut off is not all done again."""

AT_ONCE = 256
SEED = 20261128


def version(embedder: Embedder | None) -> str:
    """What points are made by."""
    return f"{FORM}-{'signs' if embedder is None else embedder.name}"


def place_of(data: Path, workspace: str) -> Path:
    """Where a workspace's points are kept."""
    return data / FOLDER / f"{workspace}.npz"


def embedded(
    embedder: Embedder, said: Sequence[str], file: Path, progress: Progress = unseen
) -> Points:
    """The points of texts, each different from the others, those that are kept not made again."""
    names = [_hash(text) for text in said]
    known = _read(file, embedder.name)
    kept = {name: known[name] for name in names if name in known}
    new = [place for place, name in enumerate(names) if name not in kept]
    written = len(kept)
    for at in range(0, len(new), AT_ONCE):
        progress(at, len(new))
        part = new[at : at + AT_ONCE]
        made = _small(embedder.embed([said[place] for place in part]))
        kept.update(zip([names[place] for place in part], made, strict=True))
        if len(kept) - written >= WRITTEN_EVERY:
            _write(file, embedder.name, kept)
            written = len(kept)
    if new or len(known) != len(kept):
        _write(file, embedder.name, kept)
    found: Points = np.stack([kept[name] for name in names]).astype(np.float32) / _LARGEST
    return found


def together(points: Points | None, said: Sequence[str]) -> Floats:
    """Points of few dimensions and of length one, from embedded ones and the texts' signs."""
    parts = [_of_signs(said)]
    if points is not None:
        parts = [_unit(points - points.mean(axis=0)), SIGNS_WEIGH * parts[0]]
    return _brought_down(np.hstack(parts).astype(np.float32), DIMENSIONS)


def _of_signs(said: Sequence[str]) -> Floats:
    from sklearn.feature_extraction.text import TfidfVectorizer

    # Of few texts each sign may be the only one of its text, or stand in all of them.
    rare, common = (2, 0.3) if len(said) > 50 else (1, 1.0)
    model = TfidfVectorizer(
        analyzer=_topics, min_df=rare, max_df=common, sublinear_tf=True, dtype=np.float32
    )
    return _brought_down(model.fit_transform(said), SIGN_DIMENSIONS)


def _topics(text: str) -> list[str]:
    """The signs and words that may say what a text is about: 来 or 不 alone is in everything."""
    return [*(one for one in signs.of(text) if len(one.strip()) > 1), *words.tokens(text)]


def _brought_down(rows: Points, dimensions: int) -> Floats:
    from sklearn.decomposition import TruncatedSVD

    count = min(dimensions, max(rows.shape[0] // PER_DIMENSION, FEWEST), min(rows.shape) - 1)
    if count < 1:
        return np.ones((rows.shape[0], 1))
    chance = np.random.default_rng(SEED)
    model = TruncatedSVD(count, random_state=SEED)
    if rows.shape[0] > LEARNED_FROM:
        model.fit(rows[np.sort(chance.choice(rows.shape[0], LEARNED_FROM, replace=False))])
        return _unit(model.transform(rows))
    return _unit(model.fit_transform(rows))


def _unit(rows: Floats) -> Floats:
    made: Floats = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return made


_LARGEST = 127.0


def _small(points: Points) -> NDArray[np.int8]:
    """A byte a dimension: what is lost is a thousandth of a cosine."""
    made: NDArray[np.int8] = np.clip(np.round(points * _LARGEST), -127, 127).astype(np.int8)
    return made


def _hash(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=12).digest()


def _read(file: Path, name: str) -> dict[bytes, NDArray[np.int8]]:
    if not file.exists():
        return {}
    with np.load(file, allow_pickle=False) as held:
        if unpacked(held["name"]) != [name]:
            return {}
        rows = held["points"]
        return {key.tobytes(): rows[place] for place, key in enumerate(held["hashes"])}


def _write(file: Path, name: str, kept: dict[bytes, NDArray[np.int8]]) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    held = io.BytesIO()
    np.savez(
        held,
        name=packed([name]),
        hashes=np.frombuffer(b"".join(kept), np.uint8).reshape(len(kept), 12),
        points=np.stack(list(kept.values())) if kept else np.zeros((0, 1), np.int8),
    )
    replace(file, held.getvalue())
