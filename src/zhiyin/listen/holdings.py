"""What personal data the room holds outside the log."""

from __future__ import annotations

from zhiyin.kernel.holdings import Holding

HOLDINGS: tuple[Holding, ...] = (
    Holding("model", "listen.ClauseLabel", "person", ("said_by",), "how clauses should be read"),
    Holding("model", "listen.OwnModel", "nobody", (), "what was learned from it, in numbers"),
)
