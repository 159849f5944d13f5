"""What personal data the room holds outside the log."""

from __future__ import annotations

from zhiyin.kernel.holdings import Holding

HOLDINGS: tuple[Holding, ...] = (
    Holding("model", "collect.EventDefinition", "nobody", (), "what people say of names of events"),
    Holding("folder", "rejects", "customer", (), "rows of files that an import could not take"),
)
