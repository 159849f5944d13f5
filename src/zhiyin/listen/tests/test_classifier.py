"""Learning classes from labelled texts."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from zhiyin.listen import classifier, columns
from zhiyin.listen.classifier import Classifier, softmax

GOOD = ["很好 用 着 开心", "质量 很好", "喜欢 很好", "开心 喜欢", "真 喜欢", "很好 很好"]
BAD = ["太差 退货", "质量 太差", "失望 太差", "退货 失望", "真 失望", "太差 太差"]
TEXTS = GOOD + BAD
LABELS = ["positive"] * len(GOOD) + ["negative"] * len(BAD)


def points(texts: list[str], seed: int = 1) -> np.ndarray:
    """Points of length one, by chance but for the first direction, which says the label."""
    chance = np.random.default_rng(seed)
    made = chance.normal(size=(len(texts), 8))
    made[:, 0] += [3 if text in GOOD else -3 for text in texts]
    found: np.ndarray = (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)
    return found


def told(model: Classifier, texts: list[str], where: np.ndarray | None) -> list[str]:
    return [model.classes[at] for at in model.probabilities(texts, where).argmax(axis=1)]


@pytest.mark.parametrize("where", [None, points(TEXTS)])
def test_what_was_planted_is_found(where: np.ndarray | None) -> None:
    model = classifier.learn(TEXTS, LABELS, where, least=1)
    assert told(model, TEXTS, where) == LABELS
    likely = model.probabilities(TEXTS, where)
    np.testing.assert_allclose(likely.sum(axis=1), 1)


def test_signs_alone_judge_a_text_that_was_not_seen() -> None:
    model = classifier.learn(TEXTS, LABELS, None, least=1)
    assert told(model, ["真 开心", "要 退货"], None) == ["positive", "negative"]


def test_two_classes_are_as_the_library_has_them() -> None:
    """Would catch probabilities of two classes that are those of a half or of twice the logit."""
    where = points(TEXTS)
    model = classifier.learn(TEXTS, LABELS, where, least=99, weaker=2.0)
    apart = where.astype(float) - where.mean(axis=0)
    apart /= np.linalg.norm(apart, axis=1, keepdims=True)
    other = LogisticRegression(C=2.0, max_iter=2000, tol=1e-3).fit(apart, LABELS)
    np.testing.assert_allclose(
        model.probabilities(TEXTS, where), other.predict_proba(apart), atol=1e-6
    )


def test_what_is_kept_reads_alike() -> None:
    where = points(TEXTS)
    model = classifier.calibrated(TEXTS, LABELS, where)
    again = classifier.read(classifier.written(model), columns.read(columns.written(model.columns)))
    assert (again.classes, again.temperature) == (model.classes, model.temperature)
    np.testing.assert_allclose(
        again.scores(TEXTS, where), model.scores(TEXTS, where), rtol=1e-5, atol=1e-5
    )


def test_a_kept_model_without_an_embedder_takes_no_points() -> None:
    made = classifier.learn(TEXTS, LABELS, None, least=1)
    known = columns.read(columns.written(made.columns))
    model = classifier.read(classifier.written(made), known)
    assert known.centre is None
    assert told(model, TEXTS, points(TEXTS)) == LABELS


@pytest.mark.parametrize("heat", [0.4, 1.0, 3.0])
def test_the_temperature_is_found(heat: float) -> None:
    """Labels drawn by softmax(scores / heat) are likeliest at that heat."""
    chance = np.random.default_rng(5)
    scores = chance.normal(size=(20_000, 3)) * 3
    drawn = np.array([chance.choice(3, p=row) for row in softmax(scores / heat)])
    assert classifier.temperature(scores, drawn) == pytest.approx(heat, rel=0.05)


def test_texts_are_read_by_models_that_did_not_see_them() -> None:
    """Labels by chance are not told better than chance; by a model that saw them they would be."""
    chance = np.random.default_rng(3)
    texts = [f"词{number} 语{number}" for number in range(400)]
    labels = chance.choice(["a", "b"], 400).tolist()
    where = chance.normal(size=(400, 64)).astype(np.float32)
    rows, held = classifier.unseen(texts, labels, where, ("a", "b"), weaker=30.0)
    assert rows.tolist() == list(range(400))
    right = np.mean([("a", "b")[at] == labels[row] for row, at in enumerate(held.argmax(axis=1))])
    assert 0.4 < right < 0.6


def test_one_class_is_no_choice() -> None:
    with pytest.raises(ValueError, match="two classes"):
        classifier.learn(GOOD, LABELS[: len(GOOD)], None)
