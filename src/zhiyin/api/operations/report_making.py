"""Reports being made: written block by block, looked at, published."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.reports import (
    BlockGiven,
    ContentDocument,
    DraftDocument,
    EditionHeading,
    FigureGiven,
    FigureShown,
    QuotesDocument,
    SaidGiven,
    StepsGiven,
    TextGiven,
    WordsGiven,
)
from zhiyin.api.once import once
from zhiyin.api.operations.parameters import ONCE, Asking, gives
from zhiyin.api.operations.reports import FILES
from zhiyin.kernel.text import _
from zhiyin.reports import actions, content, editions, files, verbatims
from zhiyin.warehouse.log import Reader
from zhiyin.web import personal

router = Router(tags=["reports"], by_alias=True)


class WordsAsked(Asking):
    """Which of customers' own words."""

    text: str = Field(
        default="", max_length=200,
        description=str(_("Only those that hold this; blank finds all.")),
    )  # fmt: skip


@router.get(
    "/reports/{int:number}/draft", auth=may(Right.MAKE_REPORTS), response=gives(DraftDocument),
    operation_id="draft", summary=str(_("A report that is being made: its blocks in order")),
)  # fmt: skip
def draft(request: Asked, number: int) -> HttpResponse:
    """References and words, no values: `preview` has those."""
    return send(_draft(request, number))


@router.post(
    "/reports/{int:number}/copy", auth=may(Right.MAKE_REPORTS),
    response=gives(DraftDocument, 201), operation_id="copy_report",
    summary=str(_("Make a report like another one")), openapi_extra=ONCE,
)  # fmt: skip
def copy_report(request: Asked, number: int) -> HttpResponse:
    """What was published stays with the first."""
    caller = request.auth

    def done() -> dict[str, object]:
        made = actions.copy(by=caller.by, workspace=caller.slug, number=number)
        return editions.draft_as_dict(made)

    return once(request, done, status=201)


@router.post(
    "/reports/{int:number}/blocks", auth=may(Right.MAKE_REPORTS),
    response=gives(DraftDocument, 201), operation_id="add_block",
    summary=str(_("Put a figure, customers' words, own words or a page break at the end")),
    openapi_extra=ONCE,
)  # fmt: skip
def add_block(request: Asked, number: int, given: BlockGiven) -> HttpResponse:
    """The new block is the last of the answer."""

    def done() -> dict[str, object]:
        _add(request, number, given.block)
        return _draft(request, number)

    return once(request, done, status=201)


@router.put(
    "/reports/{int:number}/blocks/{block}/figure", auth=may(Right.MAKE_REPORTS),
    response=gives(DraftDocument), operation_id="show_figure",
    summary=str(_("Say how a figure is shown, of which days, and under what title")),
    openapi_extra=ONCE,
)  # fmt: skip
def show_figure(request: Asked, number: int, block: str, given: FigureShown) -> HttpResponse:
    """What it asks stays."""
    caller = request.auth

    def done() -> dict[str, object]:
        actions.show(
            by=caller.by, workspace=caller.slug, number=number, block=block, **given.model_dump()
        )
        return _draft(request, number)

    return once(request, done)


@router.put(
    "/reports/{int:number}/blocks/{block}/words", auth=may(Right.MAKE_REPORTS),
    response=gives(DraftDocument), operation_id="write_words",
    summary=str(_("Put own words in the place of others")), openapi_extra=ONCE,
)  # fmt: skip
def write_words(request: Asked, number: int, block: str, given: TextGiven) -> HttpResponse:
    """With the marks that the page explains."""
    caller = request.auth

    def done() -> dict[str, object]:
        actions.write(
            by=caller.by, workspace=caller.slug, number=number, block=block, text=given.text
        )
        return _draft(request, number)

    return once(request, done)


@router.post(
    "/reports/{int:number}/blocks/{block}/move", auth=may(Right.MAKE_REPORTS),
    response=gives(DraftDocument), operation_id="move_block",
    summary=str(_("Move a block up or down")), openapi_extra=ONCE,
)  # fmt: skip
def move_block(request: Asked, number: int, block: str, given: StepsGiven) -> HttpResponse:
    """As far as there is room."""
    caller = request.auth

    def done() -> dict[str, object]:
        actions.move(
            by=caller.by, workspace=caller.slug, number=number, block=block, steps=given.steps
        )
        return _draft(request, number)

    return once(request, done)


