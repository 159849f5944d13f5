"""Parameters that operations share, and what any of them may answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Self

from ninja import Schema
from pydantic import AfterValidator, ConfigDict, Field, ValidationInfo, model_validator

from zhiyin.api.answers import LIMIT, MOST
from zhiyin.api.callers import Asked
from zhiyin.api.documents.form import check_storable
from zhiyin.api.once import HEADER
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter, parse
from zhiyin.kernel.periods import in_range
from zhiyin.kernel.text import _
from zhiyin.unify import segments
from zhiyin.web import customers_page, personal


def gives(document: Any, status: int = 200) -> dict[int, Any]:
    """What an operation answers, for its description; what all say in errors is described once."""
    return {status: document}


ONCE: dict[str, Any] = {
    "parameters": [
        {
            "in": "header",
            "name": HEADER,
            "required": False,
            "description": str(
                _("Chosen by the caller: a request that is sent twice is done once.")
            ),
            "schema": {"type": "string", "minLength": 1, "maxLength": 200},
        }
    ]
}
"""The header of operations that write."""


Day = Annotated[date, AfterValidator(in_range)]
"""A day of a year that every zone's clock can show."""


Row = Annotated[int, Field(ge=0, lt=2**63)]
"""The number of a row of the log."""


class Asking(Schema):
    """Parameters; one that there is not is refused, so that nobody misspells a filter."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    @model_validator(mode="after")
    def _nothing_else(self, info: ValidationInfo) -> Self:
        _check_known(type(self), (info.context or {})["request"].GET)
        check_storable(self)
        return self


class Filled(Schema):
    """Fields of a form; one that there is not is refused: a misspelt `dry_run` would import."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="after")
    def _nothing_else(self, info: ValidationInfo) -> Self:
        _check_known(type(self), (info.context or {})["request"].POST)
        check_storable(self)
        return self


class ListFilled(Filled):
    """How a list is to be brought in."""

    dry_run: bool = Field(default=False, description=str(_("Look at the list, and write nothing.")))


def _check_known(model: type[Schema], given: Iterable[str]) -> None:
    known = {field.alias or name for name, field in model.model_fields.items()}
    if unknown := sorted(set(given) - known):
        message = f"no such parameter: {', '.join(unknown)}"
        raise ValueError(message)


class Paging(Asking):
    """Which part of a list."""

    cursor: str | None = Field(
        default=None, max_length=2000, description=str(_("`next` of the page before."))
    )
    limit: int = Field(default=LIMIT, ge=1, le=MOST, description=str(_("How many at most.")))


def facts_filter(request: Asked, where: str | None) -> Filter | None:
    """A filter over facts, if this key may filter by what it names.

    Raises:
        Problem: ``filter.…``, ``personal.filter``.
    """
    chosen = parse(where) if where and where.strip() else None
    columns = chosen.columns() if chosen else ()
    personal.check_facts(columns, sees_it=request.auth.sees_personal_data)
    return chosen


def customers_filter(request: Asked, where: str | None) -> Filter | None:
    """A filter over customers, if this key may filter by what it names.

    Raises:
        Problem: ``filter.…``, ``personal.filter``.
    """
    chosen = parse(where) if where and where.strip() else None
    personal.check_customers(chosen, sees_it=request.auth.sees_personal_data)
    return chosen


def customers_asked(request: Asked, where: str | None, segment: str | None) -> Filter | None:
    """The filter over customers that was written, or that of a segment.

    Raises:
        Problem: ``api.one-rule``, ``segments.none``, ``filter.…``, ``personal.filter``.
    """
    chosen = customers_filter(request, where)
    if not segment:
        return chosen
    if chosen is not None:
        raise Problem(
            "api.one-rule",
            _("A filter and a segment were both given."),
            _("Give one; a filter may say all that the segment says."),
        )
    caller = request.auth
    held = segments.get(caller.slug, segment)
    return customers_page.in_segment(caller.log, held, sees_it=caller.sees_personal_data)
