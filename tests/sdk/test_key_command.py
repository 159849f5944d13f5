"""`zhiyin key` beside a running server: made, used, revoked; and what the pages' log says then."""

from __future__ import annotations

import base64
import http.client
import json
import time
from typing import Any

from tests.processes.conftest import SOON_SECONDS, wait_for, zhiyin
from tests.sdk.house import House
from zhiyin.collect.events import webhook


def post(house: House, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=60)
    try:
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def send(house: House, key: str, id: str, path: str = "/v1/track") -> int:
    event = {"type": "track", "event": "Sent", "userId": "ana", "messageId": id}
    basic = base64.b64encode(f"{key}:".encode()).decode()
    return post(house, path, json.dumps(event).encode(), {"Authorization": f"Basic {basic}"})[0]


def key_command(house: House, *arguments: str) -> Any:
    done = zhiyin(house.data, "key", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_a_new_installation_has_a_key_and_another_is_made_and_revoked(house: House) -> None:
    (first,) = key_command(house, "list")["keys"]
    assert (first["source"], first["kind"], first["revoked_at"]) == ("web", "write", None)
    assert send(house, first["key"], "1") == 200
    made = key_command(house, "create", "--write", "--source", "app", "--rate", "50")
    assert made.keys() == {
        "key", "kind", "source", "workspace", "origins", "events_per_second", "created_at",
        "revoked_at", "signing_secret",
    }  # fmt: skip
    assert (made["source"], made["workspace"], made["events_per_second"]) == ("app", "main", 50)
    time.sleep(1)
    assert send(house, made["key"], "2") == 200
    assert key_command(house, "revoke", made["key"])["revoked_at"]
    time.sleep(1)
    assert send(house, made["key"], "3") == 401
    assert [row["id"] for row in house.rows("events", "web")] == ["1"]
    assert [row["id"] for row in house.rows("events", "app")] == ["2"]


def test_a_webhook_key_takes_signed_webhooks_and_nothing_else(house: House) -> None:
    made = key_command(house, "create", "--webhook", "--source", "crm")
    secret = made["signing_secret"]
    assert "signing_secret" not in key_command(house, "list")["keys"][0]
    time.sleep(1)
    body = json.dumps({"type": "ticket.closed", "data": {"customer_id": "ana"}}).encode()
    now = str(int(time.time()))
    signed = webhook.signature(secret, id="msg_1", timestamp=now, body=body).decode()
    headers = {"webhook-id": "msg_1", "webhook-timestamp": now, "webhook-signature": signed}
    path = f"/v1/webhooks/{made['key']}"
    assert post(house, path, body, headers)[0] == 200
    assert post(house, path, body, headers)[0] == 200, "sent again, stored once"
    assert post(house, path, body + b" ", headers)[0] == 401
    assert send(house, made["key"], "4") == 401
    wait_for(lambda: len(house.rows("events", "crm")) == 1, SOON_SECONDS, "stored")
    (row,) = house.rows("events", "crm")
    assert (row["id"], row["name"]) == ("msg_1", "ticket.closed")


def test_what_the_command_refuses(house: House) -> None:
    for arguments, code in [
        (["create"], "keys.which"),
        (["create", "--write", "--webhook"], "keys.which"),
        (["create", "--write", "--source", "No Name"], "keys.source"),
        (["create", "--write", "--origin", "shop"], "keys.origin"),
        (["revoke", "wk_nobody"], "keys.no-such-key"),
    ]:
        done = zhiyin(house.data, "key", *arguments)
        assert (done.returncode, json.loads(done.stdout)["error"]["code"]) == (1, code)
