"""Rules of the widget that are on, as the log process reads them; `snapshot` writes them.

``snapshots/widgets.json`` has the rules of every workspace, with the rule of each segment that one
names; of a kept list the log's keys are in ``widgets/<workspace>/<segment>.json``.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from zhiyin.collect.widgets.definition import Rule

FOLDER = "widgets"
"""Where kept lists stand, in the data folder."""

LOOK_SECONDS = 0.5
"""A rule that was changed counts after so long at the latest."""


class Chosen(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who is in a segment.

    Args:
        slug: its short name.
        rule: a filter over customers; blank: a kept list, which stands in a file of its own.
    """

    slug: str
    rule: str = ""


class PublishedRule(msgspec.Struct, frozen=True):
    """A rule that is on.

    Args:
        name: in the workspace; the log calls the distribution so.
        survey: its id in the address.
        segment: None: everybody.
        currency, zone: of the workspace, for the segment's rule.
    """

    workspace: str
    name: str
    revision: int
    survey: str
    seed: int
    rule: Rule
    segment: Chosen | None = None
    currency: str = ""
    zone: str = "UTC"

    @property
    def id(self) -> str:
        """What names it, as it is now, in the installation."""
        return f"{self.workspace}/{self.name}/{self.revision}"


class _Snapshot(msgspec.Struct):
    rules: list[PublishedRule]


def rules_file(data: Path) -> Path:
    """The rules."""
    return data / "snapshots" / "widgets.json"


def list_file(data: Path, workspace: str, slug: str) -> Path:
    """Who is in a kept list."""
    return data / FOLDER / workspace / f"{slug}.json"


class PublishedRules:
    """Finds rules; reads only what has changed."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._rules: dict[tuple[str, str], PublishedRule] = {}
        self._hosts: dict[str, tuple[str, ...]] = {}
        self._seen: Any = None
        self._look_at = 0.0

    def of(self, workspace: str) -> Iterator[PublishedRule]:
        """The rules of a workspace, by name."""
        self._refresh()
        return (one for one in self._rules.values() if one.workspace == workspace)

    def find(self, workspace: str, name: str) -> PublishedRule | None:
        """One of them."""
        self._refresh()
        return self._rules.get((workspace, name))

    def hosts(self, survey: str) -> tuple[str, ...]:
        """The origins whose pages may hold the survey of this address."""
        self._refresh()
        return self._hosts.get(survey, ())

    def kept(self, workspace: str, slug: str) -> tuple[int, ...]:
        """Keys of a kept list; of one that cannot be read none."""
        try:
            found = list_file(self._data, workspace, slug).read_bytes()
            return tuple(msgspec.json.decode(found, type=list[int]))
        except (OSError, msgspec.DecodeError):
            return ()

    def _refresh(self) -> None:
        now = time.monotonic()
        if now >= self._look_at:
            self._look_at = now + LOOK_SECONDS
            self._look()

    def _look(self) -> None:
        file = rules_file(self._data)
        try:
            state = file.stat()
            seen = (state.st_mtime_ns, state.st_ino, state.st_size)
            if seen != self._seen:
                self._take(msgspec.json.decode(file.read_bytes(), type=_Snapshot).rules)
                self._seen = seen
        except FileNotFoundError:
            self._take([])
            self._seen = None
        except (OSError, msgspec.DecodeError):
            # What was read last stands: a disk that fails for a moment changes no rule.
            return

    def _take(self, rules: list[PublishedRule]) -> None:
        self._rules = {(one.workspace, one.name): one for one in rules}
        hosts: dict[str, dict[str, None]] = {}
        for one in rules:
            hosts.setdefault(one.survey, {}).update(dict.fromkeys(one.rule.origins))
        self._hosts = {survey: tuple(sorted(found)) for survey, found in hosts.items()}
