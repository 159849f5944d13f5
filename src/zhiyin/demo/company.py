"""The demo company in a workspace, whole: its facts, its clock and money, its units and plans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zhiyin.demo import filling, marks, planned
from zhiyin.demo.filling import Filled
from zhiyin.demo.plan import AHEAD, Plan
from zhiyin.kernel.clock import now
from zhiyin.kernel.progress import Progress, unseen
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:  # it is read after Django is set up, not before
    from zhiyin.accounts.audit import Actor


def kept_in(data: Path, workspace: str) -> Path:
    """The folder of what is really so, ``truth.json``, beside the stores."""
    return data / "demo" / workspace


def of_today() -> Plan:
    """The company as it is shown unless something else is asked for: until yesterday."""
    return Plan(until=(now() + timedelta(seconds=AHEAD) - timedelta(days=1)).date())


def put_in(
    log: Log, workspace: str, plan: Plan, *, by: Actor, data: Path, progress: Progress = unseen
) -> Filled:
    """Put the company into a workspace that is empty; what was cut off goes on where it was.

    Raises:
        Problem: ``demo.workspace-not-empty``, ``demo.another-company``,
            ``accounts.no-workspace``.
    """
    from zhiyin.accounts.workspaces import settings_of

    folder = kept_in(data, workspace)
    done = filling.fill(log, workspace, plan, folder=folder, progress=progress)
    filling.settle(workspace, by=by)
    planned.add(settings_of(workspace), plan, by=by)
    marks.prove(log, settings_of(workspace), by=by)
    return done


def as_arguments(plan: Plan) -> dict[str, Any]:
    """A company as background work names it: begun again on another day, it is the same."""
    return {"until": plan.until.isoformat()}


def from_arguments(arguments: Mapping[str, Any]) -> Plan:
    """The company that background work names."""
    return replace(Plan(), until=date.fromisoformat(str(arguments["until"])))
