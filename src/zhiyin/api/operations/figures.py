"""Figures: the measures, scores and comparisons."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.figures import ComparisonsDocument, MeasuresDocument, ScoresDocument
from zhiyin.api.operations.parameters import Asking, Day, facts_filter, gives
from zhiyin.kernel.periods import read_instant
from zhiyin.kernel.text import _
from zhiyin.measure import calendar, comparisons, figures, references, registry, scores
from zhiyin.measure.requests import ScoreRequest
from zhiyin.web import personal

router = Router(tags=["figures"], by_alias=True)


class FigureAsked(Asking):
    """What `zhiyin score` and `zhiyin compare` have in common."""

    by: list[str] = Field(default=[], max_length=4, description=str(_("Columns to break down by.")))
    every: Literal["day", "week", "month", "quarter"] | None = None
    start: Day | None = Field(default=None, alias="from", description=str(_("The first day.")))
    end: Day | None = Field(
        default=None, alias="to", description=str(_("The day after the last day."))
    )
    where: str | None = Field(
        default=None, max_length=10_000,
        description=str(_("Only rows for which this holds, e.g. channel = 'app'.")),
    )  # fmt: skip
    question: list[str] = Field(default=[], max_length=100)
    kind: str | None = Field(default=None, max_length=60)
    per: Literal["answer", "customer"] | None = None
    as_of: str | None = Field(
        default=None, max_length=40, description=str(_("As the log was known at this time."))
    )
    confidence: float = 0.95
    date_of: Literal["answer", "experience"] = "answer"


class ScoreAsked(FigureAsked):
    """What `zhiyin score` takes."""

    frame: int | None = Field(
        default=None, ge=1, le=2**53,
        description=str(
            _("How many customers there are in all, where those asked were drawn from them.")
        ),
    )  # fmt: skip
    without: int | None = Field(
        default=None, ge=1, le=2**53,
        description=str(_("Leave out the customers concerned by this mark of the calendar.")),
    )  # fmt: skip
    drop: Literal["customers", "facts"] = Field(
        default="customers",
        description=str(
            _("With `without`: leave out all of these customers, or only their facts.")
        ),
    )


class ComparisonAsked(FigureAsked):
    """What `zhiyin compare` takes."""

    against: str = Field(
        max_length=60,
        description=str(
            _("rest, previous, last-year, lunar-year, a value, or 2026-01-01..2026-02-01.")
        ),
    )
    q: float = Field(default=0.05, description=str(_("The share of marks that may be false.")))
    fdr: Literal["bh", "by"] = "bh"


@router.get(
    "/measures", auth=may(Right.SEE_FIGURES), response=gives(MeasuresDocument),
    operation_id="measures", summary=str(_("Every measure and how it is counted")),
)  # fmt: skip
def measures(request: Asked) -> HttpResponse:  # noqa: ARG001 - its key was looked at
    """One definition each, the same on every page."""
    return send({"measures": [figures.described(one) for one in registry.METRICS.values()]})


@router.get(
    "/scores/{metric}", auth=may(Right.SEE_FIGURES), response=gives(ScoresDocument),
    operation_id="score", summary=str(_("A score with its interval, by column and period")),
)  # fmt: skip
def score(request: Asked, metric: str, asked: Query[ScoreAsked]) -> HttpResponse:
    """The document of `zhiyin score --json`."""
    caller = request.auth
    question = _question(request, metric, asked, frame=asked.frame)
    if asked.without is not None:
        mark = calendar.get(caller.workspace, asked.without, scope=caller.scope)
        left = calendar.left_out(caller.workspace, mark, asked.drop)
        question = replace(question, without=(left,))
    return send(scores.score(caller.log, caller.workspace, question).as_dict())


@router.get(
    "/comparisons/{metric}", auth=may(Right.SEE_FIGURES),
    response=gives(ComparisonsDocument), operation_id="compare",
    summary=str(_("Which differences are more than chance")),
)  # fmt: skip
def compare(request: Asked, metric: str, asked: Query[ComparisonAsked]) -> HttpResponse:
    """The document of `zhiyin compare --json`."""
    question = _question(request, metric, asked)
    caller = request.auth
    found = comparisons.compare(
        caller.log,
        caller.workspace,
        question,
        references.read(asked.against, caller.workspace.timezone),
        q=asked.q,
        fdr=asked.fdr,
    )
    return send(found.as_dict())


def _question(request: Asked, metric: str, asked: FigureAsked, **more: Any) -> ScoreRequest:
    caller = request.auth
    personal.check_facts(asked.by, sees_it=caller.sees_personal_data)
    zone = caller.workspace.timezone
    return ScoreRequest(
        metric=metric,
        by=tuple(asked.by),
        every=asked.every,
        start=asked.start,
        end=asked.end,
        where=facts_filter(request, asked.where),
        questions=tuple(asked.question),
        kind=asked.kind,
        per=asked.per,
        as_of=None if asked.as_of is None else read_instant(asked.as_of, zone),
        confidence=asked.confidence,
        date_of=asked.date_of,
        **more,
    )
