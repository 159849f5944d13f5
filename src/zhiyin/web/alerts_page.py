"""The pages of alerts 预警 and of their rules: what addresses and forms ask, what they show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page as Part
from django.core.paginator import Paginator
from django.http import QueryDict
from django.urls import reverse

from zhiyin.accounts import people
from zhiyin.accounts.access import Access
from zhiyin.accounts.models import Role, Unit
from zhiyin.accounts.rights import ROLE_NAMES
from zhiyin.accounts.workspaces import Settings
from zhiyin.act.alerts import conditions, fired, parts, rules, saying, telling, windows
from zhiyin.act.alerts.actions import Wanted
from zhiyin.act.alerts.conditions import (
    COUNTED,
    KIND_NAMES,
    Answer,
    Condition,
    Growing,
    Leaving,
    Measured,
    Often,
    Verbatim,
)
from zhiyin.act.alerts.fired import CLOSED, Chosen
from zhiyin.act.alerts.models import Alert, Notice, Rule
from zhiyin.act.alerts.saying import Quote
from zhiyin.act.channels import kept as channels
from zhiyin.collect import tail
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _
from zhiyin.listen.themes import daily
from zhiyin.listen.themes import kept as themes
from zhiyin.maps import kept as maps
from zhiyin.maps.document import said
from zhiyin.measure import asking, registry
from zhiyin.measure.words import KINDS
from zhiyin.warehouse.log import Log
from zhiyin.web import personal
from zhiyin.web.menus import Choice, menu
from zhiyin.web.paged import Paged

ROWS = 50
FIELDS = ("status", "severity", "rule", "q")

DIRECTIONS: Mapping[str, Text] = {"down": _("falls"), "up": _("rises")}
WEEKDAYS: tuple[Text, ...] = (
    _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"),
    _("Sunday"),
)  # fmt: skip
TABLES: Mapping[str, Text] = {
    "clauses": _("customers who said something like this"),
    "verbatims": _("customers who wrote"),
    "answers": _("customers who answered so"),
    "events": _("customers to whom something happened"),
    "service_contacts": _("customers who contacted the service"),
    "refunds": _("customers who got a refund"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """An alert as it is listed."""

    alert: Alert
    title: str
    says: str

    @property
    def severity(self) -> str:
        """In words."""
        return str(rules.SEVERITIES[self.alert.severity])

    @property
    def status(self) -> str:
        """In words."""
        return str(fired.STATUSES[self.alert.status])


@dataclass(frozen=True, slots=True)
class Page(Paged):
    """A list of alerts. With a `problem` there are menus and no list."""

    given: Mapping[str, str]
    menus: Mapping[str, tuple[Choice, ...]]
    rows: tuple[Row, ...] = ()
    part: Part[Any] | None = None
    problem: Problem | None = None

    @property
    def is_asked(self) -> bool:
        """Whether anything narrows the list."""
        return any(self.given.values())


def listed(access: Access, log: Log, query: Mapping[str, str], *, sees_it: bool) -> Page:
    """The alerts that the address asks for; a mistake in it is shown in their place."""
    given = {name: query.get(name, "").strip() for name in FIELDS}
    slug = access.workspace.slug
    part_ = parts.of(access)
    named = rules.seen_by(rules.of(slug), part_)
    menus = {
        "status": menu(
            given["status"],
            {"": _("open"), CLOSED: _("over"), "dismissed": _("dismissed"), "all": _("all")},
        ),
        "severity": menu(given["severity"], {"": _("of any severity"), **rules.SEVERITIES}),
        "rule": menu(
            given["rule"], {"": _("every rule"), **{str(one.number): one.name for one in named}}
        ),
    }
    page = Page(given, menus)
    try:
        asked = Chosen(
            given["status"], given["severity"],
            int(given["rule"]) if given["rule"].isdecimal() else None, given["q"],
        )  # fmt: skip
        found = fired.seen_by(fired.chosen(slug, asked), part_, log)
    except Problem as problem:
        return Page(given, menus, problem=problem)
    part = Paginator(found, ROWS).get_page(query.get("page", "1"))
    alerts = list(part.object_list)
    quotes = saying.quotes(log, slug, alerts)
    return Page(
        page.given,
        page.menus,
        tuple(_row(one, quotes.get(one.number), sees_it=sees_it) for one in alerts),
        part,
    )


def _row(alert: Alert, quote: Quote | None, *, sees_it: bool) -> Row:
    says = saying.why(alert, quote, sees_it=sees_it)
    shown = saying.quoted(quote, sees_it=sees_it) if quote and quote.text else str(says[0])
    return Row(alert, saying.title(alert), shown)


# One alert


@dataclass(frozen=True, slots=True)
class Whole:
    """One alert with why it fired.

    Args:
        behind: the address of the rows behind it; blank: there is none.
        customer: of the customer's page; blank: there is none.
        notices: who was to be told, each with why she was not; blank: she was, or waits.
    """

    alert: Alert
    title: str
    why: tuple[Text, ...]
    quote: str
    severity: str
    status: str
    reason: str
    behind: str
    customer: str
    notices: tuple[tuple[Notice, Text | str], ...]


def whole(alert: Alert, access: Access, log: Log, *, sees_it: bool) -> Whole:
    """What the page of an alert shows."""
    settings = access.workspace
    quote = saying.quotes(log, settings.slug, [alert]).get(alert.number)
    # Her words stand above, by themselves.
    said = saying.why(alert, quote and replace(quote, text=""), sees_it=sees_it)
    wrote = saying.quoted(quote, sees_it=sees_it) if quote and quote.text else ""
    return Whole(
        alert,
        saying.title(alert),
        tuple(said),
        wrote,
        str(rules.SEVERITIES[alert.severity]),
        str(fired.STATUSES[alert.status]),
        str(fired.REASONS.get(alert.reason, "")),
        _behind(alert, settings),
        _customer(log, settings, quote, sees_it=sees_it),
        tuple(
            (one, telling.WHY_NOT.get(one.why_not, ""))
            for one in alert.notices.select_related("person", "channel").order_by("pk")
        ),
    )


def _behind(alert: Alert, settings: Settings) -> str:
    """Where the rows stand that a window was made of."""
    condition = conditions.read(alert.condition)
    if isinstance(condition, Answer | Verbatim):
        return ""
    start = date.fromisoformat(alert.figures["from"])
    end = date.fromisoformat(alert.figures["to"])
    if isinstance(condition, Measured):
        asked = asking.fields_of(windows.request_of(condition, start, end))
        is_asked = conditions.metric_of(condition).is_asked
        if not is_asked and condition.metric == "sentiment":
            return _voice(settings, condition.where, start, end)
        return f"{reverse('scores', args=[settings.slug])}?{asking.query_of(asked)}"
    if isinstance(condition, Growing):
        theme = alert.figures.get("theme")
        return reverse("voice-theme", args=[settings.slug, theme]) if theme else ""
    if isinstance(condition, Leaving):
        asked_days = urlencode({"from": start, "until": end - timedelta(days=1)})
        place = [settings.slug, condition.map, condition.touchpoint]
        return f"{reverse('map-node', args=place)}?{asked_days}"
    if condition.table == "clauses":
        return _voice(settings, condition.where, start, end)
    return ""


def _voice(settings: Settings, where: str, start: date, end: date) -> str:
    asked = {"from": start, "until": end - timedelta(days=1), "where": where}
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{reverse('voice', args=[settings.slug])}?{query}"


def _customer(log: Log, settings: Settings, quote: Quote | None, *, sees_it: bool) -> str:
    if quote is None or quote.customer is None:
        return ""
    ids = tail.ids_of(log, settings.slug, [quote.customer])
    return personal.address(
        settings.slug, quote.customer, ids.get(quote.customer) or "", sees_it=sees_it
    )


# Rules


@dataclass(frozen=True, slots=True)
class Starter:
    """A rule to begin with."""

    label: Text
    kind: str
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def query(self) -> str:
        """Of the address of a form that holds it."""
        return urlencode({"kind": self.kind, "name": str(self.label), **self.fields})


STARTERS: tuple[Starter, ...] = (
    Starter(_("Angry words"), "verbatim",
            {"where": "emotion = 'anger' and polarity = 'negative'", "severity": "urgent"}),
    Starter(_("Somebody wants to leave"), "verbatim", {"where": "intent = 'leave'"}),
    Starter(_("Something is urgent"), "verbatim",
            {"where": "urgency = 'urgent'", "severity": "urgent"}),
    Starter(_("Praise for us"), "verbatim",
            {"where": "intent = 'praise' and polarity = 'positive'", "severity": "info",
             "pace": "weekly"}),
    Starter(_("Detractors who say why"), "answer",
            {"metric": "nps", "low": "0", "high": "6", "has_words": "1"}),
    Starter(_("NPS falls"), "measure", {"metric": "nps", "direction": "down"}),
    Starter(_("Net sentiment falls"), "measure", {"metric": "sentiment", "direction": "down"}),
    Starter(_("More customers complain"), "often",
            {"table": "clauses", "where": "polarity = 'negative' and intent = 'complain'"}),
    Starter(_("Something new is spoken of"), "theme"),
    Starter(_("Customers leave at a touchpoint"), "leaving"),
)  # fmt: skip
"""What others begin with."""

TEXTS = (
    "name", "severity", "unit", "pace", "hour", "weekday", "quiet", "metric", "low", "high",
    "text", "where", "direction", "target", "question", "answers_kind", "days", "least", "table",
    "theme", "place",
)  # fmt: skip
SWITCHES = ("has_words", "to_owner")
LISTS = ("people", "roles", "channels")

USUAL = {
    "severity": "warning", "pace": "at_once", "hour": "9", "weekday": "0", "direction": "down",
    "days": "28", "low": "0", "high": "6", "metric": "nps", "table": "clauses",
}  # fmt: skip


def form_of(kind: str, asked: QueryDict) -> dict[str, Any]:
    """What the form says, as it was typed; what is not said is as usual."""
    usual = {**USUAL, "direction": "up"} if kind in ("often", "leaving") else USUAL
    typed: dict[str, Any] = {name: asked.get(name, usual.get(name, "")).strip() for name in TEXTS}
    typed |= {name: name in asked for name in SWITCHES}
    return {**typed, **{name: asked.getlist(name) for name in LISTS}, "kind": kind}


def form_of_rule(rule: Rule) -> dict[str, Any]:
    """What the form shows of a rule that is there."""
    condition = rules.condition_of(rule)
    held = {name: "" if value is None else value for name, value in
            conditions.plain(condition).items()}  # fmt: skip
    recipients = list(rule.recipients.all())
    return {
        **dict.fromkeys(TEXTS, ""),
        **USUAL,
        **{name: _typed(value) for name, value in held.items()},
        "place": f"{held.get('map', '')}/{held.get('touchpoint', '')}",
        "name": rule.name,
        "severity": rule.severity,
        "unit": rule.unit.key if rule.unit else "",
        "pace": rule.pace,
        "hour": str(rule.hour),
        "weekday": str(rule.weekday),
        "quiet": rule.quiet,
        "people": [one.person.login for one in recipients if one.person],
        "roles": [one.role for one in recipients if one.role],
        "channels": [one.channel.key for one in recipients if one.channel],
        "to_owner": any(one.is_owner for one in recipients),
    }


def _typed(value: object) -> object:
    return f"{value:g}" if isinstance(value, float) else value


def condition_in(typed: Mapping[str, Any], *, sees_it: bool) -> Condition:
    """What the form says is watched.

    Args:
        sees_it: whether whoever typed it sees personal data; else she filters by none.

    Raises:
        Problem: ``alerts.condition``, ``alerts.no-number``, ``personal.filter``,
            ``personal.search``; a filter that cannot be read.
    """
    kind = str(typed["kind"])
    found: Condition
    match kind:
        case "answer":
            found = Answer(
                metric=typed["metric"], low=_number(typed["low"]), high=_number(typed["high"]),
                has_words=bool(typed["has_words"]), where=typed["where"],
            )  # fmt: skip
        case "verbatim":
            personal.check_search(typed["text"], sees_it=sees_it)
            found = Verbatim(text=typed["text"], where=typed["where"])
        case "measure":
            found = Measured(
                metric=typed["metric"], direction=typed["direction"],
                target=_number(typed["target"]) if typed["target"] else None,
                where=typed["where"], question=typed["question"],
                answers_kind=typed["answers_kind"], days=_whole(typed["days"] or "28"),
                least=_whole(typed["least"] or "30"),
            )  # fmt: skip
        case "theme":
            found = Growing(
                theme=_whole(typed["theme"]) if typed["theme"] else None, where=typed["where"],
                days=_whole(typed["days"] or "28"), least=_whole(typed["least"] or "10"),
            )  # fmt: skip
        case "leaving":
            map_, _slash, touchpoint = typed["place"].partition("/")
            found = Leaving(
                map=map_, touchpoint=touchpoint, direction=typed["direction"],
                target=_number(typed["target"]) if typed["target"] else None,
                where=typed["where"], days=_whole(typed["days"] or "28"),
                least=_whole(typed["least"] or "30"),
            )  # fmt: skip
        case _:
            found = Often(
                table=typed["table"], where=typed["where"], direction=typed["direction"],
                days=_whole(typed["days"] or "28"), least=_whole(typed["least"] or "10"),
            )  # fmt: skip
    found = conditions.read(conditions.plain(found))
    personal.check_facts(conditions.columns_of(found), sees_it=sees_it)
    return found


def wanted_in(typed: Mapping[str, Any], *, sees_it: bool) -> Wanted:
    """The rule that the form says.

    Raises:
        Problem: as `condition_in`.
    """
    return Wanted(
        name=typed["name"],
        condition=condition_in(typed, sees_it=sees_it),
        severity=typed["severity"],
        unit=typed["unit"],
        people=typed["people"],
        roles=typed["roles"],
        channels=typed["channels"],
        to_owner=bool(typed["to_owner"]),
        pace=typed["pace"],
        hour=_whole(typed["hour"]),
        weekday=_whole(typed["weekday"]),
        quiet=typed["quiet"],
    )


def choices(access: Access, typed: Mapping[str, Any]) -> dict[str, Any]:
    """The menus of the form of a rule."""
    slug = access.workspace.slug
    scored = sorted({name for one in registry.METRICS.values() for name in one.scored})
    bounded = {
        slug_: one.label
        for slug_, one in registry.METRICS.items()
        if one.estimator in conditions.BOUNDED and one.unit in ("points", "percent", "scale")
    }
    named = {name: registry.METRICS[name].label if name in registry.METRICS else name
             for name in scored}  # fmt: skip
    return {
        "metrics": menu(typed["metric"], named if typed["kind"] == "answer" else bounded),
        "directions": menu(typed["direction"], DIRECTIONS),
        "tables": menu(typed["table"], {name: TABLES[name] for name in COUNTED}),
        "answers_kinds": menu(typed["answers_kind"], {"": _("all kinds"), **KINDS}),
        "severities": menu(typed["severity"], rules.SEVERITIES),
        "paces": menu(typed["pace"], rules.PACES),
        "hours": menu(str(typed["hour"]), {str(n): f"{n:02d}:00" for n in range(24)}),
        "weekdays": menu(str(typed["weekday"]), {str(n): day for n, day in enumerate(WEEKDAYS)}),
        "units": menu(typed["unit"], _units(access)),
        "members": [
            (one.person.login, str(one.person), one.person.login in typed["people"])
            for one in people.members(slug)
        ],
        "role_choices": [
            (role.value, ROLE_NAMES[role], role.value in typed["roles"]) for role in Role
        ],
        "channel_choices": [
            (one.key, one.name, one.key in typed["channels"]) for one in channels.of(slug)
        ],
        "themes": menu(str(typed["theme"]), _themes(slug)) if typed["kind"] == "theme" else (),
        "places": menu(typed["place"], _places(slug)) if typed["kind"] == "leaving" else (),
        "kind_name": KIND_NAMES[str(typed["kind"])],
    }


def kinds() -> Sequence[tuple[str, Text]]:
    """The kinds of rules, in the order in which they are offered."""
    return tuple(KIND_NAMES.items())


def _themes(workspace: str) -> dict[str, object]:
    named = {str(one.number): themes.name_of(one) for one in daily.open_themes(workspace)}
    return {"": _("every theme"), **named}


def _places(workspace: str) -> dict[str, object]:
    """The touchpoints of maps that are bound to events, by map and id."""
    found: dict[str, object] = {}
    for held in maps.of(workspace):
        _version, drawn = maps.shown(held)
        for node in drawn.nodes:
            if node.events:
                name = f"{said(drawn.name) or held.key} · {said(node.name) or node.id}"
                found[f"{held.key}/{node.id}"] = name
    return found


def _units(access: Access) -> dict[str, object]:
    found = Unit.objects.filter(workspace__slug=access.workspace.slug)
    if access.scope is not None:
        return {one.key: one.name for one in found.filter(key__in=parts.of(access).units)}
    return {"": _("the whole organisation"), **{one.key: one.name for one in found}}


def _number(text: object) -> float:
    try:
        return float(str(text).replace("−", "-"))
    except ValueError:
        raise _no_number(text) from None


def _whole(text: object) -> int:
    written = str(text).strip()
    if written.isascii() and written.isdigit() and len(written) < 7:
        return int(written)
    raise _no_number(text)


def _no_number(text: object) -> Problem:
    return Problem(
        "alerts.no-number",
        _("“{text}” is no number.", text=str(text)[:40]),
        _("Write digits only."),
    )
