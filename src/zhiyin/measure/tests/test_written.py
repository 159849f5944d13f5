"""A measure's rows are written once, and never with what has changed since."""

from __future__ import annotations

from datetime import date, datetime

from zhiyin.accounts.workspaces import Settings
from zhiyin.measure import written
from zhiyin.measure.cells import Cells
from zhiyin.measure.registry import metric
from zhiyin.measure.requests import ScoreRequest
from zhiyin.measure.scores import score
from zhiyin.measure.tests.planting import csat, plant
from zhiyin.warehouse.log import Log

NOW = datetime(2026, 6, 1)
ASKED = ScoreRequest("complaint_rate")


def rows(log: Log, settings: Settings, request: ScoreRequest) -> object:
    cells = Cells.of(log, settings, request, metric(request.metric), now=NOW)
    return written.rows_of(cells.metric, cells.source, request)


def test_another_period_has_the_same_rows(log: Log, settings: Settings) -> None:
    plant(log, settings.slug, "answers", [csat(5.0)])
    april = ScoreRequest("csat", start=date(2026, 4, 1), end=date(2026, 5, 1))
    may = ScoreRequest("csat", start=date(2026, 5, 1), end=date(2026, 6, 1))
    assert rows(log, settings, april) is rows(log, settings, may)
    assert rows(log, settings, april) is not rows(log, settings, ScoreRequest("rating"))
    journeys = ScoreRequest("csat", kind="journey")
    assert rows(log, settings, april) is not rows(log, settings, journeys)


def test_a_word_that_comes_in_later_counts(log: Log, settings: Settings) -> None:
    """What was written when no contact had that reason asked for a code that no row has."""
    at = datetime(2026, 5, 2)
    plant(log, settings.slug, "orders", [{"customer": "a", "occurred_at": at}] * 4)
    assert score(log, settings, ASKED, now=NOW).total.value == 0
    contact = {"customer": "b", "occurred_at": at, "reason": "complaint"}
    plant(log, settings.slug, "service_contacts", [contact])
    assert score(log, settings, ASKED, now=NOW).total.value == 250_000


def test_a_dimension_that_is_declared_later_can_be_asked(log: Log, settings: Settings) -> None:
    plant(log, settings.slug, "answers", [csat(5.0)])
    before = score(log, settings, ScoreRequest("csat"), now=NOW)
    north = csat(1.0, id="later", d_region="north")
    plant(log, settings.slug, "answers", [north], {"region": "text"})
    by_region = score(log, settings, ScoreRequest("csat", by=("region",)), now=NOW)
    assert before.total.n == 1
    assert {row.group["region"]: row.n for row in by_region.rows} == {None: 1, "north": 1}
