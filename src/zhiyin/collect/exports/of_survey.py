"""The responses to one survey as a file: its questions in their order, with what customers read."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from zhiyin.collect.exports import run
from zhiyin.collect.exports.run import Exported, Format
from zhiyin.collect.surveys import kept, labels
from zhiyin.kernel.filters import Filter
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings


def export(
    log: Log,
    settings: Settings,
    key: str,
    kind: Format,
    path: Path,
    *,
    version: int | None = None,
    where: Filter | None = None,
    as_of: datetime | None = None,
    replace: bool = False,
) -> Exported:
    """Write a row a response.

    Args:
        version: only responses to this one.
        where: only those for which this holds: columns that responses and answers both have.

    Raises:
        Problem: as `run.export`; ``survey.none``.
    """
    return run.export(
        log, settings, "responses", kind, path,
        condition=kept.answers_to(key, version=version, where=where), as_of=as_of,
        asked=labels.by_surveys(settings.slug, key=key), only_asked=True, replace=replace,
    )  # fmt: skip
