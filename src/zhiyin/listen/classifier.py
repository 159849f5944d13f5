"""One way to learn which class a text is in, from texts whose class is known.

Multinomial logistic regression over the columns of a text (`columns`): its point says what it means
where few were labelled, its signs sharpen that where many were; a machine without an embedder has
the signs alone. Probabilities are made true by one temperature, found on texts that the model which
read them had not seen (Guo et al. 2017).
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse

from zhiyin.listen.columns import Columns, Floats, learned_from, named, packed, unpacked
from zhiyin.listen.embedding import Points

WEAKER = 3.0
"""Inverse strength of the penalty, as scikit-learn's C."""


@dataclass(frozen=True, slots=True)
class Classifier:
    """What was learned, as arrays: it can be kept, and needs no library to be used.

    Attributes:
        classes: in the order of the rows of `weights`.
        columns: what a text becomes.
        weights: classes by columns, those of `names` last.
        bias: one a class.
        temperature: what scores are divided by before they become probabilities.
        names: the aspects that have a column where a text names them.
    """

    classes: tuple[str, ...]
    columns: Columns
    weights: Floats
    bias: Floats
    temperature: float = 1.0
    names: tuple[str, ...] = ()

    def scores(self, texts: Sequence[str], points: Points | None, seen: Any = None) -> Floats:
        """Texts by classes: logits, the temperature applied.

        Args:
            texts: what is read.
            points: their rows, where the columns have a centre.
            seen: what `columns` makes of them, where it is known; several models share it.
        """
        if seen is None:
            seen = self.columns.of(texts, points)
        seen = _with_names(seen, texts, self.names)
        made: Floats = (seen @ self.weights.T + self.bias) / self.temperature
        return made

    def probabilities(self, texts: Sequence[str], points: Points | None) -> Floats:
        """Texts by classes; each row sums to one."""
        return softmax(self.scores(texts, points))


def _with_names(seen: Any, texts: Sequence[str], names: tuple[str, ...]) -> Any:
    return sparse.hstack([seen, named(texts, names)], format="csr") if names else seen


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
    columns: Columns | None = None,
) -> Classifier:
    """Learn the classes that occur.

    Args:
        texts: what was labelled; `labels` and `points` (or None) have a row for each.
        importance: how much each counts; None counts each once.
        least: texts in which a sign must stand to be looked at.
        weaker: inverse strength of the penalty.
        names: the aspects whose words are looked for.
        columns: what a text becomes; None learns it from these.

    Raises:
        ValueError: fewer than two classes.
    """
    from sklearn.linear_model import LogisticRegression

    classes = tuple(sorted(set(labels)))
    if len(classes) < 2:
        raise ValueError("what is learned must have two classes")
    columns = columns or learned_from(texts, points, least=least)
    seen = _with_names(columns.of(texts, points), texts, names)
    model = LogisticRegression(C=weaker, max_iter=200, tol=1e-3)
    model.fit(seen, np.asarray(labels), sample_weight=importance)
    weights, bias = model.coef_, model.intercept_
    if len(classes) == 2:
        weights, bias = np.vstack([-weights, weights]) / 2, np.array([-bias[0], bias[0]]) / 2
    return Classifier(classes, columns, weights, bias, names=names)


def calibrated(
    texts: Sequence[str],
    labels: Sequence[str],
    points: Points | None,
    *,
    importance: Floats | None = None,
    weaker: float = WEAKER,
    names: tuple[str, ...] = (),
    columns: Columns | None = None,
    parts: int = 1,
) -> Classifier:
    """As `learn`, with the temperature found on texts that the model which read them did not see.

    Args:
        importance: how much each text counts, in learning; None counts each once.
        parts: how many fifths of the texts are read so. One will do where there are thousands.

    Raises:
        ValueError: fewer than two classes.
    """
    whole = learn(
        texts, labels, points, importance=importance, weaker=weaker, names=names, columns=columns
    )
    rows, held = unseen(
        texts,
        labels,
        points,
        whole.classes,
        importance=importance,
        weaker=weaker,
        names=names,
        columns=columns,
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
    columns: Columns | None = None,
    parts: int = FIFTHS,
) -> tuple[NDArray[np.int64], Floats]:
    """Texts read by models that did not see them: each fifth by a model of the others.

    Parts are dealt by class in the order given, so the same texts give the same parts.

    Returns:
        The rows that were read, and their logits by `classes`.
    """
    part_of = dealt(labels)
    rows = np.flatnonzero(part_of < parts)
    made = np.full((len(texts), len(classes)), UNSEEN)
    for part in range(parts):
        rest, here = np.flatnonzero(part_of != part), np.flatnonzero(part_of == part)
        if not len(here) or len({labels[at] for at in rest.tolist()}) < 2:
            continue
        model = learn(
            [texts[at] for at in rest.tolist()],
            [labels[at] for at in rest.tolist()],
            None if points is None else points[rest],
            importance=None if importance is None else importance[rest],
            weaker=weaker,
            names=names,
            columns=columns,
        )
        place = np.array([classes.index(name) for name in model.classes])
        seen = model.scores(
            [texts[at] for at in here.tolist()], None if points is None else points[here]
        )
        made[np.ix_(here, place)] = seen
    return rows, made[rows]


UNSEEN = -20.0
"""The score of a class that a part of the texts does not have."""


def dealt(labels: Sequence[str]) -> NDArray[np.int64]:
    """The part of each text, of `FIFTHS`: those of a class are dealt in turn."""
    last: dict[str, int] = {}
    part = np.zeros(len(labels), np.int64)
    for at, label in enumerate(labels):
        last[label] = last.get(label, -1) + 1
        part[at] = last[label] % FIFTHS
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


# Kept as bytes


def written(model: Classifier) -> bytes:
    """The model without its columns as a file: arrays alone."""
    held = io.BytesIO()
    np.savez_compressed(
        held,
        classes=packed(model.classes),
        names=packed(model.names),
        weights=model.weights.astype(np.float32),
        bias=model.bias,
        temperature=np.array(model.temperature),
    )
    return held.getvalue()


def read(content: bytes, columns: Columns) -> Classifier:
    """What `written` wrote, of a model with these columns."""
    with np.load(io.BytesIO(content), allow_pickle=False) as held:
        return Classifier(
            tuple(unpacked(held["classes"])),
            columns,
            held["weights"].astype(float),
            held["bias"],
            float(held["temperature"]),
            tuple(unpacked(held["names"])),
        )
