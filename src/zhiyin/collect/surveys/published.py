"""Published surveys, as the log process reads them; `snapshot` writes them.

It knows no Django. ``snapshots/surveys.json`` says of each published survey which version is
shown; ``snapshots/surveys/<public id>/<number>.json`` is that version, and never changes.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from zhiyin.collect.surveys import definition, logic
from zhiyin.collect.surveys.definition import Survey
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.periods import local_day

LOOK_SECONDS = 0.5
"""What was published, closed or opened counts after so long at the latest."""


class Listed(msgspec.Struct, frozen=True):
    """What the snapshot says of a survey.

    Args:
        workspace: slug.
        key: what the log calls the survey.
        number: of its newest version.
        zone: of the workspace, IANA.
        beside: the version that goes on beside the newest, if one does.
        share: of new responses that are given the newest.
    """

    workspace: str
    key: str
    number: int
    is_open: bool
    zone: str
    beside: int | None = None
    share: float = 1.0


class _Snapshot(msgspec.Struct):
    surveys: dict[str, Listed]


@dataclass(frozen=True, slots=True)
class PublishedSurvey:
    """One version of a survey, and where it belongs.

    Args:
        number: of the version.
        is_open: whether it takes answers; its document may end that too.
        beside, share: of the newest, as in `Listed`.
    """

    workspace: str
    key: str
    number: int
    survey: Survey
    is_open: bool
    zone: str
    beside: int | None = None
    share: float = 1.0

    def number_for(self, response: str) -> int:
        """The version that a new response is given: this one, or at random that beside it."""
        if self.beside is None or logic.drawn_version(response, self.share):
            return self.number
        return self.beside

    def is_closed(self, at: datetime) -> bool:
        """Whether nobody can begin it at a time (UTC, naive)."""
        closes_on = self.survey.closes_on
        is_over = closes_on is not None and local_day(at, self.zone) >= closes_on
        return is_over or not self.is_open


def index_file(data: Path) -> Path:
    """The list of published surveys."""
    return data / "snapshots" / "surveys.json"


def version_file(data: Path, public_id: str, number: int) -> Path:
    """The document of one version."""
    return data / "snapshots" / "surveys" / public_id / f"{number}.json"


class Published:
    """Finds published surveys; reads only what has changed, and a document when it is asked for."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._listed: dict[str, Listed] = {}
        self._read: dict[tuple[str, int], Survey] = {}
        self._seen: Any = None
        self._look_at = 0.0

    def find(self, public_id: str, number: int | None = None) -> PublishedSurvey | None:
        """The survey of an address; None where nothing is published under it.

        Args:
            number: of an older version, which somebody began to fill in; None: the newest.
        """
        self._refresh()
        listed = self._listed.get(public_id)
        if listed is None:
            return None
        wanted = listed.number if number is None else number
        survey = self._document(public_id, wanted) if 1 <= wanted <= listed.number else None
        if survey is None:
            return None
        beside, share = (listed.beside, listed.share) if number is None else (None, 1.0)
        return PublishedSurvey(
            listed.workspace, listed.key, wanted, survey, listed.is_open, listed.zone, beside, share
        )

    def of(self, workspace: str, key: str, number: int | None = None) -> PublishedSurvey | None:
        """A version by what the log calls it, the newest without a number; None where there is
        none."""
        self._refresh()
        return next(
            (
                self.find(public_id, number)
                for public_id, one in self._listed.items()
                if (one.workspace, one.key) == (workspace, key)
            ),
            None,
        )

    def _refresh(self) -> None:
        now = time.monotonic()
        if now >= self._look_at:
            self._look_at = now + LOOK_SECONDS
            self._look()

    def _document(self, public_id: str, number: int) -> Survey | None:
        found = self._read.get((public_id, number))
        if found is None:
            try:
                found = definition.read(version_file(self._data, public_id, number).read_bytes())
            except (OSError, Problem):
                return None
            self._read[public_id, number] = found
        return found

    def _look(self) -> None:
        file = index_file(self._data)
        try:
            state = file.stat()
            seen = (state.st_mtime_ns, state.st_ino, state.st_size)
            if seen != self._seen:
                self._listed = msgspec.json.decode(file.read_bytes(), type=_Snapshot).surveys
                self._read = {at: held for at, held in self._read.items() if at[0] in self._listed}
                self._seen = seen
        except FileNotFoundError:
            self._listed, self._read, self._seen = {}, {}, None
        except (OSError, msgspec.DecodeError):
            # What was read last stands: a disk that fails for a moment closes no survey.
            return
