"""The table of requirements is whole, and what it calls proven has its test."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "security-asvs.md"

SECTIONS = """
1.1: 1 2 3 4 5 6 7; 1.2: 1 2 3 4; 1.4: 1 4 5; 1.5: 1 2 3 4; 1.6: 1 2 3 4; 1.7: 1 2; 1.8: 1 2;
1.9: 1 2; 1.10: 1; 1.11: 1 2; 1.12: 2; 1.14: 1 2 3 4 5 6; 2.1: 1 2 3 4 5 6 7 8 9 10 11 12;
2.2: 1 2 3; 2.3: 1 2 3; 2.4: 1 2 3 4 5; 2.5: 1 2 3 4 5 6 7; 2.6: 1 2 3; 2.7: 1 2 3 4 5 6;
2.8: 1 2 3 4 5 6 7; 2.9: 1 2 3; 2.10: 1 2 3 4; 3.1: 1; 3.2: 1 2 3 4; 3.3: 1 2 3 4;
3.4: 1 2 3 4 5; 3.5: 1 2 3; 3.7: 1; 4.1: 1 2 3 5; 4.2: 1 2; 4.3: 1 2 3; 5.1: 1 2 3 4 5;
5.2: 1 2 3 4 5 6 7 8; 5.3: 1 2 3 4 5 6 7 8 9 10; 5.4: 1 2 3; 5.5: 1 2 3 4; 6.1: 1 2 3;
6.2: 1 2 3 4 5 6; 6.3: 1 2; 6.4: 1 2; 7.1: 1 2 3 4; 7.2: 1 2; 7.3: 1 3 4; 7.4: 1 2 3;
8.1: 1 2 3 4; 8.2: 1 2 3; 8.3: 1 2 3 4 5 6 7 8; 9.1: 1 2 3; 9.2: 1 2 3 4; 10.2: 1 2;
10.3: 1 2 3; 11.1: 1 2 3 4 5 6 7 8; 12.1: 1 2 3; 12.2: 1; 12.3: 1 2 3 4 5 6; 12.4: 1 2;
12.5: 1 2; 12.6: 1; 13.1: 1 3 4 5; 13.2: 1 2 3 5 6; 13.3: 1 2; 13.4: 1 2; 14.1: 1 2 3 4;
14.2: 1 2 3 4 5 6; 14.3: 2 3; 14.4: 1 2 3 4 5 6 7; 14.5: 1 2 3 4
"""
"""The numbers of levels 1 and 2 in version 4.0.3, by section."""


def rows() -> list[list[str]]:
    """The cells of each requirement's row."""
    lines = PAGE.read_text("utf-8").splitlines()
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in lines
        if re.match(r"\| \d", line)
    ]


def test_every_requirement_of_both_levels_stands_there_once() -> None:
    wanted = []
    for section in SECTIONS.split(";"):
        name, _colon, numbers = section.strip().partition(":")
        wanted += [f"{name}.{number}" for number in numbers.split()]
    found = [number for row in rows() for number in row[0].split(", ")]
    assert len(wanted) == 259
    assert sorted(found) == sorted(wanted)


def test_every_chapter_is_there() -> None:
    chapters = re.findall(r"^## V(\d+) ", PAGE.read_text("utf-8"), re.MULTILINE)
    assert chapters == [str(number) for number in range(1, 15)]


def test_every_row_says_how_it_stands_and_its_test_exists() -> None:
    for row in rows():
        number, _asks, stands, how, test = row
        assert stands in ("held", "in part", "not", "n/a"), number
        assert how or stands != "held" or test, number
        assert not test or (ROOT / test).is_file(), f"{number}: {test}"
