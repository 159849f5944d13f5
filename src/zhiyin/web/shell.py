"""What every page shows around its own: where one is, who one is, the other language."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from zhiyin.accounts.access import Access, access_for, workspaces_of
from zhiyin.accounts.models import Person
from zhiyin.accounts.rights import Right
from zhiyin.act.cases import kept
from zhiyin.demo import filling
from zhiyin.kernel.errors import Problem
from zhiyin.web import personal
from zhiyin.web.log import the_log

DATA = frozenset(
    {
        "data", "events", "event", "catalogue", "touchpoint-rules", "touchpoint-rule", "unit-rules",
        "unit-rule", "keys", "revoke-key", "imports", "new-import", "import", "drop-import",
        "undo-import", "remove-mapping", "begin", "dead-letters", "definition", "rights",
        "retention", "receipt", "fill-demo", "sources", "new-source", "source", "change-source",
        "act-source", "remove-source",
    }
)  # fmt: skip
"""The pages under *Data*."""


FIGURES = frozenset(
    {
        "scores",
        "definitions",
        "targets",
        "target",
        "bring-targets",
        "calendar",
        "mark",
        "bring-marks",
    }
)
"""The pages under *Scores*."""


MAPS = frozenset(
    {
        "maps", "map", "map-node", "remove-map", "personas", "new-map", "map-workshop",
        "map-history", "map-compare", "map-priorities", "map-whole", "map-conformance", "pins",
        "pin", "new-pin", "change-pin", "comment-pin", "pin-evidence", "map-differences",
        "remove-pin-evidence", "remove-pin", "pin-it", "my-pins", "walkthroughs", "walkthrough",
        "new-walkthrough", "edit-walkthrough", "remove-walkthrough", "bring-walkthrough-runs",
        "new-walkthrough-run", "walkthrough-run", "edit-walkthrough-run",
        "remove-walkthrough-run", "change-walkthrough-picture",
    }
)  # fmt: skip
"""The pages of journey maps."""


JOURNEYS = MAPS | frozenset(
    {
        "funnels", "paths", "cohorts", "adoption", "engagement", "tasks", "before", "parting",
        "losses", "journey-customers",
    }
)  # fmt: skip
"""The pages under *Journeys*."""


CUSTOMERS = frozenset(
    {"customers", "customer", "segment", "new-segment", "matches", "why", "identity-rules"}
)
"""The pages under *Customers*."""


CASES = frozenset(
    {
        "cases", "case", "case-rules", "take-case", "assign-cases", "assign-case", "move-case",
        "note-case", "write-case", "change-case",
    }
)  # fmt: skip
"""The pages of cases."""


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of the shell: the workspace in the address, else the first that the person has."""
    person = getattr(request, "user", None)
    if not isinstance(person, Person):
        return {"workspace": None, "zone": "UTC"}
    match = request.resolver_match
    slug = match.kwargs.get("slug") if match else None
    page = match.url_name or "" if match else ""
    mine = workspaces_of(person)
    here = next((found for found in mine if found.slug == slug), mine[0] if mine else None)
    access = getattr(request, "access", None)  # as the view was asked for
    if access is None and here is not None:
        access = access_for(person, here.slug)
    return {
        "workspace": here,
        "zone": person.timezone or (here.timezone if here else "UTC"),
        "access": access,
        "sees_personal_data": personal.sees(request),
        "may": access.rights if access else frozenset(),
        "others": [found for found in mine if found != here],
        "page_name": page,
        "section": _section(page),
        "is_map": page in MAPS,
        "is_under_more": _section(page) in MORE_SECTIONS or page in MORE_PAGES,
        "my_cases": _my_cases(access),
        "has_demo": here is not None and _has_demo(here.slug),
    }


SETTINGS = frozenset(
    {
        "workspace", "people", "member", "remove-member", "remove-second-step", "units", "unit",
        "remove-unit", "audit", "api-keys", "revoke-api-key", "jobs", "aspects", "aspect",
        "contact-rules",
    }
)  # fmt: skip
"""The pages under *Settings*."""


REPORTS = frozenset(
    {
        "reports", "report", "add-to-report", "edit-report", "change-report", "preview-report",
        "remove-report", "report-sending", "edition", "edition-changes",
    }
)  # fmt: skip
"""The pages under *Reports*."""


SURVEYS = frozenset({
    "surveys", "survey", "survey-analysis", "remove-survey", "edit-survey", "triggers", "trigger",
    "widgets", "widget", "new-distribution", "distribution", "distribution-words",
})  # fmt: skip
"""The pages under *Surveys*."""

MORE_SECTIONS = frozenset({"alerts", "cases", "reports", "surveys", "data", "settings"})
MORE_PAGES = frozenset({
    "voice", "voice-themes", "voice-theme", "promote-theme",
        "voice-labels", "voice-rightness", "voice-clauses", "voice-apart", "voice-first",
        "voice-versions",
    "responses", "response", "find",
    "help",
})  # fmt: skip
"""What a phone's tab bar has under *More*: five tabs are as many as a thumb can tell apart."""


ALERTS = frozenset({
    "alerts", "alert", "note-alert", "dismiss-alert", "rest-alert-rule", "alert-rules",
    "alert-rule", "new-alert-rule", "remove-alert-rule", "channels", "channel", "new-channel",
    "act-channel", "remove-channel", "replay-delivery",
})  # fmt: skip
"""The pages under *Alerts*."""


def _section(page: str) -> str:
    sections = {
        "alerts": ALERTS,
        "figures": FIGURES,
        "journeys": JOURNEYS,
        "reports": REPORTS,
        "surveys": SURVEYS,
        "data": DATA,
        "customers": CUSTOMERS,
        "cases": CASES,
        "settings": SETTINGS,
    }
    return next((name for name, pages in sections.items() if page in pages), "")


def _my_cases(access: Access | None) -> int:
    """How many open cases the person has; none for whoever works on none."""
    if access is None or not access.may(Right.WORK_CASES):
        return 0
    return kept.mine_open(access.workspace.slug, access.person, kept.own_of(access.scope))


def _has_demo(slug: str) -> bool:
    try:
        return filling.is_demo(the_log(), slug)
    except Problem:
        # The log is away. The page itself says so, and this is a part of that page too.
        return False
