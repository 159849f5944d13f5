"""What personal data the demo holds: none, its customers are invented."""

from __future__ import annotations

from zhiyin.kernel.holdings import Holding

HOLDINGS: tuple[Holding, ...] = (
    Holding("folder", "demo", "nobody", (), "truth.json, units, targets of the demo company"),
)
