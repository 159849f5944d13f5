"""What personal data the room holds outside the log."""

from __future__ import annotations

from zhiyin.kernel.holdings import Holding

HOLDINGS: tuple[Holding, ...] = (
    Holding(
        "model",
        "unify.MatchSuggestion",
        "customer",
        ("key_a", "key_b", "kind_a", "id_a", "kind_b", "id_b", "comparison"),
        "which two ids may be one customer, with the values compared, until a person decides",
    ),
    Holding("model", "unify.IdentityRules", "nobody", (), "by what ids are taken for one customer"),
    Holding("model", "unify.MatchRun", "nobody", (), "when customers were last matched"),
    Holding(
        "model",
        "unify.Erasure",
        "customer",
        ("customer", "asked_by", "pending"),
        "what was erased, when and by whom; ids only until they are erased everywhere",
    ),
    Holding("model", "unify.RightsRules", "nobody", (), "how a workspace answers erasure"),
    Holding("model", "unify.Retention", "nobody", (), "how long each kind of data is kept"),
    Holding("model", "unify.Segment", "nobody", (), "rules that choose groups of customers"),
    Holding(
        "model",
        "unify.KeptCustomer",
        "customer",
        ("key",),
        "who is in a kept list of customers, by the log's key of an id",
    ),
)
