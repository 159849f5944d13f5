"""The ledger: every fen that came in and went out, by month and account."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from zhiyin.demo.arrays import Ints
from zhiyin.demo.chunks import Chunk
from zhiyin.demo.money_facts import COST_KINDS, cost_rows
from zhiyin.demo.orders import CATEGORIES
from zhiyin.demo.plan import AHEAD, DAY
from zhiyin.demo.refunds import REASONS

CONTACTS = "service contacts"


def months_of(seconds: Ints) -> Ints:
    """Chinese calendar months since January 1970."""
    days = (np.asarray(seconds) + AHEAD) // DAY
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def month_name(month: int) -> str:
    """``2025-09``."""
    return f"{1970 + month // 12}-{month % 12 + 1:02d}"


class Ledger:
    """Sums in fen by (month, side, account); whole numbers, so that the order does not matter."""

    def __init__(self) -> None:
        self._sums: dict[tuple[int, str, str], int] = defaultdict(int)

    def add(self, chunk: Chunk) -> None:
        """Book a chunk."""
        orders, end = chunk.orders, chunk.world.plan.end
        bought = months_of(orders.at)
        lines = orders.lines
        for place, category in enumerate(CATEGORIES):
            self._book("revenue", category, bought, lines[:, place])
        paid = chunk.refunds.paid_at < end
        month = months_of(chunk.refunds.paid_at)
        for place, reason in enumerate(REASONS):
            of = paid & (chunk.refunds.reason == place)
            self._book("refunds", reason, month[of], chunk.refunds.amount[of])
        _trip, kind, at, fen = cost_rows(chunk)
        month = months_of(at)
        for place, name in enumerate(COST_KINDS):
            self._book("costs", name, month[kind == place], fen[kind == place])
        talked = chunk.contacts.at < end
        self._book("costs", CONTACTS, months_of(chunk.contacts.at[talked]),
                   chunk.contacts.cost[talked])  # fmt: skip

    def _book(self, side: str, account: str, month: Ints, fen: Ints) -> None:
        if not len(month):
            return
        first = int(month.min())
        sums = np.zeros(int(month.max()) - first + 1, dtype=np.int64)
        np.add.at(sums, month - first, fen)
        for place in np.flatnonzero(sums):
            self._sums[first + int(place), side, account] += int(sums[place])

    def document(self) -> dict[str, object]:
        """In yuan, as text to the cent."""
        total: dict[str, int] = defaultdict(int)
        accounts: dict[str, dict[str, int]] = {}
        months: dict[str, dict[str, dict[str, str]]] = {}
        for (month, side, account), fen in sorted(self._sums.items()):
            total[side] += fen
            kept = accounts.setdefault(side, {})
            kept[account] = kept.get(account, 0) + fen
            months.setdefault(month_name(month), {}).setdefault(side, {})[account] = written(fen)
        left = total["revenue"] - total["refunds"] - total["costs"]
        return {
            "currency": "CNY",
            "total": {
                **{side: written(total[side]) for side in ("revenue", "refunds", "costs")},
                "left": written(left),
            },
            "accounts": {
                side: {name: written(fen) for name, fen in kept.items()}
                for side, kept in accounts.items()
            },
            "months": months,
        }


def written(fen: int) -> str:
    """``-12.05``: yuan and cents of whole fen."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"
