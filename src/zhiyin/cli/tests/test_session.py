"""What every command is given, wherever the program lies."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from zhiyin.cli.session import Session


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.setenv("ZHIYIN_DATA", "elsewhere")
    # Set and taken away, so that it is as before when the test is over.
    monkeypatch.setenv("NUMBA_CACHE_DIR", "before")
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    found = Session()
    found.set_data(tmp_path)
    return found


def test_what_is_compiled_is_kept_with_the_data_where_the_program_cannot_be_written(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch a program that root installed and that no other account can start."""
    session.choose_data()
    assert "NUMBA_CACHE_DIR" not in os.environ, "it is kept with the program, compiled already"
    monkeypatch.setattr(os, "access", lambda _path, _how: False)
    session.choose_data()
    assert os.environ["NUMBA_CACHE_DIR"] == str(tmp_path / "tmp" / "compiled")
    assert os.environ["ZHIYIN_DATA"] == str(tmp_path)


def test_a_place_that_somebody_named_is_left(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda _path, _how: False)
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/var/cache/zhiyin")
    session.choose_data()
    assert os.environ["NUMBA_CACHE_DIR"] == "/var/cache/zhiyin"
