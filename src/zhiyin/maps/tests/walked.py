"""A competitor audit for tests: the same task on our site and on two others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.maps import auditing
from zhiyin.maps.audit_asked import AuditAsked, RunAsked, SiteAsked, StepAsked
from zhiyin.maps.models import Audit, AuditRun

DAY = date(2026, 3, 2)
ASKED = AuditAsked(
    title="Buy a ticket",
    task="Find and pay the cheapest flight of next Friday.",
    sites=(SiteAsked("Our site", is_ours=True), SiteAsked("Blue"), SiteAsked("Green")),
)
STEPS = (StepAsked("Search", seconds=12.0), StepAsked("Pay", seconds=30.0, failed="Card refused"))


def made(workspace: str = "main", **changed: Any) -> Audit:
    """The walkthrough, without runs."""
    asked = AuditAsked(**{**{name: getattr(ASKED, name) for name in ASKED.__slots__}, **changed})
    return auditing.create(by=COMMAND_LINE, workspace=workspace, asked=asked)


def asked(site: str = "Our site", who: str = "P1", **changed: Any) -> RunAsked:
    """A run of two steps, the second of which failed."""
    given: dict[str, Any] = {
        "site": site, "done_on": DAY, "who": who, "is_done": True, "steps": STEPS, "ease": 5,
    }  # fmt: skip
    return RunAsked(**{**given, **changed})


def ran(
    audit: Audit, site: str, times: Sequence[float], *, done: int | None = None, first: int = 1
) -> list[AuditRun]:
    """A run a time, each by another person: P1, P2, …; those after the `done` first gave up."""
    runs = [
        asked(
            site,
            f"P{first + at}",
            is_done=done is None or at < done,
            steps=(StepAsked("Search", seconds=time / 3), StepAsked("Pay", seconds=time * 2 / 3)),
            ease=3 + at % 3,
        )
        for at, time in enumerate(times)
    ]
    return auditing.add_runs(
        by=COMMAND_LINE, workspace=audit.workspace.slug, number=audit.pk, asked=runs
    )
