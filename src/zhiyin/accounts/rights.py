"""What each role lets a person do. Nothing else decides it."""

from __future__ import annotations

from enum import StrEnum

from zhiyin.accounts.models import Role
from zhiyin.kernel.text import Text, _


class Right(StrEnum):
    """One thing that a role may allow."""

    SEE_FIGURES = "see_figures"
    SEE_CUSTOMERS = "see_customers"
    EXPORT = "export"
    DEFINE = "define"
    MAKE_REPORTS = "make_reports"
    PUBLISH = "publish"
    SET_TARGETS = "set_targets"
    WORK_CASES = "work_cases"
    JOIN = "join"
    SEE_DATA = "see_data"
    CHANGE_DATA = "change_data"
    FULFIL = "fulfil"
    CHANGE_PEOPLE = "change_people"
    CHANGE_CHIEFS = "change_chiefs"
    CHANGE_WORKSPACE = "change_workspace"
    SEE_AUDIT = "see_audit"


SAYS: dict[Right, Text] = {
    Right.SEE_FIGURES: _("see figures"),
    Right.SEE_CUSTOMERS: _("find customers and see one"),
    Right.EXPORT: _("take rows out as files"),
    Right.DEFINE: _("write surveys and segments, mark dates and describe events"),
    Right.MAKE_REPORTS: _("make reports"),
    Right.PUBLISH: _("publish surveys and reports, and have reports sent"),
    Right.SET_TARGETS: _("set targets"),
    Right.WORK_CASES: _("take cases and work on them"),
    Right.JOIN: _("decide which ids are one customer"),
    Right.SEE_DATA: _("see sources, events and imports"),
    Right.CHANGE_DATA: _("change keys, rules and imports"),
    Right.FULFIL: _("hand out, erase and keep what customers have a right to"),
    Right.CHANGE_PEOPLE: _("invite people and give roles"),
    Right.CHANGE_CHIEFS: _("name administrators in chief"),
    Right.CHANGE_WORKSPACE: _("change the workspace and its units"),
    Right.SEE_AUDIT: _("read the audit log"),
}
"""Each right in words: "may …"."""

WHOLE = frozenset(
    {
        Right.JOIN, Right.SEE_DATA, Right.CHANGE_DATA, Right.FULFIL, Right.CHANGE_PEOPLE,
        Right.CHANGE_CHIEFS, Right.CHANGE_WORKSPACE, Right.SEE_AUDIT,
    }
)  # fmt: skip
"""Rights about the workspace as a whole: nobody has them whose membership has a scope."""

ROLES: dict[Role, frozenset[Right]] = {
    Role.ADMINISTRATOR_IN_CHIEF: frozenset(Right),
    Role.ADMIN: frozenset(Right) - {Right.CHANGE_CHIEFS},
    Role.ANALYST: frozenset(
        {
            Right.SEE_FIGURES, Right.SEE_CUSTOMERS, Right.EXPORT, Right.DEFINE, Right.JOIN,
            Right.SEE_DATA, Right.MAKE_REPORTS, Right.PUBLISH, Right.WORK_CASES,
        }
    ),
    Role.UNIT_MANAGER: frozenset(
        {
            Right.SEE_FIGURES, Right.SEE_CUSTOMERS, Right.EXPORT, Right.MAKE_REPORTS,
            Right.SET_TARGETS, Right.WORK_CASES,
        }
    ),
    Role.TEAM_LEADER: frozenset({Right.SEE_FIGURES, Right.SEE_CUSTOMERS, Right.WORK_CASES}),
    Role.AGENT: frozenset({Right.SEE_CUSTOMERS, Right.WORK_CASES}),
    Role.QUALITY_REVIEWER: frozenset({Right.SEE_FIGURES, Right.SEE_CUSTOMERS}),
    Role.VIEWER: frozenset({Right.SEE_FIGURES}),
}  # fmt: skip


ROLE_NAMES: dict[Role, Text] = {
    Role.ADMINISTRATOR_IN_CHIEF: _("administrator in chief"),
    Role.ADMIN: _("admin"),
    Role.ANALYST: _("analyst"),
    Role.UNIT_MANAGER: _("unit manager"),
    Role.TEAM_LEADER: _("team leader"),
    Role.AGENT: _("agent"),
    Role.QUALITY_REVIEWER: _("quality reviewer"),
    Role.VIEWER: _("viewer"),
}


def rights_of(role: str, *, is_scoped: bool) -> frozenset[Right]:
    """What a membership allows."""
    held = ROLES[Role(role)]
    return held - WHOLE if is_scoped else held
