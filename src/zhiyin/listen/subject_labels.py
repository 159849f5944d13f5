"""Learning what texts are about, and how each thing in them is judged, from texts that say so.

A workspace whose people have marked aspects in some hundreds of texts has a model of its own: for
each aspect whether a text speaks of it, and one for all of how it is judged, which looks at the
clauses of the text the more, the likelier they speak of that aspect.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from zhiyin.listen import classifier, clauses
from zhiyin.listen.classifier import Classifier
from zhiyin.listen.columns import Floats
from zhiyin.listen.embedding import Embedder, Points

SPOKEN = 0.46
"""The probability from which a text speaks of an aspect."""

_YES, _NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class SubjectModel:
    """What was learned.

    Attributes:
        aspects: whether a text speaks of each; classes no and yes.
        judged: how it is judged, among the polarities that occurred.
    """

    aspects: dict[str, Classifier]
    judged: Classifier
    embedder: Embedder | None

    def spoken_of(self, texts: Sequence[str]) -> list[list[str]]:
        """The aspects of which each text speaks, at least one: the likeliest."""
        points = _points(self.embedder, texts)
        likely = _likely(self.aspects, texts, points)
        keys = list(self.aspects)
        return [
            [keys[at] for at in range(len(keys)) if row[at] >= SPOKEN] or [keys[int(row.argmax())]]
            for row in likely
        ]

    def polarity(self, texts: Sequence[str], aspects: Sequence[Sequence[str]]) -> list[list[str]]:
        """How each of these aspects of each text is judged."""
        asked = [(row, key) for row, keys in enumerate(aspects) for key in keys]
        if not asked:
            return [[] for _text in texts]
        looked = _looked(self.aspects, self.embedder, texts)
        said, points = _attended(looked, asked, list(self.aspects))
        told = iter(self.judged.scores(said, points).argmax(axis=1).tolist())
        return [[self.judged.classes[next(told)] for _key in keys] for keys in aspects]


def learn(
    embedder: Embedder | None, texts: Sequence[str], labels: Sequence[Mapping[str, str]]
) -> SubjectModel:
    """Learn from texts and, of each, the polarity of every aspect that it speaks of.

    Raises:
        ValueError: an aspect that all texts speak of, or none; or one polarity alone.
    """
    keys = sorted({key for held in labels for key in held})
    points = _points(embedder, texts)
    aspects = {
        key: classifier.learn(texts, [_YES if key in held else _NO for held in labels], points)
        for key in keys
    }
    asked = [(row, key) for row, held in enumerate(labels) for key in held]
    said, where = _attended(_looked(aspects, embedder, texts), asked, keys)
    judged = classifier.learn(said, [labels[row][key] for row, key in asked], where, weaker=1.0)
    return SubjectModel(aspects, judged, embedder)


@dataclass(frozen=True, slots=True)
class _Looked:
    """The clauses of texts: their words, points, place in the list, and what each speaks of."""

    pieces: list[str]
    points: Points | None
    first: list[int]
    spoken: Floats


def _looked(
    aspects: Mapping[str, Classifier], embedder: Embedder | None, texts: Sequence[str]
) -> _Looked:
    first, pieces = [0], []
    for text in texts:
        pieces += [text[a:b] for a, b in clauses.split(text)] or [text]
        first.append(len(pieces))
    points = _points(embedder, pieces)
    return _Looked(pieces, points, first, _likely(aspects, pieces, points))


def _attended(
    looked: _Looked, asked: Sequence[tuple[int, str]], keys: Sequence[str]
) -> tuple[list[str], Points | None]:
    """For each text and aspect: the clause that speaks of it most, named after the aspect, and the
    mean point of its clauses, each as much as it speaks of it."""
    said, points = [], []
    for row, key in asked:
        here = slice(looked.first[row], looked.first[row + 1])
        weight = looked.spoken[here, keys.index(key)] ** 2 + 1e-9
        best = looked.pieces[looked.first[row] + int(weight.argmax())]
        said.append(f"{best} {_named(key)}")
        if looked.points is not None:
            mean = (looked.points[here] * weight[:, None]).sum(axis=0)
            points.append(mean / np.linalg.norm(mean))
    return said, np.array(points, np.float32) if points else None


def _named(key: str) -> str:
    """The aspect as one sign, which letters alone make."""
    return "aspect" + "".join(sign for sign in key if sign.isalpha())


def _likely(
    aspects: Mapping[str, Classifier], texts: Sequence[str], points: Points | None
) -> Floats:
    columns = [
        model.probabilities(texts, points)[:, model.classes.index(_YES)]
        for model in aspects.values()
    ]
    return np.stack(columns, axis=1)


def _points(embedder: Embedder | None, texts: Sequence[str]) -> Points | None:
    return None if embedder is None else embedder.embed(texts)
