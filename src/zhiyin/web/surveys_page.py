"""The pages of surveys: those that there are, and what came of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from zhiyin.accounts.workspaces import Settings
from zhiyin.collect.aspects import kept as aspects
from zhiyin.collect.exports.rows import Rows, rows_of
from zhiyin.collect.models import Survey
from zhiyin.collect.surveys import checking, definition, kept, wordings
from zhiyin.collect.surveys.definition import OTHER, Texts
from zhiyin.collect.surveys.fault import Fault
from zhiyin.collect.surveys.formats.brought import OUTCOMES
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter, parse
from zhiyin.kernel.text import Text, _, language
from zhiyin.measure import registry
from zhiyin.measure.survey_results import Answers, Figure, Place, Results, results
from zhiyin.measure.words import NOT_SHOWN
from zhiyin.warehouse.log import Log
from zhiyin.web import personal
from zhiyin.web.building.labels import TYPES
from zhiyin.web.menus import Choice, menu


@dataclass(frozen=True, slots=True)
class Line:
    """How often one point was given, or one choice made.

    Args:
        share: per cent of those who answered, with its interval where it is known.
        place: the mean place in a ranking.
    """

    name: str
    n: int
    share: float
    low: float | None = None
    high: float | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """One question, or one row of a matrix, as the page tells it.

    Args:
        row: what the row is called; blank where it is no row.
        lines: by point or by choice.
    """

    answers: Answers
    title: str
    row: str
    type: Text
    lines: tuple[Line, ...]

    @property
    def figures(self) -> tuple[tuple[Text, Figure, Text | None], ...]:
        """Each measure by its name, with why it says nothing."""
        return tuple(
            (registry.metric(one.metric).label, one, _why(one)) for one in self.answers.figures
        )

    @property
    def states(self) -> tuple[tuple[str, int], ...]:
        """What became of it where it was not answered, by state."""
        found = self.answers.states or {}
        return tuple((state, n) for state, n in found.items() if state != "answered")


@dataclass(frozen=True, slots=True)
class Page:
    """One survey with what came of it.

    Args:
        survey: as `kept.as_dict` writes it.
        faults: what hinders its publication.
        found: None where it was never published, or with a `problem`.
        problem: a mistake in what was asked.
    """

    survey: Mapping[str, Any]
    title: str
    given: Mapping[str, str]
    versions: tuple[Choice, ...]
    faults: tuple[Fault, ...] = ()
    found: Results | None = None
    questions: tuple[Told, ...] = ()
    problem: Problem | None = None

    @property
    def files(self) -> tuple[tuple[str, str], ...]:
        """The kinds of files that its responses can be written to, with their names."""
        return (("csv", "CSV"), ("xlsx", "Excel"), ("sav", "SPSS"))

    @property
    def state(self) -> Text:
        """Whether it takes answers, in words."""
        return kept.STATES[self.survey["state"]]

    @property
    def may_be_published(self) -> bool:
        """Whether its draft is another than what customers see, and has no faults."""
        is_new = self.survey["version"] is None or self.survey["has_changes"]
        return is_new and not self.faults


@dataclass(frozen=True, slots=True)
class Listed:
    """A survey in the list; `survey` is as `kept.as_dict` writes it."""

    survey: Mapping[str, Any]
    title: str
    state: Text


def listed(workspace: str, asked: str) -> list[Listed]:
    """The surveys whose title or key has these letters, the one that was changed last first."""
    found = []
    for held in kept.of(workspace).order_by("-changed_at"):
        title = title_of(held)
        if asked.casefold() in f"{title} {held.key}".casefold():
            shown = kept.as_dict(held)
            found.append(Listed(shown, title, kept.STATES[shown["state"]]))
    return found


def title_of(held: Survey) -> str:
    """What a survey is called, in the reader's language if it speaks that."""
    survey = kept.draft(held)
    return definition.said(survey.title, _code(), survey) or held.key


@dataclass(frozen=True, slots=True)
class Change:
    """What became of an element of a file that is otherwise here, or lost."""

    element: str
    said: Text
    note: str


def changes(brought: Mapping[str, Any]) -> list[Change]:
    """What of a file did not come over as it was; `brought` is what `bringing.bring` returns."""
    return [
        Change(one["element"], OUTCOMES[one["outcome"]], one["note"])
        for one in brought["fidelity"]
        if one["outcome"] != "kept"
    ]


def build(
    log: Log, settings: Settings, held: Survey, query: Mapping[str, str], *, sees_it: bool
) -> Page:
    """The page of a survey; a mistake in what is asked is shown in the place of the results.

    Args:
        query: ``version`` and ``where`` of the address.
        sees_it: whether the reader sees personal data; else she does not ask by it either.
    """
    given = given_of(query)
    versions = dict(kept.versions(held))
    options = {
        "": _("all versions"),
        **{str(number): _("version {number}", number=number) for number in reversed(versions)},
    }
    page = Page(
        kept.as_dict(held), title_of(held), given, menu(given["version"], options),
        tuple(checking.faults(kept.draft(held), aspects.usable(held.workspace.slug))),
    )  # fmt: skip
    if not versions:
        return page
    try:
        found = _found(log, settings, held, given, sees_it=sees_it)
    except Problem as problem:
        return replace(page, problem=problem)
    told = tuple(_told(one, versions[one.version]) for one in found.questions)
    return replace(page, found=found, questions=told)


