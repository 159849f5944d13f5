"""What is read of a text, with the models that an installation has."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from zhiyin.listen import classifier, documents, embedding, learned, subjects
from zhiyin.listen.embedding import Points
from zhiyin.listen.learned import MARKS, Learned
from zhiyin.listen.reading import Clause, Reader, Reading


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(learned.of(subjects.ours()))


def one(reader: Reader, text: str) -> Reading:
    (found,) = reader.read([text])
    return found


def clause(reader: Reader, text: str) -> Clause:
    (found,) = one(reader, text).clauses
    return found


@pytest.mark.parametrize(
    ("text", "polarity"),
    [
        ("客服态度太差了", "negative"),
        ("味道很好，下次还来", "positive"),
        ("一点也不好用", "negative"),
        ("没有什么可挑剔的", "positive"),
        ("The staff were rude to us", "negative"),
        ("Absolutely delicious, we will be back", "positive"),
        ("请问什么时候发货？", "neutral"),
        ("等了三周才收到退款", "negative"),
        ("第二天就送到了", "positive"),
        ("It broke after two days", "negative"),
    ],
)
def test_plain_words_are_read_as_they_are_meant(reader: Reader, text: str, polarity: str) -> None:
    assert one(reader, text).polarity == polarity


def test_praise_and_blame_in_one_text_are_told_apart(reader: Reader) -> None:
    text = "物流很快，包装也不错。但是客服态度太差了"
    found = one(reader, text)
    assert [(text[c.start : c.end], c.polarity) for c in found.clauses] == [
        ("物流很快，", "positive"),
        ("包装也不错。", "positive"),
        ("但是客服态度太差了", "negative"),
    ]
    assert found.clauses[0].aspects[0].key == "delivery"
    assert found.clauses[1].aspects[0].key == "packaging"
    assert found.polarity == "mixed"


@pytest.mark.parametrize(
    ("text", "aspect"),
    [
        ("退款等了三个星期", "refund"),
        ("行李箱被摔裂了", "baggage"),
        ("衣服尺码偏小", "fit"),
        ("The app crashes whenever I log in", "digital"),
        ("Portions are tiny", "portion"),
        ("房间隔音太差", "room"),
    ],
)
def test_a_clause_is_about_its_aspect(reader: Reader, text: str, aspect: str) -> None:
    assert clause(reader, text).aspects[0].key == aspect


def test_probabilities_sum_to_one_and_the_likeliest_is_told(reader: Reader) -> None:
    for text in ("还行吧", "Great food, terrible service!", "好吃但是贵"):
        found = one(reader, text)
        every: list[Reading | Clause] = [found, *found.clauses]
        for held in every:
            assert sum(held.probabilities.values()) == pytest.approx(1)
            assert held.probability == max(held.probabilities.values())
            assert held.probabilities[held.polarity] == held.probability


def test_a_blank_text_says_nothing(reader: Reader) -> None:
    found = one(reader, " \n ")
    assert (found.clauses, found.polarity, found.language) == ((), "neutral", "und")


def test_no_text_is_no_reading(reader: Reader) -> None:
    assert reader.read([]) == []


def test_a_text_is_read_alike_whatever_is_read_beside_it(reader: Reader) -> None:
    """Would catch a mean over what is read, or rows that are mixed up."""
    texts = ["客服态度太差了", "", "Great food, terrible service!", "好吃"]
    assert reader.read(texts) == [one(reader, text) for text in texts]


def test_what_is_wanted_and_felt(reader: Reader) -> None:
    assert clause(reader, "打了五次电话还要从头说一遍").effort == "high"
    assert clause(reader, "Thank you so much for your kind help").emotion == "thanks"
    assert clause(reader, "我要去12315投诉你们").intent == "complain"
    assert clause(reader, "外观很漂亮").effort == ""


def test_aspects_are_those_that_are_asked_for() -> None:
    """A seed of an aspect that a workspace does not have counts under the one above it."""
    known = subjects.Subjects(
        tuple(one for one in subjects.ours().every if one.key in ("price", "delivery", "meals"))
    )
    assert known.under("fees") == "price"
    assert known.under("delivery") == "delivery"
    assert known.under("packaging") == "delivery"
    assert known.under("crew") is None


def test_an_aspect_of_a_workspace_alone_is_learned_from_its_labels() -> None:
    """Without an embedder, so that it is learned in a moment."""
    told = subjects.Subjects(
        (
            *(one for one in subjects.ours().every if one.key in ("price", "meals")),
            subjects.Subject("parking", "Parking", "停车"),
        )
    )
    assert [one.key for one in told.own()] == ["parking"]
    models = _by_signs(told)
    assert clause(models, "停车").aspects[0].key == "parking"


def test_signs_alone_read_plain_words() -> None:
    """What a machine has that has no embedder."""
    by_signs = _by_signs(subjects.Subjects(subjects.ours().every[:2]))
    assert one(by_signs, "态度太差了").polarity == "negative"
    assert one(by_signs, "非常满意").polarity == "positive"
    assert one(by_signs, "terrible service").polarity == "negative"


def _by_signs(told: subjects.Subjects) -> Reader:
    known = learned.columns_of(None)
    marks = dict.fromkeys(MARKS, classifier.learn(["a b", "c d"], ["", "x"], None, columns=known))
    return Reader(
        Learned(
            known,
            learned.polarity(known, None),
            learned.aspects(told, known, None),
            marks,
            None,
            None,
        )
    )


def test_a_document_has_the_words_of_each_clause(reader: Reader) -> None:
    text = "物流很快，客服太差"
    (made,) = documents.texts([7], [text], reader.read([text]))
    assert (made["row"], made["language"]) == (7, "zh")
    assert "".join(part["text"] for part in made["clauses"]) == text
    assert all(text[part["start"] : part["end"]] == part["text"] for part in made["clauses"])
    assert made["clauses"][0]["aspect"] == "delivery"


def test_the_embedder_of_this_machine_gives_points_of_length_one() -> None:
    found = embedding.default()
    assert found is not None, "the tests run where there is one"
    points = found.embed(["退款太慢", "等了三周才退钱", "菜很好吃", "退款太慢"])
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 1, atol=1e-3)
    np.testing.assert_array_equal(points[0], points[3])
    assert points[0] @ points[1] > points[0] @ points[2]


class Counted:
    """An embedder that counts what it was given."""

    name, dimensions = "counted", 2

    def __init__(self) -> None:
        self.given: list[str] = []

    def embed(self, texts: Sequence[str]) -> Points:
        self.given += texts
        return np.array([[len(text), 1] for text in texts], np.float32).reshape(-1, 2)


def test_what_is_remembered_is_computed_once_and_the_least_lately_asked_for_forgotten() -> None:
    inner = Counted()
    seen = embedding.Remembering(inner, most=2)
    assert seen.embed([]).shape == (0, 2)
    assert seen.embed(["a", "bb", "a"]).tolist() == [[1, 1], [2, 1], [1, 1]]
    seen.embed(["ccc"])
    # "bb" was asked for before "a" was asked for again.
    assert seen.embed(["a", "ccc", "bb"]).tolist() == [[1, 1], [3, 1], [2, 1]]
    assert inner.given == ["a", "bb", "ccc", "bb"]
    # More at once than are remembered are all computed, and right.
    assert seen.embed(["a", "bb", "ccc", "dddd"])[:, 0].tolist() == [1, 2, 3, 4]
