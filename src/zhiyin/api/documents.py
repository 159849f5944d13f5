"""What the documents of the API hold, for its description and for the tests.

The rooms write the documents; these classes say what is in them, and a test holds the two equal.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import ConfigDict, Field


class Document(Schema):
    """Nothing but what is named."""

    model_config = ConfigDict(extra="forbid")


class Given(Document):
    """What a caller sends: a number is a number, and yes is not 1."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Fault(Document):
    """One fault of a request."""

    where: str
    message: str


class ProblemDocument(Document):
    """An error, as RFC 9457 has it; `code` is for programs, title and detail for people."""

    type: str
    title: str
    status: int
    detail: str | None
    code: str
    request_id: str
    errors: list[Fault] = Field(default=[])


class WorkspaceDocument(Document):
    """The workspace that the key belongs to, and what the key may do."""

    workspace: str
    name: str
    timezone: str
    week_start: int
    fiscal_year_start: int
    currency: str
    language: str
    minimum_base: int
    test_base: int
    small_base: int
    requires_second_step: bool
    rights: list[str]
    unit: str | None
    sees_personal_data: bool


class MeasureDocument(Document):
    """A measure, and how it is counted."""

    metric: str
    label: str
    definition: str
    definition_version: int
    unit: str
    better: str


class MeasuresDocument(Document):
    """Every measure."""

    measures: list[MeasureDocument]


class ScoreDocument(Document):
    """One figure; null where it is not shown, and `state` says why."""

    group: dict[str, Any]
    period: str | None
    value: float | None
    low: float | None
    high: float | None
    n: int | None
    customers: int | None
    design_effect: float | None
    method: str
    state: str
    flags: list[str]


class LeftOutDocument(Document):
    """A mark of the calendar that a figure is without."""

    number: int
    name: str


class Heading(Document):
    """What a table of figures says of itself."""

    metric: str
    questions: list[str]
    kind: str | None
    per: str
    definition: str
    definition_version: int
    unit: str
    better: str
    scale: list[float] | None
    timezone: str
    from_: date | None = Field(alias="from")
    to: date | None
    as_of: datetime
    confidence: float
    minimum_base: int
    without: list[LeftOutDocument]


class ScoresDocument(Heading):
    """As `zhiyin score --json`."""

    rows: list[ScoreDocument]
    total: ScoreDocument
    states: dict[str, int]


class ComparisonDocument(Document):
    """One difference, with its interval and whether it is more than chance."""

    group: dict[str, Any]
    period: str | None
    reference_period: str | None
    value: float | None
    reference_value: float | None
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    q: float | None
    marked: bool
    n: int | None
    customers: int | None
    reference_n: int | None
    reference_customers: int | None
    method: str
    state: str
    place: Any
    flags: list[str]


class ComparisonsDocument(Heading):
    """As `zhiyin compare --json`."""

    against: Any
    q: float
    fdr: str
    tests: int
    interval_confidence: float
    rows: list[ComparisonDocument]


class TargetDocument(Document):
    """A target."""

    number: int
    metric: str
    kind: str | None
    question: str | None
    unit: str | None
    period: str
    from_: date = Field(alias="from")
    to: date
    target: float


class VerdictDocument(TargetDocument):
    """A target beside the figure of its period; `chance` is of reaching it by the end."""

    verdict: str
    is_over: bool
    better: str
    value: float | None
    low: float | None
    high: float | None
    n: int | None
    customers: int | None
    flags: list[str]
    chance: float | None
    needed: float | None
    expected: float | None
    to_come: float | None
    problem: str | None


class TargetsDocument(Document):
    """As `zhiyin target list --json`."""

    targets: list[VerdictDocument]


class TargetGiven(Given):
    """A target to be set; one for the same measure, unit and period gets this value."""

    metric: str = Field(max_length=64)
    period: str = Field(max_length=30)
    value: float
    unit: str = Field(default="", max_length=120)
    kind: str = Field(default="", max_length=20)
    question: str = Field(default="", max_length=200)


