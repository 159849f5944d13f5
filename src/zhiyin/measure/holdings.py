"""What personal data the room holds outside the log."""

from __future__ import annotations

from zhiyin.kernel.holdings import Holding

HOLDINGS: tuple[Holding, ...] = (
    Holding("model", "measure.Target", "nobody", (), "what the figures should be"),
    Holding(
        "model",
        "measure.Mark",
        "customer",
        ("customers", "made_by"),
        "what happened on which days, and to whom: ids that somebody listed",
    ),
    Holding(
        "model",
        "measure.SurveyTargets",
        "person",
        ("changed_by",),
        "margins to which answers are weighted",
    ),
    Holding("model", "measure.HolidayCalendar", "nobody", (), "whose holidays are shown"),
)
