"""Segments: rules that choose customers, under a name."""

from __future__ import annotations

from urllib.parse import parse_qsl

from django.http import HttpResponse
from ninja import Router

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import send
from zhiyin.api.callers import Asked, check_right, may
from zhiyin.api.documents.segments import (
    KeptListGiven,
    SegmentDocument,
    SegmentGiven,
    SegmentsDocument,
)
from zhiyin.api.once import once
from zhiyin.api.operations.parameters import (
    ONCE,
    customers_filter,
    gives,
)
from zhiyin.journey.behind import Listing
from zhiyin.kernel.text import _
from zhiyin.unify import documents as written
from zhiyin.unify import segments
from zhiyin.web import journeys_behind, personal

router = Router(tags=["customers"], by_alias=True)


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


@router.post(
    "/segments/kept", auth=may(Right.DEFINE, personal=True),
    response=gives(SegmentDocument, 201), operation_id="keep_customers",
    summary=str(_("Keep the customers behind a figure of journeys as a segment")),
    openapi_extra=ONCE,
)  # fmt: skip
def keep(request: Asked, given: KeptListGiven) -> HttpResponse:
    """Those who are behind it now; `journey_customers` lists the same."""
    caller = request.auth
    check_right(caller.key, Right.SEE_CUSTOMERS)
    query = dict(parse_qsl(given.figure.removeprefix("?"), keep_blank_values=True))
    find = journeys_behind.finder(caller.workspace, query, sees_it=caller.sees_personal_data)

    def done() -> dict[str, object]:
        found = find(Listing(caller.log, caller.workspace, 0, segments.MOST_KEPT + 1))
        made = segments.keep(
            by=caller.by, workspace=caller.slug, name=given.name, customers=found.keys
        )
        return written.segment(made)

    return once(request, done, status=201)


@router.get(
    "/segments/{slug}", auth=may(Right.SEE_CUSTOMERS), response=gives(SegmentDocument),
    operation_id="segment", summary=str(_("One segment")),
)  # fmt: skip
def one(request: Asked, slug: str) -> HttpResponse:
    """Whom its rule chooses, `/customers` says."""
    found = written.segment(segments.get(request.auth.slug, slug))
    return send({**found, "rule": _rule(request, found["rule"])})


@router.put(
    "/segments/{slug}", auth=may(Right.DEFINE), response=gives(SegmentDocument),
    operation_id="change_segment", summary=str(_("Change a segment")), openapi_extra=ONCE,
)  # fmt: skip
def change_segment(request: Asked, slug: str, given: SegmentGiven) -> HttpResponse:
    """Its short name stays. A key that may not see what the rule compares with cannot change it."""
    caller = request.auth
    held = segments.get(caller.slug, slug)
    if not held.is_kept:
        customers_filter(request, given.rule)
        customers_filter(request, held.rule)

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
        return {**was, "rule": _rule(request, was["rule"])}

    return once(request, done)


def _rule(request: Asked, text: str) -> str:
    return personal.rule(text, sees_it=request.auth.sees_personal_data, of_customers=True)
