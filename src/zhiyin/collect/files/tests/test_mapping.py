"""A mapping that makes no sense is refused, with the key and what may stand there."""

from __future__ import annotations

from pathlib import Path

import pytest

from zhiyin.collect.files.mapping import SHARED_KEYS, allowed_tables, load, own_columns
from zhiyin.collect.files.tests.conftest import ASKED
from zhiyin.kernel.errors import Problem

DOCS = Path(__file__).resolve().parents[5] / "docs"


def refused(tmp_path: Path, text: str) -> Problem:
    file = tmp_path / "m.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Problem) as raised:
        load(file)
    assert "m.yaml" in str(raised.value.message)
    return raised.value


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (("source: desk", "sauce: desk"), "sauce"),
        (("metric: csat", "metric: csat, scala: 5"), "questions[0].scala"),
        (("timezone: UTC", "zone: UTC"), "at.zone"),
        (("source: desk\n", ""), "source"),
        (("metric: csat", "metric: smile"), "questions[0].metric"),
        (("metric: csat", "metric: ces"), "questions[0].scale"),
        (("metric: csat", "metric: rating"), "questions[0].scale"),
        (("metric: csat", "metric: ces, scale: {min: 1, max: 7}"), "direction"),
        (("metric: csat", "metric: nps, scale: {min: 1, max: 10}"), "legacy_scale"),
        (("metric: csat", "metric: csat, scale: {min: 5, max: 1}"), "min"),
        (("metric: csat", "metric: csat, legacy_scale: 1-10"), "legacy_scale"),
        (("timezone: UTC", "timezone: Mars/North"), "Mars/North"),
        (("column: at, ", ""), "at"),
        (("customer: who", "customer: who\ndimensions: {score: x}"), "dimensions.score"),
        (("customer: who", "customer: who\ndimensions: {'A B': x}"), "dimensions.A B"),
        (("customer: who", "customer: who\nquery: select 1\nfile: x"), "file"),
        (("as: answers", "as: nonsense"), "nonsense"),
        (("as: answers", "as: orders"), "questions"),
        (("as: answers", "- as: answers"), "YAML"),
        (("customer: who", "customer: &a who\nrole: *a"), "anchors"),
    ],
)
def test_what_makes_no_sense(tmp_path: Path, change: tuple[str, str], named: str) -> None:
    assert change[0] in ASKED
    problem = refused(tmp_path, ASKED.replace(*change))
    assert named in str(problem)


def test_the_known_keys_are_listed(tmp_path: Path) -> None:
    problem = refused(tmp_path, ASKED.replace("metric: csat", "metric: csat, scala: 5"))
    assert "legacy_scale" in str(problem.hint)
    problem = refused(tmp_path, ASKED.replace("customer:", "client:"))
    assert "customer" in str(problem.hint)


def test_words_that_yaml_would_change_stay_as_written(tmp_path: Path) -> None:
    file = tmp_path / "m.yaml"
    said = "metric: choice, not_applicable: [no, 2015-06-30, 12:30, 007]"
    file.write_text(ASKED.replace("metric: csat", said), encoding="utf-8")
    (mapping,) = load(file)
    codes = mapping.shared.questions[0].not_applicable
    assert codes == ["no", "2015-06-30", "12:30", "007"]


def test_several_documents_in_one_file(tmp_path: Path) -> None:
    file = tmp_path / "m.yaml"
    file.write_text(f"{ASKED}---\n{ASKED.replace('desk', 'phone')}", encoding="utf-8")
    assert [found.shared.source for found in load(file)] == ["desk", "phone"]


def test_the_docs_name_every_table_and_key() -> None:
    text = (DOCS / "import.md").read_text("utf-8")
    assert [name for name in allowed_tables() if f"`{name}`" not in text] == []
    assert [key for key in SHARED_KEYS if f"`{key}`" not in text] == []
    assert all(own_columns(table) for table in allowed_tables() if table != "traits")


@pytest.mark.parametrize("file", sorted((DOCS / "examples").rglob("*.yaml")), ids=lambda f: f.name)
def test_the_examples_can_be_read(file: Path) -> None:
    assert load(file)
