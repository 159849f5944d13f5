"""`zhiyin init` and `zhiyin doctor`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes.conftest import zhiyin
from tests.processes.installation import Made


def test_init_asks_nothing_and_may_run_twice(tmp_path: Path) -> None:
    data = tmp_path / "new" / "folder"
    first = json.loads(zhiyin(data, "init").stdout)
    assert (first["workspace"], first["made_workspace"]) == ("main", True)
    assert first["password"]
    second = json.loads(zhiyin(data, "init").stdout)
    assert (second["made_workspace"], second["password"]) == (False, None)
    assert json.loads(zhiyin(data, "doctor").stdout)["ok"] is True


def test_a_lost_password_is_replaced(made: Made, tmp_path: Path) -> None:
    data = made.copy(tmp_path / "data")
    new = json.loads(zhiyin(data, "password").stdout)
    assert new["login"] == "admin"
    assert new["password"] not in ("", made.password)
    nobody = zhiyin(data, "password", "cleo")
    assert nobody.returncode == 1
    assert json.loads(nobody.stdout)["error"]["code"] == "accounts.no-person"


@pytest.mark.parametrize("folder", ["nothing", "."])
def test_a_folder_without_stores_is_said_to_be_one(tmp_path: Path, folder: str) -> None:
    refused = zhiyin(tmp_path / folder, "score", "nps")
    error = json.loads(refused.stdout)["error"]
    assert (refused.returncode, error["code"]) == (1, "accounts.no-workspace-yet")
    assert "zhiyin init" in error["hint"]
    refused = zhiyin(tmp_path / folder, "password")
    assert json.loads(refused.stdout)["error"]["code"] in ("store.cannot-open", "store.empty")


def test_doctor_says_what_to_do_about_a_fault(tmp_path: Path) -> None:
    found = zhiyin(tmp_path / "nothing", "doctor")
    assert found.returncode == 1
    document = json.loads(found.stdout)
    faults = {f["what"]: f["advice"] for f in document["findings"] if f["state"] == "fault"}
    assert "init" in faults["data folder"]
    assert not (tmp_path / "nothing" / "log" / "main.duckdb").exists()


def test_a_broken_log_is_a_fault_and_not_a_crash(made: Made, tmp_path: Path) -> None:
    data = made.copy(tmp_path / "data")
    (data / "log" / "main.duckdb").write_bytes(b"this is no database" * 1000)
    found = zhiyin(data, "doctor")
    assert found.returncode == 1
    states = {f["what"]: f["state"] for f in json.loads(found.stdout)["findings"]}
    assert states["log main"] == "fault"


def test_doctor_finds_what_others_can_read_and_a_mail_server_that_is_away(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = made.copy(tmp_path / "data")
    data.chmod(0o700)
    fine = {f["what"]: f["state"] for f in json.loads(zhiyin(data, "doctor").stdout)["findings"]}
    assert (fine["permissions"], fine["mail"]) == ("ok", "ok")
    data.chmod(0o755)
    monkeypatch.setenv("ZHIYIN_MAIL_URL", "smtp://127.0.0.1:9")
    found = {f["what"]: f for f in json.loads(zhiyin(data, "doctor").stdout)["findings"]}
    assert f"chmod go= {data}" in found["permissions"]["advice"]
    assert found["mail"]["state"] == "fault"
    assert "ConnectionRefused" in found["mail"]["seen"]


def test_doctor_finds_a_proxy_that_nobody_named(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = made.copy(tmp_path / "data")
    monkeypatch.setenv("ZHIYIN_PUBLIC_URL", "https://cx.example")
    found = {f["what"]: f for f in json.loads(zhiyin(data, "doctor").stdout)["findings"]}
    assert found["proxies"]["state"] == "fault"
    assert "ZHIYIN_PROXIES" in found["proxies"]["advice"]
    monkeypatch.setenv("ZHIYIN_PROXIES", "127.0.0.1")
    found = {f["what"]: f for f in json.loads(zhiyin(data, "doctor").stdout)["findings"]}
    assert found["proxies"]["state"] == "ok"


@pytest.mark.parametrize(
    "asked",
    [
        ("segment", "count", "orders >= 1"),
        ("customer", "nobody"),
        ("compare", "csat", "--against", "previous"),
        ("journey", "map", "list"),
    ],
)
def test_a_program_of_its_own_answers(made: Made, tmp_path: Path, asked: tuple[str, ...]) -> None:
    """A command brings in what it needs, with nothing brought in before it."""
    data = made.copy(tmp_path / "data")
    program = [sys.executable, "-m", "zhiyin", "--data", str(data), "--json", *asked]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert json.loads(done.stdout)
    assert "Traceback" not in done.stderr
