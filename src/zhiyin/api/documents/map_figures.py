"""The figures of journey maps. Shares of customers lie in 0…1; scores are in their measure's unit.

What is not shown is null, and the `state` beside it says why.
"""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from zhiyin.api.documents.figures import ComparisonDocument, ScoreDocument
from zhiyin.api.documents.form import Document

Texts = dict[str, str]


class TouchpointTrafficDocument(Document):
    """Who comes to a touchpoint, goes on and ends there."""

    id: str
    state: str
    customers: int | None
    instances: int | None
    events: int | None
    reach: float | None
    reach_low: float | None
    reach_high: float | None
    left_of: int | None
    left_customers: int | None
    left_share: float | None
    left_low: float | None
    left_high: float | None
    completion: float | None
    completion_low: float | None
    completion_high: float | None
    necessity_of: int | None
    necessity: float | None
    necessity_low: float | None
    necessity_high: float | None
    without: int | None
    seconds: float | None
    attempts: float | None
    attempts_low: float | None
    attempts_high: float | None
    switches: float | None
    switches_low: float | None
    switches_high: float | None
    helped: float | None
    helped_low: float | None
    helped_high: float | None
    money: float | None
    money_low: float | None
    money_high: float | None


class ConveniencePartDocument(Document):
    """One thing that a touchpoint asks of a customer, beside the best comparable one."""

    name: str
    value: float
    best: float
    best_at: str
    part: float
    low: float
    high: float


class ConvenienceDocument(Document):
    """How little a touchpoint asks, 0…100; `beside` are the comparable ones."""

    value: float
    low: float
    high: float
    parts: list[ConveniencePartDocument]
    beside: list[str]


class TouchpointDocument(Document):
    """All that one touchpoint shows; `tone` is −2…2 beside the others, 0 cannot be told apart."""

    id: str
    name: Texts
    stage: str
    lane: str
    owner: str | None
    is_bound: bool
    traffic: TouchpointTrafficDocument
    score: ScoreDocument | None
    rest: ComparisonDocument | None
    change: ComparisonDocument | None
    tone: int
    effort: ScoreDocument | None
    felt: ScoreDocument | None
    gap: float | None
    sentiment: ScoreDocument | None
    convenience: ConvenienceDocument | None


class StageTrafficDocument(Document):
    """Who comes to a stage."""

    customers: int | None
    instances: int | None
    reach: float | None
    reach_low: float | None
    reach_high: float | None
    state: str


class StageFiguresDocument(Document):
    """What one stage shows."""

    id: str
    traffic: StageTrafficDocument
    emotion: ScoreDocument | None


class MapTotalsDocument(Document):
    """What is true of the whole map."""

    customers: int | None
    instances: int | None
    reached: int | None
    worth: float | None
    worth_low: float | None
    worth_high: float | None
    sessions: int | None
    sessions_unexplained: int | None
    minimum_base: int


class UnexplainedTrafficDocument(Document):
    """Events of a name at no touchpoint."""

    name: str
    events: int
    customers: int
    sessions: int


class MapLossDocument(Document):
    """What it may cost that customers end at a touchpoint."""

    customers: int
    value: float
    low: float
    high: float


class DifficultyDocument(Document):
    """A touchpoint that hurts; `by` is in what it comes first."""

    place: int
    by: str
    touchpoint: str
    loss: MapLossDocument | None


class MapFiguresDocument(Document):
    """As `zhiyin journey map KEY --json`."""

    key: str
    name: Texts
    version: int | None
    from_: date = Field(alias="from")
    to: date
    before: str
    customers: str | None
    metric: str
    average: ScoreDocument | None
    as_of: datetime
    confidence: float
    minimum_base: int
    currency: str
    problem: str | None
    tests: int
    held: int
    stages: list[StageFiguresDocument]
    touchpoints: list[TouchpointDocument]
    traffic: MapTotalsDocument
    unexplained: list[UnexplainedTrafficDocument]
    difficulties: list[DifficultyDocument]


class DifficultyFiguresDocument(DifficultyDocument):
    """A difficulty with all that its touchpoint shows."""

    figures: TouchpointDocument


class DifficultiesDocument(Document):
    """As `zhiyin journey map difficulties KEY --json`."""

    key: str
    name: Texts
    version: int | None
    from_: date = Field(alias="from")
    to: date
    as_of: datetime
    currency: str
    difficulties: list[DifficultyFiguresDocument]
