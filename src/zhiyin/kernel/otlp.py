"""Spans by OpenTelemetry. `kernel.tracing` alone imports this, where a collector is named.

Spans wait in a bounded queue, which a thread of its own sends from: where the collector is away,
the queue is full and spans are dropped, and nobody waits.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import context, trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from zhiyin import __version__
from zhiyin.kernel import server_log
from zhiyin.kernel.tracing import HEADER, Facts

END_SECONDS = 1.0
"""What a process that ends gives to the spans that wait."""

_names = TraceContextTextMapPropagator()


class Otlp:
    """Makes spans and sends them.

    Args:
        process: which of ours it is.
    """

    def __init__(self, process: str) -> None:
        # No provider of the whole program: a library that has spans of its own would send them,
        # and with them what is not ours to send.
        self._provider = TracerProvider(resource=_resource(process), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("zhiyin", __version__)

    @contextmanager
    def span(self, name: str, facts: Facts, came_with: str, *, serves: bool) -> Iterator[OtlpSpan]:
        """A span below the present one, or below the one that a request came with."""
        with self._tracer.start_as_current_span(
            name,
            context=_of(came_with) if came_with else None,
            kind=SpanKind.SERVER if serves else SpanKind.INTERNAL,
            attributes=facts,
            # What an error says may quote a customer.
            record_exception=False,
            set_status_on_exception=False,
        ) as made:
            found = OtlpSpan(made)
            try:
                yield found
            except Exception as error:
                found.fail(server_log.kind(error))
                raise

    @contextmanager
    def below(self, came_with: str) -> Iterator[None]:
        """Spans of the block stand below the one that a request came with."""
        token = context.attach(_of(came_with))
        try:
            yield
        finally:
            context.detach(token)

    def present(self) -> str:
        """The name of the present span; blank where there is none."""
        carried: dict[str, str] = {}
        _names.inject(carried)
        return carried.get(HEADER, "")

    def end(self) -> None:
        """Send what waits, for a moment: a collector that is away keeps no process from ending."""
        sending = threading.Thread(target=self._provider.shutdown, name="spans", daemon=True)
        sending.start()
        sending.join(END_SECONDS)


class OtlpSpan:
    """What goes on now."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span

    def rename(self, name: str) -> None:
        """What it is, where that was not known at first."""
        self._span.update_name(name)

    def note(self, facts: Facts) -> None:
        """More about it."""
        self._span.set_attributes(facts)

    def fail(self, kind: str) -> None:
        """It did not do what it was for."""
        self._span.set_status(Status(StatusCode.ERROR))
        self._span.set_attribute("error.type", kind)


def _of(came_with: str) -> Context:
    """The span that a header names. What else a caller says of his trace is not taken along."""
    return _names.extract({HEADER: came_with}, Context())


def _resource(process: str) -> Resource:
    ours: dict[str, str | int] = {
        SERVICE_VERSION: __version__,
        "zhiyin.process": process,
        "process.pid": os.getpid(),
    }
    said = os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    if not os.environ.get("OTEL_SERVICE_NAME") and "service.name=" not in said:
        ours[SERVICE_NAME] = "zhiyin"
    return Resource.create(ours)
