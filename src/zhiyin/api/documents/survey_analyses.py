"""What came of a survey beyond the answers: who was asked, how well they answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from zhiyin.api.documents.form import Document, Given

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


class SurveyMarginGiven(Given):
    """What is known of one thing: its shares, or from where they are counted."""

    by: str = Field(max_length=200)
    shares: dict[str, float] = Field(default={}, max_length=200)
    counted: Literal["", "customers", "asked"] = Field(default="", alias="from")


class SurveyTargetsGiven(Given):
    """Margins to which answers are weighted, as docs/survey-results.md describes them."""

    margins: list[SurveyMarginGiven] = Field(min_length=1, max_length=20)
    source: str = Field(default="", max_length=2_000)
    date: str | None = Field(default=None, max_length=10)
    trim: float | None = Field(default=5.0, gt=1)
    per: Literal["response", "customer"] = "response"


class SurveyTargetsDocument(Document):
    """The margins of a survey."""

    key: str
    targets: dict[str, Any]


class SurveyMarginDocument(Document):
    """One value of a margin: per cent, before and after; null where it is withheld."""

    margin: str
    value: str
    target: float
    state: Shown
    n: int | None
    before: float | None
    after: float


class SurveyWeightedDocument(Document):
    """One figure without and with weights."""

    name: str
    metric: Literal["nps", "mean", "share"]
    choice: str
    label: str
    state: Shown
    n: int | None
    customers: int | None
    unweighted: float | None
    unweighted_low: float | None
    unweighted_high: float | None
    weighted: float | None
    low: float | None
    high: float | None
    design_effect: float | None
    effective_n: float | None


class SurveyWeightsDocument(Document):
    """A survey weighted; `design_effect` and `effective_n` are Kish's."""

    key: str
    as_of: datetime
    confidence: float
    minimum_base: int
    state: Shown
    targets: dict[str, Any]
    without: list[str]
    responses: int | None
    customers: int | None
    has_converged: bool | None
    rounds: int | None
    gap: float | None
    trimmed: int | None
    least: float | None
    most: float | None
    design_effect: float | None
    effective_n: float | None
    unknown: dict[str, int] | None
    margins: list[SurveyMarginDocument]
    figures: list[SurveyWeightedDocument]


class SurveyArmDocument(Document):
    """One figure of one arm, and its difference from that of the reference."""

    figure: str
    metric: Literal["nps", "mean", "share"]
    arm: str
    state: Shown
    n: int | None
    customers: int | None
    value: float | None
    value_low: float | None
    value_high: float | None
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    q: float | None
    marked: bool


class SurveyArmsDocument(Document):
    """The incentive arms of a survey compared with one of them."""

    key: str
    as_of: datetime
    confidence: float
    minimum_base: int
    state: Shown
    reference: str
    arms: list[str]
    without: list[str]
    tests: int
    q: float
    interval_confidence: float
    rows: list[SurveyArmDocument]


class SurveyShiftDocument(Document):
    """How one group's figure changed, later less earlier."""

    name: str
    metric: Literal["nps", "mean", "share"]
    whose: Literal["both", "all", "only"]
    state: Shown
    before: SurveyValueDocument | None
    after: SurveyValueDocument | None
    difference: float | None
    low: float | None
    high: float | None
    p: float | None


class SurveyChangeDocument(Document):
    """What changed between two periods; the second day of each is not included."""

    key: str
    as_of: datetime
    confidence: float
    minimum_base: int
    state: Shown
    before: list[str]
    after: list[str]
    without: list[str]
    rows: list[SurveyShiftDocument]


class SurveyIndicatorDocument(Document):
    """The R-indicator."""

    value: float
    low: float
    high: float
    spread: float
    mean: float
    greatest_bias: float
    greatest_bias_high: float
    cases: int
    customers: int


class SurveyWhoDocument(Document):
    """One value of what is known of all who were asked."""

    variable: str
    value: str
    state: Shown
    asked: int | None
    of_asked: float | None
    of_answered: float | None
    of_others: float | None
    standardised: float | None
    rate: SurveyShareDocument | None
    p: float | None
    q: float | None
    marked: bool


class SurveyRepresentativenessDocument(Document):
    """Those who answered beside all who were asked."""

    key: str
    as_of: datetime
    confidence: float
    minimum_base: int
    state: Shown
    variables: list[str]
    left_out: list[str]
    asked: int | None
    answered: int | None
    customers: int | None
    indicator: SurveyIndicatorDocument | None
    q: float
    tests: int
    rows: list[SurveyWhoDocument]
