"""The table of the documentation says what the code does, and every right has its words."""

from __future__ import annotations

from pathlib import Path

from zhiyin.accounts.models import Role
from zhiyin.accounts.rights import ROLE_NAMES, ROLES, SAYS, WHOLE, Right, rights_of

DOCS = Path(__file__).resolve().parents[4] / "docs" / "people.md"


def test_the_documented_table_is_what_holds() -> None:
    lines = [line for line in DOCS.read_text().splitlines() if line.startswith("| ")]
    head, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    assert head[2:] == [str(ROLE_NAMES[role]) for role in Role]
    told = {row[0]: row[2:] for row in rows}
    assert told == {
        f"{SAYS[right]}{'*' if right in WHOLE else ''}": [
            "yes" if right in ROLES[role] else "–" for role in Role
        ]
        for right in Right
    }


def test_who_sees_a_part_has_no_right_over_the_whole() -> None:
    for role in Role:
        assert rights_of(role, is_scoped=False) == ROLES[role]
        assert not rights_of(role, is_scoped=True) & WHOLE
    assert Right.EXPORT in rights_of(Role.UNIT_MANAGER, is_scoped=True)