class MarkDocument(Document):
    """Days marked in the calendar; ids of customers only for keys that see them."""

    number: int
    name: str
    kind: str
    from_: date = Field(alias="from")
    to: date
    unit: str | None
    touchpoint: str | None
    where: str | None
    about: list[str]
    customers: list[str]
    listed_customers: int
    made_by: str


class DatedDocument(Document):
    """Days that were computed: a public holiday or a festival."""

    name: str
    kind: str
    from_: date = Field(alias="from")
    to: date
    number: int | None


class CalendarDocument(Document):
    """As `zhiyin calendar list --json`."""

    marks: list[MarkDocument]
    holidays: list[DatedDocument]


class MarkGiven(Given):
    """Days to be marked, the last one included."""

    name: str = Field(max_length=120)
    kind: Literal["incident", "campaign", "holiday", "process", "survey", "gap"]
    first: str = Field(max_length=10, description="2026-01-31")
    last: str = Field(default="", max_length=10)
    unit: str = Field(default="", max_length=120)
    touchpoint: str = Field(default="", max_length=120)
    where: str = Field(default="", max_length=10_000)
    about: list[str] = Field(default=[], max_length=5_000)
    customers: list[str] = Field(default=[], max_length=5_000)


class IdDocument(Document):
    """An id of a customer."""

    kind: str
    id: str


class LineDocument(Document):
    """One line of a time line."""

    at: datetime
    table: str
    title: str
    detail: str | None
    says: str | None
    amount: str | None
    channel: str | None
    touchpoint: str | None


class MoneyDocument(Document):
    """What a customer has paid in a currency."""

    currency: str
    orders: int
    paid: float
    refunds: int
    refunded: float


class IssueDocument(Document):
    """Something that waits for us."""

    issue: str
    reason: str | None
    since: datetime
    contacts: int
    promised_until: datetime | None


class ConsentDocument(Document):
    """What a customer said about a purpose."""

    purpose: str
    channel: str | None
    is_given: bool
    at: datetime


class CustomerDocument(Document):
    """As `zhiyin customer --json`."""

    customer: str | None
    name: str
    ids: list[IdDocument]
    traits: dict[str, str]
    counts: dict[str, int]
    channels: dict[str, int]
    first_at: datetime | None
    last_at: datetime | None
    money: list[MoneyDocument]
    open_issues: list[IssueDocument]
    consents: list[ConsentDocument]
    timeline: list[LineDocument]


class PersonDocument(Document):
    """A customer in a list."""

    ids: list[IdDocument]
    name: str
    tier: str | None
    last_at: datetime | None
    orders: int
    spent: float | None
    contacts: int
    last_nps: float | None


class CountDocument(Document):
    """How many customers a rule chooses, of how many."""

    rule: str
    n: int
    of: int
    seconds: float


class SegmentDocument(Document):
    """A saved rule that chooses customers."""

    slug: str
    name: str
    rule: str


class SegmentsDocument(Document):
    """Every saved segment."""

    segments: list[SegmentDocument]


class SegmentGiven(Given):
    """A segment to be saved."""

    name: str = Field(max_length=200)
    rule: str = Field(max_length=10_000)


class ViewDocument(Document):
    """A saved view: a page and the query of its address."""

    number: int
    name: str
    page: str
    query: str
    address: str
    is_shared: bool
    is_pinned: bool
    created_at: datetime


class ViewsDocument(Document):
    """Every view that the workspace shares."""

    views: list[ViewDocument]


class ViewGiven(Given):
    """A view to be shared with the workspace."""

    name: str = Field(max_length=200)
    page: str = Field(max_length=40)
    query: str = Field(default="", max_length=10_000)
    is_pinned: bool = False


class MergeGiven(Given):
    """Two ids that are one customer; an id of another kind than `customer` is ``kind:id``."""

    a: str = Field(min_length=1, max_length=500)
    b: str = Field(min_length=1, max_length=500)
    note: str = Field(default="", max_length=500)


class MergeDocument(Document):
    """As `zhiyin merge --json`."""

    merge_id: str
    customer: str
    ids: list[IdDocument]


class UnmergeDocument(Document):
    """As `zhiyin unmerge --json`."""

    merge_id: str
    customers: list[str]
    is_still_one: bool


