"""A collector of traces: takes OTLP over HTTP as a real one does, and keeps what it was told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue


@dataclass(frozen=True)
class Told:
    """One span: whose it is, where it stands, and what it says."""

    name: str
    process: str
    trace: str
    id: str
    parent: str
    facts: dict[str, Any]


class Collector:
    """What has come in so far."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.paths: set[str] = set()

    def spans(self) -> list[Told]:
        return [one for body in list(self.bodies) for one in _spans(body)]

    def of_trace(self, trace: str) -> dict[str, Told]:
        """The spans of one trace, by their ids."""
        return {one.id: one for one in self.spans() if one.trace == trace}


@contextmanager
def collecting() -> Iterator[tuple[str, Collector]]:
    """A collector, and the address at which it listens."""
    collector = Collector()

    class Takes(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            collector.paths.add(self.path)
            collector.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_said: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Takes) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", collector
        finally:
            server.shutdown()
            thread.join()


def _spans(body: bytes) -> Iterator[Told]:
    said = ExportTraceServiceRequest.FromString(body)
    for process in said.resource_spans:
        about = _facts(process.resource.attributes)
        for scope in process.scope_spans:
            for span in scope.spans:
                assert not span.events, "an event may hold the words of an error"
                assert not span.status.message, span.name
                yield Told(
                    span.name, about["zhiyin.process"], span.trace_id.hex(), span.span_id.hex(),
                    span.parent_span_id.hex(), {**about, **_facts(span.attributes)},
                )  # fmt: skip


def _facts(given: Any) -> dict[str, Any]:
    def value(one: KeyValue) -> Any:
        kind = one.value.WhichOneof("value")
        return None if kind is None else getattr(one.value, kind)

    return {one.key: value(one) for one in given}
