"""`zhiyin serve` as its users meet it: started, killed in every way, stopped."""

from __future__ import annotations

import functools
import http.client
import json
import os
import signal
import socket
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.processes.conftest import (
    READY_SECONDS,
    SOON_SECONDS,
    Server,
    children,
    is_alive,
    wait_for,
    zhiyin,
)
from tests.processes.installation import Installation, Made

SAMPLE = "src/zhiyin/web/sample/tea-shop.csv"
MAPPING = "src/zhiyin/web/sample/tea-shop.yaml"
CHILDREN = ("log", "web", "jobs")


@pytest.fixture(scope="module")
def brought(shared: Installation) -> dict[str, Any]:
    """The tea shop's answers, and what their import said."""
    shared.running()
    done = zhiyin(shared.data, "import", SAMPLE, "--map", MAPPING)
    return dict(json.loads(done.stdout))


def test_it_opens_on_a_page_and_stops_cleanly(start: Callable[..., Server]) -> None:
    server = start()
    assert set(server.said) >= {"address", "login", "password"}
    status, headers, _body = server.get("/")
    assert (status, headers["location"]) == (302, "/sign-in/?next=/")
    status, headers, body = server.get("/sign-in/?next=/", **{"Accept-Language": "zh-CN"})
    assert status == 200
    assert "登录" in body.decode()
    assert headers["content-security-policy"].count("unsafe") == 1  # chart tooltips' attributes
    run = server.data / "run"
    for name in ("log.sock", "web.sock"):
        assert stat.S_IMODE((run / name).stat().st_mode) == 0o600
    zhiyin(server.data, "import", SAMPLE, "--map", MAPPING)
    mine = children(server.process.pid)
    assert sorted(mine.values()) == sorted(f"zhiyin-{name}" for name in (*CHILDREN, "nursery"))
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(SOON_SECONDS) == 0
    assert not any(is_alive(pid) for pid in mine)
    # Closed in order: nothing is left in the write-ahead log.
    assert not (server.data / "log" / "main.duckdb.wal").exists()


def test_an_address_that_is_taken_is_said_before_anything_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        found = zhiyin(tmp_path / "data", "serve", "--port", str(port))
    assert found.returncode == 1
    error = json.loads(found.stdout)["error"]
    assert error["code"] == "serve.address"
    assert str(port) in error["message"]
    assert not (tmp_path / "data" / "zhiyin.sqlite3").exists()


def test_it_listens_at_an_ipv6_address_too(made: Made, tmp_path: Path) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:  # a machine without IPv6
        said = json.loads(zhiyin(tmp_path, "serve", "--host", "::1").stdout)
        assert said["error"]["code"] == "serve.address"
        return
    installation = Installation(tmp_path / "data", made, host="::1")
    try:
        server = installation.open()
        assert server.said["address"] == f"http://[::1]:{server.port}"
        assert server.get("/sign-in/")[0] == 200
    finally:
        installation.close()


def test_a_second_server_on_the_same_data_says_who_holds_it(server: Server) -> None:
    second = zhiyin(server.data, "serve", "--port", "1")
    assert second.returncode == 1
    error = json.loads(second.stdout)["error"]
    assert error["code"] == "serve.held"
    assert str(server.process.pid) in error["message"]


def test_a_head_leaves_the_connection_clean(server: Server) -> None:
    """Would catch a body after HEAD: the next visitor's answer would begin with it."""
    for _ in range(5):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        connection.request("HEAD", "/sign-in/")
        head = connection.getresponse()
        assert (head.status, head.read()) == (200, b"")
        connection.request("GET", "/sign-in/")
        page = connection.getresponse()
        assert page.status == 200
        assert page.read().startswith(b"<!doctype html>")
        connection.close()


def test_what_a_visitor_claims_about_himself_is_not_believed(server: Server) -> None:
    status, _headers, _body = server.get(
        "/", **{"X-Forwarded-Host": "evil.example", "Host": "evil.example"}
    )
    assert status == 400
    status, _headers, _body = server.get("/", **{"X-Forwarded-Host": "evil.example"})
    assert status == 302


