"""What personal data the room holds."""

from __future__ import annotations

from zhiyin.kernel.holdings import Holding

HOLDINGS: tuple[Holding, ...] = (
    Holding(
        "model",
        "reports.Report",
        "customer",
        ("blocks", "removed"),
        "what people write into reports, and which verbatims they show",
    ),
    Holding(
        "model",
        "reports.Edition",
        "customer",
        ("content",),
        "reports as they were published, with what customers said in them",
    ),
    Holding("folder", "reports", "customer", (), "published reports as PDF and slides, made once"),
    Holding("model", "reports.Schedule", "person", ("to",), "to whom a report is sent"),
    Holding("model", "reports.Sending", "nobody", (), "when a report was sent"),
    Holding(
        "model", "reports.Letter", "person", ("person",), "who was sent which published report"
    ),
)
