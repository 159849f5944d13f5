"""Children that nobody's memory is copied for, and whoever has ended."""

from __future__ import annotations

import os
import time

import pytest

from zhiyin.processes import births
from zhiyin.processes.births import OnTheirOwn
from zhiyin.processes.nursery import Order


def test_where_nothing_can_be_copied_each_is_an_interpreter_of_its_own() -> None:
    """As on macOS. Would catch a child that is never told of, or never waited for."""
    begun = OnTheirOwn(dict(os.environ))
    # A module that does nothing ends at once, and well.
    begun.ask(Order("exits", []))
    (birth,) = begun.look({})
    assert (birth.name, begun.look({})) == ("exits", [])
    ended: dict[int, int] = {}
    until = time.monotonic() + 60
    while birth.pid not in ended and time.monotonic() < until:
        time.sleep(0.01)
        ended |= births.reap()
    assert ended[birth.pid] == 0
    begun.close()


def test_it_is_the_way_where_nobody_adopts_orphans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    assert isinstance(births.begin({}), OnTheirOwn)
