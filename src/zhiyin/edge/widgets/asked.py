"""What the widget in a browser sends, and what it is answered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import msgspec

from zhiyin.collect.widgets import definition
from zhiyin.collect.widgets.published import PublishedRule
from zhiyin.kernel.clock import microseconds
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

MOST_BYTES = 16 * 1024
LONGEST_DEVICE = 200
LONGEST_CUSTOMER = 512
LONGEST_PATH = 200
MOST_RULES = 50


class Who(msgspec.Struct):
    """The visitor by the page's word.

    Args:
        proof: see `collect.widgets.signing`.
    """

    device: str
    customer: str = ""
    proof: str = ""

    def __post_init__(self) -> None:
        if not 1 <= len(self.device) <= LONGEST_DEVICE or len(self.customer) > LONGEST_CUSTOMER:
            raise ValueError("an id is missing or too long")


class Happened(msgspec.Struct):
    """The event that made the widget ask.

    Args:
        at: milliseconds since 1970, by the browser's clock.
        about: the id of what it was about.
    """

    at: float
    about: str = ""

    def experienced_at(self, now: datetime) -> int:
        """When (microseconds since 1970); what a clock says that is wrong is now."""
        try:
            said = datetime.fromtimestamp(self.at / 1000, UTC).replace(tzinfo=None)
        except (ValueError, OverflowError, OSError):
            said = now
        if not now - timedelta(days=1) <= said <= now:
            said = now
        return microseconds(said)


class Choose(Who):
    """Which of these rules choose her?"""

    rules: list[str] = []


class Ask(Who, kw_only=True):
    """May she be asked by this rule now?

    Args:
        attempt: the same when the same question is put again, after a broken connection.
        says: what was signed of her and the rule, if it was.
        path: of the page.
        language: of the page, a BCP 47 tag.
    """

    rule: str
    attempt: str = ""
    says: str = ""
    path: str = ""
    language: str = ""
    kind: str = ""
    event: Happened | None = None


class Close(Who, kw_only=True):
    """She has closed it."""

    rule: str
    survey: str
    invitation: str


One = TypeVar("One", bound=Who)

_DECODERS: dict[type[Any], msgspec.json.Decoder[Any]] = {
    kind: msgspec.json.Decoder(kind) for kind in (Choose, Ask, Close)
}


def read(body: bytes, kind: type[One]) -> One:
    """A body as what it should be.

    Raises:
        Problem: ``widget.unreadable``.
    """
    try:
        found: One = _DECODERS[kind].decode(body)
    except (msgspec.DecodeError, RecursionError, ValueError):
        raise Problem(
            "widget.unreadable",
            _("What the widget sent cannot be read."),
            _("Load w.js anew; another version of it may be in the browser’s cache."),
        ) from None
    return found


def as_told(published: PublishedRule) -> dict[str, Any]:
    """A rule as browsers know it: nothing of segments, seeds and shares."""
    rule = published.rule
    return {
        "name": published.name,
        "place": rule.place,
        "element": rule.element,
        "pages": rule.pages,
        "event": rule.event,
        "where": definition.filter_of(rule),
        "about": rule.about_property.split(".") if rule.about_property else None,
        "seconds": rule.after_seconds,
        "scroll": rule.after_scroll,
        "exit": rule.on_exit,
        "days": rule.every_days,
        "times": rule.most_times,
        "pause": rule.pause_days,
        "devices": rule.devices,
        "consent": rule.needs_consent,
        "corner": rule.corner,
        "z": rule.z_index,
        "chooses": rule.percent < 100 or published.segment is not None,
    }