def _found(
    log: Log, settings: Settings, held: Survey, given: Mapping[str, str], *, sees_it: bool
) -> Results:
    version, where = chosen_of(held, given)
    personal.check_facts(where.columns() if where else (), sees_it=sees_it)
    return results(log, settings, held.key, version=version, where=where)


def given_of(query: Mapping[str, str]) -> dict[str, str]:
    """``version`` and ``where`` of an address, blank where it says nothing."""
    return {name: query.get(name, "").strip() for name in ("version", "where")}


def chosen_of(held: Survey, given: Mapping[str, str]) -> tuple[int | None, Filter | None]:
    """The version and the filter of the responses that an address asks for.

    Raises:
        Problem: ``survey.no-version``; a filter that cannot be read.
    """
    version = _version(given)
    if version is not None:
        kept.version(held, version)
    return version, parse(given["where"]) if given["where"] else None


def _version(given: Mapping[str, str]) -> int | None:
    number = given["version"]
    is_number = number.isascii() and number.isdigit() and len(number) < 7
    # What is no number is no version, and is said to be none.
    return None if not number else int(number) if is_number else 0


def _told(one: Answers, survey: definition.Survey) -> Told:
    question, row, code = one.item.question, one.item.row, _code()
    lines = [Line(f"{point.point:g}", point.n, point.share) for point in one.points]
    for choice in one.choices:
        share = choice.share
        name = _choice(choice.value, choice.label, survey)
        lines.append(Line(name, share.n, share.value, share.low, share.high, choice.place))
    return Told(
        one,
        wordings.title(question, code, survey) or question.name,
        "" if row is None else _choice(row.value, row.label, survey),
        TYPES[question.type],
        tuple(lines),
    )


def _choice(value: str, label: Texts, survey: definition.Survey) -> str:
    usual = str(_("Other")) if value == OTHER else value
    return definition.said(label, _code(), survey) or usual


def _why(one: Figure) -> Text | None:
    """Why a measure has no figure; None where it has one."""
    if one.problem is not None:
        return one.problem.message
    return None if one.score is None else NOT_SHOWN.get(one.score.state)


def _code() -> str:
    """The reader's language, as surveys name it."""
    return definition.language_of(language())


_COLUMNS: dict[str, pa.DataType] = {
    "question": pa.string(),
    "series": pa.string(),
    "type": pa.string(),
    "title": pa.string(),
    "row": pa.string(),
    "version": pa.int64(),
    "what": pa.string(),
    "name": pa.string(),
    "n": pa.int64(),
    "of": pa.int64(),
    "customers": pa.int64(),
    "value": pa.float64(),
    "low": pa.float64(),
    "high": pa.float64(),
    "state": pa.string(),
}


def table(page: Page) -> Rows:
    """All that the page tells of the questions, a row a figure; values are not rounded."""
    rows: list[dict[str, Any]] = []
    for told in page.questions:
        one, item = told.answers, told.answers.item
        head = {
            "question": item.name, "series": item.series, "type": item.question.type,
            "title": told.title, "row": told.row or None, "version": one.version,
        }  # fmt: skip
        rows.append({**head, "what": "answered", "n": one.n, "customers": one.customers,
                     "state": one.state})  # fmt: skip
        rows += [{**head, "what": "state", "name": state, "n": n} for state, n in told.states]
        if one.break_off is not None:
            left = one.break_off
            rows.append({**head, "what": "break_off", "n": left.n, "of": left.of,
                         "value": left.value, "low": left.low, "high": left.high})  # fmt: skip
        for figure in one.figures:
            said = figure.as_dict()
            names = ("n", "customers", "value", "low", "high", "state")
            rows.append({**head, "what": "measure", "name": figure.metric,
                         **{name: said[name] for name in names}})  # fmt: skip
        kind = "point" if one.points else "choice"
        rows += [
            {**head, "what": kind, "name": line.name, "n": line.n, "of": one.n,
             "value": line.share, "low": line.low, "high": line.high}
            for line in told.lines
        ]  # fmt: skip
        rows += [
            {**head, "what": "mean_place", "name": line.name, "value": line.place.value,
             "low": line.place.low, "high": line.place.high}
            for line in told.lines if line.place is not None
        ]  # fmt: skip
        if one.number is not None:
            middle = one.number
            rows.append({**head, "what": "median", "value": middle.median, "low": middle.low,
                         "high": middle.high})  # fmt: skip
    return rows_of(_COLUMNS, rows)
