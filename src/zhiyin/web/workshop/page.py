"""What the workshop's page begins with, and where its draft stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse

from zhiyin.accounts.models import Membership
from zhiyin.accounts.rights import Right
from zhiyin.kernel import passes
from zhiyin.kernel.clock import now
from zhiyin.kernel.filters import Compare, write_node
from zhiyin.kernel.text import language
from zhiyin.maps import document, kept, telling
from zhiyin.maps.document import WISHES
from zhiyin.maps.models import JourneyMap, Operation
from zhiyin.maps.operations import key as field_key
from zhiyin.measure import registry
from zhiyin.measure.asked import asked
from zhiyin.web import personal
from zhiyin.web.journeys_asked import names_offered
from zhiyin.web.map_page import METRICS
from zhiyin.web.views.reading import Here
from zhiyin.web.workshop import fields, words

ADDRESSES = {
    "operations": "map-operations",
    "undo": "undo-map",
    "settle": "settle-map",
    "keep": "keep-map",
    "holding": "map-holding",
    "try": "try-map-rule",
    "map": "map",
    "history": "map-history",
}
"""What the script asks, by the names of the pages."""

MOST_WORDS = 1000
"""To choose from, of each kind."""
LONGEST_NAME = 200


def begin(here: Here, held: JourneyMap, me: str, add: str) -> dict[str, Any]:
    """Everything that the script needs to begin.

    Args:
        me: login of whoever looks.
        add: name of an event for which a touchpoint is to be made; blank: none.
    """
    slug, log = here.slug, here.log
    questions = sorted({one.question for one in asked(log, slug)})
    return {
        "workspace": slug,
        "key": held.key,
        "me": me,
        "people": people(slug),
        "may_edit": here.access.may(Right.DEFINE),
        "reader": "zh-Hans" if language() == "zh-hans" else "en",
        "fields": fields.told(),
        "wishes": [[name, str(text)] for name, text in WISHES.items()],
        "measures": [[slug_, str(registry.METRICS[slug_].label)] for slug_ in METRICS],
        "personas": [[one.key, kept.called(one)] for one in kept.personas(slug)],
        "known": {
            "events": list(names_offered(log, here.workspace))[:MOST_WORDS],
            "questions": questions[:MOST_WORDS],
            "channels": sorted(log.words(slug, "channel").values())[:MOST_WORDS],
        },
        "add": {"event": add, "rule": write_node(Compare("name", "=", add))} if add else None,
        "addresses": {
            **{name: reverse(page, args=[slug, held.key]) for name, page in ADDRESSES.items()},
            "marks": reverse("map-node-marks", args=[slug, held.key, "0"]),
        },
        "words": words.said(),
        **whole(here, held, me),
    }


def whole(here: Here, held: JourneyMap, me: str) -> dict[str, Any]:
    """The whole draft, with what nobody has decided about yet."""
    sees_it = here.sees_personal_data
    undecided = kept.undecided(held)
    parts = {field_key(one.part, one.target) for one in undecided}
    touched = {name: by for name, by in held.touched.items() if name.rpartition(":")[0] in parts}
    newest = held.versions.order_by("number").last()
    return {
        "document": _shown(document.builtins(kept.draft(held)), sees_it=sees_it),
        "number": held.number,
        "undecided": [told(one, sees_it=sees_it) for one in undecided],
        "touched": touched,
        "version": newest.number if newest else None,
        "has_changes": kept.has_changes(held),
        "stream": stream(here, held, me),
    }


def told(one: Operation, *, sees_it: bool) -> dict[str, Any]:
    """An operation as an editor is told of it."""
    found = kept.told(one)
    for name in ("value", "before"):
        found[name] = _value(found[name], found["field"], sees_it=sees_it)
    return found


def stream(here: Here, held: JourneyMap, me: str) -> str:
    """Where whoever looks listens, for a while."""
    pass_ = passes.issue_to(
        str(settings.SECRET_KEY).encode(),
        workspace=here.slug,
        topic=telling.topic_of(held.key),
        who=me,
        name=str(here.by.person),
        now=now(),
    )
    return f"/{here.slug}/stream/{telling.topic_of(held.key)}?pass={pass_}"


def people(workspace: str) -> dict[str, str]:
    """Who works here, by login."""
    members = Membership.objects.filter(workspace__slug=workspace).select_related("person")
    return {one.person.login: str(one.person) for one in members.order_by("person__login")}


def _shown(map_: Any, *, sees_it: bool) -> Any:
    nodes = [_value(one, "", sees_it=sees_it) for one in map_.get("nodes", ())]
    return {**map_, **({"nodes": nodes} if nodes else {})}


def _value(value: Any, field: str, *, sees_it: bool) -> Any:
    """A value as this reader may see it: rules without what says who a customer is."""
    if sees_it:
        return value
    if field in document.RULES and isinstance(value, str):
        return personal.rule(value, sees_it=False)
    if isinstance(value, Mapping):
        return {name: _value(one, name, sees_it=False) for name, one in value.items()}
    return value
