"""How large the company is, which days it covers, and when its stories happen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

ZONE = "Asia/Shanghai"
AHEAD = 8 * 3600
"""Seconds that Chinese clocks are ahead of UTC, all year."""
DAY = 86_400
CHUNK = 4_000
"""Customers made at a time; a chunk is the same in a company of any size that holds it whole."""
FILES_UNTIL = date(2026, 6, 30)


@dataclass(frozen=True)
class Plan:
    """One company.

    Args:
        seed: another seed, another company with the same truths.
        customers: known customers; passers-by come on top.
        months: how long the history is.
        until: its last day (Chinese days).

    Raises:
        Problem: ``demo.too-small`` or ``demo.too-large``.
    """

    seed: int = 20_260_630
    customers: int = 20_000
    months: int = 24
    until: date = FILES_UNTIL

    def __post_init__(self) -> None:
        if self.customers < 100 or self.months < 1:
            raise Problem(
                "demo.too-small",
                _(
                    "A demo company has at least 100 customers and 1 month, not {customers} and"
                    " {months}.",
                    customers=self.customers,
                    months=self.months,
                ),
                _("Leave --customers and --months out for 20,000 customers and 24 months."),
            )
        if self.customers > 10_000_000 or self.months > 120:
            raise Problem(
                "demo.too-large",
                _(
                    "A demo company has at most 10,000,000 customers and 120 months, not"
                    " {customers} and {months}.",
                    customers=self.customers,
                    months=self.months,
                ),
                _("Ask for fewer."),
            )

    @cached_property
    def first(self) -> date:
        """The first day."""
        end = self.until + timedelta(days=1)
        months = end.year * 12 + end.month - 1 - self.months
        last = (date(months // 12, months % 12 + 1, 28) + timedelta(days=4)).replace(day=1)
        return date(months // 12, months % 12 + 1, min(end.day, (last - timedelta(days=1)).day))

    @cached_property
    def days(self) -> int:
        """How many days, the last included."""
        return (self.until - self.first).days + 1

    @cached_property
    def start(self) -> int:
        """The first instant, in seconds since 1970."""
        midnight = datetime(self.first.year, self.first.month, self.first.day, tzinfo=UTC)
        return int(midnight.timestamp()) - AHEAD

    @property
    def end(self) -> int:
        """The first instant after the last day."""
        return self.start + self.days * DAY

    @property
    def chunks(self) -> int:
        """How many chunks of customers."""
        return -(-self.customers // CHUNK)

    def day_of(self, day: date) -> int:
        """A date as a number of days since the first."""
        return (day - self.first).days

    def date_of(self, day: int) -> date:
        """The date of a number of days since the first."""
        return self.first + timedelta(days=day)

    def moment(self, day: int, hour: float = 0.0) -> int:
        """An hour of a day, in seconds since 1970."""
        return self.start + day * DAY + round(hour * 3600)

    @cached_property
    def stories(self) -> Stories:
        """When the stories happen."""
        return Stories.of(self)


@dataclass(frozen=True, slots=True)
class Stories:
    """The days (since the first) on which planted stories begin; see docs/demo.md.

    `wording_wave` counts quarters from 0 and is None in a history too short to have it.
    """

    typhoon: int
    typhoon_hours: tuple[int, int]
    """Closed from this instant until that one (seconds since 1970)."""
    slow_refunds: int
    promotion: tuple[int, int]
    self_service: tuple[int, ...]
    """The day on which each roll-out group of stations gets self-service bag drop."""
    chatbot: int
    voucher: tuple[int, int]
    silent: tuple[int, int]
    late_month: tuple[int, int]
    """The experienced days of the month whose unhappy answers come late."""
    wording_wave: int | None

    @classmethod
    def of(cls, plan: Plan) -> Stories:
        """Every story at its share of the history; the typhoon on a 12 September, if any."""
        days = plan.days
        septembers = [
            plan.day_of(date(year, 9, 12))
            for year in range(plan.first.year, plan.until.year + 1)
            if 20 < plan.day_of(date(year, 9, 12)) < days - 20
        ]
        typhoon = septembers[-1] if septembers else days * 6 // 10
        closed = plan.moment(typhoon, 14)
        late = plan.date_of(days * 2 // 3).replace(day=1)
        late_first = max(plan.day_of(late), 0)
        return cls(
            typhoon=typhoon,
            typhoon_hours=(closed, closed + 31 * 3600),
            slow_refunds=days * 62 // 100,
            promotion=(days * 44 // 100, days * 44 // 100 + min(14, days // 10)),
            self_service=tuple(days * share // 100 for share in (50, 56, 62, 68, 74)),
            chatbot=days * 70 // 100,
            voucher=(days * 30 // 100, days * 90 // 100),
            silent=(days * 80 // 100, days * 80 // 100 + 4),
            late_month=(late_first, min(late_first + 30, days)),
            wording_wave=4 if plan.months >= 15 else None,
        )
