"""What *Methods* says of tasks, of the time between, of adoption and of engagement."""

from __future__ import annotations

from datetime import datetime

from zhiyin.accounts.workspaces import Settings
from zhiyin.journey.adoption import AdoptionAsked
from zhiyin.journey.asking import write_names
from zhiyin.journey.between import BetweenAsked
from zhiyin.journey.engagement import EngagementAsked
from zhiyin.journey.task import TaskAsked
from zhiyin.kernel.figures import lasted
from zhiyin.kernel.text import Text, _
from zhiyin.measure.asking import EVERY
from zhiyin.web.journeys_methods import Lines, shared, written

_QUANTILES = _("95%, Woodruff's, over customers, on Kaplan and Meier's curve")
_OPEN = _("“of all” counts those that are not over up to the end of the log, and up to their time")


def of_task(settings: Settings, asked: TaskAsked, now: datetime) -> Lines:
    """Of a task."""
    said: list[tuple[Text, object]] = [
        (_("Definition"), _("of the attempts at something, how many succeed")),
        (_("An attempt begins with"), write_names(asked.begins)),
        (_("It succeeds by"), write_names(asked.goal)),
        (
            _("Given up"),
            _(
                "after {time}, the end included; another start before that is part of the same"
                " attempt",
                time=lasted(asked.within.total_seconds()),
            ),
        ),
        (
            _("Counted"),
            _("attempts whose time is over; younger ones are open, and neither count as failed"
              " nor as completed"),
        ),
    ]  # fmt: skip
    if asked.error:
        said.append((_("Errors"), write_names(asked.error)))
    if asked.help:
        said.append((_("Help"), write_names(asked.help)))
    if asked.by is not None:
        said.append((_("Groups"), _("by the value at the event that begins the attempt")))
    said += [
        (_("Switch of channel"), _("an event of the attempt with another channel than the last")),
        (_("Over time"), _("by the period in which the attempt began")),
        (_("Times"), _OPEN),
        (
            _("Interval"),
            _("95%; of attempts: variance over customers; of customers: Wilson's"),
        ),
        (_("Interval of times"), _QUANTILES),
    ]
    return written([*said, *shared(settings, asked.chosen, now)])


def of_between(settings: Settings, asked: BetweenAsked, now: datetime) -> Lines:
    """Of the time between."""
    said: list[tuple[Text, object]] = [
        (
            _("Definition"),
            _("how long after each event of the first kind the next of the other comes"),
        ),
        (_("From each"), write_names(asked.first)),
        (_("To the next"), write_names(asked.then)),
        (_("Times"), _OPEN),
        (_("Interval"), _QUANTILES),
    ]
    return written([*said, *shared(settings, asked.chosen, now)])


def of_engagement(settings: Settings, asked: EngagementAsked, now: datetime) -> Lines:
    """Of engagement."""
    said: list[tuple[Text, object]] = [
        (
            _("Definition"),
            _("how many sessions a customer has in a period in which she came, and how long each"),
        ),
        (
            _("Session"),
            _("events without a pause of more than {time}; it is of the period in which it begins",
              time=lasted(asked.gap.total_seconds())),
        ),
        (_("How long"), _("from a session's first event to its last, so 0 for a single one")),
        (_("Period"), EVERY[asked.every]),
        (_("All together"), _("the periods that are over")),
        (_("Interval"), _("95%, of a ratio of sums, over customers")),
    ]  # fmt: skip
    return written([*said, *shared(settings, asked.chosen, now)])


def of_adoption(settings: Settings, asked: AdoptionAsked, now: datetime) -> Lines:
    """Of adoption."""
    new = (
        _("a customer's first event")
        if asked.since is None
        else _("a customer's first {name}", name=write_names(asked.since))
    )
    said: list[tuple[Text, object]] = [
        (_("Definition"), _("of those who were new in a period, how many did it in time")),
        (_("New"), new),
        (
            _("Did it"),
            _("{name}, at least {n} times within {time}, the end included",
              name=write_names(asked.names), n=asked.times,
              time=lasted(asked.within.total_seconds())),
        ),
        (_("Period"), EVERY[asked.every]),
        (
            _("All cohorts"),
            _("those that are shown and whose time is over, in one share"),
        ),
        (_("Interval"), _("95%, Wilson's, over customers")),
    ]  # fmt: skip
    return written([*said, *shared(settings, asked.chosen, now)])