def test_a_killed_supervisor_takes_everything_with_it(shared: Installation, server: Server) -> None:
    """Would catch an orphaned worker that keeps port and lock."""
    mine = children(server.process.pid)
    server.process.kill()
    server.process.wait()
    wait_for(lambda: not any(is_alive(pid) for pid in mine), SOON_SECONDS, "children gone")
    assert shared.open().is_ready()


def test_a_killed_child_is_started_again_and_nothing_is_lost(
    server: Server, brought: dict[str, Any]
) -> None:
    before = json.loads(zhiyin(server.data, "score", "csat").stdout)["total"]
    for name in CHILDREN:
        old = server.child(name)
        os.kill(old, signal.SIGKILL)
        wait_for(lambda pid=old: not is_alive(pid), SOON_SECONDS, f"{name} dead")  # type: ignore[misc]
        back = functools.partial(server.is_back, name, old)
        wait_for(back, READY_SECONDS, f"another {name} process, and ready")
        assert server.get("/sign-in/")[0] == 200
    assert json.loads(zhiyin(server.data, "score", "csat").stdout)["total"] == before


def held_by(pid: int) -> list[str]:
    """What a process has open and keeps open while it is asked."""
    held = []
    for one in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            held.append(str(one.readlink()))
    return held


def test_whoever_is_born_in_the_nursery_shares_nothing_but_memory(server: Server) -> None:
    """Would catch a library that starts a thread, or opens a file, when it is only imported."""
    nursery = Path(f"/proc/{server.child('nursery')}")
    threads = [(one / "comm").read_text().strip() for one in (nursery / "task").iterdir()]
    assert threads == ["zhiyin-nursery"]
    held = held_by(server.child("nursery"))
    # What the test itself writes lies beside the data.
    assert [name for name in held if name.startswith(f"{server.data}/")] == []
    (asked,) = (name for name in held if name.startswith("socket:"))
    assert not any(asked in held_by(server.child(name)) for name in CHILDREN)


def test_a_killed_nursery_takes_nobody_with_it(server: Server) -> None:
    """Would catch children of the nursery instead of the supervisor's."""
    mine = {name: server.child(name) for name in CHILDREN}
    old = server.child("nursery")
    os.kill(old, signal.SIGKILL)
    wait_for(lambda: not is_alive(old), SOON_SECONDS, "nursery dead")
    # Asked for while there is no nursery: the next one brings it.
    os.kill(mine["jobs"], signal.SIGKILL)
    wait_for(lambda: server.is_back("jobs", mine["jobs"]), READY_SECONDS, "another jobs process")
    assert server.child("nursery") not in (0, old)
    assert [server.child(name) for name in ("log", "web")] == [mine["log"], mine["web"]]


def test_while_the_pages_are_away_a_visitor_is_told_and_the_log_answers(server: Server) -> None:
    os.kill(server.child("web"), signal.SIGSTOP)
    try:
        assert server.get("/healthz")[0] == 200
        status, _headers, body = server.get("/readyz")
        assert (status, json.loads(body)["web"]) == (503, "starting")
    finally:
        os.kill(server.child("web"), signal.SIGCONT)
    web = server.child("web")
    os.kill(web, signal.SIGKILL)
    wait_for(lambda: not is_alive(web), SOON_SECONDS, "web dead")
    status, headers, body = server.get("/main/scores/")
    if status == 503:  # it may be back already
        assert headers["retry-after"] == "2"
        assert "页面正在启动" in body.decode()
    wait_for(server.is_ready, READY_SECONDS, "ready again")


def test_commands_give_the_same_with_and_without_a_server(
    server: Server, brought: dict[str, Any]
) -> None:
    assert (brought["rows_added"], brought["rows_rejected"]) == (180, 0)
    with_server = json.loads(zhiyin(server.data, "score", "nps", "--by", "touchpoint").stdout)
    server.process.terminate()
    server.process.wait(SOON_SECONDS)
    without = json.loads(zhiyin(server.data, "score", "nps", "--by", "touchpoint").stdout)
    for document in (with_server, without):
        document.pop("as_of")
    assert with_server == without
    again = json.loads(zhiyin(server.data, "import", SAMPLE, "--map", MAPPING).stdout)
    assert (again["rows_added"], again["rows_duplicate"]) == (0, 180)
