"""Forms with files: put on disk as they come, then taken apart there.

So many senders at once cost disk, not memory; and no part of a form is larger than may be.
"""

from __future__ import annotations

import mmap
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from typing import IO

from zhiyin.collect.surveys.answer_files import MOST_BYTES as MOST_OF_FILE
from zhiyin.edge.asgi import Receive
from zhiyin.edge.bodies import Left, drop
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

MOST_FILES = 5
MOST_BYTES = MOST_FILES * MOST_OF_FILE + 256 * 1024
MOST_PARTS = 2_000
MOST_OF_FIELD = 64 * 1024
MOST_HEAD = 4_096

_BOUNDARY = re.compile(rb"[0-9A-Za-z'()+_,\-./:=? ]{1,70}")


@dataclass(slots=True)
class Sent:
    """A form.

    Args:
        fields: as `asked.read_form` gives them.
        files: by field what was chosen; None: it is larger than may be.
    """

    fields: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, bytes | None] = field(default_factory=dict)


def boundary_of(content_type: bytes) -> bytes | None:
    """What stands between the parts; None: it is no such form."""
    message = Message()
    message["content-type"] = content_type.decode("latin-1")
    if message.get_content_type() != "multipart/form-data":
        return None
    found = str(message.get_param("boundary") or "").encode("latin-1", "replace")
    return found if _BOUNDARY.fullmatch(found) else None


async def spooled(receive: Receive, file: IO[bytes]) -> None:
    """Put the body on disk.

    Raises:
        Problem: ``intake.too-large``.
        Left: the sender went away.
    """
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Left
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > MOST_BYTES:
            if message.get("more_body"):
                await drop(receive)
            raise _too_large()
        file.write(part)
        if not message.get("more_body"):
            return


def on_disk() -> IO[bytes]:
    """A file that is gone when it is closed."""
    return tempfile.TemporaryFile()


def read(file: IO[bytes], boundary: bytes) -> Sent:
    """The form in a file; what is no part is left out. It reads the disk, and so runs on a thread.

    Raises:
        Problem: ``intake.too-large``.
    """
    file.flush()
    sent = Sent()
    if not file.tell():
        return sent
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as body:
        for count, (start, end) in enumerate(_parts(body, boundary)):
            if count >= MOST_PARTS or len(sent.files) > MOST_FILES:
                raise _too_large()
            _take(sent, body, start, end)
    return sent


def _parts(body: mmap.mmap, boundary: bytes) -> Iterator[tuple[int, int]]:
    """Where each part begins and ends."""
    mark = b"--" + boundary
    at = body.find(mark)
    while at >= 0:
        start = at + len(mark)
        if body[start : start + 2] != b"\r\n":
            return
        at = body.find(b"\r\n" + mark, start)
        if at < 0:
            return
        yield start + 2, at
        at += 2


def _take(sent: Sent, body: mmap.mmap, start: int, end: int) -> None:
    head_ends = body.find(b"\r\n\r\n", start, min(end, start + MOST_HEAD))
    if head_ends < 0:
        return
    message = Message()
    for line in body[start:head_ends].split(b"\r\n"):
        name, _colon, value = line.partition(b":")
        if name.strip().lower() == b"content-disposition":
            message["content-disposition"] = value.strip().decode("utf-8", "replace")
    said = message.get_param("name", header="content-disposition")
    filename = message.get_param("filename", header="content-disposition")
    if not isinstance(said, str):
        return
    start, size = head_ends + 4, end - head_ends - 4
    if filename is None:
        if size > MOST_OF_FIELD:
            raise _too_large()
        text = body[start:end].decode("utf-8", "replace")
        sent.fields.setdefault(said, []).append(text)
    elif size:
        sent.files[said] = body[start:end] if size <= MOST_OF_FILE else None


def _too_large() -> Problem:
    return Problem(
        "intake.too-large",
        _("That is more than can be sent at once."),
        _("Please choose smaller files."),
    )
