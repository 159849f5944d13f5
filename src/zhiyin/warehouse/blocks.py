"""What a person does not want from the SDKs: names and properties that are left out."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Blocks:
    """The blocked names of one workspace, and the blocked properties of names."""

    names: frozenset[str]
    properties: Mapping[str, frozenset[str]]

    def apply(self, columns: dict[str, list[Any]], sources: list[str]) -> dict[str, int]:
        """Leave out of `columns` (and `sources`) what is blocked; how often, by name."""
        names = columns.get("name", [])
        blocked: dict[str, int] = {}
        kept = []
        properties = columns.get("properties")
        for place, name in enumerate(names):
            if name in self.names:
                blocked[name] = blocked.get(name, 0) + 1
                continue
            kept.append(place)
            hidden = self.properties.get(name)
            if hidden and properties is not None and properties[place]:
                held = properties[place]
                properties[place] = {n: value for n, value in held.items() if n not in hidden}
        if blocked:
            for column, values in columns.items():
                columns[column] = [values[place] for place in kept]
            sources[:] = [sources[place] for place in kept]
        return blocked


class BlockList:
    """The snapshot that the events page writes, read again when it changes."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen: tuple[int, int] | None = None
        self._blocks: dict[str, Blocks] = {}

    def of(self, workspace: str) -> Blocks | None:
        """What is blocked in a workspace, or None."""
        try:
            found = self._file.stat()
            seen = (found.st_mtime_ns, found.st_ino)
        except OSError:
            return None
        if seen != self._seen:
            # A file that cannot be read changes nothing: what was blocked stays so.
            with contextlib.suppress(OSError, ValueError, TypeError, AttributeError):
                self._blocks = _read(json.loads(self._file.read_text("utf-8")))
                self._seen = seen
        return self._blocks.get(workspace)


def _read(document: dict[str, Any]) -> dict[str, Blocks]:
    found = {}
    for slug, says in document.get("workspaces", {}).items():
        properties = {
            name: frozenset(hidden) for name, hidden in says.get("blocked_properties", {}).items()
        }
        blocks = Blocks(frozenset(says.get("blocked", ())), properties)
        if blocks.names or blocks.properties:
            found[slug] = blocks
    return found
