"""How far something is, told to whoever wants to know."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int], None]
"""Called with parts done and parts in all. It may raise, and what told it stops there."""


def unseen(_done: int, _of: int) -> None:
    """Progress that nobody watches."""
