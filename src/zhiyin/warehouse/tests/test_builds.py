"""Derived tables are never half-made and never behind or ahead of their inputs."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from zhiyin.warehouse.engines.duckdb import builds
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.planting import put, read
from zhiyin.warehouse.tests.test_reading import link


def test_a_build_that_was_cut_off_is_redone(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first half of the work is done when it fails: nothing of it may be seen."""
    with Owner(data) as log:
        log.create("main")
        put(log, [{"customer": "a"}, {"customer": "b"}])
        (build,) = builds.BUILDS

        def half(connection: object, workspace: object) -> None:
            build.make(connection, workspace)  # type: ignore[arg-type]
            raise KeyboardInterrupt

        monkeypatch.setattr(builds, "BUILDS", (dataclasses.replace(build, make=half, extend=None),))
        with pytest.raises(KeyboardInterrupt):
            link(log, "m1", "link", "a", "b")
        cursor = log._root.cursor()
        assert cursor.execute("SELECT state FROM ws_main.builds").fetchall() == [("started",)]
        assert cursor.execute("SELECT count(*) FROM ws_main.customer_of").fetchall() == [(0,)]
        cursor.close()
    monkeypatch.undo()
    with Owner(data) as log:
        (one,), (other,) = read(log, "customer")
        assert one == other


def test_a_new_recipe_rebuilds_and_an_old_one_is_left(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[str] = []
    (build,) = builds.BUILDS

    def counted(connection: object, workspace: object) -> None:
        runs.append("run")
        build.make(connection, workspace)  # type: ignore[arg-type]

    for version, expected in ((1, 1), (1, 1), (2, 2)):
        recipe = dataclasses.replace(build, make=counted, version=version)
        monkeypatch.setattr(builds, "BUILDS", (recipe,))
        with Owner(data) as log:
            log.create("main")
            put(log, [{"id": f"r{version}{len(runs)}"}])
        assert len(runs) == expected
