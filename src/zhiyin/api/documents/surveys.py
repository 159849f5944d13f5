"""Surveys."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import AwareDatetime, Field

from zhiyin.api.documents.form import Document, Given
from zhiyin.kernel.ids import KNOWN
from zhiyin.kernel.text import _


class SurveyDocument(Document):
    """A survey in a list; `has_changes`: its draft is not what was published last."""

    key: str
    id: str
    title: dict[str, str]
    languages: list[str]
    questions: int
    state: Literal["draft", "open", "closed"]
    version: int | None
    has_changes: bool
    revision: int
    link: str
    created_by: str
    created_at: datetime
    changed_by: str
    changed_at: datetime


class SurveysDocument(Document):
    """Every survey, by key."""

    surveys: list[SurveyDocument]


class SurveyVersionDocument(Document):
    """One version in a list."""

    number: int
    published_by: str
    published_at: datetime
    notes: str
    beside: int | None
    share: float | None


class WholeSurveyDocument(SurveyDocument):
    """A survey with its draft; docs/surveys.md describes `document` key by key."""

    document: dict[str, Any]
    versions: list[SurveyVersionDocument]


class WholeVersionDocument(SurveyVersionDocument):
    """What was published, which never changes."""

    key: str
    document: dict[str, Any]


class SurveyFaultDocument(Document):
    """What is wrong, where (RFC 6901, into the document), and what to do."""

    place: str
    code: str
    message: str
    hint: str


class ChangedQuestionDocument(Document):
    """A question that is asked otherwise than it last was under its series."""

    question: str
    series: str
    version: int
    what: list[str]


class LogicNodeDocument(Document):
    """A page, a question, an ending, or a field of the link."""

    place: str
    kind: str
    name: str
    page: str


class LogicEdgeDocument(Document):
    """What a node is shown by."""

    from_: str = Field(alias="from")
    to: str
    says: str
    of_choice: bool


class LogicDocument(Document):
    """Display logic: what depends on which earlier answer."""

    nodes: list[LogicNodeDocument]
    edges: list[LogicEdgeDocument]


class CheckedSurveyDocument(Document):
    """All that hinders the publication of a draft."""

    key: str
    faults: list[SurveyFaultDocument]
    changed: list[ChangedQuestionDocument]
    graph: LogicDocument


class BroughtQuestionDocument(Document):
    """A question that was read from a file; `logic` is the condition that shows it."""

    name: str
    type: str
    scale: list[int] | None
    logic: str | None


class FidelityDocument(Document):
    """What became of an element of the file: kept, changed or lost."""

    element: str
    outcome: str
    note: str


class BroughtSurveyDocument(Document):
    """What was read from a file; `id` is null where it was only looked at."""

    id: str | None
    key: str
    questions: list[BroughtQuestionDocument]
    fidelity: list[FidelityDocument]


class ReadySurveyDocument(Document):
    """A ready set to begin with, and whose construct it is."""

    name: str
    says: str
    source: str
    title: dict[str, str]
    questions: int


class ReadySurveysDocument(Document):
    """Every ready set."""

    ready: list[ReadySurveyDocument]


class SurveyLinkDocument(Document):
    """Where customers fill a survey in."""

    key: str
    link: str


class PartDocument(Document):
    """So many of so many: per cent, with Wilson's interval over customers."""

    n: int
    of: int
    value: float
    low: float
    high: float


class MiddleDocument(Document):
    """A median with its interval (null: of too few values), and the quartiles."""

    median: float
    low: float | None
    high: float | None
    lower_quartile: float
    upper_quartile: float


class SurveyResponsesDocument(Document):
    """Responses by how they ended; `seconds` from start to end, of those who came there."""

    begun: int
    ended: int
    dismissed: int
    left: int
    open: int
    customers: int
    completion: PartDocument
    seconds: MiddleDocument | None


class SurveyFigureDocument(Document):
    """What a measure says of a question; `problem` says why it says nothing."""

    metric: str
    unit: str
    value: float | None
    low: float | None
    high: float | None
    n: int | None
    customers: int | None
    method: str
    state: str | None
    flags: list[str]
    problem: str | None


