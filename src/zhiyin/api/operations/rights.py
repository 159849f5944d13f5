"""What customers have a right to: all that is held of them, their consents, erasure."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from zhiyin.accounts.rights import Right
from zhiyin.accounts.workspaces import find
from zhiyin.api.answers import page_of, read, send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.customers import (
    ConsentDocument,
)
from zhiyin.api.documents.rights import (
    ConsentGiven,
    ConsentsDocument,
    ErasureDocument,
    ErasureGiven,
    ErasuresPage,
    GoingDocument,
    ReceiptDocument,
    RetentionDocument,
    RetentionGiven,
    RightsRulesDocument,
    RightsRulesGiven,
)
from zhiyin.api.once import once
from zhiyin.api.operations.parameters import (
    ONCE,
    Asking,
    Paging,
    gives,
)
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.unify import consent, erasure, exporting, receipts, rules
from zhiyin.unify import documents as written
from zhiyin.unify.models import Erasure

router = Router(tags=["customers"], by_alias=True)


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


@router.get(
    "/customer/consents", auth=may(Right.FULFIL, personal=True),
    response=gives(ConsentsDocument), operation_id="consents",
    summary=str(_("What a customer has said about each purpose, and what holds")),
)  # fmt: skip
def consents(request: Asked, asked: Query[RightsAsked]) -> HttpResponse:
    """A statement without a channel is about every channel."""
    caller = request.auth
    subject = caller.log.subject(caller.slug, asked.id, asked.kind)
    said = consent.history(caller.log, caller.slug, subject.customer)
    return send(
        {
            "ids": [{"kind": one.kind, "id": one.id} for one in subject.ids],
            "standing": [written.standing(one) for one in consent.standing(said)],
            "history": [written.statement(one) for one in said],
        }
    )


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
        return written.standing(one)

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


@router.get(
    "/rights-rules", auth=may(Right.FULFIL), response=gives(RightsRulesDocument),
    operation_id="rights_rules",
    summary=str(_("The stated time of erasure, and rows of erased ids")),
)  # fmt: skip
def rights_rules(request: Asked) -> HttpResponse:
    """Rows of erased ids are refused, or start somebody anew."""
    return send(written.rights_rules(rules.of(find(request.auth.slug))))


@router.patch(
    "/rights-rules", auth=may(Right.FULFIL), response=gives(RightsRulesDocument),
    operation_id="change_rights_rules",
    summary=str(_("Change the stated time of erasure, or what becomes of rows of erased ids")),
    openapi_extra=ONCE,
)  # fmt: skip
def change_rights_rules(request: Asked, given: RightsRulesGiven) -> HttpResponse:
    """What is not named stays."""
    caller = request.auth

    def done() -> dict[str, object]:
        held = rules.of(find(caller.slug))
        changes = given.model_dump(exclude_none=True)
        if changes:
            held = rules.change(
                by=caller.by, log=caller.log, workspace=caller.slug,
                **{**written.rights_rules(held), **changes},
            )  # fmt: skip
        return written.rights_rules(held)

    return once(request, done, in_log=True)


@router.get(
    "/retention", auth=may(Right.FULFIL), response=gives(RetentionDocument),
    operation_id="retention", summary=str(_("How long each kind of data is kept")),
)  # fmt: skip
def retention(request: Asked) -> HttpResponse:
    """In months after it happened; what is not named is kept for good."""
    return send({"kept": written.retention(rules.retention(request.auth.slug))})


@router.put(
    "/retention", auth=may(Right.FULFIL), response=gives(RetentionDocument),
    operation_id="set_retention", summary=str(_("Say how long each kind of data is kept")),
    openapi_extra=ONCE,
)  # fmt: skip
def set_retention(request: Asked, given: RetentionGiven) -> HttpResponse:
    """In the place of all; it takes effect in the coming night. Ask first what would go."""
    caller, months = request.auth, _months(given)

    def done() -> dict[str, object]:
        rules.keep(by=caller.by, workspace=caller.slug, months=months)
        return {"kept": written.retention(rules.retention(caller.slug))}

    return once(request, done)


@router.post(
    "/retention/preview", auth=may(Right.FULFIL), response=gives(GoingDocument),
    operation_id="preview_retention",
    summary=str(_("How many rows would go if data were kept so long")),
)  # fmt: skip
def preview_retention(request: Asked, given: RetentionGiven) -> HttpResponse:
    """Nothing changes."""
    caller, months = request.auth, _months(given)
    going = rules.going(caller.log, caller.slug, months)
    return send({"kept": written.retention(months), "going": going})


def _months(given: RetentionGiven) -> dict[tuple[str, str], int]:
    found = {(one.table, one.pattern.strip()): one.months for one in given.kept}
    if len(found) < len(given.kept):
        raise Problem(
            "rights.retention-twice",
            _("The same kind of data is named twice."),
            _("Name each table, and each pattern of event names, once."),
        )
    return found
