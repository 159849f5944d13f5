"""Learning from texts whose class a workspace knows: scored comments, corrections.

What the seeds' model says of a text is kept, and what labels teach is added to it: multinomial
logistic regression over the columns of the texts, in which the logits of the seeds' model stand as
an offset. With thirty labels it says nearly what the seeds do, with three hundred what the labels
do. How strictly it learns, or whether at all, is chosen by cross-validation: the least surprise of
labels that a model did not see, its probabilities made true by one temperature.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from zhiyin.listen.classifier import dealt, softmax, temperature
from zhiyin.listen.columns import Floats

LEAST = 20
"""Labels from which anything is learned."""

STRICTNESS = (0.1, 0.3, 1.0, 3.0, 10.0)
"""Penalties that are tried."""

MOST_STEPS = 150

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Adapted:
    """What labels taught, beside a model that is kept.

    Attributes:
        classes: the labels that can be told.
        of_base: what the logits of the kept model are multiplied by.
        bias: added to each class.
        columns: those of which the labelled texts have any.
        weights: classes by `columns`.
        temperature: what the sum is divided by.
        strictness: the penalty that was chosen; None where nothing is learned.
    """

    classes: tuple[str, ...]
    of_base: float
    bias: Floats
    columns: Ints
    weights: Floats
    temperature: float = 1.0
    strictness: float | None = None

    @property
    def of_seeds(self) -> float:
        """What the kept model's logits count in the sum."""
        return self.of_base / self.temperature

    @property
    def of_labels(self) -> float:
        """What those count that labels taught; 0 where nothing is learned."""
        return 0.0 if self.strictness is None else 1 / self.temperature

    def scores(self, base: Floats, seen: Any) -> Floats:
        """Logits of texts by `classes`.

        Args:
            base: those of the kept model, by `classes`.
            seen: the texts by columns, sparse.
        """
        if self.strictness is None:
            return base
        own = seen[:, self.columns] @ self.weights.T
        made: Floats = (self.of_base * base + self.bias + own) / self.temperature
        return made

    def among(self, every: Sequence[str], base: Floats, seen: Any) -> Floats:
        """As `scores`, by all classes of the kept model; what no label said keeps its share."""
        if self.strictness is None:
            return base
        places = [every.index(name) for name in self.classes]
        mine = self.scores(base[:, places], seen)
        made = base.copy()
        apart = special.logsumexp(base[:, places], axis=1) - special.logsumexp(mine, axis=1)
        made[:, places] = mine + apart[:, None]
        return made


@dataclass(frozen=True, slots=True)
class Tried:
    """What cross-validation showed.

    Attributes:
        before: logits of the kept model; texts by classes.
        after: of models that did not see the text.
    """

    before: Floats
    after: Floats


def adapt(base: Floats, seen: Any, labels: Sequence[str], *, classes: Sequence[str]) -> Adapted:
    """Learn from labelled texts; where that does not help, or labels are few, nothing.

    Args:
        base: logits of the kept model, texts by `classes`.
        seen: texts by columns, sparse.
        labels: of each text, among `classes`.
        classes: the labels that can be told.
    """
    return tried(base, seen, labels, classes=classes)[0]


def tried(
    base: Floats, seen: Any, labels: Sequence[str], *, classes: Sequence[str]
) -> tuple[Adapted, Tried]:
    """As `adapt`, with what texts were told by models that did not see them."""
    told = tuple(classes)
    nothing = Adapted(
        told, 1.0, np.zeros(len(told)), np.zeros(0, np.int64), np.zeros((len(told), 0))
    )
    if len(labels) < LEAST or len(set(labels)) < 2:
        return nothing, Tried(base, base)
    right = np.array([told.index(label) for label in labels])
    columns = np.unique(seen.nonzero()[1])
    held = seen[:, columns]
    part = dealt(labels)
    best, after, chosen = surprise(base, right), base, nothing
    for strictness in STRICTNESS:
        unseen = _unseen(base, held, right, part, strictness)
        heat = temperature(unseen, right)
        now = surprise(unseen / heat, right)
        if now < best:
            best, after = now, unseen / heat
            chosen = replace(nothing, temperature=heat, strictness=strictness)
    if chosen.strictness is None:
        return nothing, Tried(base, base)
    of_base, bias, weights = _fitted(base, held, right, chosen.strictness)
    learned = replace(chosen, of_base=of_base, bias=bias, columns=columns, weights=weights)
    return learned, Tried(base, after)


def _unseen(base: Floats, seen: Any, right: Ints, part: Ints, strictness: float) -> Floats:
    """Logits of texts by models of the other parts."""
    made = base.copy()
    for one in np.unique(part):
        rest, here = np.flatnonzero(part != one), np.flatnonzero(part == one)
        of_base, bias, weights = _fitted(base[rest], seen[rest], right[rest], strictness)
        made[here] = of_base * base[here] + bias + seen[here] @ weights.T
    return made


def surprise(scores: Floats, right: Ints) -> float:
    """Less the mean logarithm of the probability of what is right; the place of it in `right`."""
    given = softmax(scores)[np.arange(len(right)), right]
    return float(-np.log(np.maximum(given, 1e-12)).mean())


def _fitted(
    base: Floats, seen: Any, right: Ints, strictness: float
) -> tuple[float, Floats, Floats]:
    """The multiplier, bias and weights under which the labels are likeliest, drawn to what the kept
    model says alone."""
    classes, columns = base.shape[1], seen.shape[1]
    every = np.arange(len(right))
    is_so = np.zeros_like(base)
    is_so[every, right] = 1
    across = seen.T.tocsr()

    def loss(at: Floats) -> tuple[float, Floats]:
        bias, weights = at[1 : 1 + classes], at[1 + classes :].reshape(classes, columns)
        scores = at[0] * base + bias + seen @ weights.T
        whole = special.logsumexp(scores, axis=1)
        apart = np.exp(scores - whole[:, None]) - is_so
        fit = (whole - scores[every, right]).sum()
        drawn = (at[0] - 1) ** 2 + (bias**2).sum() + strictness * (weights**2).sum()
        slope = np.concatenate(
            [
                [(apart * base).sum() + at[0] - 1],
                apart.sum(axis=0) + bias,
                ((across @ apart).T + strictness * weights).ravel(),
            ]
        )
        return float(fit + drawn / 2), slope

    start = np.zeros(1 + classes + classes * columns)
    start[0] = 1.0
    found: Any = optimize.minimize(
        loss, start, jac=True, method="L-BFGS-B", options={"maxiter": MOST_STEPS}
    )
    at: Floats = found.x
    return (
        float(at[0]),
        at[1 : 1 + classes],
        at[1 + classes :].reshape(classes, columns),
    )
