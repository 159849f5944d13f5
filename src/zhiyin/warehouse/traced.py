"""One trace over the socket of the log: the caller's span is named in a header of Arrow Flight."""

from __future__ import annotations

from typing import Any

import pyarrow.flight as flight

from zhiyin.kernel import tracing

_NAME = "trace"


class _Named(flight.ClientMiddleware):
    """One call of a client."""

    def sending_headers(self) -> dict[str, list[str] | list[bytes]]:
        """The present span."""
        return {tracing.HEADER: [tracing.present()]}


class _Names(flight.ClientMiddlewareFactory):
    """Names the span to the server, where there is one."""

    def start_call(self, _call: object) -> _Named | None:
        """For each call."""
        return _Named() if tracing.present() else None


class _Came(flight.ServerMiddleware):
    """One call at the server."""

    def __init__(self, with_span: str) -> None:
        super().__init__()
        self.with_span = with_span


class _Comes(flight.ServerMiddlewareFactory):
    """Remembers which span the client named."""

    def start_call(
        self, _call: object, headers: dict[str, list[str] | list[bytes]]
    ) -> _Came | None:
        """For each call."""
        named = headers.get(tracing.HEADER)
        return _Came(str(named[0])) if named else None


def of_client() -> dict[str, Any]:
    """What a client is made with."""
    return {"middleware": [_Names()]} if tracing.is_on() else {}


def of_server() -> dict[str, Any]:
    """What a server is made with."""
    return {"middleware": {_NAME: _Comes()}} if tracing.is_on() else {}


def came_with(call: flight.ServerCallContext) -> str:
    """The span that the caller named; blank where it named none."""
    found = call.get_middleware(_NAME) if tracing.is_on() else None
    return found.with_span if isinstance(found, _Came) else ""
