"""What says the same is found in other words and in the other language; what does not, is not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import yaml

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.listen import embedding, language, learned
from zhiyin.listen.searching import Search, Wanted
from zhiyin.warehouse.findings import SPACE, Finding
from zhiyin.warehouse.nearness import cosines, lengths_of
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.scoped import scoped
from zhiyin.warehouse.tests.planting import put

SETTINGS = Settings("main", "Main", "Asia/Shanghai", 0, "CNY", "en")
ALIKE = Path(__file__).parent / "alike.yaml"

SAID = (
    "等了三周才退钱",
    "早餐品种单一",
    "The refund takes too long",
    "客服很热情",
    "钱到现在还没退回来",
    "The room was noisy",
)
SLOW_REFUND = {0, 2, 4}


def points(texts: list[str]) -> list[bytes]:
    embedder, space = embedding.default(), learned.space()
    assert embedder is not None
    assert space is not None
    return space.of(texts, embedder.embed(texts))


def test_what_says_the_same_lies_together_in_both_languages() -> None:
    """The figures that `meanings.FAR` and docs/accuracy.md tell."""
    groups = yaml.safe_load(ALIKE.read_text(encoding="utf-8"))
    texts = [text for held in groups for text in held]
    group = np.repeat(np.arange(len(groups)), [len(held) for held in groups])
    made, space = points(texts), learned.space()
    assert space is not None
    rows = np.array([np.frombuffer(one, np.int8, offset=SPACE) for one in made])
    likeness = np.array([cosines(rows, lengths_of(rows), row) for row in rows])
    other = ~np.eye(len(texts), dtype=bool)
    same = (group[:, None] == group[None]) & other
    chinese = np.array([language.is_chinese(text) for text in texts])
    across = same & (chinese[:, None] != chinese[None])
    found = (likeness >= [[space.near(one).least] for one in made]) & other
    assert (found & same).sum() / same.sum() > 0.58
    assert (found & across).sum() / across.sum() > 0.57
    assert (found & same).sum() / found.sum() > 0.66
    nearest = np.argsort(-np.where(other, likeness, -1), axis=1)
    ordered = np.take_along_axis(same, nearest, axis=1)
    assert ordered[:, 0].mean() > 0.83
    assert ordered[:, :5].mean() > 0.63


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Owner]:
    with Owner(tmp_path_factory.mktemp("meanings") / "data") as owner:
        owner.create("main")
        plant(owner)
        yield owner


def plant(owner: Owner) -> None:
    rows = [
        {"row": n, "id": f"v{n}", "occurred_at": datetime(2026, 3, 1 + n, 12), "text": text,
         "customer": f"c{n}", "channel": "app" if n % 2 else "web"}
        for n, text in enumerate(SAID)
    ]  # fmt: skip
    put(owner, rows, table="verbatims")
    seqs = [seq for seq, _text in owner.unread("main", "one")]
    findings = [
        Finding(
            seq, 0, 0, len(text), language.of(text), "positive" if n == 3 else "negative", 0.9,
            aspect="refund" if n in SLOW_REFUND else None, point=point,
        )
        for n, (seq, text, point) in enumerate(zip(seqs, SAID, points(list(SAID)), strict=True))
    ]  # fmt: skip
    owner.keep_findings("main", "one", seqs, findings)


def places(log: Owner, **wanted: object) -> list[int]:
    search = Search(log, SETTINGS, Wanted(**wanted))  # type: ignore[arg-type]
    heard = search.page(limit=10)
    assert search.count() == (len(heard), len(heard))
    return [SAID.index(one.text) for one in heard]


@pytest.mark.parametrize(
    ("asked", "found"), [("退款太慢", SLOW_REFUND), ("refund is slow", {2, 4}), ("夜里很吵", {5})]
)
def test_a_meaning_is_found_in_whatever_words_nearest_first(
    log: Owner, asked: str, found: set[int]
) -> None:
    assert set(places(log, like=asked)) == found
    heard = Search(log, SETTINGS, Wanted(like=asked)).page(limit=10)
    likeness = [one.likeness or 0 for one in heard]
    assert likeness == sorted(likeness, reverse=True)
    assert min(likeness) > 0.25
    document = heard[0].as_dict(None, sees_it=False)
    assert document["likeness"] == document["clauses"][0]["likeness"] == round(likeness[0], 4)


def test_what_else_is_asked_holds_too(log: Owner) -> None:
    assert places(log, like="退款太慢", text="钱") in ([0, 4], [4, 0])
    assert places(log, like="退款太慢", end=date(2026, 3, 2)) == [0]
    assert places(log, like="退款太慢", meaning=parse("language = 'en'")) == [2]
    # Of the clause that says it the rest must hold, not of another.
    assert places(log, like="退款太慢", meaning=parse("polarity = 'positive'")) == []
    web = scoped(log, parse("channel = 'app'"))
    assert Search(web, SETTINGS, Wanted(like="退款太慢")).page(limit=10) == []


def test_pages_follow_one_another(log: Owner) -> None:
    search = Search(log, SETTINGS, Wanted(like="退款太慢"))
    whole = search.page(limit=10)
    for one, following in pairwise(whole):
        assert search.page(limit=1, after=one.place) == [following]
    assert search.page(limit=1, after=whole[-1].place) == []
    assert search.page(limit=10, after="nonsense") == whole


def test_a_machine_without_an_embedder_says_so(log: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "default", lambda: None)
    with pytest.raises(Problem) as told:
        Search(log, SETTINGS, Wanted(like="退款太慢"))
    assert told.value.code == "voice.meaning"
    assert Search(log, SETTINGS, Wanted(text="退钱", like=" ")).count() == (1, 1)
