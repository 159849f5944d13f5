"""Every questionnaire of other systems that we have comes in, or is refused with a reason."""

from __future__ import annotations

import contextlib
import csv
import re
from pathlib import Path

import pytest

from tests.examples.conftest import MAIN
from zhiyin.collect.files.run import import_path
from zhiyin.collect.surveys import checking, definition
from zhiyin.collect.surveys.formats import answers, reading
from zhiyin.kernel.errors import Problem
from zhiyin.measure.requests import ScoreRequest
from zhiyin.measure.scores import score
from zhiyin.warehouse.owner import Owner

KINDS = {".lss", ".qsf", ".json", ".xlsx", ".xls", ".tsv", ".xml"}
FOLDERS = ("limesurvey", "limesurvey_exports", "qualtrics", "surveyjs", "xlsform")
REFUSED = {
    "bench_survey.quexml.xml": ("survey.not-one", "<questionnaire>"),
    "bench_survey.tsv": ("survey.not-one", "bench_survey.tsv"),
    "bench_survey_import.tsv": ("survey.not-one", "bench_survey_import.tsv"),
    "surveyjs_definition.json": ("survey.not-one", "$schema"),
    "cascading_select_test_equivalent.xls": ("survey.file-old", ".xls"),
    "repeat_date_test.xls": ("survey.file-old", ".xls"),
    "simple_loop.xls": ("survey.file-old", ".xls"),
    "style_settings.xls": ("survey.file-old", ".xls"),
    "tutorial.xls": ("survey.file-old", ".xls"),
}
"""What is no questionnaire, or one in a form that is not read, and what the reason names."""


def _files(real: Path) -> list[Path]:
    folder = real / "survey_files"
    listed = [path for name in FOLDERS for path in sorted((folder / name).iterdir())]
    return [path for path in listed if path.suffix in KINDS]


def test_every_file_comes_in_or_is_refused_by_name(real: Path) -> None:
    refused: dict[str, Problem] = {}
    for path in _files(real):
        try:
            found = reading.read(path.name, path.read_bytes())
        except Problem as problem:
            refused[path.name] = problem
            continue
        survey = found.survey
        assert definition.read(definition.write(survey)) == survey, path.name
        to_mend = {one.place for one in checking.faults(survey)}
        told = {one.element for one in found.fidelity if one.outcome != "kept"}
        assert to_mend <= told, path.name
        assert all(str(one.note) for one in found.fidelity if one.outcome != "kept"), path.name
    assert {name: problem.code for name, problem in refused.items()} == {
        name: code for name, (code, _element) in REFUSED.items()
    }
    for name, reason in refused.items():
        assert REFUSED[name][1] in str(reason)
        assert reason.hint is not None


def test_every_question_of_limesurvey_is_accounted_for(real: Path) -> None:
    for path in _files(real):
        if path.suffix != ".lss":
            continue
        text = path.read_text()
        table = re.search(r"<questions>.*?</questions>", text, re.S)
        assert table is not None
        titles = set(re.findall(r"<title><!\[CDATA\[(.*?)\]\]></title>", table[0]))
        elements = {one.element for one in reading.read(path.name, text.encode()).fidelity}
        known = {title for title in titles for one in elements if one.startswith(title)}
        assert titles == known, path.name


def test_scores_of_the_bench_survey_are_scores(real: Path) -> None:
    path = real / "survey_files" / "limesurvey_exports" / "bench_survey.lss"
    found = reading.read(path.name, path.read_bytes()).survey
    asked = {one.name: (one.type, one.scale) for one in found.questions()}
    assert asked["nps"] == ("nps", (0, 10))
    assert asked["ces"] == ("ces", (1, 7))
    assert asked["csat"] == ("matrix", (1, 5))
    assert checking.faults(found) == []


@pytest.mark.parametrize("cut", [1, 3, 7])
def test_a_part_of_any_file_raises_nothing_but_problems(real: Path, cut: int) -> None:
    for path in _files(real):
        data = path.read_bytes()
        for part in range(1, cut + 1):
            with contextlib.suppress(Problem):
                reading.read(path.name, data[: len(data) * part // (cut + 1)])


def test_answers_of_limesurvey_come_in_by_the_mapping_that_is_made(
    real: Path, log: Owner, tmp_path: Path
) -> None:
    folder = real / "survey_files" / "limesurvey_exports"
    survey = reading.read("bench_survey.lss", (folder / "bench_survey.lss").read_bytes())
    file = folder / "bench_export_code_short.csv"
    mapped = answers.map_to(survey, file, source="bench")
    written = tmp_path / "map.yaml"
    written.write_text(mapped.written())
    came = import_path(log, MAIN, file, written, data=tmp_path / "work")
    assert (came.rows_read, came.rows_added, came.rows_rejected) == (200, 200, 0)
    assert came.facts_by_table["responses"] == 200
    assert came.facts_by_table["answers"] == 200 * len(mapped.document["questions"])
    with file.open(encoding="utf-8-sig", newline="") as held:
        scores = [int(row["nps"]) for row in csv.DictReader(held, delimiter=";") if row["nps"]]
    promoters, detractors = sum(s >= 9 for s in scores), sum(s <= 6 for s in scores)
    (figure,) = score(log, MAIN, ScoreRequest("nps", kind="touchpoint")).rows
    assert figure.n == len(scores)
    assert figure.value == pytest.approx(100 * (promoters - detractors) / len(scores))


def test_answers_of_qualtrics_come_in_behind_their_three_heads(
    real: Path, log: Owner, tmp_path: Path
) -> None:
    folder = real / "survey_files" / "qualtrics"
    name = "Long_Exhaustive_Sample_Survey"
    survey = reading.read(name, (folder / f"{name}.qsf").read_bytes())
    mapped = answers.map_to(survey, folder / f"{name}.csv", source="qualtrics")
    written = tmp_path / "map.yaml"
    written.write_text(mapped.written())
    came = import_path(log, MAIN, folder / f"{name}.csv", written, data=tmp_path / "work")
    with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as held:
        rows = sum(1 for _row in csv.reader(held)) - 3
    assert (came.rows_read, came.rows_added, came.rows_rejected) == (rows, rows, 0)
