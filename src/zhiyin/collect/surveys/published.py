"""Published surveys, as the log process reads them: snapshots that the actions write."""

from __future__ import annotations

from dataclasses import dataclass

from zhiyin.collect.surveys.definition import Survey


@dataclass(frozen=True, slots=True)
class PublishedSurvey:
    """A survey as customers meet it now.

    Args:
        id: in its address.
        key: its name in the workspace and in the log.
        zone: in which it closes.
    """

    id: str
    workspace: str
    key: str
    version: int
    survey: Survey
    is_open: bool
    zone: str
