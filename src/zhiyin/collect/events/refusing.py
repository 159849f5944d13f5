"""What one event, or a whole request, can be refused for, and what to do about it."""

from __future__ import annotations

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _

EVENT_BYTES = 32 * 1024
BATCH_BYTES = 500 * 1024
BATCH_EVENTS = 2500
POSTHOG_BYTES = 5 * 1024 * 1024
"""PostHog's clients make batches of up to so many bytes, and drop one that is answered 413."""

ID_LENGTH = 512
MESSAGE_ID_LENGTH = 100
NAME_LENGTH = 200

HINTS: dict[str, Text] = {
    "event.not-json": _("Send a JSON object with at least type and userId or anonymousId."),
    "event.too-large": _("Send large content elsewhere and its address here."),
    "event.type": _("Use identify, track, page, screen, group or alias."),
    "event.no-customer": _("Send userId for a known customer, or anonymousId for a device."),
    "event.id": _("Send ids as text of up to {most} characters, or as whole numbers.", most=512),
    "event.message-id": _("Use a UUID: it is how a repeated event is known."),
    "event.no-name": _("Send the name of what happened, such as Order Completed."),
    "event.name": _("Keep names short and few; put what differs into properties."),
    "event.properties": _("Send properties, traits and context as JSON objects."),
    "event.time": _("Send times in ISO 8601, such as 2026-03-01T08:00:00Z, and check the clock."),
    "event.alias": _("Send previousId (the old id) and userId (the new one)."),
    "event.group": _("Send groupId, and who belongs to the group."),
    "event.group-alone": _("Send who belongs to the group; groups have no records of their own."),
    "event.cloud": _("CloudEvents 1.0 have id, source, type and specversion 1.0."),
    "event.webhook": _("Send type (order.refunded), timestamp and data, as Standard Webhooks say."),
}


def not_json(why: str) -> Problem:
    """The body is no JSON."""
    return Problem(
        "intake.not-json",
        _("The body is no valid JSON ({why}).", why=why),
        _("Send UTF-8 JSON: one event, or an object with a list called batch."),
    )


def too_many(count: int) -> Problem:
    """More events than one request may have."""
    return Problem(
        "intake.too-many-events",
        _("The batch has {count} events; {most} are the most.", count=count, most=BATCH_EVENTS),
        _("Send smaller batches: SDKs have a setting for it."),
    )
