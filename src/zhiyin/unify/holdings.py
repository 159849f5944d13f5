"""What personal data the room holds outside the log."""

from __future__ import annotations

from zhiyin.kernel.holdings import Holding

HOLDINGS: tuple[Holding, ...] = ()
