"""A workspace's file while it stands still, and the proof that it did.

The engine never changes a block that its file's head leads to: it writes beside it, and then a
new head. So as long as the head is the same, all that it leads to is the log of one moment, to be
copied as it lies, whatever is appended meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

HEAD_BYTES = 3 * 4096
"""The engine's own head and the two that it writes in turn."""


@dataclass(frozen=True, slots=True)
class Still:
    """A file that holds all that the log had when it was asked to stand still.

    Args:
        path: of the file; it has its name for as long as the block lasts.
        size: in bytes; what is behind it came later.
        form: the version of the log's form.
    """

    path: Path
    size: int
    form: int

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """The file from its first byte, for reading `size` bytes.

        Raises:
            Problem: ``log.moved``: what was read is not of one moment.
        """
        with self.path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            file.seek(0)
            yield file
            file.seek(0)
            if file.read(HEAD_BYTES) != head:
                raise Problem(
                    "log.moved",
                    _("The log's file {file} was changed while it was copied.", file=self.path),
                    _("Try again; nothing was kept of this copy."),
                )
