"""What came of a survey beyond the answers: who was asked, how well they answered."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from zhiyin.api.documents.form import Document

Shown = Literal["ok", "too_few", "withheld"]


class SurveyShareDocument(Document):
    """Per cent, `n` of `of`, with its interval over customers."""

    value: float
    low: float | None
    high: float | None
    n: float
    of: float


class SurveyAskingsDocument(Document):
    """The askings of one group; null where too few customers are in it, or it is withheld."""

    group: dict[str, str | None]
    state: Shown
    askings: int | None
    customers: int | None
    codes: dict[str, int] | None
    rates: dict[str, SurveyShareDocument | None] | None


class SurveyLetterDocument(Document):
    """The invitation (1) or a reminder: who began after it, and who of all had by then."""

    number: int
    sent: int
    share: SurveyShareDocument
    reached: SurveyShareDocument


class SurveyRatesDocument(Document):
    """Outcome rates by AAPOR's names; docs/survey-results.md says what each code means."""

    key: str
    minimum_base: int
    eligible: float
    as_of: datetime
    confidence: float
    complete_from: float
    partial_from: float
    counts_withheld: bool
    by: list[str]
    total: SurveyAskingsDocument
    groups: list[SurveyAskingsDocument]
    letters: list[SurveyLetterDocument]
    open: int
    uninvited: int
    withheld: dict[str, int]
