"""The docs say what the code does, and lead to pages that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])
CODE = [*(ROOT / "src").rglob("*.py"), ROOT / "Makefile", *(ROOT / "tests").rglob("*.py")]


def test_every_environment_variable_is_in_the_settings_page() -> None:
    used = {
        name
        for path in CODE
        if path != Path(__file__)
        for name in re.findall(r"\bZHIYIN_[A-Z_]+[A-Z]\b", path.read_text("utf-8"))
    }
    written = set(re.findall(r"\bZHIYIN_[A-Z_]+[A-Z]\b", (DOCS / "settings.md").read_text("utf-8")))
    assert used == written


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8")):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (page.parent / target).exists(), f"{target} in {page.name}"


def test_decisions_are_numbered_dated_and_short() -> None:
    decisions = sorted((DOCS / "decisions").glob("*.md"))
    numbers = [path.name[:4] for path in decisions]
    assert len(set(numbers)) == len(numbers)
    for path in decisions:
        text = path.read_text("utf-8")
        assert text.startswith(f"# {path.name[:4]} "), path.name
        assert re.search(r"20\d\d-\d\d-\d\d · (accepted|superseded by \d{4})", text), path.name
        assert len(text.split()) < 420, path.name


@pytest.mark.parametrize(
    "word", ["helper", "subagent", "registry.npmjs", "pypi.org", "/work/", "deb.debian"]
)
def test_nothing_of_the_workshop_is_in_the_house(word: str) -> None:
    """Paths of a machine, hosts of package registries, words about how it was made."""
    files = [*PAGES, *CODE, *ROOT.glob("requirements/*.lock"), ROOT / "package-lock.json"]
    found = [p.name for p in files if p != Path(__file__) and word in p.read_text("utf-8").lower()]
    assert found == []
