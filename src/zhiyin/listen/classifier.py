"""One way to learn which class a text is in, from texts whose class is known.

Multinomial logistic regression over two views of a text side by side: its point (`embedding`),
less the mean of those it was learned from and of length one, and its signs (`signs`) by tf-idf.
The point says what a text means where few were labelled, the signs sharpen it where many were;
a machine without an embedder has the signs alone. Probabilities are made true by one temperature,
found on texts that the model of that fold had not seen (Guo et al. 2017).
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse

from zhiyin.listen import naming, signs
from zhiyin.listen.embedding import Points

Floats = NDArray[np.float64]

WEAKER = 3.0
"""Inverse strength of the penalty, as scikit-learn's C."""


@dataclass(frozen=True, slots=True)
class Classifier:
    """What was learned, as arrays: it can be kept, and needs no library to be used.

    Attributes:
        classes: in the order of the rows of `weights`.
        centre: the mean point of what it was learned from; None without an embedder.
        vocabulary: the column of each sign, behind those of the point.
        rarity: inverse document frequency of each sign.
        weights: classes by columns.
        bias: one a class.
        temperature: what scores are divided by before they become probabilities.
        names: the aspects whose words (`naming`) have columns of their own, behind the signs.
    """

    classes: tuple[str, ...]
    centre: Points | None
    vocabulary: dict[str, int]
    rarity: Floats
    weights: Floats
    bias: Floats
    temperature: float = 1.0
    names: tuple[str, ...] = ()

    def scores(self, texts: Sequence[str], points: Points | None) -> Floats:
        """Texts by classes: logits, the temperature applied.

        Args:
            texts: what is read.
            points: their rows, where the model has a centre.
        """
        seen = _columns(texts, points if self.centre is not None else None, self)
        made: Floats = (seen @ self.weights.T + self.bias) / self.temperature
        return made

    def probabilities(self, texts: Sequence[str], points: Points | None) -> Floats:
        """Texts by classes; each row sums to one."""
        return softmax(self.scores(texts, points))