class WhyDocument(Document):
    """As `zhiyin why --json`."""

    customer: str
    ids: list[IdDocument]
    tree: list[dict[str, Any]]
    reasons: list[dict[str, Any]]
    held: list[dict[str, Any]]
    apart: list[dict[str, Any]]


class SuggestionDocument(Document):
    """Two ids that may be one customer."""

    number: int
    a: IdDocument
    b: IdDocument
    origin: str
    weight: float | None
    probability: float | None
    comparison: list[dict[str, Any]]
    state: str
    merge_id: str | None
    found_at: datetime
    decided_at: datetime | None
    decided_by: str | None


class DecisionGiven(Given):
    """What a person says to a suggestion."""

    decision: Literal["accept", "reject", "reopen"]


class ConsentGiven(Given):
    """What a customer said about a purpose."""

    id: str = Field(min_length=1, max_length=500)
    kind: str | None = Field(default=None, max_length=60)
    purpose: str = Field(min_length=1, max_length=200)
    channel: str | None = Field(default=None, max_length=200)
    is_given: bool
    evidence: str = Field(min_length=1, max_length=200)


class ErasureGiven(Given):
    """A customer to be erased, by any id of hers."""

    id: str = Field(min_length=1, max_length=500)
    kind: str | None = Field(default=None, max_length=60)
    reason: Literal["request", "withdrawn", "not_needed", "unlawful"] = "request"


class ErasureDocument(Document):
    """How far an erasure is."""

    number: str
    asked_by: str
    asked_at: datetime
    reason: str
    state: str
    unreadable_at: datetime | None
    gone_by: datetime
    gone_at: datetime | None


class ReceiptDocument(Schema):
    """A signed receipt, as `zhiyin erase --json`."""

    model_config = ConfigDict(extra="allow")

    form: str
    number: str


class AnswerDocument(Document):
    """One question put to one customer; ids and options are null for a key that may not see."""

    seq: int
    id: str | None
    source: str | None
    customer: str | None
    occurred_at: datetime
    received_at: datetime
    response: str | None
    survey: str | None
    version: int | None
    question: str | None
    metric: str | None
    kind: str | None
    score: float | None
    scale_min: float | None
    scale_max: float | None
    direction: str | None
    answer_state: str | None
    choice: str | None
    touchpoint: str | None
    channel: str | None
    weight: float | None
    dimensions: dict[str, Any]


class EventDocument(Document):
    """One event; who it is about, and what was sent, is null for a key that may not see."""

    seq: int
    id: str | None
    source: str | None
    name: str | None
    occurred_at: datetime
    received_at: datetime
    customer: str | None
    touchpoint: str | None
    channel: str | None
    properties: str | None


class EventCountDocument(Document):
    """As `zhiyin events --count --json`."""

    count: int
    name: str | None
    where: str | None
    workspace: str


class EntryDocument(Document):
    """A name of events, or a property of one, and what people say of it."""

    name: str
    property: str
    kinds: list[str]
    n: int
    first_at: datetime | None
    last_at: datetime | None
    description_en: str
    description_zh: str
    is_hidden: bool
    is_blocked: bool
    left_out: int


class CatalogueDocument(Document):
    """The event catalogue."""

    entries: list[EntryDocument]


class DefinitionGiven(Given):
    """What is said of a name of events, or of a property of it."""

    name: str = Field(min_length=1, max_length=200)
    property: str = Field(default="", max_length=200)
    description_en: str = Field(default="", max_length=2000)
    description_zh: str = Field(default="", max_length=2000)
    is_hidden: bool = False
    is_blocked: bool = False


class LetterDocument(Document):
    """An event that intake refused."""

    number: int
    received_at: datetime
    source: str
    wire: str
    code: str
    message: str
    body: str


class NumbersGiven(Given):
    """Which refused events, by their numbers; none is all that wait."""

    numbers: list[Annotated[int, Field(ge=0, le=2**53)]] | None = Field(
        default=None, max_length=1000
    )


class ReplayDocument(Document):
    """What trying again did."""

    tried: int
    taken: int
    refused: int


