"""Which pages and questions a response is asked."""

from __future__ import annotations

from msgspec.structs import replace

from zhiyin.collect.surveys import checking, definition, logic
from zhiyin.collect.surveys.definition import Choice, Page, Question, Survey
from zhiyin.collect.surveys.logic import Answer, Step
from zhiyin.collect.surveys.tests.flight import FLIGHT

SEED = "r1"


def names(steps: tuple[Step, ...]) -> dict[str, list[str]]:
    return {step.page.name: [one.question.name for one in step.asked] for step in steps}


def scored(score: float) -> Answer:
    return Answer("answered", score=score)


def asked(**answers: Answer) -> dict[str, list[str]]:
    return names(logic.steps(FLIGHT, answers, {}, seed=SEED))


def test_a_page_is_shown_when_its_condition_holds() -> None:
    assert list(asked()) == ["first", "you"]
    assert list(asked(nps=scored(9))) == ["first", "you"]
    assert list(asked(nps=scored(6))) == ["first", "wrong", "you"]


def test_a_question_opens_another_of_its_page() -> None:
    late = Answer("answered", chosen=("late",))
    assert asked(nps=scored(3))["wrong"] == ["reasons"]
    assert asked(nps=scored(3), reasons=late)["wrong"] == ["reasons", "how_late"]


def test_an_answer_that_is_hidden_now_opens_nothing() -> None:
    late = Answer("answered", chosen=("late",))
    assert "wrong" not in asked(nps=scored(9), reasons=late)
    again = replace(
        FLIGHT,
        pages=(*FLIGHT.pages, Page("last", (Question("q", "text"),), "reasons.late = true")),
    )
    hidden = logic.steps(again, {"nps": scored(9), "reasons": late}, {}, seed=SEED)
    assert list(names(hidden)) == ["first", "you"]


def test_choices_have_conditions_of_their_own() -> None:
    def offered(**answers: Answer) -> list[str]:
        steps = logic.steps(FLIGHT, {"nps": scored(2), **answers}, {}, seed=SEED)
        return [choice.value for choice in steps[1].asked[0].choices]

    assert offered() == ["late", "crew", "none"]
    assert offered(**{"parts.bag": scored(1)}) == ["late", "none"]


def test_states_that_are_no_answer_are_missing() -> None:
    assert "wrong" not in asked(nps=Answer("dont_know"))


def test_conditions_see_what_the_link_said() -> None:
    survey = Survey({}, (Page("p", (Question("q", "text", shown_if="field.city = 'hgh'"),)),))
    assert logic.steps(survey, {}, {"city": "hgh"}, seed=SEED)
    assert not logic.steps(survey, {}, {"city": "sha"}, seed=SEED)
    assert not logic.steps(survey, {}, {}, seed=SEED)


def test_an_order_is_drawn_once_for_a_response_and_evenly_over_many() -> None:
    choices = (*map(Choice, "abc"), Choice("none", is_exclusive=True))
    question = Question("q", "multiple", choices=choices, is_shuffled=True)
    survey = Survey({}, (Page("p", (question,)),))

    def order(seed: str) -> str:
        (step,) = logic.steps(survey, {}, {}, seed=seed)
        return "".join(choice.value[0] for choice in step.asked[0].choices)

    orders = [order(f"r{n}") for n in range(1200)]
    assert orders == [order(f"r{n}") for n in range(1200)]
    assert {one[-1] for one in orders} == {"n"}
    counts = [orders.count(one) for one in sorted(set(orders))]
    # Six orders, 200 of each: this far from it chance comes once in a million draws.
    assert len(counts) == 6
    assert sum((n - 200) ** 2 / 200 for n in counts) < 35.9


def test_the_ending_is_the_first_that_holds() -> None:
    def title(score: float) -> str:
        return logic.ending(FLIGHT, {"nps": scored(score)}, {}, seed=SEED).title["en"]

    assert title(5) == "We are sorry."
    assert title(9) == "Thank you!"
    assert logic.ending(Survey({}, ()), {}, {}, seed=SEED).title == {}


def test_a_survey_is_written_as_it_is_read() -> None:
    assert definition.read(definition.write(FLIGHT)) == FLIGHT
    assert checking.faults(FLIGHT) == []
