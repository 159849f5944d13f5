"""The API as one thing: its operations, its errors, its description."""

from __future__ import annotations

from copy import deepcopy
from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.schema import NinjaGenerateJsonSchema

from zhiyin.api import problems
from zhiyin.api.documents.form import ProblemDocument
from zhiyin.api.operations import (
    alerts,
    answers,
    asking,
    aspects,
    audit,
    calendar,
    cases,
    customers,
    demo,
    events,
    figures,
    files,
    health,
    identity,
    imports,
    jobs,
    journeys,
    keys,
    labels,
    leading,
    letters,
    losses,
    map_drafts,
    mappings,
    maps,
    pins,
    report_making,
    report_sending,
    reports,
    responses,
    rights,
    rules,
    segments,
    sending,
    survey_analyses,
    survey_writing,
    surveys,
    targets,
    tasks,
    themes,
    versions,
    views,
    voice,
    walkthrough_runs,
    walkthroughs,
    weighing,
    widgets,
    workspace,
)

PARTS = (
    figures, journeys, leading, tasks, losses, maps, map_drafts,
    walkthroughs, walkthrough_runs,
    pins,
    targets, calendar, reports, report_making,
    report_sending, surveys, survey_writing, survey_analyses, aspects, sending, asking, widgets,
    responses, voice, weighing, labels, versions, themes,
    alerts, cases, customers, segments, identity, rights,
    answers, events, imports, mappings, letters, health, keys, files, demo, workspace, rules, views,
    jobs, audit,
)  # fmt: skip
"""In the order in which the page shows them."""

DESCRIPTION = """\
Zhiyin by program: the documents are those of the command line with `--json`.

Send `Authorization: Bearer` and the secret of an API key. Lists come page by page: send `next` of
one answer as `cursor` of the next request. A request that writes may carry an `Idempotency-Key`.
An error is a problem document (RFC 9457) in the language that `Accept-Language` asks for.
"""


ERRORS = [HTTPStatus(status) for status in (400, 401, 403, 404, 409, 413, 422, 429, 503)]
"""What every operation may answer."""

REFERENCE = "#/components/schemas/"


class Described(NinjaAPI):
    """An API whose description is made once, and that says once what all errors are."""

    _described: OpenAPISchema | None = None

    def get_openapi_schema(self, **given: Any) -> OpenAPISchema:
        """The OpenAPI 3.1 document."""
        if self._described is None:
            made = super().get_openapi_schema(**given)
            _describe_errors(made)
            self._described = made
        return self._described


def _describe_errors(made: OpenAPISchema) -> None:
    """The same of every operation. Named at each, they would be two thousand classes more, which
    takes every process a second to make."""
    form = ProblemDocument.model_json_schema(
        ref_template=REFERENCE + "{model}", schema_generator=NinjaGenerateJsonSchema
    )
    made["components"]["schemas"] |= {**form.pop("$defs"), ProblemDocument.__name__: form}
    content = {problems.CONTENT_TYPE: {"schema": {"$ref": REFERENCE + ProblemDocument.__name__}}}
    for methods in made["paths"].values():
        for one in methods.values():
            one["responses"] |= {
                int(status): {"description": status.phrase, "content": deepcopy(content)}
                for status in ERRORS
            }


def _api() -> NinjaAPI:
    made = Described(
        title="Zhiyin",
        version=problems.VERSION,
        description=DESCRIPTION,
        docs_url=None,
        urls_namespace="api",
    )
    for part in PARTS:
        made.add_router("", part.router)
    problems.register(made)
    return made


api = _api()


def patterns() -> list[URLPattern]:
    """Its addresses. No page's session opens them: each operation asks for a key."""
    found, _app, _namespace = api.urls
    return [_open(one) for one in found if isinstance(one, URLPattern)]


def _open(one: URLPattern) -> URLPattern:
    one.callback = login_not_required(one.callback)
    return one
