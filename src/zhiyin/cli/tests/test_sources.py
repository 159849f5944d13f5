"""`zhiyin source`: the promised documents, and no secret in any of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from zhiyin.cli.tests.conftest import Zhiyin
from zhiyin.collect.sources.tests import servers
from zhiyin.collect.sources.tests.servers import Answer, Web, as_json
from zhiyin.kernel import outbound

SECRET = "Bearer never-to-be-shown"


@pytest.fixture
def desk(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Web]:
    """A help desk, whose tickets need a secret."""

    def answer(_path: str, _asked: dict[str, str], headers: dict[str, str]) -> Answer:
        if headers.get("authorization") != SECRET:
            return 401, {}, b""
        made = {"at": "2026-11-02T10:00:00Z"}
        tickets = [{"id": n, "made": made, "text": f"Late {n}", "by": f"c{n}"} for n in range(3)]
        return as_json([*tickets, {"id": 9, "made": made}])

    certificate = servers.make_certificate(tmp_path_factory.mktemp("tls"))
    monkeypatch.setenv(outbound.ALLOW, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "certificate.pem"))
    with servers.serving(answer, certificate) as web:
        yield web


def test_a_source_is_tried_added_run_and_removed(zhiyin: Zhiyin, desk: Web, tmp_path: Path) -> None:
    secret, mapping = tmp_path / "secret", tmp_path / "map.yaml"
    secret.write_text(SECRET + "\n")
    mapping.write_text("id: id\nat: made.at\ntext: text\ncustomer: by\n")
    told = ["--set", f"address={desk.at('/')}", "--secret", f"secret={secret}"]
    given = ["desk", "--kind", "rest", *told, "--map", str(mapping), "--voice", "ticket"]
    tried = zhiyin("source", "try", *given)
    assert (tried["read"], tried["added"], tried["rejected"]) == (4, 3, 1)
    assert tried["absent"] == []
    assert {row["text"] for row in tried["rows"]} == {"Late 0", "Late 1", "Late 2"}
    assert zhiyin("source", "list") == {"sources": []}

    added = zhiyin("source", "add", *given, "--every", "15")
    assert (added["key"], added["state"], added["every_minutes"]) == ("desk", "new", 15)
    ran = zhiyin("source", "run", "desk")
    assert (ran["added"], ran["doubles"], ran["rejected"]) == (3, 0, 1)
    assert zhiyin("source", "run", "desk")["added"] == 0
    shown = zhiyin("source", "show", "desk")
    assert (shown["state"], shown["secrets"], len(shown["runs"])) == ("ok", ["secret"], 1)
    assert "never-to-be-shown" not in json.dumps([tried, added, ran, shown])

    assert zhiyin("source", "pause", "desk")["state"] == "paused"
    assert zhiyin("source", "resume", "desk")["state"] == "ok"
    changed = zhiyin("source", "change", "desk", "--name", "Help desk", "--every", "60")
    assert (changed["name"], changed["voice"]) == ("Help desk", "ticket")
    assert zhiyin("source", "remove", "desk", "--yes") == {"removed": "desk"}
    assert zhiyin("source", "list") == {"sources": []}


def test_the_kinds_are_told(zhiyin: Zhiyin) -> None:
    kinds = {one["kind"]: one for one in zhiyin("source", "kinds")["kinds"]}
    assert set(kinds) >= {"feed", "mailbox", "rest"}
    assert [one["name"] for one in kinds["feed"]["settings"]] == ["address"]
