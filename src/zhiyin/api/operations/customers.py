"""Customers: found, read, counted, put into segments, made one, and what they have a right to."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import page, page_of, read, send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.customers import (
    ConsentDocument,
    CountDocument,
    CustomerDocument,
    LinesPage,
    PeoplePage,
)
from zhiyin.api.documents.identity import (
    DecisionGiven,
    MergeDocument,
    MergeGiven,
    SuggestionDocument,
    SuggestionsPage,
    UnmergeDocument,
    WhyDocument,
)
from zhiyin.api.documents.rights import (
    ConsentGiven,
    ErasureDocument,
    ErasureGiven,
    ErasuresPage,
    ReceiptDocument,
)
from zhiyin.api.documents.segments import SegmentDocument, SegmentGiven, SegmentsDocument
from zhiyin.api.once import once
from zhiyin.api.operations.common import (
    ONCE,
    Asking,
    Paging,
    customers_asked,
    customers_filter,
    gives,
)
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.unify import consent, erasure, exporting, lines, merging, people, receipts, segments
from zhiyin.unify import customer as one_customer
from zhiyin.unify import documents as written
from zhiyin.unify import suggestions as pairs
from zhiyin.unify.models import Erasure, SuggestionState
from zhiyin.unify.why import explain
from zhiyin.web import personal

router = Router(tags=["customers"])

DECISIONS = {"accept": pairs.accept, "reject": pairs.reject, "reopen": pairs.reopen}
STATES = tuple(SuggestionState.values)


class CustomersAsked(Paging):
    """Which customers."""

    where: str | None = Field(
        default=None, max_length=10_000, description=str(_("A filter over customers: orders >= 2."))
    )
    segment: str | None = Field(default=None, max_length=60, description=str(_("A saved segment.")))


class OneAsked(Asking):
    """One customer."""

    id: str = Field(
        min_length=1, max_length=500,
        description=str(
            _("Any id of hers, an order, a telephone, an e-mail address or a whole name.")
        ),
    )  # fmt: skip


class CustomerAsked(OneAsked):
    """One customer, and how much of her time line."""

    limit: int = Field(
        default=20, ge=0, le=500, description=str(_("How many lines, newest first."))
    )


class LinesAsked(Paging):
    """A time line."""

    id: str = Field(min_length=1, max_length=500)


class RightsAsked(Asking):
    """A customer by an id and its kind."""

    id: str = Field(min_length=1, max_length=500)
    kind: str | None = Field(default=None, max_length=60)


class RuleAsked(Asking):
    """A rule."""

    where: str | None = Field(default=None, max_length=10_000)


class PairsAsked(Paging):
    """Suggestions in a state."""

    state: str = Field(default=SuggestionState.PENDING, pattern=f"^({'|'.join(STATES)})$")


@router.get(
    "/customers", auth=may(Right.SEE_CUSTOMERS, personal=True),
    response=gives(PeoplePage), operation_id="customers",
    summary=str(_("Customers of whom a filter holds")),
)  # fmt: skip
def customers(request: Asked, asked: Query[CustomersAsked]) -> HttpResponse:
    """Each once, in an order that stays, whatever comes in meanwhile."""
    caller = request.auth
    chosen = customers_asked(request, asked.where, asked.segment)
    after = read(asked.cursor, int)
    found = people.following(
        caller.log, caller.workspace, chosen, after=-1 if after is None else after,
        limit=asked.limit,
    )  # fmt: skip
    last = found.people[-1].key if found.has_more else None
    return page([written.person(one) for one in found.people], last)


@router.get(
    "/customers/count", auth=may(Right.SEE_CUSTOMERS), response=gives(CountDocument),
    operation_id="count_customers", summary=str(_("How many customers a filter chooses")),
)  # fmt: skip
def count(request: Asked, asked: Query[RuleAsked]) -> HttpResponse:
    """The document of `zhiyin segment count --json`."""
    caller = request.auth
    chosen = customers_filter(request, asked.where)
    return send(written.counted(chosen, people.count(caller.log, caller.workspace, chosen)))


@router.get(
    "/customer", auth=may(Right.SEE_CUSTOMERS, personal=True),
    response=gives(CustomerDocument), operation_id="customer",
    summary=str(_("One customer with the head of her time line")),
)  # fmt: skip
def customer(request: Asked, asked: Query[CustomerAsked]) -> HttpResponse:
    """The document of `zhiyin customer --json`."""
    caller = request.auth
    key = one_customer.find(caller.log, caller.slug, asked.id)
    held = one_customer.rows_of(caller.log, caller.slug, key)
    found = one_customer.read(caller.log, caller.workspace, key, held=held)
    everything = lines.Chosen(kinds=tuple(lines.KINDS))
    shown = (
        lines.read(caller.log, caller.workspace, key, everything, limit=asked.limit, held=held)
        if asked.limit
        else lines.Page((), None)
    )
    return send(written.customer(found, shown.lines))


@router.get(
    "/customer/timeline", auth=may(Right.SEE_CUSTOMERS, personal=True),
    response=gives(LinesPage), operation_id="timeline",
    summary=str(_("All that happened with one customer, newest first")),
)  # fmt: skip
def timeline(request: Asked, asked: Query[LinesAsked]) -> HttpResponse:
    """Over all channels."""
    caller = request.auth
    key = one_customer.find(caller.log, caller.slug, asked.id)
    shown = lines.read(
        caller.log, caller.workspace, key, lines.Chosen(kinds=tuple(lines.KINDS)),
        before=lines.read_place(read(asked.cursor, str) or ""), limit=asked.limit,
    )  # fmt: skip
    older = lines.write_place(shown.older) if shown.older else None
    return page([written.line(one) for one in shown.lines], older)


@router.get(
    "/customer/why", auth=may(Right.JOIN, personal=True), response=gives(WhyDocument),
    operation_id="why", summary=str(_("Why the ids of a customer are one")),
)  # fmt: skip
def why(request: Asked, asked: Query[OneAsked]) -> HttpResponse:
    """The document of `zhiyin why --json`."""
    return send(explain(request.auth.log, workspace=request.auth.slug, written=asked.id).as_dict())


@router.get(
    "/customer/everything", auth=may(Right.FULFIL, personal=True),
    response=gives(dict), operation_id="export_customer",
    summary=str(_("Everything that is held about one customer")),
)  # fmt: skip
def everything(request: Asked, asked: Query[RightsAsked]) -> HttpResponse:
    """The document of `zhiyin customer-export`; the audit log says that it was handed out."""
    caller = request.auth
    document = exporting.everything(
        by=caller.by, log=caller.log, data=settings.ZHIYIN_DATA, workspace=caller.slug,
        name=asked.id, kind=asked.kind,
    )  # fmt: skip
    return send(document)


@router.post(
    "/customer/consents", auth=may(Right.FULFIL, personal=True),
    response=gives(ConsentDocument, 201), operation_id="record_consent",
    summary=str(_("Write down what a customer said about a purpose")), openapi_extra=ONCE,
)  # fmt: skip
def record_consent(request: Asked, given: ConsentGiven) -> HttpResponse:
    """It holds from now on."""
    caller = request.auth

    def done() -> dict[str, object]:
        subject = caller.log.subject(caller.slug, given.id, given.kind)
        consent.record(
            by=caller.by, log=caller.log, workspace=caller.slug, customer=subject.ids[0],
            purpose=given.purpose, channel=given.channel, is_given=given.is_given,
            evidence=given.evidence,
        )  # fmt: skip
        standing = consent.standing(consent.history(caller.log, caller.slug, subject.customer))
        (one,) = (
            one for one in standing
            if one.purpose == given.purpose.strip() and one.channel == (given.channel or None)
        )  # fmt: skip
        return {
            "purpose": one.purpose,
            "channel": one.channel,
            "is_given": one.is_given,
            "at": written.instant(one.by.said_at),
        }

    return once(request, done, status=201, in_log=True)


@router.post(
    "/erasures", auth=may(Right.FULFIL, personal=True),
    response=gives(ErasureDocument, 201), operation_id="erase",
    summary=str(_("Erase a customer")), openapi_extra=ONCE,
)  # fmt: skip
def erase(request: Asked, given: ErasureGiven) -> HttpResponse:
    """Nobody reads anything of her from then on; the last bytes go by the stated time."""
    caller = request.auth

    def done() -> dict[str, object]:
        made = erasure.erase(
            by=caller.by, log=caller.log, data=settings.ZHIYIN_DATA, workspace=caller.slug,
            name=given.id, kind=given.kind, reason=given.reason,
        )  # fmt: skip
        return written.erasure(made)

    return once(request, done, status=201, in_log=True)


@router.get(
    "/erasures", auth=may(Right.FULFIL), response=gives(ErasuresPage),
    operation_id="erasures", summary=str(_("Erasures, newest first")),
)  # fmt: skip
def erasures(request: Asked, asked: Query[Paging]) -> HttpResponse:
    """None of them says who was erased."""
    held = Erasure.objects.filter(workspace__slug=request.auth.slug).order_by("-pk")
    before = read(asked.cursor, int)
    if before is not None:
        held = held.filter(pk__lt=before)
    return page_of(held[: asked.limit + 1], asked.limit, written.erasure, lambda one: one.pk)


@router.get(
    "/erasures/{number}", auth=may(Right.FULFIL), response=gives(ReceiptDocument),
    operation_id="receipt", summary=str(_("The signed receipt of an erasure")),
)  # fmt: skip
def receipt(request: Asked, number: str) -> HttpResponse:
    """The document of `zhiyin erase --json`."""
    found = Erasure.objects.filter(workspace__slug=request.auth.slug, number=number).first()
    if found is None:
        raise Problem(
            "rights.no-such-receipt",
            _("There is no receipt of this number in this workspace."),
            _("A number may be shortened, as long as it names one receipt."),
        )
    return send(receipts.document(found, settings.ZHIYIN_DATA))


@router.post(
    "/merges", auth=may(Right.JOIN, personal=True),
    response=gives(MergeDocument, 201), operation_id="merge",
    summary=str(_("Make the customers of two ids one")), openapi_extra=ONCE,
)  # fmt: skip
def merge(request: Asked, given: MergeGiven) -> HttpResponse:
    """The document of `zhiyin merge --json`; it can be undone."""
    caller = request.auth

    def done() -> dict[str, object]:
        made = merging.merge(
            caller.log, by=caller.by, workspace=caller.slug, a=given.a, b=given.b, note=given.note
        )
        return made.as_dict()

    return once(request, done, status=201, in_log=True)


@router.delete(
    "/merges/{merge_id}", auth=may(Right.JOIN, personal=True),
    response=gives(UnmergeDocument), operation_id="unmerge",
    summary=str(_("Undo a merge")), openapi_extra=ONCE,
)  # fmt: skip
def unmerge(request: Asked, merge_id: str) -> HttpResponse:
    """The document of `zhiyin unmerge --json`; no rule joins the two again."""
    caller = request.auth

    def done() -> dict[str, object]:
        made = merging.unmerge(caller.log, by=caller.by, workspace=caller.slug, merge_id=merge_id)
        return made.as_dict()

    return once(request, done, in_log=True)


@router.get(
    "/merge-suggestions", auth=may(Right.JOIN, personal=True),
    response=gives(SuggestionsPage), operation_id="suggestions",
    summary=str(_("Ids that may be one customer")),
)  # fmt: skip
def suggestions(request: Asked, asked: Query[PairsAsked]) -> HttpResponse:
    """In the order in which they were found."""
    held = pairs.listed(request.auth.slug, state=asked.state).order_by("pk")
    after = read(asked.cursor, int)
    if after is not None:
        held = held.filter(pk__gt=after)
    return page_of(held[: asked.limit + 1], asked.limit, written.suggestion, lambda one: one.pk)


@router.post(
    "/merge-suggestions/{int:number}", auth=may(Right.JOIN, personal=True),
    response=gives(SuggestionDocument), operation_id="decide",
    summary=str(_("Accept, reject or reopen a suggestion")), openapi_extra=ONCE,
)  # fmt: skip
def decide(request: Asked, number: int, given: DecisionGiven) -> HttpResponse:
    """To accept makes the two one customer; to reject keeps every rule from it."""
    caller = request.auth

    def done() -> dict[str, object]:
        decided = DECISIONS[given.decision]
        return written.suggestion(
            decided(caller.log, by=caller.by, workspace=caller.slug, pk=number)
        )

    return once(request, done, in_log=True)


@router.get(
    "/segments", auth=may(Right.SEE_CUSTOMERS), response=gives(SegmentsDocument),
    operation_id="segments", summary=str(_("The saved segments")),
)  # fmt: skip
def listed(request: Asked) -> HttpResponse:
    """The document of `zhiyin segment list --json`."""
    caller = request.auth
    found = [written.segment(one) for one in segments.of(caller.slug)]
    for one in found:
        one["rule"] = _rule(request, one["rule"])
    return send({"segments": found})


@router.post(
    "/segments", auth=may(Right.DEFINE), response=gives(SegmentDocument, 201),
    operation_id="create_segment", summary=str(_("Save a segment")), openapi_extra=ONCE,
)  # fmt: skip
def create_segment(request: Asked, given: SegmentGiven) -> HttpResponse:
    """Its short name is made from its name."""
    customers_filter(request, given.rule)
    caller = request.auth

    def done() -> dict[str, object]:
        made = segments.create(
            by=caller.by, workspace=caller.slug, name=given.name, rule=given.rule
        )
        return written.segment(made)

    return once(request, done, status=201)


@router.put(
    "/segments/{slug}", auth=may(Right.DEFINE), response=gives(SegmentDocument),
    operation_id="change_segment", summary=str(_("Change a segment")), openapi_extra=ONCE,
)  # fmt: skip
def change_segment(request: Asked, slug: str, given: SegmentGiven) -> HttpResponse:
    """Its short name stays."""
    customers_filter(request, given.rule)
    caller = request.auth

    def done() -> dict[str, object]:
        made = segments.change(
            by=caller.by, workspace=caller.slug, slug=slug, name=given.name, rule=given.rule
        )
        return written.segment(made)

    return once(request, done)


@router.delete(
    "/segments/{slug}", auth=may(Right.DEFINE), response=gives(SegmentDocument),
    operation_id="remove_segment", summary=str(_("Take a segment out")), openapi_extra=ONCE,
)  # fmt: skip
def remove_segment(request: Asked, slug: str) -> HttpResponse:
    """The customers in it stay as they are; the answer is what it was."""
    caller = request.auth

    def done() -> dict[str, object]:
        was = written.segment(segments.get(caller.slug, slug))
        segments.remove(by=caller.by, workspace=caller.slug, slug=slug)
        return was

    return once(request, done)


def _rule(request: Asked, text: str) -> str:
    return personal.rule(text, sees_it=request.auth.sees_personal_data, of_customers=True)
