"""What the command line and the API say of the data that came in, as JSON documents."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from zhiyin.collect import caught, health, rejected
from zhiyin.collect.health import Source
from zhiyin.warehouse.log import Log


def data_health(
    log: Log, workspace: str, sources: Sequence[Source], *, data: Path
) -> dict[str, Any]:
    """Each source against what is usual; what is not linked, explained, taken; what waits.

    Args:
        sources: those of the workspace, counted.
        data: the data folder.
    """
    unlinked, answers = health.unlinked_answers(log, workspace)
    waits = health.waiting(log, workspace)
    rejects = rejected.newest(data, log.imports(workspace))
    return {
        "sources": [one.as_dict() for one in sources],
        "unlinked": {"answers": answers, "of_nobody": unlinked, "days": health.LINK_DAYS},
        "touchpoints": [one.as_dict() for one in caught.all_traffic(log, workspace, "touchpoint")],
        "refused": [one.as_dict() for one in log.dead_letter_counts(workspace)],
        "rejects": [one.as_dict() for one in rejects],
        "intake": None if waits is None else {"rows": waits[0], "fault": waits[1] or None},
    }
