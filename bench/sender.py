"""A lean sender of events: prebuilt requests over kept connections, closed loop.

``python -m bench.sender PORT KEY SECONDS CONNECTIONS EVENTS_A_REQUEST [MARK]`` prints one line of
JSON: what was acknowledged, how fast, and how long answers took. It shares the machine with the
server, so it does as little as it can: no JSON is made, no answer is parsed but its status.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
import time

import uvloop

DIGITS = 12


def main() -> int:
    """Send, and say what came of it."""
    port, key, seconds, connections, size = sys.argv[1:6]
    mark = sys.argv[6] if len(sys.argv) > 6 else "b"
    sender = Sender(int(port), key, float(seconds), int(size), mark)
    uvloop.run(sender.run(int(connections)))
    print(json.dumps(sender.result()))
    return 0


class Sender:
    """Sends until the time is up."""

    def __init__(self, port: int, key: str, seconds: float, size: int, mark: str) -> None:
        self.port = port
        self.size = size
        self.seconds = seconds
        self.mark = mark.encode()
        self.head, self.parts = request(key, size, mark)
        self.number = 0
        self.took: list[float] = []
        self.refused: dict[int, int] = {}
        self.wall = 0.0

    async def run(self, connections: int) -> None:
        """All connections at once."""
        began = time.perf_counter()
        self.until = began + self.seconds
        await asyncio.gather(*(self._one() for _ in range(connections)))
        self.wall = time.perf_counter() - began

    async def _one(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            while time.perf_counter() < self.until:
                body = self.next_body()
                began = time.perf_counter()
                writer.write(self.head)
                writer.write(body)
                status = await answer_of(reader)
                if status == 200:
                    self.took.append(time.perf_counter() - began)
                else:
                    self.refused[status] = self.refused.get(status, 0) + 1
                    await asyncio.sleep(0.1)
        finally:
            writer.close()

    def next_body(self) -> bytes:
        """The prebuilt body with numbers that were never sent before."""
        number = self.number
        self.number += self.size
        numbers = [b"%0*d" % (DIGITS, n) for n in range(number, number + self.size)]
        return b"".join([x for pair in zip(self.parts, numbers, strict=False) for x in pair]
                        + [self.parts[-1]])  # fmt: skip

    def result(self) -> dict[str, object]:
        """As JSON."""
        took = sorted(self.took)
        return {
            "events": len(took) * self.size,
            "seconds": round(self.wall, 2),
            "events_per_second": round(len(took) * self.size / self.wall),
            "p50_ms": milliseconds(took, 0.5),
            "p99_ms": milliseconds(took, 0.99),
            "refused": self.refused,
        }


def milliseconds(took: list[float], share: float) -> float | None:
    """So large a share of rising times took no longer."""
    return round(took[min(int(len(took) * share), len(took) - 1)] * 1000, 1) if took else None


async def answer_of(reader: asyncio.StreamReader) -> int:
    """The status of one answer, its body read."""
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    at = head.lower().index(b"content-length:")
    await reader.readexactly(int(head[at + 15 : head.index(b"\r\n", at)]))
    return status


def request(key: str, size: int, mark: str) -> tuple[bytes, list[bytes]]:
    """The head, and the body in parts with a place for a number between each two."""
    token = base64.b64encode(f"{key}:".encode()).decode()
    parts: list[bytes] = []
    text = b'{"batch":['
    for place in range(size):
        text += b"," if place else b""
        text += b'{"type":"track","messageId":"%s-' % mark.encode()
        parts.append(text)
        text = (
            b'","event":"%s","userId":"c%d","timestamp":"2026-11-25T12:00:%02d.123Z",'
            b'"context":{"library":{"name":"bench","version":"1"},"locale":"en-GB"},'
            b'"properties":{"order_id":"o%d","total":%d.5,"currency":"EUR","coupon":null,'
            b'"products":[{"sku":"s%d","quantity":1}],"path":"/checkout/%d"}}'
            % (NAMES[place % len(NAMES)], place * 7919 % 5000, place % 60, place, place, place,
               place % 9)
        )  # fmt: skip
    parts.append(text + b'],"sentAt":null}')
    length = sum(map(len, parts)) + size * DIGITS
    head = (
        f"POST /v1/batch HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    ).encode()
    return head, parts


NAMES = (b"Product Viewed", b"Cart Viewed", b"Order Completed", b"Checkout Started", b"Page Viewed")

if __name__ == "__main__":
    sys.exit(main())
