"""The documents of the API are those of the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from zhiyin.accounts import inviting, keys, units
from zhiyin.accounts.allowing import Allows
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.api.tests.conftest import (
    a_key,
    ana,
    asking,
    filled,
    filled_logs,
    plain_static_files,
    planted,
    planted_logs,
)
from zhiyin.cli import frame
from zhiyin.cli.session import Session
from zhiyin.warehouse.owner import Owner
from zhiyin.web.tests.planted import HER

__all__ = ["ana", "filled", "filled_logs", "plain_static_files", "planted", "planted_logs"]


def said(capsys: pytest.CaptureFixture[str], data: Path, *arguments: str) -> Any:
    """What the command line says with `--json`, of the same log."""
    capsys.readouterr()
    ended = frame.run([*arguments, "--data", str(data), "--workspace", "main", "--json"])
    told = capsys.readouterr()
    assert ended == 0, told.err or told.out
    return json.loads(told.out)


def without(document: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in names}


SAME: list[tuple[tuple[str, ...], str, dict[str, Any]]] = [
    (
        ("score", "nps", "--by", "channel", "--kind", "touchpoint"),
        "/scores/nps",
        {"by": "channel", "kind": "touchpoint"},
    ),
    (
        ("score", "csat", "--by", "channel", "--every", "month", "--where", "channel = 'app'",
         "--confidence", "0.9"),
        "/scores/csat",
        {"by": "channel", "every": "month", "where": "channel = 'app'", "confidence": "0.9"},
    ),
    (
        ("compare", "csat", "--by", "channel", "--against", "rest", "--fdr", "by"),
        "/comparisons/csat",
        {"by": "channel", "against": "rest", "fdr": "by"},
    ),
    (("customer", HER, "--limit", "7"), "/customer", {"id": HER, "limit": 7}),
    (("segment", "count", "orders >= 1"), "/customers/count", {"where": "orders >= 1"}),
    (("segment", "list"), "/segments", {}),
    (("why", HER), "/customer/why", {"id": HER}),
    (("events", "--count", "--name", "Order Completed"), "/events/count",
     {"name": "Order Completed"}),
    (("journey", "before", "event", "Order Completed", "--within", "1d"), "/journeys/before",
     {"outcome": "event", "name": "Order Completed", "within": "1d", "top": 20}),
    (("journey", "parting", "--one", "channel = 'app'", "--two", "channel = 'web'"),
     "/journeys/parting", {"one": "channel = 'app'", "two": "channel = 'web'"}),
    (("key", "list"), "/keys", {}),
    (("person", "list"), "/people", {}),
    (("unit", "list"), "/units", {}),
    (("workspace", "show"), "/workspace", {}),
]  # fmt: skip


OF_THE_KEY = ("rights", "unit", "sees_personal_data")
"""What the API says of the workspace, and the command line has no key to say it of."""


def test_the_api_and_the_command_line_say_the_same(
    filled: Owner,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Would catch a second serialiser: a field that one of the two lacks or writes otherwise."""
    monkeypatch.setattr(Session, "log", filled)
    of_its_moment = ("as_of", "seconds", *OF_THE_KEY)
    keys.create(by=COMMAND_LINE, workspace="main", source="till")
    units.save(by=COMMAND_LINE, workspace="main", key="north", name="North")
    inviting.invite(
        by=COMMAND_LINE, workspace="main", login="ben", allows=Allows("viewer", "north")
    )
    ask = asking(a_key())
    for command, path, given in SAME:
        ours = without(ask("get", path, given).json(), *of_its_moment)
        assert ours == without(said(capsys, tmp_path, *command), *of_its_moment), command
        assert any(ours.values()), command
