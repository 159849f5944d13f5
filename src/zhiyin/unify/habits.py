"""The behaviour record and the preference record: how one customer buys, and how sure that is.

Her purchases are a sample of how she buys. Each line says what was counted, of how many, and an
interval; under `MINIMUM` purchases it says that there are not enough, and no figure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from zhiyin.kernel import figures
from zhiyin.kernel.text import Text, _
from zhiyin.stats import middle, proportion, rate
from zhiyin.stats.estimate import Estimate
from zhiyin.stats.totals import Totals

MINIMUM = 6
"""Purchases under which nothing is said: of five values no two enclose their median with 95 %."""

YEAR_DAYS = 365.25

Row = Mapping[str, Any]
State = Literal["ok", "too_few", "unknown"]


@dataclass(frozen=True, slots=True)
class Habit:
    """One line of a record.

    Args:
        name: what it is about.
        value: what is so, in words; None unless `state` is ``ok``.
        estimate: the figure behind it, with its interval.
        unit: of the figure: ``percent``, ``money``, ``rate``.
        definition: how it was computed.
        n: purchases that it rests on.
        state: ``too_few`` purchases, or ``unknown`` where the log lacks what it takes.
    """

    name: Text
    value: Text | str | None
    definition: Text
    n: int
    state: State = "ok"
    estimate: Estimate | None = None
    unit: str = "percent"
    currency: str = ""

    @property
    def interval(self) -> str:
        """The interval as it is written, blank where there is none."""
        if self.estimate is None or self.estimate.low is None:
            return ""
        unit = "money" if self.unit == "rate" else self.unit
        return figures.interval(self.estimate.low, self.estimate.high, unit)


@dataclass(frozen=True, slots=True)
class Market:
    """What is usual among all customers, from their latest order lines and orders.

    Args:
        price: category → median price of one.
        quantity: category → median quantity of a line.
        promoted: share of orders that were bought in a promotion; None where nobody records it.
        lines: how many order lines it rests on.
    """

    price: Mapping[str, float]
    quantity: Mapping[str, float]
    promoted: float | None
    lines: int


def behaviour(orders: Sequence[Row], lines: Sequence[Row], now: datetime) -> tuple[Habit, ...]:
    """Category, way of buying, frequency, amount (C33)."""
    return (
        _category(lines),
        _channel(orders),
        _frequency(orders, now),
        *_amounts(orders),
    )


def preference(
    orders: Sequence[Row], lines: Sequence[Row], dimensions: Sequence[str], market: Market
) -> tuple[Habit, ...]:
    """Taste, quality tendency, stock-up habit, price sensitivity (C34)."""
    return (
        *_tastes(orders, lines, dimensions),
        _quality(lines, market),
        _stock(lines, market),
        _price(orders, dimensions, market),
    )


def share(hits: Sequence[bool]) -> Estimate | None:
    """The share of yes among her purchases, per cent, with Wilson's interval."""
    if not hits:
        return None
    found = proportion.estimate(Totals.of([float(hit) for hit in hits], range(len(hits))))
    return found.times(100) if found else None


def _category(lines: Sequence[Row]) -> Habit:
    name = _("Category")
    definition = _(
        "the category on which she has spent most, and the share of her orders that have it in them"
    )
    with_lines: dict[str, set[str]] = {}
    spent: Counter[str] = Counter()
    for line in lines:
        if line["category"] and line["order_id"]:
            with_lines.setdefault(line["order_id"], set()).add(line["category"])
            spent[line["category"]] += line["amount"] or 0
    if not spent:
        return Habit(name, None, definition, 0, "unknown")
    top = max(spent, key=lambda category: (spent[category], category))
    return _one(name, definition, top, [top in categories for categories in with_lines.values()])


def _channel(orders: Sequence[Row]) -> Habit:
    name = _("Way of buying")
    definition = _("the channel of most of her orders, and its share of her orders")
    held = [(order["channel"],) for order in orders if order["channel"]]
    if not held:
        return Habit(name, None, definition, 0, "unknown")
    return _most(name, definition, held)


def _frequency(orders: Sequence[Row], now: datetime) -> Habit:
    name = _("Frequency")
    definition = _(
        "her orders after the first, over the time since the first; an exact Poisson interval"
    )
    if len(orders) < MINIMUM:
        return Habit(name, None, definition, len(orders), "too_few", unit="rate")
    first = min(order["occurred_at"] for order in orders)
    years = (now - first).total_seconds() / 86400 / YEAR_DAYS
    # The first order starts the clock, so it is not one of those that came in that time.
    found = rate.estimate(len(orders) - 1, years)
    if found is None:
        return Habit(name, None, definition, len(orders), "unknown", unit="rate")
    value = _("{rate} orders a year", rate=figures.figure(found.value, "money"))
    return Habit(name, value, definition, len(orders), estimate=found, unit="rate")


