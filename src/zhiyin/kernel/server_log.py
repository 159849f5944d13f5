"""What the processes write on standard error, and for which request.

`zhiyin.…` loggers write sentences of ours, which name workspaces, codes and files. What a library
says and what an error says may quote a customer, so of both only the kind is written: the words
with which a library begins, and the kind of an error with the places in the code that it came
from.
"""

from __future__ import annotations

import itertools
import json
import logging
import os
import re
import secrets
import sys
import threading
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import TextIO

import msgspec

from zhiyin.kernel.errors import Problem

HEADER = "X-Request-Id"

OURS = "zhiyin"
"""Loggers below this one are ours."""

FIELDS = ("method", "route", "status", "seconds")
"""What an access line says in fields of its own."""

_WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
_WORDS = re.compile(r"[A-Za-z ,.;-]*")

_made = itertools.count(1)
# Random once a process: a random id for each request would cost its event loop more.
_prefix = secrets.token_hex(6)
_process = "zhiyin"

_log = logging.getLogger("zhiyin.process")


class About(msgspec.Struct):
    """What a line is about; of one request, which adds to it as it learns more.

    Args:
        request_id: names one request in every process that it passes.
        workspace: one that exists; never what a visitor only typed.
        person: the number of who is signed in.
    """

    request_id: str = ""
    workspace: str = ""
    person: int | None = None


_NOTHING = About()
_about: ContextVar[About] = ContextVar("zhiyin_about", default=_NOTHING)


def about() -> About:
    """What the lines of the moment are about."""
    return _about.get()


def request_id(given: str) -> str:
    """The id that a caller gave, where it has 8 to 64 letters, digits, ``.``, ``_``, ``-``; else
    a new one."""
    if given and _WELL_FORMED.fullmatch(given):
        return given
    return f"{_prefix}-{next(_made):x}"


def begin_request(given: str) -> str:
    """The lines of this task are about this request from now on; returns its id."""
    found = request_id(given)
    _about.set(About(found))
    return found


@contextmanager
def one_request(given: str) -> Iterator[str]:
    """The same for the length of a block, in a thread that serves one request after another."""
    token = _about.set(About(request_id(given)))
    try:
        yield _about.get().request_id
    finally:
        _about.reset(token)


def note_workspace(slug: str) -> None:
    """The request is about this workspace, which exists."""
    now = _about.get()
    if now is not _NOTHING:
        now.workspace = slug


def note_person(number: int) -> None:
    """The request is made by this person."""
    now = _about.get()
    if now is not _NOTHING:
        now.person = number


# How a line is written


class Line(logging.Formatter):
    """A readable line: time, level, process, logger, message, the request where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, and below it where an error came from."""
        said = about().request_id
        line = (
            f"{_time(record)} {record.levelname} {_process} {record.name} {message(record)}"
            f"{f' [{said}]' if said else ''}"
        )
        error = _error(record)
        return f"{line}\n{origin(error)}" if error is not None else line


class Json(logging.Formatter):
    """One JSON document a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The document; `error` and `origin` stand in it where something broke."""
        now = about()
        document: dict[str, object] = {
            "time": _time(record),
            "level": record.levelname,
            "process": _process,
            "logger": record.name,
            "message": message(record),
            "request_id": now.request_id or None,
            "workspace": now.workspace or None,
            "person": now.person,
        }
        if record.name == ACCESS:
            document |= {name: getattr(record, name) for name in FIELDS}
        error = _error(record)
        if error is not None:
            document |= {"error": kind(error), "origin": origin(error)}
        return json.dumps(document, ensure_ascii=False)


ACCESS = "zhiyin.access"
"""The logger of access lines."""

_access = logging.getLogger(ACCESS)


def formatter() -> logging.Formatter:
    """The one that `ZHIYIN_LOG_FORMAT` asks for: ``json``, else the readable line."""
    return Json() if os.environ.get("ZHIYIN_LOG_FORMAT") == "json" else Line()


def access(method: str, route: str, status: int, seconds: float) -> None:
    """Write an access line. The route is a name of ours, never a path: paths hold ids.

    Args:
        status: 0 where the visitor left before there was one.
    """
    _access.info(
        "%s %s %d %.1f ms",
        method,
        route,
        status,
        seconds * 1000,
        extra={"method": method, "route": route, "status": status, "seconds": round(seconds, 6)},
    )


def message(record: logging.LogRecord) -> str:
    """What a record says, as far as no customer can be in it."""
    request = getattr(record, "request", None)
    if request is not None:
        return f"{getattr(record, 'status_code', 0)} {route_of(request)}"
    if record.name == OURS or record.name.startswith(f"{OURS}."):
        return record.getMessage()
    if isinstance(record.msg, BaseException):
        return kind(record.msg)
    first = str(record.msg).strip().partition("\n")[0]
    words = _WORDS.match(first)
    said = words[0].rstrip() if words else ""
    return said if said == first else f"{said} …".lstrip()


def route_of(request: object) -> str:
    """The name of the page that a request of Django's asked for; ``none`` where there is none."""
    match = getattr(request, "resolver_match", None)
    return str(getattr(match, "view_name", "") or "none")


def kind(error: BaseException) -> str:
    """An error's class, with a `Problem`'s code or the system's own words for it."""
    name = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    if isinstance(error, Problem):
        return f"{name} {error.code}"
    if isinstance(error, OSError) and isinstance(error.errno, int):
        return f"{name} {os.strerror(error.errno)}"
    return name


def origin(error: BaseException) -> str:
    """The places in the code that an error came through, and those of the errors behind it."""
    parts: list[str] = []
    seen: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        frames = traceback.format_list(traceback.extract_tb(found.__traceback__))
        parts.append("".join(frames) + kind(found))
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)
    return "\n\nwhich led to:\n\n".join(reversed(parts))


def _error(record: logging.LogRecord) -> BaseException | None:
    return record.exc_info[1] if isinstance(record.exc_info, tuple) else None


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


# The start of a process


def begin(process: str, *, level: int = logging.WARNING) -> None:
    """Write everything that this process says to standard error in the one form.

    Args:
        level: from which on what libraries say is written.
    """
    global _prefix
    name_process(process)
    # A process may be a copy of one that has named its requests.
    _prefix = secrets.token_hex(6)
    logging.basicConfig(stream=sys.stderr, level=level, force=True)
    for handler in logging.getLogger().handlers:
        handler.setFormatter(formatter())
    sys.excepthook = _say_end
    threading.excepthook = _say_end_of_thread
    warnings.showwarning = _say_warning


def name_process(process: str) -> None:
    """Lines say from now on that this process wrote them."""
    global _process
    _process = process


def _say_end(_type: type[BaseException], error: BaseException, _at: TracebackType | None) -> None:
    _log.critical("the process ends", exc_info=error)


def _say_end_of_thread(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_value is not None:
        _log.error("a thread has ended", exc_info=ended.exc_value)


def _say_warning(
    message: Warning | str,  # noqa: ARG001 - it may quote
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,  # noqa: ARG001 - Python's
    line: str | None = None,  # noqa: ARG001 - Python's
) -> None:
    _log.warning("%s at %s:%d", category.__name__, filename, lineno)