class DismissDocument(Document):
    """How many were put aside."""

    dismissed: int


class ImportDocument(Document):
    """One batch that the log has taken."""

    import_id: str
    source: str
    label: str
    committed_at: datetime
    facts: int
    undone_at: datetime | None


class RejectDocument(Document):
    """A row that was not taken."""

    line: int
    column: str
    value: str
    reason: str
    file: str


class ImportedDocument(Document):
    """What became of every row: read = added + duplicate + rejected.

    `rejects_file` is the name of the file of rejected rows in the folder `rejects` of the server;
    `rejects` has the first hundred of them.
    """

    rows_read: int
    rows_added: int
    rows_duplicate: int
    rows_rejected: int
    facts_added: int
    rejects_file: str | None
    import_id: str
    seconds: float
    notes: list[str]
    rejects: list[RejectDocument]


class UndoneDocument(Document):
    """An import that was taken back."""

    import_id: str
    facts_removed: int


class WriteKeyDocument(Document):
    """A key with which a source sends events."""

    key: str
    kind: str
    source: str
    workspace: str
    origins: list[str]
    events_per_second: int
    created_at: datetime
    revoked_at: datetime | None


class MadeWriteKeyDocument(WriteKeyDocument):
    """A new key; the secret of one for webhooks is shown this once."""

    signing_secret: str | None


class ApiKeyDocument(Document):
    """A key with which a program asks, without its secret."""

    number: int
    kind: str
    name: str
    start: str
    workspace: str
    rights: list[str]
    unit: str | None
    sees_personal_data: bool
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


class KeysDocument(Document):
    """As `zhiyin key list --json`."""

    keys: list[WriteKeyDocument]
    api_keys: list[ApiKeyDocument]


class WriteKeyGiven(Given):
    """A write key to be made."""

    source: str = Field(min_length=1, max_length=60)
    origins: list[str] = Field(default=[], max_length=100)
    events_per_second: int = Field(default=0, ge=0, le=1_000_000)
    for_webhooks: bool = False


class UnitDocument(Document):
    """A unit of the organisation tree."""

    key: str
    name: str
    kind: str
    parent: str


class UnitsDocument(Document):
    """The organisation tree, from the top down."""

    units: list[UnitDocument]


class UnitGiven(Given):
    """A unit as it is to be; without a name it is called by its key."""

    key: str = Field(min_length=1, max_length=120)
    name: str = Field(default="", max_length=120)
    kind: str = Field(default="", max_length=60)
    parent: str = Field(default="", max_length=120)


class SettingsGiven(Given):
    """Settings of the workspace; what is not named stays."""

    name: str | None = Field(default=None, min_length=1, max_length=120)
    timezone: str | None = Field(default=None, max_length=64)
    week_start: int | None = Field(default=None, ge=0, le=6)
    fiscal_year_start: int | None = Field(default=None, ge=1, le=12)
    currency: str | None = Field(default=None, min_length=3, max_length=3)
    language: Literal["en", "zh-hans"] | None = None
    minimum_base: int | None = Field(default=None, ge=1, le=1_000_000)
    test_base: int | None = Field(default=None, ge=1, le=1_000_000)
    small_base: int | None = Field(default=None, ge=1, le=1_000_000)


class AllowedDocument(Document):
    """What a member may do and see, and what an invited person will."""

    role: str
    unit: str | None
    scope: str | None
    sees_personal_data: bool


class MemberDocument(AllowedDocument):
    """Somebody who works in the workspace."""

    number: int
    login: str
    name: str
    is_active: bool
    joined_at: datetime


class InvitationDocument(AllowedDocument):
    """An invitation that waits."""

    number: int
    login: str
    invited_by: str | None
    created_at: datetime
    expires_at: datetime


class EverybodyDocument(Document):
    """Who works in the workspace, and who is invited."""

    members: list[MemberDocument]
    invitations: list[InvitationDocument]


class UnitRuleDocument(Document):
    """Facts for which `where` holds are of the unit; `table` blank is every kind that fits."""

    where: str
    unit: str
    table: str
    timezone: str


