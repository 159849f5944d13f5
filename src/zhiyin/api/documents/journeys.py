"""What customers really do: funnels, paths, whole histories, retention and sessions."""

from __future__ import annotations

from pydantic import Field

from zhiyin.api.documents.form import Document


class StepDocument(Document):
    """Who came to a step; null where it is not shown, as `state` says. Shares lie in 0…1."""

    step: str
    customers: int | None
    share_of_first: float | None
    share_of_previous: float | None
    low: float | None
    high: float | None
    previous_low: float | None
    previous_high: float | None
    median_seconds: float | None
    state: str


class StepsOfGroupDocument(Document):
    """The steps of those who began in one group, or are in one segment; null: in none."""

    group: str | None
    steps: list[StepDocument]


class FunnelDocument(Document):
    """A funnel; groups where it is broken down, ``by`` a column or by ``segments``."""

    steps: list[StepDocument]
    minimum_base: int
    by: str | None = None
    groups: list[StepsOfGroupDocument] = Field(default=[])


class BeganDocument(Document):
    """Those whose chain began in a period; until `is_final`, more may come."""

    period: str
    is_final: bool
    steps: list[StepDocument]


class ConversionDocument(Document):
    """A funnel for each period."""

    every: str
    periods: list[BeganDocument]
    minimum_base: int


class MomentDocument(Document):
    """Who is still on their way after so long; shares lie in 0…1."""

    seconds: float
    at_risk: int
    arrived: int
    still: float
    low: float | None
    high: float | None


class WaitsDocument(Document):
    """How long it takes from the first step to a later one; null where it is not shown."""

    first: str
    last: str
    number: int
    within_seconds: float
    began: int | None
    arrived: int | None
    median_seconds: float | None
    median_low: float | None
    median_high: float | None
    moments: list[MomentDocument]
    minimum_base: int


class EdgeDocument(Document):
    """One event directly after another of the same customer."""

    from_: str = Field(alias="from")
    to: str
    count: int
    customers: int
    median_seconds: float


class PathsDocument(Document):
    """The edges, the most frequent first."""

    edges: list[EdgeDocument]
    edges_in_all: int
    edges_withheld: int
    pairs: int
    minimum_base: int


class VariantDocument(Document):
    """One order of events, and who went through exactly it."""

    steps: list[str]
    customers: int
    share: float
    median_seconds: float


class RepeatDocument(Document):
    """One node and who comes to it again; null where it is not shown. Shares lie in 0…1."""

    node: str
    customers: int
    again: int | None
    again_share: float | None
    again_low: float | None
    again_high: float | None
    again_state: str
    back: int | None
    back_share: float | None
    back_low: float | None
    back_high: float | None
    back_state: str
    events: int | None
    at_once: int | None


class RepeatsDocument(Document):
    """Nodes to which customers come again: rework and loops."""

    nodes: list[RepeatDocument]
    nodes_in_all: int
    nodes_withheld: int
    minimum_base: int


class VariantsDocument(Document):
    """Whole histories, the most frequent first."""

    variants: list[VariantDocument]
    variants_in_all: int
    variants_withheld: int
    customers: int | None
    minimum_base: int


class ReturnDocument(Document):
    """Those of a cohort who came again so many periods later."""

    later: int
    period: str
    customers: int | None
    share: float | None
    low: float | None
    high: float | None
    state: str
    is_final: bool


class CohortDocument(Document):
    """Customers whose first event fell into one period."""

    period: str
    customers: int | None
    state: str
    returns: list[ReturnDocument]


class TogetherDocument(Document):
    """All cohorts for which the period is over."""

    later: int
    cohorts: int
    of: int
    customers: int | None
    share: float | None
    low: float | None
    high: float | None
    state: str


class CohortsDocument(Document):
    """Who comes again, by the period of the first event."""

    every: str
    cohorts: list[CohortDocument]
    together: list[TogetherDocument]
    minimum_base: int


class SessionsDocument(Document):
    """How often customers come, and for how long; null of too few customers."""

    sessions: int | None
    single: int | None
    customers: int | None
    events: int | None
    median_events: float | None
    median_seconds: float | None
    minimum_base: int
