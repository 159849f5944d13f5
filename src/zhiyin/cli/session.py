"""What every command is given: the data folder, the workspace, the log and a way to answer."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zhiyin.kernel.documents import as_json

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings
    from zhiyin.warehouse.log import Log


_PACKAGE = Path(__file__).resolve().parents[1]


class Session:
    """One run of the command line.

    Attributes:
        is_json: whether the answer is one JSON document.
        workspace_slug: what ``--workspace`` said, or None.
    """

    def __init__(self) -> None:
        self.is_json = False
        self.workspace_slug: str | None = None
        self._data: Path | None = None
        self._has_log = False

    @cached_property
    def data(self) -> Path:
        """The data folder, absolute: ``--data``, else ``ZHIYIN_DATA``, else ``./data``."""
        chosen = self._data or Path(os.environ.get("ZHIYIN_DATA") or "data")
        return chosen.expanduser().resolve()

    @cached_property
    def workspace(self) -> Settings:
        """The chosen workspace's settings; ``--workspace`` may be left out where there is one.

        Raises:
            Problem: no such workspace, or several and none chosen.
        """
        self.start_django()
        from zhiyin.accounts import workspaces

        return workspaces.settings_of(self.workspace_slug or workspaces.default_slug())

    @cached_property
    def log(self) -> Log:
        """The experience log: over the socket when a server runs, in this process otherwise."""
        self.choose_data()
        from zhiyin.warehouse import client

        log = client.connect(self.data)
        self._has_log = True
        return log

    def start_django(self) -> None:
        """Make the relational store usable; may be called twice."""
        self.choose_data()
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhiyin.settings")
        import django

        django.setup()

    def choose_data(self) -> None:
        """Let everything that reads the settings see this session's data folder.

        Where the program lies in a folder that this account may not write, what is compiled is
        kept with the data; Numba, which finds no place by itself, would refuse to be imported.
        """
        os.environ["ZHIYIN_DATA"] = str(self.data)
        if self.data.is_dir() and not os.access(_PACKAGE, os.W_OK):
            os.environ.setdefault("NUMBA_CACHE_DIR", str(self.data / "tmp" / "compiled"))

    def set_data(self, folder: Path) -> None:
        """What ``--data`` said."""
        self._data = folder

    def say(self, document: Mapping[str, Any], human: Callable[[], str]) -> None:
        """Answer: the document as JSON with ``--json``, else what `human` makes of it."""
        if self.is_json:
            write_json(document)
        else:
            sys.stdout.write(human().rstrip("\n") + "\n")
            sys.stdout.flush()

    def close(self) -> None:
        """Let go of what was opened."""
        if self._has_log:
            self._has_log = False
            self.log.close()
            del self.log


def write_json(document: Mapping[str, Any]) -> None:
    """One JSON document in UTF-8 on standard output, whatever the terminal's encoding."""
    text = as_json(document)
    sys.stdout.flush()
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:  # a test that caught the output as text
        sys.stdout.write(text + "\n")
    else:
        buffer.write(text.encode() + b"\n")
        buffer.flush()
