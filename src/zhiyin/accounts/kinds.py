"""Every kind of background work: what it is called, what it counts, when the clock asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from zhiyin.kernel.text import Text, _


@dataclass(frozen=True, slots=True)
class Every:
    """By the clock, every so many minutes from the full hour on.

    Args:
        minutes: a divisor of 60.
    """

    minutes: int

    @property
    def cron(self) -> str:
        """As the scheduler reads it, in UTC."""
        return f"*/{self.minutes} * * * *"

    def next_after(self, at: datetime) -> datetime:
        """The first time after `at`."""
        hour = at.replace(minute=0, second=0, microsecond=0)
        passed = (at - hour) // timedelta(minutes=self.minutes)
        return hour + (passed + 1) * timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class Nightly:
    """By the clock, once a day at a time in UTC."""

    hour: int
    minute: int

    @property
    def cron(self) -> str:
        """As the scheduler reads it, in UTC."""
        return f"{self.minute} {self.hour} * * *"

    def next_after(self, at: datetime) -> datetime:
        """The first time after `at`, which is in UTC."""
        today = at.replace(hour=self.hour, minute=self.minute, second=0, microsecond=0)
        return today if today > at else today + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of background work.

    Args:
        label: what it does, as a page lists it.
        did: what it has done; its blanks are names in the result.
        part_name: what its progress counts; blank for a kind that is done in one piece.
        schedule: when the clock asks for it; None: only people do.
        is_of_installation: once for all workspaces, and not for each.
    """

    label: Text
    did: Text
    part_name: Text | None = None
    schedule: Every | Nightly | None = None
    is_of_installation: bool = False


KINDS: dict[str, Kind] = {
    "suggest-merges": Kind(
        _("Compare all customers"),
        _("{records} ids known, {compared} pairs compared, {offered} suggestions wait."),
        _("steps"),
        Nightly(4, 41),
    ),
    "fill-demo": Kind(
        _("Put the demo company in"),
        _("{facts} facts are in."),
        _("parts"),
    ),
    "remove-demo": Kind(
        _("Remove the demo company"),
        _("{facts} facts are gone."),
        _("imports"),
    ),
    "try-import": Kind(
        _("Try an import"),
        _("{rows} rows read, {rejected} of them rejected; nothing was written."),
        _("steps"),
    ),
    "import-file": Kind(
        _("Import a file"),
        _("{rows} rows added, {rejected} rejected."),
        _("steps"),
    ),
    "match-customers": Kind(
        _("Match customers by equal values"),
        _("{linked} new links, {withdrawn} withdrawn, {suggested} pairs for a person."),
        schedule=Every(5),
    ),
    "send-reports": Kind(
        _("Publish and send reports whose time has come"),
        _("{reports} reports, {letters} letters."),
        _("reports"),
        Every(10),
    ),
    "tell-owners": Kind(
        _("Tell owners of marks on journey maps that these fall due"),
        _("{letters} letters."),
        _("marks"),
        Every(30),
    ),
    "tell-case-owners": Kind(
        _("Tell who has cases that these are overdue"),
        _("{letters} letters."),
        _("cases"),
        Every(10),
    ),
    "send-surveys": Kind(
        _("Send surveys to people"),
        _("{sent} letters and messages, {reminded} reminders; {not_sent} could not be sent,"
          " {uncertain} may have been."),
        _("people"),
    ),
    "watch-alerts": Kind(
        _("Look at the alert rules"),
        _("{rules} rules looked at, {alerts} alerts."),
        _("rules"),
        Every(5),
    ),
    "tell-alerts": Kind(
        _("Tell people and teams of alerts"),
        _("{letters} letters, {messages} messages to channels."),
        _("recipients"),
        Every(1),
    ),
    "send-messages": Kind(
        _("Send messages to channels"),
        _("{sent} messages sent, {merged} told with others; {later} wait for another try, {dead}"
          " were given up."),
        _("messages"),
        Every(1),
    ),
    "ask-by-triggers": Kind(
        _("Ask whom an event asks for"),
        _("{triggers} triggers looked at; {asked} are asked, {withheld} withheld."),
        _("triggers"),
        Every(1),
    ),
    "learn": Kind(
        _("Learn how this workspace’s customers write"),
        _("{labels} labels of people and {comments} comments with a score learned from."),
        _("texts"),
    ),
    "fetch-verbatims": Kind(
        _("Fetch what customers say elsewhere"),
        _("{sources} sources asked: {added} verbatims added, {rejected} rejected; {failed} could"
          " not be read."),
        _("sources"),
        Every(1),
    ),
    "listen": Kind(
        _("Read what customers wrote"),
        _("{verbatims} verbatims read."),
        _("verbatims"),
        Every(1),
    ),
    "look-for-themes": Kind(
        _("Look for themes that nobody named"),
        _("{themes} themes found, {new} of them new."),
        _("clauses"),
        Every(15),
    ),
    "tend-log": Kind(
        _("Tend the log"),
        _("{tables} derived tables made anew."),
        schedule=Every(10),
    ),
    "end-what-is-kept": Kind(
        _("End what is kept no longer, and finish erasures"),
        _("{ended} rows ended, {erasures} erasures done."),
        schedule=Nightly(3, 17),
    ),
    "keep-house": Kind(
        _("Keep house"),
        _("Removed: {sessions} ended sessions, {rejects} old files of rejected rows, {uploads}"
          " files that nobody imported, {letters} old letters, {work} old entries of this page."),
        schedule=Nightly(3, 17),
        is_of_installation=True,
    ),
}  # fmt: skip
"""By the name that the store keeps. What runs each is in `zhiyin.processes.jobs`."""
