"""How long themes of many clauses take, what memory, and how rightly clauses are put together.

    .venv/bin/python -m bench.themes                      # 100,000 clauses of 300 made-up topics
    .venv/bin/python -m bench.themes --labelled FILE      # CSV with the columns text and category

Points of made-up clauses are made up too: how long an embedder takes is told in docs/accuracy.md.
"""

from __future__ import annotations

import argparse
import csv
import resource
import time
from pathlib import Path

import numpy as np
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from zhiyin.listen import embedding
from zhiyin.listen.embedding import Points
from zhiyin.listen.themes import grouping, points, words
from zhiyin.listen.themes.grouping import ALONE, Groups

TOPICS = 300
ALONE_OF_TEN = 3
SYLLABLES = ("ka", "lo", "mi", "nu", "re", "so", "ta", "vi", "wo", "zu", "ban", "dor", "fel", "gim")


def made(n: int) -> tuple[list[str], Points, list[int]]:
    """Texts, points and topics; three of ten clauses are about nothing in common (topic -1)."""
    chance = np.random.default_rng(1)
    name = ["".join(chance.choice(SYLLABLES, 3)) for _word in range(8000)]
    middle = chance.normal(size=(TOPICS, 384))
    # Some topics are spoken of a hundred times as often as others.
    weight = 1 / np.arange(1, TOPICS + 1)
    topic = chance.choice(TOPICS, n, p=weight / weight.sum())
    topic[chance.random(n) < ALONE_OF_TEN / 10] = -1
    own = chance.choice(len(name), (TOPICS, 12))
    said = []
    for one in topic.tolist():
        held = chance.choice(own[one], 3) if one >= 0 else chance.choice(len(name), 3)
        said.append(" ".join(name[at] for at in [*held, *chance.choice(len(name), 3)]))
    noise = chance.normal(size=(n, 384))
    rows = np.where(topic[:, None] >= 0, middle[topic] + noise, chance.normal(size=(n, 384)) * 1.4)
    unit: Points = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return said, unit, topic.tolist()


def measure(said: list[str], seen: Points | None, truth: list[int], least: float) -> None:
    """Group the clauses and print what it took and how right it is."""
    began = time.perf_counter()
    rows = points.together(seen, said)
    between = time.perf_counter()
    groups = grouping.group(rows, np.ones(len(said)), least=least)
    ended = time.perf_counter()
    heard = [words.Said(text, "en", at) for at, text in enumerate(said)]
    words.of_groups(heard, groups)
    named = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{len(said):,} clauses: points {between - began:.1f} s, groups {ended - between:.1f} s,"
        f" words {named - ended:.1f} s; {peak:,.0f} MB at most"
    )
    print(right(groups, truth))


def right(groups: Groups, truth: list[int]) -> str:
    """How groups and topics agree, of the clauses that are in some group."""
    inside = groups != ALONE
    here, there = groups[inside], np.array(truth)[inside]
    largest = sum(np.bincount(there[here == one] + 1).max() for one in np.unique(here))
    return (
        f"{len(np.unique(here))} themes of {len(set(truth) - {-1})} topics,"
        f" {inside.mean():.2f} of the clauses in one; purity {largest / inside.sum():.3f},"
        f" ARI {adjusted_rand_score(there, here):.3f},"
        f" NMI {normalized_mutual_info_score(there, here):.3f}"
    )


def labelled(file: Path, most: int) -> tuple[list[str], list[int]]:
    """Texts and topics of a file, every so many of it."""
    with file.open(encoding="utf-8") as held:
        rows = list(csv.DictReader(held))
    rows = rows[:: max(len(rows) // most, 1)]
    names = sorted({row["category"] for row in rows})
    return [row["text"] for row in rows], [names.index(row["category"]) for row in rows]


def main() -> None:
    """Measure what is asked for."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--clauses", type=int, default=100_000)
    asked.add_argument("--labelled", type=Path)
    given = asked.parse_args()
    if given.labelled is None:
        measure(*made(given.clauses), least=20)
        return
    said, truth = labelled(given.labelled, 3500)
    embedder = embedding.default()
    seen = None if embedder is None else embedder.embed(said)
    measure(said, seen, truth, least=8)


if __name__ == "__main__":
    main()
