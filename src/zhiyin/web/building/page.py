"""What the builder's page begins with, and what every kept change is answered with."""

from __future__ import annotations

from typing import Any, Literal, get_args

from django.urls import reverse

from zhiyin.collect.models import Survey
from zhiyin.collect.surveys import definition, kept, lasting, wordings
from zhiyin.collect.surveys.definition import Question, Type
from zhiyin.collect.surveys.html.page import LANGUAGES
from zhiyin.kernel.text import language
from zhiyin.web.building import fields, labels, words

VARIANTS: tuple[Literal[1, 2], ...] = (1, 2)

ADDRESSES = {
    "save": "edit-survey",
    "preview": "preview-survey",
    "logic": "survey-logic",
    "trial": "survey-trial",
    "plan": "survey-plan",
    "versions": "survey-versions",
    "publish": "publish-survey",
    "accept": "accept-translation",
    "survey": "survey",
}
"""What the script asks, by the names of the pages."""


def begin(held: Survey, workspace: str, *, may_publish: bool) -> dict[str, Any]:
    """Everything that the script needs to begin."""
    return {
        "workspace": workspace,
        "key": held.key,
        "document": definition.as_dict(kept.draft(held)),
        "parts": {
            name: [one.as_dict() for one in listed] for name, listed in fields.parts().items()
        },
        "later": sorted(fields.LATER),
        "types": fields.types(),
        "groups": {name: str(text) for name, text in labels.GROUPS.items()},
        "heads": [[name, str(text)] for name, text in labels.HEADS.items()],
        "fixed": _fixed(),
        "languages": LANGUAGES,
        "reader": definition.language_of(language()),
        "may_publish": may_publish,
        "addresses": {
            name: reverse(page, args=[workspace, held.key]) for name, page in ADDRESSES.items()
        },
        "words": words.said(),
        **state(held),
    }


def state(held: Survey) -> dict[str, Any]:
    """Where the draft stands: its revision, its faults, and what publication would ask."""
    document, published, found = kept.draft(held), kept.versions(held), kept.checked(held)
    return {
        "revision": held.revision,
        "faults": found["faults"],
        "changed": found["changed"],
        "version": published[-1][0] if published else None,
        "is_new": not published or published[-1][1] != document,
        "minutes": lasting.longest(document, document.language).as_dict(),
    }


def conflict(held: Survey) -> dict[str, Any]:
    """What somebody else has made of the draft."""
    return {
        "document": definition.as_dict(kept.draft(held)),
        "changed_by": held.changed_by,
        **state(held),
    }


def _fixed() -> dict[str, dict[str, dict[str, str]]]:
    """The fixed wording of types by variant, as ``ces 1``."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    kinds: tuple[Type, ...] = get_args(Type)
    for kind in kinds:
        for variant in VARIANTS:
            wording = wordings.of(Question("any", kind, variant=variant))
            if wording.title:
                found[f"{kind} {variant}"] = {
                    "title": wording.title, "low": wording.low, "high": wording.high,
                }  # fmt: skip
    return found
