"""An import taken back by somebody, and said so in the audit log."""

from __future__ import annotations

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.warehouse.log import Log


def undo(*, by: Actor, workspace: str, log: Log, import_id: str, label: str) -> int:
    """Take an import back; returns the facts taken back.

    Args:
        label: what the import is called, for the audit log.

    Raises:
        Problem: no such import, or already undone.
    """
    facts = log.undo(workspace, import_id)
    audit.record(
        by=by, action="import.undone", subject=f"{label} {import_id}", workspace=workspace,
        before={"facts": facts},
    )  # fmt: skip
    return facts
