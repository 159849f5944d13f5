"""Messages handed over by HTTP: several at once, each over a connection of its own.

Where no connection is had, nothing was sent. Where it breaks after the request nobody knows, unless
whoever takes it counts the same message once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult

from zhiyin.collect.models import Asking
from zhiyin.collect.reaching.handing import Handed, Unreachable
from zhiyin.kernel import outbound
from zhiyin.kernel.outbound import NotReached

AT_ONCE = 4
ANSWER_SECONDS = 30
MOST_BYTES = 100_000


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent.

    Args:
        path: with its query.
    """

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes


class Broken(Exception):  # noqa: N818 - not a fault of ours
    """The request was sent, and no whole answer came. Its text has no address."""


def ask(place: SplitResult, request: Request) -> Answer:
    """Send one request.

    Raises:
        Unreachable: there was no connection.
        Broken: it is not known whether it was taken.
    """
    try:
        reply = outbound.request(
            request.method,
            place._replace(path="", query="").geturl() + request.path,
            headers=request.headers,
            body=request.body,
            most_bytes=MOST_BYTES,
            timeout_seconds=ANSWER_SECONDS,
            is_operators=True,
        )
    except NotReached as error:
        raise (Broken if error.was_sent else Unreachable)(error.code) from error
    return Answer(reply.status, reply.body)


class Poster:
    """A carrier over HTTP.

    Args:
        written: makes the message that she gets next.
        posted: hands one over, and says what became of it.
    """

    def __init__(self, written: Callable[[Asking], Any], posted: Callable[[Any], Handed]) -> None:
        self._written = written
        self._posted = posted
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="messages")

    def write(self, asking: Asking) -> Any:
        """Her message."""
        return self._written(asking)

    def hand(
        self, messages: Sequence[tuple[Asking, Any]], done: Callable[[Asking, Handed], None]
    ) -> None:
        """Hand messages over. After one that nobody takes no other is begun."""
        is_shut = threading.Event()
        said = threading.Lock()

        def work(one: Asking, message: Any) -> None:
            if is_shut.is_set():
                return
            try:
                handed = self._posted(message)
            except Unreachable:
                is_shut.set()
                raise
            with said:
                done(one, handed)

        running = [self._pool.submit(work, one, message) for one, message in messages]
        troubles = [found for one in running if (found := one.exception())]
        for trouble in troubles:
            if not isinstance(trouble, Unreachable):
                raise trouble
        if troubles:
            raise troubles[0]

    def close(self) -> None:
        """End its threads."""
        self._pool.shutdown()
