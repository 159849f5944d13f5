"""Two versions of a reading side by side."""

from __future__ import annotations

from typing import Literal

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.versions import VersionsDocument
from zhiyin.api.operations.parameters import Asking, gives
from zhiyin.kernel.text import _
from zhiyin.listen import versions as comparing

router = Router(tags=["figures"], by_alias=True)


class VersionsAsked(Asking):
    """What is compared, and which examples are shown."""

    by: Literal["aspect", "polarity", "language"] = Field(
        default="aspect", description=str(_("What of each clause is compared."))
    )
    language: str = Field(
        default="", max_length=20, description=str(_("Only clauses in this language."))
    )
    before: str | None = Field(
        default=None, max_length=60,
        description=str(_("Examples that were read so; - is about no single thing.")),
    )  # fmt: skip
    now: str | None = Field(
        default=None, max_length=60,
        description=str(_("Examples that are read so now; with `before`.")),
    )  # fmt: skip
    examples: int = Field(
        default=20, ge=0, le=200,
        description=str(_("So many clauses that are not read as they were.")),
    )  # fmt: skip


@router.get(
    "/voice/versions", auth=may(Right.SEE_FIGURES), response=gives(VersionsDocument),
    operation_id="voice_versions",
    summary=str(_("What the version before and the present one read, side by side")),
)  # fmt: skip
def versions(request: Asked, asked: Query[VersionsAsked]) -> HttpResponse:
    """As `zhiyin listen versions`; with examples for a key that may see what customers said."""
    caller = request.auth
    move = comparing.move_of(asked.before, asked.now)
    found = comparing.compare(caller.log, caller.workspace, asked.by, language=asked.language)
    shown = []
    if asked.examples and Right.SEE_CUSTOMERS in caller.key.rights:
        shown = comparing.changed(
            caller.log, caller.workspace, asked.by,
            language=asked.language, move=move, limit=asked.examples,
        )  # fmt: skip
    return send(comparing.document(found, shown, sees_it=caller.sees_personal_data))
