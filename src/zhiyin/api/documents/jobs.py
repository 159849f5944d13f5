"""Background work."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from zhiyin.api.documents.form import Document, Page


class JobDocument(Document):
    """One piece of background work."""

    number: int
    workspace: str
    kind: str
    label: str
    arguments: dict[str, Any]
    asked_by: str | None
    asked_at: datetime
    state: str
    attempts: int
    not_before: datetime
    started_at: datetime | None
    ended_at: datetime | None
    seconds: float | None
    parts_done: int
    parts: int
    part_name: str | None
    is_unwanted: bool
    result: dict[str, Any]
    error: dict[str, Any] | None


class ScheduleDocument(Document):
    """A kind of work that the clock asks for; `cron` is in UTC."""

    kind: str
    label: str
    cron: str
    next_at: datetime
    last: JobDocument | None
    usual_seconds: float | None


class SchedulesDocument(Document):
    """As `schedules` of `zhiyin jobs --json`."""

    schedules: list[ScheduleDocument]


class JobsPage(Page):
    """Background work, the newest first."""

    items: list[JobDocument]
