"""Conditions of a survey: whether they can be read, name what is known, and can ever hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from zhiyin.collect.surveys.conditions import (
    FIELD,
    Column,
    Place,
    as_day,
    by_name,
    column,
    columns_of,
    places,
)
from zhiyin.collect.surveys.definition import Question, Survey
from zhiyin.collect.surveys.fault import Fault
from zhiyin.collect.surveys.reaching import Reach, read
from zhiyin.kernel.filters import (
    And,
    Compare,
    Contains,
    Filter,
    FilterProblem,
    In,
    Missing,
    Node,
    Not,
    Or,
    Value,
    in_words,
    walk,
    write_column,
    write_value,
)
from zhiyin.kernel.text import Text, _

LONGEST = 5_000
"""Characters of a condition."""


def of_conditions(survey: Survey) -> Iterator[Fault]:
    """What is wrong with conditions, and what is never shown because of them."""
    questions = by_name(survey)
    listed = list(places(survey))
    broken: set[str] = set()
    for place in listed:
        found = list(_of_place(place, questions))
        if found:
            broken.add(place.says)
        yield from found
    if not broken:
        yield from _unreachable(survey, listed)


def _of_place(place: Place, questions: Mapping[str, Question]) -> Iterator[Fault]:
    if len(place.says) > LONGEST:
        yield Fault(
            place.pointer, "survey.condition-long",
            _("The condition is longer than {most} characters.", most=LONGEST),
            _("Ask less at once."),
        )  # fmt: skip
        return
    try:
        condition = read(place.says)
    except FilterProblem as problem:
        hint = problem.hint or _("docs/filters.md describes how conditions are written.")
        yield Fault(place.pointer, "survey.condition", problem.message, hint)
        return
    yield from _of_nodes(place, condition, questions)


def _of_nodes(
    place: Place, condition: Filter, questions: Mapping[str, Question]
) -> Iterator[Fault]:
    told: set[str] = set()
    for node in walk(condition.root):
        if isinstance(node, And | Or | Not):
            continue
        found = column(node.column, questions)
        first = node.column.partition(".")[0]
        if found is None:
            if node.column not in told:
                yield _unknown(place, node.column, questions.get(first))
        elif first != FIELD and first not in place.earlier:
            if node.column not in told:
                yield Fault(
                    place.pointer, "survey.condition-later",
                    _("{name} is not answered yet where the condition asks for it.", name=first),
                    _("Name questions that come before; on a shuffled page, of pages before it."),
                )  # fmt: skip
        else:
            yield from _of_values(place, node, found)
        told.add(node.column)


def _unknown(place: Place, name: str, question: Question | None) -> Fault:
    if question is None:
        hint = _("Name a question of the survey, or field.name for what the link brings.")
    else:
        known = list(columns_of(question))
        hint = _("Of this question there is: {names}.", names=", ".join(known[:12]) or "–")
    return Fault(
        place.pointer, "survey.condition-unknown",
        _("The condition names {name}, and nothing is called so.", name=name[:80]), hint,
    )  # fmt: skip


def _of_values(place: Place, node: Node, found: Column) -> Iterator[Fault]:
    wrong = _wrong(node, found)
    if wrong is not None:
        message, hint = wrong
        yield Fault(place.pointer, "survey.condition-value", message, hint)


def _wrong(node: Node, found: Column) -> tuple[Text, Text] | None:
    """What a condition says of a column that cannot be, and what to write."""
    if isinstance(node, Missing):
        return None
    if found.kind == "several":
        return (
            _("{name} is more than one choice.", name=found.name),
            _("Write {name}.choice = true, with the value of a choice.", name=found.name),
        )
    if isinstance(node, Contains):
        is_text = found.kind in ("text", "choice")
        held = [str(value).lower() for value in found.values]
        if is_text and (not held or any(node.text.lower() in one for one in held)):
            return None
        return _cannot(found, repr(node.text))
    values = node.values if isinstance(node, In) else ()
    sign = "="
    if isinstance(node, Compare):
        values, sign = (node.value,), node.op
    for value in values:
        if not _fits(found, sign, value):
            return _cannot(found, write_value(value))
    return None


def _fits(found: Column, sign: str, value: Value) -> bool:
    is_equality = sign in ("=", "!=")
    match found.kind:
        case "score" | "number":
            if isinstance(value, bool) or not isinstance(value, int | float):
                return False
            if found.kind == "score" and is_equality:
                return value in found.values
            low, high = found.low, found.high
            return (low is None or value >= low) and (high is None or value <= high)
        case "choice":
            return is_equality and in_words(value) in found.values
        case "chosen":
            return is_equality and isinstance(value, bool) and value in found.values
        case "date":
            return as_day(value) is not None
    return True


def _cannot(found: Column, written: str) -> tuple[Text, Text]:
    message = _("{name} is never {value}.", name=found.name, value=written[:60])
    match found.kind:
        case "score" | "number" if found.low is not None and found.high is not None:
            return message, _(
                "It is a number from {low} to {high}.", low=f"{found.low:g}", high=f"{found.high:g}"
            )
        case "number":
            return message, _("It is a number within the bounds of the question.")
        case "chosen" if len(found.values) == 1:
            return message, _(
                "Write {name} = true where it was chosen, {name} is missing where not.",
                name=write_column(found.name),
            )
        case "chosen":
            return message, _("It is true or false: write = true.")
        case "choice":
            names = ", ".join(str(value) for value in found.values[:12])
            return message, _("It is equal to one of: {names}.", names=names)
    return message, _("It is a date: write 2026-01-31, without other signs.")


def _unreachable(survey: Survey, listed: list[Place]) -> Iterator[Fault]:
    reach = Reach(survey)
    for place in listed:
        # What stands in something that is never shown is said there, once.
        if not reach.can_hold(place.under) or reach.can_hold((*place.under, place.says)):
            continue
        yield Fault(
            place.pointer, "survey.unreachable",
            _("No answers let this condition hold: what it shows is never seen."),
            _("Correct it, or take out what it shows."),
        )  # fmt: skip
    for number, ending in enumerate(survey.endings[:-1]):
        if not ending.shown_if:
            yield Fault(
                f"/endings/{number + 1}", "survey.unreachable",
                _("The ending before it is always shown: this one is never seen."),
                _("Give the one before a condition, or put it last."),
            )  # fmt: skip
            return
