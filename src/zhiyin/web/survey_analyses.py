"""The pages of a survey beside its questions: each an analysis, asked by its address."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlencode

import pyarrow as pa

from zhiyin.accounts.workspaces import Settings
from zhiyin.collect.exports.rows import Rows, rows_of
from zhiyin.collect.surveys import kept
from zhiyin.collect.surveys.definition import CHOSEN, SCORED
from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter, parse
from zhiyin.kernel.periods import local_day, months_later
from zhiyin.kernel.text import Text, _
from zhiyin.measure import words
from zhiyin.measure.requests import breakable_of
from zhiyin.measure.surveys import (
    arms,
    change,
    crosstab,
    pages,
    quality,
    rates,
    representativeness,
    targeting,
    weights,
)
from zhiyin.measure.surveys.dispositions import Rule
from zhiyin.measure.surveys.sheets import Sheet, Told, Unit
from zhiyin.warehouse.log import Log
from zhiyin.web import personal
from zhiyin.web.menus import Choice, menu

if TYPE_CHECKING:
    from zhiyin.collect.models import Survey


@dataclass(frozen=True, slots=True)
class Asking:
    """What an address asks for.

    Args:
        given: its parameters, blank where it says nothing.
    """

    log: Log
    settings: Settings
    key: str
    given: Mapping[str, str]
    sees_it: bool

    def where(self) -> Filter | None:
        """The filter of the address, if this reader may filter by what it names."""
        found = parse(self.given["where"]) if self.given.get("where") else None
        personal.check_facts(found.columns() if found else (), sees_it=self.sees_it)
        return found

    def columns(self, *names: str) -> tuple[str, ...]:
        """Columns to break down by, if this reader may see them."""
        found = tuple(dict.fromkeys(self.given[name] for name in names if self.given.get(name)))
        personal.check_facts(found, sees_it=self.sees_it)
        return found

    def check(self, *names: str) -> None:
        """Refuse columns and traits that say who a customer is, if this reader may not see it.

        Raises:
            Problem: ``personal.filter``.
        """
        personal.check_variables(names, sees_it=self.sees_it)

    def number(self, name: str, usual: float) -> float:
        """A number of the address.

        Raises:
            Problem: ``survey.number``.
        """
        text = self.given.get(name, "")
        try:
            return float(text) if text else usual
        except ValueError:
            raise Problem(
                "survey.number",
                _("“{text}” is no number.", text=text[:40]),
                _("Write it with digits and a point, such as 0.8."),
            ) from None


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that can be chosen.

    Args:
        options: of a menu; empty: it is written.
        hint: how to write it.
    """

    name: str
    label: Text
    options: tuple[Choice, ...] = ()
    hint: Text | None = None
    value: str = ""


@dataclass(frozen=True, slots=True)
class Analysis:
    """One page.

    Args:
        names: parameters of its address.
        fields: what can be chosen on it.
    """

    title: Text
    says: Text
    names: tuple[str, ...]
    find: Callable[[Asking], Told]
    fields: Callable[[Asking], tuple[Field, ...]]