@router.delete(
    "/reports/{int:number}/blocks/{block}", auth=may(Right.MAKE_REPORTS),
    response=gives(DraftDocument), operation_id="take_block_out",
    summary=str(_("Take a block out of a report")), openapi_extra=ONCE,
)  # fmt: skip
def take_block_out(request: Asked, number: int, block: str) -> HttpResponse:
    """The last one taken out can be put back."""
    caller = request.auth

    def done() -> dict[str, object]:
        actions.take_out(by=caller.by, workspace=caller.slug, number=number, block=block)
        return _draft(request, number)

    return once(request, done)


@router.post(
    "/reports/{int:number}/put-back", auth=may(Right.MAKE_REPORTS),
    response=gives(DraftDocument), operation_id="put_block_back",
    summary=str(_("Put the block back that was taken out last")), openapi_extra=ONCE,
)  # fmt: skip
def put_block_back(request: Asked, number: int) -> HttpResponse:
    """Where it was."""
    caller = request.auth

    def done() -> dict[str, object]:
        actions.put_back(by=caller.by, workspace=caller.slug, number=number)
        return _draft(request, number)

    return once(request, done)


@router.get(
    "/verbatims", auth=may(Right.MAKE_REPORTS), response=gives(QuotesDocument),
    operation_id="find_words", summary=str(_("Customers' own words that a report may show")),
)  # fmt: skip
def find_words(request: Asked, asked: Query[WordsAsked]) -> HttpResponse:
    """The newest twenty; `row` names them in a block."""
    caller = request.auth
    sees_it = caller.sees_personal_data
    personal.check_search(asked.text, sees_it=sees_it)
    found = [
        {"row": one.row, "text": personal.words(one.text, sees_it=sees_it), "about": one.about}
        for one in verbatims.search(caller.log, caller.workspace, asked.text)
    ]
    return send({"verbatims": found})


@router.get(
    "/reports/{int:number}/preview", auth=may(Right.MAKE_REPORTS),
    response=gives(ContentDocument), operation_id="preview_report",
    summary=str(_("A report as it would be published now")),
)  # fmt: skip
def preview(request: Asked, number: int) -> HttpResponse:
    """`report` of `zhiyin report make --json`; masked for a key without personal data."""
    return send(_made(request, number).as_dict())


@router.get(
    "/reports/{int:number}/preview/files/{kind}", auth=may(Right.MAKE_REPORTS),
    response=gives(dict[str, Any]), operation_id="preview_report_file", openapi_extra=FILES,
    summary=str(_("A report as it would be published now, as a file, pdf or pptx")),
)  # fmt: skip
def preview_file(request: Asked, number: int, kind: str) -> HttpResponse:
    """Nothing is kept of it."""
    known = files.kind_of(kind)
    made = _made(request, number)
    answer = HttpResponse(files.MAKERS[known](made), content_type=files.TYPES[known])
    answer.headers["Cache-Control"] = "no-store"
    return answer


@router.post(
    "/reports/{int:number}/editions", auth=may(Right.PUBLISH), response=gives(EditionHeading, 201),
    operation_id="publish_report", summary=str(_("Publish a report as it is now")),
    openapi_extra=ONCE,
)  # fmt: skip
def publish(request: Asked, number: int) -> HttpResponse:
    """The document of `zhiyin report publish --json`: for all who see as much as the key."""
    caller = request.auth

    def done() -> dict[str, object]:
        edition = editions.publish(
            by=caller.by, report=actions.get(caller.slug, number), log=caller.log,
            data=settings.ZHIYIN_DATA, scope=caller.scope,
        )  # fmt: skip
        return editions.as_dict(edition)

    return once(request, done, status=201, in_log=True)


def _add(request: Asked, number: int, given: object) -> None:
    caller = request.auth
    where: dict[str, Any] = {"by": caller.by, "workspace": caller.slug, "number": number}
    if isinstance(given, FigureGiven):
        actions.add_figure(
            **where, log=caller.log, query=given.query, show=given.show, dates=given.dates
        )
    elif isinstance(given, SaidGiven):
        rows = tuple(given.rows)
        verbatims.check(caller.log, caller.workspace, rows, Reader(is_merged=False))
        actions.add_verbatims(**where, rows=rows)
    elif isinstance(given, WordsGiven):
        actions.add_words(**where, text=given.text)
    else:
        actions.add_break(**where)


def _draft(request: Asked, number: int) -> dict[str, Any]:
    return editions.draft_as_dict(actions.get(request.auth.slug, number))


def _made(request: Asked, number: int) -> content.Content:
    caller = request.auth
    made = editions.draft(actions.get(caller.slug, number), caller.log, caller.scope)
    return made if caller.sees_personal_data else content.masked(made)
