"""Surveys of a workspace as they are kept: found, shown and linked to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Max, QuerySet

from zhiyin.collect.aspects import kept as aspects
from zhiyin.collect.models import Survey, SurveyVersion
from zhiyin.collect.surveys import checking, definition, graph, series
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import And, Compare, Filter, Node, write_node
from zhiyin.kernel.text import Text, _

STATES: dict[str, Text] = {
    "draft": _("draft"),
    "open": _("taking answers"),
    "closed": _("closed to answers"),
}


def of(workspace: str) -> QuerySet[Survey]:
    """The surveys of a workspace by key, each with its newest version's number and revision."""
    # Of versions the newest has the highest revision too.
    return (
        Survey.objects.filter(workspace__slug=workspace)
        .annotate(
            number=Max("versions__number"),
            published_revision=Max("versions__revision"),
        )
        .order_by("key")
    )


def get(workspace: str, key: str) -> Survey:
    """The survey of this key.

    Raises:
        Problem: ``survey.none``.
    """
    found = of(workspace).filter(key=key).first()
    if found is None:
        raise none_such(key)
    return found


def none_such(key: str) -> Problem:
    """That there is no survey of this key."""
    return Problem(
        "survey.none",
        _("There is no survey {key}.", key=key[:80]),
        _("`zhiyin survey list` shows those that there are."),
    )


def not_published(key: str) -> Problem:
    """That the survey of this key has no version."""
    return Problem(
        "survey.not-published",
        _("The survey {key} was never published.", key=key),
        _("Publish it: zhiyin survey publish {key}", key=key),
    )


def version(held: Survey, number: int) -> SurveyVersion:
    """What was published under a number.

    Raises:
        Problem: ``survey.no-version``.
    """
    found = held.versions.filter(number=number).first()
    if found is None:
        raise Problem(
            "survey.no-version",
            _("The survey {key} has no version {number}.", key=held.key, number=number),
            _("Look at the survey: it names its versions."),
        )
    return found


def draft(held: Survey) -> definition.Survey:
    """What is edited, as a survey."""
    return definition.read(held.draft.encode())


def versions(held: Survey) -> list[tuple[int, definition.Survey]]:
    """What was published, by number, the oldest first."""
    return [
        (one.number, definition.read(one.document.encode()))
        for one in held.versions.order_by("number")
    ]


def answers_to(key: str, *, version: int | None = None, where: Filter | None = None) -> Filter:
    """Responses and answers to a survey, as a filter over either.

    Args:
        where: only those for which this holds.
    """
    nodes: list[Node] = [Compare("survey", "=", key)]
    if version is not None:
        nodes.append(Compare("version", "=", version))
    if where is not None:
        nodes.append(where.root)
    root = And(tuple(nodes)) if len(nodes) > 1 else nodes[0]
    return Filter(root, write_node(root))


def link(held: Survey, fields: Mapping[str, str], *, invitation: str = "") -> str:
    """Where customers fill it in; conditions name its `fields`.

    Args:
        invitation: whose link it is; blank: anybody's.

    Raises:
        Problem: ``survey.field``.
    """
    wrong = [name for name in fields if not definition.NAME.fullmatch(name)]
    if wrong:
        raise Problem(
            "survey.field",
            _("{name} cannot be the name of a field.", name=wrong[0][:60] or "“”"),
            _("Begin with a letter; up to 59 letters, digits and underscores follow."),
        )
    address = f"{settings.ZHIYIN_PUBLIC_URL.rstrip('/')}/s/{held.public_id}"
    own = {"i": invitation} if invitation else {}
    asked = urlencode({**own, **{f"f.{name}": value for name, value in fields.items()}})
    return f"{address}?{asked}" if asked else address


def as_dict(held: Survey) -> dict[str, Any]:
    """A survey of `of` or `get` in a list, as the command line and the API write it."""
    document = draft(held)
    number: int | None = held.number  # type: ignore[attr-defined]
    published: int | None = held.published_revision  # type: ignore[attr-defined]
    return {
        "key": held.key,
        "id": held.public_id,
        "title": document.title,
        "languages": list(document.spoken()),
        "questions": sum(1 for _one in document.questions()),
        "state": "draft" if number is None else "open" if held.is_open else "closed",
        "version": number,
        "has_changes": published is not None and held.revision > published,
        "revision": held.revision,
        "link": link(held, {}),
        "created_by": held.created_by,
        "created_at": held.created_at,
        "changed_by": held.changed_by,
        "changed_at": held.changed_at,
    }


def shown(held: Survey) -> dict[str, Any]:
    """A survey with its document and the list of its versions."""
    return {
        **as_dict(held),
        "document": definition.as_dict(draft(held)),
        "versions": [version_as_dict(one) for one in held.versions.order_by("number")],
    }


def version_as_dict(one: SurveyVersion) -> dict[str, Any]:
    """A version in a list."""
    return {
        "number": one.number,
        "published_by": one.published_by,
        "published_at": one.published_at,
        "notes": one.notes,
        "beside": one.beside,
        "share": one.share,
    }


def version_shown(held: Survey, one: SurveyVersion) -> dict[str, Any]:
    """A version with its document."""
    document = definition.as_dict(definition.read(one.document.encode()))
    return {"key": held.key, **version_as_dict(one), "document": document}


def checked(held: Survey) -> dict[str, Any]:
    """What hinders its publication: faults, and questions about whose series is to be decided."""
    document = draft(held)
    slug = held.workspace.slug
    return {
        "key": held.key,
        "faults": [one.as_dict() for one in checking.faults(document, aspects.usable(slug))],
        "changed": [one.as_dict() for one in series.changed(document, versions(held))],
        "graph": graph.of(document).as_dict(),
    }


def stale(held: Survey) -> dict[str, Any]:
    """Which translations of the draft are stale, by language."""
    found = draft(held).stale
    return {"key": held.key, "revision": held.revision,
            "stale": {language: list(names) for language, names in found.items()}}  # fmt: skip
