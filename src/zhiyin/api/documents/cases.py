"""Cases 工单: what somebody looks after until it is closed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from zhiyin.api.documents.form import Document, Given
from zhiyin.api.documents.voice import VerbatimDocument

Kind = Literal["alert", "verbatim", "mark"]
Status = Literal["new", "taken", "waiting", "done", "not_justified"]
Severity = Literal["high", "normal", "low"]


class CaseDocument(Document):
    """A case in a list. `due_at` is null while it waits for the customer."""

    number: int
    kind: Kind
    key: str
    title: str
    status: Status
    is_open: bool
    severity: Severity
    owner: str | None
    unit: str | None
    touchpoint: str | None
    reason: str | None
    opened_by: str
    opened_at: datetime
    due_at: datetime | None
    is_overdue: bool
    first_response_at: datetime | None
    closed_at: datetime | None
    version: int


class CasesDocument(Document):
    """As `zhiyin case list --json`; send `next` as `cursor`, null is the last page."""

    cases: list[CaseDocument]
    next: str | None


class CaseStepDocument(Document):
    """Something that was done: what was before and became of it, what was written."""

    what: Literal["opened", "assigned", "moved", "changed", "noted", "wrote", "told"]
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    says: str
    by: str
    at: datetime


class CaseMarkDocument(Document):
    """The mark on a journey map that a case is about."""

    map: str
    number: int
    status: str


class CaseAlertDocument(Document):
    """The alert that a case is about."""

    number: int
    status: str


class CaseSubjectDocument(Document):
    """What a case is about, as it stands now."""

    words: VerbatimDocument | None
    mark: CaseMarkDocument | None
    alert: CaseAlertDocument | None


class CaseWholeDocument(CaseDocument):
    """As `zhiyin case show --json`. `subject` is null where it is gone or not for the key to see;
    `steps` are the statuses that may follow."""

    subject: CaseSubjectDocument | None
    customer: str | None
    can_be_written_to: bool
    steps: list[Status]
    history: list[CaseStepDocument]


class CaseOpened(CaseDocument):
    """A case, and whether it was opened by this request; else it was there."""

    is_new: bool


class CaseGiven(Given):
    """What a case is to be opened about."""

    kind: Kind
    key: str = Field(max_length=200)
    owner: str = Field(default="", max_length=254, description="Login; blank: nobody yet.")


class CaseStepGiven(Given):
    """What is to be done. `assign` takes `owner` (blank: nobody), `move` takes `status`, `reason`
    and `note`, `note` and `write` take `text`, `write` a `channel`, `change` takes `title` and
    `severity`. With `version` only what was looked at is changed."""

    do: Literal["assign", "move", "note", "write", "change"]
    owner: str = Field(default="", max_length=254)
    status: Status | None = None
    reason: str = Field(default="", max_length=40)
    note: str = Field(default="", max_length=4_000)
    text: str = Field(default="", max_length=4_000)
    channel: Literal["email", "phone", "other"] = "other"
    title: str | None = Field(default=None, max_length=200)
    severity: Severity | None = None
    version: int | None = Field(default=None, ge=1, lt=2**31)


class CaseWaitDocument(Document):
    """A median of business hours; null where there are not enough cases or less than half came."""

    value: float | None
    low: float | None
    high: float | None
    unit: Literal["business hours"]
    n: int
    ended: int
    state: Literal["ok", "too_few", "under_half"]
    method: str


class CaseFiguresDocument(Document):
    """As `zhiyin case figures --json`."""

    days: int
    minimum: int
    first_response: CaseWaitDocument
    close: CaseWaitDocument


class CaseReasonDocument(Document):
    """A reason for which cases are done."""

    key: str
    en: str
    zh: str
    is_retired: bool


class CaseHoursDocument(Document):
    """Business hours by severity."""

    high: float
    normal: float
    low: float


class CaseRulesDocument(Document):
    """As `zhiyin case rules --json`: seven days from Monday, blank where nobody works."""

    week: list[str]
    has_holidays: bool
    hours: CaseHoursDocument
    reasons: list[CaseReasonDocument]


class CaseReasonGiven(Given):
    """A reason; one with a key that there is changes that one."""

    key: str = Field(max_length=40)
    en: str = Field(default="", max_length=80)
    zh: str = Field(default="", max_length=80)
    is_retired: bool = False


class CaseHoursGiven(Given):
    """Business hours by severity."""

    high: float = Field(gt=0, le=1_000)
    normal: float = Field(gt=0, le=1_000)
    low: float = Field(gt=0, le=1_000)


class CaseRulesGiven(Given):
    """The rules as they are to be, whole. A reason that is left out is retired."""

    week: list[Annotated[str, Field(max_length=20)]] = Field(min_length=7, max_length=7)
    has_holidays: bool
    hours: CaseHoursGiven
    reasons: list[CaseReasonGiven] = Field(max_length=60)
