"""The step between two versions of a survey that ran beside each other at random.

What a change of wording, scale or order does to a figure by itself: customers are given one of the
two by chance, so nothing else tells them apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from zhiyin.collect.models import Survey, SurveyVersion
from zhiyin.collect.surveys import kept
from zhiyin.collect.surveys.definition import Item
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import And, Compare, Filter, write_node
from zhiyin.kernel.text import _
from zhiyin.measure import comparisons
from zhiyin.measure.comparisons import Comparison
from zhiyin.measure.requests import ScoreRequest
from zhiyin.measure.survey_results import MEASURES
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings


@dataclass(frozen=True, slots=True)
class Step:
    """One measure of one question in both versions.

    Args:
        version, beside: the newer and the older of the two.
        series: under which the answers stand in each.
        found: the newer beside the older; its difference is the step.
    """

    metric: str
    version: int
    beside: int
    series: tuple[str, str]
    found: Comparison

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        one = self.found
        return {
            "metric": self.metric,
            "version": self.version,
            "beside": self.beside,
            "series": list(self.series),
            "value": one.value,
            "beside_value": one.reference_value,
            "step": one.difference,
            "low": one.low,
            "high": one.high,
            "p": one.p,
            "n": one.n,
            "customers": one.customers,
            "beside_n": one.reference_n,
            "beside_customers": one.reference_customers,
            "method": one.method,
            "state": one.state,
            "flags": list(one.flags),
        }


def steps(
    log: Log, settings: Settings, key: str, series: str, *, version: int | None = None
) -> list[Step]:
    """The step of each measure that a question has, from the older version to the newer.

    Only what was answered while both ran counts: from the newer's publication until that of the
    version after it. Responses are given a version at random by their ids, so each customer with
    several responses may be in both; she counts with her covariance.

    Args:
        series: of the newer version, or the name of a question.
        version: the newer of the two; None: the last that ran beside another.

    Raises:
        Problem: ``survey.none``, ``survey.no-step``, ``survey.no-series``, ``survey.no-step-yet``.
    """
    held = kept.get(settings.slug, key)
    newer = _newer(held, version)
    beside = newer.beside or 0
    surveys = dict(kept.versions(held))
    here = next(
        (one for one in surveys[newer.number].items() if series in (one.series, one.name)), None
    )
    there = None
    if here is not None:
        there = next((one for one in surveys[beside].items() if one.name == here.name), None)
    if here is None or there is None or here.question.type not in MEASURES:
        raise Problem(
            "survey.no-series",
            _("No score of both versions is called {name}.", name=series[:80] or "“”"),
            _("Name a question with a scale, or its series: `zhiyin survey show {key}`.", key=key),
        )
    ran = held.versions.filter(number=newer.number + 1).first()
    span = (newer.published_at, ran.published_at if ran else None)
    return [
        _step(log, settings, key, metric, (newer.number, here), (beside, there), span)
        for metric in MEASURES[here.question.type]
    ]


def _newer(held: Survey, version: int | None) -> SurveyVersion:
    ran = held.versions.filter(beside__isnull=False)
    found = (ran if version is None else ran.filter(number=version)).order_by("number").last()
    if found is None:
        raise Problem(
            "survey.no-step",
            _("No two versions of the survey {key} ran beside each other.", key=held.key),
            _("Publish one so: zhiyin survey publish {key} --beside N --share 0.5", key=held.key),
        )
    return found


def _step(
    log: Log, settings: Settings, key: str, metric: str, here: tuple[int, Item],
    there: tuple[int, Item], span: tuple[datetime, datetime | None],
) -> Step:  # fmt: skip
    request = ScoreRequest(
        metric,
        where=_answers(key, here[0], span),
        questions=tuple(dict.fromkeys((here[1].series, there[1].series))),
        per="answer",
    )
    found = comparisons.compare(log, settings, request, _answers(key, there[0], span))
    if not found.rows:
        raise Problem(
            "survey.no-step-yet",
            _("Nothing was answered yet since the versions run beside each other."),
            _("Ask again when customers have answered both."),
        )
    (row,) = found.rows
    return Step(metric, here[0], there[0], (here[1].series, there[1].series), row)


def _answers(key: str, version: int, span: tuple[datetime, datetime | None]) -> Filter:
    nodes = [
        Compare("survey", "=", key),
        Compare("version", "=", version),
        Compare("occurred_at", ">=", _moment(span[0])),
    ]
    if span[1] is not None:
        nodes.append(Compare("occurred_at", "<", _moment(span[1])))
    root = And(tuple(nodes))
    return Filter(root, write_node(root))


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
