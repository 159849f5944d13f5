"""Responses: those behind a figure, or all, each whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from django.http import HttpResponse
from ninja import Path, Query, Router
from pydantic import Field

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import page, read, send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.responses import ResponseCountDocument, ResponseDocument, ResponsesPage
from zhiyin.api.operations.parameters import Asking, Day, Paging, Row, facts_filter, gives
from zhiyin.collect import tail
from zhiyin.kernel.answers import STATES
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.measure import behind
from zhiyin.measure.behind import Behind, Response
from zhiyin.measure.requests import ScoreRequest
from zhiyin.warehouse.newest import Place
from zhiyin.web import personal

router = Router(tags=["figures"], by_alias=True)


class ResponsesCounted(Asking):
    """Which responses."""

    metric: str | None = Field(
        default=None, max_length=64,
        description=str(_("Only the answers that this measure's figure counts.")),
    )  # fmt: skip
    question: list[str] = Field(default=[], max_length=100)
    kind: str | None = Field(default=None, max_length=60)
    per: Literal["answer", "customer"] | None = None
    state: str = Field(
        default=behind.ANSWERED, pattern=f"^({'|'.join(STATES)})$",
        description=str(_("Of the answers; with `metric`. Only what is answered is in a figure.")),
    )  # fmt: skip
    start: Day | None = Field(default=None, alias="from", description=str(_("The first day.")))
    end: Day | None = Field(
        default=None, alias="to", description=str(_("The day after the last day."))
    )
    where: str | None = Field(
        default=None, max_length=10_000,
        description=str(_("Only rows for which this holds, e.g. channel = 'app'.")),
    )  # fmt: skip
    text: str = Field(
        default="", max_length=200,
        description=str(_("Only responses in which these words were said.")),
    )  # fmt: skip
    date_of: Literal["answer", "experience"] = "answer"


class ResponsesAsked(ResponsesCounted, Paging):
    """Which responses, page by page."""


@router.get(
    "/responses", auth=may(Right.SEE_CUSTOMERS), response=gives(ResponsesPage),
    operation_id="responses", summary=str(_("Responses, or those behind a figure, newest first")),
)  # fmt: skip
def responses(request: Asked, asked: Query[ResponsesAsked]) -> HttpResponse:
    """With `metric`, as many as the figure of the same question has answers."""
    found = _found(request, asked)
    rows = found.page(limit=asked.limit + 1, after=Place.read(read(asked.cursor, str) or ""))
    shown = rows[: asked.limit]
    following = shown[-1].place.written() if len(rows) > asked.limit else None
    return page(_shown(request, shown), following)


@router.get(
    "/responses/count", auth=may(Right.SEE_CUSTOMERS), response=gives(ResponseCountDocument),
    operation_id="count_responses",
    summary=str(_("How many responses there are, and of how many customers")),
)  # fmt: skip
def count(request: Asked, asked: Query[ResponsesCounted]) -> HttpResponse:
    """By the same parameters as the list."""
    n, customers = _found(request, asked).count()
    return send({"n": n, "customers": customers})


@router.get(
    "/responses/{int:number}", auth=may(Right.SEE_CUSTOMERS), response=gives(ResponseDocument),
    operation_id="response", summary=str(_("One response with every question's state")),
)  # fmt: skip
def response(request: Asked, number: Path[Row]) -> HttpResponse:
    """By its number in the list."""
    found = behind.of_all(request.auth.log, request.auth.workspace).one(number)
    if found is None:
        raise Problem(
            "responses.none",
            _("There is no response {number}.", number=number),
            _("Its import may have been taken back, or its customer erased."),
        )
    (document,) = _shown(request, [found])
    return send(document)


def _found(request: Asked, asked: ResponsesCounted) -> Behind:
    caller = request.auth
    chosen = facts_filter(request, asked.where)
    personal.check_search(asked.text, sees_it=caller.sees_personal_data)
    text = asked.text.strip() or None
    if asked.metric is None:
        return behind.of_all(
            caller.log, caller.workspace, start=asked.start, end=asked.end, chosen=chosen,
            text=text,
        )  # fmt: skip
    behind.check_asked(asked.metric)
    question = ScoreRequest(
        metric=asked.metric,
        start=asked.start,
        end=asked.end,
        where=chosen,
        questions=tuple(asked.question),
        kind=asked.kind,
        per=asked.per,
        date_of=asked.date_of,
    )
    return behind.of_figure(caller.log, caller.workspace, question, state=asked.state, text=text)


def _shown(request: Asked, rows: Sequence[Response]) -> list[dict[str, Any]]:
    caller = request.auth
    ids = tail.ids_of(caller.log, caller.slug, (row.customer for row in rows))
    return [row.as_dict(ids.get(row.customer), sees_it=caller.sees_personal_data) for row in rows]
