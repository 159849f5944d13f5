"""A mail server that takes everything, and writes to a file to whom. ``… PORT FILE``"""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller


class Takes:
    """Writes a line for each letter before it says that the letter is taken."""

    def __init__(self, file: Path) -> None:
        self._file = file.open("a", buffering=1)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: D102, N802
        self._file.write(f"{envelope.rcpt_tos[0]} {len(envelope.content)}\n")
        return "250 OK"


def main() -> None:
    """Serve until killed."""
    controller = Controller(Takes(Path(sys.argv[2])), hostname="127.0.0.1", port=int(sys.argv[1]))
    controller.start()
    threading.Event().wait()


if __name__ == "__main__":
    main()
