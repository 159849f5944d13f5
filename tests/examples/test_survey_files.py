"""Every questionnaire of other systems that we have comes in, or is refused with a reason."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import pytest

from zhiyin.collect.surveys import checking, definition
from zhiyin.collect.surveys.formats import reading
from zhiyin.kernel.errors import Problem

KINDS = {".lss", ".qsf", ".json", ".xlsx", ".xls", ".tsv", ".xml"}
FOLDERS = ("limesurvey", "limesurvey_exports", "qualtrics", "surveyjs", "xlsform")
REFUSED = {
    "bench_survey.quexml.xml": ("survey.not-one", "<questionnaire>"),
    "bench_survey.tsv": ("survey.not-one", "bench_survey.tsv"),
    "bench_survey_import.tsv": ("survey.not-one", "bench_survey_import.tsv"),
    "surveyjs_definition.json": ("survey.not-one", "$schema"),
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
