"""What personal data the room holds outside the log."""

from __future__ import annotations

from zhiyin.kernel.holdings import Holding

HOLDINGS: tuple[Holding, ...] = (
    Holding("model", "maps.Persona", "nobody", (), "whose journeys maps are"),
    Holding("model", "maps.JourneyMap", "person", ("created_by", "changed_by"), "maps as drafts"),
    Holding("model", "maps.MapVersion", "person", ("kept_by",), "maps as they were"),
    Holding("model", "maps.Operation", "person", ("by",), "who did what to a map"),
    Holding(
        "model",
        "maps.Pin",
        "person",
        ("owner", "contributors", "made_by"),
        "problems and suggestions, and who answers for them",
    ),
    Holding("model", "maps.Evidence", "person", ("added_by",), "what a pin rests on"),
    Holding("model", "maps.Vote", "person", ("person",), "who voted for a pin"),
    Holding("model", "maps.PinEvent", "person", ("by",), "what was done to a pin"),
    Holding("model", "maps.Audit", "person", ("made_by",), "tasks done on several sites"),
    Holding("model", "maps.AuditSite", "nobody", (), "on which sites"),
    Holding("model", "maps.AuditRun", "person", ("who", "noted_by"), "how the task went"),
    Holding("model", "maps.AuditStep", "nobody", (), "step by step"),
    Holding("folder", "walkthroughs", "person", (), "pictures that prove what walkthroughs found"),
)
