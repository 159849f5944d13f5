"""The keys of sources and of programs."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from zhiyin.api.documents.form import Document, Given


class WriteKeyDocument(Document):
    """A key with which a source sends events."""

    key: str
    kind: str
    source: str
    workspace: str
    origins: list[str]
    events_per_second: int
    created_at: datetime
    revoked_at: datetime | None


class MadeWriteKeyDocument(WriteKeyDocument):
    """A new key; the secret of one for webhooks is shown this once."""

    signing_secret: str | None


class ApiKeyDocument(Document):
    """A key with which a program asks, without its secret."""

    number: int
    kind: str
    name: str
    start: str
    workspace: str
    rights: list[str]
    unit: str | None
    sees_personal_data: bool
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


class KeysDocument(Document):
    """As `zhiyin key list --json`."""

    keys: list[WriteKeyDocument]
    api_keys: list[ApiKeyDocument]


class WriteKeyGiven(Given):
    """A write key to be made."""

    source: str = Field(min_length=1, max_length=60)
    origins: list[str] = Field(default=[], max_length=100)
    events_per_second: int = Field(default=0, ge=0, le=1_000_000)
    for_webhooks: bool = False
