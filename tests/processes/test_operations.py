"""Figures and lines of a real server: they say what happened, and nothing about anybody."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.processes.conftest import READY_SECONDS, SOON_SECONDS, Server, wait_for
from tests.processes.installation import Installation, Made
from tests.processes.sending import backlog, batch, post, write_key
from tests.processes.visiting import Visitor
from zhiyin.kernel.tests.collector import Collector, Told, collecting
from zhiyin.kernel.tests.scraped import Scraped

DOCS = Path(__file__).resolve().parents[2] / "docs" / "operations.md"
PLANTED = "planted-13800138000"
FIELDS = {"time", "level", "process", "logger", "message", "request_id", "workspace", "person"}


@pytest.fixture(scope="module")
def collector(made: Made) -> Iterator[Collector]:
    """Takes the traces of the installation; its processes are told of it as an operator would."""
    with collecting() as (address, found), pytest.MonkeyPatch.context() as environment:
        environment.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
        environment.setenv("OTEL_SERVICE_NAME", "cx")
        environment.setenv("OTEL_BSP_SCHEDULE_DELAY", "200")
        yield found


@pytest.fixture(scope="module")
def watched(
    made: Made, collector: Collector, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """An installation that writes a JSON line for whatever it does, and sends traces."""
    found = Installation(tmp_path_factory.mktemp("watched") / "data", made)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("ZHIYIN_LOG_FORMAT", "json")
        environment.setenv("ZHIYIN_ACCESS_LOG", "all")
        found.open()
    yield found
    found.close()


def scraped(server: Server) -> Scraped:
    status, headers, body = server.get("/metrics")
    assert (status, headers["content-type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    return Scraped(body.decode())


def lines(installation: Installation) -> list[dict[str, Any]]:
    written = installation.data.with_name("data.stderr").read_text("utf-8")
    # The last one may be half written.
    return [json.loads(line) for line in written.rpartition("\n")[0].splitlines()]


def line_of(installation: Installation, request: str) -> dict[str, Any]:
    """The one line of a request, which is written after its answer has left."""

    def found() -> list[dict[str, Any]]:
        return [one for one in lines(installation) if one["request_id"] == request]

    wait_for(lambda: bool(found()), SOON_SECONDS, "its line")
    (line,) = found()
    return line


def test_what_was_sent_is_what_was_counted(watched: Installation) -> None:
    server = watched.running()
    key = write_key(watched.data, source="metered")
    ids = [f"metered-{n}" for n in range(5)]
    wait_for(lambda: post(server, key, batch(ids)) == 200, SOON_SECONDS, "the key is known")
    wait_for(lambda: backlog(server) == 0, SOON_SECONDS, "loaded")
    before = scraped(server)

    fresh = batch(f"fresh-{n}" for n in range(7))
    nobody = json.dumps({"batch": [{"type": "track", "event": "E", "messageId": "nobody"}]})
    assert post(server, key, fresh) == 200
    assert post(server, key, batch(ids)) == 200
    assert post(server, key, nobody.encode()) == 200
    assert post(server, key, b"{broken") == 400
    assert post(server, "wk_none", fresh) == 401
    assert server.get("/sign-in/")[0] == 200
    assert server.get("/nothing/at/all/here/")[0] == 404
    wait_for(lambda: backlog(server) == 0, SOON_SECONDS, "loaded")
    after = scraped(server)

    def more(name: str, **labels: str) -> float:
        return after.get(name, **labels) - before.get(name, **labels)

    source = {"workspace": "main", "source": "metered"}
    assert more("zhiyin_events_taken_total", **source) == more("zhiyin_events_taken_total") == 12
    sizes = len(fresh) + len(batch(ids)) + len(nobody)
    assert more("zhiyin_events_taken_bytes_total", **source) == sizes
    assert more("zhiyin_events_refused_total", reason="event.no-customer") == 1
    assert more("zhiyin_intake_requests_refused_total", reason="intake.not-json") == 1
    assert more("zhiyin_intake_requests_refused_total", reason="intake.no-key") == 1
    assert more("zhiyin_facts_duplicate_total", workspace="main") == 5
    assert more("zhiyin_http_requests_total", route="tracking", status="200") == 3
    assert more("zhiyin_http_request_duration_seconds_count", route="tracking") == 5
    assert more("zhiyin_page_requests_total", view="sign-in", method="GET", status="200") == 1
    assert more("zhiyin_page_requests_total", view="none", method="GET", status="404") == 1
    assert more("zhiyin_journal_sync_duration_seconds_count") >= 1
    assert more("zhiyin_load_duration_seconds_count") >= 1
    assert after.get("zhiyin_backlog_rows") == after.get("zhiyin_intake_trouble") == 0
    on_disk = sum(file.stat().st_size for file in (watched.data / "log").glob("main.*"))
    assert after.get("zhiyin_log_file_bytes", workspace="main") == pytest.approx(on_disk, rel=0.5)
    assert after.get("zhiyin_jobs", kind="keep-house", state="failed") == 0
    for process in ("log", "web", "jobs"):
        assert after.get("zhiyin_process_up", process=process) == 1
        memory = after.get("process_resident_memory_bytes", process=process)
        assert memory == pytest.approx(_resident(server.child(process)), rel=0.2)
        assert after.get("process_cpu_seconds_total", process=process) > 0
    names = set(re.findall(r"^\| `(\w+)` \| (?:counter|gauge|hist)", DOCS.read_text("utf-8"), re.M))
    assert set(after.kinds) == names


def _resident(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.findall(r"^VmRSS:\s+(\d+) kB", status, re.M)[0]) * 1024


def test_no_line_and_no_figure_says_what_was_sent(watched: Installation) -> None:
    """Would catch an access line with its path, or an error with its words."""
    server = watched.running()
    key = write_key(watched.data, source="crm")
    wait_for(lambda: post(server, key, batch(["known"])) == 200, SOON_SECONDS, "the key is known")
    asked = {
        f"/main/customers/{PLANTED}/": 302,
        f"/{PLANTED}/scores/?where={PLANTED}": 302,
        f"/{PLANTED}/not/a/page/": 404,
        f"/{PLANTED}/stream/events?pass={PLANTED}": 403,
        f"/v1/projects/{PLANTED}/settings": 401,
        f"/static/{PLANTED}.js": 404,
    }
    for path, status in asked.items():
        answer = server.get(path, **{"X-Request-Id": f"{PLANTED}@example.com", "Cookie": PLANTED})
        assert answer[0] == status, path
    assert server.get("/", Host=f"{PLANTED}.example")[0] == 400
    form = f"username={PLANTED}&password={PLANTED}".encode()
    assert post(server, key, form, "/sign-in/") == 403
    assert post(server, key, batch([PLANTED], userId=PLANTED, event=PLANTED)) == 200
    assert post(server, key, batch([PLANTED], userId=None, anonymousId=None)) == 200
    assert post(server, key, f'{{"batch": [{PLANTED}'.encode()) == 400
    assert post(server, PLANTED, batch([PLANTED])) == 401
    assert post(server, key, b"{}", f"/v1/webhooks/{PLANTED}") == 401
    assert post(server, key, b"{}", f"/v1/events?{PLANTED}={PLANTED}") in (200, 400)
    wait_for(lambda: backlog(server) == 0, SOON_SECONDS, "loaded")
    written = watched.data.with_name("data.stderr").read_text("utf-8")
    assert PLANTED not in written
    assert PLANTED not in server.get("/metrics")[2].decode()
    asked_for = {("web", "customer", 302), ("web", "none", 400), ("web", "sign-in", 403),
                 ("log", "stream", 403), ("log", "webhook", 401)}  # fmt: skip

    def said() -> set[tuple[str, str | None, int | None]]:
        found = lines(watched)
        assert all(set(line) >= FIELDS for line in found)
        return {(line["process"], line.get("route"), line.get("status")) for line in found}

    wait_for(lambda: said() >= asked_for, SOON_SECONDS, "the line of each request")


def test_one_id_leads_from_the_answer_to_the_lines(watched: Installation) -> None:
    server = watched.running()
    mine = f"quoted-{uuid.uuid4()}"
    page = server.get("/sign-in/", **{"X-Request-Id": mine})
    own = server.get("/healthz")
    assert page[1]["x-request-id"] == mine
    line = line_of(watched, mine)
    assert (line["process"], line["logger"], line["route"]) == ("web", "zhiyin.access", "sign-in")
    line = line_of(watched, own[1]["x-request-id"])
    assert (line["process"], line["route"], line["status"]) == ("log", "healthz", 200)


def under(spans: dict[str, Told], one: Told) -> list[tuple[str, str]]:
    """Processes and names from a span up to the first of its trace that is ours."""
    found = [(one.process, one.name)]
    while one.parent in spans:
        one = spans[one.parent]
        found.append((one.process, one.name))
    return found


def test_one_page_is_one_trace_through_the_processes(
    watched: Installation, collector: Collector
) -> None:
    """Would catch a log process that begins a trace of its own, and a path that is sent along."""
    server = watched.running()
    ana = Visitor(server, watched.password)
    trace, caller = uuid.uuid4().hex, "00f067aa0ba902b7"
    mine = f"quoted-{uuid.uuid4()}"
    said = {
        "Cookie": ana.cookie, "X-Request-Id": mine, "traceparent": f"00-{trace}-{caller}-01",
        "tracestate": f"other={PLANTED}", "baggage": f"name={PLANTED}", "User-Agent": PLANTED,
    }  # fmt: skip
    where = quote(f"customer = '{PLANTED}'")
    assert server.get(f"/main/events/?where={where}&name={PLANTED}", **said)[0] == 200
    assert server.get(f"/main/customers/{PLANTED}/", **said)[0] == 302

    def ways() -> set[tuple[tuple[str, str], ...]]:
        spans = collector.of_trace(trace)
        return {tuple(under(spans, one)) for one in spans.values()}

    pages = {("web", "GET events"), ("web", "GET customer")}
    expected = {(("log", "query"), ("web", "GET events")), *((page,) for page in pages)}
    wait_for(lambda: ways() >= expected, SOON_SECONDS, f"{expected}")
    assert {way[-1] for way in ways()} == pages
    spans = collector.of_trace(trace)
    page = next(one for one in spans.values() if one.name == "GET events")
    assert page.parent == caller
    assert page.facts.items() >= {
        "service.name": "cx", "zhiyin.workspace": "main", "zhiyin.request_id": mine,
        "http.route": "/<slug:slug>/events/", "http.response.status_code": 200,
    }.items()  # fmt: skip
    query = next(one for one in spans.values() if one.name == "query")
    assert query.facts["zhiyin.tables"]


def test_background_work_and_intake_are_traced_too(
    watched: Installation, collector: Collector
) -> None:
    server = watched.running()
    key = write_key(watched.data, source="traced")
    wait_for(lambda: post(server, key, batch(["known"])) == 200, SOON_SECONDS, "the key is known")
    assert post(server, key, batch([PLANTED], userId=PLANTED, event=PLANTED)) == 200
    assert post(server, key, b"{}", f"/v1/webhooks/{PLANTED}") == 401
    Visitor(server, watched.password).send("/me/", "/main/customers/suggestions/compare/")

    def ways() -> set[tuple[tuple[str, str], ...]]:
        spans = {one.id: one for one in collector.spans()}
        return {tuple(under(spans, one)) for one in spans.values()}

    expected = {
        (("log", "keep"), ("log", "POST tracking")),
        (("log", "POST webhook"),),
        (("log", "intake group"),),
        (("jobs", "work suggest-merges"),),
        (("log", "query"), ("jobs", "work suggest-merges")),
    }
    wait_for(lambda: ways() >= expected, SOON_SECONDS, f"{expected}")
    assert not any(PLANTED.encode() in body for body in collector.bodies)


def test_an_internal_page_is_not_for_visitors(watched: Installation) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", watched.port, timeout=30)
    try:
        connection.request("GET", "//metrics", headers={"X-Zhiyin-Inside": "1"})
        answer = connection.getresponse()
        # Where a workspace could have its pages: a visitor is sent on, and finds nothing there.
        assert (answer.status, b"zhiyin_page" in answer.read()) == (301, False)
        connection.request("GET", "/metrics/", headers={"X-Zhiyin-Inside": "1"})
        answer = connection.getresponse()
        assert (answer.status, b"zhiyin_page" in answer.read()) == (302, False)
        assert answer.headers["location"].startswith("/sign-in/")
    finally:
        connection.close()


def test_the_supervisor_writes_its_lines_in_the_same_form(watched: Installation) -> None:
    server = watched.running()
    jobs = server.child("jobs")
    os.kill(jobs, signal.SIGKILL)
    wait_for(lambda: server.is_back("jobs", jobs), READY_SECONDS, "another jobs process")
    (line,) = (one for one in lines(watched) if one["process"] == "serve")
    assert (line["level"], line["logger"]) == ("WARNING", "zhiyin.serve")
    assert "jobs process ended (SIGKILL)" in line["message"]
