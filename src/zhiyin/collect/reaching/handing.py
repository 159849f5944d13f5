"""Handing a message over to whoever delivers it: what every way of it promises."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from zhiyin.collect.models import Asking

Outcome = Literal["sent", "later", "refused", "failed", "uncertain"]
"""*later*: it may be taken another time; *refused*: nothing reaches this address; *failed*: this
message is not taken; *uncertain*: it may have been taken."""


@dataclass(frozen=True, slots=True)
class Handed:
    """What became of one message.

    Args:
        trouble: why it was not taken, without any address.
        stops: the address is no good, for any message.
    """

    outcome: Outcome
    trouble: str = ""
    stops: bool = False


class Unreachable(Exception):  # noqa: N818 - not a fault of ours
    """Whoever delivers cannot be reached: nothing was handed over. Its text has no address."""


class Carrier(Protocol):
    """Delivers messages of one channel."""

    def write(self, asking: Asking) -> Any:
        """The message that she gets next, as `hand` takes it."""

    def hand(
        self, messages: Sequence[tuple[Asking, Any]], done: Callable[[Asking, Handed], None]
    ) -> None:
        """Hand over messages, and say of each what became of it.

        Whom nothing was said of was not handed anything.

        Raises:
            Unreachable: nobody takes anything now.
        """

    def close(self) -> None:
        """Let go of what was opened."""
