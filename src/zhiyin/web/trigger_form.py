"""The form of a trigger: what it shows, and what was typed into it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zhiyin.collect.reaching import triggering, triggers
from zhiyin.collect.reaching.triggers import Trigger
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _


def of(begins: Mapping[str, Any] | None, share: float) -> dict[str, Any]:
    """What the form shows of a trigger that is there, or of none.

    Args:
        share: of the events, from 0 to 1; the form shows per cent.
    """
    held = triggers.read(begins) if begins else Trigger("")
    return {
        **held.as_dict(),
        "fields": ", ".join(f"{name}={source}" for name, source in held.fields.items()),
        "share": f"{share * 100:g}",
        "days": "7",
        "as_if_live": False,
    }


def given(asked: Mapping[str, str]) -> dict[str, Any]:
    """What the form says, as it was typed."""
    texts = (
        "event", "where", "delay_minutes", "late_hours", "about_kind", "about_property", "fields",
        "share", "days",
    )  # fmt: skip
    switches = ("takes_imports", "as_if_live")
    return {
        **{name: asked.get(name, "").strip() for name in texts},
        **{name: name in asked for name in switches},
    }


def read(typed: Mapping[str, Any]) -> tuple[Trigger, float]:
    """The trigger and the share that the form says.

    Raises:
        Problem: ``trigger.…``, ``filter.…``.
    """
    pairs = [one.partition("=") for one in str(typed["fields"]).split(",") if one.strip()]
    wanted = triggers.read(
        {
            "event": typed["event"],
            "where": typed["where"],
            "delay_minutes": whole(typed["delay_minutes"]),
            "late_hours": whole(typed["late_hours"]),
            "about_kind": typed["about_kind"],
            "about_property": typed["about_property"],
            "fields": {name.strip(): source.strip() for name, _equals, source in pairs},
            "takes_imports": typed["takes_imports"],
        }
    )
    try:
        share = float(typed["share"]) / 100
    except ValueError:
        share = 0
    return wanted, triggering.checked_share(share)


def whole(text: object) -> int:
    """A number that was typed.

    Raises:
        Problem: ``trigger.no-number``.
    """
    written = str(text)
    if written.isascii() and written.isdigit() and len(written) < 7:
        return int(written)
    raise Problem(
        "trigger.no-number",
        _("“{text}” is no whole number.", text=written[:40]),
        _("Write digits only."),
    )