@dataclass(frozen=True, slots=True)
class Page:
    """What an analysis says of a survey; nothing where the survey was never published.

    Args:
        problem: a mistake in what was asked.
    """

    view: str
    analysis: Analysis
    given: Mapping[str, str]
    fields: tuple[Field, ...]
    found: Told | None = None
    problem: Problem | None = None
    sheets: tuple[Sheet, ...] = field(default=())

    @property
    def asked(self) -> str:
        """What the address asks for, to be asked again."""
        return urlencode({name: value for name, value in self.given.items() if value})

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was chosen."""
        return any(self.given.values())


def build(
    log: Log, settings: Settings, held: Survey, view: str, query: Mapping[str, str], *,
    sees_it: bool,
) -> Page:  # fmt: skip
    """The page of an analysis; a mistake in what is asked is shown in the place of the figures.

    Raises:
        KeyError: there is no such analysis.
    """
    analysis = ANALYSES[view]
    given = {name: query.get(name, "").strip() for name in analysis.names}
    asking = Asking(log, settings, held.key, given, sees_it)
    page = Page(view, analysis, given, analysis.fields(asking))
    try:
        found = analysis.find(asking)
    except Problem as problem:
        return replace(page, problem=problem)
    return replace(page, found=found, sheets=found.sheets() if found.is_shown else ())


_TYPES: dict[Unit, pa.DataType] = {"text": pa.string(), "count": pa.int64()}


def file_of(sheet: Sheet) -> Rows:
    """A sheet as a file: values are not rounded, intervals are two columns."""
    fields = sheet.fields()
    columns = {name: _TYPES.get(unit, pa.float64()) for name, unit in fields.items()}
    rows = [{name: _plain(row.get(name), fields[name]) for name in columns} for row in sheet.rows]
    return rows_of(columns, rows)


def _plain(value: Any, unit: Unit) -> Any:
    if value is None:
        return None
    return str(value) if unit == "text" else int(value) if unit == "count" else float(value)


# What can be chosen


def _columns(asking: Asking, table: Literal["exposures", "responses"]) -> dict[str, object]:
    found = breakable_of(table, asking.log.schema(asking.settings.slug))
    hidden = {"survey", "action", "version", "source", "role", "flags"}
    return {
        name: words.COLUMNS.get(name, name)
        for name in found
        if name not in hidden and (asking.sees_it or not personal.says_who(name))
    }


def _where(asking: Asking, hint: Text) -> Field:
    return Field("where", _("where"), (), hint, asking.given.get("where", ""))


def _rates_fields(asking: Asking) -> tuple[Field, ...]:
    columns = {"": _("all together"), **_columns(asking, "exposures")}
    return (
        Field("by", _("by"), menu(asking.given["by"], columns)),
        Field("more", _("and"), menu(asking.given["more"], {**columns, "": _("nothing more")})),
        _where(asking, _("Columns of askings, like: channel = 'sms'")),
        Field("eligible", _("e"), (), _("The share of those of unknown eligibility who could have"
                                        " answered: 1 unless you know better"),
              asking.given["eligible"]),
    )  # fmt: skip


def _rates(asking: Asking) -> Told:
    return rates.rates(
        asking.log, asking.settings, asking.key, by=asking.columns("by", "more"),
        where=asking.where(), eligible=asking.number("eligible", 1.0), rule=Rule(),
    )  # fmt: skip


_OF_RESPONSES = _("Columns of responses, like: device = 'phone'")


def _pages_fields(asking: Asking) -> tuple[Field, ...]:
    return (_where(asking, _OF_RESPONSES),)


def _pages(asking: Asking) -> Told:
    return pages.pages(asking.log, asking.settings, asking.key, where=asking.where())


def _quality_fields(asking: Asking) -> tuple[Field, ...]:
    options: dict[str, object] = {"": _("all signs")}
    options |= {str(sign): says[0] for sign, says in quality.SIGNS.items()}
    return (
        Field("without", _("left out:"), menu(asking.given["without"], options)),
        _where(asking, _OF_RESPONSES),
    )


def _quality(asking: Asking) -> Told:
    without = asking.given["without"]
    return quality.quality(
        asking.log, asking.settings, asking.key, where=asking.where(),
        without=(without,) if without else tuple(quality.SIGNS),
    )  # fmt: skip


def _of_signs(asking: Asking) -> Field:
    options: dict[str, object] = {"": _("nobody"), "any": _("all with a sign of carelessness")}
    options |= {str(sign): says[0] for sign, says in quality.SIGNS.items()}
    return Field("without", _("without"), menu(asking.given["without"], options))


def _signs(asking: Asking) -> tuple[str, ...]:
    without = asking.given["without"]
    return tuple(quality.SIGNS) if without == "any" else (without,) if without else ()


def _told_apart(asking: Asking) -> dict[str, object]:
    """What responses can be told apart by: questions, then columns."""
    held = kept.get(asking.settings.slug, asking.key)
    found: dict[str, object] = {}
    for _number, survey in reversed(kept.versions(held)):
        for item in survey.items():
            if item.question.type in SCORED | CHOSEN:
                found.setdefault(item.name, item.name)
    return {**found, **_columns(asking, "responses")}


def _crosstab_fields(asking: Asking) -> tuple[Field, ...]:
    known = _told_apart(asking)
    row, column = _crossed(asking)
    return (
        Field("rows", _("rows"), menu(row, known)),
        Field("by", _("by"), menu(column, known)),
        Field("trait", _("or by the trait"), (),
              _("The name of a trait of customers, such as tier"), asking.given["trait"]),
        _weighted(asking),
        _of_signs(asking),
        _where(asking, _OF_RESPONSES),
    )  # fmt: skip


def _weighted(asking: Asking) -> Field:
    options = {"": _("unweighted"), "yes": _("weighted")}
    return Field("weighted", _("answers"), menu(asking.given["weighted"], options))


def _crossed(asking: Asking) -> tuple[str, str]:
    """(what is in the rows, what is in the columns); without a wish the first that can be."""
    first = next(iter(_told_apart(asking)), "")
    trait = asking.given["trait"]
    column = f"trait.{trait}" if trait else asking.given["by"] or "channel"
    return asking.given["rows"] or first, column


def _crosstab(asking: Asking) -> Told:
    row, column = _crossed(asking)
    asking.check(row, column)
    return crosstab.crosstab(
        asking.log, asking.settings, asking.key, row, column, without=_signs(asking),
        is_weighted=bool(asking.given["weighted"]), where=asking.where(),
    )  # fmt: skip


def _weights_fields(asking: Asking) -> tuple[Field, ...]:
    return (_of_signs(asking), _where(asking, _OF_RESPONSES))


def _weights(asking: Asking) -> Told:
    return weights.weights(
        asking.log, asking.settings, asking.key, without=_signs(asking), where=asking.where()
    )


def _arms_fields(asking: Asking) -> tuple[Field, ...]:
    hint = _("The arm that the others are compared with; blank: those without one")
    return (
        Field("reference", _("reference arm"), (), hint, asking.given["reference"]),
        _of_signs(asking),
        _where(asking, _("Columns of askings and of responses, like: channel = 'sms'")),
    )


def _arms(asking: Asking) -> Told:
    return arms.arms(
        asking.log, asking.settings, asking.key, reference=asking.given["reference"] or None,
        without=_signs(asking), where=asking.where(),
    )  # fmt: skip


def _change_fields(asking: Asking) -> tuple[Field, ...]:
    before, after = _periods(asking)
    hint = _("A month as 2026-03, a quarter as 2026-Q1, or two dates as 2026-03-01..2026-03-15")
    return (
        Field("before", _("from"), (), hint, before),
        Field("after", _("to"), (), None, after),
        _of_signs(asking),
        _where(asking, _OF_RESPONSES),
    )


def _periods(asking: Asking) -> tuple[str, str]:
    """The periods of the address; else the last two complete months."""
    this = local_day(clock.now(), asking.settings.timezone)
    last = months_later(this.replace(day=1), -1)
    usual = [f"{day:%Y-%m}" for day in (months_later(last, -1), last)]
    return asking.given["before"] or usual[0], asking.given["after"] or usual[1]


def _change(asking: Asking) -> Told:
    before, after = _periods(asking)
    return change.change(
        asking.log, asking.settings, asking.key, before, after, without=_signs(asking),
        where=asking.where(),
    )  # fmt: skip


def _who_fields(asking: Asking) -> tuple[Field, ...]:
    columns = {"": _("channel and tier"), **_columns(asking, "exposures")}
    return (
        Field("by", _("by"), menu(asking.given["by"], columns)),
        Field("trait", _("and the traits"), (), _("Names of traits of customers, with commas"),
              asking.given["trait"]),
        _where(asking, _("Columns of askings, like: channel = 'sms'")),
    )  # fmt: skip


def _who(asking: Asking) -> Told:
    traits = [f"trait.{one.strip()}" for one in asking.given["trait"].split(",") if one.strip()]
    asking.check(*traits)
    return representativeness.representativeness(
        asking.log, asking.settings, asking.key, by=(*asking.columns("by"), *traits),
        where=asking.where(),
    )  # fmt: skip


def document_of(settings: Settings, key: str) -> str:
    """The document of a survey's margins; blank where none were declared."""
    found = targeting.of(kept.get(settings.slug, key))
    return (
        "" if found is None else json.dumps(targeting.as_dict(found), ensure_ascii=False, indent=2)
    )


