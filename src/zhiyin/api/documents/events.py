"""Events and their catalogue."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import Field

from zhiyin.api.documents.form import Document, Given, Page


class EventDocument(Document):
    """One event; who it is about, and what was sent, is null for a key that may not see."""

    seq: int
    id: str | None
    source: str | None
    name: str | None
    occurred_at: datetime
    received_at: datetime
    customer: str | None
    touchpoint: str | None
    channel: str | None
    properties: str | None


class WholeEventDocument(EventDocument):
    """One event with every column of it that holds something."""

    columns: dict[str, Any]


class VolumeDocument(Document):
    """Events of a name in each step, in order, and all of them."""

    name: str
    counts: list[int]
    total: int


class VolumesDocument(Document):
    """How many events came, by name, the most frequent first; days are the workspace's."""

    steps: list[str]
    grain: str
    from_: date | None = Field(alias="from")
    to: date | None
    rows: list[VolumeDocument]


class StreamDocument(Document):
    """Where to listen to what comes in, for some minutes: server-sent events."""

    stream: str


class EventCountDocument(Document):
    """As `zhiyin events --count --json`."""

    count: int
    name: str | None
    where: str | None
    workspace: str


class EntryDocument(Document):
    """A name of events, or a property of one, and what people say of it."""

    name: str
    property: str
    kinds: list[str]
    n: int
    first_at: datetime | None
    last_at: datetime | None
    description_en: str
    description_zh: str
    is_hidden: bool
    is_blocked: bool
    left_out: int


class CatalogueDocument(Document):
    """The event catalogue."""

    entries: list[EntryDocument]


class DefinitionGiven(Given):
    """What is said of a name of events, or of a property of it."""

    name: str = Field(min_length=1, max_length=200)
    property: str = Field(default="", max_length=200)
    description_en: str = Field(default="", max_length=2000)
    description_zh: str = Field(default="", max_length=2000)
    is_hidden: bool = False
    is_blocked: bool = False


class EventsPage(Page):
    """Events, newest first."""

    items: list[EventDocument]
