"""What the processes keep beside the stores."""

from __future__ import annotations

from zhiyin.kernel.holdings import Holding

HOLDINGS: tuple[Holding, ...] = (
    Holding("folder", "static", "nobody", (), "files that browsers load"),
)
