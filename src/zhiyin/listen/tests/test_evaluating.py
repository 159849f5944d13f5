"""How right a reading is said to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pytest
from scipy import sparse
from sklearn.metrics import f1_score

from zhiyin.kernel.errors import Problem
from zhiyin.listen import adapting, evaluating
from zhiyin.listen.adapting import Adapted
from zhiyin.listen.classifier import softmax
from zhiyin.listen.columns import Floats
from zhiyin.listen.reading import Reader

POLARITIES = ("mixed", "negative", "neutral", "positive")


@dataclass
class Shown:
    judged: Floats
    seen_whole: Any


class Blunt:
    """Reads 好 as praise and 坏 as blame, and keeps which texts it was shown."""

    polarities = POLARITIES

    def __init__(self) -> None:
        self.seen: list[str] = []

    def look(self, texts: Sequence[str]) -> Shown:
        self.seen += texts
        good = np.array([text.count("好") - text.count("坏") for text in texts], float)
        nothing = np.zeros(len(texts))
        signs = np.array([[sign in text for sign in "甲乙丙丁"] for text in texts], float)
        return Shown(
            np.stack([nothing - 9, -2 * good, nothing - 9, 2 * good], axis=1),
            sparse.csr_array(signs),
        )


def reader(blunt: Blunt | None = None) -> Reader:
    return cast("Reader", blunt or Blunt())


ROWS = [("很好", "1"), ("真坏", "0"), ("好好", "1"), ("不好", "0"), (None, "1"), ("没有标签", None)]


def test_what_is_told_is_compared_with_the_label() -> None:
    found = evaluating.evaluate(reader(), ROWS, train=0, seed=1)
    assert (found.accuracy.n, found.accuracy.value, found.left_out) == (4, 0.75, 2)
    assert found.names == {"0": "negative", "1": "positive"}
    assert found.confusion == {
        "negative": {"negative": 1, "positive": 1},
        "positive": {"negative": 0, "positive": 2},
    }
    true, told = [1, 0, 1, 0], [1, 0, 1, 1]
    assert found.macro_f1 == pytest.approx(f1_score(true, told, average="macro"))
    low, high = found.macro_f1_interval
    assert low <= found.macro_f1 <= high
    by_name = {one.name: one for one in found.labels}
    assert by_name["negative"].recall is not None
    assert by_name["negative"].recall.value == 0.5
    assert found.by_language["zh"].n == 4


def test_a_document_says_the_promised_fields() -> None:
    said = evaluating.evaluate(reader(), ROWS, train=0, seed=1).as_dict()
    assert (said["accuracy"], said["n"], said["trained"]) == (0.75, 4, 0)
    assert 0 <= said["macro_f1"] <= 1
    assert said["classes"]["positive"]["recall"]["value"] == 1


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["1", "0"], {"1": "positive", "0": "negative"}),
        (["1.0", "0.0"], {"1.0": "positive", "0.0": "negative"}),
        (["5", "3", "1"], {"5": "positive", "3": "neutral", "1": "negative"}),
        (["4", "2"], {"4": "positive", "2": "negative"}),
        (["Positive", "mixed"], {"Positive": "positive", "mixed": "mixed"}),
    ],
)
def test_labels_mean_polarities(labels: list[str], expected: dict[str, str]) -> None:
    assert evaluating.polarities(labels) == expected


@pytest.mark.parametrize("labels", [["good", "bad"], ["0", "5"], ["6", "1"], ["positive", "1"]])
def test_other_labels_are_refused(labels: list[str]) -> None:
    with pytest.raises(Problem) as caught:
        evaluating.polarities(labels)
    assert caught.value.code == "listen.labels"


@pytest.mark.parametrize(
    ("rows", "train", "code"),
    [
        ([("好", "1"), ("很好", "1")], 0, "listen.one-label"),
        ([("好", "1"), ("坏", "0")], 2, "listen.too-few"),
        ([("好", "1"), ("好", "0")], 1, "listen.too-few"),
    ],
)
def test_what_cannot_be_evaluated_is_said(
    rows: list[tuple[str | None, str | None]], train: int, code: str
) -> None:
    with pytest.raises(Problem) as caught:
        evaluating.evaluate(reader(), rows, train=train, seed=1)
    assert caught.value.code == code


def many(n: int, seed: int = 4) -> list[tuple[str | None, str | None]]:
    """Texts whose label stands in a word that the blunt reader does not know."""
    chance = np.random.default_rng(seed)
    labels = chance.choice(["1", "0"], n).tolist()
    return [
        (f"{'甲乙' if label == '1' else '丙丁'} 编号{at}", label) for at, label in enumerate(labels)
    ]


def test_labels_teach_what_seeds_do_not_know() -> None:
    before = evaluating.evaluate(reader(), many(400), train=0, seed=1)
    after = evaluating.evaluate(reader(), many(400), train=100, seed=1)
    assert before.accuracy.value < 0.65
    assert after.accuracy.value > 0.95
    assert (after.trained, after.accuracy.n) == (100, 300)
    assert after.adapted.strictness is not None


def test_a_text_that_was_learned_is_not_asked_again() -> None:
    """Would catch an accuracy that is that of knowing by heart."""
    rows = many(40) + many(40)
    blunt = Blunt()
    found = evaluating.evaluate(reader(blunt), rows, train=60, seed=2)
    read = blunt.seen[-int(found.accuracy.n) :]
    assert not set(read) & set(blunt.seen[: -len(read)])
    assert found.left_out == len(rows) - 60 - len(read)


def test_the_texts_that_are_read_change_nothing_of_how_they_are_read() -> None:
    """Would catch a mean, a vocabulary or a share that comes from what is tested."""
    rows = many(200)
    short = evaluating.evaluate(reader(), rows, train=100, seed=3, most=20)
    long = evaluating.evaluate(reader(), rows, train=100, seed=3)
    np.testing.assert_array_equal(short.adapted.weights, long.adapted.weights)
    assert short.adapted.temperature == long.adapted.temperature


def planted(n: int, says: float, seed: int) -> tuple[list[str], Any, Floats]:
    """N labels of three classes, which one sign each tells with some noise; the kept model knows
    nothing of them."""
    chance = np.random.default_rng(seed)
    labels = chance.permutation((["a", "b", "c"] * n)[:n]).tolist()
    signs = np.array([[says * (label == one) for one in "abc"] for label in labels])
    seen = sparse.csr_array(signs + chance.normal(0, 1, signs.shape))
    return labels, seen, np.zeros((n, 3))


def learned(n: int, *, says: float = 4.0, seed: int = 5) -> tuple[Adapted, Any, Floats]:
    labels, seen, base = planted(n, says, seed)
    return adapting.adapt(base, seen, labels, classes=("a", "b", "c")), seen, base


def test_too_few_labels_teach_nothing() -> None:
    model, seen, base = learned(adapting.LEAST - 1)
    assert model.strictness is None
    np.testing.assert_array_equal(model.scores(base, seen), base)


def test_labels_that_no_sign_tells_apart_change_next_to_nothing() -> None:
    """Would catch a model that knows its own labels by heart: of others it would be surely wrong,
    and its surprise three times that of who knows nothing."""
    labels, seen, base = planted(600, 0.0, 99)
    place = ["abc".index(label) for label in labels]
    surprise = [
        -np.log(softmax(learned(60, says=0.0, seed=seed)[0].scores(base, seen))[range(600), place])
        for seed in range(5)
    ]
    assert np.mean(surprise) < np.log(3) * 1.05


def test_what_no_label_says_keeps_its_share() -> None:
    model, seen, _base = learned(200)
    every = ("a", "b", "other", "c")
    base = np.random.default_rng(1).normal(0, 1, (200, 4))
    now = softmax(model.among(every, base, seen))
    np.testing.assert_allclose(now[:, 2], softmax(base)[:, 2])
    assert not np.allclose(now, softmax(base))


def test_the_calibration_error_is_that_of_the_bins() -> None:
    sure = np.array([0.95, 0.95, 0.95, 0.95, 0.65, 0.65])
    right = np.array([True, True, True, False, True, False])
    expected = (4 * abs(0.95 - 0.75) + 2 * abs(0.65 - 0.5)) / 6
    assert evaluating.calibration_error(sure, right) == pytest.approx(expected)
    assert evaluating.calibration_error(np.array([1.0]), np.array([True])) == 0
