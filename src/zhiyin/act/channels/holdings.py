"""What personal data the ways out to teams hold: nothing that customers said, only where it is."""

from __future__ import annotations

from zhiyin.kernel.holdings import Holding

HOLDINGS: tuple[Holding, ...] = (
    Holding(
        "model",
        "channels.Channel",
        "person",
        ("made_by",),
        "where messages to teams go; addresses and secrets are sealed",
    ),
    Holding(
        "model",
        "channels.Delivery",
        "nobody",
        (),
        "which messages went where; words are read anew at each try, and never kept here",
    ),
    Holding("model", "channels.Attempt", "nobody", (), "what was answered to each try"),
)
