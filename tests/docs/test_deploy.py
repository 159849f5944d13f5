"""The files to install with say what the program knows, and hold no secret."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from zhiyin.processes.supervisor import STOP_SECONDS

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
FILES = sorted(path for path in DEPLOY.iterdir() if path.is_file())
GUIDES = [ROOT / "docs" / f"install-{size}.md" for size in ("small", "large")]
NAMES = re.compile(r"\bZHIYIN_[A-Z_]+[A-Z]\b")

CONTAINERFILE = (DEPLOY / "Containerfile").read_text("utf-8")


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    return found


def unit() -> configparser.SectionProxy:
    found = configparser.RawConfigParser(strict=False)
    found.optionxform = str  # type: ignore[assignment,method-assign]
    found.read(DEPLOY / "zhiyin.service", "utf-8")
    return found["Service"]


@pytest.mark.parametrize("path", [*FILES, *GUIDES], ids=lambda path: path.name)
def test_every_setting_that_is_named_exists(path: Path) -> None:
    known = set(NAMES.findall((ROOT / "docs" / "settings.md").read_text("utf-8")))
    assert set(NAMES.findall(path.read_text("utf-8"))) <= known


def test_the_container_runs_without_rights_and_without_a_compiler() -> None:
    last = CONTAINERFILE.rpartition("\nFROM ")[2]
    assert re.search(r"^USER zhiyin$", last, re.MULTILINE)
    assert "/readyz" in last
    assert not re.search(r"gcc|build-essential|clang", last)
    for image in re.findall(r"^FROM (\S+)", CONTAINERFILE, re.MULTILINE):
        assert re.search(r":\d+\.\d+\.\d+-", image), f"{image} is not pinned to a version"


def test_the_build_is_given_neither_data_nor_secrets() -> None:
    said = (DEPLOY / "Containerfile.dockerignore").read_text("utf-8").splitlines()
    lines = [line for line in said if line and not line.startswith("#")]
    assert lines[0] == "*"
    given = [line.removeprefix("!") for line in lines[1:]]
    assert all((ROOT / name).exists() for name in given)
    assert not {"data", "deploy", "shared", ".git", ".venv", "."} & set(given)


def test_the_containers_keep_no_secret_and_start_in_order() -> None:
    services = compose()["services"]
    zhiyin, postgres = services["zhiyin"], services["postgres"]
    said = {**zhiyin["environment"], **postgres["environment"]}
    assert not [name for name in said if re.search("PASSWORD$|TOKEN|DATABASE_URL|MAIL_URL", name)]
    assert zhiyin["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert zhiyin["cap_drop"] == ["ALL"]
    assert all(port.startswith("127.0.0.1:") for port in zhiyin["ports"]), "the proxy is in front"
    assert {mount.partition(":")[0] for one in services.values() for mount in one["volumes"]} == (
        compose()["volumes"].keys()
    )
    (network,) = compose()["networks"]["default"]["ipam"]["config"]
    assert zhiyin["environment"]["ZHIYIN_PROXIES"] == network["gateway"]


def test_both_wait_until_the_supervisor_has_stopped() -> None:
    grace = compose()["services"]["zhiyin"]["stop_grace_period"]
    assert int(grace.removesuffix("s")) > STOP_SECONDS
    assert int(unit()["TimeoutStopSec"]) > STOP_SECONDS
    assert unit()["KillMode"] == "mixed", "the supervisor stops its processes in their order"


def test_the_unit_is_fenced_in() -> None:
    service = unit()
    assert (service["User"], service["ProtectSystem"]) == ("zhiyin", "strict")
    assert (service["NoNewPrivileges"], service["CapabilityBoundingSet"]) == ("true", "")
    assert service["Environment"] == f"ZHIYIN_DATA=/var/lib/{service['StateDirectory']}"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_systemd_reads_the_unit_and_calls_it_safe(tmp_path: Path) -> None:
    text = (DEPLOY / "zhiyin.service").read_text("utf-8")
    # Where the program and its account are not there: what verify would miss is neither.
    text = text.replace("/opt/zhiyin/bin/zhiyin", "/bin/true")
    file = tmp_path / "zhiyin.service"
    file.write_text(re.sub("(User|Group)=zhiyin", r"\1=root", text), "utf-8")
    said = subprocess.run(
        ["systemd-analyze", "verify", str(file)], capture_output=True, text=True, check=True
    )
    assert said.stderr == ""
    checked = [
        "systemd-analyze", "security", "--offline=true", "--threshold=30",
        str(DEPLOY / "zhiyin.service"),
    ]  # fmt: skip
    subprocess.run(checked, capture_output=True, check=True)
