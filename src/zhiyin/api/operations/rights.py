"""What customers have a right to: all that is held of them, their consents, erasure."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import page_of, read, send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.customers import (
    ConsentDocument,
)
from zhiyin.api.documents.rights import (
    ConsentGiven,
    ErasureDocument,
    ErasureGiven,
    ErasuresPage,
    ReceiptDocument,
)
from zhiyin.api.once import once
from zhiyin.api.operations.common import (
    ONCE,
    Asking,
    Paging,
    gives,
)
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.unify import consent, erasure, exporting, receipts
from zhiyin.unify import documents as written
from zhiyin.unify.models import Erasure

router = Router(tags=["customers"])


class RightsAsked(Asking):
    """A customer by an id and its kind."""

    id: str = Field(min_length=1, max_length=500)
    kind: str | None = Field(default=None, max_length=60)


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
