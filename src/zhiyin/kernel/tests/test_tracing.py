"""Traces cost nothing where nobody asked for them, and hold nobody up where nobody takes them."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from zhiyin.kernel import tracing
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.tests.collector import Collector, collecting
from zhiyin.kernel.text import _

PLANTED = "ana.planted@example.com"
CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
NOT_SENT = CALLER[:-1] + "0"


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """A process that sends its spans to a collector."""
    with collecting() as (address, found):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
        tracing.begin("web")
        yield found
        tracing.end()


def test_spans_stand_below_each_other_and_below_what_the_caller_named(
    collector: Collector,
) -> None:
    with tracing.serving("page", {"n": 1}, came_with=CALLER) as page:
        page.rename("GET scores")
        page.note({"http.route": "/<slug:slug>/scores/"})
        named = tracing.present()
        with tracing.inner("keep", {}):
            pass
    with tracing.below(named), tracing.span("query", {}):
        pass
    tracing.end()
    page_, keep, query = sorted(
        collector.spans(), key=lambda one: ["G", "k", "q"].index(one.name[0])
    )
    assert {one.trace for one in (page_, keep, query)} == {CALLER.split("-")[1]}
    assert (page_.name, page_.parent) == ("GET scores", CALLER.split("-")[2])
    assert keep.parent == query.parent == page_.id
    assert page_.facts.items() >= {
        "service.name": "zhiyin", "zhiyin.process": "web", "n": 1,
        "http.route": "/<slug:slug>/scores/",
    }.items()  # fmt: skip
    assert collector.paths == {"/v1/traces"}


def test_an_error_is_named_and_never_quoted(collector: Collector) -> None:
    problem = Problem("filter.unknown", _("There is no column {name}.", name=PLANTED))
    for error in (ValueError(PLANTED), problem):
        with pytest.raises(type(error)), tracing.span("query", {}):
            raise error
    tracing.end()
    kinds = [one.facts["error.type"] for one in collector.spans()]
    assert kinds == ["ValueError", "zhiyin.kernel.errors.Problem filter.unknown"]
    assert not any(PLANTED.encode() in body for body in collector.bodies)


def test_of_a_thousand_requests_one_is_traced_whatever_their_callers_say(
    collector: Collector,
) -> None:
    for _request in range(1000):
        with (
            tracing.now_and_then("POST tracking", {}, came_with=CALLER),
            tracing.inner("keep", {}),
        ):
            pass
    with tracing.inner("keep", {}), tracing.serving("page", {}, came_with=NOT_SENT):
        pass
    tracing.end()
    assert sorted(one.name for one in collector.spans()) == ["POST tracking", "keep"]


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_SDK_DISABLED": "true"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_TRACES_EXPORTER": "none"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1",
         "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
    ],
)  # fmt: skip
def test_where_no_traces_are_asked_for_none_are_made(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    tracing.begin("web")
    assert not tracing.is_on()
    made = tracing.serving("page", {}, came_with=CALLER)
    assert made is tracing.nothing()
    with made as span:
        span.rename("GET scores")
        assert tracing.present() == ""


def test_nothing_of_opentelemetry_is_imported_until_it_is_asked_for() -> None:
    """Would catch an import at the top of a module, which every start would pay for."""
    code = (
        "import sys, zhiyin.processes.log, zhiyin.processes.jobs, zhiyin.web.requests;"
        "from zhiyin.kernel import tracing; tracing.begin('web');"
        "print([name for name in sys.modules if 'opentelemetry' in name])"
    )
    environment = {"DJANGO_SETTINGS_MODULE": "zhiyin.settings", "PYTHONPATH": ":".join(sys.path)}
    code = f"import django; django.setup(); {code}"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_collector_that_is_away_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Would catch spans that are sent by whoever makes them, or kept without end."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "512")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    tracing.begin("log")
    began = time.perf_counter()
    for _request in range(5_000):
        with tracing.span("query", {}):
            pass
    each = (time.perf_counter() - began) / 5_000
    began = time.perf_counter()
    tracing.end()
    assert each < 0.02, "one that is sent takes a second"
    assert time.perf_counter() - began < 20
