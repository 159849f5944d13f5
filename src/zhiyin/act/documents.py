"""A case as a whole document: the same for the command line and the API."""

from __future__ import annotations

from typing import Any

from zhiyin.accounts.workspaces import Settings
from zhiyin.act import subjects
from zhiyin.act.cases import contact, kept, statuses
from zhiyin.act.cases.models import Case
from zhiyin.warehouse.log import Log


def whole_case(case: Case, log: Log, settings: Settings, *, sees_it: bool) -> dict[str, Any]:
    """A case with what it is about, what may become of it, and its history.

    Args:
        log: as whoever asks may read it.
        sees_it: whether personal data in what customers and colleagues wrote is told.
    """
    reach = contact.reach(log, settings, case.customer)
    subject = subjects.as_dict(subjects.shown(case, log, settings), sees_it=sees_it)
    return {
        **kept.as_dict(case, sees_it=sees_it),
        "subject": subject,
        "customer": (reach.id_ or None) if sees_it else None,
        "can_be_written_to": not reach.why_not,
        "steps": list(statuses.STEPS[case.status]),
        "history": [kept.step_as_dict(one, sees_it=sees_it) for one in kept.steps(case)],
    }
