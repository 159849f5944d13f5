"""Traces: where the time of a request or of a piece of work went, in every process that it passes.

They are sent over OTLP/HTTP where the variables of OpenTelemetry name a collector. Where they name
none, nothing of OpenTelemetry is imported, and a span costs one comparison.

A span says names of ours, slugs of workspaces, numbers, and kinds of errors. It never says a path,
a query or the words of anybody.
"""

from __future__ import annotations

import atexit
import logging
import os
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Protocol

HEADER = "traceparent"
"""How a span is named to the next process (W3C Trace Context)."""

EVERY_SECONDS = 1.0
"""Of requests that come by the thousand, one is traced this often."""

Facts = Mapping[str, str | int | float | bool]

_log = logging.getLogger("zhiyin.tracing")


class Span(Protocol):
    """What goes on now, and takes some time."""

    def rename(self, name: str) -> None:
        """What it is, where that was not known at first."""

    def note(self, facts: Facts) -> None:
        """More about it."""

    def fail(self, kind: str) -> None:
        """It did not do what it was for; `kind` says why, in a word of ours."""


class Tracer(Protocol):
    """Makes spans and sends them: `kernel.otlp.Otlp`."""

    def span(
        self, name: str, facts: Facts, came_with: str, *, serves: bool
    ) -> AbstractContextManager[Span]:
        """A span below the present one, or below the one that a request came with."""

    def below(self, came_with: str) -> AbstractContextManager[object]:
        """Spans of the block stand below the one that a request came with."""

    def present(self) -> str:
        """The name of the present span; blank where there is none."""

    def end(self) -> None:
        """Send what waits, as far as that takes no time."""


class _Nothing:
    """The span of a process that sends none."""

    def rename(self, name: str) -> None:
        """Nothing."""

    def note(self, facts: Facts) -> None:
        """Nothing."""

    def fail(self, kind: str) -> None:
        """Nothing."""

    def __enter__(self) -> Span:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None


_NOTHING = _Nothing()
_tracer: Tracer | None = None
_begun: dict[str, float] = {}


def begin(process: str) -> None:
    """Send the spans of this process from now on, where a collector is named."""
    global _tracer
    if not _is_asked_for():
        return
    protocol = _set("PROTOCOL")
    if protocol not in ("", "http/protobuf"):
        _log.error("no traces are sent: OTLP is spoken as http/protobuf, and not as %s", protocol)
        return
    from zhiyin.kernel.otlp import Otlp

    _tracer = Otlp(process)
    atexit.register(end)


def end() -> None:
    """Send what waits, and no span from now on."""
    global _tracer
    if _tracer is not None:
        ending, _tracer = _tracer, None
        ending.end()
        _begun.clear()
        atexit.unregister(end)


def nothing() -> AbstractContextManager[Span]:
    """The span of what is not traced."""
    return _NOTHING


def is_on() -> bool:
    """Whether spans are sent."""
    return _tracer is not None


def span(name: str, facts: Facts) -> AbstractContextManager[Span]:
    """A span for the length of a block."""
    return _NOTHING if _tracer is None else _tracer.span(name, facts, "", serves=False)


def serving(name: str, facts: Facts, *, came_with: str = "") -> AbstractContextManager[Span]:
    """The span of a request that is answered.

    Args:
        came_with: its header `HEADER`; blank where it has none.
    """
    return _NOTHING if _tracer is None else _tracer.span(name, facts, came_with, serves=True)


def now_and_then(
    name: str, facts: Facts, *, came_with: str | None = None
) -> AbstractContextManager[Span]:
    """A span at most once in `EVERY_SECONDS` under one name: for what comes by the thousand.

    Args:
        came_with: the header `HEADER` of the request that it serves, None where it serves none.
            Whoever sends it has no say in how often: anybody may send events.
    """
    if _tracer is None:
        return _NOTHING
    at = time.monotonic()
    if at - _begun.get(name, -EVERY_SECONDS) < EVERY_SECONDS:
        return _NOTHING
    _begun[name] = at
    return _tracer.span(name, facts, came_with or "", serves=came_with is not None)


def inner(name: str, facts: Facts) -> AbstractContextManager[Span]:
    """A span, where the present one is sent: no trace begins with it."""
    if _tracer is None or not _tracer.present():
        return _NOTHING
    return _tracer.span(name, facts, "", serves=False)


def below(came_with: str) -> AbstractContextManager[object]:
    """Spans of the block stand below the one that a request came with."""
    return _NOTHING if _tracer is None or not came_with else _tracer.below(came_with)


def present() -> str:
    """The header `HEADER` for the next process; blank where there is nothing to say."""
    return "" if _tracer is None else _tracer.present()


def _is_asked_for() -> bool:
    is_off = (
        os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
        or os.environ.get("OTEL_TRACES_EXPORTER", "otlp").strip() == "none"
    )
    return not is_off and bool(_set("ENDPOINT"))


def _set(name: str) -> str:
    """A variable of the exporter: that of traces goes before that of everything."""
    said = os.environ.get(f"OTEL_EXPORTER_OTLP_TRACES_{name}")
    return (said or os.environ.get(f"OTEL_EXPORTER_OTLP_{name}", "")).strip()
