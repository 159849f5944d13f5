"""What the seeds teach, learned once and kept: models of polarity, aspect and the other marks.

Learning takes two minutes, most for the points of the seeds, so `make setup` does it and leaves
the arrays beside the package; where the package lies in a folder that may not be written, they are
learned at the first reading and kept with the data. What is kept is named after what it was learned
from, so another seed, another embedder or another way of learning is another file.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np

from zhiyin.collect.aspects import starters
from zhiyin.kernel.durable import replace as put
from zhiyin.listen import classifier, columns, embedding, meanings, seeds, subjects
from zhiyin.listen.classifier import Classifier
from zhiyin.listen.columns import Columns, Floats, learned_from
from zhiyin.listen.embedding import Embedder, Points, Remembering
from zhiyin.listen.meanings import Space
from zhiyin.listen.seeds import NONE, Seed
from zhiyin.listen.subjects import Subjects

_HERE = Path(__file__).parent / "__learned__"
_FORM = 6
"""One more with every change of how models are learned or kept."""

CAREFUL = 0.3
"""Inverse strength of the penalty for polarity: what people write of all trades is unlike any few
thousand clauses, and what is learned strictly travels best. Found on the demo company."""

NEARER = 3.0
"""That for marks and aspects, whose words are more alike everywhere."""

OWN = 4
"""How often the labels of an aspect of which no seed speaks stand among the seeds."""

MARKS = ("emotion", "intent", "effort", "urgency")


@dataclass(frozen=True, slots=True)
class Learned:
    """Models from the seeds, which have the same columns.

    Attributes:
        columns: what each of them is given.
        polarity: among negative, neutral, positive and mixed.
        aspect: among the keys of the subjects, and "".
        marks: by name one of `MARKS`; each has the class "".
        embedder: whose points they take; None where they take none.
        space: in which those points are compared.
    """

    columns: Columns
    polarity: Classifier
    aspect: Classifier
    marks: dict[str, Classifier]
    embedder: Embedder | None
    space: Space | None


@lru_cache(maxsize=8)
def of(told: Subjects) -> Learned:
    """The models for these aspects, learned where they are not kept yet."""
    embedder = embedding.default()
    named = _named(embedder)
    # Each seed is learned from several times; what is remembered goes when all is learned.
    seen = None if embedder is None else Remembering(embedder)
    known = columns.read(_kept(f"columns-{named}", lambda: columns.written(columns_of(seen))))

    def model(name: str, learn: Callable[[Columns, Embedder | None], Classifier]) -> Classifier:
        content = _kept(name, lambda: classifier.written(learn(known, seen)))
        return classifier.read(content, known)

    return Learned(
        known,
        model(f"polarity-{named}", polarity),
        model(f"aspect-{named}-{told.digest}", partial(aspects, told)),
        {kind: model(f"{kind}-{named}", partial(_marks, kind)) for kind in MARKS},
        embedder,
        None if seen is None else _space(named, seen),
    )


@lru_cache(maxsize=1)
def space() -> Space | None:
    """In which the points of this machine's embedder are compared; None where it has none."""
    embedder = embedding.default()
    return None if embedder is None else _space(_named(embedder), embedder)


def _space(named: str, embedder: Embedder) -> Space:
    def learn() -> bytes:
        texts = [one.text for one in seeds.read()]
        return meanings.written(meanings.learned_from(texts, embedder.embed(texts), embedder.name))

    return meanings.read(_kept(f"space-{named}", learn), embedder.name)


def version(told: Subjects) -> str:
    """What the models for these aspects are learned from and how, in a word: readings by one
    version are alike."""
    return f"{_named(embedding.default())}-{told.digest}"


def _named(embedder: Embedder | None) -> str:
    return f"{_FORM}-{seeds.digest()}-{'signs' if embedder is None else embedder.dimensions}"


def prepare() -> None:
    """Learn what every installation needs, so that nobody's first reading waits for it."""
    of(subjects.ours())


def columns_of(embedder: Embedder | None) -> Columns:
    """What a text becomes, learned from all seeds."""
    texts = [one.text for one in seeds.read()]
    return learned_from(texts, _points(texts, embedder))


def polarity(known: Columns, embedder: Embedder | None) -> Classifier:
    """Of clauses, from every seed that has one."""
    held = [one for one in seeds.read() if one.polarity is not None]
    return _learned(held, [one.polarity or "" for one in held], known, embedder, CAREFUL)


def aspects(told: Subjects, known: Columns, embedder: Embedder | None) -> Classifier:
    """Learned from the clauses about each, in which the words that name one are looked for."""
    held: list[Seed] = []
    labels: list[str] = []
    for one in seeds.read():
        if one.aspect is None:
            continue
        label = told.under(one.aspect) if one.aspect else NONE
        if label is not None:
            held.append(one)
            labels.append(label)
    for own in told.own():
        held += [Seed(own.en, "en"), Seed(own.zh, "zh")] * OWN
        labels += [own.key] * 2 * OWN
    names = tuple(sorted(key for key in starters.known() if told.under(key)))
    # Where others count under an aspect, it has many seeds, and is not the likelier for that.
    times = Counter(labels)
    importance = np.array([1 / times[label] for label in labels])
    importance /= importance.mean()
    return _learned(held, labels, known, embedder, NEARER, importance, names)


def _marks(kind: str, known: Columns, embedder: Embedder | None) -> Classifier:
    """Learned from clauses that show one, against those about some aspect, which show none."""
    held = [one for one in seeds.read() if getattr(one, kind) or (one.aspect and one.polarity)]
    labels = [getattr(one, kind) or NONE for one in held]
    shown = sum(map(bool, labels))
    # A clause that shows none may yet: they are many, and count as twice those that do.
    plain = 2 * shown / (len(held) - shown)
    importance = np.array([1.0 if label else plain for label in labels])
    return _learned(held, labels, known, embedder, NEARER, importance)


def _learned(
    held: Sequence[Seed],
    labels: Sequence[str],
    known: Columns,
    embedder: Embedder | None,
    weaker: float,
    importance: Floats | None = None,
    names: tuple[str, ...] = (),
) -> Classifier:
    texts = [one.text for one in held]
    return classifier.calibrated(
        texts,
        labels,
        _points(texts, embedder),
        weaker=weaker,
        importance=importance,
        names=names,
        columns=known,
    )


def _points(texts: Sequence[str], embedder: Embedder | None) -> Points | None:
    return None if embedder is None else embedder.embed(texts)


def _kept(name: str, make: Callable[[], bytes]) -> bytes:
    file = f"{name}.npz"
    for folder in _folders():
        try:
            return (folder / file).read_bytes()
        except OSError:
            continue  # not learned yet, or kept by somebody who lets nobody read it
    made = make()
    for folder in _folders():
        try:
            put(folder / file, made)
            if folder == _HERE:
                # Whoever installs may be another than who reads; nothing in it is secret.
                folder.chmod(0o755)
                (folder / file).chmod(0o644)
        except OSError:
            continue  # the package's folder where it may not be written
        break
    return made


def _folders() -> list[Path]:
    """Where models are kept: beside the package, else with the data."""
    with_data = os.environ.get("ZHIYIN_DATA")
    return [_HERE, *([Path(with_data) / "tmp" / "learned"] if with_data else [])]
