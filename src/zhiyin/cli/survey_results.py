"""`zhiyin survey results`: what came of a survey, in words or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from zhiyin.cli.columns import table
from zhiyin.cli.session import Session
from zhiyin.kernel.answers import STATES
from zhiyin.kernel.figures import count, figure, interval, lasted, times
from zhiyin.kernel.text import _, language
from zhiyin.measure.words import NOT_SHOWN

if TYPE_CHECKING:
    from zhiyin.measure.survey_results import Answers, Choice, Middle, Part, Responses, Results


@click.command("results")
@click.argument("key")
@click.option("--version", "number", type=int, metavar="N", help="Only answers to this version.")
@click.option("--where", metavar="EXPR",
              help="Only responses and answers for which this holds, e.g. \"channel = 'app'\"."
)  # fmt: skip
@click.pass_obj
def command(session: Session, key: str, number: int | None, where: str | None) -> None:
    """Show what came of the survey of this KEY: responses, and answers by question."""
    settings = session.workspace
    from zhiyin.kernel.filters import parse
    from zhiyin.measure import survey_results

    found = survey_results.results(
        session.log, settings, key, version=number, where=None if where is None else parse(where)
    )
    session.say(found.as_dict(), lambda: results_text(found))


def results_text(found: Results) -> str:
    """Results for a terminal."""
    if found.responses is None:
        return str(_("Fewer than {least} customers have a response: nothing is shown.",
                     least=max(found.minimum_base, 1)))  # fmt: skip
    parts = [_responses(found.responses), _questions(found)]
    parts += [text for one in found.questions if (text := _details(one))]
    return "\n\n".join(parts)


def _responses(found: Responses) -> str:
    head = [_("begun"), _("came to the end"), _("dismissed"), _("left"), _("not over"),
            _("Customers")]  # fmt: skip
    row = [found.begun, found.ended, found.dismissed, found.left, found.open, found.customers]
    lines = [table(head, [[count(one) for one in row]], "012345")]
    lines.append(str(_("Completion rate: {part}", part=_part(found.completion))))
    if found.seconds is not None:
        middle = found.seconds
        taken = f"{lasted(middle.median)} {times(middle.low, middle.high)}"
        lines.append(str(_("Median time from start to end: {time}", time=taken)))
    return "\n".join(lines)


def _questions(found: Results) -> str:
    head = [_("question"), _("type"), _("answered"), _("Customers"), _("Break-off"), _("states")]
    rows = []
    for one in found.questions:
        states = ", ".join(
            f"{STATES.get(state, state)} {n:,}" for state, n in (one.states or {}).items()
        )
        said = states if one.states is not None else str(NOT_SHOWN["too_few"])
        left = "" if one.break_off is None else _part(one.break_off)
        row = [one.item.name, one.item.question.type, count(one.n), count(one.customers)]
        rows.append([*row, left, said])
    return table(head, rows, "23")


def _details(one: Answers) -> str:
    """What was answered to one question; blank where nothing more is told than how many."""
    lines = [_line(*row) for row in _figures(one)]
    if one.points:
        said = ", ".join(f"{point.point:g}: {point.n:,}" for point in one.points)
        lines.append(str(_("Answers by point: {counts}", counts=said)))
    if one.choices:
        lines.append(_choices(one.choices))
    if one.number is not None:
        lines.append(_number(one.number))
    return "\n".join([one.item.name, *lines]) if lines else ""


def _figures(one: Answers) -> list[tuple[str, str]]:
    from zhiyin.measure import registry

    found = []
    for said in one.figures:
        label = str(registry.metric(said.metric).label)
        if said.problem is not None:
            found.append((label, str(said.problem.message)))
        elif said.score is not None:
            score = said.score
            within = NOT_SHOWN.get(score.state) or interval(score.low, score.high, said.unit)
            found.append((label, f"{figure(score.value, said.unit)} {within}"))
    return found


def _line(label: str, value: str) -> str:
    return str(_("{label}: {value}", label=label, value=value))


def _choices(choices: tuple[Choice, ...]) -> str:
    from zhiyin.collect.surveys.definition import language_of

    code = language_of(language())
    has_places = any(one.place for one in choices)
    head = [_("choice"), _("label"), _("chosen by"), *([_("mean place")] if has_places else [])]
    rows = []
    for one in choices:
        label = one.label.get(code) or next(iter(one.label.values()), "")
        row = [one.value, label, _part(one.share)]
        if has_places and one.place is not None:
            within = interval(one.place.low, one.place.high, "scale")
            row.append(f"{figure(one.place.value, 'scale')} {within}")
        rows.append(row + [""] * (len(head) - len(row)))
    return table(head, rows)


def _number(found: Middle) -> str:
    has_ends = found.low is not None and found.high is not None
    within = f" [{found.low:g}, {found.high:g}]" if has_ends else ""
    return str(_("Median {median}; quartiles {lower} and {upper}",
                 median=f"{found.median:g}{within}", lower=f"{found.lower_quartile:g}",
                 upper=f"{found.upper_quartile:g}"))  # fmt: skip


def _part(part: Part) -> str:
    within = interval(part.low, part.high, "percent")
    return f"{figure(part.value, 'percent')}% {within} ({part.n:,}/{part.of:,})"
