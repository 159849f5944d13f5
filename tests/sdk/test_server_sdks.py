"""The official server SDKs, unmodified, against the real server, through faults of every kind.

Each scenario runs all of them side by side, each with a key and a proxy of its own. What an SDK
still holds must arrive; what it sends again must not count twice.
"""

from __future__ import annotations

import os
import signal

import pytest

from tests.processes.conftest import wait_for
from tests.sdk.clients import BAD, CODE, IN_ONE_BATCH, WITH_A_BAD_ONE, Client
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


GIVES_UP_AT_ONCE = [
    "segment-analytics-python", "posthog", "@segment/analytics-node", "posthog-node",
]  # fmt: skip
"""The old ones try ten times, whatever the server says, as they always did."""


def test_a_wrong_key_ends_in_401_and_not_in_a_storm(house: House) -> None:
    proxies = {sdk: Proxy(house.port) for sdk in GIVES_UP_AT_ONCE}
    clients = [Client.start(sdk, "wk_nobody", proxies[sdk].url, 3) for sdk in GIVES_UP_AT_ONCE]
    for client in clients:
        client.finish()
        found = proxies[client.sdk].statuses
        assert found, client.sdk
        assert set(found) == {401}, client.sdk
        assert len(found) <= 3, client.sdk
        proxies[client.sdk].close()


def test_a_batch_with_a_bad_event_is_answered_400_and_the_good_ones_are_there(
    house: House,
) -> None:
    """The strict header is set on the way, as a company's own gateway can."""
    sdks = [*GIVES_UP_AT_ONCE[:1], *GIVES_UP_AT_ONCE[2:3], "@rudderstack/rudder-sdk-node"]
    keys = {f"wk_bad_{n}": f"bad.{sdk}" for n, sdk in enumerate(sdks)}
    house.publish(keys)
    proxies = {sdk: Proxy(house.port, adds={"X-Strict-Mode": "1"}) for sdk in sdks}
    clients = [
        Client.start(sdk, key, proxies[sdk].url, COUNT, WITH_A_BAD_ONE)
        for sdk, key in zip(sdks, keys, strict=True)
    ]
    for client, source in zip(clients, keys.values(), strict=True):
        said = client.finish()
        assert proxies[client.sdk].statuses.count(400) == 1, (client.sdk, said)
        assert sent(house, source) == [n for n in range(COUNT) if n != BAD], (client.sdk, said)
        proxies[client.sdk].close()


def test_a_batch_over_the_limit_is_answered_413_once(house: House) -> None:
    keys = {f"wk_large_{n}": f"large.{sdk}" for n, sdk in enumerate(IN_ONE_BATCH)}
    house.publish(keys)
    proxies = {sdk: Proxy(house.port) for sdk in IN_ONE_BATCH}
    clients = [
        Client.start(sdk, key, proxies[sdk].url, 40, IN_ONE_BATCH)
        for sdk, key in zip(IN_ONE_BATCH, keys, strict=True)
    ]
    for client, source in zip(clients, keys.values(), strict=True):
        said = client.finish()
        found = proxies[client.sdk].statuses
        assert found.count(413) >= 1, (client.sdk, said)
        assert len(found) <= 40, (client.sdk, found)
        here = sent(house, source)
        assert len(here) == len(set(here)) < 40, (client.sdk, here)
        proxies[client.sdk].close()


PATIENT = ["segment-analytics-python", "analytics-python", "rudder-sdk-python"]
"""They go on trying for longer than a start takes; the others for some seconds."""


def test_the_server_is_killed_between_taking_and_answering(house: House) -> None:
    """Kill -9 of the log process after it has taken a batch, beside all SDKs: they send again,
    and what they send again is there once."""
    keys = {f"wk_killed_{n}": f"killed.{sdk}" for n, sdk in enumerate(CODE)}
    house.publish(keys)
    server = house.server
    old = server.child("log")
    proxies = {sdk: Proxy(house.port, ["lost"]) for sdk in CODE}
    proxies[PATIENT[0]].on_lost = lambda: os.kill(old, signal.SIGKILL)
    clients = [
        Client.start(sdk, key, proxies[sdk].url, COUNT) for sdk, key in zip(CODE, keys, strict=True)
    ]
    said = {client.sdk: client.finish(300) for client in clients}
    wait_for(lambda: server.is_back("log", old), 180, "the log process is back")
    for sdk, source in zip(CODE, keys.values(), strict=True):
        here = sent(house, source)
        assert len(here) == len(set(here)), (sdk, here)
        if sdk in PATIENT:
            assert here == [*range(COUNT)], (sdk, said[sdk])
        proxies[sdk].close()
