"""What people say that clauses mean, and how rightly texts are read."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from zhiyin.api.documents.form import Document, Given
from zhiyin.kernel.text import _

Polarity = Literal["negative", "neutral", "positive", "mixed"]


class ClauseLabelGiven(Given):
    """What a clause means."""

    polarity: Polarity
    aspect: str | None = Field(
        default=None,
        max_length=60,
        description=str(_("A key of the workspace’s; null: about no single thing.")),
    )


class ClauseLabelDocument(Document):
    """What somebody said that a clause means, and how it had been read (`told_…`).

    `drawn` is how she came to it: by lot, because it was in doubt, or on a page.
    """

    row: int
    start: int
    end: int
    polarity: Polarity
    aspect: str | None
    told_polarity: Polarity
    told_aspect: str | None
    told_probability: float
    drawn: Literal["lot", "doubt", "page"]
    language: str
    by: str
    at: datetime


class LabelShareDocument(Document):
    """A share of labels, 0 to 1, with its interval over customers."""

    value: float
    low: float | None
    high: float | None
    n: int
    customers: int


class DriftDocument(Document):
    """The last thirty days less all before: a difference of shares."""

    lately: LabelShareDocument
    before: LabelShareDocument
    difference: float
    low: float | None
    high: float | None
    p: float | None


class RightnessOfLabelsDocument(Document):
    """How rightly labels are told by models that did not see them; a share of fewer than twenty
    customers is null."""

    n: int
    customers: int
    right: LabelShareDocument | None
    by_seeds: LabelShareDocument | None
    languages: dict[str, LabelShareDocument | None]
    kinds: dict[str, LabelShareDocument | None]
    months: dict[str, LabelShareDocument | None]
    drift: DriftDocument | None


class RightnessOfClausesDocument(RightnessOfLabelsDocument):
    """Of clauses that were drawn by lot; `strictness` is null where the seeds alone read."""

    strictness: float | None


class RightnessOfCommentsDocument(RightnessOfLabelsDocument):
    """Of comments with a score; `by_scores` is what a model of the scores alone would reach."""

    by_scores: LabelShareDocument | None
    is_used: bool
    calibration_error: float | None


class RightnessDocument(Document):
    """How rightly the workspace's own texts are read; null before anything was learned."""

    learned_at: datetime | None
    version: str
    verbatims: int
    labels: int
    comments: RightnessOfCommentsDocument | None
    polarity: RightnessOfClausesDocument | None
    aspect: RightnessOfClausesDocument | None
