"""A journey map as it is written down: one JSON document, the same for editor, files and page.

A version of it never changes. Texts are given by language (``en``, ``zh-Hans``); what binds a node
to events and answers is written in the one filter language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from zhiyin.journey.asking import read_names, read_span
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.kernel.text import Text, _, language

FORMAT = 1

Texts = dict[str, str]
"""What is shown, by language."""

Wish = Literal["", "solve", "answer", "compare", "tick-off"]
"""What a customer comes to a touchpoint for; blank: nobody has said."""

ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
LANGUAGES = ("en", "zh-Hans")

RULES = ("events", "answers", "bad")
"""Fields of a touchpoint that hold a filter."""

MOST_NODES = 60
"""A bit of 64 for each, and a few to spare."""
MOST_STAGES = 16
MOST_LANES = 12
LONGEST_TEXT = 2_000
MOST_BYTES = 500_000
"""Of a document."""

WISHES: dict[str, Text] = {
    "solve": _("solve a problem"),
    "answer": _("get an answer"),
    "compare": _("compare"),
    "tick-off": _("tick something off"),
}


class _Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of the document: an unknown key is an error, what is left out is not written."""


class Stage(_Written, frozen=True):
    """One stage 阶段, a column of the map.

    Args:
        id: it stays when the name is worded anew.
        begins: after the goal was reached, an event here begins another journey.
    """

    id: str
    name: Texts = {}
    begins: bool = False


class Lane(_Written, frozen=True):
    """One lane, a row of the map: those who own a touchpoint, or the kind of place that it is."""

    id: str
    name: Texts = {}


class Node(_Written, frozen=True):
    """One touchpoint 触点 on the map.

    Args:
        id: it stays; marks, versions and trends speak of it.
        stage, lane: ids.
        wish: what the customer comes for, as a kind; `wants` says it in words.
        promise: what we promise here 品牌承诺.
        promise_question: the series of the question that asks whether it is felt so.
        channels: as the log names them.
        owner: login of who answers for it.
        events: a filter over events that are here; blank: bound to none.
        answers: a filter over answers that are about it; blank: bound to none.
        done: names of events, joined by ``|``, that complete what she came for.
        within: so long after the first event here, ``1d``.
        bad: a filter over events that are a bad experience here.
        is_required: who goes on without it has left the drawn way.
        is_help: it is a place of asking for help.
        cause: why it hurts, in one sentence, where somebody has found out.
    """

    id: str
    stage: str
    lane: str
    name: Texts = {}
    wish: Wish = ""
    wants: Texts = {}
    promise: Texts = {}
    promise_question: str = ""
    channels: tuple[str, ...] = ()
    owner: str = ""
    events: str = ""
    answers: str = ""
    done: str = ""
    within: str = "1d"
    bad: str = ""
    is_required: bool = False
    is_help: bool = False
    cause: Texts = {}

    @property
    def is_bound(self) -> bool:
        """Whether a rule binds it to events or to answers."""
        return bool(self.events or self.answers)


class Map(_Written, frozen=True):
    """A journey map.

    Args:
        persona: key of the persona 客户角色 whose journey it is; blank: everybody's.
        goal: names of events, joined by ``|``, that are what a journey is for.
        pause: a journey is over when nothing happens for so long, ``30d``.
        whole: the series of the question about the whole journey; blank: all answers of the kind
            ``journey``.
        metric: slug of the measure that nodes show.
        stages, lanes, nodes: in the order in which they are drawn.
    """

    format: int = FORMAT
    name: Texts = {}
    about: Texts = {}
    persona: str = ""
    goal: str = ""
    pause: str = "30d"
    whole: str = ""
    metric: str = "csat"
    stages: tuple[Stage, ...] = ()
    lanes: tuple[Lane, ...] = ()
    nodes: tuple[Node, ...] = ()

    def node(self, id_: str) -> Node | None:
        """The node of this id."""
        return next((one for one in self.nodes if one.id == id_), None)

    def at(self, stage: str, lane: str) -> tuple[Node, ...]:
        """The nodes of a cell, in their order."""
        return tuple(one for one in self.nodes if (one.stage, one.lane) == (stage, lane))


def said(texts: Texts) -> str:
    """What is shown of a text in the reader's language, or in another where it lacks that."""
    mine = "zh-Hans" if language() == "zh-hans" else "en"
    return texts.get(mine) or next(iter(texts.values()), "")


