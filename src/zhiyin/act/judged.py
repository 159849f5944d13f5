"""How many alerts were false: as they were dismissed, and as the cases about them ended."""

from __future__ import annotations

from zhiyin.act.alerts import fired
from zhiyin.act.cases.models import Case, Status, SubjectKind
from zhiyin.stats.estimate import Estimate


def false_share(workspace: str) -> Estimate | None:
    """Of the alerts that are over, the share that was not justified, with its interval; what a case
    came to goes before a mark on the alert. None where none is over."""
    ended = Case.objects.filter(workspace__slug=workspace, kind=SubjectKind.ALERT)
    by_key = {
        int(key): status
        for key, status in ended.order_by("number").values_list("key", "status")
        if status in (Status.DONE, Status.NOT_JUSTIFIED) and key.isdecimal()
    }
    return fired.false_share(
        workspace,
        others_over=[key for key, status in by_key.items() if status == Status.DONE],
        others_not_justified=[
            key for key, status in by_key.items() if status == Status.NOT_JUSTIFIED
        ],
    )
