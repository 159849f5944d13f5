"""The journals of a data folder, looked at while no intake runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from zhiyin.kernel.errors import Problem
from zhiyin.warehouse import journal

if TYPE_CHECKING:
    from zhiyin.warehouse.owner import Owner


def check(owner: Owner, folder: Path) -> list[tuple[str, str, str]]:
    """For `zhiyin doctor`: a finding for each workspace that has a journal."""
    found = []
    for path in sorted(folder.glob("*/")):
        try:
            first = owner.journal_position(path.name)
        except Problem as problem:
            found.append((f"intake {path.name}", "fault", str(problem)))
            continue
        seen = journal.look(path, first=first)
        waiting = sum(place.number >= first for place in seen.places)
        if seen.damages:
            says = "; ".join(map(str, seen.damages))
            found.append((f"intake {path.name}", "fault", says))
        else:
            says = f"{waiting} frames to be put into the log at the next start"
            found.append((f"intake {path.name}", "ok", says))
    return found