def read(document: str | bytes) -> Map:
    """A map out of its JSON.

    Raises:
        Problem: ``map.document``, and as `check`.
    """
    if len(document) > MOST_BYTES:
        raise Problem(
            "map.bytes",
            _("The map is larger than {most} KB.", most=MOST_BYTES // 1000),
            _("Make two maps of it."),
        )
    try:
        found = msgspec.json.decode(document, type=Map)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Problem(
            "map.document",
            _("This is no journey map: {error}", error=str(error)),
            _("docs/maps.md says how one is written."),
        ) from error
    check(found)
    return found


def write(map_: Map) -> bytes:
    """The JSON of a map: its keys in the order of their meaning, two spaces deep."""
    return msgspec.json.format(msgspec.json.encode(map_), indent=2)


def builtins(part: msgspec.Struct) -> dict[str, Any]:
    """A part of the document as plain values."""
    found: dict[str, Any] = msgspec.to_builtins(part)
    return found


def check(map_: Map) -> None:
    """Refuse what cannot be drawn. A rule that names an unknown column is no fault: data may come.

    Raises:
        Problem: ``map.format``, ``map.id``, ``map.id-twice``, ``map.no-such-place``,
            ``map.too-many``, ``map.text``, ``map.rule``.
    """
    if map_.format != FORMAT:
        raise Problem(
            "map.format",
            _("A map of format {given} cannot be read.", given=map_.format),
            _("This release reads format {known}.", known=FORMAT),
        )
    for what, parts, most in (
        (_("stages"), map_.stages, MOST_STAGES),
        (_("lanes"), map_.lanes, MOST_LANES),
        (_("touchpoints"), map_.nodes, MOST_NODES),
    ):
        ids = [one.id for one in parts]
        if len(ids) > most:
            raise Problem(
                "map.too-many",
                _("A map has at most {most} {what}, and this one has {n}.",
                  most=most, what=what, n=len(ids)),
                _("Make two maps of it."),
            )  # fmt: skip
        for id_ in ids:
            if not ID.fullmatch(id_):
                raise Problem(
                    "map.id",
                    _("{id} cannot be an id on a map.", id=id_[:80] or "“”"),
                    _("Use up to 40 small letters, digits, hyphens and underscores."),
                )
            if ids.count(id_) > 1:
                raise Problem(
                    "map.id-twice",
                    _("Two {what} of the map have the id {id}.", what=what, id=id_),
                    _("Give one of them another."),
                )
    for node in map_.nodes:
        _check_node(map_, node)
    for place, text in _texts(map_):
        if len(text) > LONGEST_TEXT:
            raise Problem(
                "map.text",
                _("The text at {place} is longer than {most} characters.",
                  place=place, most=LONGEST_TEXT),
                _("Shorten it."),
            )  # fmt: skip
    _check_names("goal", map_.goal)
    _check_span("pause", map_.pause)


def _check_node(map_: Map, node: Node) -> None:
    for what, id_, known in (
        (_("stage"), node.stage, {one.id for one in map_.stages}),
        (_("lane"), node.lane, {one.id for one in map_.lanes}),
    ):
        if id_ not in known:
            raise Problem(
                "map.no-such-place",
                _("The touchpoint {node} stands in a {what} that the map does not have: {id}.",
                  node=node.id, what=what, id=id_),
                _("Put it into one of: {known}.", known=", ".join(sorted(known)) or "–"),
            )  # fmt: skip
    for field in RULES:
        if text := getattr(node, field):
            try:
                parse(text)
            except Problem as problem:
                raise Problem(
                    "map.rule",
                    _("The rule {field} of {node} cannot be read: {why}",
                      field=field, node=node.id, why=problem.message),
                    problem.hint,
                ) from problem  # fmt: skip
    _check_names(f"{node.id}.done", node.done)
    _check_span(f"{node.id}.within", node.within)


def _check_names(place: str, text: str) -> None:
    if text:
        try:
            read_names(text)
        except Problem as problem:
            raise _wrong(place, problem) from problem


def _check_span(place: str, text: str) -> None:
    try:
        read_span(text)
    except Problem as problem:
        raise _wrong(place, problem) from problem


def _wrong(place: str, problem: Problem) -> Problem:
    said_ = _("At {place}: {why}", place=place, why=problem.message)
    return Problem("map.rule", said_, problem.hint)


def _texts(map_: Map) -> Iterator[tuple[str, str]]:
    for place, texts in (("name", map_.name), ("about", map_.about)):
        yield from ((f"{place}.{tongue}", text) for tongue, text in texts.items())
    parts: tuple[Stage | Lane, ...] = (*map_.stages, *map_.lanes)
    for part in parts:
        yield from ((f"{part.id}.{tongue}", text) for tongue, text in part.name.items())
    for node in map_.nodes:
        for field in ("name", "wants", "promise", "cause"):
            texts = getattr(node, field)
            yield from ((f"{node.id}.{field}.{tongue}", text) for tongue, text in texts.items())
