"""Figures that do not need one another, found side by side.

The engine and the passes over customers let go of the interpreter, so that two of them keep two
processors busy. Works read the log alone: a connection to the relational store is a thread's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

T = TypeVar("T")

AT_ONCE = 2
"""As many heavy questions as the log answers at once."""

_pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="figures")


def begun(work: Callable[[], T]) -> Future[T]:
    """A work that is done beside what its caller goes on with, in the caller's language.

    A work begins no other: it would wait for its own place.
    """
    return _pool.submit(copy_context().run, work)


def found(works: Iterable[Callable[[], T]]) -> list[T]:
    """What each work finds, in their order.

    Raises:
        Problem: the first work's that raises one.
    """
    return [one.result() for one in [begun(work) for work in works]]
