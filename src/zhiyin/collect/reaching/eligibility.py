"""Who may be asked at a moment, and why the others are not: one query a matter, whoever many.

A customer is judged, not an id: what was said or done under any id that is hers counts. Everything
goes by the moment at which she would be written to, which is the end of her quiet hours where the
moment that was wanted lies in them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from zhiyin.accounts.workspaces import settings_of
from zhiyin.collect.models import Asking, AskingState, Survey, SurveyVersion
from zhiyin.collect.reaching import rules as contact_rules
from zhiyin.collect.reaching.quiet import Quiet, is_zone
from zhiyin.collect.reaching.rules import Rules
from zhiyin.collect.surveys.inviting import Invited
from zhiyin.kernel.text import Text, _
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log

ZONE = "timezone"
"""The trait that says by which clock a customer lives: an IANA name."""

ASKED = "invited"
"""The action of `exposures` from which a cool-down counts."""

REASONS: dict[str, Text] = {
    "no_consent": _("has not given consent"),
    "withdrawn": _("has withdrawn consent"),
    "incident": _("waits for us in an open incident"),
    "cool_down_kind": _("was asked by a survey of this kind a short while ago"),
    "cool_down": _("was asked a short while ago"),
}
"""Why somebody is withheld, as `exposures` calls it, in the order in which it is looked for."""

Name = tuple[str, str]
"""Kind and id of a customer as whoever asks calls her."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether somebody may be asked.

    Args:
        due_at: when: the moment that was wanted, or the end of her quiet hours (UTC, naive).
        reason: a key of `REASONS`; blank: she may be asked.
    """

    due_at: datetime
    reason: str = ""


class Said(NamedTuple):
    """A statement about consent. Of one moment the withdrawal is the greater."""

    at: datetime
    is_withdrawn: bool


@dataclass(slots=True)
class Known:
    """What is known of one customer that the rules ask about.

    Args:
        zone: hers; blank: she has none of her own.
        consents: statements about the purpose and the channel, the oldest first.
        turns: beginnings (True) and ends of incidents, the oldest first.
        contacts: service contacts of each issue, each whether it resolved it, the oldest first.
        asked: when, and by a survey of what kind.
        waiting: the same of askings that are to be sent.
    """

    zone: str = ""
    consents: list[Said] = field(default_factory=list)
    turns: list[tuple[datetime, bool]] = field(default_factory=list)
    contacts: dict[str, list[tuple[datetime, int, bool]]] = field(default_factory=dict)
    asked: list[tuple[datetime, str]] = field(default_factory=list)
    waiting: list[tuple[datetime, str]] = field(default_factory=list)


def judge(
    log: Log,
    *,
    workspace: str,
    kind: str,
    channel: str,
    people: Sequence[Invited],
    at: datetime | Sequence[datetime],
    besides: Collection[str] = (),
) -> list[Verdict]:
    """Whether each may be asked, in their order; who comes first takes the place of who is the same
    customer and comes later.

    Args:
        kind: of the survey: ``relationship``, ``journey``, ``touchpoint``; blank: it has none.
        channel: by which they would be asked, as consents call it.
        at: when they would be (UTC, naive): one moment, or one for each.
        besides: tokens of askings that do not count: those that are being judged again.
    """
    rules = contact_rules.of(workspace)
    zone = settings_of(workspace).timezone
    moments = [at] * len(people) if isinstance(at, datetime) else list(at)
    if not people:
        return []
    span = (min(moments), max(moments) + timedelta(days=1))
    names = [(one.customer_kind, one.customer) for one in people]
    whose, known = _Reading(log, workspace, rules, channel, span, frozenset(besides)).of(names)
    bench = _Bench(rules, kind, zone, rules.quiet_hours)
    due = [
        bench.due(known[whose[name]], moment) for name, moment in zip(names, moments, strict=True)
    ]
    verdicts: list[Verdict] = [Verdict(moment) for moment in due]
    for place in sorted(range(len(due)), key=lambda n: due[n]):
        verdicts[place] = bench.verdict(known[whose[names[place]]], due[place])
    return verdicts


@dataclass(slots=True)
class _Bench:
    """Decides about one customer after the other, the earliest moment first."""

    rules: Rules
    kind: str
    zone: str
    hours: Quiet | None
    _dues: dict[tuple[datetime, str], datetime] = field(default_factory=dict)

    def due(self, known: Known, at: datetime) -> datetime:
        """When she is written to."""
        if self.hours is None:
            return at
        zone = known.zone or self.zone
        # A list has one moment and a few dozen zones.
        if (at, zone) not in self._dues:
            self._dues[at, zone] = self.hours.due(at, zone)
        return self._dues[at, zone]

    def verdict(self, known: Known, at: datetime) -> Verdict:
        """What becomes of her; who may be asked counts as asked from now on."""
        reason = self._reason(known, at)
        if not reason:
            known.waiting.append((at, self.kind))
        return Verdict(at, reason)

    def _reason(self, known: Known, at: datetime) -> str:
        said = _last(known.consents, at)
        if said is not None and said.is_withdrawn:
            return "withdrawn"
        if said is None and self.rules.needs_consent:
            return "no_consent"
        if self.rules.pauses_in_incident and _is_open(known, at, self.rules.incident_days):
            return "incident"
        if self._was_asked(known, at, self.rules.days(self.kind), self.kind):
            return "cool_down_kind"
        if self._was_asked(known, at, self.rules.days_any, None):
            return "cool_down"
        return ""

    def _was_asked(self, known: Known, at: datetime, days: int, kind: str | None) -> bool:
        """Whether less than so many days lie between this asking and another."""
        length = timedelta(days=days)
        before = any(
            kind in (None, other) and timedelta() <= at - then < length
            for then, other in known.asked
        )
        # What waits may be sent after this, and then stands as near.
        return before or any(
            kind in (None, other) and abs(at - then) < length for then, other in known.waiting
        )


def _last(consents: list[Said], at: datetime) -> Said | None:
    place = bisect_right(consents, Said(at, is_withdrawn=True))
    return consents[place - 1] if place else None


def _is_open(known: Known, at: datetime, days: int) -> bool:
    """Whether she is in an incident: the last event of the pair begins one, or the latest contact
    about an issue left it unresolved, no longer ago than so many days."""
    since = at - timedelta(days=days)
    turns = [turn for turn in known.turns if turn[0] <= at]
    if turns and turns[-1][1] and turns[-1][0] > since:
        return True
    for contacts in known.contacts.values():
        until = [one for one in contacts if one[0] <= at]
        if until and not until[-1][2] and until[-1][0] > since:
            return True
    return False


class _Reading:
    """Reads what is known of some customers: one query a matter.

    Args:
        channel: of consents.
        span: the moments that are asked about lie in it.
        besides: tokens of askings that do not count.
    """

    def __init__(
        self,
        log: Log,
        workspace: str,
        rules: Rules,
        channel: str,
        span: tuple[datetime, datetime],
        besides: frozenset[str],
    ) -> None:
        self._log = log
        self._workspace = workspace
        self._rules = rules
        self._channel = channel
        self._first, self._last = span
        self._besides = besides
        self._kinds = kinds_of(workspace)
        self._schema = log.schema(workspace)

    def of(self, names: Sequence[Name]) -> tuple[dict[Name, int], dict[int, Known]]:
        """The customer of each name, and what is known of each customer. Whom the log has never
        met has a number below zero."""
        whose = customers_of(self._log, self._workspace, names)
        for name in names:
            whose.setdefault(name, -1 - len(whose))
        known = {customer: Known() for customer in whose.values()}
        self._keys = sorted(customer for customer in known if customer >= 0)
        self._zones(known)
        self._consents(known)
        if self._rules.pauses_in_incident:
            self._incidents(known)
            self._contacts(known)
        self._asked(known)
        self._waiting(known, whose)
        return whose, known

    def _rows(
        self, query: lang.Expression, *, by: str = "customer", words: bool = False
    ) -> Iterator[dict[str, Any]]:
        """Rows of these customers alone: of a few sought out, of many read with those of others."""
        if not self._keys:
            return iter(())
        few = self._keys if len(self._keys) <= FEW else None
        if few is None:
            query = query.semi_join(lang.given_numbers(self._keys, by), by)
        found = self._log.execute(self._workspace, query, words=words, customers=few, seconds=60.0)
        return iter(found.to_pylist())

    def _zones(self, known: Mapping[int, Known]) -> None:
        traits = lang.table(self._schema, "traits")
        query = traits.filter(
            _says(traits.name, "name", ZONE) & (traits.occurred_at <= lang.timestamp(self._last))
        ).select("customer", "value", "occurred_at", "seq")
        newest: dict[int, tuple[datetime, int]] = {}
        for row in self._rows(query):
            place = (row["occurred_at"], row["seq"])
            customer = row["customer"]
            if customer in known and place >= newest.get(customer, place):
                newest[customer] = place
                named = (row["value"] or "").strip()
                known[customer].zone = named if is_zone(named) else ""

    def _consents(self, known: Mapping[int, Known]) -> None:
        consents = lang.table(self._schema, "consents")
        is_hers = consents.channel.isnull() | _says(consents.channel, "channel", self._channel)
        query = consents.filter(
            _says(consents.purpose, "purpose", self._rules.purpose) & is_hers
        ).select("customer", "is_given", "occurred_at")
        for row in self._rows(query):
            if row["customer"] in known:
                said = Said(row["occurred_at"], not row["is_given"])
                known[row["customer"]].consents.append(said)
        for one in known.values():
            one.consents.sort()

    def _incidents(self, known: Mapping[int, Known]) -> None:
        begins, ends = self._rules.incident_begins, self._rules.incident_ends
        if not begins:
            return
        events = lang.table(self._schema, "events")
        query = events.filter(
            _says(events.name, "name", begins, ends)
            & (events.occurred_at >= lang.timestamp(self._since(self._rules.incident_days)))
        ).select("customer", "name", "occurred_at")
        for row in self._rows(query, words=True):
            if row["customer"] in known:
                turn = (row["occurred_at"], row["name"] == begins)
                known[row["customer"]].turns.append(turn)
        for one in known.values():
            # Of one moment the end comes last.
            one.turns.sort(key=lambda turn: (turn[0], not turn[1]))

    def _contacts(self, known: Mapping[int, Known]) -> None:
        contacts = lang.table(self._schema, "service_contacts")
        since = lang.timestamp(self._since(self._rules.incident_days))
        issue = lang.coalesce(contacts.issue, contacts.id).name("about")
        query = contacts.filter(contacts.occurred_at >= since).select(
            "customer", issue, "is_resolved", "occurred_at", "seq"
        )
        for row in self._rows(query):
            if row["customer"] in known:
                one = (row["occurred_at"], row["seq"], bool(row["is_resolved"]))
                known[row["customer"]].contacts.setdefault(row["about"], []).append(one)
        for held in known.values():
            for listed in held.contacts.values():
                listed.sort()

    def _asked(self, known: Mapping[int, Known]) -> None:
        exposures = lang.table(self._schema, "exposures")
        longest = max(getattr(self._rules, name) for name in contact_rules.DAYS)
        query = exposures.filter(
            _says(exposures.action, "action", ASKED)
            & (exposures.occurred_at >= lang.timestamp(self._since(longest)))
        ).select("customer", "survey", "invitation", "occurred_at")
        for row in self._rows(query, words=True):
            if row["customer"] in known and row["invitation"] not in self._besides:
                then = (row["occurred_at"], self._kinds.get(row["survey"], ""))
                known[row["customer"]].asked.append(then)

    def _waiting(self, known: Mapping[int, Known], whose: Mapping[Name, int]) -> None:
        """What is to be sent, and stands in no row of the log yet: to any id of hers."""
        hers = dict(whose)
        for row in self._rows(lang.ids().select("key", "kind", "id"), by="key"):
            hers[row["kind"], row["id"]] = row["key"]
        askings = Asking.objects.filter(
            workspace__slug=self._workspace,
            state__in=[AskingState.WAITING, AskingState.SENDING],
            sent_at__isnull=True,
            is_over=False,
        ).order_by()  # in the order of rows SQLite would read the whole workspace
        names = sorted({name for _kind, name in hers})
        for start in range(0, len(names), AT_ONCE):
            waiting = askings.filter(customer__in=names[start : start + AT_ONCE]).values_list(
                "customer_kind", "customer", "due_at", "distribution__survey__key", "token"
            )
            for kind, customer, due_at, survey, token in waiting:
                key = hers.get((kind, customer))
                if key is not None and key in known and token not in self._besides:
                    due = due_at.astimezone(UTC).replace(tzinfo=None)
                    known[key].waiting.append((due, self._kinds.get(survey, "")))

    def _since(self, days: int) -> datetime:
        return self._first - timedelta(days=days)


FEW = 500
"""So many customers are sought out; of more, everybody's rows are read."""

