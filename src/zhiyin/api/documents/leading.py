"""What came before an outcome, and where two groups' paths part. Shares lie in 0…1."""

from __future__ import annotations

from zhiyin.api.documents.form import Document


class SideDocument(Document):
    """Customers of one side; null where they are not shown, as `state` says."""

    customers: int | None
    share: float | None
    low: float | None
    high: float | None
    state: str


class ComparedDocument(Document):
    """What customers had before one moment beside another; no steps: nothing came before."""

    steps: list[str]
    here: SideDocument
    there: SideDocument
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    q: float | None
    marked: bool


class ComparedTableDocument(Document):
    """Rows that are one family of tests, the largest certain difference first."""

    rows: list[ComparedDocument]
    rows_in_all: int
    rows_withheld: int
    tests: int
    interval_confidence: float


class BeforeDocument(Document):
    """What came before an outcome, and the last events before it."""

    against: str
    within_seconds: float
    steps: int
    customers: int | None
    others: int | None
    nodes: ComparedTableDocument
    leading: ComparedTableDocument
    q: float
    minimum_base: int


class NextStepDocument(Document):
    """One next step; `step` is null for nothing in time and for the others together."""

    kind: str
    step: str | None
    one: int
    two: int
    share_one: float
    share_two: float
    difference: float
    low: float | None
    high: float | None


class PartingNodeDocument(Document):
    """How customers of two groups went on after their first visit to a node."""

    node: str
    one: int
    two: int
    statistic: float | None
    df: int | None
    p: float | None
    q: float | None
    marked: bool
    cramers_v: float | None
    interval_confidence: float | None
    certain: float
    choices: list[NextStepDocument]


class PartingDocument(Document):
    """The nodes, those with the largest certain difference first."""

    gap_seconds: float
    nodes: list[PartingNodeDocument]
    nodes_in_all: int
    nodes_withheld: int
    tests: int
    q: float
    minimum_base: int
