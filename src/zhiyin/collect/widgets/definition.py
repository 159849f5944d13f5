"""One rule of the website widget: where a survey is asked, of whom, when and how often.

It knows no Django: the log process reads the same rules out of a snapshot.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

import msgspec

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import (
    And,
    Compare,
    Contains,
    In,
    Missing,
    Node,
    Not,
    Or,
    Value,
    in_words,
    parse,
    walk,
)
from zhiyin.kernel.text import _

Device = Literal["phone", "tablet", "desktop"]
Place = Literal["popover", "embedded"]
Corner = Literal["end", "start"]

DEVICES: tuple[Device, ...] = get_args(Device)
PLACES: tuple[Place, ...] = get_args(Place)
CORNERS: tuple[Corner, ...] = get_args(Corner)

MOST_ORIGINS = 20
MOST_PAGES = 50
LONGEST = 200
"""Characters of a pattern, a name, a selector."""

HIGHEST = 2_147_483_647
"""The greatest z-index that browsers know."""

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule; docs/widget.md says what each part means.

    Args:
        origins: of the sites that may show it, as browsers write them.
        element: of an embedded one, the CSS selector of the element that holds it.
        pages: patterns of paths; one that begins with ``!`` leaves pages out.
        where: a filter on the properties of the event.
        about_kind, about_property: what the event was about, and which property has its id.
        segment: short name of a segment; asked only who is in it.
        percent: of visitors, drawn.
        after_scroll: per cent of the page.
        every_days: nobody is shown the rule again before.
        most_times: nobody is shown the rule more often; 0: any number.
        pause_days: nor within so many days of another rule of the workspace.
        devices: none named is all.
        needs_consent: nothing is kept or said of her before she has consented.
    """

    origins: tuple[str, ...] = ()
    place: Place = "popover"
    element: str = ""
    pages: tuple[str, ...] = ()
    event: str = ""
    where: str = ""
    about_kind: str = ""
    about_property: str = ""
    segment: str = ""
    percent: float = 100.0
    after_seconds: int = 0
    after_scroll: int = 0
    on_exit: bool = False
    every_days: int = 90
    most_times: int = 3
    pause_days: int = 14
    devices: tuple[Device, ...] = ()
    needs_consent: bool = False
    corner: Corner = "end"
    z_index: int = 2_147_483_000
    touchpoint: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Every part, lists as lists."""
        parts = {name: getattr(self, name) for name in self.__struct_fields__}
        return {
            name: list(part) if isinstance(part, tuple) else part for name, part in parts.items()
        }


PARTS = Rule.__struct_fields__

_BOUNDS: dict[str, tuple[float, float]] = {
    "percent": (0.01, 100),
    "after_seconds": (0, 3600),
    "after_scroll": (0, 100),
    "every_days": (1, 3650),
    "most_times": (0, 1000),
    "pause_days": (0, 3650),
    "z_index": (0, HIGHEST),
}


def read(given: Mapping[str, Any]) -> Rule:
    """A rule from its mapping, checked as far as it can be without the database.

    Raises:
        Problem: ``widget.unreadable``, ``widget.origins``, ``widget.element``, ``widget.pages``,
            ``widget.number``, ``widget.event``, ``widget.where``, ``widget.about``,
            ``filter.…``.
    """
    try:
        rule = msgspec.convert(given, Rule)
    except msgspec.ValidationError as error:
        raise Problem(
            "widget.unreadable",
            _("The rule cannot be read: {why}", why=str(error)),
            _("Parts: {names}.", names=", ".join(PARTS)),
        ) from None
    texts = {name: value.strip() for name in PARTS if isinstance(value := getattr(rule, name), str)}
    rule = msgspec.structs.replace(
        rule,
        **texts,
        origins=tuple(dict.fromkeys(origin(one) for one in rule.origins if one.strip())),
        pages=tuple(dict.fromkeys(one.strip() for one in rule.pages if one.strip())),
        devices=tuple(one for one in DEVICES if one in rule.devices),
    )
    _check(rule)
    return rule


def origin(text: str) -> str:
    """An origin as browsers write it.

    Raises:
        Problem: ``widget.origins``.
    """
    given = text.strip()
    try:
        parts = urlsplit(given)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    is_plain = parts.path in ("", "/") and not (parts.query or parts.fragment or parts.username)
    try:
        name = host.encode("idna").decode() if not host.isascii() else host
    except UnicodeError:
        name = ""
    if parts.scheme not in ("http", "https") or not is_plain or not _HOST.fullmatch(name):
        raise Problem(
            "widget.origins",
            _("{origin} is no origin of a web site.", origin=given[:100]),
            _("Write scheme and host, such as https://www.example.com"),
        )
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{name}" + (f":{port}" if port not in (None, usual) else "")


_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")


def _check(rule: Rule) -> None:
    if not rule.origins or len(rule.origins) > MOST_ORIGINS:
        raise Problem(
            "widget.origins",
            _("A rule names the sites that may show it, at most {most}.", most=MOST_ORIGINS),
            _("Write scheme and host of each, such as https://www.example.com"),
        )
    if (rule.place == "embedded") != bool(rule.element):
        raise Problem(
            "widget.element",
            _("An embedded survey names the element that holds it; a popover names none."),
            _("Write a CSS selector, such as #feedback."),
        )
    for pattern in rule.pages:
        if len(pattern) > LONGEST or not pattern.removeprefix("!").startswith(("/", "*")):
            raise Problem(
                "widget.pages",
                _("{pattern} is no pattern of a path.", pattern=pattern[:100]),
                _("Write paths such as /checkout/*; ! before one leaves its pages out."),
            )
    if len(rule.pages) > MOST_PAGES or any(len(v) > LONGEST for v in _names(rule)):
        raise Problem(
            "widget.pages",
            _("A rule has at most {most} patterns and names of {long} characters.",
              most=MOST_PAGES, long=LONGEST),
            _("Shorten it, or make two rules."),
        )  # fmt: skip
    for name, (low, high) in _BOUNDS.items():
        if not low <= getattr(rule, name) <= high:
            raise Problem(
                "widget.number",
                _("{name} is a number from {low} to {high}.", name=name, low=f"{low:g}",
                  high=f"{high:.0f}"),
                _("Give a number within that."),
            )  # fmt: skip
    _check_event(rule)


def _names(rule: Rule) -> Iterable[str]:
    return (rule.element, rule.event, rule.about_kind, rule.about_property, rule.touchpoint)


def _check_event(rule: Rule) -> None:
    if not rule.event and (rule.where or rule.about_kind or rule.about_property):
        raise Problem(
            "widget.event",
            _("A filter and what it is about belong to an event, and the rule names none."),
            _("Name the event, such as Order Completed, or leave them out."),
        )
    if bool(rule.about_kind) != bool(rule.about_property):
        raise Problem(
            "widget.about",
            _("What an event is about has a kind and a property that says its id."),
            _("Give both, such as order and order_id, or neither."),
        )
    if rule.where:
        for node in walk(parse(rule.where).root):
            if isinstance(node, And | Or | Not):
                continue
            if not node.column.startswith("properties."):
                raise Problem(
                    "widget.where",
                    _("{column}: the browser knows only the event’s properties.",
                      column=node.column[:100]),
                    _("Write properties. before the name, such as properties.plan = 'gold'."),
                )  # fmt: skip


def from_words(pairs: Iterable[str]) -> dict[str, Any]:
    """Parts as people write them: ``pages=/a/*,/b``, ``percent=20``, ``on_exit=yes``.

    Raises:
        Problem: ``widget.no-such-part``, ``widget.number``.
    """
    found: dict[str, Any] = {}
    for pair in pairs:
        name, _equals, value = (part.strip() for part in pair.partition("="))
        found[name] = from_text(name, value)
    return found


def from_text(name: str, value: str) -> Any:
    """One part as a person writes it; lists with commas or on lines. Raises as `from_words`."""
    if name not in PARTS:
        raise Problem(
            "widget.no-such-part",
            _("A rule has no part {name}.", name=name[:60]),
            _("Parts: {names}.", names=", ".join(PARTS)),
        )
    usual = getattr(Rule(), name)
    if isinstance(usual, tuple):
        return [one.strip() for one in re.split(r"[\n,，]", value) if one.strip()]
    if isinstance(usual, bool):
        return value.lower() in ("yes", "true", "on", "1", "是")
    if isinstance(usual, int | float):
        try:
            return type(usual)(value or usual)
        except ValueError:
            raise Problem(
                "widget.number",
                _("{name}: {value} is no number.", name=name, value=value[:60]),
                _("Write it in digits."),
            ) from None
    return value


def filter_of(rule: Rule) -> list[Any] | None:
    """The filter on the event as the browser reads it; None where there is none.

    Each condition is a list: ``["=", "plan", text, number]`` and so on; see `_condition`.
    """
    return _condition(parse(rule.where).root) if rule.where else None


def _condition(node: Node) -> list[Any]:
    match node:
        case And(nodes):
            return ["and", *map(_condition, nodes)]
        case Or(nodes):
            return ["or", *map(_condition, nodes)]
        case Not(inner):
            return ["not", _condition(inner)]
    steps = node.column.removeprefix("properties.").split(".")
    match node:
        case Compare(op=op, value=value):
            return [op, steps, _value(value)]
        case In(values=values):
            said: list[Any] = ["in", steps, [_value(one) for one in values]]
        case Contains(text=text):
            said = ["has", steps, text.lower()]
        case Missing():
            said = ["no", steps]
    return ["not", said] if node.negated else said


def _value(value: Value) -> list[Any]:
    """Its text, and the number that it is."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return [in_words(value), float(value) if is_number else None]  # type: ignore[arg-type]
