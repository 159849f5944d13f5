"""What the widget tells the log: that somebody was shown a survey, and that she closed it.

The body of a letter holds all that its rows need, so that a replay needs no rule. The same again
is the same row: the invitation's id and what was done.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from zhiyin.collect.surveys.facts import SOURCE
from zhiyin.kernel.ids import ANONYMOUS, KNOWN
from zhiyin.warehouse.arriving import Letter, Reading

WIRE = "widget"
MODE = "widget"

__all__ = ["MODE", "SOURCE", "WIRE", "Shown", "body", "read"]


class Shown(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that happened to one showing.

    Args:
        survey: its key in the workspace.
        rule: its name, which the log keeps as the distribution.
        at: microseconds since 1970, as `experienced_at`.
        customer: her id where she is known, else that of her device.
    """

    invitation: str
    action: Literal["invited", "dismissed"]
    survey: str
    rule: str
    at: int
    customer: str
    is_known: bool = False
    touchpoint: str = ""
    channel: str = ""
    about_kind: str = ""
    about_id: str = ""
    experienced_at: int | None = None

    @property
    def customer_kind(self) -> str:
        """The name space of her id."""
        return KNOWN if self.is_known else ANONYMOUS


_decoder = msgspec.json.Decoder(Shown)


def body(shown: Shown) -> bytes:
    """A letter's body."""
    return msgspec.json.encode(shown)


def read(letter: Letter) -> Reading:
    """The row of a letter of the widget."""
    shown = _decoder.decode(letter.body)
    row = {
        "id": shown.invitation,
        "occurred_at": shown.at,
        "customer": shown.customer,
        "customer_kind": shown.customer_kind,
        "about_kind": shown.about_kind or None,
        "about_id": shown.about_id or None,
        "experienced_at": shown.experienced_at,
        "survey": shown.survey,
        "invitation": shown.invitation,
        "action": shown.action,
        "touchpoint": shown.touchpoint or None,
        "channel": shown.channel or None,
        "mode": MODE,
        "distribution": shown.rule,
    }
    return Reading({"exposures": {name: [value] for name, value in row.items()}})
