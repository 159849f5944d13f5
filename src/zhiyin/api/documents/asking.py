"""Who may be asked, and when an event asks."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from zhiyin.api.documents.form import Document, Given


class ContactRulesDocument(Document):
    """As `zhiyin reach rules --json`; 0 days are no cool-down."""

    days_any: int
    days_relationship: int
    days_journey: int
    days_touchpoint: int
    quiet: str
    needs_consent: bool
    purpose: str
    pauses_in_incident: bool
    incident_begins: str
    incident_ends: str
    incident_days: int


Days = int | None


class ContactRulesGiven(Given):
    """Rules of asking; what is not named stays."""

    days_any: Days = Field(default=None, ge=0, le=366)
    days_relationship: Days = Field(default=None, ge=0, le=366)
    days_journey: Days = Field(default=None, ge=0, le=366)
    days_touchpoint: Days = Field(default=None, ge=0, le=366)
    quiet: str | None = Field(default=None, max_length=20)
    needs_consent: bool | None = None
    purpose: str | None = Field(default=None, min_length=1, max_length=200)
    pauses_in_incident: bool | None = None
    incident_begins: str | None = Field(default=None, max_length=200)
    incident_ends: str | None = Field(default=None, max_length=200)
    incident_days: Days = Field(default=None, ge=1, le=366)


class TriggerGiven(Given):
    """Which event asks, whom and when."""

    event: str = Field(min_length=1, max_length=200)
    where: str = Field(default="", max_length=20_000)
    delay_minutes: int = Field(default=0, ge=0, le=43_200)
    late_hours: int = Field(default=48, ge=1, le=720)
    about_kind: str = Field(default="", max_length=60)
    about_property: str = Field(default="", max_length=200)
    fields: dict[str, str] = Field(default_factory=dict)
    takes_imports: bool = False
    sample_share: float | None = Field(default=None, gt=0, le=1)


class CountedDocument(Document):
    """Askings in one state, for one reason."""

    state: str
    reason: str
    n: int


class TriggerDocument(Document):
    """The trigger of a distribution, and what it came to."""

    key: str
    survey: str
    channel: str
    is_paused: bool
    sample_share: float
    seed: int
    event: str
    where: str
    delay_minutes: int
    late_hours: int
    about_kind: str
    about_property: str
    fields: dict[str, str]
    takes_imports: bool
    seen_at: datetime | None
    trouble: str | None
    askings: list[CountedDocument]


class TriggersDocument(Document):
    """As `zhiyin reach triggers --json`."""

    triggers: list[TriggerDocument]


class RemovedDocument(Document):
    """No event asks for it any more."""

    key: str
    removed: bool


class RehearsedDocument(Document):
    """Whom a trigger would have asked; nobody was."""

    since: datetime
    until: datetime
    events: int
    imported: int
    nameless: int
    waiting: int
    not_in_sample: int
    asked: int
    customers: int
    withheld: dict[str, int]
    is_cut: bool


class DrawnDocument(Document):
    """What is drawn for an event, as `zhiyin reach draw --json`."""

    seed: int
    number: float
    sample_share: float
    is_in_sample: bool
    arm: str | None
