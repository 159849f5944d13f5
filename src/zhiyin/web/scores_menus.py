"""What the page *Scores* offers to choose: measures, columns, periods, comparisons, filters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.text import Text, _
from zhiyin.measure import asking, calendar, requests
from zhiyin.measure.asked import Asked
from zhiyin.measure.asking import AGAINST, EVERY, MISSING, MOST_WORDS, PRESETS
from zhiyin.measure.metric import Metric
from zhiyin.measure.words import COLUMNS
from zhiyin.warehouse.log import Log, Schema
from zhiyin.web.menus import Choice, menu, of_answers

TABS: dict[str, Text] = {
    "nps": _("NPS"),
    "csat": _("CSAT"),
    "ces": _("CES"),
    "ces_easy": _("CES, easy"),
    "rating": _("Rating mean"),
    "top_box": _("Top-2 box"),
    "bottom_box": _("Bottom-2 box"),
    "net_box": _("Net satisfaction"),
    "response_rate": _("Response rate"),
    "conversion": _("Conversion"),
    "order_value": _("Order value"),
    "purchase_frequency": _("Orders a customer"),
    "repurchase": _("Repurchase"),
    "sentiment": _("Sentiment"),
    "complaint_rate": _("Complaint rate"),
    "cart_abandonment": _("Cart abandonment"),
    "bounce": _("Bounce"),
}
"""The measures that the page offers, in this order; any other may be asked for by its address."""

DATES = {"": _("the answer"), "experience": _("the experience")}
MOST_MARKS = 100
MOST_FILTERS = 24
"""Columns offered as filters; the filter language reaches all."""


@dataclass(frozen=True, slots=True)
class Words:
    """What can be chosen in a column."""

    log: Log
    workspace: str
    schema: Schema
    metric: Metric

    def of(self, name: str) -> list[str]:
        """The words of a column, none where it holds numbers or too many of them."""
        column = requests.breakable(self.metric, self.schema).get(name)
        if column is None or column.domain is None:
            return []
        found = sorted(self.log.words(self.workspace, column.domain).values())
        return found if len(found) <= MOST_WORDS else []


def tabs(metric: Metric, given: Mapping[str, str]) -> tuple[tuple[str, str, bool, str], ...]:
    """The measures: slug, name, whether it is the one, the query of its address."""
    names = TABS if metric.slug in TABS else {**TABS, metric.slug: metric.label}
    fields = ("period", "from", "until", "where", "every", "rolling", "without")
    kept = {name: given[name] for name in fields if given[name]}
    return tuple(
        (slug, str(name), slug == metric.slug, urlencode({"metric": slug, **kept}))
        for slug, name in names.items()
    )


def menus(
    words: Words, known: Sequence[Asked], given: Mapping[str, str]
) -> dict[str, tuple[Choice, ...]]:
    """The menus of the page's sentence, by the field of the address that each one sets."""
    metric = words.metric
    columns = {
        "": _("nothing"),
        **{n: COLUMNS.get(n, n) for n in requests.breakable(metric, words.schema)},
    }
    against = {"": _("nothing"), **AGAINST}
    if asking.is_own_past(given["by"]):
        del against["rest"]
    groups = {"": _("choose"), **{word: word for word in words.of(given["by"])}, MISSING: MISSING}
    days = {"": _("of each period alone")} | {
        str(n): _("of the last {n} days", n=n) for n in (28, 90, 180, 365)
    }
    offered: dict[str, Mapping[str, object]] = {
        "by": columns,
        "every": {"": _("the whole time"), **EVERY},
        "rolling": days,
        "period": {"": _("dates of your own"), **PRESETS},
        "against": against,
        "group": groups,
        "other": groups,
    }
    found = {name: menu(given[name], options) for name, options in offered.items()}
    if metric.is_asked:
        found |= of_answers(metric, known, given)
        found["date_of"] = menu(given["date_of"], DATES)
    return found


def marks(
    settings: Settings, given: Mapping[str, str], scope: Filter | None
) -> dict[str, tuple[Choice, ...]]:
    """The menu of marks whose customers may be left out; none where nothing is marked."""
    found = calendar.of(settings, scope=scope)[:MOST_MARKS]
    if not found:
        return {}
    names = {str(one.number): f"{one.name} · {one.first:%Y-%m-%d}" for one in found}
    return {
        "without": menu(given["without"], {"": _("nobody"), **names}),
        "drop": menu(given["drop"], {"": _("the customers"), "facts": _("only these answers")}),
    }


def filters(
    chosen: Mapping[str, str], words: Words
) -> tuple[tuple[str, str, tuple[Choice, ...]], ...]:
    """Columns with the words that they can be narrowed to; chosen ones first."""
    possible = requests.breakable(words.metric, words.schema)
    own = [n for n in words.schema.dimensions_of(words.metric.table) if n in possible]
    order = dict.fromkeys([*chosen, "touchpoint", "channel", "unit", *own, *possible])
    found = []
    for name in order:
        options = words.of(name) if name in possible else []
        if name in chosen or len(options) > 1:
            every = {"": _("all"), **{word: word for word in options}, MISSING: MISSING}
            found.append((name, column_label(name), menu(chosen.get(name, ""), every)))
    return tuple(found[:MOST_FILTERS])


def column_label(name: str) -> str:
    """What people call a column."""
    return str(COLUMNS.get(name, name))
