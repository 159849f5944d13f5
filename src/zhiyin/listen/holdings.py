"""What personal data the room holds outside the log."""

from __future__ import annotations

from zhiyin.kernel.holdings import Holding

HOLDINGS: tuple[Holding, ...] = (
    Holding("model", "listen.ClauseLabel", "person", ("said_by",), "how clauses should be read"),
    Holding("model", "listen.OwnModel", "nobody", (), "what was learned from it, in numbers"),
    Holding("model", "listen.Theme", "nobody", (), "what many customers say, in words of three"),
    Holding("model", "listen.ThemeTurn", "nobody", (), "what became of themes"),
    Holding("model", "listen.ThemeFinding", "nobody", (), "which clauses are of which theme"),
    Holding("folder", "themes", "customer", (), "points of clauses, to be made once"),
)
