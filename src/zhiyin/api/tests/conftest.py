"""A workspace with something of everything, and keys of all kinds for its API."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from zhiyin.accounts import api_keys
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import Person
from zhiyin.warehouse.owner import Owner
from zhiyin.web import sample
from zhiyin.web.tests.conftest import (
    MAIN,
    ana,
    cleo,
    log,
    plain_static_files,
    planted,
    planted_in,
    planted_logs,
)

__all__ = ["ana", "cleo", "log", "plain_static_files", "planted", "planted_logs"]

Ask = Callable[..., Any]


@pytest.fixture(scope="session")
def filled_logs(planted_logs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The logs with that customer and the sample, to be copied."""
    folder = tmp_path_factory.mktemp("filled") / "data"
    shutil.copytree(planted_logs, folder)
    with Owner(folder) as owner:
        assert sample.load(owner, MAIN, folder).rows_rejected == 0
    return folder


@pytest.fixture
def filled(filled_logs: Path, ana: Person, tmp_path: Path, settings: Settings) -> Iterator[Owner]:
    """The sample, and one customer with something in every place."""
    with planted_in(tmp_path, filled_logs, settings) as owner:
        yield owner


def a_key(*rights: str, workspace: str = "main", **more: Any) -> str:
    """The secret of a new key."""
    given: Collection[str] = rights or api_keys.GIVEN
    more = {"sees_personal_data": True, **more}
    return api_keys.create(
        by=COMMAND_LINE, workspace=workspace, name="a program", rights=given, **more
    ).secret


def asking(secret: str) -> Ask:
    """Asks the API with this key: ``ask("get", "/scores/nps", {...})``."""
    client = Client(headers={"Authorization": f"Bearer {secret}"}, raise_request_exception=False)

    def ask(method: str, path: str, given: Any = None, **headers: str) -> Any:
        more: dict[str, Any] = {"headers": {k.replace("_", "-"): v for k, v in headers.items()}}
        if method == "get":
            answer: Any = client.get(f"/api/v1{path}", given, **more)
            if answer.streaming:
                vars(answer)["body"] = answer.getvalue()  # a file, which is closed now
            return answer
        return getattr(client, method)(
            f"/api/v1{path}", given, content_type="application/json", **more
        )

    return ask
