"""The page that shows what the API can do 接口文档, made from its description."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from zhiyin.accounts.rights import SAYS, Right
from zhiyin.api.api import api
from zhiyin.api.callers import ApiKeyAuth
from zhiyin.api.problems import PREFIX
from zhiyin.kernel.text import Text, _

FILE = "file"
"""What an operation answers that gives no document."""

TAGS: dict[str, Text] = {
    "figures": _("Figures"),
    "journeys": _("Journeys"),
    "reports": _("Reports"),
    "surveys": _("Surveys"),
    "customers": _("Customers"),
    "data": _("Data"),
    "organisation": _("Organisation"),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing that an operation takes."""

    name: str
    place: str
    kind: str
    is_required: bool
    says: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation as the page shows it."""

    name: str
    method: str
    path: str
    summary: str
    right: str
    is_personal: bool
    parameters: tuple[Parameter, ...]
    answer: str


@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    """Every operation, by what it is about; whoever is signed in may read it."""
    found = list(operations())
    groups = [
        (tag, name, [one for group, one in found if group == tag]) for tag, name in TAGS.items()
    ]
    context = {
        "groups": groups,
        "address": settings.ZHIYIN_PUBLIC_URL.rstrip("/") + PREFIX.rstrip("/"),
        "count": len(found),
    }
    return render(request, "api/reference.html", context)


def operations() -> Iterator[tuple[str, Operation]]:
    """Each operation with its tag, in the order of the description."""
    described: dict[str, Any] = api.get_openapi_schema()
    asked = {one.operation_id: one for one in _bound()}
    schemas = described["components"]["schemas"]
    for path, methods in described["paths"].items():
        for method, one in methods.items():
            auth: ApiKeyAuth = asked[one["operationId"]].auth_callbacks[0]
            yield (
                one["tags"][0],
                Operation(
                    name=one["operationId"],
                    method=method.upper(),
                    path=path.removeprefix(PREFIX.rstrip("/")),
                    summary=gettext(one["summary"]),
                    right=_may(auth.right),
                    is_personal=auth.personal,
                    parameters=(*_parameters(one), *_body(one, schemas)),
                    answer=_answer(one),
                ),
            )


def _bound() -> Iterator[Any]:
    for _prefix, router in api._routers:
        for view in router.path_operations.values():
            yield from view.operations


def _may(right: Right | None) -> str:
    return "" if right is None else f"{right.value}: {SAYS[right]}"


def _parameters(one: dict[str, Any]) -> Iterator[Parameter]:
    for given in one.get("parameters", []):
        yield Parameter(
            given["name"],
            given["in"],
            _kind(given["schema"]),
            given.get("required", False),
            _says(given) or _says(given["schema"]),
        )


def _body(one: dict[str, Any], schemas: dict[str, Any]) -> Iterator[Parameter]:
    content = one.get("requestBody", {}).get("content", {})
    for form in content.values():
        schema = form["schema"]
        if "$ref" in schema:
            schema = schemas[schema["$ref"].split("/")[-1]]
        for name, held in schema["properties"].items():
            yield Parameter(
                name,
                "body",
                _kind(held),
                name in schema.get("required", []),
                _says(held),
            )


def _says(held: dict[str, Any]) -> str:
    """What is said of it, in the reader's language: the description itself is in English."""
    return gettext(held["description"]) if held.get("description") else ""


def _kind(schema: dict[str, Any]) -> str:
    kinds = [schema, *schema.get("anyOf", []), *schema.get("oneOf", [])]
    found = [str(one["type"]) for one in kinds if one.get("type") not in (None, "null")]
    found += [one["$ref"].split("/")[-1] for one in kinds if "$ref" in one]
    choices = [word for one in kinds for word in one.get("enum", [])]
    return " | ".join(map(str, choices)) or " | ".join(found) or "any"


def _answer(one: dict[str, Any]) -> str:
    status = next(code for code in one["responses"] if str(code).startswith("2"))
    content = one["responses"][status]["content"]
    if "application/json" not in content:
        return FILE
    return str(content["application/json"]["schema"].get("$ref", "object")).split("/")[-1]
