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


class SurveyCellDocument(Document):
    """One cell; null where it is withheld. `above`: letters of columns with a lower share."""

    column: str
    state: Shown
    n: int | None
    customers: int | None
    share: float | None
    low: float | None
    high: float | None
    above: str


class SurveyCrosstabRowDocument(Document):
    """One row of the table; the last cell is of all columns."""

    value: str
    label: str
    cells: list[SurveyCellDocument]


class SurveyCrosstabColumnDocument(Document):
    """One column: its letter (`total`: all), and how many are in it."""

    letter: str
    value: str
    label: str
    state: Shown
    n: int | None
    customers: int | None


class SurveyTestDocument(Document):
    """Rao and Scott's test of independence."""

    statistic: float
    df: float
    denominator_df: float
    p: float
    pearson: float
    design_effect: float
    cramers_v: float
    method: str


class SurveyCrosstabDocument(Document):
    """One thing by another; `test` is null where a response may be in several rows."""

    key: str
    as_of: datetime
    confidence: float
    minimum_base: int
    state: Shown
    row: str
    column: str
    without: list[str]
    weighted: bool
    tests: int
    q: float
    columns: list[SurveyCrosstabColumnDocument]
    rows: list[SurveyCrosstabRowDocument]
    test: SurveyTestDocument | None
