"""What the pages of journeys have in common: each is built, shown and kept alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from zhiyin.charts.markup import FILE, Paint
from zhiyin.collect.exports.rows import Rows
from zhiyin.kernel.text import Text, _
from zhiyin.web import (
    adoption_page,
    before_page,
    cohorts_page,
    engagement_page,
    funnels_page,
    journeys_charts,
    journeys_export,
    leading_export,
    losses_page,
    parting_page,
    paths_page,
    tasks_export,
    tasks_page,
)

Page = (
    funnels_page.Page
    | paths_page.Page
    | cohorts_page.Page
    | tasks_page.Page
    | adoption_page.Page
    | engagement_page.Page
    | before_page.Page
    | parting_page.Page
    | losses_page.Page
)


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart that is kept as a file.

    Args:
        label: what people call it.
        file: the file's name, without what says its kind.
        draw: of a page, painted; blank where there is nothing to draw.
    """

    label: Text
    file: str
    draw: Callable[..., str]

    def as_file(self, page: Page) -> str:
        """The drawing with its colours written in."""
        paint: Paint = FILE
        return self.draw(page, paint=paint)


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the pages.

    Args:
        name: of its address and its template.
        build: the page for what a query string asks.
        tables: of a page, by what each is called as a file; the first is the page's own.
        charts: by the word that an address asks for them by; the first is the page's own.
    """

    name: str
    build: Callable[..., Any]
    tables: Mapping[str, Callable[..., Rows]]
    charts: Mapping[str, Chart]

    def charts_of(self, page: Page) -> list[tuple[str, Chart]]:
        """Those that this page has something for."""
        return [(name, self.charts[name]) for name in page.charts]


FUNNELS = Kind(
    "funnels",
    funnels_page.build,
    {"funnel": journeys_export.funnel, "time-to-convert": journeys_export.waits},
    {
        "steps": Chart(_("Funnel"), "funnel", journeys_charts.steps),
        "waits": Chart(_("Time to convert"), "time-to-convert", journeys_charts.waits),
        "conversion": Chart(_("Conversion over time"), "conversion", journeys_charts.conversion),
    },
)
PATHS = Kind(
    "paths",
    paths_page.build,
    {"paths": journeys_export.paths},
    {"paths": Chart(_("Graph"), "paths", paths_page.picture)},
)
COHORTS = Kind(
    "cohorts",
    cohorts_page.build,
    {"retention": journeys_export.cohorts},
    {"together": Chart(_("Retention"), "retention", journeys_charts.together)},
)
TASKS = Kind(
    "tasks",
    tasks_page.build,
    {"tasks": tasks_export.tasks},
    {"completion": Chart(_("Task success over time"), "task-success", journeys_charts.completion)},
)
ADOPTION = Kind(
    "adoption",
    adoption_page.build,
    {"adoption": tasks_export.adoption},
    {"adoption": Chart(_("Adoption over time"), "adoption", journeys_charts.adoption)},
)
ENGAGEMENT = Kind("engagement", engagement_page.build, {"engagement": tasks_export.engagement}, {})
BEFORE = Kind("before", before_page.build, {"before": leading_export.before}, {})
PARTING = Kind("parting", parting_page.build, {"parting": leading_export.parting}, {})
LOSSES = Kind("losses", losses_page.build, {"losses": journeys_export.losses}, {})
