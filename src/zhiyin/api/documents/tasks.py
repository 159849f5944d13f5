"""Task success, time between, adoption and engagement. Shares lie in 0…1."""

from __future__ import annotations

from pydantic import Field

from zhiyin.api.documents.form import Document


class RatioDocument(Document):
    """A value with its interval over customers; null where there is none, or it is not shown."""

    value: float | None
    low: float | None
    high: float | None


class LengthDocument(Document):
    """So large a share took at most so many seconds; null where it was never over."""

    share: float
    seconds: float | None
    low: float | None
    high: float | None


class SuccessDocument(Document):
    """What became of the attempts whose time is over; null where it is not shown."""

    attempts: int | None
    customers: int | None
    completed: int | None
    completed_customers: int | None
    missed_customers: int | None
    completion: RatioDocument
    customer_share: RatioDocument
    times: list[LengthDocument]
    times_of_all: list[LengthDocument]
    errors: RatioDocument
    helped: RatioDocument
    switches: RatioDocument
    tries: RatioDocument
    state: str
    completed_state: str


class SuccessOfGroupDocument(Document):
    """The attempts that began in one group; null: without a value."""

    group: str | None
    success: SuccessDocument


class SuccessOfPeriodDocument(Document):
    """The attempts that began in a period; until `is_final`, more may come."""

    period: str
    is_final: bool
    success: SuccessDocument | None


class TaskDocument(Document):
    """A task; groups and periods where they are asked for."""

    success: SuccessDocument
    open_attempts: int | None
    known_until: str
    minimum_base: int
    by: str | None = None
    groups: list[SuccessOfGroupDocument] = Field(default=[])
    every: str | None = None
    periods: list[SuccessOfPeriodDocument] = Field(default=[])


class BetweenDocument(Document):
    """How long from each event to the next; null and empty where it is not shown."""

    waits: int | None
    customers: int | None
    followed: int | None
    followed_customers: int | None
    times: list[LengthDocument]
    times_of_all: list[LengthDocument]
    state: str
    followed_state: str
    known_until: str
    minimum_base: int


class AdoptingDocument(Document):
    """Customers who were new in a period, and those who took it up in time."""

    period: str
    customers: int | None
    adopted: int | None
    share: float | None
    low: float | None
    high: float | None
    state: str
    adopted_state: str
    is_final: bool


class AdoptingTogetherDocument(Document):
    """All cohorts that are shown and final."""

    cohorts: int
    customers: int | None
    adopted: int | None
    share: float | None
    low: float | None
    high: float | None
    state: str
    adopted_state: str


class AdoptionDocument(Document):
    """Cohorts in the order of time."""

    every: str
    cohorts: list[AdoptingDocument]
    together: AdoptingTogetherDocument | None
    known_until: str
    minimum_base: int


class EngagedDocument(Document):
    """Sessions that began in all periods that are over; null where they are too few."""

    customers: int | None
    sessions: int | None
    per_customer: RatioDocument
    seconds: RatioDocument
    state: str


class EngagedInPeriodDocument(EngagedDocument):
    """Sessions that began in a period; until `is_final`, more may come."""

    period: str
    is_final: bool


class EngagementDocument(Document):
    """Periods in the order of time."""

    every: str
    periods: list[EngagedInPeriodDocument]
    together: EngagedDocument | None
    minimum_base: int
