"""The answers behind the figures."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import page_of, read
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.answers import AnswersPage
from zhiyin.api.operations.parameters import Paging, facts_filter, gives
from zhiyin.collect import answers as all_answers
from zhiyin.kernel.text import _

router = Router(tags=["data"], by_alias=True)


class RowsAsked(Paging):
    """Which rows."""

    where: str | None = Field(default=None, max_length=10_000)


@router.get(
    "/answers", auth=may(Right.EXPORT), response=gives(AnswersPage),
    operation_id="answers", summary=str(_("The answers behind the figures")),
)  # fmt: skip
def answers(request: Asked, asked: Query[RowsAsked]) -> HttpResponse:
    """In the order in which the log learnt them: keep `next`, and come back for the newer."""
    caller = request.auth
    after = read(asked.cursor, int)
    rows = all_answers.following(
        caller.log, caller.slug, facts_filter(request, asked.where),
        zone=caller.workspace.timezone, after=-1 if after is None else after,
        limit=asked.limit + 1, sees_it=caller.sees_personal_data,
    )  # fmt: skip
    return page_of(rows, asked.limit, dict, lambda row: row["seq"])
