"""Alerts 预警, their rules, and where teams are told."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from zhiyin.api.documents.form import Document, Given

Severity = Literal["info", "warning", "urgent"]
Reason = Literal["not_justified", "known", "duplicate", "over"]
Name = Annotated[str, Field(min_length=1, max_length=120)]
Key = Annotated[str, Field(max_length=40)]


class AlertRowDocument(Document):
    """The row of the log that an alert is about."""

    table: str
    number: int


class AlertDocument(Document):
    """An alert with why it fired. `figures` are of a window, and empty of a single row; `text` is
    what the customer wrote, null where it is gone, or not for the key to see."""

    number: int
    rule: int | None
    rule_name: str
    rule_version: int
    kind: Literal["answer", "verbatim", "measure", "often", "theme", "leaving"]
    condition: dict[str, Any]
    severity: Severity
    status: Literal["open", "noted", "dismissed"]
    unit: str | None
    touchpoint: str | None
    row: AlertRowDocument | None
    figures: dict[str, Any]
    happened_at: datetime
    fired_at: datetime
    reason: Reason | None
    note: str | None
    closed_by: str | None
    closed_at: datetime | None
    title: str
    why: list[str]
    text: str | None


class FalseShareDocument(Document):
    """Of the alerts that are over, the share that was not justified, from 0 to 1."""

    share: float
    low: float | None
    high: float | None
    n: int


class AlertsDocument(Document):
    """As `zhiyin alert list --json`; send `next` as `cursor`, null is the last page."""

    alerts: list[AlertDocument]
    not_justified: FalseShareDocument | None
    next: str | None


class AlertStepGiven(Given):
    """What becomes of an alert; a dismissal has its reason."""

    do: Literal["note", "dismiss", "reopen"]
    reason: Reason | None = None
    note: str = Field(default="", max_length=2000)


class AlertRuleDocument(Document):
    """A rule; `condition` as `docs/alerts.md` shows it."""

    number: int
    name: str
    condition: dict[str, Any]
    severity: Severity
    unit: str | None
    is_on: bool
    snoozed_until: datetime | None
    pace: Literal["at_once", "daily", "weekly"]
    hour: int
    weekday: int
    quiet: str | None
    recipients: list[dict[str, str]]
    version: int
    watches_since: datetime
    looked_at: datetime | None
    trouble: str | None
    fired: int
    open: int
    made_by: str


class AlertRulesDocument(Document):
    """As `zhiyin alert rules --json`."""

    rules: list[AlertRuleDocument]


class AlertRuleGiven(Given):
    """A rule as it is wanted."""

    name: Name
    condition: dict[str, Any]
    severity: Severity = "warning"
    unit: str = Field(default="", max_length=120)
    people: list[str] = Field(default_factory=list)
    roles: list[str] = Field(default_factory=list)
    channels: list[str] = Field(default_factory=list)
    to_owner: bool = False
    pace: Literal["at_once", "daily", "weekly"] = "at_once"
    hour: int = Field(default=9, ge=0, le=23)
    weekday: int = Field(default=0, ge=0, le=6)
    quiet: str = Field(default="", max_length=20)


class AlertRuleSwitchGiven(Given):
    """Whether it watches; until when nobody is told, null: people are."""

    is_on: bool
    snoozed_until: datetime | None = Field(default=None, strict=False)


class RehearsalGiven(Given):
    """What would be watched."""

    condition: dict[str, Any]
    unit: str = Field(default="", max_length=120)
    days: int = Field(default=90, ge=1, le=365)


class RehearsalDayDocument(Document):
    """A day on which it would have fired."""

    day: date
    times: int


class HighestDocument(Document):
    """The strongest evidence, and what it would have had to reach."""

    day: date
    e_value: float
    threshold: float


class RehearsalDocument(Document):
    """As `zhiyin alert rehearse --json`."""

    condition: dict[str, Any]
    from_: date = Field(alias="from")
    to: date
    times: int
    days: list[RehearsalDayDocument]
    highest: HighestDocument | None


class SettingRemovedDocument(Document):
    """What was removed."""

    removed: int | str


class ChannelDocument(Document):
    """Where a team is told; address and secret are never given."""

    key: str
    name: str
    kind: Literal["wecom", "dingtalk", "feishu", "slack", "webhook"]
    host: str
    language: str
    keyword: str | None
    is_signed: bool
    is_on: bool
    why_off: str | None
    per_minute: int
    waiting: int
    given_up: int
    made_by: str
    made_at: datetime


class ChannelAddedDocument(ChannelDocument):
    """With the secret that was made for it, this once."""

    secret: str | None


class ChannelsDocument(Document):
    """As `zhiyin channel list --json`."""

    channels: list[ChannelDocument]


class ChannelGiven(Given):
    """A channel as it is wanted; blank: as it is, or as usual."""

    key: Key
    name: Name
    kind: Literal["wecom", "dingtalk", "feishu", "slack", "webhook"]
    address: str = Field(max_length=2000)
    secret: str = Field(default="", max_length=200)
    keyword: str = Field(default="", max_length=60)
    language: Literal["", "en", "zh-hans"] = ""


class ChannelChangeGiven(Given):
    """What of a channel becomes otherwise; blank: as it is."""

    name: Name
    address: str = Field(default="", max_length=2000)
    secret: str = Field(default="", max_length=200)
    keyword: str = Field(default="", max_length=60)
    language: Literal["", "en", "zh-hans"] = ""


class ChannelStepGiven(Given):
    """Send a test message; switch it on or off."""

    do: Literal["test", "on", "off"]


class AttemptDocument(Document):
    """One try, and what was answered."""

    at: datetime
    verdict: Literal["sent", "later", "failed", "gone"]
    said: str | None
    milliseconds: int


class DeliveryDocument(Document):
    """A message to a channel: what it is about, not its words."""

    number: int
    id: str
    channel: str
    kind: str
    about: dict[str, Any]
    state: Literal["waiting", "sent", "merged", "empty", "dead"]
    merged_into: int | None
    tries: int
    next_try_at: datetime | None
    made_at: datetime
    ended_at: datetime | None
    said: str | None
    attempts: list[AttemptDocument]


class DeliveriesDocument(Document):
    """As `zhiyin channel deliveries --json`; send `next` as `cursor`."""

    deliveries: list[DeliveryDocument]
    next: str | None
