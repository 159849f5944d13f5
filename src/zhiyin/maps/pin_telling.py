"""A mark on a journey map as a whole document: the same for the command line and the API."""

from __future__ import annotations

from typing import Any

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel import clock
from zhiyin.maps import evidence, pins
from zhiyin.maps.audits import touchpoints
from zhiyin.maps.models import Pin
from zhiyin.warehouse.log import Log


def whole(pin: Pin, log: Log, settings: Settings, *, sees_it: bool) -> dict[str, Any]:
    """A mark with what it rests on now, who is for it, what was said about it and done to it.

    Args:
        log: as whoever asks may read it.
        sees_it: whether personal data in what customers and colleagues wrote is told.
    """
    shown = evidence.shown(pin, log, settings, clock.now())
    said = [pins.event_as_dict(one, sees_it=sees_it) for one in pins.history(pin)]
    return {
        **pins.as_dict(pin, settings, touchpoints(pin.map), sees_it=sees_it),
        "evidence": [evidence.as_dict(one, sees_it=sees_it) for one in shown],
        "voters": [one.login for one in pins.voters(pin)],
        "comments": [told for told in said if told["what"] == pins.SAID],
        "history": [told for told in said if told["what"] != pins.SAID],
    }
