"""The official server SDKs, unmodified, against the real server, through faults of every kind.

Each scenario runs all of them side by side, each with a key and a proxy of its own. What an SDK
still holds must arrive; what it sends again must not count twice.
"""

from __future__ import annotations

import os
import signal

import pytest

from tests.processes.conftest import wait_for
from tests.sdk.clients import CODE, Client
from tests.sdk.faults import Fault, Proxy
from tests.sdk.house import House

COUNT = 30
SCENARIOS: dict[str, list[Fault]] = {
    "all is well": [],
    "500 twice": [500, 500],
    "503": [503],
    "429 with Retry-After": [429],
    "the connection is cut": ["cut"],
    "taken, and the answer lost": ["lost"],
    "one after the other": ["lost", 500, 429],
}


def sent(house: House, source: str) -> list[int]:
    return sorted(row["properties"]["n"] for row in house.rows("events", source))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_nothing_is_lost_and_nothing_counts_twice(house: House, scenario: str) -> None:
    faults = SCENARIOS[scenario]
    keys = {f"wk_{scenario}_{n}".replace(" ", "_"): f"{sdk}.{scenario}"
            for n, sdk in enumerate(CODE)}  # fmt: skip
    house.publish(keys)
    proxies = {sdk: Proxy(house.port, faults) for sdk in CODE}
    clients = [
        Client.start(sdk, key, proxies[sdk].url, COUNT) for sdk, key in zip(CODE, keys, strict=True)
    ]
    said = {client.sdk: client.finish() for client in clients}
    for sdk, source in zip(CODE, keys.values(), strict=True):
        assert proxies[sdk].met == faults, (sdk, said[sdk])
        assert sent(house, source) == [*range(COUNT)], (sdk, said[sdk])
    for proxy in proxies.values():
        proxy.close()


def test_a_wrong_key_ends_in_401_and_not_in_a_storm(house: House) -> None:
    """Only those SDKs that give up at once; the old ones try ten times, as they always did."""
    final = ["segment-analytics-python", "posthog", "@segment/analytics-node", "posthog-node"]
    proxies = {sdk: Proxy(house.port) for sdk in final}
    clients = [Client.start(sdk, "wk_nobody", proxies[sdk].url, 3) for sdk in final]
    for client in clients:
        client.finish()
        found = proxies[client.sdk].statuses
        assert found, client.sdk
        assert set(found) == {401}, client.sdk
        assert len(found) <= 3, client.sdk
        proxies[client.sdk].close()


def test_the_server_is_killed_between_taking_and_answering(house: House) -> None:
    """Kill -9 of the log process after it has taken a batch: the SDK sends it again, and again
    until the server is back, and each event is there once."""
    sdk = "segment-analytics-python"
    house.publish({"wk_killed": "killed"})
    proxy = Proxy(house.port, ["lost"])
    old = house.server.child("log")
    proxy.on_lost = lambda: os.kill(old, signal.SIGKILL)
    client = Client.start(sdk, "wk_killed", proxy.url, COUNT)
    said = client.finish(300)
    assert proxy.met == ["lost"]
    server = house.server
    wait_for(lambda: server.is_back("log", old), 180, "the log process is back")
    assert sent(house, "killed") == [*range(COUNT)], said
    proxy.close()
