"""Verbatims: what customers said, found by words and by what their clauses mean."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import page, read, send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.voice import VerbatimCountDocument, VerbatimsPage, VoiceStateDocument
from zhiyin.api.operations.parameters import Asking, Day, Paging, facts_filter, gives
from zhiyin.collect import tail
from zhiyin.kernel.text import _
from zhiyin.listen import keeping
from zhiyin.listen.searching import Search, Wanted
from zhiyin.web import personal

router = Router(tags=["figures"], by_alias=True)


class VerbatimsCounted(Asking):
    """Which verbatims."""

    text: str = Field(
        default="", max_length=200,
        description=str(_("Words that must all stand in it, in any case; in quotes a phrase.")),
    )  # fmt: skip
    like: str = Field(
        default="", max_length=200,
        description=str(
            _("A clause of it says what this says, in whatever words and language; nearest first.")
        ),
    )  # fmt: skip
    where: str | None = Field(
        default=None, max_length=10_000,
        description=str(
            _("A clause of it is like that, e.g. aspect = 'refund' and emotion = 'anger'.")
        ),
    )  # fmt: skip
    start: Day | None = Field(default=None, alias="from", description=str(_("The first day.")))
    end: Day | None = Field(
        default=None, alias="to", description=str(_("The day after the last day."))
    )


class VerbatimsAsked(VerbatimsCounted, Paging):
    """Which verbatims, page by page."""


@router.get(
    "/voice", auth=may(Right.SEE_CUSTOMERS), response=gives(VerbatimsPage),
    operation_id="verbatims",
    summary=str(_("What customers said in their own words, clause by clause")),
)  # fmt: skip
def verbatims(request: Asked, asked: Query[VerbatimsAsked]) -> HttpResponse:
    """Words are searched for a key alone that may see who customers are."""
    caller = request.auth
    found = _search(request, asked).page(limit=asked.limit + 1, after=read(asked.cursor, str) or "")
    shown = found[: asked.limit]
    following = shown[-1].place if len(found) > asked.limit else None
    ids = tail.ids_of(caller.log, caller.slug, (one.customer for one in shown))
    sees_it = caller.sees_personal_data
    return page([one.as_dict(ids.get(one.customer), sees_it=sees_it) for one in shown], following)


@router.get(
    "/voice/count", auth=may(Right.SEE_CUSTOMERS), response=gives(VerbatimCountDocument),
    operation_id="count_verbatims",
    summary=str(_("How many verbatims there are, and of how many customers")),
)  # fmt: skip
def count(request: Asked, asked: Query[VerbatimsCounted]) -> HttpResponse:
    """By the same parameters as the list."""
    n, customers = _search(request, asked).count()
    return send({"n": n, "customers": customers})


@router.get(
    "/voice/state", auth=may(Right.SEE_FIGURES), response=gives(VoiceStateDocument),
    operation_id="voice_state", summary=str(_("How far what customers said is read")),
)  # fmt: skip
def state(request: Asked) -> HttpResponse:
    """As `zhiyin listen status`."""
    return send(keeping.state(request.auth.log, request.auth.slug).as_dict())


def _search(request: Asked, asked: VerbatimsCounted) -> Search:
    caller = request.auth
    meaning = facts_filter(request, asked.where)
    personal.check_search(asked.text + asked.like, sees_it=caller.sees_personal_data)
    wanted = Wanted(asked.text, asked.like, meaning, asked.start, asked.end)
    return Search(caller.log, caller.workspace, wanted)
