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


class SurveyLastedDocument(Document):
    """A median in seconds with its interval, and the quartiles."""

    n: int
    median: float
    low: float | None
    high: float | None
    lower_quartile: float
    upper_quartile: float


class SurveyPageDocument(Document):
    """One page; null where too few customers were shown it."""

    name: str
    items: int
    state: Shown
    seen: int | None
    customers: int | None
    stopped: SurveyShareDocument | None
    dismissed: int | None
    seconds: SurveyLastedDocument | None


class SurveyPagesDocument(Document):
    """A survey page by page: break-off and time."""

    key: str
    as_of: datetime
    confidence: float
    minimum_base: int
    state: Shown
    responses: int | None
    pages: list[SurveyPageDocument]


class SurveyValueDocument(Document):
    """A figure with its interval."""

    value: float
    low: float | None
    high: float | None
    n: int
    customers: int


class SurveyBesideDocument(Document):
    """One figure with and without the responses that are left out."""

    name: str
    metric: Literal["nps", "mean", "share"]
    choice: str
    label: str
    state: Shown
    all: SurveyValueDocument | None
    without: SurveyValueDocument | None
    difference: float | None
    low: float | None
    high: float | None


class SurveyQualityDocument(Document):
    """Signs of carelessness in responses; docs/survey-results.md has the rules."""

    key: str
    as_of: datetime
    confidence: float
    minimum_base: int
    state: Shown
    responses: int | None
    without: list[str]
    signs: dict[str, SurveyShareDocument]
    any: SurveyShareDocument | None
    figures: list[SurveyBesideDocument]


class SurveySignedDocument(Document):
    """One response that has a sign."""

    response: str
    signs: list[str]


class SurveySignedResponsesDocument(Document):
    """The responses that have a sign, by their ids in files of responses."""

    key: str
    responses: list[SurveySignedDocument]
