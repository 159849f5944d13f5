"""The workspace: its settings, units and people, and who did what."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from zhiyin.api.documents.form import Document, Given, Page


class WorkspaceDocument(Document):
    """The workspace that the key belongs to, and what the key may do."""

    workspace: str
    name: str
    timezone: str
    week_start: int
    fiscal_year_start: int
    currency: str
    language: str
    minimum_base: int
    test_base: int
    small_base: int
    requires_second_step: bool
    rights: list[str]
    unit: str | None
    sees_personal_data: bool


class SettingsGiven(Given):
    """Settings of the workspace; what is not named stays."""

    name: str | None = Field(default=None, min_length=1, max_length=120)
    timezone: str | None = Field(default=None, max_length=64)
    week_start: int | None = Field(default=None, ge=0, le=6)
    fiscal_year_start: int | None = Field(default=None, ge=1, le=12)
    currency: str | None = Field(default=None, min_length=3, max_length=3)
    language: Literal["en", "zh-hans"] | None = None
    minimum_base: int | None = Field(default=None, ge=1, le=1_000_000)
    test_base: int | None = Field(default=None, ge=1, le=1_000_000)
    small_base: int | None = Field(default=None, ge=1, le=1_000_000)


class UnitDocument(Document):
    """A unit of the organisation tree."""

    key: str
    name: str
    kind: str
    parent: str


class UnitsDocument(Document):
    """The organisation tree, from the top down."""

    units: list[UnitDocument]


class UnitGiven(Given):
    """A unit as it is to be; without a name it is called by its key."""

    key: str = Field(min_length=1, max_length=120)
    name: str = Field(default="", max_length=120)
    kind: str = Field(default="", max_length=60)
    parent: str = Field(default="", max_length=120)


class AllowedDocument(Document):
    """What a member may do and see, and what an invited person will."""

    role: str
    unit: str | None
    scope: str | None
    sees_personal_data: bool


class MemberDocument(AllowedDocument):
    """Somebody who works in the workspace."""

    number: int
    login: str
    name: str
    is_active: bool
    joined_at: datetime


class InvitationDocument(AllowedDocument):
    """An invitation that waits."""

    number: int
    login: str
    invited_by: str | None
    created_at: datetime
    expires_at: datetime


class EverybodyDocument(Document):
    """Who works in the workspace, and who is invited."""

    members: list[MemberDocument]
    invitations: list[InvitationDocument]


class EntryOfAudit(Document):
    """Who did what, when and from where."""

    number: int
    at: datetime
    by: str
    where: str
    action: str
    subject: str
    before: dict[str, Any]
    after: dict[str, Any]


class AuditPage(Page):
    """Entries of the audit log, newest first."""

    items: list[EntryOfAudit]
