"""Ready sets can be published as they are, in both languages."""

from __future__ import annotations

import pytest

from zhiyin.collect.surveys import definition, wordings
from zhiyin.collect.surveys.checking import faults
from zhiyin.collect.surveys.library import sets
from zhiyin.collect.surveys.library.ready import Ready
from zhiyin.kernel.errors import Problem


@pytest.mark.parametrize("one", sets.SETS, ids=lambda one: one.name)
def test_each_passes_and_is_the_same_after_writing(one: Ready) -> None:
    assert [(fault.place, str(fault)) for fault in faults(one.survey)] == []
    assert definition.read(definition.write(one.survey)) == one.survey
    assert one.source
    assert one.survey.spoken() == ("en", "zh-Hans")
    for question in one.survey.questions():
        for language in one.survey.spoken():
            said = wordings.title(question, language, one.survey)
            has_chinese = any("\u4e00" <= letter <= "\u9fff" for letter in said)
            assert said
            assert has_chinese == (language == "zh-Hans"), said


def test_servqual_has_22_pairs_that_fit() -> None:
    items = [item.name for item in sets.get("servqual").survey.items()]
    expected = [name.removeprefix("expected_") for name in items if name.startswith("expected_")]
    met = [name.removeprefix("met_") for name in items if name.startswith("met_")]
    assert expected == met
    assert len(met) == 22
    by_dimension = [name.partition(".")[0] for name in met]
    assert [by_dimension.count(name) for name in dict.fromkeys(by_dimension)] == [5, 4, 4, 5, 4]


def test_reasons_come_by_band_of_the_score() -> None:
    pages = {page.name: page.shown_if for page in sets.get("nps-touchpoint").survey.pages}
    assert (pages["reasons_low"], pages["reasons_high"]) == ("recommend <= 6", "recommend >= 9")


def test_effort_has_its_direction() -> None:
    (hard,) = list(sets.get("ces-1").survey.pages[0].questions)
    (easy,) = list(sets.get("ces-2").survey.pages[0].questions)
    assert (hard.scale, hard.better) == ((1, 5), "down")
    assert (easy.scale, easy.better) == ((1, 7), "up")


def test_a_name_that_there_is_not_names_those_that_there_are() -> None:
    with pytest.raises(Problem) as caught:
        sets.get("npx")
    assert "nps-relationship" in str(caught.value)
