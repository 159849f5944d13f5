"""Who holds the log: one process at a time, by a lock on a file."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Self

from zhiyin.warehouse import journal, journals
from zhiyin.warehouse.engines.duckdb import files
from zhiyin.warehouse.engines.duckdb.engine import DuckdbLog
from zhiyin.warehouse.folders import log_folder
from zhiyin.warehouse.rights import Erased, Id

if TYPE_CHECKING:
    from zhiyin.warehouse.intake import Intake


class Held(Exception):  # noqa: N818 - a state, not an error of a person's
    """Another process holds the log; `by` is what it wrote about itself."""

    def __init__(self, by: str) -> None:
        super().__init__(by)
        self.by = by


class Owner(DuckdbLog):
    """The log of a data folder, held by this process until `close`.

    Raises:
        Held: another process has it.
    """

    def __init__(self, data: Path) -> None:
        data = data.resolve()
        self.data = data
        self.intake: Intake | None = None
        self.teller: Callable[[str, str, Mapping[str, Any]], None] | None = None
        self._lock = hold(data)
        try:
            super().__init__(
                log_folder(data),
                data / "tmp" / "log",
                memory=os.environ.get("ZHIYIN_LOG_MEMORY"),
                compression=os.environ.get("ZHIYIN_LOG_COMPRESSION"),
            )
        except BaseException:
            self._lock.close()
            raise

    def file_bytes(self) -> dict[str, int]:
        """How large the file of each workspace is, with its write-ahead log."""
        folder = log_folder(self.data)
        return {slug: files.size(folder, slug) for slug in files.slugs(folder)}

    def drop(self, workspace: str) -> None:
        """Remove the workspace's file, its journal, and all in them."""
        super().drop(workspace)
        if self.intake is not None:
            self.intake.drop(workspace)
        journal.remove(self.data / "journal" / workspace)

    def erase(
        self, workspace: str, ids: Sequence[Id], erasure: str, contacts: Sequence[str] = ()
    ) -> Erased:
        """What was acknowledged before is in the log first, so that it is erased with the rest."""
        if self.intake is not None:
            self.intake.settle(workspace)
        return super().erase(workspace, ids, erasure, contacts)

    def empty_journal(self, workspace: str) -> bool:
        """Rid the journal of what was acknowledged before now; see `Log.empty_journal`."""
        before = journal.segments(self.data / "journal" / workspace)
        if self.intake is not None and before:
            self.intake.settle(workspace)
        return not any(segment.exists() for segment in before)

    def tell(self, workspace: str, topic: str, says: Mapping[str, Any]) -> None:
        """Tell the pages that listen to a topic; see `Log.tell`. Without a server nobody does."""
        if self.teller is not None:
            self.teller(workspace, topic, says)

    def check(self) -> list[tuple[str, str, str]]:
        """For `zhiyin doctor`: the files, and what of the journals can be read."""
        found = super().check()
        if self.intake is not None:
            return found + self.intake.check()
        return found + journals.check(self, self.data / "journal")

    def close(self) -> None:
        """Let go of the files, then of the lock."""
        try:
            super().close()
        finally:
            self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def hold(data: Path) -> IO[str]:
    """The lock on the log of a data folder, held by this process until it is closed.

    Raises:
        Held: another process has it.
    """
    path = data / "run" / "log.lock"
    data.mkdir(parents=True, exist_ok=True, mode=0o700)  # the mode holds for the last part alone
    path.parent.mkdir(exist_ok=True, mode=0o700)
    lock = path.open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.seek(0)
        by = lock.read().strip()
        lock.close()
        raise Held(by) from error
    # The kernel drops the lock when the process ends, however it ends; the words are for people.
    lock.truncate(0)
    lock.write(f"process {os.getpid()}\n")
    lock.flush()
    return lock
