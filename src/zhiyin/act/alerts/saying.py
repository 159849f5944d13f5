"""An alert in words: what fired, why, and where to read on. For pages, letters and groups alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings as django
from django.urls import reverse

from zhiyin.accounts.workspaces import Settings
from zhiyin.act.alerts import conditions, fired, rules
from zhiyin.act.alerts.conditions import (
    Answer,
    Condition,
    Growing,
    Leaving,
    Measured,
    Often,
    Verbatim,
)
from zhiyin.act.alerts.models import Alert
from zhiyin.act.channels.writing import Words
from zhiyin.kernel import masking
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.figures import count, figure, interval
from zhiyin.kernel.text import Text, _
from zhiyin.listen.themes import kept as themes
from zhiyin.maps.document import said as in_her_language
from zhiyin.measure import registry
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log

FIRED = "alert.fired"
MOST_TOLD = 10
"""Alerts that one message tells with their words; of more, how many."""

MOST_IN_A_LETTER = 50

LONGEST_QUOTE = 300
MOST_DIGITS = 1_000_000

TABLE_NAMES: Mapping[str, Text] = {
    "clauses": _("customers a day who said this"),
    "verbatims": _("customers a day who wrote"),
    "answers": _("customers a day who answered so"),
    "events": _("customers a day to whom this happened"),
    "service_contacts": _("customers a day who contacted the service"),
    "refunds": _("customers a day who got a refund"),
}


@dataclass(frozen=True, slots=True)
class Quote:
    """The row that an alert is about, as it is now.

    Args:
        text: what she wrote; blank where she wrote nothing.
        score: what she answered.
    """

    text: str
    score: float | None
    customer: int | None
    touchpoint: str
    channel: str


def quotes(log: Log, workspace: str, alerts: Sequence[Alert]) -> dict[int, Quote]:
    """By number of the alert, the rows that alerts are about; what was erased has none.

    Args:
        log: as the reader may read it.
    """
    found: dict[int, Quote] = {}
    for table in ("verbatims", "answers"):
        mine = {alert.row: alert.number for alert in alerts if alert.table == table}
        if not mine:
            continue
        facts = lang.table(log.schema(workspace), table)
        rows = facts.filter(facts.seq.isin([row for row in mine if row is not None]))
        names = ["seq", "customer", "touchpoint", "channel"]
        names += ["text"] if table == "verbatims" else ["score", "source", "response"]
        held = log.execute(workspace, rows.select(*names), words=True).to_pylist()
        words = _words_of(log, workspace, held) if table == "answers" else {}
        for row in held:
            text = row.get("text") or words.get((row.get("source"), row.get("response")), "")
            found[mine[row["seq"]]] = Quote(
                text, row.get("score"), row["customer"], row["touchpoint"] or "",
                row["channel"] or "",
            )  # fmt: skip
    return found


def title(alert: Alert) -> str:
    """One line, in the language of the moment."""
    if alert.table:
        place = f" · {alert.touchpoint}" if alert.touchpoint else ""
        return f"{alert.rule_name}{place}"
    told, unit = alert.figures, str(alert.figures.get("unit"))
    held = {
        "rule": alert.rule_name,
        "value": _with_unit(told.get("value"), unit),
        "reference": _with_unit(told.get("reference"), unit),
    }
    if told.get("theme"):
        name = _theme_name(alert.workspace.slug, told["theme"])
        return str(_("{rule} · {theme} · {value} (before: {reference})", theme=name, **held))
    if told.get("reference_is") == "target":
        return str(_("{rule} · {value} (target {reference})", **held))
    return str(_("{rule} · {value} (before: {reference})", **held))


def why(alert: Alert, quote: Quote | None = None, *, sees_it: bool = False) -> list[Text]:
    """Why it fired, in sentences.

    Args:
        sees_it: whether personal data in what she wrote is told.
    """
    try:
        condition = conditions.read(alert.condition)
    except Problem as problem:  # of an earlier release
        return [problem.message]
    match condition:
        case Answer():
            return _of_answer(condition, alert, quote, sees_it=sees_it)
        case Verbatim():
            return _of_verbatim(condition, alert, quote, sees_it=sees_it)
        case Measured():
            return _of_figure(condition, alert.figures, sees_it=sees_it)
        case Growing():
            return _of_a_theme(condition, alert, sees_it=sees_it)
        case Leaving():
            return _of_those_who_left(condition, alert, sees_it=sees_it)
    return _of_counts(condition, alert.figures, sees_it=sees_it)


def quoted(quote: Quote, *, sees_it: bool) -> str:
    """What she wrote, shortened."""
    text = " ".join(quote.text.split())
    text = text if sees_it else masking.in_text(text)
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}…"


def link(alert: Alert) -> str:
    """The address of its page."""
    path = reverse("alert", args=[alert.workspace.slug, alert.number])
    return django.ZHIYIN_PUBLIC_URL.rstrip("/") + path


def to_a_team(log: Log, settings: Settings, abouts: Sequence[Mapping[str, Any]]) -> Words | None:
    """What a group or a service is told of alerts: personal data is masked."""
    numbers = [number for about in abouts for number in about.get("alerts", ())]
    alerts = list(fired.of(settings.slug).filter(number__in=numbers).order_by("number"))
    if not alerts:
        return None
    held = quotes(log, settings.slug, alerts)
    lines = [line for alert in alerts[:MOST_TOLD] for line in _lines(alert, held, len(alerts))]
    if len(alerts) > MOST_TOLD:
        lines.append(str(_("… and {n} more.", n=len(alerts) - MOST_TOLD)))
    is_one = len(alerts) == 1
    where = (
        link(alerts[0])
        if is_one
        else django.ZHIYIN_PUBLIC_URL.rstrip("/") + reverse("alerts", args=[settings.slug])
    )
    return Words(
        _headline(alerts),
        lines,
        link=where,
        link_text=str(_("Look at the alert") if is_one else _("Look at the alerts")),
        data={"alerts": [fired.as_dict(alert, sees_it=False) for alert in alerts]},
    )


def letter(
    log: Log, settings: Settings, alerts: Sequence[Alert], *, sees_it: bool
) -> tuple[str, str]:
    """Subject and body of a letter about alerts, in the language of the moment."""
    held = quotes(log, settings.slug, alerts)
    parts = []
    for alert in alerts[:MOST_IN_A_LETTER]:
        quote = held.get(alert.number)
        said = [str(one) for one in why(alert, quote, sees_it=sees_it)]
        parts.append("\n".join([title(alert), *said, link(alert)]))
    if len(alerts) > MOST_IN_A_LETTER:
        parts.append(str(_("… and {n} more.", n=len(alerts) - MOST_IN_A_LETTER)))
    end = _(
        "You get this letter because an alert rule of {workspace} names you. The page of the alert"
        " says which, and lets it rest.",
        workspace=settings.name,
    )
    return _headline(alerts), "\n\n".join([*parts, str(end)])


def _headline(alerts: Sequence[Alert]) -> str:
    if len(alerts) == 1:
        severity = rules.SEVERITIES[alerts[0].severity]
        return f"[{severity}] {title(alerts[0])}"
    return str(_("{n} alerts", n=len(alerts)))


def _lines(alert: Alert, held: Mapping[int, Quote], of: int) -> list[str]:
    said = [str(one) for one in why(alert, held.get(alert.number))]
    return said if of == 1 else [f"{title(alert)} {said[0]}"]


def _of_answer(
    condition: Answer, alert: Alert, quote: Quote | None, *, sees_it: bool
) -> list[Text]:
    limits = _("The rule looks for answers of {metric} from {low} to {high}.",
               metric=_metric_name(condition.metric), low=f"{condition.low:g}",
               high=f"{condition.high:g}")  # fmt: skip
    looked = [limits, *_narrowed(condition, sees_it=sees_it)]
    if quote is None:
        return [_erased(), *looked]
    said = _("A customer answered {score}.", score=f"{quote.score or 0:g}")
    return [said, *_wrote(quote, sees_it=sees_it), *_where(alert, quote), *looked]


def _of_verbatim(
    condition: Verbatim, alert: Alert, quote: Quote | None, *, sees_it: bool
) -> list[Text]:
    words = condition.text if sees_it else masking.in_text(condition.text)
    looked = [_("The rule looks for the words: {text}.", text=words)] if words else []
    where = conditions.filter_shown(condition, sees_it=sees_it)
    looked += [_("The rule looks for a clause with: {filter}.", filter=where)] if where else []
    if quote is None:
        return [_erased(), *looked]
    return [*_wrote(quote, sees_it=sees_it), *_where(alert, quote), *looked]


def _of_figure(condition: Measured, told: Mapping[str, Any], *, sees_it: bool) -> list[Text]:
    said = _("{metric} was {value} {interval} among {n} customers, each counted once, from {start}"
             " to {end}.",
             metric=registry.metric(condition.metric).label, **_now(told))  # fmt: skip
    looked = _narrowed(condition, sees_it=sees_it)
    return [said, _beside(told), *looked, _evidence(condition.direction, told)]


def _of_those_who_left(condition: Leaving, alert: Alert, *, sees_it: bool) -> list[Text]:
    told = alert.figures
    said = _("At “{touchpoint}”, {value} {interval} of {n} customers left, each counted once:"
             " their journeys were over from {start} to {end} and had not come to the goal.",
             touchpoint=_touchpoint_name(condition, alert), **_now(told))  # fmt: skip
    looked = _narrowed(condition, sees_it=sees_it)
    return [said, _beside(told), *looked, _evidence(condition.direction, told)]


def _of_a_theme(condition: Growing, alert: Alert, *, sees_it: bool) -> list[Text]:
    told = alert.figures
    said = _("Of {n} customers who said anything from {start} to {end}, {k} spoke of “{theme}”:"
             " {value} {interval}.",
             k=count(told["customers"]), theme=_theme_name(alert.workspace.slug, told["theme"]),
             **_now(told))  # fmt: skip
    if told["reference_customers"]:
        before = _("From {start} to {end} {k} of {n} had: {value} {interval}.",
                   k=count(told["reference_customers"]), **_before(told))  # fmt: skip
    else:
        before = _("It is new: from {start} to {end} none of {n} had spoken of it.",
                   **_before(told))  # fmt: skip
    looked = _narrowed(condition, sees_it=sees_it)
    return [said, before, *looked, _evidence("up", told)]


def _now(told: Mapping[str, Any]) -> dict[str, str | Text]:
    """The figure of a window, what it rests on and its days, for a sentence."""
    unit = str(told["unit"])
    return {
        "value": _with_unit(told["value"], unit),
        "interval": interval(told["low"], told["high"], unit),
        "n": count(told["n"]),
        "start": told["from"],
        "end": _last(told["to"]),
    }


def _before(told: Mapping[str, Any]) -> dict[str, str | Text]:
    """The same of the days that it is set against."""
    unit = str(told["unit"])
    return {
        "value": _with_unit(told["reference"], unit),
        "interval": interval(told.get("reference_low"), told.get("reference_high"), unit),
        "n": count(told["reference_n"]),
        "start": told["reference_from"],
        "end": _last(told["reference_to"]),
    }


def _beside(told: Mapping[str, Any]) -> Text:
    if told["reference_is"] == "target":
        target = _with_unit(told["reference"], str(told["unit"]))
        return _("It is watched against {value}.", value=target)
    return _("On the same days of the windows before, from {start} to {end}, it was {value}"
             " {interval}, among {n} customers.", **_before(told))  # fmt: skip


def _of_counts(condition: Often, told: Mapping[str, Any], *, sees_it: bool) -> list[Text]:
    said = _("{what}: {value} a day from {start} to {end} ({n} in all); before, from {earlier} to"
             " {until}, {reference} a day.",
             what=TABLE_NAMES[condition.table], value=figure(told["value"], "scale"),
             start=told["from"], end=_last(told["to"]), n=count(told["n"]),
             earlier=told["reference_from"], until=_last(told["reference_to"]),
             reference=figure(told["reference"], "scale"))  # fmt: skip
    looked = _narrowed(condition, sees_it=sees_it)
    return [said, *looked, _evidence(condition.direction, told)]


def _with_unit(value: float | None, unit: str) -> str | Text:
    """A figure as it stands in a sentence: a share with its sign."""
    written = figure(value, unit)
    return written if unit != "percent" or value is None else _("{n} %", n=written)


def _narrowed(condition: Condition, *, sees_it: bool) -> list[Text]:
    where = conditions.filter_shown(condition, sees_it=sees_it)
    return [_("Only where: {filter}.", filter=where)] if where else []


def _evidence(direction: str, told: Mapping[str, Any]) -> Text:
    held = {
        "e": _strength(told["e_value"]), "needed": _strength(told["threshold"]),
        "share": f"{100 * told['q']:.0f}",
    }  # fmt: skip
    if direction == "down":
        return _("The evidence that it has fallen is {e} (e-value); {needed} was needed, so that at"
                 " most {share} % of all alerts are expected to be false however often one looks.",
                 **held)  # fmt: skip
    return _("The evidence that it has risen is {e} (e-value); {needed} was needed, so that at most"
             " {share} % of all alerts are expected to be false however often one looks.",
             **held)  # fmt: skip


def _strength(e_value: float) -> str:
    """How strong evidence is; beyond a million nobody needs the digits."""
    return f"> {count(MOST_DIGITS)}" if e_value > MOST_DIGITS else count(round(e_value))


def _wrote(quote: Quote, *, sees_it: bool) -> list[Text]:
    if not quote.text:
        return []
    return [_("A customer wrote: “{text}”", text=quoted(quote, sees_it=sees_it))]


def _where(alert: Alert, quote: Quote) -> list[Text]:
    place = quote.touchpoint or alert.touchpoint
    if not place:
        return []
    if not quote.channel:
        return [_("At the touchpoint {touchpoint}.", touchpoint=place)]
    return [_("At the touchpoint {touchpoint}, by {channel}.", touchpoint=place,
              channel=quote.channel)]  # fmt: skip


def _erased() -> Text:
    return _("What it was about is not there any more, or not yours to see.")


def _theme_name(workspace: str, number: int) -> str:
    try:
        return themes.name_of(themes.get(workspace, number))
    except Problem:
        return f"#{number}"


def _touchpoint_name(condition: Leaving, alert: Alert) -> str:
    try:
        _map, node = conditions.node_of(condition, alert.workspace.slug)
    except Problem:  # it is not on the map any more
        return condition.touchpoint
    return in_her_language(node.name) or node.id


def _metric_name(slug: str) -> object:
    found = next((m for m in registry.METRICS.values() if slug in m.scored), None)
    return found.label if found else slug


def _last(end: object) -> str:
    """The last day of a half-open span."""
    day = date.fromisoformat(str(end))
    return date.fromordinal(day.toordinal() - 1).isoformat()


def _words_of(
    log: Log, workspace: str, held: Sequence[Mapping[str, Any]]
) -> dict[tuple[Any, Any], str]:
    responses = [row["response"] for row in held if row["response"]]
    if not responses:
        return {}
    said = lang.table(log.schema(workspace), "verbatims")
    rows = said.filter(said.response.isin(responses), said.text.notnull())
    found = log.execute(
        workspace, rows.order_by("seq").select("source", "response", "text"), words=True
    ).to_pylist()
    return {(row["source"], row["response"]): row["text"] for row in found}