class SurveyPointDocument(Document):
    """How often a point of the scale was given; `share` is per cent."""

    point: float
    n: int
    share: float


class PlaceDocument(Document):
    """The mean place in a ranking, 1 being the first."""

    value: float
    low: float | None
    high: float | None


class SurveyChoiceDocument(Document):
    """How many chose it, of those who answered."""

    value: str
    label: dict[str, str]
    share: PartDocument
    place: PlaceDocument | None


class SurveyAnswersDocument(Document):
    """One question, or one row of a matrix; null and empty where too few have answered."""

    name: str
    series: str
    type: str
    title: dict[str, str]
    row: dict[str, str] | None
    version: int
    state: Literal["ok", "too_few"]
    n: int | None
    customers: int | None
    states: dict[str, int] | None
    break_off: PartDocument | None
    figures: list[SurveyFigureDocument]
    points: list[SurveyPointDocument]
    choices: list[SurveyChoiceDocument]
    number: MiddleDocument | None


class SurveyResultsDocument(Document):
    """What came of a survey; without `responses` where too few customers have one."""

    key: str
    title: dict[str, str]
    version: int | None
    as_of: datetime
    confidence: float
    minimum_base: int
    state: Literal["ok", "too_few"]
    responses: SurveyResponsesDocument | None
    questions: list[SurveyAnswersDocument]


class RemovedSurveyDocument(Document):
    """A draft that is gone."""

    key: str
    removed: bool


class SurveyGiven(Given):
    """A draft to be made: of a document, of a ready set, or without questions."""

    key: str = Field(max_length=60)
    document: dict[str, Any] | None = Field(
        default=None, description=str(_("The survey, as docs/surveys.md describes it."))
    )
    ready: str = Field(
        default="", max_length=60, description=str(_("The name of a ready set to begin with."))
    )
    title: str = Field(
        default="", max_length=5_000, description=str(_("In the workspace's language."))
    )


class SurveyDraftGiven(Given):
    """A document in the place of the draft that was looked at."""

    document: dict[str, Any]
    revision: int = Field(ge=1, lt=2**31, description=str(_("Of the draft that was looked at.")))


class SurveyPublishGiven(Given):
    """How a draft is published."""

    series: dict[str, Literal["same", "new"]] = Field(
        default={},
        description=str(_("Whether a question that is asked otherwise begins a new series.")),
    )
    notes: str = Field(
        default="", max_length=2_000, description=str(_("What is new in this version."))
    )
    revision: int | None = Field(
        default=None, ge=1, lt=2**31, description=str(_("Of the draft that was looked at."))
    )
    beside: int | None = Field(
        default=None, ge=1, lt=2**31,
        description=str(_("A version that goes on beside it, each given at random.")),
    )  # fmt: skip
    share: float = Field(
        default=0.5, gt=0, lt=1, description=str(_("Of new responses that are given the new one."))
    )


class SurveyInvitedGiven(Given):
    """Somebody who is asked, and what she is asked about."""

    customer: str = Field(min_length=1, max_length=300)
    customer_kind: str = Field(default=KNOWN, max_length=60)
    about_kind: str = Field(default="", max_length=60)
    about_id: str = Field(default="", max_length=300)
    experienced_at: AwareDatetime | None = Field(default=None, strict=False)
    touchpoint: str = Field(default="", max_length=120)
    channel: str = Field(default="", max_length=120)
    arm: str = Field(default="", max_length=120)
    fields: dict[str, str] = Field(
        default={}, max_length=50, description=str(_("Kept with the answers."))
    )


class SurveyInvitationsGiven(Given):
    """Who is asked; every call makes new links."""

    people: list[SurveyInvitedGiven] = Field(min_length=1, max_length=10_000)


class SurveyInvitationDocument(Document):
    """The link of one of them."""

    customer: str
    customer_kind: str
    link: str


class SurveyInvitationsDocument(Document):
    """Everybody's link, in the order in which they were given."""

    key: str
    invitations: list[SurveyInvitationDocument]


class SurveyCopyGiven(Given):
    """The key of the new draft."""

    key: str = Field(max_length=60)
