"""Rows as files: what `zhiyin export` and the page *Customers* write, as a download."""

from __future__ import annotations

from typing import Any, Literal

from django.http import FileResponse
from ninja import Query, Router
from pydantic import Field

from zhiyin.accounts import audit
from zhiyin.accounts.rights import Right
from zhiyin.api.callers import Asked, may
from zhiyin.api.operations.parameters import (
    Asking,
    customers_asked,
    facts_filter,
)
from zhiyin.collect.exports import of_survey, run
from zhiyin.collect.exports.rows import Rows, What
from zhiyin.collect.surveys import kept, labels
from zhiyin.kernel.periods import read_instant
from zhiyin.kernel.text import _
from zhiyin.unify import people
from zhiyin.web import downloads

router = Router(tags=["data"], by_alias=True)


def files(*kinds: str) -> dict[str, Any]:
    """An answer that is a file of one of these kinds, for the description."""
    form = {"schema": {"type": "string", "format": "binary"}}
    content = {downloads.TYPES[kind].partition(";")[0]: form for kind in kinds}
    return {"responses": {200: {"content": content}}}


class FileAsked(Asking):
    """Which rows, in what form."""

    format: Literal["csv", "xlsx", "parquet", "jsonl", "sav"] = Field(
        default="csv", description=str(_("Of the file; sav is SPSS, one row a response."))
    )
    where: str | None = Field(
        default=None, max_length=10_000,
        description=str(_("Only rows for which this holds, e.g. channel = 'app'.")),
    )  # fmt: skip
    as_of: str | None = Field(
        default=None, max_length=40, description=str(_("As the log was known at this time."))
    )


class CustomersFileAsked(Asking):
    """Which customers, in what form."""

    format: Literal["csv", "xlsx"] = "csv"
    where: str | None = Field(default=None, max_length=10_000)
    segment: str | None = Field(default=None, max_length=60)


@router.get(
    "/exports/{what}", auth=may(Right.EXPORT, personal=True), response={200: None},
    operation_id="export_rows", openapi_extra=files(*run.FORMATS),
    summary=str(_("Answers, responses, events or orders as a file")),
)  # fmt: skip
def export_rows(request: Asked, what: What, asked: Query[FileAsked]) -> FileResponse:
    """The file of `zhiyin export`; the audit log says that it was taken out."""
    caller = request.auth
    zone = caller.workspace.timezone
    chosen = facts_filter(request, asked.where)
    as_of = None if asked.as_of is None else read_instant(asked.as_of, zone)
    answer = downloads.written(
        lambda path: run.export(
            caller.log,
            caller.workspace,
            what,
            asked.format,
            path,
            condition=chosen,
            as_of=as_of,
            asked=labels.by_surveys(caller.slug),
        ),
        name=f"{caller.slug}-{what}",
        kind=asked.format,
    )
    _record(request, what, asked.format)
    return answer


@router.get(
    "/surveys/{key}/responses", auth=may(Right.EXPORT, personal=True),
    response={200: None}, operation_id="export_survey",
    openapi_extra=files(*run.FORMATS),
    summary=str(_("The responses to a survey as a file, a row each")),
)  # fmt: skip
def export_survey(request: Asked, key: str, asked: Query[FileAsked]) -> FileResponse:
    """The file of `zhiyin survey export`; the audit log says that it was taken out."""
    caller = request.auth
    kept.get(caller.slug, key)
    as_of = None if asked.as_of is None else read_instant(asked.as_of, caller.workspace.timezone)
    where = facts_filter(request, asked.where)
    answer = downloads.written(
        lambda path: of_survey.export(
            caller.log, caller.workspace, key, asked.format, path, where=where, as_of=as_of
        ),
        name=f"{caller.slug}-{key}",
        kind=asked.format,
    )  # fmt: skip
    _record(request, f"survey {key}", asked.format)
    return answer


@router.get(
    "/customers/export", auth=may(Right.EXPORT, personal=True), response={200: None},
    operation_id="export_customers", openapi_extra=files("csv", "xlsx"),
    summary=str(_("Customers of whom a filter holds, as a file")),
)  # fmt: skip
def export_customers(request: Asked, asked: Query[CustomersFileAsked]) -> FileResponse:
    """The file of the page Customers; the audit log says that it was taken out."""
    caller = request.auth
    chosen = customers_asked(request, asked.where, asked.segment)
    schema, parts = people.export(caller.log, caller.workspace, chosen)
    answer = downloads.download(
        Rows(schema, parts),
        name=f"{caller.slug}-{asked.segment or 'customers'}",
        kind=asked.format,
        timezone=caller.workspace.timezone,
    )
    _record(request, "customers", asked.format)
    return answer


def _record(request: Asked, what: str, form: str) -> None:
    caller = request.auth
    audit.record(
        by=caller.by, action="rows.exported", subject=what, workspace=caller.slug,
        after={"format": form},
    )  # fmt: skip
