"""A customer is erased while the whole product runs: no byte of hers is in any file afterwards."""

from __future__ import annotations

import base64
import http.client
import json
import secrets
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.processes.conftest import Server, wait_for, zhiyin

MAPPING = """\
as: answers
source: desk
id: id
at: {column: at, timezone: UTC}
customer: who
questions:
  - {column: score, question: overall, metric: csat}
  - {column: why, question: why, metric: text}
"""
TRAITS = """\
as: traits
source: crm
id: who
at: {column: at, timezone: UTC}
customer: who
traits: {phone: phone, note: note}
"""


def needle() -> str:
    return secrets.token_hex(20)


def found_in(folder: Path, needles: dict[str, str]) -> dict[str, set[str]]:
    """Which needles are in which file, by what they stand for."""
    held: dict[str, set[str]] = {}
    for path in sorted(folder.rglob("*")):
        try:
            content = path.read_bytes() if path.is_file() else b""
        except FileNotFoundError:  # gone since it was listed
            continue
        seen = {what for what, one in needles.items() if one.encode() in content}
        if seen:
            held[path.name] = seen
    return held


def send(server: Server, key: str, batch: list[dict[str, object]]) -> int:
    connection = http.client.HTTPConnection(server.host, server.port, timeout=60)
    try:
        token = base64.b64encode(f"{key}:".encode()).decode()
        body = json.dumps({"batch": batch})
        headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
        connection.request("POST", "/v1/batch", body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_no_byte_of_hers_is_left_in_any_file(
    start: Callable[..., Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Imports, intake, refusals, rejects, matches, audit, traits and ids, on SQLite with its log of
    writes. Would catch a place that keeps her, and a receipt that says too much or too early."""
    monkeypatch.setenv("ZHIYIN_LOG_COMPRESSION", "uncompressed")
    server = start()
    data = server.data
    needles = {
        name: needle()
        for name in (
            "id", "device", "words", "trait", "event", "property", "rejected", "refused", "match",
            "audit",
        )
    }  # fmt: skip
    her = needles["id"]
    answers = tmp_path / "answers.csv"
    answers.write_text(
        f"id,at,who,score,why\n1,2026-01-01 10:00,{her},5,{needles['words']}\n"
        "2,2026-01-01 10:00,him,4,fine\n"
        f"3,not a date,{her},4,{needles['rejected']}\n"
    )
    traits = tmp_path / "traits.csv"
    traits.write_text(
        f"at,who,phone,note\n2026-01-01,{her},13800000001,{needles['trait']}\n"
        "2026-01-01,him,13900000002,x\n"
    )
    for file, mapping in ((answers, MAPPING), (traits, TRAITS)):
        (tmp_path / f"{file.stem}.yaml").write_text(mapping)
        done = zhiyin(data, "import", str(file), "--map", str(tmp_path / f"{file.stem}.yaml"))
        assert done.returncode == 0, done.stdout
    made = zhiyin(data, "key", "create", "--write", "--source", "shop")
    key = json.loads(made.stdout)["key"]
    events = [
        {"type": "identify", "userId": her, "anonymousId": needles["device"], "messageId": "m1"},
        {
            "type": "track", "userId": her, "event": needles["event"], "messageId": "m2",
            "properties": {"note": needles["property"]},
        },
        {"type": "track", "userId": "him", "event": "Seen", "messageId": "m3"},
        {"type": "track", "userId": her, "properties": {"x": needles["refused"]}},
    ]  # fmt: skip
    assert send(server, key, events) == 200
    with sqlite3.connect(data / "zhiyin.sqlite3", timeout=60) as store:
        (workspace,) = store.execute("SELECT id FROM accounts_workspace").fetchone()
        store.execute(
            "INSERT INTO unify_matchsuggestion (workspace_id, key_a, key_b, kind_a, id_a, kind_b,"
            " id_b, origin, comparison, state, merge_id, found_at, decided_by) VALUES"
            " (?, 1, 2, 'customer', ?, 'customer', 'him', 'planted', ?, 'pending', '', ?, '')",
            [workspace, her, json.dumps([{"name": needles["match"]}]), "2026-01-01 00:00:00"],
        )
        store.execute(
            'INSERT INTO accounts_auditentry (at, workspace, by, "where", action, subject,'
            " before, after) VALUES (?, 'main', 'ana', 'x', 'merge.done', ?, '{}', ?)",
            ["2026-01-01 00:00:00", f"{her} → him", json.dumps({needles["audit"]: her})],
        )
    store.close()
    counted = _settled(server, key)
    before = found_in(data, needles)
    assert set().union(*before.values()) == set(needles)
    assert {"zhiyin.sqlite3", "zhiyin.sqlite3-wal"} & set(before)
    scores = zhiyin(data, "score", "csat").stdout
    assert json.loads(scores)
    him = json.loads(zhiyin(data, "customer-export", "him").stdout)

    done = zhiyin(data, "erase", her, "--now")
    assert done.returncode == 0, done.stdout + done.stderr
    receipt = json.loads(done.stdout)
    # The audit entry's own word is nobody's id: it stays, and only her id leaves it.
    left = {name: one for name, one in needles.items() if name != "audit"}
    assert found_in(data, left) == {}
    assert receipt["state"] == "gone"
    rows = {place["place"]: place["rows"] for place in receipt["places"]}
    assert rows["answers"] == 2
    assert rows["events"] >= 1
    assert (rows["rejects"], rows["unify.MatchSuggestion"], rows["refusals"]) == (1, 1, 1)
    assert not [name for name, one in needles.items() if one in done.stdout]
    file = tmp_path / "receipt.json"
    file.write_text(done.stdout)
    assert json.loads(zhiyin(data, "erase", "--verify", str(file)).stdout)["ours"]
    changed = {**receipt, "reason": "withdrawn"}
    file.write_text(json.dumps(changed))
    assert zhiyin(data, "erase", "--verify", str(file)).returncode == 1

    # The others are as they were, to the last digit; she does not come in again by either road.
    him_after = json.loads(zhiyin(data, "customer-export", "him").stdout)
    assert him_after["facts"] == him["facts"]
    again = zhiyin(
        data, "import", str(answers), "--map", str(tmp_path / "answers.yaml"), "--replace"
    )
    assert json.loads(again.stdout)["rows_rejected"] == 2
    assert send(server, key, events) == 200
    assert _settled(server, key) == counted
    # What was sent is in the journal until the loader rests.
    wait_for(lambda: found_in(data / "journal", left) == {}, 90, "an empty journal")
    assert found_in(data, left) == {}


def _settled(server: Server, key: str) -> int:
    """Send one more and wait until it is in the log; returns how many events `him` has then."""
    number = secrets.token_hex(4)
    assert (
        send(
            server, key, [{"type": "track", "userId": number, "event": "Last", "messageId": number}]
        )
        == 200
    )

    def is_there() -> bool:
        return zhiyin(server.data, "customer-export", number).returncode == 0

    wait_for(is_there, 60, "the last event")
    found = json.loads(zhiyin(server.data, "customer-export", "him").stdout)
    return len(found["facts"].get("events", ()))
