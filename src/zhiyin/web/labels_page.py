"""The pages on which people say what clauses mean: those that are asked about, and one verbatim's.

Whoever is asked does not see how a clause was read, or whether it was drawn by lot: else she would
say what is read. That it was drawn so is signed, since figures rest on it.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.core import signing

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.listen import label_queue, labels, subjects
from zhiyin.listen.labels import Drawn, Place
from zhiyin.listen.searching import Heard, Piece, Search, Stretch, Wanted, pieces_of
from zhiyin.listen.versions import NO_ASPECT
from zhiyin.listen.words import POLARITIES
from zhiyin.warehouse.log import Log
from zhiyin.web.menus import Choice, menu
from zhiyin.web.views.reading import Here

_SALT = "zhiyin.clause"


@dataclass(frozen=True, slots=True)
class Card:
    """A clause in its text, with what may be said of it.

    Args:
        token: names the clause and how it was drawn, signed.
        pieces: of the whole text; the clause is of those whose `clause` is set.
        polarities: of which none is chosen where nobody may be led, as of `aspects`.
        said_by: who said so already; blank: nobody.
    """

    token: str
    name: str
    pieces: tuple[Piece, ...]
    language: str | None
    at: datetime
    touchpoint: str | None
    polarities: tuple[Choice, ...]
    aspects: tuple[Choice, ...]
    said_by: str


def asked(here: Here) -> list[Card]:
    """Clauses that nobody has said anything of, some drawn by lot and some that teach most."""
    chance = random.SystemRandom()
    found = label_queue.questions(here.log, here.slug, chance=chance)
    aspects = _aspects(here.slug)
    return [
        Card(
            token=_token(here.slug, one.place, one.drawn),
            name=_name(one.place),
            pieces=_marked(one.text, one.starts, one.ends, sees_it=here.sees_personal_data),
            language=one.language,
            at=one.at,
            touchpoint=one.touchpoint,
            polarities=menu("", POLARITIES),
            aspects=menu("", aspects),
            said_by="",
        )
        for one in found
    ]


def of_verbatim(here: Here, row: int) -> tuple[Heard, list[Card]]:
    """A verbatim and its clauses as they count now, to be put right.

    Raises:
        Problem: ``labels.none``: there is none that this person may see.
    """
    heard = Search(here.log, here.workspace, Wanted()).one(row)
    if heard is None:
        raise Problem(
            "labels.none",
            _("There is no such verbatim."),
            _("It may have been replaced, taken back or erased."),
        )
    said = labels.of(here.slug, [row])
    aspects = _aspects(here.slug)
    cards = []
    for one in heard.clauses:
        place = (row, one.starts)
        held = said.get(place)
        cards.append(
            Card(
                token=_token(here.slug, place, "page"),
                name=_name(place),
                pieces=_marked(heard.text, one.starts, one.ends, sees_it=here.sees_personal_data),
                language=heard.language,
                at=heard.at,
                touchpoint=heard.touchpoint,
                polarities=menu(one.polarity, POLARITIES),
                aspects=menu(one.aspect or NO_ASPECT, aspects),
                said_by=held.said_by if held else "",
            )
        )
    return heard, cards


def card(here: Here, place: Place) -> Card:
    """One clause as it counts now.

    Raises:
        Problem: ``labels.none``.
    """
    _heard, cards = of_verbatim(here, place[0])
    return next(one for one in cards if one.name == _name(place))


def say(here: Here, whole: Log, given: Mapping[str, str]) -> Place:
    """What somebody said of a clause, or that she takes it back.

    Raises:
        Problem: as `labels.say` and `labels.withdraw`; ``labels.chosen``, ``labels.none``.
    """
    place, drawn = _read(here.slug, given.get("clause", ""))
    if "undo" in given:
        labels.withdraw(by=here.by, log=here.log, whole=whole, workspace=here.slug, place=place)
        return place
    if not given.get("polarity") or not given.get("aspect"):
        raise Problem(
            "labels.chosen",
            _("Something is not chosen yet."),
            _("Choose how the clause judges, and what it is about."),
        )
    labels.say(
        by=here.by, log=here.log, whole=whole, workspace=here.slug, place=place,
        polarity=given["polarity"], drawn=drawn,
        aspect="" if given["aspect"] == NO_ASPECT else given["aspect"],
    )  # fmt: skip
    return place


def _aspects(workspace: str) -> dict[str, Any]:
    """What a clause may be about, in the order of their names."""
    names = subjects.named(workspace)
    keys = subjects.of_workspace(workspace).keys
    return {
        NO_ASPECT: _("about no single thing"),
        **{key: names[key] for key in sorted(keys, key=names.__getitem__)},
    }


def _marked(text: str, starts: int, ends: int, *, sees_it: bool) -> tuple[Piece, ...]:
    """A text of which one clause is marked, and nothing told of it."""
    return tuple(pieces_of(text, [Stretch(starts, ends)], sees_it=sees_it))


def _name(place: Place) -> str:
    return f"c{place[0]}-{place[1]}"


def _token(workspace: str, place: Place, drawn: Drawn) -> str:
    return signing.Signer(salt=_SALT).sign_object([workspace, *place, drawn])


def _read(workspace: str, token: str) -> tuple[Place, Drawn]:
    try:
        where, row, starts, drawn = signing.Signer(salt=_SALT).unsign_object(token)
    except (signing.BadSignature, ValueError):
        where = None
    if where != workspace:
        raise Problem(
            "labels.none",
            _("There is no such clause."),
            _("The text may have been replaced, or read anew. Look at it as it is now."),
        )
    return (int(row), int(starts)), cast("Drawn", drawn)