AT_ONCE = 500
"""Names for whose askings the store is asked together."""


def customers_of(log: Log, workspace: str, names: Sequence[Name]) -> dict[Name, int]:
    """The customer (her key after merges) of each kind and id that the log knows."""
    if not names:
        return {}
    ids = lang.ids()
    wanted = set(names)
    asked = lang.given(sorted({name for _kind, name in wanted}), "id")
    query = ids.semi_join(asked, "id").select("kind", "id", "key")
    rows = log.execute(workspace, query, seconds=60.0).to_pylist()
    found = {(row["kind"], row["id"]): int(row["key"]) for row in rows}
    return {name: key for name, key in found.items() if name in wanted}


class _Kinded(msgspec.Struct):
    kind: str = "touchpoint"


def kinds_of(workspace: str) -> dict[str, str]:
    """The kind of each survey, by its key: of the version that customers see, else of the draft."""
    published = SurveyVersion.objects.filter(survey=OuterRef("pk")).order_by("-number")
    surveys = Survey.objects.filter(workspace__slug=workspace).values_list(
        "key", Coalesce(Subquery(published.values("document")[:1]), "draft")
    )
    return {key: msgspec.json.decode(written, type=_Kinded).kind for key, written in surveys}


def _says(column: lang.Value, domain: str, *words: str) -> lang.Value:
    """The condition that a coded column holds one of some words."""
    dictionary = lang.words()
    known = dictionary.filter(
        (dictionary.domain == domain) & dictionary.word.isin([word for word in words if word])
    )
    return column.isin(known.code)
