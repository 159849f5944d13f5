"""A translation whose source was changed is stale until somebody writes or accepts it."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from zhiyin.accounts.models import AuditEntry
from zhiyin.collect.surveys import actions, definition, kept, stale, texts
from zhiyin.collect.surveys.checking import faults
from zhiyin.collect.surveys.definition import Choice, Ending, Page, Question, Survey
from zhiyin.collect.surveys.tests.flight import FLIGHT, both
from zhiyin.collect.surveys.tests.test_actions import WHO, refused
from zhiyin.kernel.errors import Problem


def asking(label: str = "It was slow", chinese: str = "太慢", **more: Any) -> Survey:
    slow = Choice("slow", both(label, chinese))
    wait = Question("wait", "single", both("What?", "什么？"), choices=(slow,))
    return Survey(
        both("Visit", "到访"), (Page("first", (wait,)),), languages=("en", "zh-Hans"), **more
    )


BEFORE = asking()
LABEL = "wait.choices.slow.label"


def test_a_translation_that_is_left_is_stale_and_one_that_is_written_anew_is_not() -> None:
    assert stale.compared(BEFORE, BEFORE).stale == {}
    assert stale.compared(BEFORE, asking(chinese="慢")).stale == {}
    assert stale.compared(BEFORE, asking("It took long", "耗时太久")).stale == {}
    changed = stale.compared(BEFORE, asking("It took long"))
    assert changed.stale == {"zh-Hans": (LABEL,)}
    # It stays so while other things change, and whatever a document says of it itself.
    again = stale.compared(changed, asking("It took long", closes_on=None))
    assert again.stale == changed.stale
    assert stale.compared(again, asking("It took long", "耗时太久")).stale == {}
    (fault,) = faults(changed)
    assert fault.place == "/pages/0/questions/0/choices/0/label/zh-Hans"
    assert fault.code == "survey.stale-translation"
    assert LABEL in str(fault.hint)


def test_what_was_published_together_fits() -> None:
    changed = stale.compared(BEFORE, asking("It took long"), BEFORE)
    assert changed.stale == {"zh-Hans": (LABEL,)}
    assert stale.compared(changed, BEFORE, BEFORE).stale == {}
    assert stale.compared(changed, BEFORE).stale == {"zh-Hans": (LABEL,)}


def test_names_stay_when_a_question_moves() -> None:
    changed = stale.compared(BEFORE, asking("It took long"))
    more = Question("first", "text", both("Who?", "谁？"))
    (page,) = changed.pages
    moved = replace(changed, pages=(replace(page, questions=(more, *page.questions)),))
    after = stale.compared(changed, moved)
    assert after.stale == changed.stale
    assert faults(after)[0].place.startswith("/pages/0/questions/1/choices/0")


def test_another_first_language_turns_it_round() -> None:
    changed = stale.compared(BEFORE, asking("It took long"))
    turned = stale.compared(changed, replace(changed, language="zh-Hans"))
    assert turned.stale == {"en": (LABEL,)}


def test_accepting() -> None:
    changed = replace(BEFORE, stale={"zh-Hans": (LABEL, "title")})
    assert stale.accepted(changed, "zh-Hans", [LABEL]).stale == {"zh-Hans": ("title",)}
    assert stale.accepted(changed, "zh-Hans").stale == {}
    for language, names in (("fr", []), ("zh-Hans", ["wait.title"])):
        with pytest.raises(Problem) as caught:
            stale.accepted(changed, language, names)
        assert caught.value.code == "survey.not-stale"


def test_every_text_of_a_document_has_a_name_of_its_own() -> None:
    named = [one.name for one in texts.of(FLIGHT)]
    assert len(named) == len(set(named))
    places = {one.place for one in texts.of(FLIGHT)}

    def walk(value: Any, at: str) -> list[str]:
        if isinstance(value, dict) and value and set(value) <= {"en", "zh-Hans"}:
            return [at]
        parts = value.items() if isinstance(value, dict) else enumerate(value)
        return [
            place
            for key, part in parts
            if isinstance(part, dict | list | tuple)
            for place in walk(part, f"{at}/{key}")
        ]

    assert set(walk(definition.as_dict(FLIGHT), "")) <= places


@pytest.mark.usefixtures("data")
def test_saving_finds_it_publishing_refuses_it_and_accepting_lets_it_go() -> None:
    actions.create(**WHO, key="visit", survey=asking(stale={"zh-Hans": ("gone", LABEL)}))
    assert kept.draft(kept.get("main", "visit")).stale == {"zh-Hans": (LABEL,)}
    actions.accept(**WHO, key="visit", language="zh-Hans")
    saved = actions.save(**WHO, key="visit", survey=asking("It took long"), revision=2)
    assert kept.draft(saved).stale == {"zh-Hans": (LABEL,)}
    assert refused(actions.publish, key="visit") == "survey.faulty"
    # Two who look at it never overwrite each other.
    given: dict[str, Any] = {"key": "visit", "language": "zh-Hans", "names": [LABEL]}
    assert refused(actions.accept, **given, revision=2) == "survey.stale"
    actions.accept(**WHO, **given, revision=3)
    said = AuditEntry.of("main").filter(action="survey.translations-accepted").order_by("pk").last()
    assert said is not None
    assert said.after == {"revision": 4, "language": "zh-Hans"}
    assert actions.publish(**WHO, key="visit").number == 1


def test_an_ending_that_moves_is_compared_by_its_place() -> None:
    one = asking(endings=(Ending(both("Thanks", "谢谢")),))
    two = asking(endings=(Ending(both("Thank you", "谢谢")),))
    assert stale.compared(one, two).stale == {"zh-Hans": ("endings.1.title",)}
