"""The command `zhiyin import`: one JSON document, exit codes, both languages, beside a server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.processes.conftest import Server, zhiyin
from tests.processes.installation import Made

MAPPING = """\
as: answers
source: desk
id: id
at: {column: day, timezone: UTC}
questions:
  - {column: score, question: overall, metric: nps}
"""
KEYS = [
    "rows_read",
    "rows_added",
    "rows_duplicate",
    "rows_rejected",
    "facts_added",
    "rejects_file",
    "import_id",
    "seconds",
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "answers.csv").write_text("id,day,score\n1,2026-03-01,9\n2,2026-03-02,11\n")
    (tmp_path / "answers.yaml").write_text(MAPPING)
    return tmp_path / "answers.csv"


def asked(data: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Exit code and the one JSON document."""
    done = zhiyin(data, *arguments)
    return done.returncode, json.loads(done.stdout)


@pytest.fixture(scope="module")
def data(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that no server has."""
    return made.copy(tmp_path_factory.mktemp("import") / "data")


def test_import_again_and_undo(data: Path, file: Path) -> None:
    mapping = str(file.with_suffix(".yaml"))
    code, tried = asked(data, "import", str(file), "--map", mapping, "--dry-run")
    assert (code, tried["rows_added"]) == (0, 1)
    code, first = asked(data, "import", str(file), "--map", mapping)
    assert code == 0
    assert list(first)[: len(KEYS)] == KEYS
    assert [first[key] for key in KEYS[:5]] == [2, 1, 0, 1, 2]
    assert Path(first["rejects_file"]).is_file()
    code, again = asked(data, "import", str(file), "--map", mapping)
    assert [again[key] for key in KEYS[:5]] == [2, 0, 1, 1, 0]
    code, undone = asked(data, "import", "--undo", first["import_id"])
    assert (code, undone["facts_removed"]) == (0, 2)
    code, error = asked(data, "import", "--undo", first["import_id"])
    assert code == 1
    assert set(error["error"]) == {"code", "message", "hint"}
    code, chinese = asked(data, "import", str(file), "--map", mapping, "--lang", "zh")
    assert chinese["notes"] == ["1 行没有客户：每行各算一个客户。"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], 2),
        (["x.csv", "--undo", "abc"], 2),
        (["--undo", "abc", "--replace"], 2),
        (["no-such-file.csv"], 1),
        (["answers.csv"], 1),
        (["answers.csv", "--map", "no-such.yaml"], 1),
    ],
)
def test_what_is_asked_wrongly(data: Path, file: Path, arguments: list[str], code: int) -> None:
    given = [str(file) if name == "answers.csv" else name for name in arguments]
    status, said = asked(data, "import", *given)
    assert status == code
    assert said["error"]["message"]


def test_it_works_beside_a_running_server(server: Server, file: Path) -> None:
    mapping = str(file.with_suffix(".yaml"))
    code, found = asked(server.data, "import", str(file), "--map", mapping)
    assert (code, found["rows_added"]) == (0, 1)
    code, undone = asked(server.data, "import", "--undo", found["import_id"])
    assert (code, undone["facts_removed"]) == (0, 2)
