"""What came of a survey beyond the answers: response rates, quality and what follows."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.survey_analyses import SurveyRatesDocument
from zhiyin.api.operations.parameters import Asking, facts_filter, gives
from zhiyin.kernel.text import _
from zhiyin.measure.surveys import rates as survey_rates
from zhiyin.measure.surveys.dispositions import COMPLETE, PARTIAL, Rule
from zhiyin.web import personal

router = Router(tags=["surveys"], by_alias=True)


class RatesAsked(Asking):
    """Which askings, and how they are judged."""

    by: list[str] = Field(
        default=[], max_length=4,
        description=str(_("A row a value: channel, arm, touchpoint, mode, any dimension of"
                          " askings.")),
    )  # fmt: skip
    where: str | None = Field(
        default=None, max_length=10_000,
        description=str(_("Only askings for which this holds, e.g. channel = 'sms'.")),
    )  # fmt: skip
    eligible: float = Field(
        default=1.0, ge=0, le=1,
        description=str(_("The share of those of unknown eligibility who could have answered.")),
    )  # fmt: skip
    complete: float = Field(
        default=COMPLETE, ge=0, le=1,
        description=str(_("Of the items that she could answer: from here a response is"
                          " complete.")),
    )  # fmt: skip
    partial: float = Field(
        default=PARTIAL, ge=0, le=1,
        description=str(_("From here it is partial, and below broken off.")),
    )  # fmt: skip
    count_withheld: bool = Field(
        default=False,
        description=str(_("Count those whom a rule held back as asked (code 3.11).")),
    )  # fmt: skip


@router.get(
    "/surveys/{key}/rates", auth=may(Right.SEE_FIGURES), response=gives(SurveyRatesDocument),
    operation_id="survey_rates", summary=str(_("Response rates of a survey")),
)  # fmt: skip
def rates(request: Asked, key: str, asked: Query[RatesAsked]) -> HttpResponse:
    """The document of `zhiyin survey rates --json`."""
    caller = request.auth
    personal.check_facts(asked.by, sees_it=caller.sees_personal_data)
    found = survey_rates.rates(
        caller.log, caller.workspace, key, by=asked.by, where=facts_filter(request, asked.where),
        eligible=asked.eligible, rule=Rule(asked.complete, asked.partial, asked.count_withheld),
    )  # fmt: skip
    return send(found.as_dict())