class UnitRulesDocument(Document):
    """The rules in order; `seen` stands for just these, and goes back with a change."""

    rules: list[UnitRuleDocument]
    come_first: bool
    seen: str


class UnitRuleGiven(Given):
    """A rule; its days are days in the workspace's zone."""

    where: str = Field(min_length=1, max_length=10_000)
    unit: str = Field(min_length=1, max_length=120)
    table: str = Field(default="", max_length=60)


class UnitRulesGiven(Given):
    """The rules to be put in the place of all."""

    rules: list[UnitRuleGiven] = Field(max_length=200)
    come_first: bool = False
    seen: str = Field(min_length=1, max_length=64)


class RuleCountDocument(Document):
    """Facts that another rule takes first, or that it would lose."""

    unit: str
    where: str
    facts: int


class CaughtDocument(Document):
    """What a rule would catch of one kind of facts."""

    table: str
    facts: int
    customers: int
    own: int
    before: list[RuleCountDocument]
    taken: list[RuleCountDocument]


class UnitRulePreviewDocument(Document):
    """What a rule would catch of the last 30 days, by kind of facts."""

    kinds: list[CaughtDocument]


class EditionHeading(Document):
    """A report as it was published, without what it says."""

    number: int
    published_at: datetime
    published_by: str
    as_of: datetime
    scope: str | None


class ReportDocument(Document):
    """A report, with its newest edition first."""

    number: int
    title: str
    language: str
    blocks: int
    made_by: str
    changed_at: datetime
    editions: list[EditionHeading]


class ReportsDocument(Document):
    """As `zhiyin report list --json`."""

    reports: list[ReportDocument]


class ContentDocument(Document):
    """What a report says. A block's `type` is figure, fault, said, words or break."""

    title: str
    language: str
    workspace: str
    scope: str
    as_of: str
    blocks: list[dict[str, Any]]


class EditionDocument(EditionHeading):
    """A report as it was published."""

    content: ContentDocument


class ChangedDocument(Document):
    """A figure of a published report, asked again."""

    block: str
    title: str
    is_same: bool
    then: float | None
    now: float | None
    rows: int
    reasons: dict[str, int]
    was_defined_anew: bool
    problem: str | None


class ChangesDocument(Document):
    """What has changed since a report was published."""

    figures: list[ChangedDocument]
    merges: int
    erasures: int
    settings: dict[str, int]


class JobDocument(Document):
    """One piece of background work."""

    number: int
    workspace: str
    kind: str
    label: str
    arguments: dict[str, Any]
    asked_by: str | None
    asked_at: datetime
    state: str
    attempts: int
    not_before: datetime
    started_at: datetime | None
    ended_at: datetime | None
    seconds: float | None
    parts_done: int
    parts: int
    part_name: str | None
    is_unwanted: bool
    result: dict[str, Any]
    error: dict[str, Any] | None


class EntryOfAudit(Document):
    """Who did what, when and from where."""

    number: int
    at: datetime
    by: str
    where: str
    action: str
    subject: str
    before: dict[str, Any]
    after: dict[str, Any]


class Page(Document):
    """A page of a list; send `next` as `cursor` for the next one, null is the last."""

    next: str | None


class PeoplePage(Page):
    """Customers."""

    items: list[PersonDocument]


class LinesPage(Page):
    """Lines of a time line, newest first."""

    items: list[LineDocument]


class SuggestionsPage(Page):
    """Suggestions."""

    items: list[SuggestionDocument]


class ErasuresPage(Page):
    """Erasures, newest first."""

    items: list[ErasureDocument]


class AnswersPage(Page):
    """Answers, in the order in which the log learnt them."""

    items: list[AnswerDocument]


class EventsPage(Page):
    """Events, newest first."""

    items: list[EventDocument]


class LettersPage(Page):
    """Refused events, newest first."""

    items: list[LetterDocument]


class ImportsPage(Page):
    """Imports, newest first."""

    items: list[ImportDocument]


class AuditPage(Page):
    """Entries of the audit log, newest first."""

    items: list[EntryOfAudit]


class JobsPage(Page):
    """Background work, the newest first."""

    items: list[JobDocument]
