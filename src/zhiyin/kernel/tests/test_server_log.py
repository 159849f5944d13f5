"""Lines of the processes: they say where and what kind, and never what a customer said."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from zhiyin.kernel import server_log
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

PLANTED = "ana.planted@example.com"


class Lines:
    """What a logger writes in one form."""

    def __init__(self, form: logging.Formatter) -> None:
        self._written = io.StringIO()
        self._handler = logging.StreamHandler(self._written)
        self._handler.setFormatter(form)

    def logger(self, name: str) -> logging.Logger:
        found = logging.getLogger(name)
        found.handlers, found.propagate = [self._handler], False
        found.setLevel(logging.DEBUG)
        return found

    @property
    def text(self) -> str:
        return self._written.getvalue()

    @property
    def documents(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


NAMES = ("zhiyin.tests", "other.tests", "zhiyin.access")


@pytest.fixture(params=[server_log.Json, server_log.Line])
def lines(request: pytest.FixtureRequest) -> Iterator[Lines]:
    yield from _lines(request.param())


@pytest.fixture
def json_lines() -> Iterator[Lines]:
    yield from _lines(server_log.Json())


def _lines(form: logging.Formatter) -> Iterator[Lines]:
    loggers = [logging.getLogger(name) for name in NAMES]
    before = [(one.handlers, one.propagate, one.level) for one in loggers]
    yield Lines(form)
    for one, (handlers, propagates, level) in zip(loggers, before, strict=True):
        one.handlers, one.propagate = handlers, propagates
        one.setLevel(level)


def test_a_document_says_who_wrote_it_and_for_which_request(json_lines: Lines) -> None:
    log = json_lines.logger("zhiyin.tests")
    with server_log.one_request("from-a-caller") as given:
        server_log.note_workspace("main")
        server_log.note_person(7)
        log.warning("%d of %s", 3, "main")
    log.info("outside")
    inside, outside = json_lines.documents
    assert given == "from-a-caller"
    assert inside.pop("time") <= outside.pop("time")
    assert inside == {
        "level": "WARNING", "process": "zhiyin", "logger": "zhiyin.tests", "message": "3 of main",
        "request_id": "from-a-caller", "workspace": "main", "person": 7,
    }  # fmt: skip
    assert (outside["request_id"], outside["workspace"], outside["person"]) == (None, None, None)


def test_an_access_line_has_its_parts_in_fields(json_lines: Lines) -> None:
    json_lines.logger("zhiyin.access")
    server_log.access("GET", "scores", 200, 0.0123)
    (found,) = json_lines.documents
    assert found["message"] == "GET scores 200 12.3 ms"
    said = (found["method"], found["route"], found["status"], found["seconds"])
    assert said == ("GET", "scores", 200, 0.0123)


def test_an_error_says_its_kind_and_place_and_not_its_words(lines: Lines) -> None:
    """The words of an error are often the value that it did not like."""
    log = lines.logger("zhiyin.tests")
    try:
        try:
            int(PLANTED)
        except ValueError as error:
            raise KeyError(PLANTED) from error
    except KeyError:
        log.exception("a row of %s", "main")
    assert PLANTED not in lines.text
    assert "ValueError" in lines.text
    assert "KeyError" in lines.text
    assert "test_server_log.py" in lines.text


def test_what_the_system_calls_an_error_is_said() -> None:
    assert server_log.kind(OSError(28, PLANTED)) == "OSError No space left on device"
    problem = Problem("log.busy", _("{who} waits.", who=PLANTED))
    assert server_log.kind(problem) == "zhiyin.kernel.errors.Problem log.busy"
    assert server_log.kind(OSError(PLANTED)) == "OSError"


@pytest.mark.parametrize(
    ("said", "arguments", "expected"),
    [
        ("Invalid HTTP request received.", (), "Invalid HTTP request received."),
        (f"Exception while serving /main/customers/{PLANTED}/", (), "Exception while serving …"),
        ("Exception when servicing %r", (PLANTED,), "Exception when servicing …"),
        (f"Task exception was never retrieved\nfuture: {PLANTED}", (),
         "Task exception was never retrieved"),
        (f"'{PLANTED}' is not a word", (), "…"),
    ],
)  # fmt: skip
def test_of_a_library_the_first_words_are_kept(
    lines: Lines, said: str, arguments: tuple[object, ...], expected: str
) -> None:
    lines.logger("other.tests").error(said, *arguments)
    assert PLANTED not in lines.text
    assert expected in lines.text


def test_a_library_may_say_an_error_alone(lines: Lines) -> None:
    lines.logger("other.tests").error(ValueError(PLANTED))
    assert PLANTED not in lines.text
    assert "ValueError" in lines.text


def test_errors_that_lead_to_each_other_end(lines: Lines) -> None:
    one, other = ValueError(), KeyError()
    one.__cause__, other.__cause__ = other, one
    lines.logger("zhiyin.tests").error("a circle", exc_info=one)
    assert lines.text.count("ValueError") in (1, 2)


@pytest.mark.parametrize(
    "given",
    ["", "short", "x" * 65, "with space", "line\nbreak-line", "ana@example.com", "-begins-so",
     "日志日志日志日志", "quote\"quote"],
)  # fmt: skip
def test_an_id_that_is_not_well_formed_is_replaced(given: str) -> None:
    made = server_log.request_id(given)
    assert made != given
    assert server_log.request_id(made) == made, "what we make is well-formed"


def test_no_two_ids_are_the_same() -> None:
    assert len({server_log.request_id("") for _count in range(1000)}) == 1000
    assert server_log.request_id("4bf92f35-77b3.4da6_a3ce") == "4bf92f35-77b3.4da6_a3ce"


def test_a_warning_says_its_kind_and_place(
    json_lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = json_lines.logger("zhiyin.tests")
    monkeypatch.setattr(server_log, "_log", log)
    server_log._say_warning(UserWarning(PLANTED), UserWarning, "some.py", 7)
    (found,) = json_lines.documents
    assert found["message"] == "UserWarning at some.py:7"


def test_the_last_error_of_a_process_is_a_line_too(
    json_lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_log, "_log", json_lines.logger("zhiyin.tests"))
    try:
        raise ValueError(PLANTED)
    except ValueError as error:
        server_log._say_end(type(error), error, sys.exc_info()[2])
    (found,) = json_lines.documents
    assert (found["level"], found["error"]) == ("CRITICAL", "ValueError")
    assert PLANTED not in json_lines.text