ANALYSES: dict[str, Analysis] = {
    "rates": Analysis(
        _("Response rates"),
        _("What became of everybody who was asked."),
        ("by", "more", "where", "eligible"), _rates, _rates_fields,
    ),
    "pages": Analysis(
        _("Pages"),
        _("Who stopped where, and how long it takes."),
        ("where",), _pages, _pages_fields,
    ),
    "quality": Analysis(
        _("Quality"),
        _("Signs of carelessness, and what they change."),
        ("without", "where"), _quality, _quality_fields,
    ),
    "crosstab": Analysis(
        _("Cross-tab"),
        _("One thing by another, with tests."),
        ("rows", "by", "trait", "weighted", "without", "where"), _crosstab, _crosstab_fields,
    ),
    "weights": Analysis(
        _("Weights"),
        _("The answers weighted to known margins, beside the answers as they are."),
        ("without", "where"), _weights, _weights_fields,
    ),
    "arms": Analysis(
        _("Incentives"),
        _("Incentive arms compared: who answered, and what they said."),
        ("reference", "without", "where"), _arms, _arms_fields,
    ),
    "over-time": Analysis(
        _("Change over time"),
        _("Two periods compared, in the whole and among those who answered in both."),
        ("before", "after", "without", "where"), _change, _change_fields,
    ),
    "who": Analysis(
        _("Who answered"),
        _("Those who answered beside all who were asked."),
        ("by", "trait", "where"), _who, _who_fields,
    ),
}  # fmt: skip
