"""Every sentence of the import exists in Chinese."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOM = Path(__file__).resolve().parents[1]
PACKAGE = ROOM.parents[1]


def sentences() -> list[tuple[str, str]]:
    files = [*ROOM.glob("*.py"), PACKAGE / "cli" / "importing.py"]
    return [
        (file.name, node.args[0].value)
        for file in files
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "_"
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    ]


@pytest.fixture(scope="module")
def chinese() -> dict[str, str]:
    found: dict[str, str] = {}
    for file in (PACKAGE / "locale" / "zh_Hans").glob("*.po"):
        with file.open("rb") as opened:
            found |= {str(said.id): str(said.string) for said in read_po(opened) if said.id}
    return found


def test_every_sentence_has_its_chinese(chinese: dict[str, str]) -> None:
    known = sentences()
    assert len(known) > 100
    assert [pair for pair in known if not chinese.get(pair[1])] == []


def test_the_chinese_has_the_same_blanks(chinese: dict[str, str]) -> None:
    import re

    for _file, said in sentences():
        blanks = re.compile(r"(?<!\{)\{[a-z]+\}")
        assert sorted(blanks.findall(said)) == sorted(blanks.findall(chinese[said])), said