def softmax(scores: Floats) -> Floats:
    """Rows of scores as rows of probabilities."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    made: Floats = raised / raised.sum(axis=1, keepdims=True)
    return made


def learn(
    texts: Sequence[str],
    labels: Sequence[str],
    points: Points | None,
    *,
    importance: Floats | None = None,
    least: int = 2,
    weaker: float = WEAKER,
    names: tuple[str, ...] = (),
) -> Classifier:
    """Learn the classes that occur.

    Args:
        texts: what was labelled; `labels` and `points` (or None) have a row for each.
        importance: how much each counts; None counts each once.
        least: texts in which a sign must stand to be looked at.
        weaker: inverse strength of the penalty.
        names: the aspects whose words are looked for.

    Raises:
        ValueError: fewer than two classes.
    """
    from sklearn.linear_model import LogisticRegression

    classes = tuple(sorted(set(labels)))
    if len(classes) < 2:
        raise ValueError("what is learned must have two classes")
    known = _vocabulary(texts, least)
    blank = Classifier(
        classes,
        None if points is None else points.mean(axis=0),
        {sign: place for place, (sign, _n) in enumerate(known)},
        np.log((1 + len(texts)) / (1 + np.array([n for _sign, n in known], float))) + 1,
        np.zeros((0, 0)),
        np.zeros(0),
        names=names,
    )
    seen = _columns(texts, points, blank)
    model = LogisticRegression(C=weaker, max_iter=200, tol=1e-3)
    model.fit(seen, np.asarray(labels), sample_weight=importance)
    weights, bias = model.coef_, model.intercept_
    if len(classes) == 2:
        weights, bias = np.vstack([-weights, weights]) / 2, np.array([-bias[0], bias[0]]) / 2
    return replace(blank, weights=weights, bias=bias)


def calibrated(
    texts: Sequence[str],
    labels: Sequence[str],
    points: Points | None,
    *,
    importance: Floats | None = None,
    weaker: float = WEAKER,
    names: tuple[str, ...] = (),
    parts: int = 1,
) -> Classifier:
    """As `learn`, with the temperature found on texts that the model which read them did not see.

    Args:
        importance: how much each text counts, in learning; None counts each once.
        parts: how many fifths of the texts are read so. One will do where there are thousands.

    Raises:
        ValueError: fewer than two classes.
    """
    whole = learn(texts, labels, points, importance=importance, weaker=weaker, names=names)
    rows, held = unseen(
        texts,
        labels,
        points,
        whole.classes,
        importance=importance,
        weaker=weaker,
        names=names,
        parts=parts,
    )
    place = {name: at for at, name in enumerate(whole.classes)}
    right = np.array([place[labels[row]] for row in rows.tolist()])
    return replace(whole, temperature=temperature(held, right))


FIFTHS = 5


def unseen(
    texts: Sequence[str],
    labels: Sequence[str],
    points: Points | None,
    classes: tuple[str, ...],
    *,
    importance: Floats | None = None,
    weaker: float = WEAKER,
    names: tuple[str, ...] = (),
    parts: int = FIFTHS,
) -> tuple[NDArray[np.int64], Floats]:
    """Texts read by models that did not see them: each fifth by a model of the others.

    Parts are dealt by class in the order given, so the same texts give the same parts.

    Returns:
        The rows that were read, and their logits by `classes`.
    """
    dealt = _dealt(labels)
    rows = np.flatnonzero(dealt < parts)
    made = np.full((len(texts), len(classes)), UNSEEN)
    for part in range(parts):
        rest, here = np.flatnonzero(dealt != part), np.flatnonzero(dealt == part)
        if not len(here) or len({labels[at] for at in rest.tolist()}) < 2:
            continue
        model = learn(
            [texts[at] for at in rest.tolist()],
            [labels[at] for at in rest.tolist()],
            None if points is None else points[rest],
            importance=None if importance is None else importance[rest],
            weaker=weaker,
            names=names,
        )
        columns = np.array([classes.index(name) for name in model.classes])
        seen = model.scores(
            [texts[at] for at in here.tolist()], None if points is None else points[here]
        )
        made[np.ix_(here, columns)] = seen
    return rows, made[rows]


UNSEEN = -20.0
"""The score of a class that a part of the texts does not have."""


def _dealt(labels: Sequence[str]) -> NDArray[np.int64]:
    """The part of each text: those of a class are dealt in turn."""
    dealt: dict[str, int] = {}
    part = np.zeros(len(labels), np.int64)
    for at, label in enumerate(labels):
        dealt[label] = dealt.get(label, -1) + 1
        part[at] = dealt[label] % FIFTHS
    return part


def temperature(scores: Floats, right: NDArray[np.int64]) -> float:
    """The temperature under which labels are likeliest; the scores are of models that saw none.

    Args:
        scores: texts by classes, logits at temperature one.
        right: the place of each text's class.
    """

    def surprise(log_heat: float) -> float:
        given = softmax(scores / np.exp(log_heat))
        return float(-np.log(np.maximum(given[np.arange(len(right)), right], 1e-12)).mean())

    found: Any = optimize.minimize_scalar(surprise, bounds=(-2.5, 2.5), method="bounded")
    return float(np.exp(found.x))


def _vocabulary(texts: Sequence[str], least: int) -> list[tuple[str, int]]:
    counted: dict[str, int] = {}
    for text in texts:
        for sign in set(signs.of(text)):
            counted[sign] = counted.get(sign, 0) + 1
    return sorted((sign, n) for sign, n in counted.items() if n >= least)


def _columns(texts: Sequence[str], points: Points | None, model: Classifier) -> Any:
    """Texts by columns, sparse: the point where there is one, then the signs."""
    rows, columns, values = [], [], []
    for row, text in enumerate(texts):
        held: dict[int, int] = {}
        for sign in signs.of(text):
            place = model.vocabulary.get(sign)
            if place is not None:
                held[place] = held.get(place, 0) + 1
        if held:
            places = np.fromiter(held, int, len(held))
            weight = (1 + np.log(np.fromiter(held.values(), float, len(held)))) * model.rarity[
                places
            ]
            rows.append(np.full(len(places), row))
            columns.append(places)
            values.append(weight / np.sqrt((weight**2).sum()))
    shape = (len(texts), len(model.vocabulary))
    signed = (
        sparse.csr_array(
            (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=shape
        )
        if rows
        else sparse.csr_array(shape)
    )
    if model.names:
        signed = sparse.hstack([signed, _named(texts, model.names)], format="csr")
    if points is None or model.centre is None:
        return signed
    apart = points.astype(float) - model.centre
    apart /= np.maximum(np.linalg.norm(apart, axis=1, keepdims=True), 1e-9)
    return sparse.hstack([sparse.csr_array(apart), signed], format="csr")


NAMED = 1.5
"""What the column of an aspect is where a text names it alone."""


def _named(texts: Sequence[str], names: tuple[str, ...]) -> Any:
    """Texts by `names`, sparse: which they name, each the less, the more there are."""
    place = {name: at for at, name in enumerate(names)}
    made = sparse.lil_array((len(texts), len(names)))
    for row, text in enumerate(texts):
        held = [place[key] for key in naming.of(text) if key in place]
        for at in held:
            made[row, at] = NAMED / np.sqrt(len(held))
    return made.tocsr()


# Kept as bytes


def written(model: Classifier) -> bytes:
    """The model as a file: arrays alone, which reading cannot make do anything."""
    held = io.BytesIO()
    signs_in_order = sorted(model.vocabulary, key=model.vocabulary.__getitem__)
    np.savez_compressed(
        held,
        classes=_packed(model.classes),
        vocabulary=_packed(signs_in_order),
        names=_packed(model.names),
        centre=np.zeros(0, np.float32) if model.centre is None else model.centre,
        rarity=model.rarity.astype(np.float32),
        weights=model.weights.astype(np.float32),
        bias=model.bias,
        temperature=np.array(model.temperature),
    )
    return held.getvalue()


def read(content: bytes) -> Classifier:
    """What `written` wrote."""
    with np.load(io.BytesIO(content), allow_pickle=False) as held:
        centre = held["centre"]
        return Classifier(
            tuple(_unpacked(held["classes"])),
            centre if len(centre) else None,
            {sign: place for place, sign in enumerate(_unpacked(held["vocabulary"]))},
            held["rarity"].astype(float),
            held["weights"].astype(float),
            held["bias"],
            float(held["temperature"]),
            tuple(_unpacked(held["names"])) if len(held["names"]) else (),
        )


def _packed(texts: Sequence[str]) -> NDArray[np.uint8]:
    return np.frombuffer("\n".join(texts).encode(), np.uint8)


def _unpacked(held: NDArray[np.uint8]) -> list[str]:
    return held.tobytes().decode().split("\n")
