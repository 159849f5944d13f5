"""The page that says how rightly a workspace's own texts are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from zhiyin.kernel.text import Text, _
from zhiyin.listen import subjects
from zhiyin.listen.words import LANGUAGES, POLARITIES

Share = Mapping[str, Any] | None
"""A share with its interval, as `zhiyin.listen.rightness` keeps it; None: too few customers."""


@dataclass(frozen=True, slots=True)
class Part:
    """What is told of one kind of labels.

    Args:
        title: what they are labels of.
        says: where they come from.
        found: the figures, see `zhiyin.listen.rightness`.
        groups: by language and by kind: their heading, and each group's name and share.
    """

    title: Text
    says: Text
    found: Mapping[str, Any]
    groups: tuple[tuple[Text, tuple[tuple[str, Share], ...]], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """All that the page shows."""

    document: Mapping[str, Any]
    parts: tuple[Part, ...]


def build(document: Mapping[str, Any], workspace: str) -> Page:
    """The page of these figures; parts of which nothing is known are left out."""
    names: dict[str, Mapping[str, Any]] = {
        "comments": POLARITIES,
        "polarity": POLARITIES,
        "aspect": subjects.named(workspace),
    }
    return Page(
        document,
        tuple(
            Part(title, says, document[kind], _groups(document[kind], names[kind], heading))
            for kind, (title, says, heading) in PARTS.items()
            if document[kind] and document[kind]["n"]
        ),
    )


PARTS: dict[str, tuple[Text, Text, Text]] = {
    "comments": (
        _("Polarity of comments with a score"),
        _("The score says whether the customer was content: 0 to 6 of 10 is blame, 9 and 10 are"
          " praise. Some who give a 3 praise the crew, so no reader is right in all of them."),
        _("By what the score says"),
    ),
    "polarity": (
        _("Polarity of clauses"),
        _("Of clauses that were drawn by lot and that people read without seeing how they had been"
          " read."),
        _("By polarity"),
    ),
    "aspect": (
        _("Aspect of clauses"),
        _("Of the same clauses: what they are about."),
        _("By aspect"),
    ),
}  # fmt: skip


def _groups(
    found: Mapping[str, Any], names: Mapping[str, Any], heading: Text
) -> tuple[tuple[Text, tuple[tuple[str, Share], ...]], ...]:
    return (
        (
            _("By language"),
            tuple(
                (str(LANGUAGES.get(code, code)), one) for code, one in found["languages"].items()
            ),
        ),
        (
            heading,
            tuple(
                (str(names.get(key, key)) if key else str(_("about no single thing")), one)
                for key, one in found["kinds"].items()
            ),
        ),
        (_("By month"), tuple(found["months"].items())),
    )
