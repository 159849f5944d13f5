"""How right the reading of polarity is, on texts whose label is known and that were not learned.

The texts to learn from are drawn by lot; a text that stands among them is not asked about again.
Nothing of the others is looked at before they are read, not even their mean.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.progress import Progress, unseen
from zhiyin.kernel.text import _
from zhiyin.listen import language
from zhiyin.listen.adapting import Adapted, adapt
from zhiyin.listen.classifier import softmax
from zhiyin.listen.reading import Reader, parts
from zhiyin.listen.seeds import NEGATIVE, NEUTRAL, POLARITIES, POSITIVE
from zhiyin.stats import proportion
from zhiyin.stats.estimate import Estimate
from zhiyin.stats.totals import Totals

DRAWS = 1_000
"""Bootstrap samples of the macro F1."""

BINS = 10
"""Of equal width, of the expected calibration error (Naeini et al. 2015)."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Label:
    """How right one label is told.

    Attributes:
        n: texts that have it.
        told: texts of which it is told.
        recall: of those that have it, the share of which it is told.
        precision: of those of which it is told, the share that have it; None where none is.
        f1: their harmonic mean.
    """

    name: str
    n: int
    told: int
    recall: Estimate | None
    precision: Estimate | None
    f1: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What came out.

    Attributes:
        names: what the file calls each label.
        trained: labelled texts that were learned from.
        left_out: rows without a text or a label, and texts that were learned from.
        accuracy: the share told rightly, with Wilson's interval.
        macro_f1: the mean of the labels' F1; `macro_f1_interval` by the bootstrap over texts.
        calibration_error: expected, of the probability of what is told, in `BINS` bins.
        by_language: share told rightly, with n.
        confusion: by label, how often each was told.
    """

    names: dict[str, str]
    trained: int
    left_out: int
    accuracy: Estimate
    macro_f1: float
    macro_f1_interval: tuple[float, float]
    calibration_error: float
    labels: tuple[Label, ...]
    by_language: dict[str, Estimate]
    confusion: dict[str, dict[str, int]]
    adapted: Adapted

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {
            "accuracy": self.accuracy.value,
            "macro_f1": self.macro_f1,
            "n": int(self.accuracy.n),
            "trained": self.trained,
            "left_out": self.left_out,
            "accuracy_interval": [self.accuracy.low, self.accuracy.high],
            "macro_f1_interval": list(self.macro_f1_interval),
            "calibration_error": self.calibration_error,
            "labels": self.names,
            "classes": {
                one.name: {
                    "n": one.n,
                    "told": one.told,
                    "f1": one.f1,
                    "recall": _share(one.recall),
                    "precision": _share(one.precision),
                }
                for one in self.labels
            },
            "languages": {name: _share(one) for name, one in self.by_language.items()},
            "confusion": self.confusion,
            "model": {"seeds": self.adapted.of_seeds, "labels": self.adapted.of_labels},
        }


def _share(found: Estimate | None) -> dict[str, float | None] | None:
    if found is None:
        return None
    return {"value": found.value, "low": found.low, "high": found.high, "n": found.n}


def evaluate(
    reader: Reader,
    rows: Sequence[tuple[str | None, str | None]],
    *,
    train: int,
    seed: int,
    most: int | None = None,
    progress: Progress = unseen,
) -> Evaluation:
    """Learn from some rows and read the others.

    Args:
        rows: text and label: negative, neutral, positive or mixed, or 1 and 0, or stars 5 to 1, of
            which 4 and 5 are positive, 3 neutral, 1 and 2 negative.
        train: rows to learn from; 0 learns from none.
        seed: of the lot by which they are drawn.
        most: read so many of the others at most.

    Raises:
        Problem: ``listen.labels``, ``listen.one-label``, ``listen.too-few``.
    """
    held = [(text, label) for text, label in rows if text and label]
    polarity = polarities([label for _text, label in held])
    texts = [text for text, _label in held]
    labels = [polarity[label] for _text, label in held]
    classes = tuple(sorted(set(labels)))
    if len(classes) < 2:
        raise Problem(
            "listen.one-label",
            _("All labels say the same."),
            _("How right a reading is shows where there are two."),
        )
    if train >= len(held):
        raise Problem(
            "listen.too-few",
            _("There are {n} rows with a text and a label, and {train} are to be learned from.",
              n=len(held), train=train),
            _("Learn from fewer, so that some are left to read."),
        )  # fmt: skip
    order = np.random.default_rng(seed).permutation(len(held)).tolist()
    learned, rest = order[:train], order[train:]
    known = {texts[at] for at in learned}
    asked = [at for at in rest if texts[at] not in known][:most]
    if not asked:
        raise Problem(
            "listen.too-few",
            _("Every text that is left was learned from."),
            _("Learn from fewer."),
        )
    at_hand = [reader.polarities.index(name) for name in classes]
    looked = reader.look([texts[at] for at in learned])
    adapted = adapt(
        looked.judged[:, at_hand],
        looked.seen_whole,
        [labels[at] for at in learned],
        classes=classes,
    )
    looks = map(reader.look, parts([texts[at] for at in asked], progress))
    likely = np.concatenate(
        [softmax(adapted.scores(one.judged[:, at_hand], one.seen_whole)) for one in looks]
    )
    right = np.array([adapted.classes.index(labels[at]) for at in asked])
    told = likely.argmax(axis=1)
    return Evaluation(
        names=dict(sorted(polarity.items())),
        trained=train,
        left_out=len(rows) - len(asked) - train,
        accuracy=share_of(told == right),
        macro_f1=macro_f1(right, told, len(classes)),
        macro_f1_interval=macro_f1_interval(right, told, len(classes), seed),
        calibration_error=calibration_error(likely.max(axis=1), told == right),
        labels=tuple(_label(name, at, right, told) for at, name in enumerate(adapted.classes)),
        by_language=_by_language([texts[at] for at in asked], told == right),
        confusion={
            name: {
                other: int(((right == a) & (told == b)).sum())
                for b, other in enumerate(adapted.classes)
            }
            for a, name in enumerate(adapted.classes)
        },
        adapted=adapted,
    )


def polarities(labels: Sequence[str]) -> dict[str, str]:
    """What each label that occurs means.

    Raises:
        Problem: ``listen.labels``: one that means nothing.
    """
    found = {label: label.strip().lower().removesuffix(".0") for label in set(labels)}
    said = set(found.values())
    meant: Callable[[str], str]
    if said <= set(POLARITIES):
        meant = str
    elif said <= {"0", "1"} and "0" in said:
        meant = {"0": NEGATIVE, "1": POSITIVE}.__getitem__
    elif said <= set("12345"):
        meant = _OF_STARS.__getitem__
    else:
        odd = sorted(said - {*POLARITIES, "0", "1", "2", "3", "4", "5"}) or sorted(said)
        raise Problem(
            "listen.labels",
            _("{label} is no label.", label=odd[0][:60]),
            _("Labels are negative, neutral, positive and mixed, or 1 and 0, or 5 to 1 stars."),
        )
    return {label: meant(plain) for label, plain in found.items()}


_OF_STARS = {"1": NEGATIVE, "2": NEGATIVE, "3": NEUTRAL, "4": POSITIVE, "5": POSITIVE}


def calibration_error(sure: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """How far what is told is from as sure as it is right, on average over texts, 0 to 1.

    Args:
        sure: the probability of what was told.
        right: whether it was so.
    """
    place = np.minimum((sure * BINS).astype(int), BINS - 1)
    n = np.bincount(place, minlength=BINS)
    apart = np.abs(np.bincount(place, sure, BINS) - np.bincount(place, right, BINS))
    return float(apart.sum() / n.sum())


def share_of(right: NDArray[np.bool_]) -> Estimate:
    """The share of texts of which it holds, with Wilson's interval.

    Raises:
        ValueError: no text.
    """
    found = proportion.estimate(Totals.of(right.astype(float).tolist(), range(len(right))))
    if found is None:
        raise ValueError("no text was read")
    return found


def _label(name: str, at: int, right: Ints, told: Ints) -> Label:
    has, says = right == at, told == at
    return Label(
        name,
        int(has.sum()),
        int(says.sum()),
        share_of(says[has]) if has.any() else None,
        share_of(has[says]) if says.any() else None,
        _f1(right, told, at),
    )


def _f1(right: Ints, told: Ints, at: int) -> float:
    both = int(((right == at) & (told == at)).sum())
    either = int((right == at).sum() + (told == at).sum())
    return 2 * both / either if either else 0.0


def macro_f1(right: Ints, told: Ints, classes: int) -> float:
    """The mean F1 over the labels that occur among what was read.

    Args:
        right: the place of each text's label.
        told: that of what was told; one beyond `classes` is none of them.
    """
    present = [at for at in range(classes) if (right == at).any()]
    return float(np.mean([_f1(right, told, at) for at in present]))


def macro_f1_interval(right: Ints, told: Ints, classes: int, seed: int) -> tuple[float, float]:
    """Its 95 % interval by the percentile bootstrap over texts (Efron 1979)."""
    chance = np.random.default_rng(seed)
    drawn = (chance.integers(0, len(right), len(right)) for _draw in range(DRAWS))
    found = [macro_f1(right[rows], told[rows], classes) for rows in drawn]
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)


def _by_language(texts: Sequence[str], right: NDArray[np.bool_]) -> dict[str, Estimate]:
    of = np.array([language.of(text) for text in texts])
    counted = Counter(of.tolist())
    return {name: share_of(right[of == name]) for name, _n in counted.most_common()}
