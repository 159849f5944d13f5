"""What personal data alerts hold: none of customers', only the number of a row in the log, which
erasure makes unreadable there."""

from __future__ import annotations

from zhiyin.kernel.holdings import Holding

HOLDINGS: tuple[Holding, ...] = (
    Holding("model", "alerts.Rule", "person", ("made_by", "changed_by"), "what alerts watch"),
    Holding("model", "alerts.Recipient", "person", ("person",), "who is told of a rule's alerts"),
    Holding("model", "alerts.Watch", "nobody", (), "how strong the evidence of a window is"),
    Holding(
        "model",
        "alerts.Alert",
        "person",
        ("closed_by", "note"),
        "what fired, why, and what became of it; words of customers stay in the log",
    ),
    Holding("model", "alerts.Notice", "person", ("person",), "who was told of which alert"),
)
