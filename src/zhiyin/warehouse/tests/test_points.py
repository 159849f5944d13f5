"""Clauses near a point: the same as plain counting finds, whatever becomes of their verbatims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from zhiyin.kernel import clock
from zhiyin.kernel.filters import parse
from zhiyin.warehouse import lang
from zhiyin.warehouse.engines.duckdb import points as in_memory
from zhiyin.warehouse.findings import Finding, Near
from zhiyin.warehouse.log import Log, Reader
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.rights import Id, KeptSince
from zhiyin.warehouse.tests.test_findings import say, seqs

SPACE = b"here"
WIDTH = 48


def near(
    log: Log, asked: Near, *, workspace: str = "main", **options: Any
) -> dict[tuple[int, int], float]:
    clauses = lang.table(log.schema(workspace), "clauses", has_likeness=True)
    query = clauses.select("seq", "place", "likeness")
    rows = log.execute(workspace, query, near=asked, **options).to_pylist()
    found = {(row["seq"], row["place"]): row["likeness"] for row in rows}
    assert len(found) == len(rows)
    return found


def point(values: NDArray[Any], space: bytes = SPACE) -> bytes:
    return space + values.astype(np.int8).tobytes()


def planted(log: Log, verbatims: Sequence[int], seed: int, clauses: int = 3) -> list[Finding]:
    """Findings with points by lot; of every third verbatim there is one clause, without a point."""
    chance = np.random.default_rng(seed)
    made = []
    for seq in verbatims:
        for place in range(1 if seq % 3 == 0 else clauses):
            at = None if seq % 3 == 0 else point(chance.integers(-90, 90, WIDTH))
            made.append(Finding(seq, place, 0, 1, "zh", "negative", 0.9, point=at))
    log.keep_findings("main", f"seed {seed}", list(verbatims), made)
    return made


def counted(findings: Sequence[Finding], asked: Near) -> dict[tuple[int, int], float]:
    """In plain Python."""
    one = np.frombuffer(asked.point, np.int8, offset=4).astype(float)
    found = {}
    for held in findings:
        if held.point is not None and held.point.startswith(asked.point[:4]):
            other = np.frombuffer(held.point, np.int8, offset=4).astype(float)
            likeness = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
            if likeness >= asked.least:
                found[held.verbatim, held.place] = likeness
    return found


def alike(found: dict[tuple[int, int], float], other: dict[tuple[int, int], float]) -> bool:
    return found.keys() == other.keys() and np.allclose(
        [found[key] for key in other], list(other.values()), atol=1e-6
    )


ASKED = Near(point(np.random.default_rng(0).integers(-90, 90, WIDTH)), 0.1)


@pytest.fixture(params=["in memory", "from the file"])
def kept(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "from the file":
        monkeypatch.setattr(in_memory, "MOST_BYTES", 0)
    return str(request.param)


def test_what_lies_near_is_found(log: Log, kept: str) -> None:
    say(log, *["word"] * 60)
    held = planted(log, seqs(log), 1)
    expected = counted(held, ASKED)
    assert 10 < len(expected) < len(held) - 10
    for _again in range(2):
        assert alike(near(log, ASKED), expected)
    elsewhere = Near(point(np.ones(WIDTH), b"else"), -1.0)
    assert near(log, elsewhere) == {}
    assert near(log, replace(ASKED, least=0.999)) == {}
    assert near(log, Near(point(np.zeros(WIDTH)), 0.1)) == {}


def test_what_is_read_between_two_searches_is_found_as_it_is_now(log: Log, kept: str) -> None:
    """Would catch points of an earlier reading, or ones that stand twice."""
    say(log, *["word"] * 90)
    every = list(seqs(log))
    by_verbatim: dict[int, list[Finding]] = {}
    for turn in range(6):
        part = every[turn * 10 : turn * 10 + 40]
        for seq in part:
            by_verbatim[seq] = []
        for one in planted(log, part, 10 + turn, clauses=1 + turn % 3):
            by_verbatim[one.verbatim].append(one)
        now = [one for found in by_verbatim.values() for one in found]
        assert alike(near(log, ASKED), counted(now, ASKED))


def test_who_sees_a_part_finds_a_part(log: Log, kept: str) -> None:
    say(log, *["word"] * 30, channel="web")
    say(log, *["word"] * 30, channel="app", source="other")
    held = planted(log, seqs(log), 2)
    web = near(log, ASKED, reader=Reader(scope=parse("channel = 'web'")))
    app = near(log, ASKED, reader=Reader(scope=parse("channel = 'app'")))
    assert web
    assert app
    assert not web.keys() & app.keys()
    assert alike({**web, **app}, counted(held, ASKED))


def test_what_is_taken_back_erased_or_too_old_is_not_found(owner: Owner, kept: str) -> None:
    """And nothing of it is in the file that is written next."""
    import_id = say(owner, *["word"] * 30, source="one")
    say(owner, *["word"] * 30, source="two")
    held = planted(owner, seqs(owner), 3)
    everything = replace(ASKED, least=-1.0)
    assert len(near(owner, everything)) == len(counted(held, everything))
    owner.undo("main", import_id)
    left = set(seqs(owner))
    now = [one for one in held if one.verbatim in left]
    assert alike(near(owner, everything), counted(now, everything))
    owner.erase("main", [Id("customer", "c4")], "asked")
    assert len(near(owner, everything)) < len(counted(now, everything))
    of_others = near(owner, everything)
    owner.rewrite("main")
    assert near(owner, everything) == of_others
    owner.keep_since("main", [KeptSince("verbatims", "", clock.now() + timedelta(days=1))])
    assert near(owner, everything) == {}


def test_points_are_there_after_a_start_and_in_no_other_workspace(data: Path, owner: Owner) -> None:
    owner.create("other")
    say(owner, *["word"] * 20)
    held = planted(owner, seqs(owner), 4)
    assert near(owner, ASKED, workspace="other") == {}
    expected = near(owner, ASKED)
    assert alike(expected, counted(held, ASKED))
    owner.close()
    with Owner(data) as again:
        assert near(again, ASKED) == expected
