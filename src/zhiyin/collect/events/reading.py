"""The reader of every letter: which format it is in, and so who understands it."""

from __future__ import annotations

from zhiyin.collect.events import cloudevents, posthog, tracking, webhook
from zhiyin.collect.surveys import facts
from zhiyin.collect.widgets import facts as widget
from zhiyin.warehouse.arriving import Letter, Reader, Reading

READERS: dict[str, Reader] = {
    "tracking": tracking.read,
    "posthog": posthog.read,
    "cloudevents": cloudevents.read,
    "webhook": webhook.read,
    facts.WIRE: facts.read,
    facts.GROUP: facts.read_group,
    widget.WIRE: widget.read,
}


def read(letter: Letter) -> Reading:
    """Facts and refusals of a letter: pure, so that a replay after a crash says the same.

    Raises:
        Problem: the letter as a whole cannot be read: ``intake.not-json``,
            ``intake.too-many-events``. Such a letter is never put into the journal.
    """
    return READERS[letter.wire](letter)
