"""Learning from texts whose polarity a workspace knows: scored comments, corrections.

Two models judge a text: the one from our seeds, and one learned from the labels alone. How much
each counts is found on texts that the second did not see: with thirty labels the first says nearly
all, with three hundred the second does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from zhiyin.listen import classifier
from zhiyin.listen.classifier import Classifier, softmax
from zhiyin.listen.columns import Floats
from zhiyin.listen.embedding import Points
from zhiyin.listen.reading import Reader

LEAST = 10
"""Labels of the rarest class but one from which anything is learned from labels."""


@dataclass(frozen=True, slots=True)
class Adapted:
    """A judge of texts for one workspace.

    Attributes:
        classes: the labels that occur.
        own: learned from labels; None where there are too few.
        of_seeds: what the logits of the seeds' model are multiplied by.
        of_own: what those of `own` are.
        bias: added to each class.
    """

    reader: Reader
    classes: tuple[str, ...]
    own: Classifier | None
    of_seeds: float
    of_own: float
    bias: Floats

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """Texts by `classes`; each row sums to one."""
        judged, points = self.reader.judge(texts)
        return softmax(self._scores(texts, judged, points))

    def _scores(self, texts: Sequence[str], judged: Floats, points: Points | None) -> Floats:
        made = self.of_seeds * judged[:, _columns(self.reader, self.classes)] + self.bias
        if self.own is not None:
            made = made + self.of_own * self.own.scores(texts, points)
        return made


def adapt(
    reader: Reader, texts: Sequence[str], labels: Sequence[str], *, classes: Sequence[str]
) -> Adapted:
    """Learn from labelled texts; from none, the seeds' model among the classes that occur.

    Args:
        labels: of each text, among `classes`.
        classes: the labels that can be told: of `reader.polarities`.
    """
    told = tuple(sorted(set(classes)))
    counts = sorted((list(labels).count(name) for name in told), reverse=True)
    if len(counts) < 2 or counts[1] < LEAST or set(labels) != set(told):
        return Adapted(reader, told, None, 1.0, 0.0, np.zeros(len(told)))
    judged, points = reader.judge(texts)
    base = judged[:, _columns(reader, told)]
    own = classifier.learn(texts, labels, points)
    _rows, unseen = classifier.unseen(texts, labels, points, told)
    right = np.array([told.index(label) for label in labels])
    of_seeds, of_own, bias = _shares(base, unseen, right)
    return Adapted(reader, told, own, of_seeds, of_own, bias)


def _columns(reader: Reader, classes: Sequence[str]) -> list[int]:
    return [reader.polarities.index(name) for name in classes]


def _shares(base: Floats, own: Floats, right: np.ndarray) -> tuple[float, float, Floats]:
    """The two multipliers and the bias under which the labels are likeliest; drawn slightly to
    what is true without labels."""
    classes = base.shape[1]
    every = np.arange(len(right))

    def surprise(at: Floats) -> float:
        made = softmax(at[0] * base + at[1] * own + at[2:])
        fit = -np.log(np.maximum(made[every, right], 1e-12)).sum()
        return float(fit + 0.5 * ((at[0] - 1) ** 2 + at[1] ** 2 + (at[2:] ** 2).sum()))

    start = np.concatenate([[1.0, 0.0], np.zeros(classes)])
    bounds = [(0.0, 5.0), (0.0, 5.0), *[(-3.0, 3.0)] * classes]
    found = optimize.minimize(surprise, start, bounds=bounds, method="L-BFGS-B").x
    return float(found[0]), float(found[1]), found[2:]
