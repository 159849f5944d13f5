"""Is the data whole? What the page *Data health* shows, in one document."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from ninja import Router

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.health import HealthDocument
from zhiyin.api.operations.parameters import gives
from zhiyin.collect import documents
from zhiyin.kernel.text import _
from zhiyin.web.sources import counted

router = Router(tags=["data"], by_alias=True)


@router.get(
    "/data-health", auth=may(Right.SEE_DATA), response=gives(HealthDocument),
    operation_id="data_health",
    summary=str(_("Sources against what is usual, silences, and what is refused or not linked")),
)  # fmt: skip
def data_health(request: Asked) -> HttpResponse:
    """The document of `zhiyin data-health --json`; sources are counted every half minute."""
    caller = request.auth
    sources = counted(caller.log, caller.workspace)
    return send(documents.data_health(caller.log, caller.slug, sources, data=settings.ZHIYIN_DATA))
