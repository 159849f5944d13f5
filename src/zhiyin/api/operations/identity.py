"""Which ids are one customer: why, merges, and what is suggested."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from zhiyin.accounts import jobs, work
from zhiyin.accounts.rights import Right
from zhiyin.api.answers import page_of, read, send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.identity import (
    DecisionGiven,
    IdentityRulesDocument,
    IdentityRulesGiven,
    MergeDocument,
    MergeGiven,
    SuggestionDocument,
    SuggestionsPage,
    UnmergeDocument,
    WhyDocument,
)
from zhiyin.api.documents.jobs import JobDocument
from zhiyin.api.once import once
from zhiyin.api.operations.customers import OneAsked
from zhiyin.api.operations.parameters import (
    ONCE,
    Paging,
    gives,
)
from zhiyin.kernel.text import _
from zhiyin.unify import documents as written
from zhiyin.unify import identity_rules, matching, merging
from zhiyin.unify import suggestions as pairs
from zhiyin.unify.models import SuggestionState
from zhiyin.unify.why import explain

router = Router(tags=["customers"], by_alias=True)

DECISIONS = {"accept": pairs.accept, "reject": pairs.reject, "reopen": pairs.reopen}

STATES = tuple(SuggestionState.values)


class PairsAsked(Paging):
    """Suggestions in a state."""

    state: str = Field(default=SuggestionState.PENDING, pattern=f"^({'|'.join(STATES)})$")


@router.get(
    "/customer/why", auth=may(Right.JOIN, personal=True), response=gives(WhyDocument),
    operation_id="why", summary=str(_("Why the ids of a customer are one")),
)  # fmt: skip
def why(request: Asked, asked: Query[OneAsked]) -> HttpResponse:
    """The document of `zhiyin why --json`."""
    return send(explain(request.auth.log, workspace=request.auth.slug, written=asked.id).as_dict())


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


@router.post(
    "/merge-suggestions/compare", auth=may(Right.JOIN, personal=True),
    response=gives(JobDocument, 201), operation_id="compare_customers",
    summary=str(_("Have all customers compared for suggestions")), openapi_extra=ONCE,
)  # fmt: skip
def compare_customers(request: Asked) -> HttpResponse:
    """Background work; where it waits or runs already, the answer is that."""
    caller = request.auth

    def done() -> dict[str, object]:
        asked = work.ask(by=caller.by, kind="suggest-merges", workspace=caller.slug)
        return jobs.seen(asked).as_dict()

    return once(request, done, status=201)


@router.get(
    "/identity-rules", auth=may(Right.SEE_DATA), response=gives(IdentityRulesDocument),
    operation_id="identity_rules", summary=str(_("By what ids are one customer")),
)  # fmt: skip
def rules(request: Asked) -> HttpResponse:
    """And what the last run of the rules counted."""
    return send(_rules(request.auth.slug))


@router.patch(
    "/identity-rules", auth=may(Right.CHANGE_DATA), response=gives(IdentityRulesDocument),
    operation_id="change_identity_rules", summary=str(_("Change by what ids are one customer")),
    openapi_extra=ONCE,
)  # fmt: skip
def change_rules(request: Asked, given: IdentityRulesGiven) -> HttpResponse:
    """They take effect within five minutes; what is not named stays."""
    caller = request.auth

    def done() -> dict[str, object]:
        changes = given.model_dump(exclude_none=True)
        if changes:
            identity_rules.change(caller.log, by=caller.by, workspace=caller.slug, **changes)
        return _rules(caller.slug)

    return once(request, done, in_log=True)


def _rules(workspace: str) -> dict[str, object]:
    known = identity_rules.rules_of(workspace)
    return written.identity_rules(known, matching.last_run(workspace))
