"""The keys of sources and of programs.

A key is made for sources alone: one that makes keys of programs would give itself rights."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Router

from zhiyin.accounts import api_keys, keys
from zhiyin.accounts.rights import Right
from zhiyin.api.answers import send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.keys import (
    KeysDocument,
    MadeWriteKeyDocument,
    WriteKeyDocument,
    WriteKeyGiven,
)
from zhiyin.api.once import once
from zhiyin.api.operations.parameters import ONCE, gives
from zhiyin.kernel.text import _

router = Router(tags=["data"], by_alias=True)


@router.get(
    "/keys", auth=may(Right.SEE_DATA), response=gives(KeysDocument),
    operation_id="keys", summary=str(_("The keys of sources and of programs")),
)  # fmt: skip
def all_keys(request: Asked) -> HttpResponse:
    """The document of `zhiyin key list --json`; revoked ones too, and no secret."""
    slug = request.auth.slug
    return send(
        {
            "keys": [keys.as_dict(one) for one in keys.of(slug)],
            "api_keys": [api_keys.as_dict(one) for one in api_keys.of(slug)],
        }
    )


@router.post(
    "/keys", auth=may(Right.CHANGE_DATA),
    response=gives(MadeWriteKeyDocument, 201), operation_id="create_write_key",
    summary=str(_("Make a write key")), openapi_extra=ONCE,
)  # fmt: skip
def create_write_key(request: Asked, given: WriteKeyGiven) -> HttpResponse:
    """The document of `zhiyin key create --json`."""
    caller = request.auth

    def done() -> dict[str, object]:
        made = keys.create(
            by=caller.by, workspace=caller.slug, source=given.source, origins=given.origins,
            events_per_second=given.events_per_second, signs=given.for_webhooks,
        )  # fmt: skip
        return keys.made_as_dict(made)

    return once(request, done, status=201)


@router.delete(
    "/keys/{key}", auth=may(Right.CHANGE_DATA), response=gives(WriteKeyDocument),
    operation_id="revoke_write_key", summary=str(_("Revoke a write key")), openapi_extra=ONCE,
)  # fmt: skip
def revoke_write_key(request: Asked, key: str) -> HttpResponse:
    """What it sends from then on is refused."""
    caller = request.auth

    def done() -> dict[str, object]:
        return keys.as_dict(keys.revoke(by=caller.by, workspace=caller.slug, key=key))

    return once(request, done)
