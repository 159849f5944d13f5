"""The index is killed at random and between its steps: it is whole when it is opened again."""

from __future__ import annotations

import itertools
import os
import random
import time
from pathlib import Path
from typing import Any

import pytest

from zhiyin.warehouse.journeys import growing, index, manifest
from zhiyin.warehouse.journeys.tests.naive import read_out
from zhiyin.warehouse.journeys.tests.planting import (
    bring,
    folder,
    is_right,
    runs_of,
    some,
)
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.rights import Id
from zhiyin.warehouse.tests.children import Child, Says


def grows(says: Says, data: Path, seed: int) -> None:
    """Brings events, takes some back, erases, asks and looks after the index, without end."""
    growing.SMALL, index.SAVED = 10, 20
    chance = random.Random(seed)  # noqa: S311 - any order will do
    with Owner(data) as log:
        log.histories("main")
        says("ready")
        for turn in itertools.count():
            rows = some(chance.randint(1, 60), first=chance.randint(0, 500))
            made = bring(log, [{**row, "id": f"{seed}.{turn}.{n}"} for n, row in enumerate(rows)])
            if turn % 5 == 4:
                log.undo("main", made)
            if turn % 7 == 6:
                log.erase("main", [Id("customer", f"c{turn % 20}")], f"e{turn}")
            log.histories("main")
            if turn % 3 == 2:
                log._index(log._workspace("main")).tend(always=True)


@pytest.mark.parametrize("seed", range(3))
def test_killed_at_some_moment(owner: Owner, data: Path, seed: int) -> None:
    bring(owner, some(200))
    owner.close()
    child = Child(grows, data, seed)
    assert child.hears() == "ready"
    time.sleep(random.Random(seed).uniform(0.02, 1.0))  # noqa: S311 - any moment will do
    child.kill()
    assert child.wait() == -9
    with Owner(data) as log:
        assert is_right(log)
        found = manifest.read(folder(log))
        assert found is not None
        runs = [run.folder for run in (found.base, found.tail) if run is not None]
        assert runs_of(log) == sorted([*runs, "manifest.json"])
        indexed = log.histories("main")
        log._index(log._workspace("main")).remove()
        again = log.histories("main")
        assert indexed is not None
        assert again is not None
        assert read_out(indexed) == read_out(again)


def dies(says: Says, data: Path, step: str) -> None:
    """Looks after the index, and dies where a step begins."""
    with Owner(data) as log:
        log.histories("main")

        def dying(*_arguments: Any) -> None:
            os.kill(os.getpid(), 9)

        setattr(manifest, step, dying)
        says("ready")
        log._index(log._workspace("main")).tend(always=True)


@pytest.mark.parametrize("step", ["write", "sweep"])
def test_killed_between_a_new_base_and_its_name(owner: Owner, data: Path, step: str) -> None:
    bring(owner, some(50))
    assert is_right(owner)
    bring(owner, some(9, first=50))
    owner.close()
    child = Child(dies, data, step)
    assert child.hears() == "ready"
    assert child.wait() == -9
    left = data / "journeys" / "main"
    assert {"base-000000", "base-000001"} <= {path.name for path in left.iterdir()}
    with Owner(data) as log:
        assert is_right(log)
        assert runs_of(log) == [f"base-00000{int(step == 'sweep')}", "manifest.json"]
