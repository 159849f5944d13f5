"""Surveys that are sent to people."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, Field

from zhiyin.api.documents.form import Document, Given
from zhiyin.collect.reaching.bounces import MOST_BYTES


class ArmGiven(Given):
    """One incentive that is drawn."""

    arm: str = Field(min_length=1, max_length=60)
    kind: str = Field(default="none", max_length=60)
    value: str = Field(default="", max_length=60)
    share: float = Field(default=1.0, gt=0, le=1_000)


class DistributionGiven(Given):
    """What is said to whom; texts that are left out are those that are ready."""

    name: str = Field(default="", max_length=120)
    texts: dict[str, dict[str, Any]] = Field(default_factory=dict)
    reminders: list[int] = Field(default_factory=list, max_length=5)
    has_first_question: bool = False
    arms: list[ArmGiven] = Field(default_factory=list, max_length=10)
    sample_share: float = Field(default=1.0, gt=0, le=1)


class NewDistributionGiven(DistributionGiven):
    """A distribution, with what it keeps for good."""

    key: str = Field(max_length=60)
    survey: str = Field(max_length=60)
    channel: str = Field(default="email", max_length=10)


class ArmDocument(Document):
    """One incentive that is drawn."""

    arm: str
    kind: str
    value: str
    share: float


class StateDocument(Document):
    """How many askings are in a state for a reason."""

    state: str
    reason: str
    n: int


class DistributionDocument(Document):
    """The document of `zhiyin reach show --json`."""

    key: str
    survey: str
    channel: str
    name: str
    texts: dict[str, dict[str, Any]]
    reminders: list[int]
    has_first_question: bool
    arms: list[ArmDocument]
    sample_share: float
    seed: int
    trigger: str | None
    is_paused: bool
    can_send: bool
    states: dict[str, int]
    reasons: list[StateDocument]
    reminders_sent: int
    began: int
    finished: int
    next_at: datetime | None
    created_by: str
    created_at: datetime


class DistributionsDocument(Document):
    """Every distribution, by key."""

    distributions: list[DistributionDocument]


class PauseGiven(Given):
    """Whether nothing is sent for now."""

    is_paused: bool


class PersonGiven(Given):
    """Somebody who is to be asked, and where."""

    customer: str = Field(min_length=1, max_length=300)
    customer_kind: str = Field(default="customer", min_length=1, max_length=60)
    address: str = Field(default="", max_length=320)
    language: str = Field(default="", max_length=20)
    unit: str = Field(default="", max_length=120)
    about_kind: str = Field(default="", max_length=60)
    about_id: str = Field(default="", max_length=300)
    experienced_at: AwareDatetime | None = Field(default=None, strict=False)
    touchpoint: str = Field(default="", max_length=120)
    arm: str = Field(default="", max_length=60)
    fields: dict[str, str] = Field(default_factory=dict)


class PeopleGiven(Given):
    """Who is to be asked; whoever was asked about the same is not asked again."""

    people: list[PersonGiven] = Field(min_length=1, max_length=10_000)
    due_at: AwareDatetime | None = Field(default=None, strict=False)


class PlannedDocument(Document):
    """What became of a list: how many are asked, are withheld by reason, and were asked before."""

    key: str
    planned: int
    withheld: dict[str, int]
    already: int


class AgainDocument(Document):
    """How many are sent again."""

    key: str
    askings: int


class StopGiven(Given):
    """An address at which nobody is asked any more."""

    channel: str = Field(default="email", max_length=10)
    address: str = Field(min_length=3, max_length=320)


class StopDocument(Document):
    """Whether it was asked at until now."""

    stopped: bool
    is_new: bool


class BounceGiven(Given):
    """A message of a mail server, whole."""

    message: str = Field(min_length=1, max_length=MOST_BYTES)


class BouncesDocument(Document):
    """How many messages of each kind."""

    messages: dict[str, int]


class PressedGiven(Given):
    """A key that was pressed after a call."""

    call: str = Field(min_length=1, max_length=200)
    question: str = Field(min_length=1, max_length=60)
    key: str = Field(min_length=1, max_length=60)
    at: AwareDatetime = Field(strict=False)
    customer: str = Field(default="", max_length=300)
    customer_kind: str = Field(default="customer", min_length=1, max_length=60)
    about_kind: str = Field(default="", max_length=60)
    about_id: str = Field(default="", max_length=300)
    unit: str = Field(default="", max_length=120)
    touchpoint: str = Field(default="", max_length=120)
    language: str = Field(default="", max_length=20)


class KeysGiven(Given):
    """Keys of one call or of many; a call that is told of twice counts once."""

    pressed: list[PressedGiven] = Field(min_length=1, max_length=10_000)


class WrongKeyDocument(Document):
    """A key that is no answer, by its place in what was sent."""

    place: int
    message: str


class KeysTakenDocument(Document):
    """What became of the keys."""

    key: str
    answers: int
    repeated: int
    wrong: list[WrongKeyDocument]