def _amounts(orders: Sequence[Row]) -> list[Habit]:
    name = _("Amount of a purchase")
    definition = _("the median amount of her orders, refunds left aside; interval by rank")
    by_currency: dict[str, list[float]] = {}
    for order in orders:
        if order["amount"] is not None and order["currency"]:
            by_currency.setdefault(order["currency"], []).append(float(order["amount"]))
    if not by_currency:
        return [Habit(name, None, definition, 0, "unknown", unit="money")]
    found = []
    for currency, amounts in sorted(by_currency.items(), key=lambda pair: -len(pair[1])):
        if len(amounts) < MINIMUM:
            found.append(
                Habit(name, None, definition, len(amounts), "too_few", None, "money", currency)
            )
            continue
        one = middle.estimate(amounts)
        value = f"{currency} {figures.figure(one.value if one else None, 'money')}"
        found.append(Habit(name, value, definition, len(amounts), "ok", one, "money", currency))
    return found


def _tastes(orders: Sequence[Row], lines: Sequence[Row], dimensions: Sequence[str]) -> list[Habit]:
    """What most of her orders share: a product, or a dimension of orders."""
    found = []
    products = [(line["product"],) for line in lines if line["product"]]
    categories = {line["category"] for line in lines}
    definition = _("what most of her orders have in common in this column, and its share of them")
    if products and not {product for (product,) in products} <= categories:
        found.append(_most(_("Taste: {column}", column=_("product")), definition, products))
    for dimension in dimensions:
        held = [(order[f"d_{dimension}"],) for order in orders if order.get(f"d_{dimension}")]
        if held:
            found.append(_most(_("Taste: {column}", column=dimension), definition, held))
    if not found:
        return [Habit(_("Taste"), None, definition, 0, "unknown")]
    # What she is surest of comes first; three are enough to know her by.
    found.sort(key=lambda habit: -((habit.estimate.low or 0) if habit.estimate else -1))
    return found[:3]


def _quality(lines: Sequence[Row], market: Market) -> Habit:
    name = _("Quality tendency")
    definition = _(
        "share of her order lines that cost more a piece than half of all lines of their category"
        " do (the latest {count} lines of all customers)",
        count=figures.count(market.lines),
    )
    above = []
    for line in lines:
        price = market.price.get(line["category"] or "")
        if price is None or not line["quantity"] or line["amount"] is None:
            continue
        above.append(float(line["amount"]) / float(line["quantity"]) > price)
    return _leaning(
        name,
        definition,
        above,
        50.0,
        _("dearer than most"),
        _("cheaper than most"),
        _("as others do"),
    )


def _stock(lines: Sequence[Row], market: Market) -> Habit:
    name = _("Stock-up habit")
    definition = _(
        "share of her orders with a line of at least twice the quantity that is usual in its"
        " category (and of two or more)"
    )
    large: dict[str, bool] = {}
    for line in lines:
        usual = market.quantity.get(line["category"] or "")
        if usual is None or line["quantity"] is None or not line["order_id"]:
            continue
        is_large = float(line["quantity"]) >= max(2 * usual, 2.0)
        large[line["order_id"]] = large.get(line["order_id"], False) or is_large
    return _leaning(
        name,
        definition,
        list(large.values()),
        50.0,
        _("stocks up"),
        _("one purchase at a time"),
        _("now and then"),
    )


PROMOTIONS = ("promotion", "coupon", "discount", "voucher", "campaign", "促销", "优惠券", "折扣")
"""Dimensions of orders that say that an order was bought at a special price."""


def _price(orders: Sequence[Row], dimensions: Sequence[str], market: Market) -> Habit:
    name = _("Price sensitivity")
    column = next((d for d in dimensions if d.lower() in PROMOTIONS), None)
    definition = _(
        "share of her orders bought in a promotion, beside the share among all customers' latest"
        " orders"
    )
    if column is None or market.promoted is None:
        return Habit(name, None, definition, 0, "unknown")
    hits = [bool(order.get(f"d_{column}")) for order in orders]
    return _leaning(
        name,
        definition,
        hits,
        market.promoted,
        _("buys in promotions more than others"),
        _("buys in promotions less than others"),
        _("cannot be told from others"),
    )


def _leaning(
    name: Text,
    definition: Text,
    hits: Sequence[bool],
    usual: float,
    more: Text,
    less: Text,
    between: Text,
) -> Habit:
    """A share beside what is usual: more or less only where the interval leaves it out."""
    if not hits:
        return Habit(name, None, definition, 0, "unknown")
    if len(hits) < MINIMUM:
        return Habit(name, None, definition, len(hits), "too_few")
    found = share(hits)
    if found is None or found.low is None or found.high is None:
        return Habit(name, None, definition, len(hits), "unknown")
    words = more if found.low > usual else less if found.high < usual else between
    value = _("{words}: {share}%", words=words, share=figures.figure(found.value, "percent"))
    return Habit(name, value, definition, len(hits), estimate=found)


def _most(name: Text, definition: Text, held: Sequence[tuple[str, ...]]) -> Habit:
    """The word that most rows have, with its share of the rows."""
    counted = Counter(word for words in held for word in set(words))
    word, _count = max(counted.items(), key=lambda pair: (pair[1], pair[0]))
    return _one(name, definition, word, [word in words for words in held])


def _one(name: Text, definition: Text, word: str, hits: Sequence[bool]) -> Habit:
    """A word with its share of her purchases."""
    if len(hits) < MINIMUM:
        return Habit(name, None, definition, len(hits), "too_few")
    found = share(hits)
    if found is None:
        return Habit(name, None, definition, len(hits), "unknown")
    value = f"{word} {figures.figure(found.value, 'percent')}%"
    return Habit(name, value, definition, len(hits), estimate=found)
